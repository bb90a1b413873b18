package collect

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// optionsOf point at the fake engine and at an empty machine that nobody can take
// for the engine's.
func optionsOf(t testing.TB, f *enginetest.Engine) Options {
	t.Helper()
	return options(t, "unix://"+f.Socket)
}

func options(t testing.TB, address string) Options {
	t.Helper()
	empty := t.TempDir()
	return Options{
		Ref: "web", Host: address, Timeout: 5 * time.Second, ToolVersion: "test",
		Getenv: func(string) string { return "" },
		Machine: host.Machine{KmsgPath: filepath.Join(empty, "kmsg"), ProcRoot: empty,
			Journalctl: filepath.Join(empty, "no-journalctl")},
		dockerRoot: filepath.Join(empty, "docker"),
	}
}

// collectWeb runs Container and fails the test on an error.
func collectWeb(t *testing.T, opts Options) *bundle.Bundle {
	t.Helper()
	b, err := Container(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// text returns a file of the bundle; it must be there.
func text(t *testing.T, b *bundle.Bundle, name string) string {
	t.Helper()
	data, ok := b.File(name)
	if !ok {
		t.Fatalf("no %s in the bundle, only %q", name, b.Names())
	}
	return string(data)
}

func wantStatus(t *testing.T, b *bundle.Bundle, name string, want fact.Status, detail string) {
	t.Helper()
	s := b.Source(name)
	if s.Status != want || !strings.Contains(s.Detail, detail) {
		t.Errorf("%s is %s (%q), want %s with %q", name, s.Status, s.Detail, want, detail)
	}
}
