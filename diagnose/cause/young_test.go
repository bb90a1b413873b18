package cause

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// aged is a run that began so long ago, and of which nothing but its log was read.
func aged(d time.Duration) option {
	return func(c *inquest.Case) {
		c.Lives[0].Start, c.Process = c.Now.Add(-d), nil
		c.Status.StartedAt = c.Lives[0].Start
	}
}

// restarted so often, by a runtime that forgets that after some time; 0 = when it does is not known.
func restarted(times int, forgets time.Duration) option {
	return func(c *inquest.Case) { c.Status.Restarts, c.Status.ProvedAfter = times, forgets }
}

// endedBefore is a run before whose end is known.
func endedBefore(c *inquest.Case) {
	code, at := 1, c.Lives[0].Start.Add(-time.Second)
	c.Lives = []evidence.Life{{Start: at.Add(-time.Minute), End: &at, ExitCode: &code}, c.Lives[0]}
	c.Life, c.EarlierEnds = &c.Lives[1], []int{code}
}

// TestYoungRun: what was started a moment ago has shown nothing, nor has one that was restarted for a reason that
// nobody knows any more, until the runtime itself would take it for well. What said that it is ready has come up.
func TestYoungRun(t *testing.T) {
	ready := lifecycle("uvicorn", true, true, false)
	for name, tt := range map[string]struct {
		c     inquest.Case
		young bool
	}{
		"just begun":                  {alive(aged(1500 * time.Millisecond)), true},
		"just begun, and ready":       {alive(aged(1500*time.Millisecond), ready), false},
		"just begun, and passed":      {alive(aged(1500*time.Millisecond), probes(check.Pass)), false},
		"up for a while":              {alive(aged(20 * time.Second)), false},
		"restarted, nobody knows why": {alive(aged(20*time.Second), restarted(3, 10*time.Minute)), true},
		"restarted, and it is known":  {alive(aged(20*time.Second), restarted(3, 10*time.Minute), endedBefore), false},
		"restarted long ago":          {alive(aged(20*time.Minute), restarted(3, 10*time.Minute)), false},
		"forgotten sooner":            {alive(aged(20*time.Second), restarted(3, 10*time.Second)), false},
		"forgotten sooner, not yet":   {alive(aged(5*time.Second), restarted(3, 10*time.Second)), true},
		"never restarted":             {alive(aged(5*time.Second), restarted(0, 10*time.Minute)), false},
		"when it forgets is unknown":  {alive(aged(5*time.Second), restarted(3, 0)), false},
	} {
		seen := runsWell(tt.c, true)
		if len(seen) != 1 || (seen[0].Level == young) != tt.young {
			t.Errorf("%s: %+v", name, seen)
		}
	}
}
