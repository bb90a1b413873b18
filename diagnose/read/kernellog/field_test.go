package kernellog

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fieldWants are what the logs of testdata/field/kernel say: forms in which people brought
// them. Expectations come from reading them, not from the reader. A kill is "scope
// attribution pid comm container", a crash "kind comm tid", a trouble "kind container
// comm"; a container is the beginning of its id, or its name.
var fieldWants = map[string][]string{
	"F02-stale-dump-host": {"kill host unknown 100 java -", "trouble oom-victim-untold 0b1c -"},
	"F02b-reverse-wrong-container": {"kill own-limit exact 200 node 0b1c", "kill own-limit exact 100 java a6f3",
		"turned"},
	"F03-lxc-own-limit":        {"kill own-limit exact 100 mysqld 107"},
	"F04-nohostname":           {"kill own-limit exact 100 java a6f3", "timed"},
	"F04b-busybox":             {"kill own-limit exact 100 java a6f3", "timed"},
	"F04e-russian":             {"kill own-limit exact 100 java a6f3", "timed"},
	"F04g-quote":               {"kill own-limit exact 100 java a6f3", "clocked"},
	"F04j-gcp":                 {"kill own-limit exact 100 java a6f3", "timed"},
	"F04k-kernelword":          {"kill own-limit exact 100 java a6f3"},
	"F04l-fluentbit-kmsg":      {"kill own-limit exact 100 java a6f3", "timed"},
	"F05-task-in-only":         {"trouble oom-victim-untold a6f3 -", "timed"},
	"F05b-invoked-only":        {"trouble oom-victim-untold a6f3 -", "timed"},
	"F06-false-kill":           nil,
	"F07-comm-swallows-prefix": {"crash segfault java 4711", "clocked"},
	"F07b-comm-indent":         {"crash segfault dotnet 22020", "clocked"},
	"F08-reverse":              {"kill host exact 267303 python3 a6f3", "turned"},
	"F08b-cat-r-twice":         {"kill own-limit exact 100 java a6f3"},
	"F09-coredump":             {"trouble coredump - bash", "timed"},
	"F10-talos":                {"trouble oomd-kill pod77f0 -", "clocked"},
	"F11-memcg-not-told":       {"kill group-limit unknown 100 java -", "timed"},
	"F12-fold80":               {"kill host unknown 267303 python3 -", "timed"},
	"F14-outername":            {"kill own-limit exact 100 java a6f3"},
	"F15-pagealloc":            {"trouble page-allocation a6f3 java"},
	"F16-oops":                 {"trouble oops - -"},
	"F17-locale-time":          {"crash general-protection worker01 1061031", "timed"},
	"F18-vsyscall":             {"crash segfault sh 4711"},
	"F19-child-victim":         {"kill host unknown 481 apps.plugin -"},
}

func fieldContainer(c *Container) string {
	switch {
	case c == nil:
		return "-"
	case c.ID != "":
		return c.ID[:4]
	case c.Name != "":
		return c.Name
	}
	return "pod" + c.PodUID[:4]
}

func or(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// saidBy lists what a log says in the words of fieldWants; timed is whether its first
// record has a wall time, clocked the kernel's.
func saidBy(log *Log) (said []string, timed, clocked bool) {
	see := func(at *time.Time, boot *float64) { timed, clocked = timed || at != nil, clocked || boot != nil }
	for _, k := range log.Kills {
		said = append(said, fmt.Sprintf("kill %s %s %d %s %s", k.Scope, k.Attribution, k.PID, k.Comm,
			fieldContainer(k.Container)))
		see(k.At, k.BootSeconds)
	}
	for _, c := range log.Crashes {
		said = append(said, fmt.Sprintf("crash %s %s %d", c.Kind, c.Comm, c.TID))
		see(c.At, c.BootSeconds)
	}
	for _, t := range log.Trouble {
		said = append(said, fmt.Sprintf("trouble %s %s %s", t.Kind, fieldContainer(t.Container), or(t.Comm)))
		see(t.At, t.BootSeconds)
	}
	return said, timed, clocked
}

func TestFieldLogs(t *testing.T) {
	files, err := filepath.Glob("testdata/field/kernel/*")
	if err != nil || len(files) != len(fieldWants) {
		t.Fatalf("%d files (%v) for %d expectations", len(files), err, len(fieldWants))
	}
	near := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			log, err := Read(f, Options{Zone: time.UTC, Near: near})
			if err != nil {
				t.Fatal(err)
			}
			got, timed, clocked := saidBy(log)
			var want []string
			for _, w := range fieldWants[name] {
				switch w {
				case "timed":
					if !timed {
						t.Error("the time is not read")
					}
				case "clocked":
					if !clocked {
						t.Error("the kernel's clock is not read")
					}
				case "turned":
					if !hasNote(log, NoteTurned) {
						t.Errorf("it is not said that the log was turned round: %+v", log.Notes)
					}
				default:
					want = append(want, w)
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func hasNote(log *Log, kind NoteKind) bool {
	for _, n := range log.Notes {
		if n.Kind == kind {
			return true
		}
	}
	return false
}
