package kubernetes

import (
	"cmp"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// killing is one K: the kubelet says that it is about to end a container. It is written before preStop and TERM.
//
//	Container app failed liveness probe, will be restarted
//	Container app definition changed, will be restarted
//	FailedPostStartHook
//	Stopping container app
type killing struct {
	at    time.Time
	probe string // of a probe that failed
	hook  bool
	spec  bool // its definition changed
}

// says tells whether it names its reason.
func (k killing) says() bool { return k.probe != "" || k.hook || k.spec }

// slack is what stamps of whole seconds and a busy kubelet may differ by.
const slack = 2 * time.Second

func readKilling(ev Event, at time.Time) killing {
	k := killing{at: at}
	switch {
	case strings.Contains(ev.Message, "failed liveness probe"):
		k.probe = evidence.ProbeLiveness
	case strings.Contains(ev.Message, "failed startup probe"):
		k.probe = evidence.ProbeStartup
	case strings.Contains(ev.Message, reasonPostStart):
		k.hook = true
	case strings.Contains(ev.Message, "definition changed"):
		k.spec = true
	}
	return k
}

// killingOf finds the K that ended a run: it comes before the end, and no earlier than the grace allows. Of an event
// that is told n times only the first and the last moment are known.
func (d *decoder) killingOf(life *evidence.Life) *killing {
	var found *killing
	for _, ev := range d.reason(reasonKilling) {
		for _, at := range []time.Time{ev.First(), ev.Last()} {
			k := readKilling(ev, at)
			if life.End != nil && !d.ends(k, *life.End) || !life.Start.IsZero() && at.Before(life.Start.Add(-slack)) {
				continue
			}
			if found == nil || !found.says() && k.says() || found.says() == k.says() && at.After(found.at) {
				found = &k
			}
		}
	}
	return found
}

// ends tells whether a K can be what led to an end.
func (d *decoder) ends(k killing, end time.Time) bool {
	return !k.at.After(end.Add(slack)) && !k.at.Before(end.Add(-d.graceOf(d.probeOf(k.probe))-2*slack))
}

// requestOf says who of the kubelet's clients, or which of its own rules, had it end a run; nil = nobody is told to.
func (d *decoder) requestOf(life *evidence.Life) *evidence.Request {
	k := d.log.killOf(life)
	if k == nil {
		k = d.killingOf(life)
	}
	if k == nil {
		k = d.deletion(life)
	}
	if k == nil {
		k = d.dropped(life)
	}
	if k == nil {
		return nil
	}
	if !k.says() && d.pod != nil && d.stopper() == "" {
		k.probe = d.failedAt(k.at)
	}
	r := &evidence.Request{Kind: fact.RequestStop, At: k.at, Signal: sigterm, Probe: k.probe}
	switch {
	case k.probe != "":
		r.Kind, r.Words = fact.RequestProbe, "the kubelet's kill after the failed "+k.probe+" probe"
	case k.hook:
		r.Words = "the kubelet's kill after the failed postStart hook"
	case k.spec:
		r.Words = "a restart by the kubelet, because the container's definition changed"
	default:
		r.Words = cmp.Or(d.stopper(), "a stop by the kubelet")
	}
	grace := d.graceOf(d.probeOf(k.probe))
	if life.ExitCode != nil && *life.ExitCode == sigkilled && life.End != nil {
		if took := life.End.Sub(k.at); took >= grace-slack {
			r.Escalated, r.Grace = true, max(took, 0)
		}
	}
	return r
}

// deletion stands for the K of a deletion that is not among the events, or not yet: the pod itself says when it was
// asked for. A grace of zero says nothing: it is also what the kubelet sets when all is over.
func (d *decoder) deletion(life *evidence.Life) *killing {
	if d.pod == nil || life.End == nil || d.pod.Metadata.DeletionGracePeriodSeconds == nil {
		return nil
	}
	grace := *d.pod.Metadata.DeletionGracePeriodSeconds
	at := Time(d.pod.Metadata.DeletionTimestamp)
	if at.IsZero() || grace <= 0 {
		return nil
	}
	at = at.Add(-time.Duration(min(grace, 1<<24)) * time.Second)
	if life.End.Before(at) {
		return nil
	}
	return &killing{at: at}
}

const (
	sigterm   = 15
	sigkilled = 137
)

// dropped stands for a K that the recorder did not write: the events of this run are not all there, the newest K that
// is left is of a probe, and the run was long enough for that probe to fail. Where the kubelet's own counters were
// read, they must show the failures of every restart.
func (d *decoder) dropped(life *evidence.Life) *killing {
	if d.complete(life) || d.log.covers(life) || life.End == nil || life.Start.IsZero() || d.status == nil {
		return nil
	}
	list := d.reason(reasonKilling)
	if len(list) == 0 {
		return nil
	}
	last := list[len(list)-1]
	k := readKilling(last, *life.End)
	p := d.probeOf(k.probe)
	if p == nil || last.Last().After(*life.End) {
		return nil
	}
	needed := time.Duration(p.InitialDelaySeconds+(p.threshold()-1)*p.period()) * time.Second
	length := life.End.Sub(life.Start)
	if length < needed-slack || length > needed+3*time.Duration(p.period())*time.Second+d.graceOf(p)+slack {
		return nil
	}
	if n, known := d.counts[probeKey{k.probe, false}]; known && n < d.status.RestartCount*p.threshold() {
		return nil
	}
	k.at = *life.End
	return &k
}

// failedAt names the probe that had failed often enough at the moment of a K; "" = none. Of a pod that is not started
// again the kubelet says no more than "Stopping container app".
func (d *decoder) failedAt(k time.Time) string {
	for _, f := range d.failures() {
		p := d.probeOf(f.probe)
		if f.probe != evidence.ProbeReadiness && p != nil && f.times >= p.threshold() && k.Sub(f.last).Abs() <= slack {
			return f.probe
		}
	}
	return ""
}

// stopper says who had the kubelet stop the pod, for the K that tells no more than that it did; "" = nobody is told.
func (d *decoder) stopper() string {
	if d.pod != nil {
		if words := disrupted[d.disruption()]; words != "" {
			return words
		}
		switch {
		case d.pod.Status.Reason == reasonEvicted:
			return "an eviction by the kubelet"
		case d.pod.Status.Reason == reasonDeadline:
			return "the deadline of the pod (activeDeadlineSeconds)"
		case d.pod.Status.Reason != "":
			return "the kubelet: " + short(d.pod.Status.Reason, 60)
		}
	}
	for _, ev := range d.events {
		switch ev.Reason {
		case reasonPreempted:
			return disrupted["PreemptionByScheduler"]
		case reasonTaint:
			return disrupted["DeletionByTaintManager"]
		}
	}
	if owner := d.deletedBy(); owner != "" {
		return owner
	}
	if d.pod == nil || d.pod.Metadata.DeletionTimestamp != "" {
		return "the deletion of the pod"
	}
	return ""
}

// disrupted are the reasons of the condition DisruptionTarget, in words.
var disrupted = map[string]string{
	"EvictionByEvictionAPI":  "an eviction through the API, as kubectl drain asks for it",
	"PreemptionByScheduler":  "the scheduler, which made room for a pod of higher priority",
	"DeletionByTaintManager": "a taint of the node that the pod does not tolerate",
	"DeletionByPodGC":        "the clean-up of pods whose node is gone",
	"TerminationByKubelet":   "the kubelet, which needed the node's resources",
}

func (d *decoder) disruption() string {
	if d.pod == nil {
		return ""
	}
	if c := d.pod.Condition("DisruptionTarget"); c != nil && c.Status == "True" {
		return c.Reason
	}
	return ""
}

// deletedBy is the owner that says that it deleted the pod: a ReplicaSet in a rollout or when it is scaled down, a Job
// that ended.
//
//	{"reason":"SuccessfulDelete","involvedObject":{"kind":"ReplicaSet"},"message":"Deleted pod: gateway-76c5d965d7-x2757"}
func (d *decoder) deletedBy() string {
	name := ""
	if len(d.events) > 0 {
		name = d.events[0].InvolvedObject.Name
	}
	if d.pod != nil {
		name = d.pod.Metadata.Name
	}
	for _, ev := range d.others {
		if ev.Reason != reasonDeleted || name == "" || !strings.HasSuffix(ev.Message, " "+name) {
			continue
		}
		if ev.InvolvedObject.Kind == kindReplicaSet {
			return "a rollout or a scale-down: ReplicaSet " + short(ev.InvolvedObject.Name, 80) + " deleted the pod"
		}
		return ev.InvolvedObject.Kind + " " + short(ev.InvolvedObject.Name, 80) + ", which deleted the pod"
	}
	return ""
}
