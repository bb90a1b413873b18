package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// TestRestartedServices: which services their supervisor started again, and whose crash it was.
func TestRestartedServices(t *testing.T) {
	start := time.Date(2026, 11, 27, 0, 9, 0, 0, time.UTC)
	tick := func(seconds float64) *int64 { n := int64(100 * seconds); return &n }
	crash := func(comm string, after float64) kernellog.Crash {
		at := start.Add(time.Duration(after * float64(time.Second)))
		return kernellog.Crash{At: &at, Comm: comm, Signal: "SIGSEGV"}
	}
	for name, tt := range map[string]struct {
		keeper  string
		began   *int64 // of the service
		crashes []kernellog.Crash
		want    bool
		tied    int // crashes
	}{
		"three crashes, the newest a second before": {"s6-supervise", tick(20.7),
			[]kernellog.Crash{crash("python3", 3), crash("python3", 6), crash("python3", 19.6)}, true, 3},
		"the same under runit":       {"runsv", tick(20.7), []kernellog.Crash{crash("python3", 19.6)}, true, 1},
		"another command's crash":    {"runsv", tick(20.7), []kernellog.Crash{crash("nginx", 19.6)}, true, 0},
		"a crash at another time":    {"runsv", tick(20.7), []kernellog.Crash{crash("python3", 8)}, true, 0},
		"no crash is told":           {"runsv", tick(20.7), nil, true, 0},
		"it runs since the start":    {"runsv", tick(0.3), nil, false, 0},
		"no supervisor of that kind": {"gunicorn", tick(20.7), []kernellog.Crash{crash("python3", 19.6)}, false, 0},
		"when it began is not told":  {"runsv", nil, nil, false, 0},
	} {
		c := Case{Evidence: evidence.Evidence{Kernel: evidence.Kernel{Log: &kernellog.Log{Crashes: tt.crashes}},
			Process: &evidence.Process{PID: 1, Tasks: []evidence.Task{{PID: 1, TID: 1, Comm: "init", Started: tick(0)},
				{PID: 2, TID: 2, PPID: 1, Comm: tt.keeper, Started: tick(0.2)},
				{PID: 9, TID: 9, PPID: 2, Comm: "python3", Started: tt.began}}}},
			Examined: Examined{Life: &evidence.Life{Start: start, Alive: true}}}
		got := c.RestartedServices()
		if (len(got) == 1) != tt.want {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		if tt.want && ((got[0].Crash != nil) != (tt.tied > 0) || got[0].Crash != nil && got[0].Crashes != tt.tied) {
			t.Errorf("%s: tied to %d crashes: %+v", name, got[0].Crashes, got[0].Crash)
		}
	}
}
