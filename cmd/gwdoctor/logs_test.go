package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
)

// TestLogsOfContainer: the runs are those of the engine's events, secrets of its environment are masked.
func TestLogsOfContainer(t *testing.T) {
	w := shop(t)
	if code := w.gwdoctor("logs", "gateway"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	contains(t, "the report", w.out.String(), "gateway", "Findings")
	w.engine.containers["mute"] = &collect.NoLogError{Name: "mute", Detail: `log driver "none" cannot be read back`,
		Command: "docker run --log-driver local …"}
	if code := w.gwdoctor("logs", "mute"); code != exitFailed {
		t.Errorf("no log: exit code %d", code)
	}
	contains(t, "standard error", w.err.String(), `read log of container "mute"`, "cannot be read back",
		"--log-driver local")
	if code := w.gwdoctor("logs", "gatewai"); code != exitFailed {
		t.Errorf("no such container: exit code %d", code)
	}
	contains(t, "standard error", w.err.String(), "did you mean gateway")
}

func TestLogsMasksSecrets(t *testing.T) {
	var w world
	for _, format := range []string{"text", "json"} {
		if code := w.gwdoctor("logs", "--file", "testdata/logs/startup.log", "--format", format); code != exitOK {
			t.Fatalf("exit code %d: %s", code, w.err.String())
		}
		if strings.Contains(w.out.String(), "cnry99") {
			t.Errorf("%s shows a password:\n%s", format, w.out.String())
		}
	}
}

// TestLogsFromAnywhere: a file, the same compressed, and standard input say the same.
func TestLogsFromAnywhere(t *testing.T) {
	plain, err := os.ReadFile("testdata/logs/startup.log")
	must(t, err)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = z.Write(plain)
	must(t, err)
	must(t, z.Close())
	gz := filepath.Join(t.TempDir(), "startup.log.1")
	must(t, os.WriteFile(gz, packed.Bytes(), 0o600))
	for _, test := range []struct {
		args  []string
		stdin []byte
	}{
		{[]string{"--file", "testdata/logs/startup.log"}, nil}, {[]string{"--file", gz}, nil},
		{[]string{"-"}, plain}, {[]string{"--file", "-"}, packed.Bytes()},
	} {
		w := world{stdin: test.stdin}
		if code := w.gwdoctor(append([]string{"logs", "--format", "json"}, test.args...)...); code != exitOK {
			t.Errorf("%v: exit code %d: %s", test.args, code, w.err.String())
		}
		contains(t, strings.Join(test.args, " "), w.out.String(), "uvicorn-startup-failed", `"lines": 10`,
			`"state": "startup-failed"`)
	}
}

func TestLogsRefusesWrongUse(t *testing.T) {
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"logs"}, exitUsage, "want either a container"},
		{[]string{"logs", ""}, exitUsage, "want either a container"},
		{[]string{"logs", "a", "--file", "b"}, exitUsage, "want either a container"},
		{[]string{"logs", "a", "b"}, exitUsage, "at most 1"},
		{[]string{"logs", "--file", "no-such.log"}, exitFailed, "no such file"},
		{[]string{"logs", "--file", "testdata"}, exitFailed, "it is a folder"},
	} {
		var w world
		if code := w.gwdoctor(test.args...); code != test.code {
			t.Errorf("%q: exit code %d, want %d", test.args, code, test.code)
		}
		contains(t, strings.Join(test.args, " "), w.err.String(), test.says)
	}
}

// TestLogsCutArchive: what was readable is reported, and the cut is an error.
func TestLogsCutArchive(t *testing.T) {
	plain, err := os.ReadFile("testdata/logs/startup.log")
	must(t, err)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = z.Write(plain)
	must(t, err)
	must(t, z.Flush())
	w := world{stdin: packed.Bytes()}
	if code := w.gwdoctor("logs", "-", "--format", "json"); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	contains(t, "the report", w.out.String(), "uvicorn-startup-failed", `"truncated": true`)
	contains(t, "standard error", w.err.String(), "unexpected EOF")
}

// screen is what a user of --follow looks at, while it is written.
type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *screen) waitFor(t *testing.T, text string) {
	t.Helper()
	for range 200 {
		s.mu.Lock()
		seen := strings.Contains(s.buf.String(), text)
		s.mu.Unlock()
		if seen {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("never shown: %q; shown was\n%s", text, s.buf.String())
}

// TestLogsFollow: findings come while the log grows, a traceback that nothing follows too, over a rotation.
func TestLogsFollow(t *testing.T) {
	lines, err := os.ReadFile("testdata/logs/startup.log")
	must(t, err)
	path := filepath.Join(t.TempDir(), "gateway.log")
	must(t, os.WriteFile(path, nil, 0o600))
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var out, errs screen
	code := make(chan int, 1)
	go func() {
		e := system()
		e.Stdout, e.Stderr = &out, &errs
		code <- run(ctx, []string{"logs", "--follow", "--file", path}, e)
	}()
	appendTo := func(text []byte) {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
		must(t, err)
		_, err = f.Write(text)
		must(t, err)
		must(t, f.Close())
	}
	first := bytes.Join(bytes.SplitAfter(lines, []byte("\n"))[:8], nil)
	appendTo(first)
	out.waitFor(t, "dependency-refused")
	must(t, os.Rename(path, path+".1"))
	appendTo([]byte("ERROR:    Application startup failed. Exiting.\n"))
	out.waitFor(t, "uvicorn-startup-failed")
	interrupt()
	if got := <-code; got != exitInterrupted {
		t.Errorf("exit code %d, want %d", got, exitInterrupted)
	}
	out.waitFor(t, "9 lines")
}

// TestLogsFollowJSON: a document a line.
func TestLogsFollowJSON(t *testing.T) {
	plain, err := os.ReadFile("testdata/logs/startup.log")
	must(t, err)
	w := world{stdin: plain}
	if code := w.gwdoctor("logs", "-f", "-", "--format", "json"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	docs := strings.Split(strings.TrimSpace(w.out.String()), "\n")
	if len(docs) != 2 {
		t.Fatalf("%d documents, want one for each of two findings:\n%s", len(docs), w.out.String())
	}
	for _, doc := range docs {
		var v map[string]any
		must(t, json.Unmarshal([]byte(doc), &v))
		if err := validate(t, schema(t, "logs"), doc); err != nil {
			t.Errorf("%v\n%s", err, doc)
		}
	}
}

// TestLogsOfSeveralServices: what a file has of several services is read apart, and each finding names its own.
func TestLogsOfSeveralServices(t *testing.T) {
	w := world{stdin: []byte("gateway-1  | INFO:     Started server process [1]\n" +
		"worker-1   | [2026-11-23 09:06:15 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:7)\n" +
		"gateway-1  | ERROR:    Application startup failed. Exiting.\n" +
		"worker-1   | [2026-11-23 09:06:16 +0000] [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?\n")}
	if code := w.gwdoctor("logs", "-", "--format", "json"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	var l answer.Logs
	must(t, json.Unmarshal(w.out.Bytes(), &l))
	var got []string
	for _, f := range l.Findings {
		got = append(got, f.Service+" "+f.ID)
	}
	want := []string{"gateway-1 uvicorn-startup-failed", "worker-1 gunicorn-worker-timeout",
		"worker-1 gunicorn-worker-timeout-kill"}
	if !slices.Equal(got, want) || !slices.Equal(l.Source.Services, []string{"gateway-1", "worker-1"}) {
		t.Errorf("findings %q of services %q, want %q", got, l.Source.Services, want)
	}
}

// TestLogsClearsNobodyUnread: a line that looks like a failure in an unknown form is told, and so are the kernel's.
func TestLogsClearsNobodyUnread(t *testing.T) {
	for _, test := range []struct{ log, says string }{
		{"gateway >> [2026-11-23 09:06:16 +0000] [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?\n",
			"1 line looks like a failure"},
		{"user wrote: Application startup failed. Exiting.\nuser wrote: WORKER TIMEOUT (pid:7)\nuser wrote: x\n",
			`every line begins with "user wrote:"`},
		{"Nov 23 09:06:15 host kernel: [  12.345678] Memory cgroup out of memory: Killed process 7 (python) " +
			"total-vm:1kB, anon-rss:1kB\n", "which gwdoctor oom --file reads"},
	} {
		w := world{stdin: []byte(test.log)}
		if code := w.gwdoctor("logs", "-"); code != exitOK {
			t.Errorf("exit code %d: %s", code, w.err.String())
		}
		contains(t, test.log, strings.Join(strings.Fields(w.out.String()), " "), test.says, "cannot tell")
	}
	w := world{stdin: []byte("INFO:     ready\nINFO:gateway:user wrote: Application startup failed. Exiting.\n")}
	if w.gwdoctor("logs", "-"); strings.Contains(w.out.String(), "cannot tell") {
		t.Errorf("a quotation at level INFO was understood:\n%s", w.out.String())
	}
}

// TestLogsOfBundle: --bundle reads the log in a recorded incident, and so does --file where the file is one.
func TestLogsOfBundle(t *testing.T) {
	b, err := bundle.Open("../../fixtures/incidents/startup-import-error")
	must(t, err)
	archive := filepath.Join(t.TempDir(), "incident.tar.gz")
	f, err := os.Create(archive)
	must(t, err)
	must(t, b.WriteTarGz(f))
	must(t, f.Close())
	for _, args := range [][]string{{"--bundle", archive}, {"--file", archive},
		{"--file", "../../fixtures/incidents/startup-import-error"}} {
		var w world
		if code := w.gwdoctor(append([]string{"logs", "--format", "json"}, args...)...); code != exitOK {
			t.Errorf("%v: exit code %d: %s", args, code, w.err.String())
		}
		contains(t, strings.Join(args, " "), w.out.String(), `"kind": "bundle"`, "startup-import-error")
	}
	var w world
	if code := w.gwdoctor("logs", "--follow", "--bundle", archive); code != exitUsage {
		t.Errorf("--follow --bundle: exit code %d", code)
	}
}
