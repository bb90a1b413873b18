package servicelog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// summary is an exception without its long parts.
func summary(e *traceback.Exception) string {
	if e == nil {
		return "none"
	}
	last := "no frame"
	if n := len(e.Frames); n > 0 {
		f := e.Frames[n-1]
		last = fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Function)
	}
	return fmt.Sprintf("%s: %s | %d in chain | direct %t | %s", e.Type, e.Message, len(e.Chain), e.Direct, last)
}

func TestTracebacks(t *testing.T) {
	for _, c := range []struct{ recording, finding, want string }{
		{"uv-0.51.0-1w-ls_fail", "uvicorn-startup-failed", "RuntimeError: cannot reach redis at redis:6379 | 1 in chain " +
			"| direct false | /srv/app/apps.py:8 lifespan"},
		{"fastapicli-0.0.7-ls_fail", "uvicorn-startup-failed", "RuntimeError: cannot reach redis at redis:6379 | 1 in " +
			"chain | direct false | /srv/app/apps.py:8 lifespan"},
		{"hy-0.18.0-2w-ls_fail", "hypercorn-startup-failed", "RuntimeError: cannot reach redis at redis:6379 | 2 in " +
			"chain | direct false | /srv/app/apps.py:8 lifespan"},
		{"uv-0.35.0-bg-tg", "lifespan-body-failed", "ValueError: consumer died | 2 in chain | direct false | " +
			"/srv/app/bgapp.py:11 bg"},
		{"uv-0.35.0-bg-thread", "thread-exception", "ZeroDivisionError: division by zero | 1 in chain | direct false | " +
			"/srv/app/bgapp.py:18 <lambda>"},
		{"uv-0.17.6-req-custom", "exception-handler-raised",
			"KeyError: 'handler itself broke' | 2 in chain | direct false | /srv/app/apps.py:27 h"},
		{"uv-0.51.0-req-stream", "starlette-response-started",
			"apps.Custom: mid stream | 2 in chain | direct true | /srv/app/apps.py:65 g"},
		{"log-erofs-dictConfig", "logging-config-failed", "OSError: [Errno 30] Read-only file system: '/srv/mnt/app.log' " +
			"| 2 in chain | direct true | /usr/lib/python3.11/logging/__init__.py:1213 _open"},
		{"redis-sync-pool-exhausted", "redis-pool-exhausted", "redis.exceptions.ConnectionError: Too many connections | " +
			"2 in chain | direct false | /usr/lib/python3/dist-packages/redis/connection.py:1420 make_connection"},
		{"aiopika-vhost-limit", "rabbitmq-open-refused", `pamqp.exceptions.AMQPInternalError: ("one of ['Connection.OpenOk']", <Connection.Close object at 0x7f21c23d47d0>) | 2 in chain | direct false | /usr/lib/python3/dist-packages/aiormq/connection.py:381 _rpc`},
		{"httpx-connecterror", "dependency-refused", "httpcore.ConnectError: [Errno 111] Connection refused | 3 in chain " +
			"| direct true | /usr/lib/python3/dist-packages/httpcore/_exceptions.py:14 map_exceptions"},
		{"gu-23.0.0-sync-block", "gunicorn-worker-timeout", "SystemExit: 1 | 1 in chain | direct false | " +
			"/usr/local/lib/python3/site-packages/gunicorn/workers/base.py:204 handle_abort"},
		{"interp-py3.8-recover", "python-fatal-error", "Fatal Python error: Cannot recover from stack overflow. | 1 in " +
			"chain | direct false | <string>:3 f"},
		{"thr-dump-traceback-later", "faulthandler-timeout",
			"Timeout: Timeout (0:00:00.300000)! | 1 in chain | direct false | <string>:3 <module>"},
		{"json-pythonjsonlogger-asyncio", "asyncio-task-exception",
			"ValueError: bg | 1 in chain | direct false | <string>:5 w"},
		{"aio-destroyed-pending", "asyncio-task-destroyed", "none"},
	} {
		if got := summary(only(t, scanRecording(t, c.recording), c.finding).Exception); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.recording, got, c.want)
		}
	}
}

func TestExceptionChain(t *testing.T) {
	e := only(t, scanRecording(t, "sa-pg-toomany"), "postgres-too-many-clients").Exception
	if e.Type != "psycopg2.OperationalError" || !e.Direct || len(e.Chain) != 2 ||
		!strings.HasPrefix(e.Chain[1], "sqlalchemy.exc.OperationalError") {
		t.Errorf("%+v", e)
	}
}

// TestFaulthandlerThreads: only the thread that crashed counts, and its frames are turned round.
func TestFaulthandlerThreads(t *testing.T) {
	log := "Fatal Python error: Segmentation fault\n\nThread 0x1 (most recent call first):\n  File \"other.py\", line " +
		"1 in idle\n\n" +
		"Current thread 0x2 (most recent call first):\n  File \"a.py\", line 3 in inner\n  File \"a.py\", line 9 in " +
		"outer\n\nThread 0x3 (most recent call first):\n  File \"third.py\", line 1 in idle\n" +
		"\nExtension modules: numpy.core (total: 1)\nSegmentation fault\n"
	r := scan(t, log)
	want := []traceback.Frame{{File: "a.py", Line: 9, Function: "outer"}, {File: "a.py", Line: 3, Function: "inner"}}
	if diff := cmp.Diff(want, only(t, r, "python-fatal-signal").Exception.Frames); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	only(t, r, "shell-crash")
}

func TestExceptionGroupLeaves(t *testing.T) {
	log := "Task exception was never retrieved\nfuture: <Task finished>\n" + `  + Exception Group Traceback (most recent call last):
  |   File "/srv/app/a.py", line 15, in ls
  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/app/a.py", line 3, in one
    | asyncio.exceptions.CancelledError
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/srv/app/a.py", line 9, in two
    | redis.exceptions.ConnectionError: No connection available.
    +------------------------------------
INFO:     next
`
	r := scan(t, log)
	if diff := cmp.Diff([]string{"asyncio-task-exception/c", "redis-pool-wait-timeout/c"}, findings(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if e := only(t, r, "asyncio-task-exception").Exception; e.Type != "redis.exceptions.ConnectionError" ||
		e.Frames[0].Function != "two" {
		t.Errorf("%+v", e)
	}
}

func TestCaps(t *testing.T) {
	var log strings.Builder
	for i := range 30 {
		log.WriteString(trace(fmt.Sprintf("E%d: x", i), strings.Split(strings.Repeat(`"a.py", line 3, in f|`, 40),
			"|")[:39]...))
		log.WriteString(during)
	}
	log.WriteString(trace("ValueError: " + strings.Repeat("y", 9000)))
	e := only(t, scan(t, log.String()), "unclassified-traceback").Exception
	if len(e.Chain) != traceback.MaxChain || len(e.Message) > excerpt.MaxMessage ||
		!strings.HasPrefix(e.Chain[traceback.MaxChain-1], "ValueError") {
		t.Errorf("chain of %d, message of %d", len(e.Chain), len(e.Message))
	}
	deep := "Traceback (most recent call last):\n"
	for i := range 1000 {
		deep += fmt.Sprintf("  File \"a.py\", line %d, in f\n    f()\n", i+1)
	}
	e = only(t, scan(t, deep+"RecursionError: maximum recursion depth exceeded\n"), "recursion-error").Exception
	if len(e.Frames) != traceback.MaxFrames || e.Frames[0].Line != 1 || e.Frames[8].Line != 977 ||
		e.Frames[31].Line != 1000 {
		t.Errorf("%d frames: %v", len(e.Frames), e.Frames)
	}
}

// TestStreamsApart: access lines on stdout do not cut a traceback on stderr.
func TestStreamsApart(t *testing.T) {
	log := cri("0 ERROR:    Exception in ASGI application", "0 Traceback (most recent call last):",
		`0   File "a.py", line 3, in f`)
	log += strings.ReplaceAll(cri("0 plain words on stdout", "0 more of them"), " stderr ", " stdout ")
	log += cri("0 ValueError: x")
	if e := only(t, scan(t, log), "uvicorn-asgi-exception").Exception; e == nil || e.Type != "ValueError" {
		t.Errorf("%+v", e)
	}
}

// TestMultilineText: the further lines of an exception's text belong to it and are not matched again.
func TestMultilineText(t *testing.T) {
	log := trace(`sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection to server at "10.0.0.1", port 5432 failed: Connection refused
	Is the server running on that host and accepting TCP/IP connections?
[SQL: select 1]
(Background on this error at: https://sqlalche.me/e/14/e3q8)`) + "INFO:     next\n"
	r := scan(t, log)
	if got := findings(r); len(got) != 1 {
		t.Fatal(got)
	}
	if e := only(t, r, "dependency-refused").Exception; !strings.HasSuffix(e.Message,
		"[SQL: select 1] (Background on this error at: https://sqlalche.me/e/14/e3q8)") {
		t.Errorf("%q", e.Message)
	}
}

// TestAsTold: of a chain that ended in a cancellation, the exception that a signature knows is quoted; of other chains
// the effective one; and a cancellation alone tells nothing else.
func TestAsTold(t *testing.T) {
	const during = "\nDuring handling of the above exception, another exception occurred:\n\n"
	full := trace("OSError: [Errno 28] No space left on device")
	for name, tt := range map[string]struct{ log, id, want string }{
		"a cancellation":  {full + during + trace("asyncio.exceptions.CancelledError"), "disk-full", "OSError"},
		"another failure": {full + during + trace("RuntimeError: not saved"), "disk-full", "RuntimeError"},
		"nothing else":    {trace("asyncio.exceptions.CancelledError"), "unclassified-traceback", "CancelledError"},
	} {
		got := ""
		for _, f := range scan(t, tt.log).Runs[0].Findings {
			if f.ID == tt.id {
				got = f.Exception.Type
			}
		}
		if !strings.HasSuffix(got, tt.want) || got == "" {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
