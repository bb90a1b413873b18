package kubernetes

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// The API's defaults (pkg/apis/core/v1/defaults.go).
const (
	defaultPeriod    = 10
	defaultTimeout   = 1
	defaultThreshold = 3
)

func (p *Probe) period() int    { return positive(p.PeriodSeconds, defaultPeriod) }
func (p *Probe) threshold() int { return positive(p.FailureThreshold, defaultThreshold) }
func (p *Probe) timeout() int   { return positive(p.TimeoutSeconds, defaultTimeout) }

func positive(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return min(n, 1<<24)
}

// probeOf is a probe of the container by its name; nil = it has none.
func (d *decoder) probeOf(name string) *Probe {
	if d.spec == nil {
		return nil
	}
	switch name {
	case evidence.ProbeLiveness:
		return d.spec.LivenessProbe
	case evidence.ProbeReadiness:
		return d.spec.ReadinessProbe
	case evidence.ProbeStartup:
		return d.spec.StartupProbe
	}
	return nil
}

// deciding is the probe that the examined container has to pass: the one that killed it last, else liveness, else
// readiness, else startup.
func (d *decoder) deciding(lives []evidence.Life) (string, *Probe) {
	for i := len(lives) - 1; i >= 0; i-- {
		if r := lives[i].Request; r != nil && d.probeOf(r.Probe) != nil {
			return r.Probe, d.probeOf(r.Probe)
		}
	}
	names := []string{evidence.ProbeLiveness, evidence.ProbeReadiness, evidence.ProbeStartup}
	if d.status != nil && d.status.State.Running != nil && !d.status.Ready {
		names[0], names[1] = names[1], names[0]
	}
	for _, name := range names {
		if p := d.probeOf(name); p != nil {
			return name, p
		}
	}
	return "", nil
}

// failure is one message of failed probes:
//
//	Liveness probe failed: HTTP probe failed with statuscode: 503
//	Readiness probe failed: Get "http://10.99.0.12:8000/health": dial tcp 10.99.0.12:8000: connect: connection refused
//	Liveness probe failed: command timed out: "sh -c …" timed out after 1s
type failure struct {
	probe       string
	first, last time.Time
	times       int
	result      check.Result
	text        string
}

func (d *decoder) failures() []failure {
	var list []failure
	for _, ev := range d.reason(reasonUnhealthy) {
		name, text, ok := strings.Cut(ev.Message, " probe ")
		name = strings.ToLower(name)
		if !ok || d.probeOf(name) == nil && d.spec != nil {
			continue
		}
		if name == evidence.ProbeLiveness && strings.HasPrefix(text, "errored") {
			continue // a command that cannot be run has no result: the kubelet does nothing, and says so each time
		}
		_, text, _ = strings.Cut(text, ": ")
		list = append(list, failure{name, ev.First(), ev.Last(), ev.Times(), readFailure(text), short(text, 4096)})
	}
	return list
}

var statusCode = regexp.MustCompile(`statuscode: (\d{3})`)

// failureWords are what kubelet's probers say (pkg/probe), by what it means.
var failureWords = []struct {
	words   string
	outcome check.Outcome
	summary string
}{
	{"Client.Timeout exceeded", check.Timeout, "no answer within the timeout"},
	{"context deadline exceeded", check.Timeout, "no answer within the timeout"},
	{"command timed out", check.Timeout, "the probe's command ran into the timeout"},
	{"did not complete within", check.Timeout, "no answer within the timeout"},
	{"i/o timeout", check.Timeout, "no connection within the timeout"},
	{"connection refused", check.Refused, "the connection was refused: nothing listens there"},
	{"no such host", check.DNS, "the name was not found"},
	{"connection reset", check.Reset, "the connection was reset"},
	{"EOF", check.EmptyReply, "the connection was closed without an answer"},
	{"x509:", check.TLS, "the certificate was not accepted"},
	{"server gave HTTP response to HTTPS client", check.TLS, "the probe asks with TLS a port that has none"},
	{"executable file not found", check.ToolMissing, "the probe's program is not in the image"},
	{"no such file or directory", check.ToolMissing, "the probe's program is not in the image"},
	{"permission denied", check.NotExecutable, "the probe's program may not be executed"},
}

func readFailure(text string) check.Result {
	if m := statusCode.FindStringSubmatch(text); m != nil {
		code, _ := strconv.Atoi(m[1])
		return check.Result{Outcome: check.HTTPStatus, HTTPStatus: code, Summary: "answered with status " + m[1]}
	}
	for _, w := range failureWords {
		if strings.Contains(text, w.words) {
			return check.Result{Outcome: w.outcome, Summary: w.summary}
		}
	}
	if strings.Contains(text, "NOT_SERVING") {
		return check.Result{Outcome: check.Failed, Summary: "the gRPC health service says NOT_SERVING"}
	}
	return check.Result{Outcome: check.Failed, Summary: "the probe's command failed"}
}

// maxTold bounds how many failures one event stands for.
const maxTold = 5

// health is the record of probes that the events amount to, for the runs that are known. What counts is the row that
// decided: a connection refused while the service came up, or while it went down, decided nothing.
func (d *decoder) health(lives []evidence.Life) *evidence.Health {
	name, p := d.deciding(lives)
	if p == nil || len(lives) == 0 {
		return nil
	}
	h := &evidence.Health{Status: fact.HealthStarting}
	for i := range lives {
		h.Log = append(h.Log, d.entries(&lives[i], name, p)...)
	}
	newest := &lives[len(lives)-1]
	switch {
	case !newest.Alive:
		h.Status = fact.HealthUnhealthy
	case d.unready(newest) != nil:
		h.Status, h.FailingStreak = fact.HealthUnhealthy, p.threshold()
	case d.status.Ready:
		h.Status = fact.HealthHealthy
		if !d.failingNow(name, p) {
			pass := check.Result{Outcome: check.Pass, Summary: "the kubelet says that it is ready"}
			h.Log = append(h.Log, evidence.HealthEntry{Start: d.now, End: d.now, Result: &pass})
		}
	}
	return h
}

// entries are the failures that decided one run.
func (d *decoder) entries(life *evidence.Life, name string, p *Probe) []evidence.HealthEntry {
	end := d.now
	if life.End != nil {
		end = *life.End
	}
	window := time.Duration((p.threshold()+1)*p.period()+p.threshold()*p.timeout()) * time.Second
	if r := life.Request; r != nil && r.Kind == fact.RequestProbe {
		end = r.At.Add(time.Second)
	} else if life.End != nil {
		return nil // what is refused around an end that no probe brought is its effect
	}
	from := end.Add(-window - slack)
	var list []evidence.HealthEntry
	var newest *failure
	for _, f := range d.failures() {
		if f.probe != name {
			continue
		}
		newest = &f
		if life.Alive && f.result.Outcome == check.Refused && d.status.Ready && f.last.Before(life.Start.Add(comingUp)) {
			continue // so it is at every start: nothing listens yet
		}
		if f.last.Before(from) || f.last.After(end) || !life.Start.IsZero() && f.last.Before(life.Start) {
			continue
		}
		list = append(list, f.entriesIn(from, p)...)
	}
	switch {
	case len(list) > 0 || newest == nil:
	case life.Request != nil:
		newest.last, newest.times = life.Request.At, 1 // its own were dropped; those before say how it fails
		list = newest.entriesIn(from, p)
	case d.unready(life) != nil: // of a probe that fails for long the recorder drops the later ones
		usual := d.usualFailure(name, life)
		list = usual.entriesIn(usual.first, p)
	}
	return list
}

// usualFailure is what a probe mostly failed by in a run: one slow answer among many refusals is not what it is about.
func (d *decoder) usualFailure(name string, life *evidence.Life) failure {
	var most failure
	for _, f := range d.failures() {
		if f.probe == name && !f.last.Before(life.Start) && f.times >= most.times {
			most = f
		}
	}
	return most
}

// entriesIn spreads the failures of one event over the row that counted.
func (f failure) entriesIn(from time.Time, p *Probe) []evidence.HealthEntry {
	n := min(f.times, maxTold, p.threshold())
	var list []evidence.HealthEntry
	for i := n - 1; i >= 0; i-- {
		at := f.last.Add(-time.Duration(i*p.period()) * time.Second)
		if at.Before(from) || at.Before(f.first) {
			continue
		}
		result := f.result
		list = append(list, evidence.HealthEntry{Start: at, End: at, ExitCode: 1, Output: f.text, Result: &result})
	}
	return list
}

// failingNow tells whether a probe failed within its last two periods.
func (d *decoder) failingNow(name string, p *Probe) bool {
	for _, f := range d.failures() {
		if f.probe == name && d.now.Sub(f.last) < 2*time.Duration(p.period()+p.timeout())*time.Second {
			return name != evidence.ProbeReadiness
		}
	}
	return false
}

// unready is since when a running container has been failing its readiness probe; nil = it is ready, has none, or has
// not been up for as long as that probe takes.
func (d *decoder) unready(life *evidence.Life) *time.Time {
	p := d.probeOf(evidence.ProbeReadiness)
	if !life.Alive || p == nil || d.status == nil || d.status.Ready {
		return nil
	}
	since := life.Start
	if c := d.pod.Condition("ContainersReady"); c != nil {
		if at := Time(c.LastTransitionTime); at.After(since) {
			since = at
		}
	}
	needed := time.Duration(p.InitialDelaySeconds+p.threshold()*p.period()) * time.Second
	if since.IsZero() || d.now.Sub(since) < needed {
		return nil
	}
	coming := !since.After(life.Start.Add(slack)) && d.now.Sub(since) < max(needed, comingUp)
	for _, f := range d.failures() {
		refused := f.result.Outcome == check.Refused
		if f.probe == evidence.ProbeReadiness && f.last.After(since.Add(-slack)) && !(refused && coming) {
			return &since
		}
	}
	return nil
}

// comingUp is how long a container that has not been ready since its start may refuse connections without being called
// unhealthy: a start of a minute is no trouble.
const comingUp = time.Minute

// probeKey is one counter of the kubelet.
type probeKey struct {
	probe  string
	passed bool
}

// counter is one line of /metrics/probes:
//
//	prober_probe_total{container="app",namespace="n",pod="p",pod_uid="u",probe_type="Liveness",result="failed"} 30
var counter = regexp.MustCompile(`^prober_probe_total\{(.*)\} ([0-9.e+]+)`)

// probeCounts reads the kubelet's counters of one container. They have no memory limit and are exact for as long as
// the pod stays with this kubelet process.
func probeCounts(data []byte, uid, container string) map[probeKey]int {
	counts := map[probeKey]int{}
	for line := range strings.Lines(string(data)) {
		m := counter.FindStringSubmatch(line)
		if m == nil || !strings.Contains(m[1], `pod_uid="`+uid+`"`) ||
			!strings.Contains(m[1], `container="`+container+`"`) {
			continue
		}
		n, err := strconv.ParseFloat(m[2], 64)
		if err != nil || n > 1e9 {
			continue
		}
		for _, name := range []string{evidence.ProbeLiveness, evidence.ProbeReadiness, evidence.ProbeStartup} {
			if strings.Contains(strings.ToLower(m[1]), `probe_type="`+name+`"`) {
				counts[probeKey{name, strings.Contains(m[1], `result="successful"`)}] += int(n)
			}
		}
	}
	return counts
}
