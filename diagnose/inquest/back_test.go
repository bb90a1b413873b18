package inquest

import (
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// complained is a gateway whose redis, called unreachable every second for half a minute, was started again at its end;
// it is looked at so long after that.
func complained(after time.Duration, change func(*Case, *servicelog.Finding)) (Case, servicelog.Finding) {
	end := froze.Add(30 * time.Second)
	f := servicelog.Finding{Other: fact.DependencyDown, Object: "redis:6379", Role: fact.RoleRoot, Strength: fact.Strong,
		At: froze, LastAt: end, Count: 31, Spell: servicelog.Spell{At: froze, Count: 31, Within: end.Sub(froze), Gaps: 30}}
	c := Case{}
	c.Now = end.Add(after)
	c.Spec, c.Status = &evidence.Spec{}, &evidence.Status{State: fact.StateRunning}
	c.Life = &evidence.Life{Start: began, Alive: true}
	c.Process = &evidence.Process{At: c.Now}
	c.Neighbours = []evidence.Neighbour{{Name: "shop-redis-1", Service: "redis", State: fact.StateRunning,
		Addresses: []string{"172.18.0.3"}, StartedAt: &end}}
	c.Log = &servicelog.Run{LastAt: end}
	change(&c, &f)
	c.Log.Findings = []servicelog.Finding{f}
	return c, f
}

func connected(c *Case, _ *servicelog.Finding) {
	c.Process.Remotes = []evidence.Remote{{Address: "172.18.0.3", Port: 6379, State: "ESTABLISHED"}}
}

func TestWhatSaysBack(t *testing.T) {
	for name, tt := range map[string]struct {
		after  time.Duration
		change func(*Case, *servicelog.Finding)
		says   string // "" = not back
	}{
		"it is connected":           {5 * time.Second, connected, "connected to redis again"},
		"it was connected just now": {time.Second, connected, ""},
		"redis was not started anew": {5 * time.Second, func(c *Case, f *servicelog.Finding) {
			connected(c, f)
			c.Neighbours[0].StartedAt = &began
		}, ""},
		"redis does not answer": {5 * time.Second, func(c *Case, f *servicelog.Finding) {
			connected(c, f)
			c.Stuck = []Dependency{{Neighbour: c.Neighbours[0]}}
		}, ""},
		"a line without a name, of the only dependency": {5 * time.Second, func(c *Case, f *servicelog.Finding) {
			connected(c, f)
			f.Object, c.Neighbours[0].NamedBy = "", []string{"REDIS_URL"}
		}, "connected to redis again"},
		"it complains no more":     {20 * time.Second, asIs, "has not complained for 20"},
		"silent, but not for long": {5 * time.Second, asIs, ""},
		"silent, and redis is away": {time.Minute, func(c *Case, _ *servicelog.Finding) {
			c.Neighbours[0].State = fact.StateExited
		}, ""},
		"its work goes on": {4 * time.Second, func(_ *Case, f *servicelog.Finding) {
			f.Resumed = "job N done"
		}, `"job N done" again`},
		"its requests are answered":      {4 * time.Second, answered(froze, froze.Add(31*time.Second), 3), "answered again"},
		"one request was answered":       {4 * time.Second, answered(froze, froze.Add(31*time.Second), 1), ""},
		"answers that never went wrong":  {4 * time.Second, answered(time.Time{}, froze.Add(31*time.Second), 9), ""},
		"answered, and complained again": {4 * time.Second, answered(froze, froze.Add(10*time.Second), 9), ""},
		"it printed on": {4 * time.Second, func(c *Case, f *servicelog.Finding) {
			c.Log.LastAt = f.LastAt.Add(11 * time.Second)
		}, "went on for 11"},
	} {
		c, f := complained(tt.after, tt.change)
		if got := c.Back(f); tt.says == "" && got != "" || !strings.Contains(got, tt.says) {
			t.Errorf("%s: back by %q, want %q", name, got, tt.says)
		}
	}
}

func asIs(*Case, *servicelog.Finding) {}

func answered(failed, well time.Time, n int) func(*Case, *servicelog.Finding) {
	return func(c *Case, _ *servicelog.Finding) {
		c.Log.Answers = servicelog.Answers{FailedAt: failed, WellSince: well, Well: n}
	}
}

// TestEpisodeHasItsTimes: what was told of at the same time is one episode, what was long before is another.
func TestEpisodeHasItsTimes(t *testing.T) {
	c, f := complained(time.Minute, connected)
	early := f
	early.At, early.Spell.At, early.LastAt = froze.Add(-4*time.Second), froze.Add(-4*time.Second), froze
	old := f
	old.At, old.Spell.At, old.LastAt = began, began, began.Add(time.Second)
	c.Log.Findings = []servicelog.Finding{old, early, f}
	e := c.GotOver()
	if e == nil || !e.From.Equal(early.At) || !e.To.Equal(f.LastAt) || e.Back == "" {
		t.Fatalf("%+v, want %v to %v", e, early.At, f.LastAt)
	}
	last := servicelog.Line{At: f.LastAt, Text: "ConnectionError: x"}
	c.Log.LastWords = &servicelog.LastWords{Line: last, Gravity: servicelog.Fatal}
	if got := c.FatalLastWords(); got != nil {
		t.Errorf("what it got over is its last words: %+v", got)
	}
	c.Process.Remotes, c.Neighbours, c.Log.Findings = nil, nil, []servicelog.Finding{f}
	if e := c.GotOver(); e != nil {
		t.Errorf("over without a sign of it: %+v", e)
	}
	if c.FatalLastWords() == nil {
		t.Error("what goes on has no last words")
	}
}

// TestNewestSpellCounts: a second outage is judged by its own complaints.
func TestNewestSpellCounts(t *testing.T) {
	c, f := complained(0, func(_ *Case, f *servicelog.Finding) {
		f.At = began
		f.Spell.At = froze
	})
	if got := c.FirstTrouble(); got == nil || !got.Equal(f.Spell.At) {
		t.Errorf("the trouble began at %v, want %v", got, f.Spell.At)
	}
}

// TestStartThatWasTriedAgain: a traceback of the first try, caught, is no failed start of what did its work.
func TestStartThatWasTriedAgain(t *testing.T) {
	code := 0
	for name, tt := range map[string]struct {
		change func(*Case)
		over   bool
	}{
		"it ended with success": {func(c *Case) {
			c.Life.Alive, c.Death = false, Death{EndedBy: fact.EndedByOwnExit, ExitCode: &code}
		}, true},
		"it has worked for 20 s": {func(c *Case) { c.Log.LastAt = c.Log.LastAt.Add(20 * time.Second) }, true},
		"it came up just now":    {func(*Case) {}, false},
		"a server": {func(c *Case) {
			c.Log.LastAt, c.Log.Lifecycle.Server = c.Log.LastAt.Add(20*time.Second), "gunicorn"
		}, false},
	} {
		c, f := complained(time.Minute, func(c *Case, f *servicelog.Finding) {
			f.Cause, f.Other = fact.StartupFailure, ""
			for i := range 4 {
				at := f.LastAt.Add(time.Duration(i+1) * time.Second)
				c.Log.Tail = append(c.Log.Tail, servicelog.Line{At: at, Text: "row done"})
			}
		})
		tt.change(&c)
		if got := c.Over(f); got != tt.over {
			t.Errorf("%s: over is %v", name, got)
		}
	}
}

// TestJobThatOutlivedARefusal: a job that could not connect at first, did its work and ended with 0.
func TestJobThatOutlivedARefusal(t *testing.T) {
	code := 0
	for name, tt := range map[string]struct {
		tail string
		over bool
	}{
		"it worked":               {"migrated 3 tables", true},
		"it gave up":              {"giving up, exiting", false},
		"it said nothing further": {"", false},
	} {
		c, f := complained(time.Second, func(c *Case, f *servicelog.Finding) {
			c.Life.Alive, c.Process, c.Neighbours = false, nil, nil
			c.Death = Death{EndedBy: fact.EndedByOwnExit, ExitCode: &code}
			c.Log.Tail = []servicelog.Line{{At: f.LastAt.Add(time.Second), Text: tt.tail}}
		})
		if got := c.Over(f); got != tt.over {
			t.Errorf("%s: over is %v", name, got)
		}
	}
}

// TestNewestRequestsFail: a pool that ran dry is not got over by what passes beside the requests that it fails.
func TestNewestRequestsFail(t *testing.T) {
	for name, tt := range map[string]struct {
		cause  string
		failed time.Time // the newest request that was answered with an error; zero = none was
		back   bool
	}{
		"its requests failed until the last": {fact.PoolExhaustion, froze, false},
		"a handler threw until the last":     {fact.ExceptionHandlerFailure, froze, false},
		"requests fail of something later":   {fact.PoolExhaustion, froze.Add(time.Minute), true},
		"no request fails":                   {fact.PoolExhaustion, time.Time{}, true},
		"of another kind":                    {fact.HealthcheckTimeout, froze, true},
	} {
		f := servicelog.Finding{Cause: tt.cause, At: froze, LastAt: froze, Count: 1}
		c := Case{}
		c.Now, c.Life = froze.Add(2*time.Minute), &evidence.Life{Start: began, Alive: true}
		c.Log = &servicelog.Run{LastAt: c.Now, Findings: []servicelog.Finding{f}}
		if !tt.failed.IsZero() {
			c.Log.Findings = append(c.Log.Findings, servicelog.Finding{Other: fact.RequestsFail, LastAt: tt.failed})
		}
		if got := c.Back(f); (got != "") != tt.back {
			t.Errorf("%s: back by %q", name, got)
		}
	}
}

// blockedWhileProbed is a worker that was blocked while the health check failed, for half a minute.
func blockedWhileProbed(c *Case, f *servicelog.Finding) {
	f.Cause, f.Other, f.Object, f.Count = fact.HealthcheckTimeout, "", "", 1
	c.Recovered = &Recovery{From: froze, To: f.LastAt.Add(2 * time.Second), Failed: 6}
}

// TestBlockIsOverWhenProbesPass: what told of a block while the health check failed is over once it passes again.
func TestBlockIsOverWhenProbesPass(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Case, *servicelog.Finding)
		over   bool
	}{
		"it passes again":    {asIs, true},
		"nothing has passed": {func(c *Case, _ *servicelog.Finding) { c.Recovered = nil }, false},
		"blocked once more": {func(c *Case, f *servicelog.Finding) {
			c.Recovered.To = f.LastAt.Add(-time.Second)
		}, false},
		"every 9 s, and not yet": {func(_ *Case, f *servicelog.Finding) { f.Count = 31; f.Spell.Within *= 9 }, false},
		"a disk filled meanwhile, which no check tells of": {func(_ *Case, f *servicelog.Finding) {
			f.Cause, f.Other = "", fact.FileSystemFull
		}, false},
	} {
		c, f := complained(8*time.Second, func(c *Case, f *servicelog.Finding) {
			blockedWhileProbed(c, f)
			tt.change(c, f)
		})
		if got := c.Over(f); got != tt.over {
			t.Errorf("%s: over is %v", name, got)
		}
	}
}
