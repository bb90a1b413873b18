package check_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/lint"
)

// entry is a probe as recorded: testdata/records.json by Engine 20.10.24 in
// State.Health.Log, testdata/clients.json by running the same commands against a
// loopback server for each fault.
type entry struct {
	Name       string
	Test       []string
	Timeout    time.Duration
	FinishedAt time.Time
	Start, End time.Time
	ExitCode   int
	Output     string
}

func (e entry) probe() check.Probe {
	return check.Probe{Start: e.Start, End: e.End, ExitCode: e.ExitCode, Output: e.Output}
}

func load(t testing.TB, file string) map[string]entry {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var list []entry
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	byName := map[string]entry{}
	for _, e := range list {
		byName[e.Name] = e
	}
	return byName
}

type verdict struct {
	Outcome check.Outcome
	Status  int
	Says    string // part of the summary
}

func checkAll(t *testing.T, entries map[string]entry, want map[string]verdict) {
	t.Helper()
	for name := range entries {
		if _, ok := want[name]; !ok {
			t.Errorf("%s has no verdict", name)
		}
	}
	for name, v := range want {
		e, ok := entries[name]
		if !ok {
			t.Errorf("%s is not recorded", name)
			continue
		}
		got := check.Classify(e.Test, e.probe(), e.Timeout)
		if diff := cmp.Diff(v, verdict{got.Outcome, got.HTTPStatus, v.Says}); diff != "" {
			t.Errorf("%s (-want +got):\n%s%+v", name, diff, got)
		}
		if !strings.Contains(got.Summary, v.Says) {
			t.Errorf("%s: summary %q lacks %q", name, got.Summary, v.Says)
		}
	}
}

func TestClassifyEngineRecords(t *testing.T) {
	checkAll(t, load(t, "records.json"), map[string]verdict{
		"health-bigout":            {check.Failed, 0, "cut"},
		"health-exit2":             {check.Failed, 0, "exit code 2"},
		"health-frozen-by-pause":   {check.Killed, 0, "SIGKILL"},
		"health-notexec":           {check.NotExecutable, 0, "cannot be executed"},
		"health-oom-probe":         {check.Killed, 0, "SIGKILL"},
		"health-recovers":          {check.Pass, 0, "passed"},
		"health-stop-during-probe": {check.Killed, 0, "SIGKILL"},
		"health-timeout":           {check.Timeout, 0, "timeout of 2 s"},
		"health-tool-missing-exec": {check.ToolMissing, 0, "curl"},
		"health-wedged-app":        {check.Timeout, 0, "own time limit"},
		"health-wrong-user":        {check.Failed, 0, "exit code 1"},
		"health-zombies":           {check.ForkFailed, 0, "pids limit"},
		"oom-kill-disable":         {check.Timeout, 0, "timeout of 2 s"},
	})
}

func TestClassifyClients(t *testing.T) {
	http := func(status int) verdict { return verdict{check.HTTPStatus, status, ""} }
	checkAll(t, load(t, "clients.json"), map[string]verdict{
		"curl-f-500": http(500), "curl-f-404": http(404), "curl-f-405": http(405), "curl-f-503": http(503),
		"curl-f-hang": {check.Timeout, 0, "own time limit"}, "curl-f-empty": {check.EmptyReply, 0, ""},
		"curl-f-rst": {check.Reset, 0, "reset"}, "curl-f-cut": {check.Reset, 0, "middle"},
		"curl-f-refused": {check.Refused, 0, ""}, "curl-f-dns": {check.DNS, 0, ""}, "curl-f-tls": {check.TLS, 0, ""},
		"curl-f-ok": {check.Pass, 0, ""}, "curl-500": {check.Pass, 0, ""}, // 0 without -f: green, and proves nothing
		"curl-fsS-500": http(500), "curl-fsS-refused": {check.Refused, 0, ""}, "curl-fsS-hang": {check.Timeout, 0, ""},
		"curl-fs-500": {check.Failed, 0, "curl failed with exit code 1"}, // -s and || exit 1: nothing left to read
		"wget-500":    http(500), "wget-404": http(404), "wget-405": http(405), "wget-503": http(503),
		"wget-hang": {check.Timeout, 0, ""}, "wget-empty": {check.EmptyReply, 0, ""}, "wget-rst": {check.Reset, 0, ""},
		"wget-cut": {check.Reset, 0, "middle"}, "wget-refused": {check.Refused, 0, ""}, "wget-dns": {check.DNS, 0, ""},
		"wget-tls": {check.TLS, 0, ""}, "wget-ok": {check.Pass, 0, ""},
		"wget-q-500":      {check.Failed, 0, "network failure"}, // code 4 here: the server answered HEAD with a body
		"wget-spider-405": http(405), "wget-nv-spider-503": http(0),
		"urllib-500": http(500), "urllib-404": http(404), "urllib-405": http(405), "urllib-503": http(503),
		"urllib-hang": {check.Timeout, 0, ""}, "urllib-empty": {check.EmptyReply, 0, ""},
		"urllib-rst": {check.Reset, 0, ""},
		"urllib-cut": {check.Reset, 0, "middle"}, "urllib-refused": {check.Refused, 0, ""},
		"urllib-dns": {check.DNS, 0, ""},
		"urllib-tls": {check.TLS, 0, ""}, "urllib-ok": {check.Pass, 0, ""},
		"urllib-connect-timeout": {check.Refused, 0, ""},
		"timeout-tool":           {check.Timeout, 0, "timeout command"},
		"sh-missing":             {check.ToolMissing, 0, "nosuchtool"}, "bash-missing": {check.ToolMissing,
			0, "nosuchtool"},
		"sh-missing-or": {check.ToolMissing, 0, "nosuchtool"}, "sh-cantopen": {check.ToolMissing, 0, "script"},
		"sh-notexec": {check.NotExecutable, 0, ""}, "py-cantopen": {check.ToolMissing, 0, "script"},
		"py-nomodule": {check.ToolMissing, 0, "module"}, "nc": {check.ToolMissing, 0, "nc"},
		"pipe": {check.Failed, 0, "exit code 4"}, // jq's 4, not curl's
	})
}

// Forms that were not measured here: read in sources, or made to test one rule.
func TestClassifyForms(t *testing.T) {
	shell := func(line string) []string { return []string{"CMD-SHELL", line} }
	start := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		test   []string
		code   int
		output string
		took   time.Duration
		want   check.Outcome
		status int
	}{
		// The engine's side.
		{"partial output from 24.0", shell("x"), -1, "Health check exceeded timeout (5s): curl: (7) Failed to connect",
			5 * time.Second, check.Timeout, 0},
		{"podman timeout", shell("x"), -1, "the healthcheck command exceeded timeout of 5s", 0, check.Timeout, 0},
		{"no words, full time", shell("x"), -1, "", 30 * time.Second, check.Timeout, 0},
		{"no words, at once", shell("x"), -1, "", time.Millisecond, check.EngineError, 0},
		{"no shell", shell("x"), -1, `OCI runtime exec failed: exec failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown`, 0, check.ToolMissing, 0},
		{"no working directory", []string{"CMD", "true"}, -1,
			`OCI runtime exec failed: exec failed: unable to start container process: chdir to cwd ("/app") set in config.json failed: no such file or directory: unknown`, 0, check.EngineError, 0},
		{"stopped", []string{"CMD", "true"}, -1, "cannot exec in a stopped state", 0, check.EngineError, 0},
		{"pids limit hits runc", []string{"CMD", "true"}, -1, "OCI runtime exec failed: exec failed: fork/exec " +
			"/proc/self/exe: resource temporarily unavailable: unknown", 0, check.ForkFailed, 0},
		{"slow start from 23.0", shell("x"), -1, "timed out starting health check for container ab12", 30 * time.Second,
			check.EngineError, 0},
		{"through the exec API", []string{"CMD", "curl"}, 126,
			`OCI runtime exec failed: exec failed: unable to start container process: exec: "curl": executable file not found in $PATH: unknown`, 0, check.ToolMissing, 0},
		{"other", []string{"CMD", "curl"}, -1, "something new", 0, check.EngineError, 0},
		// Codes of events, where a timed out probe reads 127 or 137.
		{"event 127 after the timeout", shell("curl x"), 127, "", 30 * time.Second, check.Timeout, 0},
		{"event 127 at once", shell("curl x"), 127, "", time.Second, check.ToolMissing, 0},
		{"event 137 at once", shell("curl x"), 137, "", time.Second, check.Killed, 0},
		{"busybox timeout", shell("timeout 3 wget x"), 143, "", 3 * time.Second, check.Timeout, 0},
		{"terminated by somebody", shell("wget x"), 143, "", 3 * time.Second, check.Failed, 0},
		{"probe crashed", shell("./probe"), 139, "", time.Second, check.Failed, 0},
		// Codes alone.
		{"curl -s, code is curl's", shell("curl -fs http://x/"), 7, "", 0, check.Refused, 0},
		{"curl || exit", shell("curl -fs http://x/ || exit"), 28, "", 0, check.Timeout, 0},
		{"curl && other", shell("curl -fs http://x/ && test -f /ok"), 22, "", 0, check.HTTPStatus, 0},
		{"curl | other: not curl's code", shell("curl -s http://x/ | ./judge"), 7, "", 0, check.Failed, 0},
		{"curl with timeout", []string{"CMD", "timeout", "5", "curl", "-f", "http://x/"}, 7, "", 0, check.Refused, 0},
		{"wget -q", shell("wget -qO- http://x/"), 8, "", 0, check.HTTPStatus, 0},
		{"wget -q network", shell("wget -qO- http://x/"), 4, "", 0, check.Failed, 0},
		{"7 of another program", shell("./probe"), 7, "", 0, check.Failed, 0},
		// busybox wget, networking/wget.c.
		{"busybox refused", shell("wget -qO- http://x/ || exit 1"), 1,
			"wget: can't connect to remote host (127.0.0.1): Connection refused\n", 0, check.Refused, 0},
		{"busybox timeout", shell("wget -qO- http://x/"), 1, "wget: download timed out\n", 0, check.Timeout, 0},
		{"busybox status", shell("wget -qO- http://x/"), 1,
			"wget: server returned error: HTTP/1.1 503 Service Unavailable\n", 0, check.HTTPStatus, 503},
		{"busybox dns", shell("wget -qO- http://x/"), 1, "wget: bad address 'x'\n", 0, check.DNS, 0},
		{"busybox reset", shell("wget -qO- http://x/"), 1, "wget: error getting response: Connection reset by peer\n",
			0,
			check.Reset, 0},
		{"busybox empty", shell("wget -qO- http://x/"), 1, "wget: error getting response\n", 0, check.EmptyReply, 0},
		{"busybox ash, tool missing", shell("curl -f http://x/ || exit 1"), 1, "/bin/sh: curl: not found\n", 0,
			check.ToolMissing, 0},
		// Other clients and their libraries.
		{"httpx", []string{"CMD", "python3", "p.py"}, 1, "Traceback (most recent call last):\n  File \"p.py\", line " +
			"1\nhttpx.ReadTimeout: timed out\n", 0, check.Timeout, 0},
		{"httpx status", []string{"CMD", "python3", "p.py"}, 1, "Traceback (most recent call " +
			"last):\nhttpx.HTTPStatusError: Server error '503 Service Unavailable' for url 'http://x/'\nFor more " +
			"information check: https://httpstatuses.com/503\n", 0, check.HTTPStatus, 503},
		{"requests status", []string{"CMD", "python3", "p.py"}, 1, "Traceback (most recent call " +
			"last):\nrequests.exceptions.HTTPError: 500 Server Error: Internal Server Error for url: http://x/\n", 0,
			check.HTTPStatus, 500},
		{"requests refused", []string{"CMD", "python3", "p.py"}, 1, "Traceback (most recent call " +
			"last):\nrequests.exceptions.ConnectionError: HTTPConnectionPool(host='127.0.0.1', port=1): Max retries " +
			"exceeded with url: / (Caused by NewConnectionError('<x>: Failed to establish a new connection: [Errno " +
			"111] " +
			"Connection refused'))\n", 0, check.Refused, 0},
		{"assertion", []string{"CMD", "python3", "p.py"}, 1,
			"Traceback (most recent call last):\n  File \"p.py\", line 3\nAssertionError\n", 0, check.Failed, 0},
		{"node", []string{"CMD", "node", "h.js"}, 1, "node:internal/errors:1\n\nError: connect ECONNREFUSED " +
			"127.0.0.1:3000\n    at x {\n  errno: -111\n}\n", 0, check.Refused, 0},
		{"redis-cli", []string{"CMD", "redis-cli", "ping"}, 1,
			"Could not connect to Redis at 127.0.0.1:6379: Connection refused\n", 0, check.Refused, 0},
		{"bash cannot fork", shell("x; y"), 1, "bash: fork: retry: Resource temporarily unavailable\n", 0,
			check.ForkFailed, 0},
		// The service's own words are no evidence about the probe.
		{"body of curl", shell("curl -s http://x/health | grep -q healthy"), 1,
			`{"redis":"Connection refused","db":"timed out"}`, 0, check.Failed, 0},
		{"body of wget", shell("wget -qO- http://x/health; exit 1"), 1, "database: Connection refused\n", 0,
			check.Failed, 0},
		{"body of a script", []string{"CMD", "python3", "p.py"}, 1, `{"redis":"Connection refused"}`, 0, check.Failed,
			0},
		{"body is a traceback", shell("curl -s http://x/ | tee /tmp/x | grep ok"), 1, "Traceback (most recent call " +
			"last):\nConnectionRefusedError: [Errno 111] Connection refused\n", 0, check.Failed, 0},
		{"curl, no path", shell("curl -fsS http://10.0.0.9/ || exit 1"), 1,
			"curl: (7) Failed to connect to 10.0.0.9 port 80 after 3061 ms: No route to host\n", 0, check.Failed, 0},
		{"curl before 7.80, connect timed out", shell("curl -fsS http://x/ || exit 1"), 1,
			"curl: (7) Failed to connect to x port 80: Connection timed out\n", 0, check.Timeout, 0},
		{"curl, not HTTP", shell("curl -fsS http://x:6379/ || exit 1"), 1,
			"curl: (1) Received HTTP/0.9 when not allowed\n",
			0, check.Failed, 0},
		{"curl, certificate", shell("curl -fs https://x/"), 60, "", 0, check.TLS, 0},
		{"curl, last of several tries", shell("curl -fsS --retry 1 http://x/"), 22,
			"curl: (7) Failed to connect to x " +
				"port 80\ncurl: (22) The requested URL returned error: 502 \n", 0, check.HTTPStatus, 502},
		{"quotes and backslashes", shell(`echo "a \" || b" \; ; curl -fs 'http://x/?a=1;b'`), 28, "", 0, check.Timeout,
			0},
		{"body names a signal", shell("curl -s http://x/ | grep ok"), 1, "Cannot fork\n", 0, check.Failed, 0},
		{"no test known", nil, 1, "", 0, check.Failed, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := check.Probe{Start: start, End: start.Add(tt.took), ExitCode: tt.code, Output: tt.output}
			got := check.Classify(tt.test, p, 0)
			if got.Outcome != tt.want || got.HTTPStatus != tt.status {
				t.Errorf("got %q %d (%s), want %q %d", got.Outcome, got.HTTPStatus, got.Summary, tt.want, tt.status)
			}
			if got.Duration != tt.took {
				t.Errorf("duration %v, want %v", got.Duration, tt.took)
			}
		})
	}
}

// A traceback whose last line the engine has cut still holds the socket's own
// error in its first part; without one nothing is claimed.
func TestClassifyCutTraceback(t *testing.T) {
	whole := load(t, "clients.json")["urllib-refused"]
	before, _, _ := strings.Cut(whole.Output, "urllib.error.URLError")
	cut := (before + strings.Repeat("  File \"x\", line 1, in y\n", 200))[:4096] + "..."
	got := check.Classify(whole.Test, check.Probe{ExitCode: 1, Output: cut}, 0)
	if got.Outcome != check.Refused {
		t.Errorf("chained error in a cut traceback: %q, want refused", got.Outcome)
	}
	bare := ("Traceback (most recent call last):\n" + strings.Repeat("  File \"x\", line 1, in y\n", 200))[:4096] +
		"..."
	got = check.Classify(whole.Test, check.Probe{ExitCode: 1, Output: bare}, 0)
	if got.Outcome != check.Failed || !strings.Contains(got.Summary, "cut") {
		t.Errorf("cut traceback without an error: %+v", got)
	}
}

// TestClassifyNoIPv6: where a container has no IPv6, Python tells of ::1 what it had no address for, and not that
// nobody listened at 127.0.0.1 either; an error of another kind is the script's own.
func TestClassifyNoIPv6(t *testing.T) {
	test := load(t, "clients.json")["urllib-refused"].Test
	for text, want := range map[string]check.Outcome{
		"urllib.error.URLError: <urlopen error [Errno 99] Cannot assign requested address>": check.Refused,
		"ValueError: unknown url type: 'localhost'":                                         check.Failed,
	} {
		output := "Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\n" + text + "\n"
		if got := check.Classify(test, check.Probe{ExitCode: 1, Output: output}, 0); got.Outcome != want {
			t.Errorf("%s: %q, want %q", text, got.Outcome, want)
		}
	}
}

func TestClassifyDurationNeverNegative(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, p := range []check.Probe{{Start: now, End: now.Add(-time.Second)}, {End: now}, {Start: now}} {
		if got := check.Classify(nil, p, 0).Duration; got != 0 {
			t.Errorf("%+v: duration %v, want 0", p, got)
		}
	}
}

func TestTeardownArtefact(t *testing.T) {
	records := load(t, "records.json")
	tests := []struct {
		name string
		want bool
	}{
		{"health-stop-during-probe", true}, {"health-frozen-by-pause", true},
		{"health-oom-probe", false}, // OOM-killed 0.6 s before the stop
		{"health-timeout", false}, {"health-exit2", false}, {"oom-kill-disable", false},
	}
	for _, tt := range tests {
		e, ok := records[tt.name]
		if !ok {
			t.Fatalf("%s is not recorded", tt.name)
		}
		if got := check.TeardownArtefact(e.probe(), e.FinishedAt); got != tt.want {
			t.Errorf("%s: %v, want %v (End is %v after FinishedAt)", tt.name, got, tt.want, e.End.Sub(e.FinishedAt))
		}
	}
	e := records["health-stop-during-probe"].probe()
	if check.TeardownArtefact(e, time.Time{}) {
		t.Error("no end is known, yet it is an artefact of it")
	}
	e.Output = "killed by hand"
	if check.TeardownArtefact(e, e.End) {
		t.Error("a probe with output is taken for an artefact")
	}
}

func TestWithOOM(t *testing.T) {
	e := load(t, "records.json")["health-oom-probe"]
	r := check.Classify(e.Test, e.probe(), e.Timeout)
	if got := r.WithOOM(e.probe(), []time.Time{e.End.Add(-20 * time.Millisecond)}); got.Outcome != check.OOMKilled {
		t.Errorf("oom event within the probe: %q", got.Outcome)
	}
	if got := r.WithOOM(e.probe(), []time.Time{e.Start.Add(-5 * time.Second),
		e.End.Add(5 * time.Second)}); got.Outcome != check.Killed {
		t.Errorf("oom events far away: %q", got.Outcome)
	}
	pass := check.Result{Outcome: check.Pass}
	if got := pass.WithOOM(e.probe(), []time.Time{e.End}); got.Outcome != check.Pass {
		t.Errorf("a probe that passed: %q", got.Outcome)
	}
}

func FuzzClassify(f *testing.F) {
	for _, file := range []string{"records.json", "clients.json"} {
		for _, e := range load(f, file) {
			f.Add(strings.Join(e.Test, "\x00"), e.ExitCode, e.Output, int64(e.Timeout))
		}
	}
	known := map[check.Outcome]bool{}
	for _, o := range []check.Outcome{check.Pass, check.Timeout, check.Refused, check.HTTPStatus, check.ToolMissing,
		check.NotExecutable, check.EngineError, check.DNS, check.Reset, check.EmptyReply, check.TLS, check.ForkFailed,
		check.Killed, check.Failed} {
		known[o] = true
	}
	f.Fuzz(func(t *testing.T, test string, code int, output string, timeout int64) {
		argv := strings.Split(test, "\x00")
		p := check.Probe{ExitCode: code, Output: output}
		got := check.Classify(argv, p, time.Duration(timeout))
		if !known[got.Outcome] || got.Summary == "" || len(got.Summary) > 300 {
			t.Errorf("%+v", got)
		}
		if (got.Outcome == check.Pass) != (code == 0) {
			t.Errorf("code %d is %q", code, got.Outcome)
		}
		if got.HTTPStatus != 0 && (got.Outcome != check.HTTPStatus || got.HTTPStatus < 100 || got.HTTPStatus > 599) {
			t.Errorf("status %d with %q", got.HTTPStatus, got.Outcome)
		}
		if strings.ContainsFunc(got.Summary, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("raw bytes in the summary: %q", got.Summary)
		}
		lint.Settings(check.Config{Test: argv, Timeout: time.Duration(timeout)})
	})
}

// TestRuntimesOwnWordOfTime: what the runtime says ran out of time did, whatever code it gives it.
func TestRuntimesOwnWordOfTime(t *testing.T) {
	ask := []string{"CMD-SHELL", "curl -fsS http://localhost/health"}
	start := time.Date(2026, 11, 27, 15, 0, 0, 0, time.UTC)
	for _, p := range []check.Probe{{ExitCode: 125, TimedOut: true}, {ExitCode: -1, TimedOut: true}, {ExitCode: 125}} {
		p.Start, p.End = start, start.Add(1100*time.Millisecond)
		if got := check.Classify(ask, p, time.Second).Outcome; (got == check.Timeout) != p.TimedOut {
			t.Errorf("%+v: %v", p, got)
		}
	}
}

// TestWithoutProgram: a failure without a word is one of the program that is not there; what said something is read,
// and a program that is there, or of which nobody knows, is not missing.
func TestWithoutProgram(t *testing.T) {
	test := []string{"CMD", "wget", "-q", "--spider", "http://localhost:8080/health"}
	at := time.Date(2026, 11, 27, 18, 5, 40, 0, time.UTC)
	probe := func(code int, output string, took time.Duration) check.Probe {
		return check.Probe{Start: at, End: at.Add(took), ExitCode: code, Output: output}
	}
	for _, tt := range []struct {
		name    string
		p       check.Probe
		program string
		missing bool
	}{
		{"Podman 5.4.2", probe(1, "", 700*time.Millisecond), "wget", true},
		{"Podman 5.8.6", probe(125, "", 700*time.Millisecond), "wget", true},
		{"the program is there", probe(1, "", 700*time.Millisecond), "", false},
		{"it passed, when it was still there", probe(0, "", 700*time.Millisecond), "wget", false},
		{"it spoke, when it was still there", probe(1, "wget: bad address", 700*time.Millisecond), "wget", false},
		{"it was killed", probe(137, "", 700*time.Millisecond), "wget", false},
	} {
		got := check.Classify(test, tt.p, 2*time.Second).WithoutProgram(tt.p, tt.program)
		if missing := got.Outcome == check.ToolMissing; missing != tt.missing || got.Duration != 700*time.Millisecond {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}
