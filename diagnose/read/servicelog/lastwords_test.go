package servicelog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestLastWords: the line that tells, whatever stands under it.
func TestLastWords(t *testing.T) {
	for name, c := range map[string]struct {
		log, want string
		gravity   Gravity
	}{
		"go panic": {"started\npanic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 " +
			"[running]:\nmain.main()\n\t/app/main.go:12 +0x1d\nexit status 2\n",
			"panic: runtime error: index out of range [3] with length 3", Fatal},
		"go fatal error with a long stack": {"fatal error: concurrent map writes\n\n" +
			strings.Repeat("goroutine 14 [running]:\nmain.f(0xc0)\n\t/app/main.go:12 +0x1d\n", 30),
			"fatal error: concurrent map writes", Fatal},
		"rust panic": {"listening\nthread 'main' panicked at src/main.rs:5:5:\ncalled `Result::unwrap()` on an `Err` " +
			"value: Os { code: 111 }\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
			"thread 'main' panicked at src/main.rs:5:5: called `Result::unwrap()` on an `Err` value: Os { code: 111 }", Fatal},
		"java main": {"Exception in thread \"main\" java.lang.IllegalStateException: DATABASE_URL is not set\n\tat " +
			"com.example.Gateway.main(Gateway.java:12)\n",
			"Exception in thread \"main\" java.lang.IllegalStateException: DATABASE_URL is not set", Fatal},
		"python traceback": {trace("ValueError: no such queue"), "ValueError: no such queue", Fatal},
		"critical before the farewell": {"[2020-08-19 10:03:44,118] [CRITICAL] Worker with PID 88666 exited " +
			"unexpectedly\n[2020-08-19 10:03:44,119] [INFO] Stopping worker process...\n[2020-08-19 10:03:44,190] [INFO] " +
			"Worker is shutting down.\n",
			"[2020-08-19 10:03:44,118] [CRITICAL] Worker with PID 88666 exited unexpectedly", Fatal},
		"node": {"node:events:497\n      throw er; // Unhandled 'error' event\n      ^\n\nError: connect ECONNREFUSED " +
			"127.0.0.1:6379\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)\n\nNode.js v20.11.1\n",
			"Error: connect ECONNREFUSED 127.0.0.1:6379", Fatal},
		"a record": {`{"ts": 2, "lvl": "info", "msg": "offset committed"}` + "\n" +
			`{"ts": 3, "lvl": "fatal", "msg": "consumer loop ended"}` + "\n", "consumer loop ended", Fatal},
		"a record of a handled error": {`{"ts": 2, "level": "ERROR", "message": "no answer"}` + "\n" +
			`{"ts": 3, "level": "INFO", "message": "answered"}` + "\n", "no answer", Grave},
		"counts none":     {"levels:\nFATAL=0\n", "FATAL=0", Plain},
		"counts in words": {"Summary: 0 FATAL, 2 ERROR\n", "Summary: 0 FATAL, 2 ERROR", Plain},
		"counts lines":    {"no ERROR lines in 5 min\n", "no ERROR lines in 5 min", Plain},
		"behind seconds": {"2026-11-26 16:59:43 ERROR licence expired\n", "2026-11-26 16:59:43 ERROR licence expired",
			Grave},
		"behind seconds, the end": {"2026-11-26 16:59:43 FATAL no database\n", "2026-11-26 16:59:43 FATAL no database",
			Fatal},
		"behind a process": {"16:59:43,120 1 CRITICAL no database\n", "16:59:43,120 1 CRITICAL no database", Fatal},
		"of a level":       {"FATAL: exit code 3\n", "FATAL: exit code 3", Fatal},
		"a plain end": {"INFO:     Finished server process [1]\n",
			"INFO:     Finished server process [1]", Plain},
		"an error": {"starting\nError: cannot read /etc/app.yml\n", "Error: cannot read /etc/app.yml", Grave},
		"critical long before": {"CRITICAL one order failed\n" + strings.Repeat("INFO order done\n", 30),
			"INFO order done", Plain},
	} {
		got := scan(t, c.log).Runs[0].LastWords
		if got == nil || got.Text != c.want || got.Gravity != c.gravity {
			t.Errorf("%s: %+v, want %q (%d)", name, got, c.want, c.gravity)
		}
	}
	if got := scan(t, "").Runs[0].LastWords; got != nil {
		t.Errorf("it printed nothing, yet %+v", got)
	}
}

// TestForeignStacks: the place in the program's own code, and the reason that the stack names.
func TestForeignStacks(t *testing.T) {
	for name, c := range map[string]struct{ log, id, want string }{
		"java": {"Exception in thread \"main\" org.x.BeanException: no pool\n\tat " +
			"org.x.Factory.make(Factory.java:99)\nCaused by: java.net.ConnectException: Connection refused\n\tat " +
			"com.example.Db.open(Db.java:12)\n\tat com.example.Gateway.main(Gateway.java:5)\n\t... 12 more\n",
			"java-main-exception", "java.net.ConnectException: Connection refused | 1 in chain | direct true | Db.java:12 " +
				"com.example.Db.open"},
		"go": {"panic: no config\n\ngoroutine 1 [running]:\nmain.load(0xc0)\n\t/app/config.go:31 " +
			"+0x1d\nmain.main()\n\t/app/main.go:12 +0x1d\n", "go-panic",
			"panic: no config | 1 in chain | direct false | /app/config.go:31 main.load"},
		"rust": {"thread 'main' panicked at src/main.rs:5:9:\nboom\n", "rust-panic",
			"panic: boom | 1 in chain | direct false | src/main.rs:5 "},
		"dotnet": {"Unhandled exception. System.InvalidOperationException: no config\n   at " +
			"Gateway.Program.Main(String[] args) in /src/Program.cs:line 12\n", "dotnet-unhandled",
			"System.InvalidOperationException: no config | 1 in chain | direct false | /src/Program.cs:12 Gateway.Program.Main"},
		"node": {"/app/server.js:12\n    throw err;\n    ^\n      throw er; // Unhandled 'error' event\n\nTypeError: x " +
			"is not a function\n    at start (/app/server.js:12:5)\n    at node:internal/main:1:1\n", "node-uncaught",
			"TypeError: x is not a function | 1 in chain | direct false | /app/server.js:12 start"},
		"ruby": {"/app/worker.rb:3:in `perform': boom (RuntimeError)\n\tfrom /app/worker.rb:9:in `<main>'\n",
			"ruby-uncaught", "RuntimeError: boom | 1 in chain | direct false | /app/worker.rb:9 "},
	} {
		if got := summary(only(t, scan(t, c.log), c.id).Exception); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// TestWrapped: what a panic's words name is the root, the panic how it ended.
func TestWrapped(t *testing.T) {
	r := scan(t, "panic: listen tcp :8080: bind: address already in use\n\ngoroutine 1 "+
		"[running]:\nmain.main()\n\t/app/main.go:12 +0x1d\n")
	if f := only(t, r, "port-taken"); f.Role != fact.RoleRoot || f.Object != ":8080" {
		t.Errorf("%+v", f)
	}
	if f := only(t, r, "go-panic"); f.Role != fact.RoleMechanism {
		t.Errorf("%+v", f)
	}
}

// TestGlued: an unmistakable text right after a line that was never ended, and the same text quoted.
func TestGlued(t *testing.T) {
	for log, want := range map[string]string{
		"about to crashFatal Python error: Segmentation fault\n\nCurrent thread 0x1 (most recent call first):\n  File " +
			"\"x.py\", line 1 in f": "python-fatal-signal",
		"INFO:     37 %Fatal Python error: Aborted\n\nCurrent thread 0x1 (most recent call first):\n  File \"x.py\", " +
			"line 1 in f": "python-fatal-signal",
		"loading... free(): invalid pointer": "glibc-heap-corruption",
		"readyTraceback (most recent call last):\n  File \"/srv/app/main.py\", line 8, in work\n    " +
			"code()\nredis.exceptions.ConnectionError: Too many connections\n": "redis-pool-exhausted",
		"donepanic: runtime error: index out of range": "go-panic",
	} {
		only(t, scan(t, log), want)
	}
	for _, log := range []string{
		"see: Fatal Python error: Segmentation fault means a native crash", `got 'Fatal Python error: Segmentation fault'`,
		"text=free(): invalid pointer",
		"INFO: user wrote Fatal Python error: Segmentation fault", `{"event": "xFatal Python error: Segmentation fault"`,
	} {
		if got := findings(scan(t, log)); len(got) > 0 {
			t.Errorf("%q: %v", log, got)
		}
	}
}

// TestObjects: what a finding is about.
func TestObjects(t *testing.T) {
	for log, want := range map[string]string{
		"exec /entrypoint.sh: no such file or directory":                   "/entrypoint.sh",
		"[FATAL tini (7)] exec uvicornn failed: No such file or directory": "uvicornn",
		"/entrypoint.sh: 3: uvicornn: not found":                           "uvicornn",
		"bash: line 1: celery: command not found":                          "celery",
		"env: 'gunicorn': No such file or directory":                       "gunicorn",
		"ERROR:    [Errno 98] error while attempting to bind on address " +
			"('0.0.0.0', 8000): address already in use": "8000",
		"Error: listen EADDRINUSE: address already in use :::3000":                             ":::3000",
		"nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)":              "0.0.0.0:80",
		trace("PermissionError: [Errno 13] Permission denied: '/data/app.db'"):                 "/data/app.db",
		"open /data/lock: permission denied":                                                   "/data/lock",
		"/entrypoint.sh: line 3: DB_HOST: unbound variable":                                    "DB_HOST",
		"django.core.exceptions.ImproperlyConfigured: Set the SECRET_KEY environment variable": "SECRET_KEY",
		trace("redis.exceptions.ConnectionError: Error 111 connecting to " +
			"redis:6379. Connection refused."): "redis:6379",
		trace("redis.exceptions.ConnectionError: Error 99 connecting to " +
			"localhost:6379. Cannot assign requested address."): "localhost:6379",
		"Error: connect ECONNREFUSED 127.0.0.1:6379":                                     "127.0.0.1:6379",
		"2026/11/23 09:00:00 dial tcp: lookup redis on 127.0.0.11:53: no such host":      "redis",
		`ERROR could not translate host name "db" to address: Name or service not known`: "db",
		trace(`psycopg2.OperationalError: connection to server at "db" (10.0.0.5), port 5432 failed: FATAL:  ` +
			`password authentication failed for user "app"`): "db:5432",
		"1:M 10 May 18:42:33.089 # Can't save in background: fork: Cannot allocate memory": "",
	} {
		if f := scan(t, log).Runs[0].Findings; len(f) == 0 || f[0].Object != want {
			t.Errorf("%q: %+v, want %q", log, f, want)
		}
	}
}

// TestLastWordsOfAnotherStream: a traceback on stderr stays open while access lines go on at stdout; it ended where its
// last line stands.
func TestLastWordsOfAnotherStream(t *testing.T) {
	stamp := func(second int, stream, line string) string {
		return fmt.Sprintf("2026-11-26T17:00:%02d.000000000Z %s F %s\n", second, stream, line)
	}
	log := ""
	for _, line := range strings.Split(strings.TrimSuffix(trace("ValueError: no such queue"), "\n"), "\n") {
		log += stamp(1, "stderr", line)
	}
	for second := 2; second < 40; second++ {
		log += stamp(second, "stdout", `INFO:     127.0.0.1:51268 - "GET /health HTTP/1.1" 200 OK`)
	}
	if got := scan(t, log).Runs[0].LastWords; got == nil || got.Gravity == Fatal {
		t.Errorf("last words %+v, want those of the access log", got)
	}
}

// TestGraveWords: tools say in many ways that they give up.
func TestGraveWords(t *testing.T) {
	for text, want := range map[string]Gravity{
		"curl: (22) The requested URL returned error: 404":               Grave,
		"cannot open rates.csv: No such file or directory at -e line 1.": Grave,
		"Can't locate Foo.pm in @INC at /app/x.pl line 3.":               Grave,
		"failed to open the ledger":                                      Grave,
		`{"ts":1,"lvl":"fatal","msg":"consumer loop ended"}`:             Fatal,
		`{"level":60,"time":1,"pid":7,"msg":"no broker"}`:                Fatal,
		`{"Timestamp":"t","SeverityText":"FATAL","Body":"no broker"}`:    Fatal,
		`{"@t":"t","@m":"no broker","@l":"Fatal"}`:                       Fatal,
		`{"message":"no broker","log.level":"CRITICAL"}`:                 Fatal,
		`ts=1 lvl=erro msg="rows=3"`:                                     Grave, // of logrus
		`ts=1 level=error msg="no broker"`:                               Grave,
		`{"levelno": 40, "msg": "no broker"}`:                            Grave,
		`{"tank":"north","level":87}`:                                    Plain,
		`{"tank":"north","level":3}`:                                     Plain,
		`{"lvl":"info","msg":"no fatal answers"}`:                        Plain,
		"we cannot say more":                                             Plain,
		"812 rows loaded at line 3 of the plan":                          Plain,
		"INFO could not find a cached copy, downloading":                 Plain,
	} {
		if got := gravityOf(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
