package coredump_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// The patterns are those of docs/notes/CORES.md#a2, as the distributions set them.
const (
	systemdPattern = "|/usr/lib/systemd/systemd-coredump %P %u %g %s %t %c %h"
	apportPattern  = "|/usr/share/apport/apport -p%p -s%s -c%c -d%d -P%P -u%u -g%g -F%F -- %E"
	abrtPattern    = "|/usr/libexec/abrt-hook-ccpp %s %c %p %u %g %t %P %I %h %e"
)

func TestParsePattern(t *testing.T) {
	tests := []struct {
		raw              string
		handler, program string
	}{
		{"core\n", "file", ""},
		{"/core.%e.%p.%t", "file", ""},
		{systemdPattern, "pipe", "/usr/lib/systemd/systemd-coredump"},
		{apportPattern, "pipe", "/usr/share/apport/apport"},
		{"|/bin/false", "pipe", "/bin/false"},
		{"| /bin/false", "pipe", "/bin/false"},
		{"|", "none", ""}, {"|  ", "none", ""}, {"", "none", ""}, {"\n", "none", ""},
		{"@/run/x.sock", "socket", "/run/x.sock"}, {"@@/run/x.sock", "socket", "/run/x.sock"},
		{"@core", "file", ""},
	}
	for _, tt := range tests {
		got := coredump.ParsePattern(tt.raw, true)
		want := coredump.Pattern{Raw: strings.TrimSuffix(tt.raw, "\n"), Handler: tt.handler, Program: tt.program,
			UsesPID: true}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(coredump.Pattern{})); diff != "" {
			t.Errorf("ParsePattern(%q) (-want +got):\n%s", tt.raw, diff)
		}
	}
}

func TestMatches(t *testing.T) {
	tests := []struct {
		pattern string
		usesPID bool
		path    string
		cwd     string
		want    bool
	}{
		{"core", false, "/core", "/", true}, // segv-core, measured
		{"core", false, "/app/core", "/app", true},
		{"core", false, "/app/core", "/app/", true},
		{"core", false, "/app/lib/core", "/app", false},
		{"core", false, "/app/core", "/", false},
		{"core", false, "/app/core", "", true}, // the directory is not known
		{"core", false, "/application/core", "/app", false},
		{"core", false, "/core.7", "/", false},
		{"core", true, "/core.7", "/", true},
		{"core", true, "/core", "/", false},
		{"core", true, "/core.7x", "/", false},
		{"core.%p", true, "/core.7", "/", true}, // %p is there: no second pid
		{"core.%p", true, "/core.7.7", "/", false},
		{"core.%P", true, "/core.28000.7", "/", true}, // %P is not %p
		{"core.%p", false, "/core.", "/", false},
		{"cores/%e-%s", false, "/app/cores/python3-11", "/app", true},
		{"cores/%e-%s", false, "/srv/cores/python3-11", "", true},
		{"cores/%e-%s", false, "/srv/python3-11", "", false},
		{"/core.%e.%p.%t", false, "/core.python3.1.1763888000", "/app", true}, // GKE
		{"/core.%e.%p.%t", false, "/app/core.python3.1.1763888000", "/app", false},
		{"/core.%e.%p.%t", false, "/core.python3.1.now", "/app", false},
		{"/var/cores/%E", false, "/var/cores/!usr!bin!python3.11", "/", true},
		{"/var/cores/%E", false, "/var/cores/sub/x", "/", false},
		{"a%%b%xc%", false, "/a%bc", "/", true},     // %x and the last % vanish
		{"cor%/%E", false, "/app/core.7", "", true}, // %/ vanishes, found by fuzzing
		{"./core", false, "/app/core", "/app", true},
		{"core(%h)", false, "/core(ab12cd34ef56)", "/", true},
		{"kern é %p", false, "/kern é 7", "/", true},
		{systemdPattern, false, "/core", "/", false},
		{"", false, "/core", "/", false},
		{"core", false, "core", "/", false}, // docker diff gives absolute paths
		{"core", false, "/" + strings.Repeat("x/", 3000) + "core", "", false},
	}
	for _, tt := range tests {
		got := coredump.ParsePattern(tt.pattern, tt.usesPID).Matches(tt.path, tt.cwd)
		if got != tt.want {
			t.Errorf("%q (uses pid %v) on %.60q from %q: %v, want %v", tt.pattern, tt.usesPID, tt.path, tt.cwd, got, tt.want)
		}
	}
	if (coredump.Pattern{Handler: coredump.HandlerFile, Raw: "core"}).Matches("/core", "/") {
		t.Error("a pattern that was not parsed matches")
	}
}

func TestDir(t *testing.T) {
	tests := []struct{ pattern, cwd, want string }{
		{"core", "/app", "/app"}, {"core", "", ""}, {"cores/core.%p", "/app", "/app/cores"},
		{"/var/cores/core.%p", "/app", "/var/cores"}, {"/core.%e", "", "/"}, {"/cores/%e/core", "/app", ""},
		{systemdPattern, "/app", ""}, {"", "/app", ""},
	}
	for _, tt := range tests {
		if got := coredump.ParsePattern(tt.pattern, false).Dir(tt.cwd); got != tt.want {
			t.Errorf("%q from %q: %q, want %q", tt.pattern, tt.cwd, got, tt.want)
		}
	}
}

func FuzzMatches(f *testing.F) {
	for _, p := range []string{"core", "/core.%e.%p.%t", systemdPattern, "%", "%%", "a\xff%h", "@@/x", "cores/%E"} {
		f.Add(p, true, "/app/core.7", "/app")
	}
	f.Fuzz(func(t *testing.T, raw string, usesPID bool, file, cwd string) {
		p := coredump.ParsePattern(raw, usesPID)
		if p.Matches(file, cwd) {
			if p.Handler != coredump.HandlerFile || !strings.HasPrefix(file, "/") {
				t.Errorf("%q matches %q", raw, file)
			}
			if !p.Matches(file, "") {
				t.Errorf("%q matches %q from %q, but not from an unknown directory", raw, file, cwd)
			}
		}
		coredump.Candidates([]coredump.Changed{{Path: file}, {Path: file + "/x", Kind: 1}}, &p, cwd)
		coredump.WhyNone(coredump.Facts{Pattern: &p})
	})
}

// The longest pattern of the widest specifiers against the longest path.
func BenchmarkMatchesHostile(b *testing.B) {
	p := coredump.ParsePattern(strings.Repeat("%e", 63), true)
	file := "/" + strings.Repeat("a", 4000)
	for b.Loop() {
		p.Matches(file, "/")
	}
}
