package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
)

// TestOutputFileIsPrivateAndWhole: reports quote logs, so only their owner reads
// them, and a reader never sees half of one.
func TestOutputFileIsPrivateAndWhole(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "report.json")
	must(t, os.WriteFile(path, []byte("an older report"), 0o644))
	w := shop(t)
	if code := w.gwdoctor("diagnose", "gateway", "--format", "json", "-o", path); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode().Perm())
	}
	contains(t, "file", readFile(t, path), `"schemaVersion": 1`)
	entries, err := os.ReadDir(folder)
	must(t, err)
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestOutputToADevice(t *testing.T) {
	w := shop(t)
	if code := w.gwdoctor("diagnose", "gateway", "-o", os.DevNull); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s became a file: %v", os.DevNull, err)
	}
}

func TestOutputToAFolder(t *testing.T) {
	w := shop(t)
	if code := w.gwdoctor("diagnose", "gateway", "-o", t.TempDir()); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	contains(t, "error", w.err.String(), "it is a folder")
}

func TestCapture(t *testing.T) {
	path := filepath.Join(t.TempDir(), "incident.tar.gz")
	w := shop(t)
	if code := w.gwdoctor("capture", "gateway", "-o", path); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	if w.out.Len() > 0 {
		t.Errorf("standard output has %q", w.out.String())
	}
	contains(t, "standard error", w.err.String(), "captured gateway", "masked: ",
		"not seen: kernel-log, denied: open /dev/kmsg", "$ sudo gwdoctor diagnose gateway")
	first := readFile(t, path)

	if code := w.gwdoctor("capture", "gateway", "-o", path); code != exitFailed || readFile(t, path) != first {
		t.Errorf("exit code %d for an existing file", code)
	}
	contains(t, "refusal", w.err.String(), "exists", "--force")
	if code := w.gwdoctor("capture", "gateway", "-o", path, "--force"); code != exitOK {
		t.Errorf("--force: exit code %d: %s", code, w.err.String())
	}

	if code := w.gwdoctor("diagnose", "--bundle", path); code != exitOK {
		t.Fatalf("diagnose it: exit code %d: %s", code, w.err.String())
	}
	fromBundle := w.out.String()
	w.gwdoctor("diagnose", "gateway")
	if fromBundle != w.out.String() {
		t.Errorf("the bundle's report differs from the live one:\n%s\n%s", fromBundle, w.out.String())
	}
}

func TestCaptureToStandardOutput(t *testing.T) {
	w := shop(t)
	if code := w.gwdoctor("capture", "gateway", "-o", "-"); code != exitOK ||
		!strings.HasPrefix(w.out.String(), "\x1f\x8b") {
		t.Errorf("exit code %d, output %.10q", code, w.out.String())
	}
	w.stdin = bytes.Clone(w.out.Bytes())
	if code := w.gwdoctor("diagnose", "--bundle", "-"); code != exitOK {
		t.Errorf("from standard input: exit code %d: %s", code, w.err.String())
	}
	contains(t, "report", w.out.String(), "Killed for lack of memory")
	w.terminal = true
	if code := w.gwdoctor("capture", "gateway", "-o", "-"); code != exitUsage || w.out.Len() > 0 {
		t.Errorf("on a terminal: exit code %d, %d bytes", code, w.out.Len())
	}
}

// TestHostileNamesOnStandardError: names reach errors too.
func TestHostileNamesOnStandardError(t *testing.T) {
	w := shop(t)
	bad := "\x1b[2J\u202e" + strings.Repeat("x", 10000)
	w.engine.containers["neighbour"] = &docker.NotFoundError{Ref: "neighbour", Near: []string{bad}}
	w.engine.containers[bad] = deadContainer(t, bad, 137, true)
	for _, args := range [][]string{
		{"diagnose", bad + "y"}, {"diagnose", "neighbour"}, {bad}, {"explain", bad}, {"demo", bad},
		{"diagnose", "--project", bad}, {"diagnose", "--bundle", bad},
		{"diagnose", "a", "--format", bad}, {"capture", bad, "-o", filepath.Join(t.TempDir(), "x.tar.gz")},
	} {
		w.gwdoctor(args...)
		if text := w.out.String() + w.err.String(); strings.ContainsAny(text, "\x1b\u202e") ||
			len(text) > 8000 || text == "" {
			t.Errorf("gwdoctor %.20q: %d bytes, %.200q", args, len(text), text)
		}
	}
	w.gwdoctor("diagnose", bad)
	if strings.ContainsAny(w.out.String(), "\x1b\u202e") || !strings.Contains(w.out.String(), `\x1b[2J\u202e`) {
		t.Errorf("report of a hostile name: %.300q", w.out.String())
	}
}

// TestInterruptedPipe: a bundle that comes through a pipe which keeps silent does
// not hold the program once it is interrupted.
func TestInterruptedPipe(t *testing.T) {
	w := shop(t)
	ctx, cancel := context.WithCancel(context.Background())
	r, held := io.Pipe()
	defer held.Close()
	time.AfterFunc(50*time.Millisecond, cancel)
	code := run(ctx, []string{"diagnose", "--bundle", "-"}, env{
		Stdin: r, Stdout: &w.out, Stderr: &w.err, Getenv: func(string) string { return "" },
		Now: func() time.Time {
			return now
		}, IsTerminal: func(io.Writer) bool { return false }, Width: func(io.Writer) int { return 0 }, Engine: &w.engine,
	})
	if code != 130 {
		t.Errorf("exit code %d (%s), want 130", code, w.err.String())
	}
}
