package main

import (
	"path/filepath"
	"strings"
	"testing"
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
