package inquest

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/lint"
)

// Health is what is known of the container's health check: its settings, what was replayed and what the
// runtime had recorded, artefacts taken out.
func (c Case) Health() health.Target {
	t := healthTarget(&c.Evidence, c.ProbeSigns)
	if r := c.Death.Request; t.Pod != nil && r != nil && r.Kind == fact.RequestProbe {
		t.Pod.ComingUp = c.ComingUp()
	}
	return t
}

// ComingUp tells whether the server of the examined run had not said yet that it was ready.
func (c Case) ComingUp() bool {
	return c.Log != nil && c.Log.Lifecycle.Server != "" && c.Log.Lifecycle.Ready == nil
}

// WrongPort says in words that the check asks a port where nothing listens, while the program listens on another; ""
// where that is not so, or a probe has passed in this life: then something has stopped to listen.
func (c Case) WrongPort() string {
	if !c.Alive() || c.LaterLives > 0 || c.Streak == 0 || c.Streak < len(c.Probes) || len(c.Probes) == 0 ||
		everHealthy(c.Life) || !slices.ContainsFunc(c.Probes, func(p Probe) bool { return p.Outcome == check.Refused }) {
		return ""
	}
	return c.Health().WrongPort()
}

// EverHealthy tells whether the runtime called the examined life healthy once.
func (c Case) EverHealthy() bool { return c.Life != nil && everHealthy(c.Life) }

// replayed is the verdict of a replay, which speaks of the life that goes on; nil =
// there was none, or another life is examined.
func replayed(e *evidence.Evidence, x Examined, s ProbeSigns) *health.Verdict {
	if e.Replay == nil || !x.Alive() || x.LaterLives > 0 {
		return nil
	}
	verdict := healthTarget(e, s).Verdict()
	return &verdict
}

func healthTarget(e *evidence.Evidence, signs ProbeSigns) health.Target {
	t := health.Target{ID: e.Target.ID, Name: e.Target.Name, EngineMajor: e.Engine.Major, Replay: e.Replay}
	if e.Replay != nil {
		t.URL = e.Replay.URL
	}
	if e.Spec == nil {
		if t.URL != "" && t.ID == "" {
			t.Name = ""
		}
		return t
	}
	t.Image, t.State, t.Config = e.Spec.Image, e.Status.Word, e.Spec.Healthcheck
	t.Command, t.GunicornArgs, t.Published = e.Spec.Command, e.Spec.Env["GUNICORN_CMD_ARGS"], e.Spec.Published
	if t.State == fact.StateRunning {
		t.Started = e.Status.StartedAt
	}
	if e.Process != nil {
		t.Listeners = []lint.Listener{}
		for _, l := range e.Process.Listeners {
			t.Listeners = append(t.Listeners, lint.Listener{Address: l.Address, Port: l.Port})
		}
	}
	t.Recorded = recordedHealth(e, signs)
	t.Pod = podOf(e)
	return t
}

// podOf is what Kubernetes tells of the container's probes; nil = it is of another runtime.
func podOf(e *evidence.Evidence) *lint.Pod {
	if e.Target.Pod == "" {
		return nil
	}
	p := &lint.Pod{RestartPolicy: e.Spec.RestartPolicy}
	if e.Spec.StopTimeout != nil {
		p.Grace = time.Duration(*e.Spec.StopTimeout) * time.Second
	}
	if q := e.Probes; q != nil {
		p.Probes, p.Asked, p.Ports, p.Runtime, p.Held = q.List, q.Deciding, q.Ports, q.Runtime, q.Held
	}
	return p
}

// recordedHealth is the engine's record of the examined run; nil = none.
func recordedHealth(e *evidence.Evidence, s ProbeSigns) *health.Recorded {
	h := e.Status.Health
	if h == nil && len(s.Probes) == 0 {
		return nil
	}
	r := &health.Recorded{Streak: s.Streak, Turned: s.Unhealthy, Before: s.Earlier != nil, Log: []health.RecordedProbe{}}
	if h != nil {
		r.Status = h.Status
	}
	if e.Status.Word != fact.StateRunning && e.Target.Pod == "" {
		r.Note = "the engine sets unhealthy whenever it stops probing: the status of a container that does not run " +
			"says nothing"
	}
	for _, p := range s.Probes {
		from := "log"
		if p.FromEvents {
			from = fact.SourceEvents
		}
		r.Log = append(r.Log, health.RecordedProbe{
			At: p.Start.UTC(), DurationMs: float64(p.Duration.Microseconds()) / 1000, Outcome: p.Outcome,
			ExitCode: p.ExitCode,
			Summary:  p.Summary, Output: p.Output, From: from,
		})
	}
	return r
}
