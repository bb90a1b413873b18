package cause

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// TestAnsweredForLoop: a 503 that gateway_guard gives for an event loop that does not answer is a probe that hung.
func TestAnsweredForLoop(t *testing.T) {
	told := func(id string, before time.Duration) option {
		return func(c *inquest.Case) {
			c.Log.Findings = append(c.Log.Findings, servicelog.Finding{ID: id, Cause: fact.HealthcheckTimeout,
				At: end.Add(-before), LastAt: end.Add(-before), Count: 1})
		}
	}
	said := probes(check.HTTPStatus, check.HTTPStatus, check.HTTPStatus)
	for _, tt := range []struct {
		name string
		c    inquest.Case
		hung int
	}{
		{"the loop does not answer", dead(said, told("guard-health-loop", 16*time.Second)), 3},
		{"since the last of them", dead(said, told("guard-health-loop", 4500*time.Millisecond)), 1},
		{"a dependency does not", dead(said, told("guard-health-unhealthy", 16*time.Second)), 0},
		{"nothing listens", dead(probes(check.Refused, check.Refused, check.Refused),
			told("guard-health-loop", 16*time.Second)), 0},
		{"no log", dead(said, func(c *inquest.Case) { c.Log = nil }), 0},
	} {
		hung, failed := timedOut(tt.c)
		if len(hung) != tt.hung || len(hung)+len(failed) != 3 {
			t.Errorf("%s: %d hung, %d failed; want %d hung", tt.name, len(hung), len(failed), tt.hung)
		}
	}
}

// TestStallWhileStarting: a loop that stood still before the server was ready hung no health check.
func TestStallWhileStarting(t *testing.T) {
	stall := func(at time.Time) option {
		return func(c *inquest.Case) {
			c.Log.Findings = append(c.Log.Findings, servicelog.Finding{ID: "guard-loop-stalled", Cause: fact.HealthcheckTimeout,
				Role: fact.RoleRoot, Strength: fact.Conclusive, At: at, LastAt: at, Count: 1})
		}
	}
	ready := lifecycle("uvicorn", true, true, false) // a second after the start
	for _, tt := range []struct {
		name   string
		c      inquest.Case
		speaks bool
	}{
		{"after it was ready", dead(ready, stall(start.Add(time.Minute))), true},
		{"while it imported", dead(ready, stall(start.Add(500*time.Millisecond))), false},
		{"it never was ready", dead(stall(start.Add(500 * time.Millisecond))), true},
		{"nothing is told", dead(ready), false},
	} {
		if got := heartbeatRule.See(tt.c); len(got) > 0 != tt.speaks {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// TestChildCrashTold: a living main process clears no interpreter whose fault a child printed.
func TestChildCrashTold(t *testing.T) {
	for _, tt := range []struct {
		name   string
		strong fact.Strength
		cause  string
		told   bool
	}{
		{"Fatal Python error", fact.Conclusive, fact.InterpreterCrash, true},
		{"perhaps one", fact.Strong, fact.InterpreterCrash, false},
		{"another cause's line", fact.Conclusive, fact.WorkerCrash, false},
	} {
		if got := childCrashed(alive(logged(tt.cause, "x", fact.RoleRoot, tt.strong))); got != tt.told {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	if childCrashed(alive(func(c *inquest.Case) { c.Log = nil })) {
		t.Error("told without a log")
	}
}

// TestAnsweredNo: where the runtime's record of the probes is gone, the service's own line of its answer shows that
// they failed, and did not hang, if it is a line of those before the turn.
func TestAnsweredNo(t *testing.T) {
	line := func(id string, before time.Duration) option {
		return func(c *inquest.Case) {
			at := end.Add(-4*time.Second - before) // of the turn
			c.Log.Findings = append(c.Log.Findings, servicelog.Finding{ID: id, Cause: fact.HealthcheckFailure, At: at,
				LastAt: at, Count: 3})
		}
	}
	for _, tt := range []struct {
		name   string
		c      inquest.Case
		failed bool
	}{
		{"just before", dead(request(true, false), healthcheck3(), line("health-path-5xx", time.Second)), true},
		{"stamped late, before the stop", dead(request(true, false), healthcheck3(), line("health-path-5xx", -2*time.Second)),
			true},
		{"only since the stop", dead(request(true, false), healthcheck3(), line("health-path-5xx", -5*time.Second)), false},
		{"they go on until the stop", dead(request(true, false), healthcheck3(), line("health-path-5xx", time.Minute),
			do(func(c *inquest.Case) {
				f := &c.Log.Findings[len(c.Log.Findings)-1]
				f.LastAt = end.Add(-2 * time.Second)
			})), true},
		{"a minute before", dead(request(true, false), healthcheck3(), line("health-path-5xx", time.Minute)), false},
		{"another line", dead(request(true, false), healthcheck3(), line("answers-fail", time.Second)), false},
		{"no line", dead(request(true, false), healthcheck3()), false},
		{"it never turned", dead(request(false, false), healthcheck3(), line("health-path-5xx", time.Second)), false},
		{"the probes on record hung", dead(request(true, false), probes(check.Timeout, check.Timeout, check.Timeout),
			line("health-path-5xx", time.Second)), false},
	} {
		if got := len(stoppedForHealth(tt.c, false)) > 0; got != tt.failed {
			t.Errorf("%s: failed probes %v, want %v", tt.name, got, tt.failed)
		}
		if len(tt.c.Probes) == 0 && len(stoppedForHealth(tt.c, true)) > 0 {
			t.Errorf("%s: called hung", tt.name)
		}
	}
}

// TestStoodLater: probes that failed, or passed, before the service came to stand still speak against no check that
// hangs since; those while it stood do.
func TestStoodLater(t *testing.T) {
	hung := All()[1]
	speaks := func(c inquest.Case) (ids []string) {
		for _, r := range hung.Rules {
			if (r.ID == "probes-recovered" || r.ID == "probes-failed-otherwise") && len(r.See(c)) > 0 {
				ids = append(ids, r.ID)
			}
		}
		return ids
	}
	early := probes(check.Refused, check.Pass) // 10 s and 5 s before the end
	for _, tt := range []struct {
		name    string
		c       inquest.Case
		against int
	}{
		{"before it stood", alive(early, lookedInside(stuckLoop(8, "clock_nanosleep"))), 0},
		{"while it stood", alive(early, lookedInside(stuckLoop(27, "clock_nanosleep"))), 2},
		{"it goes on", alive(early, lookedInside(loopMoving)), 2},
		{"nobody looked", alive(early), 2},
	} {
		if got := speaks(tt.c); len(got) != tt.against {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}
