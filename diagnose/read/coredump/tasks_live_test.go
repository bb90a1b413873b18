package coredump_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// TestTasks crashes each CPython of this machine in a task while another one waits for
// nobody and six wait for a queue: the core must tell of all eight.
func TestTasks(t *testing.T) {
	if testing.Short() {
		t.Skip("crashes real interpreters")
	}
	needFileCores(t)
	want := []string{"main running at tasks.py:20 main",
		"consume finished KeyError at tasks.py:7 consume, retrieved false", "6 x cart pending at tasks.py:11 cart"}
	for _, exe := range pythons(t) {
		t.Run(exe, func(t *testing.T) {
			t.Parallel()
			d, _ := crashPython(t, exe, "tasks")
			if d.Python == nil || !d.Python.Asyncio {
				t.Fatalf("asyncio was not seen: %+v %q", d.Python, d.Notes)
			}
			got := taskLines(d)
			slices.Sort(got)
			sorted := slices.Sorted(slices.Values(want))
			if diff := cmp.Diff(sorted, got); diff != "" {
				t.Errorf("tasks (-want +got):\n%s%q", diff, d.Notes)
			}
		})
	}
}

// taskLines says each group in a line, with the program's own call. The crashed task's
// stack is the thread's.
func taskLines(d *coredump.Dump) (lines []string) {
	for _, g := range d.Python.Tasks {
		frames, text := g.Frames, g.Coroutine+" "+g.State
		if g.State == "running" && len(frames) == 0 {
			frames = d.Threads[0].Python
		}
		if g.Count > 1 {
			text = fmt.Sprintf("%d x %s", g.Count, text)
		}
		if g.Raised != nil {
			text += fmt.Sprintf(" %s at %s:%d %s, retrieved %v", g.Exception, filepath.Base(g.Raised.File), g.Raised.Line,
				g.Raised.Function, g.Retrieved != nil && *g.Retrieved)
		}
		for _, f := range frames {
			if filepath.Base(f.File) == "tasks.py" {
				text += fmt.Sprintf(" at tasks.py:%d %s", f.Line, f.Function)
				break
			}
		}
		lines = append(lines, text)
	}
	return lines
}
