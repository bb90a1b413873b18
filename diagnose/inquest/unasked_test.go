package inquest

import (
	"strings"
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
		"the word is looked for": {"grep -r kill /app", time.Second, false},
		"the word is printed":    {`sh -c "echo kill 1"`, time.Second, false},
		"a reload":               {"kill -HUP 1", time.Second, false},
		"a message":              {"pkill -s USR1 nginx", time.Second, false},
		"a list of signals":      {"kill -l 9", time.Second, false},
		"behind another command": {`sh -c "pidof x && kill -s TERM 1"`, time.Second, true},
		"of what is found":       {"pidof x | xargs kill -9", time.Second, true},
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

var probing = &check.Config{Test: []string{"CMD", "curl", "localhost"}}

// TestLeftForeground: what goes into the background ends at once, with success, and says nothing of it.
func TestLeftForeground(t *testing.T) {
	for name, tt := range map[string]struct {
		command string
		lived   time.Duration
		code    int
		want    bool
	}{
		"told to":                 {"gunicorn -D -b :8080 wsgi:app", 3 * time.Second, 0, true},
		"by its nature":           {"nginx", time.Second, 0, true},
		"in a shell":              {"sh -c nginx", time.Second, 0, true},
		"kept in the foreground":  {"nginx -g daemon off;", time.Second, 0, false},
		"only asked something":    {"nginx -t", time.Second, 0, false},
		"another program":         {"python3 import.py -D", time.Second, 0, false},
		"the flag is another's":   {"gunicorn -b :8080 wsgi:app", time.Second, 0, false},
		"it failed":               {"gunicorn -D wsgi:app", time.Second, 1, false},
		"it had run for a minute": {"gunicorn -D wsgi:app", time.Minute, 0, false},
	} {
		c, end := Case{}, began.Add(tt.lived)
		c.Spec = &evidence.Spec{Command: strings.Fields(tt.command)}
		c.Life = &evidence.Life{Start: began, End: &end}
		c.Death = Death{EndedBy: fact.EndedByOwnExit, ExitCode: &tt.code, At: &end}
		if got := c.LeftForeground(); (got != "") != tt.want {
			t.Errorf("%s: %q, want %v", name, got, tt.want)
		}
		if c.Spec = nil; c.LeftForeground() != "" {
			t.Errorf("%s: of a command that is not known", name)
		}
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
		"a job of an image with a check": {func(c *Case) {
			c.Spec.Healthcheck, c.Probes = probing, []Probe{{Result: check.Result{Outcome: check.Refused}}}
		}, false},
		"its check passed": {func(c *Case) {
			c.Spec.Healthcheck, c.Probes = probing, []Probe{{Result: check.Result{Outcome: check.Pass}}}
		}, true},
		"nothing was read": {func(c *Case) { c.Log, c.Spec = nil, nil }, false},
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
