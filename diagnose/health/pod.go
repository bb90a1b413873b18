package health

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/lint"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
	"github.com/gwdoctor/gwdoctor/diagnose/health/simulate"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// kubelet is the orchestrator that acts on a pod's probes, as predictions name it.
const kubelet = "kubernetes"

// What the kubelet does where a probe fails.
const (
	actsKill    = "kill"
	actsUnready = "unready"
)

// ExaminedPodProbe is one of a pod's probes with its settings in force, in seconds.
type ExaminedPodProbe struct {
	Probe            string   `json:"probe"`  // liveness, readiness, startup
	Action           string   `json:"action"` // httpGet, tcpSocket, grpc, exec
	Test             []string `json:"test"`
	InitialDelay     float64  `json:"initialDelay"`
	Period           float64  `json:"period"`
	Timeout          float64  `json:"timeout"`
	SuccessThreshold int      `json:"successThreshold"`
	FailureThreshold int      `json:"failureThreshold"`
	Grace            *float64 `json:"grace"` // between SIGTERM and SIGKILL; null: it kills nothing
	Replayed         bool     `json:"replayed"`
}

// Restart is one round of a container that is killed again and again, in seconds after the last good probe.
type Restart struct {
	Killed float64 `json:"killed"` // SIGTERM goes out
	Ended  float64 `json:"ended"`  // at the latest
	Again  float64 `json:"again"`  // the next run begins
}

// ofPod works out what is true of a pod: the kubelet alone acts on its probes.
func (s Target) ofPod(e *Examination, readings []replay.Reading) {
	p := s.pod(readings)
	for _, probe := range p.Probes {
		e.PodProbes = append(e.PodProbes, viewOfProbe(probe, p))
	}
	e.Predictions = podPredictions(p)
}

// pod is what is known of the pod's container, with what was measured.
func (s Target) pod(readings []replay.Reading) lint.Pod {
	p := *s.Pod
	p.Readings, p.Started = readings, s.Started
	if s.Replay != nil && s.Replay.Probe != "" {
		p.Asked = s.Replay.Probe
	}
	return p
}

func viewOfProbe(q check.PodProbe, p lint.Pod) ExaminedPodProbe {
	v := ExaminedPodProbe{Probe: q.Kind, Action: q.Action, Test: q.Test(), InitialDelay: q.InitialDelay.Seconds(),
		Period: q.Period.Seconds(), Timeout: q.Timeout.Seconds(), SuccessThreshold: q.Successes,
		FailureThreshold: q.Failures, Replayed: len(p.Measured(q)) > 0}
	if v.Test == nil {
		v.Test = []string{}
	}
	if q.Kind != check.Readiness {
		grace := graceOf(q, p).Seconds()
		v.Grace = &grace
	}
	return v
}

func graceOf(q check.PodProbe, p lint.Pod) time.Duration {
	if q.Grace != nil {
		return *q.Grace
	}
	return p.Grace
}

// podPredictions says of each probe what the kubelet will make of it, by its own state machine.
func podPredictions(p lint.Pod) []Prediction {
	list := []Prediction{}
	for _, q := range p.Probes {
		if q.Kind == check.Startup {
			list = append(list, ofStartup(q, p))
			continue
		}
		list = append(list, ofProbe(q, p))
	}
	return list
}

func machineOf(q check.PodProbe, p lint.Pod) simulate.Kubernetes {
	kube := simulate.Kubernetes{Period: q.Period, Timeout: q.Timeout, FailureThreshold: q.Failures}
	if q.Action == check.ActionExec {
		kube.Held = p.Held // of one that may hold it is not known whether and how long
	}
	return kube
}

// ofProbe predicts liveness and readiness.
func ofProbe(q check.PodProbe, p lint.Pod) Prediction {
	kube := machineOf(q, p)
	o := orchestrator{kubelet, actsKill, kube.Run, simulate.Doomed, kube.Tolerance(), after(q, p)}
	if q.Kind == check.Readiness {
		o.acts = actsUnready
	}
	readings := p.Measured(q)
	r := o.predict(readings)
	r.Probe = q.Kind
	if q.Kind == check.Readiness && r.TurnsUnhealthyAfter != nil {
		_, how := behaviour(readings)
		r.says(fmt.Sprintf("if it goes on %s, it is unready %s after the last good probe", how,
			words.Seconds(*r.TurnsUnhealthyAfter)), o.note)
	}
	r.risk(readings, q.Period, q.Failures)
	if q.Kind == check.Liveness && r.TurnsUnhealthyAfter != nil && p.RestartPolicy == "always" {
		r.Restarts = restarts(q, p, *r.TurnsUnhealthyAfter)
		r.says(r.When, r.Then+fmt.Sprintf("; %d restarts in the first hour, if it does not recover", len(r.Restarts)))
	}
	return r
}

// ofStartup predicts the probe that holds the others back.
func ofStartup(q check.PodProbe, p lint.Pod) Prediction {
	kube := machineOf(q, p)
	t := kube.Tolerance()
	r := Prediction{Orchestrator: kubelet, Probe: q.Kind, Acts: actsKill, SurvivesStallsBelow: q.Allows().Seconds(),
		FailsStallsAbove: (q.InitialDelay + t.Dies).Seconds()}
	r.says(fmt.Sprintf("a start of up to %s is seen for certain, one above %s is not", exact(q.Allows()),
		exact(q.InitialDelay+t.Dies)), after(q, p)+"; until it has passed, the others are not asked")
	return r
}

// after says what the kubelet does when a probe has failed for good.
func after(q check.PodProbe, p lint.Pod) string {
	if q.Kind == check.Readiness {
		return fmt.Sprintf("its Services send it no more requests, until %s passed; it is not restarted",
			wordsOf(max(q.Successes, 1)))
	}
	grace := graceOf(q, p)
	text := fmt.Sprintf("SIGTERM, and SIGKILL %s later", exact(grace))
	if q.Grace != nil {
		text += " (of this probe; the pod has " + exact(p.Grace) + ")"
	}
	switch p.RestartPolicy {
	case "no":
		return text + "; restartPolicy Never: it is not started again"
	case "on-failure":
		return text + "; restartPolicy OnFailure: started again unless it ends with code 0"
	}
	return text + "; started again at once, after the next ends 10, 20, 40, 80, 160, then 300 s later"
}

func wordsOf(n int) string {
	if n == 1 {
		return "a probe has"
	}
	return fmt.Sprintf("%d probes in a row have", n)
}

// restarts plays a container that never answers again: each run lasts from its start to the decision of whichever probe
// comes first. times are counted from the last good probe.
func restarts(q check.PodProbe, p lint.Pod, first float64) []Restart {
	service, _ := behaviour(p.Measured(q))
	run, ok := firstKill(p, service)
	if !ok {
		return nil
	}
	const watched = time.Hour
	list := []Restart{}
	for _, r := range simulate.Restarts(run, graceOf(q, p), watched) {
		list = append(list, Restart{first + r.Killed.Seconds(), first + r.Ended.Seconds(), first + r.Again.Seconds()})
	}
	return list
}

// firstKill is how long after a start a service that fails from the beginning is killed: by its startup probe where it
// has one, for until that has passed nobody asks for more.
func firstKill(p lint.Pod, service simulate.Service) (time.Duration, bool) {
	q := p.Probe(check.Startup)
	if q == nil {
		q = p.Probe(check.Liveness)
	}
	if q == nil || service == nil {
		return 0, false
	}
	kube := machineOf(*q, p)
	kube.InitialDelay = q.InitialDelay
	return simulate.First(kube.Run(service, horizon(kube.Tolerance())+q.InitialDelay), simulate.Doomed)
}
