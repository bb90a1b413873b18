package python

import "slices"

// Collector lists: PyInterpreterState.gc holds three generations, each a ring of heads that stand before the objects
// (Include/internal/pycore_interp_structs.h, pycore_gc.h; 3.14's two old ones lie where three others lay before). The
// lowest bits of both links are flags. A head:
//
//	next, previous: 16 bytes, then the object
const (
	gcGenerations = 24
	gcGeneration  = 24 // bytes of one
	gcHead        = 16
	linkFlags     = 7
)

// Bounds of a census: a service of 160 MB has a million objects.
const (
	maxObjects   = 4_000_000
	censusBudget = 1 << 30
	censusTries  = 3 // of a list that changes while it is walked
)

// census is what only the collector's lists lead to.
type census struct {
	tasks  []uint64 // which asyncio lists or not
	queues []uint64 // asyncio's and threads' alike

	taken     bool
	greenlets int // those that run are among them, one of each thread
}

// kind is what a census is after.
type kind int

const (
	kindOther kind = iota
	kindTask
	kindQueue
	kindGreenlet
)

// Census walks all objects that the collector knows, so that the next readings tell of tasks that ended, which 3.14
// takes out of its lists, and of queues for which nobody waits. That touches the whole heap. The process runs
// meanwhile: what is found counts only where readings agree in it. note says what was not seen; "" = nothing.
func (in *Interpreter) Census(m Memory, fresh func()) (note string) {
	if in.objects == nil {
		return "CPython " + in.Version + ": its collector's lists are not read"
	}
	c := counting{reader: in.reader(m, censusBudget), kinds: map[uint64]kind{}, found: map[uint64]bool{}}
	for _, interp := range c.interpreters(in.head) {
		for generation := range uint64(3) {
			head := interp + c.objects.collector + gcGenerations + generation*gcGeneration
			whole := false
			for n := 0; n < censusTries && !whole; n++ {
				fresh()
				whole = c.walk(head)
			}
			if !whole {
				note = "not all objects were seen: the collector's lists moved, or led on without an end"
			}
		}
	}
	slices.Sort(c.list.tasks) // whatever list they stood in
	slices.Sort(c.list.queues)
	c.list.taken = true
	in.census = c.list
	return note
}

type counting struct {
	*reader
	list  census
	kinds map[uint64]kind // by type
	found map[uint64]bool
	seen  int
}

// walk follows one ring until it is back; false = it did not come there.
func (c *counting) walk(head uint64) bool {
	at := head
	for ; c.seen < maxObjects; c.seen++ {
		next, ok := c.word(at)
		next &^= linkFlags
		previous, ok2 := c.word(next + 8)
		switch {
		case !ok || !ok2 || previous&^linkFlags != at:
			return false
		case next == head:
			return true
		}
		c.look(next + gcHead)
		at = next
	}
	return false
}

func (c *counting) look(object uint64) {
	t := c.at(object + objectType)
	k, known := c.kinds[t]
	if !known {
		k = c.kindOf(t)
		c.kinds[t] = k
	}
	if k == kindOther || c.found[object] {
		return
	}
	c.found[object] = true
	switch {
	case k == kindTask && len(c.list.tasks) < maxTasks:
		c.list.tasks = append(c.list.tasks, object)
	case k == kindQueue && len(c.list.queues) < maxTasks:
		c.list.queues = append(c.list.queues, object)
	case k == kindGreenlet:
		c.list.greenlets++
	}
}

func (c *counting) kindOf(t uint64) kind {
	if _, compiled := c.taskType(t); compiled {
		return kindTask
	}
	if poolKinds[lastPart(c.nameOfType(t))].queue {
		return kindQueue
	}
	if c.derives(t, "greenlet.greenlet") {
		return kindGreenlet
	}
	return kindOther
}

// derives tells whether a type is of a name, or one of its bases is.
func (r *reader) derives(t uint64, name string) bool {
	for n := 0; t != 0 && n < 32; n++ {
		if r.nameOfType(t) == name {
			return true
		}
		t = r.at(t + typeBase)
	}
	return false
}

// unserved lists the queues of the census in which something waits for somebody to take it, and for which nobody waits.
func (r *reader) unserved(known []Pool) (list []Pool) {
	for _, at := range r.counted.queues {
		class := r.typeOf(at)
		p := Pool{Class: class, Size: -1, Used: -1, Free: -1, Queued: -1, address: at}
		if !poolKinds[class].queue || slices.ContainsFunc(known, func(p Pool) bool { return p.address == at }) {
			continue
		}
		if r.count(&p, poolKinds[class]); p.Used > 0 && r.takers(at) == 0 && len(list) < maxPools {
			list = append(list, p)
		}
	}
	return list
}

// takers is how many wait for something to be put into a queue; −1 = that is not known. queue.Queue's wait in a
// condition.
func (r *reader) takers(queue uint64) int {
	if n := r.length(r.attribute(queue, "_getters")); n >= 0 {
		return n
	}
	return r.length(r.attribute(r.attribute(queue, "not_empty"), "_waiters"))
}
