package health

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
	"github.com/gwdoctor/gwdoctor/diagnose/health/simulate"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Prediction is what one orchestrator does. Durations are seconds.
type Prediction struct {
	Orchestrator string `json:"orchestrator"`    // docker, swarm, podman, kubernetes
	Probe        string `json:"probe,omitempty"` // of a pod: liveness, readiness, startup
	// TurnsUnhealthyAfter counts from the last good probe, for a service that goes
	// on as the replay's failures did; null where every replayed probe passed or
	// the failures would never count.
	TurnsUnhealthyAfter *float64 `json:"turnsUnhealthyAfter"`
	Acts                string   `json:"acts"` // nothing, restart, kill, unready
	SurvivesStallsBelow float64  `json:"survivesStallsBelow"`
	FailsStallsAbove    float64  `json:"failsStallsAbove"`
	// OutageRisk is the share of phases of the schedule at which what was measured
	// would have turned it unhealthy; null where nothing failed.
	OutageRisk *float64 `json:"outageRisk"`
	// DayRisk is the probability of a streak within a day, from the failure rate's
	// interval; it takes probes for independent, which stalls are not.
	DayRiskLow  *float64 `json:"dayRiskLow"`
	DayRiskHigh *float64 `json:"dayRiskHigh"`
	// Restarts are the rounds of the first hour of a pod's container that goes on failing.
	Restarts []Restart `json:"restarts,omitempty"`
	Says     string    `json:"says"` // in one sentence: When and Then
	When     string    `json:"-"`    // what makes it act
	Then     string    `json:"-"`    // what it does
}

// orchestrator is one simulator with what it does at the end.
type orchestrator struct {
	name, acts string
	run        func(simulate.Service, time.Duration) []simulate.Turn
	decides    simulate.State
	tolerance  simulate.Tolerance
	note       string
}

// predictions answers for Docker with the check's numbers, and for the others as if
// they were given the same numbers.
func (s Target) predictions(readings []replay.Reading) []Prediction {
	if s.Config == nil || !s.Config.Enabled() {
		return []Prediction{}
	}
	c := s.Config.WithDefaults()
	overhead := 50 * time.Millisecond // docs/notes/HEALTH.md#b2: 40 to 60 ms
	if s.Replay != nil && len(s.Replay.OverheadMs) > 0 {
		overhead = replay.Millis(replay.Median(s.Replay.OverheadMs))
	}
	docker := simulate.Docker{Config: c, Major: s.EngineMajor, Overhead: overhead}
	podman := simulate.Podman{Config: c, Overhead: overhead}
	kube := simulate.Kubernetes{Period: c.Interval, Timeout: c.Timeout, FailureThreshold: c.Retries}
	list := []Prediction{}
	for _, o := range []orchestrator{
		{"docker", "nothing", docker.Run, simulate.Unhealthy, docker.Tolerance(),
			"then nothing happens unless somebody watches (autoheal, a script)"},
		{"swarm", "restart", simulate.Swarm{Docker: docker}.Run, simulate.Doomed, docker.Tolerance(),
			"then it stops the task and starts another"},
		{"podman", "nothing", podman.Run, simulate.Unhealthy, podman.Tolerance(),
			"then --health-on-failure decides, nothing by default; without systemd it never probes, and an image in " +
				"OCI format has lost its check (build with --format docker)"},
		{kubelet, actsKill, kube.Run, simulate.Doomed, kube.Tolerance(),
			"with a livenessProbe of the same numbers (the image's check is ignored)"},
	} {
		p := o.predict(readings)
		if outages := replay.OutagesOf(readings); len(outages) > 0 && o.name == "docker" {
			risk := docker.OutageRisk(outages, readings[len(readings)-1].At.Sub(readings[0].At)+c.Timeout)
			p.OutageRisk = &risk
		}
		p.dayRisk(readings, c, docker)
		list = append(list, p)
	}
	return list
}

// dayRisk fills in the risk of a streak in a day from the failure rate's interval.
func (p *Prediction) dayRisk(readings []replay.Reading, c check.Config, docker simulate.Docker) {
	cycle := c.Interval + docker.Overhead
	if p.Orchestrator == kubelet {
		cycle = c.Interval
	}
	p.risk(readings, cycle, c.Retries)
}

// risk is that of as many failures in a row within a day of probes that come once in a cycle.
func (p *Prediction) risk(readings []replay.Reading, cycle time.Duration, row int) {
	const day = 24 * time.Hour
	if len(readings) == 0 {
		return
	}
	failures := 0
	for _, r := range readings {
		if r.Failed() {
			failures++
		}
	}
	n := int(min(day/cycle, simulate.MaxSimulated))
	low, high := simulate.Wilson(failures, len(readings))
	riskLow, riskHigh := simulate.RunRisk(low, row, n), simulate.RunRisk(high, row, n)
	p.DayRiskLow, p.DayRiskHigh = &riskLow, &riskHigh
}

func (o orchestrator) predict(readings []replay.Reading) Prediction {
	p := Prediction{
		Orchestrator: o.name, Acts: o.acts,
		SurvivesStallsBelow: o.tolerance.Survives.Seconds(), FailsStallsAbove: o.tolerance.Dies.Seconds(),
	}
	p.says(fmt.Sprintf("a stall below %s passes unnoticed, one above %s is noticed", exact(o.tolerance.Survives),
		exact(o.tolerance.Dies)), o.note)
	service, how := behaviour(readings)
	if service == nil {
		return p
	}
	at, ok := o.afterLastPass(service)
	if !ok {
		p.says("what failed here does not count there: "+p.When, o.note)
		return p
	}
	seconds := at.Seconds()
	p.TurnsUnhealthyAfter = &seconds
	p.says(fmt.Sprintf("if it goes on %s, it is %s %s after the last good probe", how, verbOf(o.decides), exact(at)),
		o.note)
	return p
}

func (p *Prediction) says(when, then string) {
	p.When, p.Then, p.Says = when, then, when+"; "+then
}

func verbOf(s simulate.State) string {
	if s == simulate.Doomed {
		return "killed"
	}
	return fact.HealthUnhealthy
}

// exact prints a span with a tenth of a second.
func exact(d time.Duration) string {
	if d >= check.MaxDuration/2 {
		return "years"
	}
	return words.Duration(d)
}

// behaviour is how the service fails, from the most frequent failure; nil where
// nothing failed.
func behaviour(readings []replay.Reading) (service simulate.Service, how string) {
	var failed []replay.Reading
	for _, r := range readings {
		if r.Failed() {
			failed = append(failed, r)
		}
	}
	if len(failed) == 0 {
		return nil, ""
	}
	switch top := mostFrequent(failed); {
	case top.Picture.ID == replay.PictureBodyStalls:
		return simulate.Always(simulate.Never, simulate.Stalls), "stalling"
	case top.Fault == replay.FaultTimeout:
		return simulate.Hangs(), "hanging"
	default:
		return simulate.Always(top.Latency, simulate.Fails), "failing"
	}
}

// afterLastPass plays a service that passes its first probe and fails from then on,
// and returns the time from the end of the passed one to the decision.
func (o orchestrator) afterLastPass(failing simulate.Service) (time.Duration, bool) {
	passed := time.Duration(-1)
	turns := o.run(func(start time.Duration) (time.Duration, simulate.Answer) {
		if passed < 0 {
			passed = start
			return 0, simulate.Passes
		}
		return failing(start)
	}, horizon(o.tolerance))
	at, ok := simulate.First(turns, o.decides)
	if !ok || passed < 0 {
		return 0, false
	}
	return at - passed, true
}

// horizon is how far a simulation must look to see the decision for certain.
func horizon(t simulate.Tolerance) time.Duration {
	if t.Dies > check.MaxDuration/8 {
		return check.MaxDuration / 2
	}
	return 4*t.Dies + time.Minute
}
