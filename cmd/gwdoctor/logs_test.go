package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect"
)

// TestLogsOfContainer: the runs are those of the engine's events, secrets of its environment are masked.
func TestLogsOfContainer(t *testing.T) {
	w := shop(t)
	if code := w.gwdoctor("logs", "gateway"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	contains(t, "the report", w.out.String(), "gateway", "Findings")
	w.engine.containers["mute"] = &collect.NoLogError{Name: "mute", Detail: `log driver "none" cannot be read back`, Command: "docker run --log-driver local …"}
	if code := w.gwdoctor("logs", "mute"); code != exitFailed {
		t.Errorf("no log: exit code %d", code)
	}
	contains(t, "standard error", w.err.String(), `read log of container "mute"`, "cannot be read back", "--log-driver local")
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
		contains(t, strings.Join(test.args, " "), w.out.String(), "uvicorn-startup-failed", `"lines": 10`, `"state": "startup-failed"`)
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
