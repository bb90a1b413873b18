package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// hostileCommands are all commands that ask an engine, as they are given to it.
func hostileCommands(folder string) map[string][]string {
	return map[string][]string{
		"diagnose":          {"diagnose", "web", "--format", "json"},
		"diagnose --all":    {"diagnose", "--all", "--format", "json"},
		"diagnose --replay": {"diagnose", "web", "--replay", "--format", "json"},
		"capture":           {"capture", "web", "-o", filepath.Join(folder, "web.tar.gz")},
		"health":            {"health", "web", "-n", "2", "--interval", "10ms", "--format", "json"},
		"health --http":     {"health", "web", "--http", "/", "-n", "1", "--format", "json"},
		"logs":              {"logs", "web", "--format", "json"},
		"inside":            {"inside", "web", "--format", "json"},
		"oom --follow":      {"oom", "--follow", "--container", "web"},
		"logs --follow":     {"logs", "web", "--follow"},
		"cores":             {"cores", "web", "--format", "json"},
		"cores of all":      {"cores", "--format", "json"},
		"exit":              {"exit", "web", "--format", "json"},
		"sources":           {"sources", "--format", "json"},
		"oom":               {"oom", "--format", "json"},
		"oom --container":   {"oom", "--container", "web", "--format", "json"},
		"completion":        {"__complete", "diagnose", ""},
	}
}

// sourceOf names the source that an endpoint fills.
var sourceOf = map[string]string{
	"version": fact.SourceEngine, "info": fact.SourceEngine, "events": fact.SourceEvents, "inspect": fact.SourceInspect,
	"logs": fact.SourceLogs, "changes": fact.SourceChanges, "image": fact.SourceImage,
}

// hostileRun is one command against one engine.
type hostileRun struct {
	code     int
	out, err bytes.Buffer
}

// wasLeft fails where a command that was interrupted ended in another way than commands do then. Completion says
// nothing.
func (r *hostileRun) wasLeft(t *testing.T, command string) {
	t.Helper()
	if command != "completion" && r.code != exitInterrupted && r.code != exitFailed && r.code != exitOK {
		t.Errorf("exit code %d: %s", r.code, r.err.String())
	}
}

// patience is how long a command may take before it counts as hung: far more than any
// machine needs, for a slow one must not fail.
const patience = time.Minute

// runHostile runs a command against an engine, and fails the test where it does not end.
func runHostile(t *testing.T, ctx context.Context, e *enginetest.Engine, timeout string, args []string) *hostileRun {
	t.Helper()
	return runPatiently(t, ctx, nil, append([]string{"--host", "unix://" + e.Socket, "--timeout", timeout}, args...))
}

// runPatiently runs a command in this process, with these variables, and fails the test where it does not end.
func runPatiently(t *testing.T, ctx context.Context, vars map[string]string, args []string) *hostileRun {
	t.Helper()
	r := &hostileRun{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.code = run(ctx, args, env{
			Program: "gwdoctor", Stdin: bytes.NewReader(nil), Stdout: &r.out, Stderr: &r.err,
			Getenv: func(name string) string { return vars[name] }, Now: time.Now,
			IsTerminal: func(io.Writer) bool { return false }, Width: func(io.Writer) int { return 0 }, Engine: live{},
		})
	}()
	select {
	case <-done:
		return r
	case <-time.After(patience):
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1) // where it hangs
		t.Fatalf("%q hangs", args)
	}
	return nil
}

// asks tells which endpoints a command asks of an engine that answers.
func asks(t *testing.T, args []string) map[string]bool {
	e := enginetest.NewRunning(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // ends what follows
	defer cancel()
	runHostile(t, ctx, e, "5s", args)
	asked := map[string]bool{}
	for endpoint := range enginetest.Endpoints() {
		asked[endpoint] = e.Asked(endpoint)
	}
	return asked
}

// TestHostileEngine holds every command against every endpoint that it asks, failing in
// every way: it ends by its own deadlines, never falls over, and does not call collected
// what it did not understand.
func TestHostileEngine(t *testing.T) {
	forHostile(t, func(enginetest.Fault) bool {
		return true
	}, func(t *testing.T, e *enginetest.Engine, command, endpoint string, fault enginetest.Fault, args []string) {
		ctx := t.Context()
		follows := strings.HasSuffix(command, "--follow")
		if follows {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
			defer cancel()
		}
		r := runHostile(t, ctx, e, "200ms", args)
		if r.code == exitUsage || r.code == exitInterrupted && !follows ||
			strings.Contains(r.err.String(), "internal error") {
			t.Errorf("exit code %d: %s", r.code, r.err.String())
		}
		// Docker's answer for a layer without changes is null: nothing is wrong with it.
		right := endpoint == "changes" && fault.Name == "has nothing at level 1"
		if source := sourceOf[endpoint]; source != "" && !fault.Partly && !right && command == "diagnose" &&
			r.code == exitOK {
			if status := statusIn(t, r.out.Bytes(), source); status == string(fact.StatusCollected) {
				t.Errorf("%s is %q", source, status)
			}
		}
	})
}

// TestHostileEngineIsLeft: whatever hangs, the first signal ends the command.
func TestHostileEngineIsLeft(t *testing.T) {
	forHostile(t, func(f enginetest.Fault) bool {
		return f.Hangs
	}, func(t *testing.T, e *enginetest.Engine, command, _ string, _ enginetest.Fault, args []string) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		r := runHostile(t, ctx, e, "1h", args)
		r.wasLeft(t, command)
	})
}

// TestHostileWhole holds every command against engines that are broken as a whole.
func TestHostileWhole(t *testing.T) {
	for name, spoil := range enginetest.Wholes() {
		for command := range hostileCommands(t.TempDir()) {
			t.Run(command+"/"+name, func(t *testing.T) {
				t.Parallel()
				e := enginetest.NewRunning(t)
				spoil(e)
				ctx, follows := t.Context(), strings.HasSuffix(command, "--follow")
				if follows {
					var cancel context.CancelFunc
					ctx, cancel = context.WithCancel(ctx)
					time.AfterFunc(300*time.Millisecond, cancel)
				}
				r := runHostile(t, ctx, e, "1s", hostileCommands(t.TempDir())[command])
				text := r.out.String() + r.err.String()
				if r.code == exitUsage || r.code == exitInterrupted && !follows || strings.Contains(text, "internal error") {
					t.Errorf("exit code %d: %s", r.code, r.err.String())
				}
				if strings.Contains(text, "deadline exceeded") {
					t.Errorf("not in plain words: %s", r.err.String())
				}
				if name == "a server that is no engine" && strings.Contains(text, "no such container") {
					t.Errorf("it says what only an engine knows: %s", r.err.String())
				}
			})
		}
	}
}

// forHostile runs a check for each endpoint in each way of failing with each command that
// asks it.
func forHostile(t *testing.T, wanted func(enginetest.Fault) bool,
	check func(t *testing.T, e *enginetest.Engine, command, endpoint string, fault enginetest.Fault, args []string)) {
	asked := map[string]bool{}
	for command, args := range hostileCommands(t.TempDir()) {
		endpoints := asks(t, args)
		for endpoint, yes := range endpoints {
			if !yes {
				continue
			}
			asked[endpoint] = true
			for _, fault := range enginetest.Faults() {
				if !wanted(fault) || testing.Short() && !fault.Sample {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%s", command, endpoint, fault.Name), func(t *testing.T) {
					t.Parallel()
					e := enginetest.NewRunning(t)
					e.Break(endpoint, fault)
					check(t, e, command, endpoint, fault, hostileCommands(t.TempDir())[command])
				})
			}
		}
	}
	for endpoint := range enginetest.Endpoints() {
		if !asked[endpoint] {
			t.Errorf("no command asks %q: this test proves nothing of it", endpoint)
		}
	}
}

// statusIn reads a source's status in a report of one container.
func statusIn(t *testing.T, doc []byte, name string) string {
	t.Helper()
	var r struct {
		Diagnoses []struct {
			Sources []struct{ Name, Status string }
		}
	}
	if err := json.Unmarshal(doc, &r); err != nil || len(r.Diagnoses) != 1 {
		t.Fatalf("%v: %.200s", err, doc)
	}
	for _, s := range r.Diagnoses[0].Sources {
		if s.Name == name {
			return s.Status
		}
	}
	return ""
}
