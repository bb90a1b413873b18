package servicelog

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/envelopetest"
)

// framedFailures are logs of services that failed, and what tells of it.
var framedFailures = []struct{ name, log, finding, excerpt string }{
	{"worker killed", `[2026-11-23 09:06:10 +0000] [1] [INFO] Starting gunicorn 23.0.0
[2026-11-23 09:06:11 +0000] [7] [INFO] Booting worker with pid: 7
[2026-11-23 09:06:16 +0000] [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?
`, "gunicorn-worker-sigkill", "Worker (pid:7) was sent SIGKILL! Perhaps out of memory?"},
	{"startup", `INFO:     Started server process [1]
INFO:     Waiting for application startup.
ERROR:    Traceback (most recent call last):
  File "/usr/lib/python3/site-packages/starlette/routing.py", line 677, in lifespan
    async with self.lifespan_context(app) as maybe_state:
  File "/srv/main.py", line 9, in boot
    raise RuntimeError("no database")
RuntimeError: no database

ERROR:    Application startup failed. Exiting.
`, "uvicorn-startup-failed", "Application startup failed. Exiting."},
	{"native crash", `INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)
Fatal Python error: Segmentation fault

Current thread 0x00007f8f1ac6f040 (most recent call first):
  File "<string>", line 1 in <module>
`, "python-fatal-signal", "Fatal Python error: Segmentation fault"},
	{"task", `Task exception was never retrieved
future: <Task finished name='Task-2' coro=<consume() done, defined at /srv/main.py:4> exception=ValueError('x')>
Traceback (most recent call last):
  File "/srv/main.py", line 6, in consume
    raise ValueError("x")
ValueError: x
`, "asyncio-task-exception", "Task exception was never retrieved"},
}

var framedAt = time.Date(2026, 11, 23, 9, 6, 15, 0, time.UTC)

func framedLog(text string) (log []envelopetest.Entry) {
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		log = append(log, envelopetest.Entry{At: framedAt.Add(time.Duration(i) * 250 * time.Millisecond), Text: line})
	}
	return log
}

// TestFramedFailures is the measure of issue 13: what tells of a failure is found in whatever the log came in, with the
// service and the time that the framing tells.
func TestFramedFailures(t *testing.T) {
	right, all := 0, 0
	for _, f := range envelopetest.All() {
		for _, failure := range framedFailures {
			all++
			log := framedLog(failure.log)
			r, err := Scan(bytes.NewReader(f.Frame(log)), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if why := unfound(r, f, log, failure.finding, failure.excerpt); why != "" {
				t.Logf("%s in %q: %s", failure.name, f.Name, why)
				continue
			}
			right++
		}
	}
	t.Logf("%d of %d", right, all)
	if 100*right < 97*all {
		t.Errorf("%d of %d framed failures found, want 97 in 100", right, all)
	}
}

// unfound says what is wrong with a report; "" where nothing is.
func unfound(r *Report, f envelopetest.Framing, log []envelopetest.Entry, id, excerpt string) string {
	var found *Finding
	var ids []string
	for i := range r.Runs {
		for j := range r.Runs[i].Findings {
			g := &r.Runs[i].Findings[j]
			if ids = append(ids, g.ID); g.ID == id {
				found = g
			}
		}
	}
	at := slices.IndexFunc(log, func(e envelopetest.Entry) bool { return strings.Contains(e.Text, excerpt) })
	switch {
	case found == nil:
		return "found " + strings.Join(ids, ", ")
	case !strings.Contains(found.Excerpt, excerpt):
		return "excerpt " + found.Excerpt
	case !strings.Contains(found.Service, f.Service):
		return "service " + found.Service
	case f.Timed && found.At.Sub(log[at].At).Abs() >= time.Second:
		return "time " + found.At.String()
	}
	return ""
}
