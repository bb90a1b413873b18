package advice

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/fixtures/pythons"
)

// programs run a text where %s stands; a connection to port 1 of the loopback is refused, which comes after the client
// has understood what it was given.
var programs = map[string]struct{ modules, code, says string }{
	dumpBeforeTimeout: {"", `
%s
import time, types
worker = types.SimpleNamespace(cfg=types.SimpleNamespace(timeout=0.2))
def handle():
    pre_request(worker, None)
    time.sleep(2)
handle()
post_request(worker, None, None, None)
`, "in handle"},
	printStacks: {"", `
%s
import os
def handle():
    os.kill(os.getpid(), signal.SIGUSR1)
    print("lives on")
handle()
`, "in handle|lives on"},
	handleErrors: {"", `
import logging
%s
class Own(logging.Handler):
    def emit(self, record):
        try:
            raise OSError("disk full")
        except Exception:
            self.handleError(record)
logging.getLogger().addHandler(Own())
logging.error("a record")
print("went on")
`, "--- Logging error ---|OSError: disk full|went on"},
	keepThread: {"", `
%s
left = []
os._exit = left.append
thread = threading.Thread(target=lambda: 1 / 0, name="consumer")
thread.start()
thread.join()
print("left with", left)
`, "thread consumer died|ZeroDivisionError|left with [1]"},
	keepTask: {"", `
import asyncio
tasks, told = set(), []
def report(task):
    if not task.cancelled() and task.exception():
        told.append(repr(task.exception()))
async def work():
    {}["id"]
async def main():
    task = asyncio.ensure_future(work())
    %s
    await asyncio.wait([task])
    await asyncio.sleep(0)
    print(told, "left:", len(tasks))
asyncio.run(main())
`, "[\"KeyError('id')\"] left: 0"},
	boundWait: {"", `
import threading
class Held:
    def acquire(self, timeout):
        return False
def wait(lock):
    %s
wait(threading.Lock())
wait(threading.RLock())
try:
    wait(Held())
except RuntimeError as error:
    print(error)
`, "no lock in 30 s"},

	socketLimit: {"", "import socket\nsock = socket.socket()\n%s\nprint(sock.gettimeout())\n", "5.0"},

	"urllib/request.py": {"urllib.request",
		refused("urllib.request", "OSError", "urllib.request.urlopen('http://127.0.0.1:1/',\n%s)"), "refused"},
	"http/client.py": {"http.client",
		"import http.client\nhttp.client.HTTPConnection('127.0.0.1', 1,\n%s)\nprint('taken')\n", "taken"},
	"smtplib.py": {"smtplib", refused("smtplib", "OSError", "smtplib.SMTP('127.0.0.1', 1,\n%s)"), "refused"},
	"ftplib.py":  {"ftplib", "import ftplib\nftplib.FTP(\n%s)\nprint('taken')\n", "taken"},
	"aiohttp": {"aiohttp", "import asyncio, aiohttp\nasync def main():\n    async with aiohttp.ClientSession(\n    " +
		"%s):\n        print('taken')\nasyncio.run(main())\n", "taken"},

	"redis": {"redis", "import redis\nredis.Redis(\n%s)\nprint('taken')\n", "taken"},
	"sqlalchemy": {"sqlalchemy",
		"import sqlalchemy\nfrom sqlalchemy.pool import QueuePool" +
			"\nsqlalchemy.create_engine('sqlite://', poolclass=QueuePool,\n%s)\nprint('taken')\n",
		"taken"},
	"psycopg2": {"psycopg2",
		refused("psycopg2", "psycopg2.OperationalError",
			"psycopg2.connect(host='127.0.0.1', port=1,\n%s)"),
		"refused"},
	"psycopg": {"psycopg",
		refused("psycopg", "psycopg.OperationalError",
			"psycopg.connect(host='127.0.0.1', port=1,\n%s)"),
		"refused"},
	"asyncpg": {"asyncpg",
		refused("asyncio, asyncpg", "OSError",
			"asyncio.run(asyncpg.connect(host='127.0.0.1', port=1, user='x', ssl=False,\n%s))"),
		"refused"},
	"pymysql": {"pymysql",
		refused("pymysql", "pymysql.err.OperationalError",
			"pymysql.connect(host='127.0.0.1', port=1,\n%s)"),
		"refused"},
	"pymongo": {"pymongo",
		"import pymongo\npymongo.MongoClient('127.0.0" +
			".1', 1, connect=False,\n%s)\nprint('taken')\n",
		"taken"},
	"aio_pika": {"aio_pika",
		refused("asyncio, aio_pika", "OSError",
			"asyncio.run(aio_pika.connect_robust('amqp://127.0.0.1:1/',\n%s))"),
		"refused"},
	"pika": {"pika", "import pika\npika.ConnectionParameters(\n%s)\nprint('taken')\n", "taken"},
	"requests": {"requests",
		refused("requests", "requests.ConnectionError",
			"requests.get('http://127.0.0.1:1/',\n%s)"),
		"refused"},
	"httpx":   {"httpx", "import httpx\nhttpx.Client(\n%s)\nprint('taken')\n", "taken"},
	"urllib3": {"urllib3", "import urllib3\nurllib3.PoolManager(\n%s)\nprint('taken')\n", "taken"},

	"sqlalchemy-": {"sqlalchemy", `
import sqlalchemy
from sqlalchemy.pool import QueuePool
engine = sqlalchemy.create_engine("sqlite://", poolclass=QueuePool)
%s
print("still out:", engine.pool.checkedout())
`, "still out: 0"},
	"redis-pool-":             {"redis", "import redis\nprint(%s)\n", "BlockingConnectionPool"},
	"redis-server-maxclients": {"redis", "import redis\nprint(%s)\n", "BlockingConnectionPool"},
	"asyncpg-pool-": {"asyncpg", `
import asyncio, asyncpg
async def main():
    pool = await asyncpg.create_pool(host="127.0.0.1", port=1, user="x", ssl=False, min_size=0)
    %s
try:
    asyncio.run(main())
except OSError:
    print("refused")
`, "refused"},
	"psycopg2-pool-": {"psycopg2", `
import psycopg2.pool
given_back = []
class Pool(psycopg2.pool.SimpleConnectionPool):
    def _connect(self, key=None):
        return None
    def putconn(self, connection):
        given_back.append(connection)
pool, connection = Pool(0, 1), "it"
%s
print("given back:", given_back)
`, "given back: ['it']"},
	"psycopg-pool-": {"psycopg_pool", `
import psycopg_pool
pool = psycopg_pool.ConnectionPool("host=127.0.0.1 port=1", min_size=0, max_size=1, open=False)
try:
    %s
except psycopg_pool.PoolClosed:
    print("asked")
`, "asked"},
	"httpx-pool-": {"httpx", `
import asyncio, httpx
async def main():
    url = "http://127.0.0.1:1/"
    async with httpx.AsyncClient() as client:
        %s
try:
    asyncio.run(main())
except httpx.ConnectError:
    print("refused")
`, "refused"},
}

// refused is a program whose call must get as far as a refused connection.
func refused(modules, kind, call string) string {
	return "import " + modules + "\ntry:\n    " + strings.Replace(call, "\n%s", "\n    %s", 1) + "\nexcept " + kind +
		" as error:\n    assert 'refused' in str(error) or '111' in str(error), error\n    print('refused')\n"
}

// TestEveryPythonOfAdviceRuns: what advice for a case writes itself is run, the standard library's in every Python of
// this machine.
func TestEveryPythonOfAdviceRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("some fifty processes")
	}
	for _, text := range []string{dumpBeforeTimeout, printStacks, handleErrors, keepTask, keepThread, boundWait,
		socketLimit} {
		pythons.Each(t, func(t *testing.T, python string) { runText(t, python, text, text) })
	}
	for _, c := range clients {
		t.Run(c.library, func(t *testing.T) { runWithLibrary(t, c.library, c.snippet) })
	}
	for _, p := range poolLimits {
		if p.snippet != "" {
			t.Run(p.signature, func(t *testing.T) { runWithLibrary(t, p.signature, p.snippet) })
		}
	}
}

func runWithLibrary(t *testing.T, name, text string) {
	program, ok := programs[name]
	if !ok {
		t.Fatal("nobody runs it")
	}
	runText(t, pythons.With(t, program.modules), name, text)
}

// runText runs the program of that name with the text in its place, indented as the place is.
func runText(t *testing.T, python, name, text string) {
	t.Helper()
	program := programs[name]
	place := regexp.MustCompile(`(?m)^( *)%s`)
	indent := ""
	if found := place.FindStringSubmatch(program.code); found != nil {
		indent = found[1]
	}
	text = strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+indent) + "\n" + indent
	code := strings.Replace(program.code, "%s", text, 1)
	file := filepath.Join(t.TempDir(), "advice.py")
	if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), python, file).CombinedOutput()
	for want := range strings.SplitSeq(program.says, "|") {
		if err != nil || !strings.Contains(string(out), want) {
			t.Fatalf("%v, want %q\n%s\n%s", err, want, out, code)
		}
	}
}

// TestPythonIsWrittenWhereItIsRun: no draft writes Python past inPython, whose texts the test above runs.
func TestPythonIsWrittenWhereItIsRun(t *testing.T) {
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "_test.go") && strings.Contains(string(source), `language: "python"`) {
			t.Errorf("%s has Python that nobody runs", name)
		}
	}
}

// TestHealthCheckInPythonRuns asks a server with the check that advice writes for an image without curl: it must pass
// where the answer is 200 and fail where it is 503.
func TestHealthCheckInPythonRuns(t *testing.T) {
	var answer atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(answer.Load()))
	}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		t.Fatal(err)
	}
	spec := &evidence.Spec{Command: []string{"python3", "serve.py"}}
	c := inquest.Case{Evidence: evidence.Evidence{Runtime: evidence.Runtime{Spec: spec}}}
	text := checkOfPython(askWithPython(c, &check.Config{Timeout: 20 * time.Second},
		check.Endpoint{Scheme: "http", Port: port, Path: "/health", Local: true}))
	var document struct {
		Services map[string]struct {
			Healthcheck struct{ Test []string }
		}
	}
	if err := yaml.Unmarshal([]byte(strings.ReplaceAll(text, "{service}", "gateway")), &document); err != nil {
		t.Fatal(err)
	}
	test := document.Services["gateway"].Healthcheck.Test
	if shown, err := json.Marshal(test); err != nil || len(test) != 4 || test[1] != "python3" {
		t.Fatalf("%s, %v", shown, err)
	}
	for _, status := range []int{http.StatusOK, http.StatusServiceUnavailable} {
		answer.Store(int64(status))
		for version, python := range pythons.Found() {
			out, err := exec.CommandContext(t.Context(), python, test[2:]...).CombinedOutput()
			if (err == nil) != (status == http.StatusOK) {
				t.Errorf("Python %s, %d: %v\n%s", version, status, err, out)
			}
		}
	}
}
