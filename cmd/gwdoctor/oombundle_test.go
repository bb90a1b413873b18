package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
)

// TestOOMOfABundle: a recorded incident is read where its kernel log stands, by --bundle
// or as the file that was named, with its own clock and the name of its container.
func TestOOMOfABundle(t *testing.T) {
	incident := filepath.Join("..", "..", "fixtures", "incidents", "oom-child-parent-lives")
	for _, args := range [][]string{{"oom", "--bundle", incident}, {"oom", "--file", incident}} {
		a := oomWorld(t).answer(t, args...)
		if len(a.Kills) == 0 || a.Kills[0].At == nil || a.Kills[0].Container == nil {
			t.Fatalf("%q: %+v", args, a.Kills)
		}
		if name := a.Kills[0].Container.Name; !strings.Contains(name, "gateway") {
			t.Errorf("%q: the container goes by %q", args, name)
		}
	}
	w := oomWorld(t)
	if code := w.gwdoctor("oom", "--bundle", incident, "--follow"); code != exitUsage {
		t.Errorf("--bundle with --follow: exit code %d", code)
	}
}

// TestOOMFailOn: a kill, a dump without its kill line and a line that was not understood
// all count; a log without any of them does not.
func TestOOMFailOn(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want int
	}{
		"a kill": {"Memory cgroup out of memory: " + killLine + "\n", exitFound},
		"a dump alone": {"[  100.000001] Task in /docker/" + testID +
			" killed as a result of limit of /docker/" + testID + "\n", exitFound},
		"an unknown form":     {"a;b;Out of memory: " + killLine + "\na;b;x\na;b;y\n", exitFound},
		"nothing of the kind": {"[  100.000001] cni0: port 35(vethda7b7ee) entered forwarding state\n", exitOK},
		"a program's words":   {"starting\nKilled process 1234 (worker)\ndone\n", exitOK},
	} {
		path := filepath.Join(t.TempDir(), "log")
		must(t, os.WriteFile(path, []byte(test.text), 0o600))
		w := oomWorld(t)
		if code := w.gwdoctor("oom", "--file", path, "--fail-on", "any"); code != test.want {
			t.Errorf("%s: exit code %d, want %d\n%s", name, code, test.want, w.out.String())
		}
	}
}

// TestOOMDoubtsFirst: lines that were not understood are in the headline, and quoted
// before anything else.
func TestOOMDoubtsFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	must(t, os.WriteFile(path, []byte("a;b;Out of memory: "+killLine+"\na;b;x\na;b;y\n"), 0o600))
	w := oomWorld(t)
	if code := w.gwdoctor("oom", "--file", path); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	text := w.out.String()
	contains(t, "the headline", text, "1 line that may be of OOM kills or crashes")
	contains(t, "the quotation", text, "line 1: a;b;Out of")
	if strings.Contains(text, "no OOM kill") {
		t.Errorf("it says that nothing was found:\n%s", text)
	}
}

// TestOOMRepeatedCrashes: crashes of one kind are one block with their rhythm.
func TestOOMRepeatedCrashes(t *testing.T) {
	const crash = "] node[4711]: segfault at 18 ip 00007ff1c7bd6ad8 sp 00007ffd28297cc8 error 4 in " +
		"libc.so.6[167ad8,7ff1c7a95000+156000]\n"
	path := filepath.Join(t.TempDir(), "log")
	text := ""
	for _, at := range []string{"1000.000000", "1030.000000", "1060.000000", "1091.000000"} {
		text += "[ " + at + crash
	}
	must(t, os.WriteFile(path, []byte(text), 0o600))
	w := oomWorld(t)
	if code := w.gwdoctor("oom", "--file", path); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	if n := strings.Count(w.out.String(), "CRASH"); n != 1 {
		t.Errorf("%d blocks for four crashes of one kind", n)
	}
	contains(t, "the rhythm", w.out.String(), "4 times, last 18 min 11 s after the boot, every 30 s")
	a := oomWorld(t).answer(t, "oom", "--file", path)
	if len(a.Crashes) != 4 || a.Bad() != true || (oom.Answer{}).Bad() {
		t.Errorf("the document has %d crashes", len(a.Crashes))
	}
}
