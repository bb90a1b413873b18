package python

import (
	"slices"
	"strings"
)

const executor = "ThreadPoolExecutor"

// executors lists the pools of threads, which their threads lead to: each runs _worker with a weak reference to its
// executor, and one that has nothing to do stands there.
func (r *reader) executors(threads []Thread) (list []Pool) {
	for _, t := range threads {
		i := slices.IndexFunc(t.Frames[:min(len(t.Frames), len(t.selves))], func(f Frame) bool {
			return f.Function == "_worker" && strings.HasSuffix(f.File, "/concurrent/futures/thread.py")
		})
		if i < 0 {
			continue
		}
		at := r.at(t.selves[i] + weakrefObject)
		p := slices.IndexFunc(list, func(p Pool) bool { return p.address == at })
		if p < 0 {
			if r.typeOf(at) != executor || len(list) == maxPools {
				continue
			}
			p, list = len(list), append(list, r.executor(at))
		}
		if i > 0 {
			list[p].Used++
			list[p].Holders = append(list[p].Holders, Holder{Thread: t.Ident})
		}
	}
	return list
}

func (r *reader) executor(at uint64) Pool {
	p := Pool{Class: executor, Size: -1, Free: -1, Queued: r.queued(r.attribute(at, "_work_queue")), address: at}
	if n, ok := r.integer(r.attribute(at, "_max_workers")); ok && n > 0 && n < 1<<31 {
		p.Size = int(n)
	}
	return p
}

// Of _queue.SimpleQueue up to 3.12 the list and where its first item is; later how many a ring holds.
const (
	simpleList  = 32
	simpleFirst = 40
	simpleCount = 56
)

// queued is how many items a queue.SimpleQueue holds; −1 = it is none.
func (r *reader) queued(queue uint64) int {
	if r.typeOf(queue) != "SimpleQueue" {
		return -1
	}
	n := int64(r.at(queue + simpleCount))
	if r.objects.values != valuesInline {
		n = int64(r.at(r.at(queue+simpleList)+sizedLength)) - int64(r.at(queue+simpleFirst))
	}
	if n < 0 || n > 1<<31 {
		return -1
	}
	return int(n)
}
