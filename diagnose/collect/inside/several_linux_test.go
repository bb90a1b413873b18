package inside

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/python"
)

// TestSubinterpreters: the newest interpreter comes first in memory; the tasks are the main one's, and a thread that
// runs code of both has one stack, the newer interpreter's on top.
func TestSubinterpreters(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		pid, _ := start(t, path, "-u", "testdata/subinterpreter.py")
		m, in := openPython(t, pid)
		ofMain := func(k python.Task) bool { return k.Name == "of-main" }
		got := settledWith(m, in)
		for n := 0; n < 100 && !slices.ContainsFunc(got.Tasks, ofMain); n++ { // the other one may be ready first
			time.Sleep(20 * time.Millisecond)
			got = settledWith(m, in)
		}
		if !slices.ContainsFunc(got.Tasks, ofMain) {
			t.Errorf("the main interpreter's task is not among %+v", got.Tasks)
		}
		runners := 0
		for _, thread := range got.Threads {
			if thread.Name != "runner" {
				continue
			}
			runners++
			var calls []string
			for _, f := range thread.Frames {
				calls = append(calls, f.Function)
			}
			if stack := strings.Join(calls, " "); !strings.HasPrefix(stack, "sleeps <module> runs ") {
				t.Errorf("the runner's stack is %q", stack)
			}
		}
		if runners != 1 {
			t.Errorf("%d threads are the runner: %+v", runners, got.Threads)
		}
	})
}

// TestGreenlets: those that are switched out are said not to be shown, and a census counts them.
func TestGreenlets(t *testing.T) {
	path := anyPython(t)
	if err := exec.Command(path, "-c", "import greenlet").Run(); err != nil {
		t.Skip("no greenlet: ", err)
	}
	pid, _ := start(t, path, "-c", `import greenlet, time
main = greenlet.getcurrent()
kept = [greenlet.greenlet(lambda: main.switch()) for _ in range(5)]
for one in kept: one.switch()
print(flush=True)
time.sleep(100)`)
	m, in := openPython(t, pid)
	got := settledWith(m, in)
	if !got.Greenlets || !slices.ContainsFunc(got.Notes, func(n string) bool {
		return strings.HasPrefix(n, "greenlets are not shown")
	}) {
		t.Errorf("%v %q", got.Greenlets, got.Notes)
	}
	if note := in.Census(m, m.fresh); note != "" {
		t.Error(note)
	}
	if got = settledWith(m, in); !slices.ContainsFunc(got.Notes, func(n string) bool {
		return strings.HasPrefix(n, "of 6 greenlets none") // the main one is one, too
	}) {
		t.Errorf("%q", got.Notes)
	}
}
