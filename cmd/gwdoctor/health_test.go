package main

import (
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// hangingContainer is a running container whose check was replayed and hung.
func hangingContainer(t *testing.T) *bundle.Bundle {
	t.Helper()
	b := recordedContainer(t)
	three, one, threads, found := 3, 1, 4, true
	r := replay.Replay{
		At: now, Kind: "exec", Vantage: "exec", Proves: "what the engine does", Planned: 3, IntervalMs: 1000, TimeoutMs: 5000,
		OverheadMs: []float64{51, 48, 49}, Tool: "curl", ToolFound: &found, ProcessesBefore: &one, ProcessesAfter: &one,
		LeftKilled: 2,
	}
	for i := range 3 {
		r.Probes = append(r.Probes, replay.Record{
			At: now.Add(time.Duration(i) * time.Second), TookMs: 5000, Reached: "exec", Fault: "timeout",
			Output: "\x1b[2Jhalf an answer",
			Queue:  &three, NeverAccepted: &three, Threads: &threads, Listener: "S",
		})
	}
	putJSON(t, b, bundle.FileReplay, r)
	b.SetSource(bundle.Source{Name: fact.SourceReplay, Status: fact.StatusCollected, Files: []string{}})
	return b
}

// recordedContainer is the same before the replay, with what the engine recorded.
func recordedContainer(t *testing.T) *bundle.Bundle {
	t.Helper()
	b := bundle.New("test", bundle.Target{ID: testID, Name: "hanging"}, now)
	probe := func(i int, outcome string) map[string]any {
		start := now.Add(time.Duration(i-5) * 10 * time.Second)
		code, output := 0, "ok"
		if outcome == "timeout" {
			code, output = -1, "Health check exceeded timeout (5s)"
		}
		return map[string]any{"Start": start.Format(time.RFC3339Nano),
			"End": start.Add(5 * time.Second).Format(time.RFC3339Nano), "ExitCode": code, "Output": output}
	}
	putJSON(t, b, bundle.FileInspect, map[string]any{
		"Id": testID, "Name": "/hanging", "Path": "uvicorn",
		"State": map[string]any{
			"Status": "running", "Running": true, "StartedAt": now.Add(-time.Hour).Format(time.RFC3339Nano),
			"Health": map[string]any{"Status": "unhealthy", "FailingStreak": 3,
				"Log": []any{probe(0, "pass"), probe(1, "timeout"), probe(2, "timeout"), probe(3, "timeout")}},
		},
		"Config": map[string]any{"Image": "shop/gateway:1.4", "Healthcheck": map[string]any{
			"Test": []string{"CMD-SHELL", "curl http://localhost:8000/health || exit 1"}, "Interval": 5 * time.Second,
			"Timeout": 5 * time.Second, "Retries": 3,
		}},
	})
	b.SetSource(bundle.Source{Name: fact.SourceInspect, Status: fact.StatusCollected, Files: []string{}})
	return b
}

// answeredURL is a replay of a URL, no container.
func answeredURL(t *testing.T) *bundle.Bundle {
	t.Helper()
	b := bundle.New("test", bundle.Target{Name: "http://127.0.0.1:8000/"}, now)
	r := replay.Replay{At: now, Kind: "http", URL: "http://127.0.0.1:8000/", Vantage: "network", Planned: 40,
		IntervalMs: 200, TimeoutMs: 5000, OverheadMs: []float64{}}
	ms, status := 1.5, 200
	for i := range 40 {
		r.Probes = append(r.Probes, replay.Record{
			At: now.Add(time.Duration(i) * 200 * time.Millisecond), TookMs: 2 + float64(i%7), Reached: "done",
			HTTPStatus: &status,
			ConnectMs:  &ms, WaitMs: &ms, BodyMs: &ms, Output: `{"status":"ok"}`,
		})
	}
	putJSON(t, b, bundle.FileReplay, r)
	b.SetSource(bundle.Source{Name: fact.SourceReplay, Status: fact.StatusCollected, Files: []string{}})
	return b
}

func healthShop(t *testing.T) *world {
	w := shop(t)
	w.engine.containers["hanging"] = hangingContainer(t)
	w.engine.containers["http://127.0.0.1:8000/"] = answeredURL(t)
	w.engine.containers["running"] = runningContainer(t)
	return w
}

func TestHealthText(t *testing.T) {
	w := healthShop(t)
	if code := w.gwdoctor("health", "hanging"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	contains(t, "health", w.out.String(),
		"HANGING", "event loop is blocked", "1 before, 1 after; 2 processes that probes had left were killed",
		"exec costs    49 ms", "TIMEOUT",
		"docker      if it goes on hanging, it is unhealthy 30", "3 failures in a row", "curl-without-fail",
		"Corrected, for Compose", `\x1b[2Jhalf an answer`)
	if strings.Contains(w.out.String(), "\x1b") {
		t.Error("a probe's output reaches the terminal as it is")
	}
	for _, line := range strings.Split(w.out.String(), "\n") {
		if len(line) > 80 && !strings.Contains(line, "test: [") {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	if code := w.gwdoctor("health", "http://127.0.0.1:8000/"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	contains(t, "health of a URL", w.out.String(), "HEALTHY", "40 probes passed", "p90",
		"too few probes (needed) for p95 (72), p99 (368)", "connect  40")
}

func TestHealthErrors(t *testing.T) {
	for _, tt := range []struct {
		args []string
		code int
		says []string
	}{
		{[]string{"running"}, exitFailed, []string{"--http /health"}},
		{[]string{"gateway"}, exitFailed, []string{"gwdoctor diagnose gateway"}},
		{[]string{"nobody"}, exitFailed, []string{"did you mean gateway"}},
		{[]string{}, exitUsage, nil}, {[]string{"a", "b"}, exitUsage, nil},
		{[]string{"hanging", "-n", "0"}, exitUsage, []string{"1 to 100000"}},
		{[]string{"hanging", "-n", "1000000"}, exitUsage, []string{"1 to 100000"}},
		{[]string{"hanging", "--rate", "5000"}, exitUsage, []string{"at most 200"}},
		{[]string{"hanging", "--rate", "NaN"}, exitUsage, []string{"at most 200"}},
		{[]string{"hanging", "--rate", "5", "--interval", "1s"}, exitUsage, []string{"give one of them"}},
		{[]string{"hanging", "--interval", "1us"}, exitUsage, []string{"at least 5ms"}},
		{[]string{"hanging", "--duration", "-1s"}, exitUsage, []string{"more than 0"}},
		{[]string{"hanging", "--probe-timeout", "0s"}, exitUsage, []string{"10ms"}},
		{[]string{"hanging", "--port", "80"}, exitUsage, []string{"--http"}},
		{[]string{"hanging", "--http", "health"}, exitUsage, []string{"/health"}},
		{[]string{"hanging", "--http", "/", "--port", "70000"}, exitUsage, []string{"65535"}},
		{[]string{"hanging", "--http", "/", "--from", "mars"}, exitUsage, []string{"namespace"}},
		{[]string{"http://127.0.0.1:8000/", "--http", "/"}, exitUsage, []string{"its own path"}},
	} {
		w := healthShop(t)
		if code := w.gwdoctor(append([]string{"health"}, tt.args...)...); code != tt.code {
			t.Errorf("health %q: exit code %d: %s", tt.args, code, w.err.String())
		}
		contains(t, strings.Join(tt.args, " "), w.err.String(), tt.says...)
	}
}

// TestHealthSaysWhyNothingWasReplayed: the engine's record stands in for the check,
// not for a path that was asked for.
func TestHealthSaysWhyNothingWasReplayed(t *testing.T) {
	w := healthShop(t)
	b := recordedContainer(t)
	b.SetSource(bundle.Source{Name: fact.SourceReplay, Status: fact.StatusFailed, Detail: "port 81 cannot be reached",
		Files: []string{}})
	w.engine.containers["recorded"] = b
	if code := w.gwdoctor("health", "recorded"); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	contains(t, "the record", w.out.String(), "as recorded by the engine")
	contains(t, "and why", w.err.String(), "warning: ", "port 81 cannot be reached")
	if code := w.gwdoctor("health", "recorded", "--http", "/", "--port", "81"); code != exitFailed {
		t.Errorf("--http: exit code %d", code)
	}
	contains(t, "--http", w.err.String(), "port 81 cannot be reached")
}

// TestHealthWarnsOfFlushedEvents: each exec writes three of the engine's 256 events.
func TestHealthWarnsOfFlushedEvents(t *testing.T) {
	for _, tt := range []struct {
		args  []string
		warns bool
	}{
		{[]string{"hanging"}, false},
		{[]string{"hanging", "-n", "42"}, false},
		{[]string{"hanging", "-n", "43"}, true},
		{[]string{"hanging", "--duration", "1m"}, true},
		{[]string{"hanging", "--duration", "1m", "--interval", "5s"}, false},
		{[]string{"hanging", "--http", "/health", "-n", "1000"}, false},
		{[]string{"http://127.0.0.1:8000/", "-n", "1000"}, false},
	} {
		w := healthShop(t)
		w.gwdoctor(append([]string{"health"}, tt.args...)...)
		if warned := strings.Contains(w.err.String(), "the engine remembers 256"); warned != tt.warns {
			t.Errorf("%v: warned %v: %s", tt.args, warned, w.err.String())
		}
	}
}

// TestHealthAsksForAReplay: the plan reaches the collector, and only then is
// anything poked.
func TestHealthAsksForAReplay(t *testing.T) {
	w := healthShop(t)
	w.gwdoctor("health", "hanging", "-n", "7", "--rate", "4", "--http", "/h", "--port", "81", "--from", "address")
	o := w.engine.opened[len(w.engine.opened)-1]
	if o.Replay == nil || o.Replay.Count != 7 || o.Replay.Interval != 250*time.Millisecond || o.Replay.Path != "/h" ||
		o.Replay.Port != 81 || o.Replay.From != "address" {
		t.Errorf("plan %+v", o.Replay)
	}
	w.gwdoctor("diagnose", "hanging")
	if o := w.engine.opened[len(w.engine.opened)-1]; o.Replay != nil {
		t.Error("diagnose pokes without being asked")
	}
}
