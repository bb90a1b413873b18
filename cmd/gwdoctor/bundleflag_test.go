package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// TestEveryAnswerFromABundle: exit, cores, health, logs and oom answer about a recorded incident as about a container.
func TestEveryAnswerFromABundle(t *testing.T) {
	incident := func(name string) string { return filepath.Join("..", "..", "fixtures", "incidents", name) }
	for _, tt := range []struct {
		command, incident, says string
	}{
		{"exit", "oom-gateway-leak", "137"},
		{"cores", "crash-core", "SIGSEGV"},
		{"health", "health-503", "503"},
		{"logs", "pool-redis", "max_connections"},
		{"oom", "oom-gateway-leak", "uvicorn"},
	} {
		w := shop(t)
		code := w.gwdoctor(tt.command, "--bundle", incident(tt.incident))
		if code != 0 || !strings.Contains(w.out.String(), tt.says) {
			t.Errorf("%s: exit code %d, no %q in:\n%s%s", tt.command, code, tt.says, w.out.String(), w.err.String())
		}
		w = shop(t)
		if code := w.gwdoctor(tt.command, "gateway", "--bundle", incident(tt.incident)); code != exitUsage {
			t.Errorf("%s of a container and of a bundle: exit code %d", tt.command, code)
		}
		w = shop(t)
		if code := w.gwdoctor(tt.command, "--bundle", filepath.Join(t.TempDir(), "none.tar.gz")); code != exitFailed {
			t.Errorf("%s of a bundle that is not there: exit code %d", tt.command, code)
		}
	}
}

// TestOneOfAProject: a recorded project is asked of one of its containers by name or service; one that is mistyped or
// left out is answered with those that it holds.
func TestOneOfAProject(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.tar.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var set []*bundle.Bundle
	for _, name := range []string{"pool-redis", "oom-gateway-leak"} {
		b, err := bundle.Open(filepath.Join("..", "..", "fixtures", "incidents", name))
		if err != nil {
			t.Fatal(err)
		}
		set = append(set, b)
	}
	if err := bundle.WriteSet(f, set); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"exit", "gwlab-oom-gateway-leak-gateway"}, 0, "137"},
		{[]string{"logs", "gwlab-pool-redis-gateway"}, 0, "max_connections"},
		{[]string{"logs", "gateway"}, 0, "max_connections"}, // the service; the first that has it
		{[]string{"oom"}, 0, "the kernel log of a recorded incident"},
		{[]string{"exit", "gwlab-oom-gatway-leak-gateway"}, exitFailed,
			"did you mean gwlab-oom-gateway-leak-gateway?"},
		{[]string{"health"}, exitFailed, "it holds gwlab-oom-gateway-leak-gateway, gwlab-pool-redis-gateway"},
		{[]string{"cores", "kafka"}, exitFailed, "it holds gwlab-oom"},
	} {
		w := shop(t)
		code := w.gwdoctor(append(tt.args, "--bundle", path)...)
		if all := w.out.String() + w.err.String(); code != tt.code || !strings.Contains(all, tt.says) {
			t.Errorf("%q: exit code %d, no %q in:\n%s", tt.args, code, tt.says, all)
		}
	}
}
