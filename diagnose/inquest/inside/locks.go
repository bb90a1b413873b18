package inside

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// Circle is threads or tasks that wait for each other: each for a lock that the next one holds in a with.
type Circle struct {
	Members []Member // each waits for what the next one holds, the last for the first one's
	Threads bool     // not tasks
	For     float64  // seconds at least
}

// Orphan is a lock that is taken, and that nobody who is there is seen to hold.
type Orphan struct {
	Class   string
	Waiting int
	First   Member
	Ended   bool    // the thread that took it has ended: of an RLock that is known
	For     float64 // seconds at least
}

// Member is a thread or task that waits for a lock.
type Member struct {
	Name   string
	Place  evidence.Frame // the program's own newest call; of none, the newest call
	Frames []evidence.Frame
	thread *evidence.InsideThread // nil = a task
}

// oneHolder are the classes of what one alone can hold.
var oneHolder = []string{"lock", "RLock", "Lock"}

// addCircles follows who waits for whom. A lock that is taken without a with has no holder here, and ends the search.
func (v *View) addCircles(in *evidence.Inside, p *evidence.InsideProcess) {
	next := map[string]string{}
	for _, pool := range p.Pools {
		if !slices.Contains(oneHolder, pool.Class) || len(pool.Holders) != 1 {
			continue
		}
		for _, name := range pool.Waiting {
			if uniquely(p, name) && uniquely(p, pool.Holders[0]) {
				next[name] = pool.Holders[0]
			}
		}
	}
	told := map[string]bool{}
	for _, pool := range p.Pools {
		for _, name := range pool.Waiting {
			if ring := ringFrom(name, next); ring != nil && !told[name] {
				for _, member := range ring {
					told[member] = true
				}
				v.addCircle(in, p, ring)
			}
		}
	}
}

// uniquely tells whether a name means one thread or task.
func uniquely(p *evidence.InsideProcess, name string) bool {
	n := 0
	for _, t := range p.Threads {
		if t.Is(name) {
			n++
		}
	}
	for _, g := range p.Tasks {
		for _, other := range g.Names {
			if other == name {
				n++
			}
		}
	}
	return n == 1
}

// ringFrom returns who waits for each other in a circle that a name is part of; nil = none does.
func ringFrom(name string, next map[string]string) (ring []string) {
	for at, ok := name, true; ok && len(ring) <= len(next); at, ok = next[at] {
		if at == name && ring != nil {
			return ring
		}
		ring = append(ring, at)
	}
	return nil
}

func (v *View) addCircle(in *evidence.Inside, p *evidence.InsideProcess, ring []string) {
	c := Circle{Threads: true, For: -1}
	for _, name := range ring {
		m, stands := memberOf(in, p, name)
		if stands < 0 {
			return // it moves, or waits for a time only
		}
		if c.For < 0 || stands < c.For {
			c.For = stands
		}
		c.Threads = c.Threads && m.thread != nil
		c.Members = append(c.Members, m)
	}
	v.Circles = append(v.Circles, c)
}

// memberOf finds a thread or task by its name, and for how many seconds at least it has waited; -1 = it does not wait
// without an end.
func memberOf(in *evidence.Inside, p *evidence.InsideProcess, name string) (Member, float64) {
	for i, t := range p.Threads {
		if !t.Is(name) {
			continue
		}
		m := Member{Name: name, Place: placeOf(t.Frames), Frames: t.Frames, thread: &p.Threads[i]}
		if !waitsForOthers(t) || t.Still == nil || !*t.Still {
			return m, -1
		}
		if t.LastRan != nil {
			return m, max(in.Apart, *t.LastRan)
		}
		return m, in.Apart
	}
	t := p.Task(name)
	if t == nil || t.State != pending {
		return Member{Name: name}, -1
	}
	return Member{Name: name, Place: placeOf(t.Frames), Frames: t.Frames}, max(in.Apart, quiet(p))
}

// quiet is for how many seconds no thread of a process has run: as long has each of its tasks waited. 0 = not known.
func quiet(p *evidence.InsideProcess) float64 {
	least := -1.0
	for _, t := range p.Threads {
		switch {
		case t.LastRan == nil:
			return 0
		case least < 0 || *t.LastRan < least:
			least = *t.LastRan
		}
	}
	return max(least, 0)
}

// addOrphans looks for locks that are taken and whose taker is gone, or took them without a with and is not seen.
func (v *View) addOrphans(in *evidence.Inside, p *evidence.InsideProcess) {
	for _, pool := range p.Pools {
		ended := slices.Contains(pool.Holders, evidence.EndedThread)
		if !slices.Contains(oneHolder, pool.Class) || !pool.Sought || len(pool.Holders) > 0 && !ended {
			continue
		}
		first, stands := memberOf(in, p, pool.Waiting[0])
		task := first.thread == nil
		// A thread may park itself by a lock of its own, as those of the standard library do.
		if stands < 0 || !task && stands < LongStand || !ended && (len(first.Frames) == 0 || !mayOwn(first)) ||
			task && (!standsBefore(p, pool) || mayHold(p, pool)) {
			continue
		}
		v.Orphans = append(v.Orphans, Orphan{Class: pool.Class, Waiting: len(pool.Waiting), First: first, Ended: ended,
			For: stands})
	}
}

// mayOwn tells whether the program itself asks for the lock.
func mayOwn(m Member) bool {
	return Own(m.Frames[0]) || m.thread == nil && NewestOwn(m.Frames) != nil
}

// standsBefore tells whether who waits first for a pool does so still, after some time.
func standsBefore(p *evidence.InsideProcess, pool evidence.InsidePool) bool {
	return pool.Still != nil && *pool.Still || pool.Still == nil && quiet(p) >= 1
}

// mayHold tells whether a task or thread that does not wait for a pool runs in a function of the program of one that
// does: it may have come past that point, and hold what it took there without a with.
func mayHold(p *evidence.InsideProcess, pool evidence.InsidePool) bool {
	waits := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(pool.Waiting, n) })
	}
	functions := map[[2]string]bool{}
	visit := func(frames []evidence.Frame, f func(key [2]string)) {
		for _, frame := range frames {
			if Own(frame) {
				f([2]string{frame.File, frame.Function})
			}
		}
	}
	each := func(f func(waiting bool, frames []evidence.Frame)) {
		for _, t := range p.Tasks {
			f(waits(t.Names...), t.Frames)
		}
		for _, t := range p.Threads {
			f(slices.ContainsFunc(pool.Waiting, t.Is), t.Frames)
		}
	}
	each(func(waiting bool, frames []evidence.Frame) {
		if waiting {
			visit(frames, func(key [2]string) { functions[key] = true })
		}
	})
	found := false
	each(func(waiting bool, frames []evidence.Frame) {
		if !waiting {
			visit(frames, func(key [2]string) { found = found || functions[key] && !isModule(key[1]) })
		}
	})
	return found
}

// isModule tells the code of a file itself, over which the main thread and the loop's run.
func isModule(function string) bool { return strings.HasPrefix(function, "<module>") }
