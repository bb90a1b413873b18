package python

import (
	"fmt"
	"slices"
)

// TaskGroup is an asyncio task, or several that stand alike. Frames are those of one
// that waits, newest first.
type TaskGroup struct {
	Names     []string `json:"names"` // the first of them
	Count     int      `json:"count"`
	Coroutine string   `json:"coroutine"`
	State     string   `json:"state"` // pending, not-begun, running, finished, cancelled
	Frames    []Frame  `json:"frames"`
	WaitsFor  string   `json:"waitsFor,omitempty"` // the type of what it waits for: "Future"
	Tasks     []string `json:"tasks,omitempty"`    // tasks that it waits for
	Exception string   `json:"exception,omitempty"`
	Raised    *Frame   `json:"raised,omitempty"`    // where the exception was raised
	Caught    *Frame   `json:"left,omitempty"`      // and where it left the task
	Retrieved *bool    `json:"retrieved,omitempty"` // somebody asked for the exception
	Loop      int      `json:"loop"`                // which of the process's loops, from 1
	// Stood is how many of them stood there at the look before, too; 0 = none, or there was one look
	Stood int `json:"stood,omitempty"`
}

// Stay counts in each of the groups those that stood alike at the look before.
func Stay(groups []TaskGroup, before, now []Task) {
	stood := map[string]bool{}
	for _, t := range before {
		stood[t.Name+"\x00"+t.standing()] = true
	}
	stay := map[string]int{}
	for _, t := range now {
		if stood[t.Name+"\x00"+t.standing()] {
			stay[t.standing()]++
		}
	}
	known := map[string]bool{}
	i := 0
	for _, t := range now { // in the order in which Groups made them
		key := t.standing()
		if known[key] || i == len(groups) {
			continue
		}
		known[key] = true
		groups[i].Stood = stay[key]
		i++
	}
}

// maxNames bounds the names that a group tells.
const maxNames = 50

// Groups joins tasks that stand alike: 1,000 requests that wait in one place are one
// group. room is asked before each new group whether its frames may be kept, too; cut
// tells that it refused one.
func Groups(tasks []Task, room func(frames int) bool) (groups []TaskGroup, cut bool) {
	loops := map[uint64]int{}
	known := map[string]int{}
	for _, t := range tasks {
		if loops[t.loop] == 0 {
			loops[t.loop] = len(loops) + 1
		}
		key := t.standing()
		i, ok := known[key]
		if !ok {
			if !room(len(t.Frames)) {
				cut = true
				continue
			}
			i = len(groups)
			known[key] = i
			groups = append(groups, t.group(loops[t.loop]))
		}
		groups[i].add(t)
	}
	return groups, cut
}

// standing is what tasks of one group have in common.
func (t *Task) standing() string {
	return fmt.Sprint(t.loop, t.Coroutine, t.State, t.WaitsFor, t.Exception, t.Raised,
		t.Retrieved != nil && *t.Retrieved, t.Frames)
}

func (t *Task) group(loop int) TaskGroup {
	return TaskGroup{Names: []string{}, Coroutine: t.Coroutine, State: t.State, Frames: append([]Frame{}, t.Frames...),
		WaitsFor: t.WaitsFor, Exception: t.Exception, Raised: t.Raised, Caught: t.Caught, Retrieved: t.Retrieved, Loop: loop}
}

func (g *TaskGroup) add(t Task) {
	g.Count++
	if len(g.Names) < maxNames {
		g.Names = append(g.Names, t.Name)
	}
	for _, name := range t.Tasks {
		if len(g.Tasks) < maxNames && !slices.Contains(g.Tasks, name) {
			g.Tasks = append(g.Tasks, name)
		}
	}
}
