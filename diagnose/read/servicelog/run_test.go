package servicelog

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

func at(seconds float64) time.Time {
	return time.Date(2026, 11, 23, 19, 14, 0, 0, time.UTC).Add(time.Duration(seconds * float64(time.Second)))
}

// cri stamps lines of "seconds text" for stderr.
func cri(lines ...string) string {
	var out strings.Builder
	for _, l := range lines {
		var sec float64
		no, text, _ := strings.Cut(l, " ")
		fmt.Sscan(no, &sec)
		fmt.Fprintf(&out, "%s stderr F %s\n", at(sec).Format("2006-01-02T15:04:05.000000000Z"), text)
	}
	return out.String()
}

func only(t *testing.T, r *Report, id string) Finding {
	t.Helper()
	for _, run := range r.Runs {
		for _, f := range run.Findings {
			if f.ID == id {
				return f
			}
		}
	}
	t.Fatalf("no finding %s in %v", id, findings(r))
	return Finding{}
}

func TestRuns(t *testing.T) {
	log := cri("0 old", "9.995 first words", "10.1 a", "20.2 b", "20.3 c")
	r := scan(t, log, at(10), at(15), at(20.24))
	var got []string
	for _, run := range r.Runs {
		start := "unknown"
		if !run.Start.IsZero() {
			start = fmt.Sprint(run.Start.Sub(at(0)).Seconds())
		}
		line := start + ":"
		for _, l := range run.Tail {
			line += " " + l.Text + ","
		}
		got = append(got, line)
	}
	// "first words" is 5 ms early, "b" 40 ms: both belong to the start after them. The second run wrote nothing.
	want := []string{"unknown: old,", "10: first words, a,", "15:", "20.24: b, c,"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if !r.FirstAt.Equal(at(0)) || !r.LastAt.Equal(at(20.3)) {
		t.Errorf("span %v to %v", r.FirstAt, r.LastAt)
	}
}

func TestRunsWithoutTimes(t *testing.T) {
	r := scan(t, "a\nb\n", at(10))
	if len(r.Runs) != 2 || r.Runs[0].Lines != 2 || !r.Runs[0].Start.IsZero() || r.Runs[1].Lines != 0 {
		t.Errorf("lines without a time belong to no known run: %+v", r.Runs)
	}
	if len(scan(t, "", at(10)).Runs) != 1 || len(scan(t, "").Runs) != 1 {
		t.Error("an empty log has the runs that were given, or one")
	}
}

// TestRunsDoNotShare: a stop requested in one run says nothing about the next, and a traceback ends with its run.
func TestRunsDoNotShare(t *testing.T) {
	log := cri("0 INFO:     Shutting down", "1 ERROR:    Exception in ASGI application",
		"1 Traceback (most recent call last):",
		`1   File "x.py", line 1, in f`, "10 ValueError: x", "10 Task was destroyed but it is pending!",
		"10 task: <Task pending>")
	r := scan(t, log, at(0), at(10))
	if f := only(t, r, "asyncio-task-destroyed"); f.AfterShutdown || f.Strength != fact.Strong {
		t.Errorf("%+v", f)
	}
	if f := only(t, r, "uvicorn-asgi-exception"); f.Exception != nil || !f.AfterShutdown {
		t.Errorf("%+v", f)
	}
}

func TestLifecycle(t *testing.T) {
	r := scanRecording(t, "uv-0.35.0-2w-SIGTERM")
	l := r.Runs[0].Lifecycle
	if l.Server != "uvicorn" || len(l.ServerPIDs) != 3 || !l.StopRequested || l.Started == nil || l.Ready == nil ||
		l.Draining == nil || l.Finished == nil {
		t.Errorf("%+v", l)
	}
	if l.Ready.Before(*l.Started) || l.Draining.Before(*l.Ready) || l.Finished.Before(*l.Draining) ||
		l.StartedLine == 0 || l.ReadyLine <= l.StartedLine {
		t.Errorf("out of order: %+v", l)
	}
	l = scanRecording(t, "uv-0.51.0-1w-ls_fail").Runs[0].Lifecycle
	if l.Ready != nil || l.Draining != nil || l.Finished != nil || l.StopRequested || l.Started == nil {
		t.Errorf("failed startup: %+v", l)
	}
	l = scanRecording(t, "gu-23.0.0-uvw-SIGTERM").Runs[0].Lifecycle
	if l.Server != "gunicorn" || !l.StopRequested || l.Ready == nil || l.Finished == nil {
		t.Errorf("gunicorn: %+v", l)
	}
	l = scanRecording(t, "hy-0.18.0-1w-SIGTERM").Runs[0].Lifecycle
	if l.Server != "hypercorn" || l.Ready == nil || l.Finished != nil || l.StopRequested {
		t.Errorf("hypercorn prints nothing on stop: %+v", l)
	}
	l = scanRecording(t, "uv-0.35.0-limit-max-requests").Runs[0].Lifecycle
	if l.StopRequested || l.Finished == nil {
		t.Errorf("a planned recycle is nobody's request: %+v", l)
	}
	if l := scan(t, "hello\n").Runs[0].Lifecycle; l.Server != "" || l.Started != nil {
		t.Errorf("nothing seen: %+v", l)
	}
}

func TestRhythm(t *testing.T) {
	lines := []string{"0 x"}
	for i := 1; i <= 100; i++ {
		lines = append(lines, fmt.Sprintf("%.1f x", float64(i)*0.1))
	}
	lines = append(lines, "70 x", "69 x")
	run := scan(t, cri(lines...)).Runs[0]
	if run.LongestGap != time.Minute {
		t.Errorf("longest gap %v, want 1m", run.LongestGap)
	}
	if d := run.MedianGap - 100*time.Millisecond; d.Abs() > 20*time.Millisecond {
		t.Errorf("median gap %v, want 100 ms within 20 %%", run.MedianGap)
	}
	if run := scan(t, "a\nb\n").Runs[0]; run.LongestGap != 0 || run.MedianGap != 0 {
		t.Errorf("no times, no rhythm: %+v", run)
	}
}

func TestBuckets(t *testing.T) {
	for _, v := range []int64{0, 1, 3, 4, 7, 8, 100, 999, 12345, 1e9, 3600e9, 1 << 62} {
		if m := middle(bucket(uint64(v))); v > 3 && float64(max(m-v, v-m)) > 0.2*float64(v) || v < 4 && m != v {
			t.Errorf("%d is estimated as %d", v, m)
		}
	}
}

func TestTail(t *testing.T) {
	var log strings.Builder
	for i := 1; i <= 50; i++ {
		fmt.Fprintf(&log, "line %d\n", i)
	}
	tail := scan(t, log.String()).Runs[0].Tail
	if len(tail) != 20 || tail[0].Text != "line 31" || tail[0].Number != 31 || tail[19].Text != "line 50" {
		t.Errorf("%d lines, %+v … %+v", len(tail), tail[0], tail[len(tail)-1])
	}
}

func TestAfterStop(t *testing.T) {
	destroyed := "4 Task was destroyed but it is pending!"
	f := only(t, scan(t, cri("1 INFO:     Shutting down", destroyed)), "asyncio-task-destroyed")
	if f.Strength != fact.Weak || !f.AfterShutdown {
		t.Errorf("after a stop: %+v", f)
	}
	f = only(t, scan(t, cri("1 [2026-11-23 09:16:55 +0000] [9] [INFO] Handling signal: term", destroyed)),
		"asyncio-task-destroyed")
	if f.Strength != fact.Weak || !f.AfterShutdown {
		t.Errorf("after term: %+v", f)
	}
	f = only(t, scan(t, cri("1 [2026-11-23 09:16:55 +0000] [9] [INFO] Handling signal: usr2", destroyed)),
		"asyncio-task-destroyed")
	if f.Strength != fact.Strong || f.AfterShutdown {
		t.Errorf("usr2 is no stop: %+v", f)
	}
	f = only(t, scan(t, cri("1 INFO:     Shutting down", "2 INFO:     Started server process [9]", destroyed)),
		"asyncio-task-destroyed")
	if f.Strength != fact.Strong || f.AfterShutdown {
		t.Errorf("a worker started again: %+v", f)
	}
	closed := "INFO:     Shutting down\n" + logging("ValueError: I/O operation on closed file.")
	if f := only(t, scan(t, closed), "logging-closed-file"); f.Strength != fact.Weak {
		t.Errorf("closed file at exit: %+v", f)
	}
}

func TestTimeoutWindow(t *testing.T) {
	const timeout, kill = "[9] [CRITICAL] WORKER TIMEOUT (pid:12)",
		"[9] [ERROR] Worker (pid:12) was sent SIGKILL! Perhaps out of memory?"
	for _, c := range []struct {
		log, id, cause string
		role           fact.Role
	}{
		{cri("0 "+timeout, "3.9 "+kill), "gunicorn-worker-timeout-kill", fact.HealthcheckTimeout, fact.RoleMechanism},
		{cri("0 "+timeout, "60 "+kill), "gunicorn-worker-sigkill", fact.OOMKill, fact.RoleSymptom},
		{timeout + "\n" + kill + "\n", "gunicorn-worker-timeout-kill", fact.HealthcheckTimeout, fact.RoleMechanism},
		{timeout + "\n" + strings.Repeat("x\n", 50) + kill + "\n", "gunicorn-worker-sigkill", fact.OOMKill, fact.RoleSymptom},
	} {
		f := only(t, scan(t, c.log), c.id)
		if f.Cause != c.cause || f.Role != c.role || f.PID != 12 {
			t.Errorf("%+v", f)
		}
	}
}

// TestWorkerDeathOfStartupFailure: the worker's exit is the startup failure's mechanism, and a crash without one is
// not.
func TestWorkerDeathOfStartupFailure(t *testing.T) {
	if f := only(t, scanRecording(t, "gu-20.1.0-uvw-ls_fail"),
		"gunicorn-worker-failed-to-boot"); f.Cause != fact.StartupFailure {
		t.Errorf("%+v", f)
	}
	if f := only(t, scanRecording(t, "gu-26.1.0-sync-exit3"),
		"gunicorn-worker-failed-to-boot"); f.Cause != fact.WorkerCrash {
		t.Errorf("exit 3 of a serving worker: %+v", f)
	}
	late := cri("0 ERROR:    Application startup failed. Exiting.", "3600 INFO:     Child process [12] died")
	if f := only(t, scan(t, late), "uvicorn-child-died"); f.Cause != fact.WorkerCrash {
		t.Errorf("an hour later: %+v", f)
	}
}

// TestQuotedOutOfMemory: nothing that speaks of memory is an OOM kill of this container.
func TestQuotedOutOfMemory(t *testing.T) {
	for _, log := range []string{
		"ERROR app dmesg says: Memory cgroup out of memory: Killed process 4711 (python3) total-vm:1kB\n",
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),task=python3,pid=4711\n",
		trace("torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB"),
		trace("redis.exceptions.OutOfMemoryError: OOM command not allowed when used memory > 'maxmemory'."),
		"2026-11-23 09:25:01.123456+00:00 [warning] <0.12.0> memory resource limit alarm set on node rabbit@x.\n",
	} {
		for _, f := range scan(t, log).Runs[0].Findings {
			if f.Cause == fact.OOMKill {
				t.Errorf("%q: %+v", log, f)
			}
		}
	}
}

// TestLoggingBlockEchoes: the application's own text inside the block is not matched.
func TestLoggingBlockEchoes(t *testing.T) {
	log := "--- Logging error ---\n" + trace("OSError: [Errno 28] No space left on device") +
		"Call stack:\n  File \"x\", line 3, in <module>\nMessage: 'Task exception was never retrieved'\nArguments: " +
		"('double free or corruption (!prev)',)\n" +
		"ERROR:    Application startup failed. Exiting.\n"
	if diff := cmp.Diff([]string{"logging-disk-full/c", "uvicorn-startup-failed/c"}, findings(scan(t, log))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	unfinished := "--- Logging error ---\n" + strings.Repeat("ERROR:    Application startup failed. Exiting.\n", 30)
	if got := findings(scan(t, unfinished)); len(got) != 2 {
		t.Errorf("an unfinished block swallows the log: %v", got)
	}
}

func TestFindingsAreAddedUp(t *testing.T) {
	f := only(t, scan(t, cri("1 ERROR:    Application startup failed. Exiting.", "2 x",
		"3 ERROR:    Application startup failed. Exiting.")), "uvicorn-startup-failed")
	want := Finding{ID: "uvicorn-startup-failed", Cause: fact.StartupFailure, Role: fact.RoleMechanism,
		Strength: fact.Conclusive, At: at(1), LastAt: at(3),
		Line: 1, LastLine: 3, Count: 2, Excerpt: "ERROR:    Application startup failed. Exiting.",
		Spell: Spell{At: at(1), Count: 2, Within: 2 * time.Second, Gaps: 1}}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFindingsAreCapped(t *testing.T) {
	var log strings.Builder
	for i := range maxFindings + 10 {
		log.WriteString(trace(fmt.Sprintf("Error%d: x", i)))
	}
	run := scan(t, log.String()).Runs[0]
	if len(run.Findings) != maxFindings || run.DroppedFindings != 10 {
		t.Errorf("%d findings, %d dropped", len(run.Findings), run.DroppedFindings)
	}
}

// TestProbesMissing: the health checks' own rhythm, beside that of the log.
func TestProbesMissing(t *testing.T) {
	at := func(s int) time.Time { return time.Date(2026, 11, 25, 12, 0, s, 0, time.UTC) }
	const probe, other = `127.0.0.1:57038 - "GET /healthz HTTP/1.1" 200 OK`,
		`127.0.0.1:57040 - "GET /orders HTTP/1.1" 200 OK`
	for _, tt := range []struct {
		name    string
		probes  int // of one every 5 s
		until   int // the last other line
		unusual bool
	}{
		{"they stop, the rest goes on", 10, 90, true},
		{"all stops with them", 10, 46, false},
		{"they go on", 18, 90, false},
		{"too few for a rhythm", 4, 90, false},
		{"there never were any", 0, 90, false},
	} {
		var log strings.Builder
		line := func(s int, text string) {
			fmt.Fprintf(&log, "%s stdout F INFO:     %s\n", at(s).Format(time.RFC3339Nano), text)
		}
		for s := range tt.until + 1 {
			if s%5 == 0 && s/5 < tt.probes {
				line(s, probe)
			}
			line(s, other)
		}
		report, err := Scan(strings.NewReader(log.String()), Options{})
		if err != nil || len(report.Runs) != 1 {
			t.Fatalf("%s: %v, %d runs", tt.name, err, len(report.Runs))
		}
		missing, unusual := report.Runs[0].ProbesMissingBefore(at(91))
		if unusual != tt.unusual || unusual && missing != 46*time.Second {
			t.Errorf("%s: missing for %s, unusual %t", tt.name, missing, unusual)
		}
	}
}
