package health_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/lint"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// TestPodPredictions: each probe by the kubelet's rules, and what was replayed for those that ask the same.
func TestPodPredictions(t *testing.T) {
	grace := 2 * time.Second
	probe := func(kind string) check.PodProbe {
		return check.PodProbe{Kind: kind, Action: check.ActionHTTP, Scheme: "http", Path: "/health", Port: 8000,
			Period: 10 * time.Second, Timeout: time.Second, Successes: 1, Failures: 3}
	}
	live, ready, start := probe(check.Liveness), probe(check.Readiness), probe(check.Startup)
	live.Grace, ready.Path, ready.Successes, start.Failures = &grace, "/ready", 2, 30
	pod := &lint.Pod{Probes: []check.PodProbe{start, live, ready}, Asked: check.Liveness, Grace: 30 * time.Second,
		RestartPolicy: "always"}
	hanging := series(timedOut("wait"), timedOut("wait"))
	hanging.Probe = check.Liveness
	e := health.Examine(health.Target{Name: "p", Pod: pod, Config: live.Config(), Replay: hanging})
	if len(e.Predictions) != 3 || len(e.PodProbes) != 3 || e.Check.Source != "kubernetes" || e.Check.StartInterval != nil {
		t.Fatalf("%+v", e)
	}
	startup, liveness, readiness := e.Predictions[0], e.Predictions[1], e.Predictions[2]
	if startup.SurvivesStallsBelow != 290 || startup.TurnsUnhealthyAfter != nil {
		t.Errorf("startup %+v", startup)
	}
	if liveness.TurnsUnhealthyAfter == nil || *liveness.TurnsUnhealthyAfter != 31 || liveness.Acts != "kill" ||
		!strings.Contains(liveness.Says, "SIGKILL 2 s later (of this probe; the pod has 30 s)") {
		t.Errorf("liveness %+v", liveness)
	}
	// each run lasts until its startup probe gives up, 29 periods and a timeout later
	if r := liveness.Restarts; len(r) < 5 || r[0].Killed != 31 || r[0].Again != 33 || r[1].Killed != 33+291 ||
		r[1].Again-r[1].Ended != 10 {
		t.Errorf("restarts %+v", r)
	}
	if readiness.TurnsUnhealthyAfter != nil || readiness.Acts != "unready" || readiness.Restarts != nil ||
		!strings.Contains(readiness.Says, "2 probes in a row have passed") {
		t.Errorf("readiness, which asks something else: %+v", readiness)
	}
	if !e.PodProbes[0].Replayed || !e.PodProbes[1].Replayed || e.PodProbes[2].Replayed || e.PodProbes[2].Grace != nil {
		t.Errorf("probes %+v", e.PodProbes)
	}
}

// TestPodWithoutReplay: what is not known is not predicted.
func TestPodWithoutReplay(t *testing.T) {
	live := check.PodProbe{Kind: check.Liveness, Action: check.ActionTCP, Port: 1, Period: time.Second,
		Timeout:  time.Second,
		Failures: 1}
	e := health.Examine(health.Target{Pod: &lint.Pod{Probes: []check.PodProbe{live}, RestartPolicy: "no"},
		Config: live.Config()})
	p := e.Predictions[0]
	if p.TurnsUnhealthyAfter != nil || p.Restarts != nil || p.DayRiskHigh != nil || !strings.Contains(p.Says,
		"not started again") ||
		e.Verdict.Kind != replay.KindUnknown || strings.Contains(e.Verdict.Summary, "engine") {
		t.Errorf("%+v, verdict %+v", p, e.Verdict)
	}
	if e := health.Examine(health.Target{Pod: &lint.Pod{}}); len(e.Predictions) != 0 || e.Lint == nil {
		t.Errorf("a pod without probes: %+v", e)
	}
}
