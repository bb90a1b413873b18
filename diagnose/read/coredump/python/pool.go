package python

import (
	"slices"
	"strings"
)

// Pool is something of which there is only so much, and in whose code somebody waits.
type Pool struct {
	Class   string
	Size    int      // most that there can be; −1 = no bound, or not known
	Used    int      // −1 = not known
	Free    int      // what it could still give; −1 = not known
	Waiting []Holder // who waits in its code
	Queued  int      // of a pool of threads: pieces of work that no thread has taken; −1 = not known
	Holders []Holder // who works with what it gave out, or is in a with of it
	Sought  bool     // whoever is in a with of it is among the holders

	address uint64
}

// Same tells whether two readings are of one pool.
func (p Pool) Same(other Pool) bool { return p.address == other.address }

// Holder is a task, or a thread that runs none.
type Holder struct {
	Task   string
	Thread uint64 // identity
}

// poolKind says how a class of pools counts. used names containers of what is given
// out; free and all, where there is no such container, those of what is idle and what
// there is, which may have had other names in other versions.
type poolKind struct {
	waits           []string // functions in which one waits for it
	size            string
	used, free, all string
	extra           string // may be given out beyond the size
	value           string // what it could still give
	plain           bool   // asyncio's or threading's own, whose name others have, too
	queue           bool   // what is used are things that wait to be taken
}

// primitives are files in whose calls one waits, and does nothing: what stands between a pool's code and those works.
// And names of calls that wait in the pools' own files.
var primitives = strings.Fields("locks.py queues.py queue.py tasks.py timeouts.py threading.py _synchronization.py " +
	"async_timeout/__init__.py wait wait_for_connection _wait_for_available_connection")

// waitsOnly tells whether the frames above a pool's only wait: a client that connects, or whose request is being
// answered, stands in the pool's code, too.
func waitsOnly(above []Frame) bool {
	return !slices.ContainsFunc(above, func(f Frame) bool {
		return !slices.ContainsFunc(primitives, func(name string) bool {
			return strings.HasSuffix(f.File, "/"+name) || lastPart(f.Function) == name
		})
	})
}

// poolKinds by class. What is asked for are numbers and lengths, never what is in it.
//
//	redis-py        BlockingConnectionPool, ConnectionPool
//	SQLAlchemy      QueuePool, AsyncAdaptedQueuePool: _pool is a queue of idle ones
//	aiohttp         TCPConnector
//	httpcore        AsyncConnectionPool, ConnectionPool
//	asyncpg         Pool: _queue holds the idle ones
//	anyio           CapacityLimiter
//	asyncio         Queue, LifoQueue, PriorityQueue, Semaphore, BoundedSemaphore, Lock
//	queue           Queue, LifoQueue, PriorityQueue, which name their attributes without the underscore
//	threading       Semaphore, BoundedSemaphore
var poolKinds = map[string]poolKind{
	"BlockingConnectionPool": {waits: []string{"get_connection"}, size: "max_connections", used: "_in_use_connections",
		all: "_connections"},
	"QueuePool":             {waits: []string{"_do_get"}, size: "_max_overflow", extra: "_overflow", free: "_pool"},
	"AsyncAdaptedQueuePool": {waits: []string{"_do_get"}, size: "_max_overflow", extra: "_overflow", free: "_pool"},
	"TCPConnector": {waits: []string{"connect", "_wait_for_available_connection"}, size: "_limit",
		used: "_acquired"},
	"AsyncConnectionPool": {waits: []string{"handle_async_request"}, size: "_max_connections", all: "_connections _pool"},
	"ConnectionPool":      {waits: []string{"handle_request"}, size: "_max_connections", all: "_connections _pool"},
	"Queue":               {waits: []string{"get", "put"}, size: "_maxsize", used: "_queue", queue: true},
	"LifoQueue":           {waits: []string{"get", "put"}, size: "_maxsize", used: "_queue", queue: true},
	"PriorityQueue":       {waits: []string{"get", "put"}, size: "_maxsize", used: "_queue", queue: true},
	"CapacityLimiter":     {waits: []string{"acquire", "acquire_on_behalf_of"}, size: "_total_tokens", used: "_borrowers"},
	"Semaphore":           {waits: []string{"acquire"}, value: "_value", plain: true},
	"BoundedSemaphore":    {waits: []string{"acquire"}, value: "_value", size: "_bound_value", plain: true},
	"Lock":                {waits: []string{"acquire"}, plain: true},
}

const maxPools = 32

// stackOf is the stack of a task or thread, for the search for pools.
type stackOf struct {
	who    Holder
	frames []Frame
	selves []uint64
	at     []uint64
}

// pools looks for pools in whose code tasks or threads wait: a method's first argument
// is the pool. Who has a frame in the code of something that a pool gave out holds it.
func (r *reader) pools(stacks []stackOf) (list []Pool) {
	for _, s := range stacks {
		for i := range min(len(s.frames), len(s.selves), 12) {
			if kind, class := r.poolAt(s, i); class != "" {
				list = r.addWaiter(list, s, i, class, kind)
				break
			}
		}
	}
	for i := range list {
		r.holders(&list[i], stacks)
	}
	return list
}

func stacksOf(threads []Thread, tasks []Task) (stacks []stackOf) {
	for _, t := range tasks {
		stacks = append(stacks, stackOf{Holder{Task: t.Name}, t.Frames, t.selves, t.at})
	}
	for _, t := range threads {
		stacks = append(stacks, stackOf{Holder{Thread: t.Ident}, t.Frames, t.selves, t.at})
	}
	return stacks
}

// plainFiles are where asyncio and threading define theirs.
var plainFiles = []string{"/asyncio/locks.py", "/threading.py"}

func plain(f Frame) bool {
	return slices.ContainsFunc(plainFiles, func(file string) bool { return strings.HasSuffix(f.File, file) })
}

// nobodysHolders fills in who is in a with of what has no list of its own of what it gave.
func (r *reader) nobodysHolders(list []Pool, holding map[uint64][]Holder) {
	for i := range list {
		p := &list[i]
		if !poolKinds[p.Class].plain || !r.tellsHolders() {
			continue
		}
		p.Sought = true
		for _, who := range holding[p.address] {
			// While a task awaits __aenter__, __aexit__ lies on its stack already; 3.12 has a handler there, too.
			if who.Task == "" || !slices.Contains(p.Waiting, who) {
				p.Holders = append(p.Holders, who)
			}
		}
	}
}

// poolAt tells whether a frame waits in a pool's code. A queue inside a pool is the
// pool's, so the caller's frame is looked at, too.
func (r *reader) poolAt(s stackOf, i int) (poolKind, string) {
	class := r.typeOf(s.selves[i])
	kind, ok := poolKinds[class]
	if !ok || !slices.Contains(kind.waits, lastPart(s.frames[i].Function)) || !waitsOnly(s.frames[:i]) ||
		kind.plain && !plain(s.frames[i]) {
		return kind, ""
	}
	for j := i + 1; j < min(len(s.selves), i+6); j++ {
		outer := r.typeOf(s.selves[j])
		if k, ok := poolKinds[outer]; ok && !k.queue && s.selves[j] != s.selves[i] &&
			slices.Contains(k.waits, lastPart(s.frames[j].Function)) {
			return kind, "" // found again at the outer one
		}
	}
	return kind, class
}

func (r *reader) addWaiter(list []Pool, s stackOf, i int, class string, kind poolKind) []Pool {
	for j := range list {
		if list[j].address == s.selves[i] {
			list[j].Waiting = append(list[j].Waiting, s.who)
			return list
		}
	}
	if len(list) == maxPools {
		return list
	}
	p := Pool{Class: class, Size: -1, Used: -1, Free: -1, Queued: -1, address: s.selves[i], Waiting: []Holder{s.who}}
	r.count(&p, kind)
	return append(list, p)
}

// count asks a pool how many it has, and how many it gave out.
func (r *reader) count(p *Pool, kind poolKind) {
	if kind.queue && r.attribute(p.address, kind.used) == 0 {
		kind.size, kind.used = strings.TrimPrefix(kind.size, "_"), strings.TrimPrefix(kind.used, "_")
	}
	if n, ok := r.integer(r.attribute(p.address, kind.size)); kind.size != "" && ok && n >= 0 && n < 1<<31 {
		p.Size = int(n)
	}
	if n, ok := r.integer(r.attribute(p.address, kind.value)); kind.value != "" && ok && n >= 0 && n < 1<<31 {
		p.Free = int(n)
	}
	switch {
	case p.Class == "Lock":
		p.Size, p.Used, p.Free = 1, 1, 0 // else nobody would wait
	case p.Class == "QueuePool" || p.Class == "AsyncAdaptedQueuePool":
		r.countOverflow(p, kind)
		return
	case kind.queue && p.Size == 0:
		p.Size = -1 // no bound
	}
	for _, name := range strings.Fields(kind.used + " " + kind.all) {
		if n := r.length(r.attribute(p.address, name)); n >= 0 {
			p.Used = n
			return
		}
	}
}

// countOverflow: SQLAlchemy counts from −pool_size up to max_overflow what there is
// beyond the size; idle ones stand in a queue of pool_size places.
func (r *reader) countOverflow(p *Pool, kind poolKind) {
	queue := r.attribute(p.address, kind.free)
	size, ok := r.integer(r.attribute(queue, "maxsize"))
	if !ok { // of the async one the queue wraps asyncio's
		if queue = r.attribute(queue, "_queue"); queue != 0 {
			size, ok = r.integer(r.attribute(queue, "_maxsize"))
		}
	}
	over, ok2 := r.integer(r.attribute(p.address, kind.extra))
	idle := r.length(r.attribute(queue, "queue"))
	if idle < 0 {
		idle = r.length(r.attribute(queue, "_queue"))
	}
	if !ok || !ok2 || idle < 0 || size > 1<<20 {
		p.Size = -1
		return
	}
	if p.Size >= 0 {
		p.Size += int(size)
	}
	p.Used = max(0, int(size)+int(over)-idle)
}

// length is how many a container holds; −1 = it is none that is known.
func (r *reader) length(container uint64) int {
	at := uint64(sizedLength)
	switch r.typeOf(container) {
	case "set":
		at = setUsed
	case "list", "deque", "dict", "OrderedDict", "defaultdict": // ob_size, or ma_used at the same place
	default:
		return -1
	}
	if n := r.at(container + at); n < 1<<31 {
		return int(n)
	}
	return -1
}

// holders looks for stacks that stand in the code of what the pool gave out.
func (r *reader) holders(p *Pool, stacks []stackOf) {
	kind := poolKinds[p.Class]
	if kind.queue {
		return // what is in it is nobody's
	}
	out := map[uint64]bool{}
	keep := func(o uint64) {
		if len(out) < maxEntries {
			out[o] = true
		}
	}
	for _, name := range strings.Fields(kind.used + " " + kind.all) {
		switch container := r.attribute(p.address, name); r.typeOf(container) {
		case "set":
			r.members(container, keep)
		case "list":
			r.items(container, keep)
		}
	}
	if len(out) == 0 {
		return
	}
	for _, s := range stacks {
		if slices.ContainsFunc(s.selves, func(o uint64) bool { return out[o] }) && !slices.Contains(p.Waiting, s.who) {
			p.Holders = append(p.Holders, s.who)
		}
	}
}
