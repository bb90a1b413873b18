package python

import (
	"fmt"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Task is one asyncio task.
type Task struct {
	Name      string
	Coroutine string // its function, qualified
	State     string // TaskPending …
	Frames    []Frame
	WaitsFor  string   // the type of what it waits for: "Future", "Task" …
	Tasks     []string // names of the tasks that it waits for
	Exception string   // of a finished one: the type, never the message
	Raised    *Frame   // where that was raised
	Caught    *Frame   // the outermost place of the traceback: where it left the task
	Retrieved *bool    // somebody asked for the exception; nil = it has none, or that is not known
	Note      string   // why it is not whole

	awaits                string // the type of what its innermost call waits for
	address, waiter, loop uint64
	selves, at            []uint64
}

// States of a task.
const (
	TaskPending   = "pending"
	TaskNotBegun  = "not-begun"
	TaskRunning   = fact.StateRunning
	TaskFinished  = fact.FineFinished
	TaskCancelled = "cancelled"
)

// Bounds of what is read of tasks.
const (
	maxTasks    = 20_000
	maxChildren = 50
	maxLoops    = 64
)

// The same in every version: _asyncio.Future's loop and exception, and beside the
// state whether an exception still is to be logged, as its lowest bit.
const (
	futureLoop      = 16
	futureException = 48
	futureLogs      = 4
)

// tasks lists the tasks of all loops of all interpreters. Notes say what was not read.
func (r *reader) tasks(interps []uint64) (list []Task, notes []string) {
	addresses, note := r.listed(interps)
	if note != "" {
		notes = append(notes, note)
	}
	if len(addresses) > maxTasks {
		notes = append(notes, fmt.Sprintf("the first %d of %d tasks were read", maxTasks, len(addresses)))
		addresses = addresses[:maxTasks]
	}
	refused := 0
	for _, at := range addresses {
		if t, ok := r.task(at); ok {
			list = append(list, t)
		} else {
			refused++
		}
	}
	if refused > 0 {
		notes = append(notes, fmt.Sprintf("%d tasks have a form that is not known", refused))
	}
	r.nameWaiters(list)
	return list, notes
}

// listed returns the addresses of the tasks, each once: those in asyncio.tasks' sets
// (_all_tasks up to 3.11, _scheduled_tasks and _eager_tasks later), in 3.14's lists, and in a census.
func (r *reader) listed(interps []uint64) (addresses []uint64, note string) {
	seen := map[uint64]bool{}
	add := func(task uint64) {
		if task != 0 && !seen[task] && len(seen) <= 4*maxTasks {
			seen[task] = true
			addresses = append(addresses, task)
		}
	}
	for _, interp := range interps {
		module := r.module(interp, "asyncio.tasks")
		if module == 0 {
			continue
		}
		r.inSets(module, add)
		if r.version == "3.14" {
			note = r.linked(interp, add)
		}
	}
	for _, task := range r.counted.tasks {
		if _, ok := r.task(task); ok { // what was freed since is no loss
			add(task)
		}
	}
	slices.Sort(addresses)
	return addresses, note
}

// inSets hands out the tasks that a module asyncio.tasks keeps in sets.
func (r *reader) inSets(module uint64, add func(task uint64)) {
	for _, name := range []string{"_all_tasks", "_scheduled_tasks", "_eager_tasks"} {
		set := r.item(module, name)
		switch kind := r.typeOf(set); kind {
		case "WeakSet":
			r.members(r.attribute(set, "data"), func(ref uint64) { add(r.at(ref + weakrefObject)) })
		case "set":
			r.members(set, add)
		}
	}
}

// task reads one; ok is false where it is no task that is known.
func (r *reader) task(at uint64) (Task, bool) {
	base, compiled := r.taskType(r.at(at + objectType))
	switch {
	case compiled && r.at(base+typeSize) == r.objects.task.size:
		return r.compiledTask(at)
	case compiled:
		return Task{}, false
	}
	return r.plainTask(at)
}

// taskType looks for _asyncio.Task among a type's bases.
func (r *reader) taskType(t uint64) (base uint64, compiled bool) {
	for range 32 {
		if t == 0 {
			return 0, false
		}
		if r.nameOfType(t) == "_asyncio.Task" {
			return t, true
		}
		t = r.at(t + typeBase)
	}
	return 0, false
}

// compiledTask reads a task of the C module.
func (r *reader) compiledTask(at uint64) (Task, bool) {
	l := r.objects.task
	state, ok := r.number(at + l.state)
	if !ok || state > 2 {
		return Task{}, false
	}
	t := Task{address: at, loop: r.at(at + futureLoop), waiter: r.at(at + l.waiter)}
	t.State = []string{TaskPending, TaskCancelled, TaskFinished}[state]
	if !r.describe(&t, r.at(at+l.coro), r.at(at+l.name)) {
		return Task{}, false
	}
	if exception := r.at(at + futureException); t.State == TaskFinished && exception != 0 {
		r.failure(&t, exception)
		logs, ok := r.byteAt(at + l.state + futureLogs)
		if retrieved := logs&1 == 0; ok {
			t.Retrieved = &retrieved
		}
	}
	return t, true
}

// plainTask reads a task of the Python module: an instance with these attributes.
// _state is the class's until it changes.
func (r *reader) plainTask(at uint64) (Task, bool) {
	t := Task{address: at, State: TaskPending, loop: r.attribute(at, "_loop"), waiter: r.attribute(at, "_fut_waiter")}
	if s, ok := r.str(r.attribute(at, "_state")); ok {
		switch s {
		case "CANCELLED":
			t.State = TaskCancelled
		case "FINISHED":
			t.State = TaskFinished
		}
	}
	if !r.describe(&t, r.attribute(at, "_coro"), r.attribute(at, "_name")) {
		return Task{}, false
	}
	if exception := r.attribute(at, "_exception"); t.State == TaskFinished && !r.none(exception) {
		r.failure(&t, exception)
	}
	return t, true
}

// describe fills in the name, the coroutine and, of one that is not done, its stack.
func (r *reader) describe(t *Task, coro, name uint64) bool {
	if r.none(t.waiter) {
		t.waiter = 0
	}
	if kind := r.typeOf(name); kind == "str" || kind == "" { // asyncio makes it one; of a freed task it may be anything
		t.Name, _ = r.str(name)
	}
	if t.Name == "" {
		n, ok := r.integer(name) // "Task-7" is made of it when somebody asks
		if !ok {
			return false
		}
		t.Name = fmt.Sprintf("Task-%d", n)
	}
	kind := r.typeOf(coro)
	if !isGenerator(kind) {
		return false
	}
	if t.Coroutine, _ = r.pointed(coro + r.objects.gen.name); t.Coroutine == "" {
		return false
	}
	if t.State == TaskPending {
		r.stand(t, coro)
	}
	return true
}

// stand fills in where a task that is not done stands.
func (r *reader) stand(t *Task, coro uint64) {
	switch r.progress(coro) {
	case progressRunning:
		t.State = TaskRunning
		return
	case progressCreated:
		t.State = TaskNotBegun
	case progressDone, progressUnknown:
		t.Note = "its coroutine has no frame"
		return
	}
	w := r.wait(coro)
	t.Frames, t.selves, t.at, t.Note, t.awaits = w.frames, w.selves, w.at, w.note, w.kind
	if t.State == TaskPending && t.Note == "" && r.torn(w, t.waiter) {
		t.Note = "it moves"
	}
	if t.waiter != 0 {
		t.WaitsFor = r.typeOf(t.waiter)
	}
}

// failure tells of the exception that ended a task: its type, and the last place of
// its traceback.
func (r *reader) failure(t *Task, exception uint64) {
	t.Exception = lastPart(r.nameOfType(r.at(exception + objectType)))
	tb := r.at(exception + r.objects.traceback)
	for range maxDepth {
		if r.none(tb) {
			return
		}
		if f, ok := r.tracebackFrame(tb); ok {
			if t.Caught == nil {
				t.Caught = &f
			}
			t.Raised = &f
		}
		tb = r.at(tb + tracebackNext)
		if r.walked++; r.walked >= maxTotal || r.spent() {
			return
		}
	}
}

// tracebackFrame names one entry. The line is worked out when somebody asks, and −1
// until then (3.12 and later). From 3.11 on a frame object holds the frame at 24.
func (r *reader) tracebackFrame(tb uint64) (Frame, bool) {
	frame := r.at(tb + tracebackAt)
	if r.codeBytes != 0 {
		frame = r.at(frame + 24)
	}
	at := r.at(frame + r.frameCode)
	if r.tagged {
		at &^= 7
	}
	c, ok := r.codeAt(at)
	line, ok2 := r.number(tb + tracebackLine)
	if !ok || !ok2 {
		return Frame{}, false
	}
	f := Frame{File: c.file, Function: c.function, Line: int(int32(line))}
	if f.Line < 0 {
		inst, _ := r.number(tb + tracebackInst)
		f.Line = max(r.lines(c.lines, c.first, int64(int32(inst))), 0)
	}
	return f, true
}

// nameWaiters says which of the listed tasks a task waits for, alone or by gather.
func (r *reader) nameWaiters(list []Task) {
	names := map[uint64]string{}
	for _, t := range list {
		names[t.address] = t.Name
	}
	for i := range list {
		t := &list[i]
		if name, ok := names[t.waiter]; ok {
			t.Tasks = []string{name}
		} else if t.WaitsFor == "_GatheringFuture" {
			r.items(r.attribute(t.waiter, "_children"), func(child uint64) {
				if name, ok := names[child]; ok && len(t.Tasks) < maxChildren {
					t.Tasks = append(t.Tasks, name)
				}
			})
		}
	}
}

// none tells whether an address is none, or None.
func (r *reader) none(object uint64) bool { return object == 0 || r.typeOf(object) == "NoneType" }
