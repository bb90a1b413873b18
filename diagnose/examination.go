package diagnose

import (
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/health/lint"
)

// ExamineHealth holds the health check of an incident against what was replayed
// and what the engine had recorded, artefacts taken out as for a diagnosis.
func ExamineHealth(b *bundle.Bundle) health.Examination {
	c := newCase(evidence.Read(b))
	return health.Examine(healthSubject(c))
}

// replayed is the verdict of a replay, which speaks of the run that is alive; nil =
// there was none, or another run is examined.
func replayed(c *evidence.Case) *health.Verdict {
	if c.Replay == nil || !c.Alive() || c.LaterRuns > 0 {
		return nil
	}
	verdict := health.Examine(healthSubject(c)).Verdict
	return &verdict
}

func healthSubject(c *evidence.Case) health.Target {
	s := health.Target{ID: c.Target.ID, Name: c.Target.Name, EngineMajor: c.Engine.Major, Replay: c.Replay}
	if c.Replay != nil {
		s.URL = c.Replay.URL
	}
	if c.Container == nil {
		if s.URL != "" && s.ID == "" {
			s.Name = ""
		}
		return s
	}
	s.Image, s.State, s.Config = c.Container.Image, c.Container.State.Status, c.Container.Healthcheck
	s.Command, s.GunicornArgs, s.Published = c.Container.Command, c.Container.Env["GUNICORN_CMD_ARGS"], c.Container.Published
	if s.State == fact.StateRunning {
		s.Started = c.Container.State.StartedAt
	}
	if c.Process != nil {
		s.Listeners = []lint.Listener{}
		for _, l := range c.Process.Listeners {
			s.Listeners = append(s.Listeners, lint.Listener{Address: l.Address, Port: l.Port})
		}
	}
	s.Recorded = recordedHealth(c)
	return s
}

// recordedHealth is the engine's record of the examined run; nil = none.
func recordedHealth(c *evidence.Case) *health.Recorded {
	h := c.Container.State.Health
	if h == nil && len(c.Probes) == 0 {
		return nil
	}
	r := &health.Recorded{Streak: c.Streak, Turned: c.Unhealthy, Log: []health.RecordedProbe{}}
	if h != nil {
		r.Status = h.Status
	}
	if c.Container.State.Status != fact.StateRunning {
		r.Note = "the engine sets unhealthy whenever it stops probing: the status of a container that does not run says nothing"
	}
	for _, p := range c.Probes {
		from := "log"
		if p.FromEvents {
			from = fact.SourceEvents
		}
		r.Log = append(r.Log, health.RecordedProbe{
			At: p.Start.UTC(), DurationMs: float64(p.Duration.Microseconds()) / 1000, Outcome: p.Outcome, ExitCode: p.ExitCode,
			Summary: p.Summary, Output: p.Output, From: from,
		})
	}
	return r
}
