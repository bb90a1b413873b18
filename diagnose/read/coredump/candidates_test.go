package coredump_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// changes is a docker diff with everything that a core may be mistaken for.
var changes = []coredump.Changed{
	{"/app", 0}, {"/app/core", 1}, {"/core", 1}, {"/core.7", 1}, {"/srv/core.12", 1}, {"/srv/core", 1},
	{"/app/lib", 0}, {"/app/lib/core", 1}, {"/app/lib/core/__init__.py", 1}, // a Python package
	{"/tmp", 0}, {"/tmp/core", 1}, {"/tmp/core/x", 1}, // a directory
	{"/usr/share/man/man5/core.5", 1}, {"/var/old/core.99", 2}, {"/app/core.txt", 1}, {"/app/core.py", 1},
	{"/app/qemu_python3_20261123-101500_7.core", 1}, {"/app/encore", 1},
}

func TestCandidates(t *testing.T) {
	parse := func(raw string, usesPID bool) *coredump.Pattern {
		p := coredump.ParsePattern(raw, usesPID)
		return &p
	}
	const qemu = "/app/qemu_python3_20261123-101500_7.core"
	tests := []struct {
		name    string
		pattern *coredump.Pattern
		cwd     string
		want    []string
	}{
		{"not known", nil, "/app", []string{"/app/core", qemu, "/core", "/core.7", "/srv/core.12"}},
		{"not known, no directory", nil, "", []string{qemu, "/core", "/core.7", "/srv/core.12"}},
		{"core", parse("core", false), "/app", []string{"/app/core", qemu}},
		{"core with pid, process moved", parse("core", true), "/app", []string{qemu, "/core.7", "/srv/core.12"}},
		{"absolute", parse("/core.%p", false), "/app", []string{qemu, "/core.7"}},
		{"systemd", parse(systemdPattern, false), "/app", []string{qemu}},
		{"abrt keeps a copy", parse(abrtPattern, false), "/app",
			[]string{"/app/core", qemu, "/core", "/core.7", "/srv/core.12"}},
		{"empty", parse("", false), "/app", []string{qemu}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, coredump.Candidates(changes, tt.pattern, tt.cwd)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := coredump.Candidates(nil, nil, ""); got == nil || len(got) != 0 {
		t.Errorf("no changes: %#v, want an empty list", got)
	}
}

func TestCandidatesAreBounded(t *testing.T) {
	var many []coredump.Changed
	for i := range 5000 {
		many = append(many, coredump.Changed{Path: fmt.Sprintf("/core.%d", i+1), Kind: 1})
	}
	if got := len(coredump.Candidates(many, nil, "/")); got != 1000 {
		t.Errorf("%d candidates, want 1000", got)
	}
}

func ExampleCandidates() {
	p := coredump.ParsePattern("core.%e.%p", false)
	fmt.Println(coredump.Candidates([]coredump.Changed{{"/app", 0}, {"/app/core.python3.1", 1},
		{"/app/core.md", 1}}, &p, "/app"))
	// Output: [/app/core.python3.1]
}
