package servicelog

import (
	"strings"
	"testing"
)

func TestGuardLineNamesPlaceAndException(t *testing.T) {
	for _, tc := range []struct{ line, exception, place string }{
		{said("CRITICAL", "handlers: exception handler report threw KeyError: 'code' at /srv/app.py:19 report; it was "+
			"called for app.UpstreamError: no at /srv/other.py:3 ask in GET /work"), "KeyError: 'code'",
			"/srv/app.py:19 in report"},
		{said("ERROR", "logging: TypeError: Object of type bytes is not JSON serializable at /srv/ship.py:29 emit (in "+
			"/usr/lib/python3.11/json/encoder.py:180 default), in a log queue's listener, whose thread would have died of "+
			"it in <ShippingHandler (NOTSET)>; its record: INFO app: x"),
			"TypeError: Object of type bytes is not JSON serializable", "/srv/ship.py:29 in emit"},
		{said("CRITICAL", "exit: os._exit ends the process at once with code 3 at /srv/app.py:3 leave"), "",
			"/srv/app.py:3 in leave"},
		{said("CRITICAL", "exit: the process ends after 5.2 s; sys.exit gave code 7 0.0 s ago in asyncio task 'Task-6' at "+
			"/srv/worker.py:20 check_licence"), "", "/srv/worker.py:20 in check_licence"},
		{said("CRITICAL", "watchdog: the event loop has stood still for 5.0 s at <string>:6 consume"), "", ""},
		{said("CRITICAL", "lifespan: startup failed: redis.exceptions.ConnectionError: refused at "+
			"/usr/lib/python3/dist-packages/redis/client.py:5 connect"), "redis.exceptions.ConnectionError: refused", ""},
	} {
		report, err := Scan(strings.NewReader(tc.line+"\n"), Options{})
		if err != nil || len(report.Runs) != 1 || len(report.Runs[0].Findings) != 1 {
			t.Fatalf("%v, %+v", err, report)
		}
		e := report.Runs[0].Findings[0].Exception
		if e == nil || strings.TrimSuffix(e.Type+": "+e.Message, ": ") != tc.exception || e.Place() != tc.place {
			t.Errorf("%s:\n%+v", tc.line, e)
		}
	}
}

// TestGuardLineWithoutPlace: a line that names none, and one of the service's own that quotes the guard.
func TestGuardLineWithoutPlace(t *testing.T) {
	for _, line := range []string{
		said("ERROR", "pools: pool redis is used up: 50 of 50 connections are out"),
		said("ERROR", "tasks: task 'a' has come to its end, which was not expected"),
		quotedByApp("exit: os._exit ends the process at once with code 3 at /srv/app.py:3 leave"),
	} {
		report, err := Scan(strings.NewReader(line+"\n"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range report.Runs {
			for _, f := range run.Findings {
				if f.Exception != nil {
					t.Errorf("%s: %+v", line, f.Exception)
				}
			}
		}
	}
}
