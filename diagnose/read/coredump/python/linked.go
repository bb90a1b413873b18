package python

// 3.14 keeps its tasks in linked lists, one in the interpreter and one in each thread,
// and says in the data of the module _asyncio where their fields lie
// (Modules/_asynciomodule.c: Py_AsyncioModuleDebugOffsets, section .AsyncioDebug). It
// has no cookie, so it is told by its shape, 13 words:
//
//	task:        size, name, awaited_by, is_task, awaited_by_is_set, coro, node
//	interpreter: size, head of tasks
//	thread:      size, running loop, running task, head of tasks
type linkedTasks struct{ node, interpHead, runningTask, threadHead uint64 }

const linkedWords = 13

// linkedShape reads the words; ok is false where they cannot be that table.
func linkedShape(w []uint64) (l linkedTasks, ok bool) {
	size := w[0]
	if size < 128 || size > 512 || w[7] < 4096 || w[7] > 1<<24 || w[8] >= w[7] || w[9] < 300 || w[9] > 16384 {
		return l, false
	}
	for _, field := range w[1:7] {
		if field < 16 || field >= size {
			return l, false
		}
	}
	for _, field := range w[10:13] {
		if field == 0 || field >= w[9] {
			return l, false
		}
	}
	if w[6]%8 != 0 || w[8]%8 != 0 || w[12]%8 != 0 {
		return l, false
	}
	return linkedTasks{node: w[6], interpHead: w[8], runningTask: w[11], threadHead: w[12]}, true
}

// findLinked looks for the table in the data of _asyncio, or of the interpreter, into
// which it may be built.
func findLinked(m Memory, areas []Area, size uint64) (found linkedTasks, ok bool) {
	var joined []byte
	scan(m, areas, func(_ uint64, b []byte) bool {
		joined = append(joined[:min(len(joined), 8*(linkedWords-1))], b...)
		words := make([]uint64, len(joined)/8)
		for i := range words {
			words[i] = order.Uint64(joined[8*i:])
		}
		for i := 0; i+linkedWords <= len(words); i++ {
			if words[i] == size {
				if found, ok = linkedShape(words[i : i+linkedWords]); ok {
					return true
				}
			}
		}
		keep := min(len(joined), 8*(linkedWords-1))
		copy(joined, joined[len(joined)-keep:])
		return false
	})
	return found, ok
}

// linked adds the tasks of 3.14's lists: those of the interpreter, which outlived
// their thread, and each thread's.
func (r *reader) linked(interp uint64, add func(uint64)) (note string) {
	if r.lists == nil {
		return "asyncio's table of offsets was not found: only tasks of other kinds are listed"
	}
	r.chain(interp+r.lists.interpHead, add)
	thread := r.at(interp + r.interpThreads)
	for n := 0; thread != 0 && n < maxThreads; n++ {
		r.chain(thread+r.lists.threadHead, add)
		thread = r.at(thread + r.threadNext)
	}
	return ""
}

// chain follows one list until it is back at its head.
func (r *reader) chain(head uint64, add func(uint64)) {
	node := r.at(head)
	for n := 0; node != head && node != 0 && n < 4*maxTasks && !r.spent(); n++ {
		add(node - r.lists.node)
		node = r.at(node)
	}
}
