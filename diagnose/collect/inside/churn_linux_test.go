package inside

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/python"
)

// TestChurn reads a process that makes and ends thousands of tasks a second, and looks
// for tasks that cannot be. $GWDOCTOR_READINGS says how many readings; 20 usually.
func TestChurn(t *testing.T) {
	if testing.Short() {
		t.Skip("makes load")
	}
	readings := 20
	if n, err := strconv.Atoi(os.Getenv("GWDOCTOR_READINGS")); err == nil {
		readings = n
	}
	each(t, func(t *testing.T, path string) {
		pid, _ := start(t, path, "-u", "testdata/churn.py")
		m, in := openPython(t, pid)
		reported, wrong, moved := 0, 0, 0
		for range readings {
			s := in.Settle(m, m.fresh, 4)
			moved += s.Moved
			for _, task := range s.Tasks {
				reported++
				if why := impossible(task); why != "" {
					wrong++
					t.Logf("%s: %+v", why, task)
				}
			}
		}
		t.Logf("%d tasks reported, %d wrong, %d moved", reported, wrong, moved)
		if wrong*100_000 > max(reported, 100_000) {
			t.Errorf("%d of %d are wrong", wrong, reported)
		}
	})
}

// impossible says why churn.py cannot have had such a task; "" = it can.
func impossible(task python.Task) string {
	number, short := strings.CutPrefix(task.Name, "short-")
	n, err := strconv.Atoi(number)
	fresh := strings.HasPrefix(task.Name, "Task-") && task.State == python.TaskNotBegun // its name comes after it
	var stack []string
	for _, f := range task.Frames {
		stack = append(stack, f.Function)
	}
	leaf := "leaf_b"
	if n%2 == 1 {
		leaf = "leaf_a"
	}
	want := fmt.Sprint([]string{"sleep", "pause", leaf, "short"})
	switch {
	case task.Coroutine == "main" && task.Name == "Task-1", fresh:
		return ""
	case !short || err != nil || task.Coroutine != "short":
		return "no such task"
	case task.State == python.TaskNotBegun, task.State == python.TaskRunning, task.State == python.TaskFinished:
		return ""
	case n%7 == 0 || (n+3)%7 == 0: // sleep(0) yields in a helper of its own
		return ""
	case fmt.Sprint(stack) != want:
		return "no such stack, want " + want
	}
	return ""
}
