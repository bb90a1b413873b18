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
