package python

import "slices"

// Lock is a lock of threads that a thread's newest call has at hand: it may be what that thread waits for.
type Lock struct {
	Class     string // "lock", "RLock"
	Semaphore uint64 // where the futex lies in which one waits for it
	Holders   []Holder

	object uint64
}

// Bounds of what is looked at of one frame.
const (
	maxSlots  = 128
	maxEntry  = 4096 // bytes of a table of exceptions
	maxNested = 3    // generators that hold for another
)

// The same from 3.9 to 3.13: of a method that is bound to an object, the object; of a lock, and of an RLock, the
// address of its semaphore. From 3.14 on a lock has none, and who waits parks elsewhere.
const (
	boundSelf     = 24
	lockSemaphore = 16
	codeHandlers  = 40 // the table of exceptions, from 3.11 on
)

// blocks says where a frame object keeps its open blocks: try, with, for (up to 3.10).
var blocks = map[string]struct{ count, first uint64 }{"3.9": {112, 120}, "3.10": {104, 112}}

// tellsHolders tells whether it can be seen of this version who holds a lock.
func (r *reader) tellsHolders() bool { return r.version != "3.14" }

// stable returns the part of a frame's stack of values that is sure to be there: what lies below the handler of the
// innermost try or with. A with keeps there the method by which it will leave its object.
func (r *reader) stable(frame uint64) (first, n uint64) {
	if b, ok := blocks[r.version]; ok {
		count, _ := r.number(frame + b.count)
		if count == 0 || count > 20 {
			return 0, 0
		}
		level, _ := r.number(frame + b.first + 12*uint64(count-1) + 8)
		return r.at(frame + 64), min(uint64(level), maxSlots)
	}
	code := r.at(frame + r.frameCode)
	index, ok := r.instruction(frame, code)
	table := r.at(code + codeHandlers)
	size, ok2 := r.word(table + bytesSize)
	locals, ok3 := r.number(code + r.codeFirst + 4)
	if !ok || !ok2 || !ok3 || index < 0 || size == 0 || locals > maxTable {
		return 0, 0
	}
	b := make([]byte, min(size, maxEntry))
	if r.ReadMemory(table+bytesData, b) != nil {
		return 0, 0
	}
	return frame + 72 + 8*uint64(locals), min(depthAt(b, uint64(index)/2), maxSlots)
}

// depthAt reads a table of exceptions (CPython, Objects/exception_handling_notes.txt): entries of four numbers, six
// bits a byte: where a range begins, its length, its handler, and twice the depth of the stack there.
func depthAt(table []byte, index uint64) uint64 {
	var entry [4]uint64
	for i := 0; i < len(table); {
		for k := range entry {
			value := uint64(0)
			for more := true; more && i < len(table); i++ {
				value, more = value<<6|uint64(table[i]&63), table[i]&64 != 0
			}
			entry[k] = value
		}
		if index >= entry[0] && index < entry[0]+entry[1] {
			return entry[3] >> 1
		}
	}
	return 0
}

// held calls f for each object that a with of a frame will leave.
func (r *reader) held(frame uint64, nested int, f func(object uint64)) {
	first, n := r.stable(frame)
	for i := range n {
		object := r.bound(r.at(first + 8*i))
		switch r.typeOf(object) {
		case "":
		case "_GeneratorContextManager", "_AsyncGeneratorContextManager":
			if gen := r.attribute(object, "gen"); nested < maxNested && isGenerator(r.typeOf(gen)) {
				r.held(r.frameOf(gen), nested+1, f)
			}
		case "Condition":
			f(r.attribute(object, "_lock"))
		default:
			f(object)
		}
	}
}

// bound returns the object of a bound method; 0 = it is none.
func (r *reader) bound(method uint64) uint64 {
	switch r.typeOf(method) {
	case "method", "builtin_function_or_method":
		return r.at(method + boundSelf)
	}
	return 0
}

// holding says of each object that a with holds who does.
func (r *reader) holding(stacks []stackOf) map[uint64][]Holder {
	out := map[uint64][]Holder{}
	for _, s := range stacks {
		for _, frame := range s.at {
			r.held(frame, 0, func(object uint64) {
				if len(out) < maxEntries {
					out[object] = append(out[object], s.who)
				}
			})
		}
	}
	return out
}

// locks lists the locks that the threads' newest calls have at hand, each with who holds it. A thread that waits for
// one does so in C, so that no frame of its own tells.
func (r *reader) locks(threads []Thread, holding map[uint64][]Holder) (list []Lock) {
	seen := map[uint64]bool{}
	for _, t := range threads {
		if len(t.at) == 0 || !r.tellsHolders() {
			continue
		}
		r.near(t.at[0], func(object uint64) {
			class := r.typeOf(object)
			if class != "lock" && class != "RLock" || seen[object] || len(list) == maxThreads {
				return
			}
			seen[object] = true
			l := Lock{Class: class, Semaphore: r.at(object + lockSemaphore), Holders: holding[object], object: object}
			if class == "RLock" {
				l.Holders = r.owners(l, threads)
			}
			list = append(list, l)
		})
	}
	return list
}

// owners is who holds an RLock by its own account: a thread that is in a with of it, or one that is not there any more.
// Another one may have the identity of such, since they are given again.
func (r *reader) owners(l Lock, threads []Thread) []Holder {
	owner := Holder{Thread: r.at(l.object + rlockOwner)}
	alive := slices.ContainsFunc(threads, func(t Thread) bool { return t.Ident == owner.Thread })
	if owner.Thread == 0 || alive && !slices.Contains(l.Holders, owner) {
		return nil
	}
	return []Holder{owner}
}

// near calls f for each object in a frame's places for variables and values, and for each that a method there is bound
// to. What lies on the stack may be left over: only a lock that the kernel's futex points to counts.
func (r *reader) near(frame uint64, f func(object uint64)) {
	code := r.at(frame + r.frameCode)
	first, n := frame+72, uint64(0)
	if b, old := blocks[r.version]; old {
		first = frame + b.first + 20*12 // behind the blocks
		size, _ := r.number(code + r.codeFirst - 8)
		n = (r.at(frame+64)-first)/8 + uint64(size)
	} else {
		size, _ := r.number(code + r.codeFirst - 4)
		locals, _ := r.number(code + r.codeFirst + 4)
		n = uint64(size) + uint64(locals)
	}
	for i := range min(n, maxSlots) {
		object := r.at(first + 8*i)
		if object == 0 || object%8 != 0 {
			continue
		}
		if self := r.bound(object); self != 0 {
			object = self
		}
		f(object)
	}
}
