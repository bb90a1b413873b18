package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/fixtures"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/script, docs/cli and docs/man")

// TestMain lets the test binary be the program, for testscript.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "48"); err != nil { // the hostile engines' tests wait nearly all of their time
		panic(err)
	}
	log.SetOutput(io.Discard) // as main does
	testscript.Main(m, map[string]func(){"gwdoctor": main})
}

// TestScripts plays testdata/script/*.txtar: the program end to end, as a user
// sees it. No engine is needed: DOCKER_HOST points nowhere.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update, RequireExplicitExec: true, RequireUniqueNames: true,
		Condition: func(c string) (bool, error) { // [incident:NAME]
			kind, name, _ := strings.Cut(c, ":")
			if kind != "incident" {
				return false, fmt.Errorf("no such condition %q", c)
			}
			return slices.Contains(fixtures.Names(), name), nil
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			e.Setenv("TZ", "UTC")
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("DOCKER_HOST", "unix://"+e.WorkDir+"/no-such.sock")
			return nil
		},
	})
}

// world is an env of buffers and a made-up engine.
type world struct {
	program  string
	out, err bytes.Buffer
	vars     map[string]string
	terminal bool
	engine   fakeEngine
	stdin    []byte
}

var now = time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)

// gwdoctor runs the program and returns its exit code.
func (w *world) gwdoctor(args ...string) int {
	return w.gwdoctorIn(context.Background(), args...)
}

func (w *world) gwdoctorIn(ctx context.Context, args ...string) int {
	w.out.Reset()
	w.err.Reset()
	return run(ctx, args, env{
		Program: w.program, Stdin: bytes.NewReader(w.stdin), Stdout: &w.out, Stderr: &w.err,
		Getenv:     func(name string) string { return w.vars[name] },
		Now:        func() time.Time { return now },
		IsTerminal: func(io.Writer) bool { return w.terminal },
		Width:      func(io.Writer) int { return 0 },
		Engine:     &w.engine,
	})
}

// fakeEngine has containers that were recorded, or errors in their place.
type fakeEngine struct {
	mu         sync.Mutex
	containers map[string]any // *bundle.Bundle or error
	list       []collect.Summary
	listErr    error
	machine    []bundle.Source
	neighbours []evidence.Neighbour

	kernel      string // what /dev/kmsg holds
	kernelErr   error
	cores       []coredump.JournalRecord
	kernelAsked []host.KernelOptions
	asked       []collect.Options
	onAsk       func()
	opened      []collect.Options // of containers
}

func (f *fakeEngine) Container(ctx context.Context, o collect.Options) (*bundle.Bundle, error) {
	if f.onAsk != nil {
		f.onAsk()
	}
	f.mu.Lock()
	f.opened = append(f.opened, o)
	f.mu.Unlock()
	switch c := f.containers[o.Ref].(type) {
	case *bundle.Bundle:
		return c, nil
	case error:
		return nil, c
	}
	return nil, &docker.NotFoundError{Ref: o.Ref, Near: []string{"gateway"}}
}

// ask notes what was asked for: several targets are read side by side.
func (f *fakeEngine) ask(o collect.Options) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, o)
}

func (f *fakeEngine) URL(ctx context.Context, o collect.Options, address string) (*bundle.Bundle, error) {
	o.Ref = address
	return f.Container(ctx, o)
}

func (f *fakeEngine) List(ctx context.Context, o collect.Options) ([]collect.Summary, error) {
	f.ask(o)
	return f.list, f.listErr
}

func (f *fakeEngine) Containers(_ context.Context, o collect.Options,
	inspect func(collect.Summary) bool) ([]evidence.Neighbour, error) {
	f.ask(o)
	for _, s := range f.list {
		inspect(s)
	}
	return f.neighbours, f.listErr
}

func (f *fakeEngine) CoreRecords(context.Context, collect.Options, time.Time) ([]coredump.JournalRecord, error) {
	return f.cores, nil
}

// KernelLog gives the recorded log, or the error in its place.
func (f *fakeEngine) KernelLog(_ context.Context, _ collect.Options, k host.KernelOptions) (*host.KernelLog, error) {
	f.kernelAsked = append(f.kernelAsked, k)
	if f.kernelErr != nil {
		return nil, f.kernelErr
	}
	return &host.KernelLog{ReadCloser: io.NopCloser(strings.NewReader(f.kernel)), Kind: host.KernelKmsg,
		Boot: now.Add(-time.Hour)}, nil
}

func (f *fakeEngine) Machine(context.Context, collect.Options) []bundle.Source { return f.machine }

const testID = "5fe1a0c0ffee5fe1a0c0ffee5fe1a0c0ffee5fe1a0c0ffee5fe1a0c0ffee5fe1"

// deadContainer is a bundle as the collector would make it: exited with a code,
// its inspect body and events read, everything else shut.
func deadContainer(t *testing.T, name string, code int, oom bool) *bundle.Bundle {
	t.Helper()
	start, end := now.Add(-10*time.Minute), now.Add(-5*time.Minute)
	b := bundle.New("test", bundle.Target{ID: testID, Name: name}, now)
	putJSON(t, b, bundle.FileInspect, map[string]any{
		"Id": testID, "Name": "/" + name, "Path": "python3", "Args": []string{"app.py"},
		"State": map[string]any{
			"Status": "exited", "ExitCode": code, "OOMKilled": oom,
			"StartedAt": start.Format(time.RFC3339Nano), "FinishedAt": end.Format(time.RFC3339Nano),
		},
		"Config":     map[string]any{"Image": "shop/gateway:1.4"},
		"HostConfig": map[string]any{"Memory": 64 << 20},
	})
	var events bytes.Buffer
	event(&events, name, "start", start, nil)
	if oom {
		event(&events, name, "oom", end.Add(-50*time.Millisecond), nil)
	}
	event(&events, name, "die", end, map[string]string{"exitCode": fmt.Sprint(code)})
	b.Put(bundle.FileEvents, events.Bytes())
	putJSON(t, b, bundle.FileRing, decode.Ring{Oldest: &start, Newest: &now, Count: 12})
	b.SetSource(bundle.Source{Name: fact.SourceInspect, Status: fact.StatusCollected, Files: []string{bundle.FileInspect}})
	b.SetSource(bundle.Source{Name: fact.SourceEvents, Status: fact.StatusCollected, From: &start, To: &now,
		Files: []string{bundle.FileEvents, bundle.FileRing}})
	b.SetSource(bundle.Source{Name: fact.SourceKernelLog, Status: fact.StatusDenied,
		Detail: "open /dev/kmsg: operation not permitted", Command: "sudo gwdoctor diagnose " + name})
	return b
}

func event(w io.Writer, name, action string, at time.Time, extra map[string]string) {
	attributes := map[string]string{"name": name, "image": "shop/gateway:1.4"}
	for k, v := range extra {
		attributes[k] = v
	}
	line, err := json.Marshal(map[string]any{
		"Type": "container", "Action": action, "Actor": map[string]any{"ID": testID, "Attributes": attributes},
		"time": at.Unix(), "timeNano": at.UnixNano(),
	})
	if err == nil {
		fmt.Fprintf(w, "%s\n", line)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shop is a world with three containers: one killed for lack of memory, one that
// was never heard of again, one whose collection fails.
func shop(t *testing.T) *world {
	t.Helper()
	unreachable := &docker.UnreachableError{Err: errors.New("connection refused")}
	return &world{
		engine: fakeEngine{
			containers: map[string]any{
				"gateway": deadContainer(t, "gateway", 137, true), "batch": deadContainer(t, "batch", 0, false),
				"id-gateway": deadContainer(t, "gateway", 137, true), "id-batch": deadContainer(t, "batch", 0, false),
				"lost": unreachable,
			},
			list: []collect.Summary{
				{ID: "id-gateway", Name: "gateway", State: "exited", Status: "Exited (137) 5 minutes ago", Project: "shop",
					Service: "gateway"},
				{ID: "id-batch", Name: "batch", State: "exited", Status: "Exited (0) 5 minutes ago"},
			},
			machine: []bundle.Source{{Name: "engine", Status: fact.StatusCollected, Detail: "Docker 20.10.24"},
				{Name: "kernel-log", Status: fact.StatusDenied, Command: "sudo gwdoctor sources"}},
		},
	}
}

func contains(t *testing.T, what, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%s lacks %q:\n%s", what, want, text)
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	return string(data)
}

// runningContainer has not ended: there is no exit code.
func runningContainer(t *testing.T) *bundle.Bundle {
	t.Helper()
	b := bundle.New("test", bundle.Target{ID: testID, Name: "running"}, now)
	putJSON(t, b, bundle.FileInspect, map[string]any{
		"Id": testID, "Name": "/running", "Path": "python3",
		"State": map[string]any{"Status": "running", "Pid": 4711,
			"StartedAt": now.Add(-time.Hour).Format(time.RFC3339Nano), "FinishedAt": "0001-01-01T00:00:00Z"},
		"Config": map[string]any{"Image": "shop/gateway:1.4"},
	})
	b.SetSource(bundle.Source{Name: fact.SourceInspect, Status: fact.StatusCollected, Files: []string{bundle.FileInspect}})
	return b
}

func (f *fakeEngine) Logs(_ context.Context, o collect.Options, follow bool) (*collect.LogStream, error) {
	if err, ok := f.containers[o.Ref].(error); ok {
		return nil, err
	}
	b, ok := f.containers[o.Ref].(*bundle.Bundle)
	if !ok {
		return nil, &docker.NotFoundError{Ref: o.Ref, Near: []string{"gateway"}}
	}
	log, _ := b.File(bundle.FileLogs)
	return &collect.LogStream{ReadCloser: io.NopCloser(bytes.NewReader(log)), Facts: b, Redactor: redact.Knowing(b),
		Detail: "json-file"}, nil
}

// putJSON stores v in the bundle as JSON.
func putJSON(t *testing.T, b *bundle.Bundle, name string, v any) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	b.Put(name, data)
}
