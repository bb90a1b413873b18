package evidence

import (
	"slices"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// TestLogFiles: what a service logs to in its own layer is found; what was taken away, what the system's packages
// write, and what is no log by its name, is not.
func TestLogFiles(t *testing.T) {
	changes := []coredump.Changed{{Path: "/app", Kind: 1}, {Path: "/app/worker.out", Kind: 1},
		{Path: "/app/logs", Kind: 1},
		{Path: "/app/logs/app.log", Kind: 1}, {Path: "/app/logs/app.log.1", Kind: 1}, {Path: "/var/log/dpkg.log", Kind: 0},
		{Path: "/var/log/apt/term.log", Kind: 1}, {Path: "/tmp/old.log", Kind: 2}, {Path: "/app/catalog", Kind: 1},
		{Path: "/app/logs/index.html", Kind: 1}}
	want := []string{"/app/logs/app.log", "/app/logs/app.log.1", "/app/worker.out"}
	if got := logFiles(changes); !slices.Equal(got, want) {
		t.Errorf("log files %q, want %q", got, want)
	}
	if got := logFiles(nil); len(got) > 0 { // the layer was not read
		t.Errorf("log files %q of nothing", got)
	}
}
