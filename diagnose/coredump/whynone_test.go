package coredump_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/coredump"
)

func TestWhyNone(t *testing.T) {
	const (
		empty   = "core-pattern-empty"
		outside = "core-outside-container"
		limit   = "rlimit-core-zero"
		one     = "rlimit-core-one"
		root    = "read-only-root"
	)
	tests := []struct {
		name     string
		pattern  string
		known    bool // the pattern
		limit    *int64
		readOnly *bool
		want     map[string]coredump.State
	}{
		{"nothing known", "", false, nil, nil, map[string]coredump.State{empty: coredump.Unknown, limit: coredump.Unknown, one: coredump.Unknown, root: coredump.Unknown}},
		{"all well", "core", true, new(int64(-1)), new(false), map[string]coredump.State{empty: coredump.RuledOut, limit: coredump.RuledOut, root: coredump.RuledOut}},
		{"limit 0", "core", true, new(int64(0)), new(false), map[string]coredump.State{empty: coredump.RuledOut, limit: coredump.Proven, root: coredump.RuledOut}},
		{"limit of one page", "core", true, new(int64(4096)), new(false), map[string]coredump.State{empty: coredump.RuledOut, limit: coredump.RuledOut, root: coredump.RuledOut}},
		{"limit below a page", "core", true, new(int64(4095)), new(false), map[string]coredump.State{empty: coredump.RuledOut, limit: coredump.Proven, root: coredump.RuledOut}},
		{"limit 0, pattern not known", "", false, new(int64(0)), nil, map[string]coredump.State{empty: coredump.Unknown, limit: coredump.Unknown, one: coredump.RuledOut, root: coredump.Unknown}},
		{"empty pattern", "", true, new(int64(-1)), new(false), map[string]coredump.State{empty: coredump.Proven, limit: coredump.RuledOut, root: coredump.RuledOut}},
		{"read-only root, core in /", "/core.%e", true, new(int64(-1)), new(true), map[string]coredump.State{empty: coredump.RuledOut, limit: coredump.RuledOut, root: coredump.Proven}},
		{"read-only root, perhaps a volume", "core", true, new(int64(-1)), new(true), map[string]coredump.State{empty: coredump.RuledOut, limit: coredump.RuledOut, root: coredump.Unknown}},
		{"thrown away", "|/bin/false", true, new(int64(0)), new(true), map[string]coredump.State{empty: coredump.RuledOut, "core-discarded": coredump.Proven, limit: coredump.Unknown, one: coredump.RuledOut, root: coredump.RuledOut}},
		{"systemd, limit 0", systemdPattern, true, new(int64(0)), new(true), map[string]coredump.State{empty: coredump.RuledOut, outside: coredump.Proven, limit: coredump.Proven, one: coredump.RuledOut, root: coredump.RuledOut}},
		{"pipe, limit 1", "|/opt/collect %p", true, new(int64(1)), nil, map[string]coredump.State{empty: coredump.RuledOut, outside: coredump.Proven, limit: coredump.Unknown, one: coredump.Proven, root: coredump.RuledOut}},
		{"socket, limit 0", "@/run/x.sock", true, new(int64(0)), nil, map[string]coredump.State{empty: coredump.RuledOut, outside: coredump.Proven, limit: coredump.RuledOut, root: coredump.RuledOut}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var pattern *coredump.Pattern
			if tt.known {
				p := coredump.ParsePattern(tt.pattern, false)
				pattern = &p
			}
			got := map[string]coredump.State{}
			for _, c := range coredump.WhyNone(pattern, tt.limit, tt.readOnly) {
				got[c.Check] = c.State
				if c.Detail == "" || c.State == coredump.Proven && c.Fix == "" {
					t.Errorf("incomplete: %+v", c)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
