package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

func TestToldByExec(t *testing.T) {
	end := began.Add(time.Minute)
	for name, tt := range map[string]struct {
		command string
		before  time.Duration
		want    bool
	}{
		"kill":                   {"kill -TERM 1", time.Second, true},
		"by a shell":             {`sh -c "sleep 1; /bin/kill 1"`, 10 * time.Second, true},
		"pkill":                  {"pkill -f server.py", time.Second, true},
		"asks whether it lives":  {"kill -0 1", time.Second, false},
		"long before":            {"kill -HUP 1", 2 * time.Minute, false},
		"a word with kill in it": {"cat /etc/killers", time.Second, false},
		"no process is named":    {"kill", time.Second, false},
	} {
		c := Case{}
		c.Life = &evidence.Life{Start: began, End: &end, Events: []evidence.Event{
			{At: end.Add(-tt.before), Kind: fact.EventExecCreated, Command: tt.command}}}
		if got := c.ToldByExec(); (got != nil) != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	if c := (Case{}); c.ToldByExec() != nil {
		t.Error("told without a life")
	}
}

func TestServerBy(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Case)
		server bool
	}{
		"its words":         {func(c *Case) { c.Log.Serving = &servicelog.Line{Text: "INFO serving"} }, true},
		"its requests":      {func(c *Case) { c.Log.Accesses = 3 }, true},
		"a published port":  {func(c *Case) { c.Spec.Published = []int{8080} }, true},
		"a restart policy":  {func(c *Case) { c.Spec.RestartPolicy = "always" }, true},
		"tried on failures": {func(c *Case) { c.Spec.RestartPolicy = "on-failure" }, false},
		"a job":             {func(*Case) {}, false},
		"nothing was read":  {func(c *Case) { c.Log, c.Spec = nil, nil }, false},
	} {
		c := Case{}
		c.Log, c.Spec = &servicelog.Run{}, &evidence.Spec{}
		tt.change(&c)
		if got := c.ServerBy(); (got != "") != tt.server {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestCameUp: after a passed health check an exception ended no start, unless the server itself says so.
func TestCameUp(t *testing.T) {
	for name, tt := range map[string]struct {
		strength fact.Strength
		passed   time.Duration // after the start; the exception came 10 s after it
		want     string
	}{
		"passed before":            {fact.Strong, 5 * time.Second, "unclassified-traceback"},
		"passed after":             {fact.Strong, 15 * time.Second, "startup-exception"},
		"the server itself failed": {fact.Conclusive, 5 * time.Second, "startup-exception"},
	} {
		run := &servicelog.Run{Findings: []servicelog.Finding{{ID: "startup-exception", Cause: fact.StartupFailure,
			Strength: tt.strength, At: began.Add(10 * time.Second)}}}
		at := began.Add(tt.passed)
		signs := LogSigns{Log: run, LogRuns: []servicelog.Run{*run}}
		got := signs.withServed([]Probe{{Probe: check.Probe{Start: at, End: at}, Result: check.Result{Outcome: check.Pass}}})
		if got.Log.Findings[0].ID != tt.want || got.LogRuns[0].Findings[0].ID != tt.want {
			t.Errorf("%s: %s, want %s", name, got.Log.Findings[0].ID, tt.want)
		}
		if run.Findings[0].ID != "startup-exception" || signs.LogRuns[0].Findings[0].ID != "startup-exception" {
			t.Errorf("%s: the log that was read was written into", name)
		}
	}
	if got := (LogSigns{}).withServed(nil); got.Log != nil {
		t.Error("a log where none was read")
	}
}
