package coredump_test

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// base is a container that segfaulted where nothing stands in a core's way.
func base(change func(*coredump.Facts)) coredump.Facts {
	p := coredump.ParsePattern("core", false)
	f := coredump.Facts{
		Pattern: &p, SuidDumpable: new(1), Limit: new(int64(-1)), Running: new(false), EndKnown: true, Signal: "SIGSEGV",
		ReadOnlyRoot: new(false), User: new(""), Dir: "/app", DirExists: new(true), DirUID: new(0),
		DirMode: new(uint32(0o755)), StopAsked: new(false),
	}
	change(&f)
	return f
}

func pattern(raw string) *coredump.Pattern {
	p := coredump.ParsePattern(raw, false)
	return &p
}

// TestWhyNone: for each check a case in which it is proven, one in which it is ruled
// out (base), and one in which the facts do not decide (nothing known).
func TestWhyNone(t *testing.T) {
	tests := []struct {
		name  string
		facts coredump.Facts
		check string
		want  coredump.State
	}{
		{"all well", base(func(*coredump.Facts) {}), "", ""},
		{"killed", base(func(f *coredump.Facts) { f.Signal = "SIGKILL" }), "no-crash", coredump.Proven},
		{"left by itself", base(func(f *coredump.Facts) { f.Signal = "" }), "no-crash", coredump.Proven},
		{"runs", base(func(f *coredump.Facts) { f.Running, f.EndKnown = new(true), false }), "no-crash", coredump.Unknown},
		{"suid_dumpable 0", base(func(f *coredump.Facts) { f.SuidDumpable = new(0) }), "not-dumpable", coredump.Unknown},
		{"suid_dumpable 2, relative", base(func(f *coredump.Facts) { f.SuidDumpable = new(2) }), "not-dumpable",
			coredump.Unknown},
		{"empty pattern", base(func(f *coredump.Facts) { f.Pattern = pattern("") }), "core-pattern-empty", coredump.Proven},
		{"thrown away", base(func(f *coredump.Facts) { f.Pattern = pattern("|/bin/false") }), "core-discarded",
			coredump.Proven},
		{"systemd", base(func(f *coredump.Facts) { f.Pattern = pattern(systemdPattern) }), "core-outside-container",
			coredump.Proven},
		{"systemd, limit 0", base(func(f *coredump.Facts) { f.Pattern, f.Limit = pattern(systemdPattern), new(int64(0)) }),
			"rlimit-core-zero", coredump.Proven},
		{"other pipe, limit 0", base(func(f *coredump.Facts) { f.Pattern, f.Limit = pattern("|/opt/x"), new(int64(0)) }),
			"rlimit-core-zero", coredump.Unknown},
		{"socket, limit 0", base(func(f *coredump.Facts) { f.Pattern, f.Limit = pattern("@/run/x"), new(int64(0)) }),
			"rlimit-core-zero", coredump.RuledOut},
		{"helper gone", base(func(f *coredump.Facts) { f.Pattern, f.HelperExists = pattern("|/opt/x"), new(false) }),
			"helper-missing", coredump.Proven},
		{"helper there", base(func(f *coredump.Facts) { f.Pattern, f.HelperExists = pattern("|/opt/x"), new(true) }),
			"helper-missing", coredump.RuledOut},
		{"pipe, limit 1", base(func(f *coredump.Facts) { f.Pattern, f.Limit = pattern("|/opt/x"), new(int64(1)) }),
			"rlimit-core-one", coredump.Proven},
		{"limit 0", base(func(f *coredump.Facts) { f.Limit = new(int64(0)) }), "rlimit-core-zero", coredump.Proven},
		{"limit below a page", base(func(f *coredump.Facts) { f.Limit = new(int64(4095)) }), "rlimit-core-zero",
			coredump.Proven},
		{"limit of a page", base(func(f *coredump.Facts) { f.Limit = new(int64(4096)) }), "rlimit-core-zero",
			coredump.RuledOut},
		{"limit 0, pattern not known", base(func(f *coredump.Facts) { f.Pattern, f.Limit = nil, new(int64(0)) }),
			"rlimit-core-zero", coredump.Unknown},
		{"no such directory", base(func(f *coredump.Facts) { f.DirExists = new(false) }), "directory-missing",
			coredump.Proven},
		{"read-only root", base(func(f *coredump.Facts) { f.ReadOnlyRoot = new(true) }), "read-only-root", coredump.Proven},
		{"read-only root, a volume", base(func(f *coredump.Facts) { f.ReadOnlyRoot, f.DirMount = new(true), "volume" }),
			"read-only-root", coredump.RuledOut},
		{"read-only root, directory not known", base(func(f *coredump.Facts) { f.ReadOnlyRoot, f.Dir = new(true), "" }),
			"read-only-root", coredump.Unknown},
		{"user and root's directory", base(func(f *coredump.Facts) { f.User = new("1000") }), "directory-not-writable",
			coredump.Proven},
		{"named user", base(func(f *coredump.Facts) { f.User = new("app") }), "directory-not-writable", coredump.Unknown},
		{"user and an open directory", base(func(f *coredump.Facts) {
			f.User, f.DirMode = new("1000"),
				new(uint32(0o1777))
		}), "directory-not-writable", coredump.RuledOut},
		{"tmpfs", base(func(f *coredump.Facts) { f.DirMount = "tmpfs" }), "core-on-tmpfs", coredump.Proven},
		{"tmpfs, running", base(func(f *coredump.Facts) { f.DirMount, f.Running = "tmpfs", new(true) }), "core-on-tmpfs",
			coredump.Unknown},
		{"file size limit 0", base(func(f *coredump.Facts) { f.FileLimit = new(int64(0)) }), "cut-short", coredump.Proven},
		{"file size limit of 1 MiB", base(func(f *coredump.Facts) { f.FileLimit = new(int64(1 << 20)) }), "cut-short",
			coredump.Unknown},
		{"a fragment", base(func(f *coredump.Facts) { f.Cut, f.Whole = 1, 1 }), "cut-short", coredump.Unknown},
		{"a fragment under a limit", base(func(f *coredump.Facts) { f.Cut, f.FileLimit = 1, new(int64(1<<20)) }),
			"cut-short", coredump.Unknown},
		{"a whole core", base(func(f *coredump.Facts) { f.Whole, f.FileLimit = 1, new(int64(-1)) }), "cut-short",
			coredump.RuledOut},
		{"room not known", base(func(f *coredump.Facts) {}), "cut-short", coredump.Unknown},
		{"cut by a stop", base(func(f *coredump.Facts) { f.StopAsked, f.Signal = new(true), "SIGKILL" }), "cut-by-stop",
			coredump.Unknown},
		{"stop that was heeded", base(func(f *coredump.Facts) { f.StopAsked = new(true) }), "cut-by-stop", coredump.RuledOut},
		{"kernel's words",
			base(func(f *coredump.Facts) { f.KernelLines = []string{"coredump: 7(python3): |/x pipe failed"} }),
			"kernel-refused", coredump.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			seen := map[string]bool{}
			for _, c := range coredump.WhyNone(tt.facts) {
				if c.Detail == "" || c.State == coredump.Proven && c.Fix == "" || seen[c.Check] {
					t.Errorf("incomplete or twice: %+v", c)
				}
				seen[c.Check] = true
				switch {
				case c.Check == tt.check && c.State != tt.want:
					t.Errorf("%s is %s (%s), want %s", c.Check, c.State, c.Detail, tt.want)
				case tt.check == "" && c.State == coredump.Proven:
					t.Errorf("nothing stands in the way, and %s is proven: %s", c.Check, c.Detail)
				}
			}
			if tt.check != "" && !seen[tt.check] {
				t.Errorf("%s is not among the checks %v", tt.check, seen)
			}
		})
	}
}

// TestFullDisk: what is free now is no proof of what was, but the first thing to look at.
func TestFullDisk(t *testing.T) {
	for name, tt := range map[string]struct {
		facts  coredump.Facts
		likely bool
		says   string
	}{
		"full": {base(func(f *coredump.Facts) { f.DirFree = new(int64(1 << 20)) }), true,
			"1 MiB are free"},
		"room": {base(func(f *coredump.Facts) { f.DirFree = new(int64(5 << 30)) }), false,
			"5 GiB are free"},
		"not known": {base(func(*coredump.Facts) {}), false, "not known"},
		"full, with a whole core": {base(func(f *coredump.Facts) { f.DirFree, f.Whole = new(int64(0)), 1 }), false,
			"whole core"},
		"full, with a cut one": {base(func(f *coredump.Facts) { f.DirFree, f.Cut = new(int64(0)), 1 }), true,
			"0 B are free"},
		"full, and no file allowed": {base(func(f *coredump.Facts) {
			f.DirFree, f.FileLimit = new(int64(0)),
				new(int64(0))
		}), false, "RLIMIT_FSIZE"},
	} {
		for _, c := range coredump.WhyNone(tt.facts) {
			if c.Check == "cut-short" && (c.Likely != tt.likely || !strings.Contains(c.Detail, tt.says)) {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
}

// TestInheritedLimit: what a container without a limit of its own gets is never more
// than likely, for the engine's configuration may set another.
func TestInheritedLimit(t *testing.T) {
	for name, tt := range map[string]struct {
		facts  coredump.Facts
		likely bool
		says   string
	}{
		"not known": {base(func(f *coredump.Facts) { f.Limit = nil }), false, "not known"},
		"0": {base(func(f *coredump.Facts) { f.Limit, f.EngineLimit = nil, new(int64(0)) }), true,
			"has 0 bytes"},
		"0, and a pipe": {base(func(f *coredump.Facts) {
			f.Limit, f.EngineLimit, f.Pattern = nil, new(int64(0)),
				pattern("|/opt/x")
		}), false, "lowered"},
		"unlimited": {base(func(f *coredump.Facts) { f.Limit, f.EngineLimit = nil, new(int64(-1)) }),
			false, "unlimited"},
		"its own goes first": {base(func(f *coredump.Facts) { f.EngineLimit = new(int64(0)) }), false, "the core limit is"},
	} {
		for _, c := range coredump.WhyNone(tt.facts) {
			if c.Check == "rlimit-core-zero" && (c.Likely != tt.likely || c.State == coredump.Proven ||
				!strings.Contains(c.Detail, tt.says)) {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
}

// TestNothingKnownProvesNothing: without facts every check is unknown.
func TestNothingKnownProvesNothing(t *testing.T) {
	for _, c := range coredump.WhyNone(coredump.Facts{}) {
		if c.State == coredump.Proven {
			t.Errorf("%s is proven out of nothing: %s", c.Check, c.Detail)
		}
		if c.State == coredump.RuledOut && c.Check != "core-on-tmpfs" {
			t.Errorf("%s is ruled out by nothing: %s", c.Check, c.Detail)
		}
	}
}
