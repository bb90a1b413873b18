package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// TestWithWatchdog: a dump of faulthandler with nothing behind it, and an end with its code right then, is an end by
// the program's own watchdog. A program that went on, or ended otherwise, was not ended by it.
func TestWithWatchdog(t *testing.T) {
	frame := servicelog.Line{Number: 3, Text: `  File "/app/job.py", line 4 in fetch`}
	thread := servicelog.Line{Number: 2, Text: "Thread 0x00007f06c8b6f040 (most recent call first):"}
	for name, tt := range map[string]struct {
		code  int
		after time.Duration
		more  []servicelog.Line
		want  bool
	}{
		"its code, right then":        {1, 100 * time.Millisecond, nil, true},
		"another code":                {3, 100 * time.Millisecond, nil, false},
		"a minute later":              {1, time.Minute, nil, false},
		"it printed on":               {1, time.Second, []servicelog.Line{{Number: 4, Text: "item 7 done"}}, false},
		"only more threads came":      {1, time.Second, []servicelog.Line{{Number: 4, Text: "Thread 0x00007f9 (x):"}}, true},
		"the log has no dump's place": {1, -time.Hour, nil, false},
	} {
		told := began.Add(time.Minute)
		end := told.Add(tt.after)
		s := LogSigns{Log: &servicelog.Run{Tail: append([]servicelog.Line{thread, frame}, tt.more...),
			Findings: []servicelog.Finding{{ID: ownWatchdog, Cause: fact.HealthcheckTimeout, Strength: fact.Strong,
				LastAt: told, LastLine: 1}}}}
		got := s.withWatchdog(Examined{Life: &evidence.Life{Start: began, End: &end, ExitCode: &tt.code}})
		if yes := got.Log.Findings[0].Other == fact.WatchdogKill; yes != tt.want {
			t.Errorf("%s: %v, want %v", name, yes, tt.want)
		}
	}
	alive := LogSigns{}.withWatchdog(Examined{Life: &evidence.Life{Start: began, Alive: true}})
	if alive.Log != nil {
		t.Error("a log came from nowhere")
	}
}

// TestOwnLimit: a server that has served all that it may ended as it was told to. It says so, or its command line does
// and its log does not contradict that; a limit that it has not reached, and an end with an error, are something else.
func TestOwnLimit(t *testing.T) {
	for name, tt := range map[string]struct {
		code     int
		command  string
		recycled bool
		requests int
		told, is bool
	}{
		"it says so":                {0, "uvicorn m:app --limit-max-requests 5", true, 5, true, true},
		"it says so, set in code":   {0, "python3 m.py", true, 0, true, true},
		"an old one says nothing":   {0, "uvicorn m:app --limit-max-requests=5", false, 5, false, true},
		"no access log":             {0, "uvicorn m:app --limit-max-requests 5", false, 0, false, true},
		"the limit was not at hand": {0, "uvicorn m:app --limit-max-requests 500", false, 5, false, false},
		"it has no limit":           {0, "uvicorn m:app", false, 5, false, false},
		"it ended with an error":    {1, "uvicorn m:app --limit-max-requests 5", true, 5, false, false},
	} {
		c := Case{}
		c.Spec = &evidence.Spec{Command: []string{"sh", "-c", tt.command}}
		c.Death = Death{EndedBy: fact.EndedByOwnExit, ExitCode: &tt.code}
		c.Log = &servicelog.Run{Accesses: tt.requests}
		c.Log.Lifecycle.Server, c.Log.Lifecycle.Recycled = "uvicorn", tt.recycled
		text, told := c.OwnLimit()
		if (text != "") != tt.is || told != tt.told {
			t.Errorf("%s: %q %v", name, text, told)
		}
	}
}

// TestStartedAfterSuccess: a policy that starts again what ended with success is named from its first restart on; one
// that leaves such an end alone, and a start after an error, are not.
func TestStartedAfterSuccess(t *testing.T) {
	alive := func(policy string, restarts int, ends ...int) Case {
		c := Case{}
		c.Life = &evidence.Life{Start: began, Alive: true}
		c.Spec, c.Status = &evidence.Spec{RestartPolicy: policy}, &evidence.Status{State: fact.StateRunning,
			Restarts: restarts}
		c.EarlierEnds = ends
		return c
	}
	between := alive("always", 1)
	zero := 0
	between.Life.Alive = false
	between.Status.State, between.Death = fact.StateRestarting, Death{EndedBy: fact.EndedByOwnExit, ExitCode: &zero}
	for name, tt := range map[string]struct {
		c    Case
		want string
	}{
		"the first restart":         {alive("always", 1, 0), "always"},
		"between two runs":          {between, "always"},
		"started by hand":           {alive("always", 0, 0), ""},
		"an error before":           {alive("unless-stopped", 1, 0, 1), ""},
		"a policy for errors":       {alive("on-failure", 1, 0), ""},
		"how it ended is not known": {alive("always", 1), ""},
		"nothing is known of it":    {Case{}, ""},
	} {
		if got := tt.c.StartedAfterSuccess(); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
