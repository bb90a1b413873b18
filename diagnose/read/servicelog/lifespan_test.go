package servicelog

import (
	"strings"
	"testing"
)

// TestCutLifespan: of a traceback without its lower frames only the server's next words tell in which half of the
// lifespan it stood.
func TestCutLifespan(t *testing.T) {
	const head = "ERROR:    Traceback (most recent call last):\n" +
		"  File \"/usr/lib/python3/dist-packages/starlette/routing.py\", line 671, in lifespan\n"
	for name, tt := range map[string]struct{ log, want, not string }{
		"a known reason, never up": {"INFO:     Started server process [1]\n" + head +
			"sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) FATAL:  password authentication failed for " +
			"user \"app\"\nERROR:    Application startup failed. Exiting.\n", "login-refused", bodyFailed},
		"a reason of its own, never up": {head + "app.Broken: no\nERROR:    Application startup failed. Exiting.\n",
			"startup-exception", bodyFailed},
		"it had come up": {"INFO:     Started server process [1]\nINFO:     Waiting for application startup.\n" +
			"INFO:     Application startup complete.\n" + head + "app.Broken: no\n", bodyFailed, "startup-exception"},
	} {
		report, err := Scan(strings.NewReader(tt.log), Options{OneService: true})
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for _, f := range report.Runs[0].Findings {
			ids[f.ID] = true
		}
		if !ids[tt.want] || ids[tt.not] {
			t.Errorf("%s: %v, want %s and not %s", name, ids, tt.want, tt.not)
		}
	}
}

// TestWaiting: a lifespan's start is under way until its server says that it has come to an end, either way.
func TestWaiting(t *testing.T) {
	const waits = "INFO:     Started server process [1]\nINFO:     Waiting for application startup.\n"
	for log, want := range map[string]bool{
		waits: true,
		waits + "INFO:     Application startup complete.\n":          false,
		waits + "ERROR:    Application startup failed. Exiting.\n":   false,
		"[2026-11-23 09:06:15 +0000] [1] [INFO] Starting gunicorn\n": false,
		"ready\n": false,
	} {
		if got := scan(t, log).Runs[0].Lifecycle.Waiting; got != want {
			t.Errorf("%q: %v", log, got)
		}
	}
}

// TestWhatBegan: a script's failure is neither a server's nor a lifespan's.
func TestWhatBegan(t *testing.T) {
	const head = "Traceback (most recent call last):\n"
	const script = "  File \"/app/app.py\", line 3, in <module>\n    x()\nKeyError: 'x'\n"
	const command = "  File \"/usr/local/bin/uvicorn\", line 8, in <module>\n    sys.exit(main())\n"
	const library = "  File \"/usr/lib/python3.11/site-packages/"
	const waits = "INFO:     Started server process [1]\nINFO:     Waiting for application startup.\n"
	for _, tt := range []struct {
		name, log, id    string
		server, lifespan bool
	}{
		{"a script", head + script, "startup-exception", false, false},
		{"uvicorn's command", head + command + library + "uvicorn/main.py\", line 5, in run\n    y()\n" + script,
			"startup-exception", true, false},
		{"the lifespan's call", waits + "ERROR:    " + head + library +
			"starlette/routing.py\", line 5, in lifespan\n    y()\n" +
			"  File \"/app/app.py\", line 3, in life\n    x()\nKeyError: 'x'\n", "startup-exception", false, true},
		{"the server's word", "ERROR:    Application startup failed. Exiting.\n", "uvicorn-startup-failed", false, true},
	} {
		f := only(t, scan(t, tt.log), tt.id)
		if f.OfServer() != tt.server || f.OfLifespan() != tt.lifespan {
			t.Errorf("%s: a server's %v, a lifespan's %v", tt.name, f.OfServer(), f.OfLifespan())
		}
	}
}
