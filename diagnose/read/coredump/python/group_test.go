package python

import (
	"fmt"
	"testing"
)

// TestGroups: tasks that stand alike are one, and what finds no room is said to be left out.
func TestGroups(t *testing.T) {
	place := []Frame{{File: "/app/app.py", Line: 38, Function: "cart"}}
	var tasks []Task
	for i := range 60 {
		tasks = append(tasks, Task{Name: fmt.Sprint("Task-", i), Coroutine: "cart", State: TaskPending, Frames: place,
			loop: 7})
	}
	tasks = append(tasks, Task{Name: "other-loop", Coroutine: "cart", State: TaskPending, Frames: place, loop: 8})
	groups, cut := Groups(tasks, func(int) bool { return true })
	if cut || len(groups) != 2 || groups[0].Count != 60 || len(groups[0].Names) != maxNames || groups[0].Loop != 1 ||
		groups[1].Count != 1 || groups[1].Loop != 2 {
		t.Errorf("cut %v, %+v", cut, groups)
	}
	left := 1
	groups, cut = Groups(tasks, func(int) bool { left--; return left >= 0 })
	if !cut || len(groups) != 1 || groups[0].Count != 60 {
		t.Errorf("with room for one: cut %v, %+v", cut, groups)
	}
}
