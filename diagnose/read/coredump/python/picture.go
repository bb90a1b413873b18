package python

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Interpreter is where a process's CPython keeps its state. That does not move while
// the process lives, so it is searched once.
type Interpreter struct {
	Version string
	Found   string // "table" or "shape"

	layout  *layout
	objects *objects // nil: only threads are read of this version
	head    uint64   // the newest interpreter
	lists   *linkedTasks
	census  census // empty until it is taken
}

// Picture is what one reading gave.
type Picture struct {
	Threads  []Thread
	Tasks    []Task
	Handlers []Handler
	Pools    []Pool
	Locks    []Lock
	Asyncio  bool // asyncio was imported
	// greenlet was imported (gevent, eventlet, SQLAlchemy's asyncio): what is switched out is neither thread nor task
	Greenlets bool
	Notes     []string
}

// Find looks for the interpreter; areas, paths and errors are those of [Read].
func Find(m Memory, areas []Area, paths []string) (*Interpreter, error) {
	in, err := find(m, areas, paths)
	if err != nil || in.objects == nil || in.Version != "3.14" {
		return in, err
	}
	own := asyncioAreas(areas)
	if l, ok := findLinked(m, own, in.objects.task.size); ok {
		in.lists = &l
	} else if l, ok := findLinked(m, areas, in.objects.task.size); ok {
		in.lists = &l
	}
	return in, nil
}

func asyncioAreas(areas []Area) []Area {
	var own []Area
	for _, a := range areas {
		if strings.Contains(a.Path[strings.LastIndexByte(a.Path, '/')+1:], "_asyncio") {
			own = append(own, a)
		}
	}
	return own
}

func (in *Interpreter) reader(m Memory, budget int) *reader {
	r := &reader{Memory: m, layout: in.layout, lists: in.lists, counted: in.census, budget: budget,
		codes: map[uint64]*code{}, types: map[uint64]string{}}
	if in.objects != nil {
		r.objects, r.named = *in.objects, true
	}
	return r
}

// Read takes one reading: threads with their names, tasks. What it gives of a process
// that runs meanwhile may be torn; see [Settle].
func (in *Interpreter) Read(m Memory) *Picture { return in.picture(m, liveBudget) }

func (in *Interpreter) picture(m Memory, budget int) *Picture {
	r := in.reader(m, budget)
	interps := r.interpreters(in.head)
	p := &Picture{Threads: r.threads(interps)}
	if in.objects == nil {
		p.Notes = append(p.Notes, "CPython "+in.Version+": only the threads' stacks are read of this version")
		return p
	}
	for _, interp := range interps {
		r.nameTypes(interp)
		p.Asyncio = p.Asyncio || r.module(interp, "asyncio.tasks") != 0
		p.Greenlets = p.Greenlets || r.module(interp, "greenlet") != 0
		p.Handlers = append(p.Handlers, r.handlers(interp)...)
	}
	r.nameThreads(interps, p.Threads)
	p.Tasks, p.Notes = r.tasks(interps)
	if p.Greenlets && r.counted.taken && r.counted.greenlets <= len(p.Threads) {
		p.Greenlets = false // none but those that run
	}
	if p.Greenlets {
		p.Notes = append(p.Notes, r.greenletsNote())
	}
	for i := range p.Threads {
		p.Threads[i].Handler = r.waitsForHandler(&p.Threads[i], p.Handlers) + 1
	}
	stacks := stacksOf(p.Threads, p.Tasks)
	holding := r.holding(stacks)
	p.Pools, p.Locks = r.pools(stacks), r.locks(p.Threads, holding)
	r.nobodysHolders(p.Pools, holding)
	p.Pools = append(p.Pools, r.unserved(p.Pools)...)
	p.Pools = append(p.Pools, r.executors(p.Threads)...)
	if r.spent() {
		p.Notes = append(p.Notes, "not all was read: its memory leads on without an end")
	}
	return p
}

// greenletsNote says that greenlets are not shown, and how many, where a census counted them.
func (r *reader) greenletsNote() string {
	if n := r.counted.greenlets; r.counted.taken {
		return fmt.Sprintf("of %d greenlets none that is switched out is shown: what it waits for is not read", n)
	}
	return "greenlets are not shown: what one that is switched out waits for is not read"
}

// nameThreads takes the names of threading._active, a dict of identities and Thread
// objects. Each interpreter has its own; the main one's, which comes last, counts.
func (r *reader) nameThreads(interps []uint64, list []Thread) {
	names := map[uint64]string{}
	for _, interp := range interps {
		r.entries(r.item(r.module(interp, "threading"), "_active"), func(key, thread uint64) bool {
			if id, ok := r.integer(key); ok {
				names[uint64(id)], _ = r.str(r.attribute(thread, "_name"))
			}
			return len(names) >= maxThreads
		})
	}
	for i := range list {
		list[i].Name = names[list[i].Ident]
		if r.threadNative == 0 && list[i].Ident != 0 {
			tid, _ := r.number(list[i].Ident + glibcTID)
			list[i].NativeID, list[i].Guessed = uint64(tid), true
		}
	}
}

// glibcTID is where glibc's struct pthread keeps the thread's id, on x86-64: the
// identity is its address. Measured with 2.36 and 2.43.
const glibcTID = 720

// Settled is what several readings agree in.
type Settled struct {
	Threads []Thread // those that move have no frames
	Moving  map[uint64]bool
	Tasks   []Task // only such as two readings gave alike
	Moved   int    // tasks that no two readings gave alike
	Pools   []Pool // of the last reading, those that did not change since the one before
	Locks   []Lock // the same
	Asyncio bool
	Notes   []string

	Greenlets bool
	Handlers  []Handler
}

// Settle reads until two readings in a row agree in every thread and task, most times
// at most. A thread or task is reported as two readings in a row gave it, else it is
// said to move: one reading alone is wrong in some per cent of a busy process's
// stacks. fresh drops what the memory keeps of pages.
func (in *Interpreter) Settle(m Memory, fresh func(), most int) *Settled {
	s := &settling{threads: map[uint64]Thread{}, tasks: map[uint64]Task{}}
	fresh()
	last := in.Read(m)
	for n := 1; n < most; n++ {
		fresh()
		next := in.Read(m)
		if s.compare(last, next) {
			last = next
			break
		}
		last = next
	}
	return s.result(last)
}

type settling struct {
	threads map[uint64]Thread
	tasks   map[uint64]Task
	pools   []Pool
	locks   []Lock
}

// compare keeps what two readings agree in, and tells whether that was all.
func (s *settling) compare(a, b *Picture) bool {
	before := map[uint64]*Thread{}
	for i := range a.Threads {
		before[a.Threads[i].Ident] = &a.Threads[i]
	}
	s.pools = inBoth(a.Pools, b.Pools)
	s.locks = inBoth(a.Locks, b.Locks)
	whole := true
	for _, t := range b.Threads {
		if old := before[t.Ident]; old != nil && sameThread(old, &t) {
			s.threads[t.Ident] = t
		} else {
			_, had := s.threads[t.Ident]
			whole = whole && had
		}
	}
	return s.compareTasks(a, b) && whole
}

func (s *settling) compareTasks(a, b *Picture) bool {
	before := map[uint64]*Task{}
	for i := range a.Tasks {
		before[a.Tasks[i].address] = &a.Tasks[i]
	}
	whole := true
	for _, t := range b.Tasks {
		if old := before[t.address]; old != nil && sameTask(old, &t) {
			s.tasks[t.address] = t
		} else {
			_, had := s.tasks[t.address]
			whole = whole && had
		}
	}
	return whole
}

// result lists what settled, of what the last reading still had.
func (s *settling) result(last *Picture) *Settled {
	out := &Settled{Moving: map[uint64]bool{}, Asyncio: last.Asyncio, Notes: last.Notes, Handlers: last.Handlers}
	out.Greenlets = last.Greenlets
	out.Pools, out.Locks = s.pools, s.locks
	for _, t := range last.Threads {
		if settled, ok := s.threads[t.Ident]; ok {
			out.Threads = append(out.Threads, settled)
			continue
		}
		out.Moving[t.Ident] = true
		t.Frames, t.Depth, t.Note = nil, 0, ""
		out.Threads = append(out.Threads, t)
	}
	for _, t := range last.Tasks {
		if settled, ok := s.tasks[t.address]; ok {
			out.Tasks = append(out.Tasks, settled)
		} else {
			out.Moved++
		}
	}
	return out
}

func sameThread(a, b *Thread) bool {
	return a.Note == "" && b.Note == "" && a.NativeID == b.NativeID && a.Depth == b.Depth && a.Name == b.Name &&
		a.Handler == b.Handler &&
		slices.Equal(a.Frames, b.Frames)
}

// sameTask demands all that is told of it, and no note: a freed task stays the same,
// but has no coroutine any more.
func sameTask(a, b *Task) bool {
	return a.Note == "" && b.Note == "" && a.Name == b.Name && a.Coroutine == b.Coroutine && a.State == b.State &&
		a.waiter == b.waiter && a.WaitsFor == b.WaitsFor && a.Exception == b.Exception &&
		samePlace(a.Raised, b.Raised) && slices.Equal(a.Frames, b.Frames)
}

// inBoth are those of the second list that the first has just so.
func inBoth[T any](a, b []T) (list []T) {
	for _, x := range b {
		if slices.ContainsFunc(a, func(y T) bool { return reflect.DeepEqual(x, y) }) {
			list = append(list, x)
		}
	}
	return list
}

func samePlace(a, b *Frame) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
