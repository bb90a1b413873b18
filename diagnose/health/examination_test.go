package health_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

var began = time.Date(2026, 11, 25, 16, 0, 0, 0, time.UTC)

func at(s float64) time.Time { return began.Add(time.Duration(s * float64(time.Second))) }

func ptr[T any](v T) *T { return &v }

// series is a replay of an HTTP check with one record a second.
func series(records ...replay.Record) *replay.Replay {
	for i := range records {
		records[i].At = at(float64(i))
		if records[i].TookMs == 0 {
			records[i].TookMs = 2
		}
	}
	return &replay.Replay{At: began, Kind: "http", Vantage: "container-namespace", TimeoutMs: 1000, Probes: records}
}

func passed() replay.Record {
	return replay.Record{Reached: "done", HTTPStatus: ptr(200), ConnectMs: ptr(0.2), WaitMs: ptr(1.5), BodyMs: ptr(0.1)}
}

func timedOut(phase string) replay.Record {
	return replay.Record{Reached: phase, Fault: "timeout", TookMs: 1000, ConnectMs: ptr(0.2)}
}

// TestVerdicts: each picture of docs/notes/HEALTH.md's table has its verdict, and its
// neighbour that must not be taken for it.
func TestVerdicts(t *testing.T) {
	blocked := timedOut("wait")
	blocked.Own, blocked.Queue, blocked.NeverAccepted, blocked.Listener, blocked.Zombies = "never-accepted", ptr(3),
		ptr(3), "S", ptr(0)
	stopped, dead, unread := blocked, blocked, blocked
	stopped.Listener = "T"
	dead.Zombies = ptr(2)
	unread.Own = "unread"
	waits := timedOut("wait")
	waits.Own, waits.Waiting, waits.Threads = "waiting", ptr(3), ptr(4)
	pool := waits
	pool.Waiting, pool.Threads = ptr(45), ptr(42)
	others := waits // its own connection is read; that of others in the queue does not count
	others.NeverAccepted = ptr(2)
	full := timedOut("connect")
	full.ConnectMs, full.Queue = nil, ptr(129)
	status := replay.Record{Reached: "done", Fault: "status", HTTPStatus: ptr(503)}
	sick := passed()
	sick.Output = `{"status":"ok","checks":{"redis":{"status":"down"}}}`
	slow := passed()
	slow.TookMs = 800
	refused := replay.Record{Reached: "connect", Fault: "refused"}
	for _, tt := range []struct {
		name          string
		records       []replay.Record
		kind, picture string
	}{
		{"passes", []replay.Record{passed(), passed()}, "healthy", ""},
		{"slow", []replay.Record{passed(), slow}, "slow", ""},
		{"unhealthy body", []replay.Record{sick}, "misconfigured", "unhealthy-body"},
		{"blocked loop", []replay.Record{blocked}, "hanging", "event-loop-blocked"},
		{"unread", []replay.Record{unread}, "hanging", "event-loop-blocked"},
		{"stopped", []replay.Record{stopped}, "hanging", "process-stopped"},
		{"dead workers", []replay.Record{dead}, "hanging", "workers-dead"},
		{"handler waits", []replay.Record{waits}, "hanging", "handler-waits"},
		{"handler waits, others queue", []replay.Record{others}, "hanging", "handler-waits"},
		{"thread pool", []replay.Record{pool}, "hanging", "thread-pool-exhausted"},
		{"sockets not readable", []replay.Record{timedOut("wait")}, "hanging", "no-answer"},
		{"queue full", []replay.Record{full}, "hanging", "accept-queue-full"},
		{"no connection", []replay.Record{timedOut("connect")}, "failing", "connect-timeout"},
		{"body stalls", []replay.Record{timedOut("body")}, "hanging", "body-stalls"},
		{"503", []replay.Record{status}, "failing", "error-status"},
		{"refused", []replay.Record{refused}, "failing", "nothing-listens"},
		{"closed", []replay.Record{{Reached: "wait", Fault: "empty"}}, "failing", "broken-off"},
		{"plain port", []replay.Record{{Reached: "tls", Fault: "tls"}}, "misconfigured", "wrong-protocol"},
		{"no such name", []replay.Record{{Reached: "dns", Fault: "name"}}, "misconfigured", "unreachable"},
		{"most frequent wins", []replay.Record{blocked, refused, blocked, passed()}, "hanging", "event-loop-blocked"},
		{"slow start", []replay.Record{refused, refused, passed(), passed()}, "slow", "slow-start"},
		{"no slow start: it fails again", []replay.Record{refused, passed(), passed(), refused}, "failing",
			"nothing-listens"},
		{"nothing", nil, "unknown", ""},
	} {
		e := health.Examine(health.Target{Started: began.Add(-2 * time.Second), Replay: series(tt.records...)})
		if e.Verdict.Kind != tt.kind || e.Verdict.Picture != tt.picture {
			t.Errorf("%s: %s %s (%s), want %s %s", tt.name, e.Verdict.Kind, e.Verdict.Picture, e.Verdict.Summary,
				tt.kind, tt.picture)
		}
	}
	warned := health.Examine(health.Target{Replay: series(sick)})
	if p := warned.Probes[0]; p.Outcome != "pass" || p.Note != "the check passes, but the body says "+
		"checks.redis.status: down" || warned.Stats.Failures != 0 {
		t.Errorf("an unhealthy body is a warning, not a failure: %+v", p)
	}
	if !strings.Contains(warned.Verdict.Summary, "passes although the body says") {
		t.Errorf("verdict: %s", warned.Verdict.Summary)
	}
	old := health.Examine(health.Target{Started: began.Add(-time.Hour), Replay: series(refused,
		refused, passed(), passed())})
	if old.Verdict.Picture == "slow-start" {
		t.Error("failures of a run that is an hour old are no slow start")
	}
}

// TestExecVerdicts: an exec's record is read by the check's own words.
func TestExecVerdicts(t *testing.T) {
	shell := []string{"CMD-SHELL", "curl -fsS --max-time 1 http://127.0.0.1:8000/health || exit 1"}
	for _, tt := range []struct {
		name          string
		r             replay.Record
		kind, picture string
	}{
		{"tool missing", replay.Record{Reached: "exec", Fault: "status", ExitCode: ptr(1),
			Output: "/bin/gwdoctor-sh: 1: curl: not found\n"}, "misconfigured", "probe-broken"},
		{"503", replay.Record{Reached: "exec", Fault: "status", ExitCode: ptr(1),
			Output: "curl: (22) The requested URL returned error: 503\n"}, "failing", "error-status"},
		{"refused", replay.Record{Reached: "exec", Fault: "status", ExitCode: ptr(1),
			Output: "curl: (7) Failed to connect to 127.0.0.1 port 8000: Connection refused\n"}, "failing",
			"nothing-listens"},
		{"curl's own limit", replay.Record{Reached: "exec", Fault: "status", ExitCode: ptr(1),
			Output: "curl: (28) Operation timed out after 1000 milliseconds with 0 bytes received\n"}, "hanging",
			"no-answer"},
		{"hangs", replay.Record{Reached: "exec", Fault: "timeout", TookMs: 1000}, "hanging", "no-answer"},
		{"hangs on a blocked loop", replay.Record{Reached: "exec", Fault: "timeout", TookMs: 1000,
			NeverAccepted: ptr(1), Queue: ptr(1)}, "hanging", "event-loop-blocked"},
	} {
		replay := series(tt.r)
		replay.Kind = "exec"
		e := health.Examine(health.Target{Config: &check.Config{Test: shell}, Replay: replay})
		if e.Verdict.Kind != tt.kind || e.Verdict.Picture != tt.picture {
			t.Errorf("%s: %s %s (%s)", tt.name, e.Verdict.Kind, e.Verdict.Picture, e.Verdict.Summary)
		}
	}
}

// TestOverhead: what an exec of nothing costs is taken off, but not from a probe
// that was cut off at its limit.
func TestOverhead(t *testing.T) {
	replay := series(replay.Record{Reached: "done", ExitCode: ptr(0), TookMs: 150},
		replay.Record{Reached: "exec", Fault: "timeout", TookMs: 1000})
	replay.Kind, replay.OverheadMs = "exec", []float64{60, 50, 400}
	e := health.Examine(health.Target{Config: &check.Config{Test: []string{"CMD", "x"}}, Replay: replay})
	if e.Probes[0].DurationMs != 90 || e.Probes[1].DurationMs != 1000 || *e.Vantage.OverheadMs != 60 {
		t.Errorf("durations %v and %v, overhead %v", e.Probes[0].DurationMs, e.Probes[1].DurationMs,
			*e.Vantage.OverheadMs)
	}
}

// TestStats: quantiles only where the sample allows them, timeouts as bounds.
func TestStats(t *testing.T) {
	records := make([]replay.Record, 100)
	for i := range records {
		records[i] = passed()
		records[i].TookMs = float64(i + 1)
	}
	for i := 90; i < 100; i++ {
		records[i] = timedOut("wait")
	}
	s := health.Examine(health.Target{Replay: series(records...)}).Stats
	if s.P50Ms == nil || *s.P50Ms != 50 || s.P95Ms == nil || s.P99Ms != nil || s.Failures != 10 {
		t.Errorf("p50 %v p95 %v p99 %v, %d failures", s.P50Ms, s.P95Ms, s.P99Ms, s.Failures)
	}
	for _, q := range s.Quantiles {
		if q.AtLeast != (q.Q > 0.9) {
			t.Errorf("q %g: atLeast %v", q.Q, q.AtLeast)
		}
	}
	total := 0
	for _, b := range s.Histogram {
		total += b.Count
	}
	if total != 100 || s.Histogram[0].FromMs > 1 || s.Histogram[len(s.Histogram)-1].ToMs <= 1000 {
		t.Errorf("histogram %v", s.Histogram)
	}
	if s := health.Examine(health.Target{Replay: series(passed(), passed())}).Stats; s.P50Ms != nil || s.MaxMs == nil {
		t.Errorf("two probes have no median: %v", s)
	}
}

// TestPredictions: when it acts, from the last good probe on.
func TestPredictions(t *testing.T) {
	config := &check.Config{Test: []string{"CMD", "x"}, Interval: 2 * time.Second, Timeout: time.Second, Retries: 3}
	stall := timedOut("body")
	for _, tt := range []struct {
		name               string
		record             replay.Record
		docker, kubernetes float64 // -1 = never
	}{
		{"hangs", timedOut("wait"), 9, 7},
		{"fails at once", replay.Record{Reached: "done", Fault: "status", HTTPStatus: ptr(503), TookMs: 1}, 6.1, 6},
		{"stalls its body", stall, 9, -1},
	} {
		e := health.Examine(health.Target{Config: config, EngineMajor: 20, Replay: series(tt.record)})
		got := map[string]float64{}
		for _, p := range e.Predictions {
			got[p.Orchestrator] = -1
			if p.TurnsUnhealthyAfter != nil {
				got[p.Orchestrator] = *p.TurnsUnhealthyAfter
			}
		}
		if d := got["docker"] - tt.docker; d < -0.2 || d > 0.2 {
			t.Errorf("%s: docker after %v s, want %v", tt.name, got["docker"], tt.docker)
		}
		if d := got["kubernetes"] - tt.kubernetes; d < -0.2 || d > 0.2 {
			t.Errorf("%s: kubernetes after %v s, want %v", tt.name, got["kubernetes"], tt.kubernetes)
		}
	}
	e := health.Examine(health.Target{Config: config, Replay: series(passed())})
	if p := e.Predictions[2]; p.Orchestrator != "podman" || !strings.Contains(p.Says,
		"without systemd it never probes") || !strings.Contains(p.Says, "OCI format") {
		t.Errorf("podman: %+v", p)
	}
	if e.Predictions[0].When != e.Predictions[1].When || e.Predictions[0].Then == e.Predictions[1].Then {
		t.Errorf("docker and swarm see alike and act differently: %+v", e.Predictions[:2])
	}
	if e.Predictions[0].TurnsUnhealthyAfter != nil || e.Predictions[0].SurvivesStallsBelow != 7 ||
		e.Predictions[0].FailsStallsAbove != 9 {
		t.Errorf("a healthy one: %+v", e.Predictions[0])
	}
}

func TestUnhealthyBody(t *testing.T) {
	for body, want := range map[string]string{
		`{"status":"unhealthy"}`: "status: unhealthy",
		`{"Status":"DOWN"}`:      "Status: DOWN",
		`{"healthy":false}`:      "healthy: false",
		`{"status":"ok","checks":{"redis":"down","db":"up"}}`:   "checks.redis: down",
		`{"status":"UP","components":{"db":{"status":"DOWN"}}}`: "components.db.status: DOWN",
		`{"ok":true,"checks":[{"ok":true},{"ok":false}]}`:       "checks.1.ok: false",
		`{"status":"ok"}`: "",
		`{"message":"the last error was unhealthy"}`: "",
		`{"checks":{"errors":{"count":0}}}`:          "",
		`not json: status unhealthy`:                 "",
		`["unhealthy"]`:                              "",
		`{"deep":{"status":"down"}}`:                 "",
		``:                                           "",
		`{"status":"unhealthy"` + strings.Repeat(" ", 70000) + `}`: "",
	} {
		if got := check.UnhealthyBody(body); got != want {
			t.Errorf("UnhealthyBody(%.60q) = %q, want %q", body, got, want)
		}
	}
}

// TestReadReplay: a damaged or hostile file is no replay, or a smaller one.
func TestReadReplay(t *testing.T) {
	for _, text := range []string{"", "{}", "[]", "null", `{"kind":""}`, `{"kind":3}`} {
		if replay.ReadReplay([]byte(text)) != nil {
			t.Errorf("%q is read as a replay", text)
		}
	}
	r := replay.ReadReplay([]byte(`{"kind":"http","probes":[{"tookMs":-1},{"tookMs":1e300,"reached":"wait","fault":"timeout"},{"fault":"cancelled"},{"reached":"nonsense","own":"nonsense"}]}`))
	if r == nil || len(r.Probes) != 2 {
		t.Fatalf("%+v", r)
	}
	health.Examine(health.Target{Replay: r})
}
