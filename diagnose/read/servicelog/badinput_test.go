package servicelog

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// flood is asyncio out of descriptors: 26,601 tracebacks in 2 s, 26 MB (docs/notes/PYTHON.md#1.8 measured so many).
func flood(w io.Writer, from time.Time) {
	const times = 26601
	frames := strings.Repeat("  File \"/usr/lib/python3.11/asyncio/selector_events.py\", line 165, in "+
		"_accept_connection\n    conn, addr = sock.accept()\n", 6)
	text := "socket.accept() out of system resource\nsocket: <asyncio.TransportSocket fd=6, family=2, type=1, " +
		"proto=0, laddr=('127.0.0.1', 8000)>\n" +
		"Traceback (most recent call last):\n" + frames + "OSError: [Errno 24] Too many open files"
	for i := range times {
		stamp := from.Add(time.Duration(i) * 2 * time.Second / times).Format("2006-01-02T15:04:05.000000000Z")
		for _, l := range strings.Split(text, "\n") {
			fmt.Fprintf(w, "%s stderr F %s\n", stamp, l)
		}
	}
}

// stamped puts the CRI header before every line of a text.
func stamped(seconds float64, text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(at(seconds).Format("2006-01-02T15:04:05.000000000Z") + " stderr F " + line)
	}
	return out.String()
}

// TestFloodIsCounted: a flood is one finding with its count, the cause before it is still there, and what the flood
// brought about is its mechanism.
func TestFloodIsCounted(t *testing.T) {
	var log bytes.Buffer
	log.WriteString(stamped(0, "ERROR:gateway:no session\n"+
		trace("redis.exceptions.ConnectionError: Too many connections")))
	flood(&log, at(1))
	log.WriteString(stamped(4, logging("OSError: [Errno 28] No space left on device")))
	size := log.Len()
	run := scan(t, log.String()).Runs[0]
	if len(run.Findings) > 6 {
		t.Errorf("%d findings, want the flood counted and not listed", len(run.Findings))
	}
	r := &Report{Runs: []Run{run}}
	if f := only(t, r, "redis-pool-exhausted"); f.Line != 5 || f.Count != 1 {
		t.Errorf("the first cause: %+v", f)
	}
	if f := only(t, r, "asyncio-accept-exhausted"); f.Count != 26601 || f.LastAt.Sub(f.At) < time.Second {
		t.Errorf("the flood: %d times, until %v", f.Count, f.LastAt)
	}
	if f := only(t, r, "logging-disk-full"); f.Role != fact.RoleMechanism {
		t.Errorf("the disk that the flood filled is its mechanism: %+v", f)
	}
	if size < 26<<20 {
		t.Errorf("the flood has %d bytes", size)
	}
}

// TestQuotesAreNoFindings: a text that merely quotes an anchor was written by a user, not by its emitter.
func TestQuotesAreNoFindings(t *testing.T) {
	for name, log := range map[string]string{
		"path of an access line":  `INFO:     10.0.0.1:4711 - "GET /search?q=Application startup failed. Exiting. HTTP/1.1" 200 OK`,
		"bare access line":        `10.0.0.1 - - [23/Nov/2026:09:06:15 +0000] "POST /log?m=double+free+or+corruption+(!prev) HTTP/1.1" 200 12 "-" "WORKER TIMEOUT (pid:12)"`,
		"user agent":              `10.0.0.1 - - [23/Nov/2026:09:06:15 +0000] "GET / HTTP/1.1" 200 12 "-" "bash: line 1: x: command not found"`,
		"repr in an INFO line":    `INFO:gateway:got {'text': 'Task exception was never retrieved'}`,
		"indented dump":           "    'error': 'Fatal Python error: Segmentation fault'",
		"locals of a JSON record": `{"event": "x", "level": "error", "exception": [{"exc_type": "KeyError", "exc_value": "'a'", "frames": [{"filename": "x", "lineno": 1, "name": "f", "locals": {"m": "redis.exceptions.ConnectionError: Too many connections"}}]}]}`,
		"message of a JSON INFO":  `{"level": "info", "message": "user wrote: Application startup failed. Exiting."}`,
		"half a JSON object":      `{"level": "error", "message": "x", "body": "python: No module named y double free or corruption (!prev)`,
		"a page of help":          "see: 'Worker (pid:12) was sent SIGSEGV!' means a native crash",
		"an INFO that starts so":  "INFO:gateway:Exception in ASGI application, says the documentation of uvicorn, is a 500",
	} {
		for _, f := range scan(t, log+"\n").Runs[0].Findings {
			if f.Strength != fact.Weak {
				t.Errorf("%s: %s (%s, %s) in %q", name, f.ID, f.Strength, f.Cause, log)
			}
		}
	}
}

// TestOneLineOf200MB is kept to its first 64 KiB.
func TestOneLineOf200MB(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 200 MB; skipped with -short")
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := Scan(io.MultiReader(strings.NewReader("ERROR:    Application startup failed. Exiting.\n"),
		&endless{n: 200 << 20}), Options{})
	runtime.ReadMemStats(&after)
	if err != nil || r.Lines != 2 || r.TruncatedLines != 1 || len(r.Runs[0].Findings) != 1 {
		t.Errorf("%v, %+v", err, r)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("%d bytes allocated", used)
	}
}

// TestBrokenText: NULs, a line without an end, and nothing but those.
func TestBrokenText(t *testing.T) {
	for _, log := range []string{
		"ERROR:    Application\x00 startup failed. Exiting.",
		"\x00\x00\x00\nERROR:    Application startup failed. Exiting.",
		"{\"level\": \"error\", \"message\": \"Appl\nERROR:    Application startup failed. Exiting.\r",
		"{\"log\":\"ERROR:    Application startup failed. " +
			"Exiting.\",\"stream\":\"stderr\",\"time\":\"2026-11-23T19:14:00.123456789Z\"}",
		"\x02\x00\x00\x00\x00\x00\x00\x2eERROR:    Application startup failed. Exiting.",
		"\x02\x00\x00\x00\x00\x00\x01\x00ERROR:    Application startup failed. Exiting.",
	} {
		if got := findings(scan(t, log)); len(got) != 1 || got[0] != "uvicorn-startup-failed/c" {
			t.Errorf("%q: %v", log, got)
		}
	}
	if r := scan(t, strings.Repeat("\x00", 100000)); len(r.Runs[0].Findings) != 0 {
		t.Errorf("NULs alone: %+v", r.Runs[0].Findings)
	}
}

// TestClockStepsBack: lines keep their order, and no silence is made up.
func TestClockStepsBack(t *testing.T) {
	r := scan(t, cri("100 INFO:     Started server process [1]", "101 x", "40 y",
		"41 ERROR:    Application startup failed. Exiting.", "42 z"))
	run := r.Runs[0]
	if run.LongestGap > time.Second || !run.FirstAt.Equal(at(40)) || !run.LastAt.Equal(at(101)) {
		t.Errorf("gap %v, %v to %v", run.LongestGap, run.FirstAt, run.LastAt)
	}
	if f := only(t, r, "uvicorn-startup-failed"); f.Line != 4 || !f.At.Equal(at(41)) {
		t.Errorf("%+v", f)
	}
}
