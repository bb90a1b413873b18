package inside

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/python"
)

// readStatus reads what it needs of /proc/PID/task/TID/status:
//
//	Name:	uvicorn
//	State:	S (sleeping)
//	NSpid:	48213	7
//	voluntary_ctxt_switches:	3167
//	nonvoluntary_ctxt_switches:	1607
func readStatus(text string) (t glimpse) {
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ":")
		fields := strings.Fields(value)
		if len(fields) == 0 {
			continue
		}
		switch key {
		case "Name":
			t.comm = strings.TrimSpace(value)
		case "State":
			t.state = fields[0]
		case "NSpid":
			t.inner, _ = strconv.Atoi(fields[len(fields)-1])
		case "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches":
			n, _ := strconv.ParseUint(fields[0], 10, 64)
			t.switches += n
		}
	}
	return t
}

// last is the newest look.
func (s *seen) last() *glance {
	if s.second.taken && len(s.second.threads) > 0 {
		return &s.second
	}
	return &s.first
}

// report puts together what the looks gave.
func (s *seen) report(left *quota) evidence.InsideProcess {
	p := evidence.InsideProcess{PID: s.pid, Comm: s.comm, Threads: []evidence.InsideThread{},
		Tasks: []evidence.InsideTask{}, Handlers: []evidence.InsideHandler{}, Pools: []evidence.InsidePool{},
		Notes: append([]string{}, s.notes...)}
	g := s.last()
	names := s.describe(&p, g)
	stacks := stacksOf(g)
	before := stacksOf(&s.first)
	for _, t := range g.threads {
		if left.threads++; left.threads > maxThreads {
			s.cut = true
			break
		}
		out := evidence.InsideThread{TID: t.tid, Inner: t.inner, Name: t.comm, State: t.state, Frames: []evidence.Frame{},
			LastRan: t.lastRan, Wait: t.wait}
		if stack, ok := stacks[t.inner]; ok && left.frames <= maxFrames {
			left.frames += len(stack.Frames)
			addStack(&out, stack, g.python)
			lock(&out, stack, g.python, names)
			if old, ok := before[t.inner]; ok && s.second.taken && !slices.Equal(old.Frames, stack.Frames) {
				out.Earlier = old.Frames
			}
		}
		out.Still = s.still(t, out)
		p.Threads = append(p.Threads, out)
	}
	s.addTasks(&p, g, left)
	p.Connections = s.gathered(g)
	return p
}

// describe fills in what the interpreter says of the process as a whole, and returns
// the threads' names.
func (s *seen) describe(p *evidence.InsideProcess, g *glance) map[uint64]string {
	names := map[uint64]string{}
	if g.python == nil {
		return names
	}
	p.Version, p.Asyncio, p.Moved = s.python.Version, g.python.Asyncio, g.python.Moved
	p.Greenlets = g.python.Greenlets
	p.Notes = append(p.Notes, g.python.Notes...)
	if s.python.Version == "3.14" && p.Asyncio && !s.counted {
		p.Notes = append(p.Notes, "tasks that ended are not seen: Python 3.14 no longer lists them; --census finds them")
	}
	nameThreads(names, g.python.Threads)
	for _, h := range g.python.Handlers {
		out := evidence.InsideHandler{Class: h.Class, Owner: names[h.Owner]}
		if h.FD >= 0 {
			out.FD = &h.FD
		}
		p.Handlers = append(p.Handlers, out)
	}
	for _, pool := range g.python.Pools {
		p.Pools = append(p.Pools, evidence.InsidePool{Class: pool.Class, Size: known(pool.Size), Used: known(pool.Used),
			Free: known(pool.Free), Queued: known(pool.Queued), Waiting: holders(pool.Waiting, names),
			Holders: holders(pool.Holders, names), Sought: pool.Sought, Still: s.stillWaits(pool)})
	}
	p.Pools = append(p.Pools, withoutPools(locksOf(g, names), p.Pools)...)
	return names
}

// withoutPools leaves out the locks by which nobody waits but for a pool: who waits for one has the kernel wait for a
// lock of his own (threading.Condition), which nobody holds and the pool releases.
func withoutPools(locks, pools []evidence.InsidePool) []evidence.InsidePool {
	forPool := func(name string) bool {
		return slices.ContainsFunc(pools, func(p evidence.InsidePool) bool { return slices.Contains(p.Waiting, name) })
	}
	return slices.DeleteFunc(locks, func(lock evidence.InsidePool) bool {
		return !slices.ContainsFunc(lock.Waiting, func(name string) bool { return !forPool(name) })
	})
}

// nameThreads calls each thread by its name; those of one name, which a pool may give, are told apart by their number.
func nameThreads(names map[uint64]string, threads []python.Thread) {
	times := map[string]int{}
	for _, t := range threads {
		times[t.Name]++
	}
	for _, t := range threads {
		switch names[t.Ident] = t.Name; {
		case t.Name == "":
			names[t.Ident] = fmt.Sprintf("thread %d", t.NativeID)
		case times[t.Name] > 1:
			names[t.Ident] = fmt.Sprintf("%s (thread %d)", t.Name, t.NativeID)
		}
	}
}

// stillWaits tells whether who waits first for a pool did so at the first look; nil = there was no other.
func (s *seen) stillWaits(pool python.Pool) *bool {
	if !s.second.taken || s.first.python == nil || len(pool.Waiting) == 0 {
		return nil
	}
	still := slices.ContainsFunc(s.first.python.Pools, func(before python.Pool) bool {
		return before.Same(pool) && len(before.Waiting) > 0 && before.Waiting[0] == pool.Waiting[0]
	})
	return &still
}

// locksOf lists the locks of threads for which the kernel has a thread wait.
func locksOf(g *glance, names map[uint64]string) (list []evidence.InsidePool) {
	idents, conditions := map[int]uint64{}, map[uint64]bool{}
	for _, t := range g.python.Threads {
		idents[int(t.NativeID)] = t.Ident
		conditions[t.Ident] = inCondition(t.Frames)
	}
	for _, l := range g.python.Locks {
		p := evidence.InsidePool{Class: l.Class, Waiting: []string{}, Holders: []string{}, Sought: true}
		for _, t := range g.threads {
			if ident := idents[t.inner]; ident != 0 && t.futex == l.Semaphore && !conditions[ident] {
				p.Waiting = append(p.Waiting, names[ident])
			}
		}
		if len(p.Waiting) > 0 {
			p.Holders = append(p.Holders, holders(l.Holders, names)...)
			if owner := logsLockOwner(g, names, p.Waiting[0]); owner != "" && !slices.Contains(p.Holders, owner) {
				p.Holders = append(p.Holders, owner)
			}
			list = append(list, p)
		}
	}
	return list
}

// inCondition tells whether a thread waits in threading.Condition, Event or Barrier: for a lock of its own, which
// nobody holds and whoever notifies it releases.
func inCondition(frames []python.Frame) bool {
	return len(frames) > 0 && strings.HasSuffix(frames[0].File, "/threading.py") &&
		strings.HasSuffix("."+frames[0].Function, ".wait")
}

// logsLockOwner is who holds the log handler's lock for which a thread waits, which logging takes by a call and in no
// with up to 3.12; "" = it waits for none.
func logsLockOwner(g *glance, names map[uint64]string, waiting string) string {
	for _, t := range g.python.Threads {
		if names[t.Ident] == waiting && t.Handler > 0 && t.Handler <= len(g.python.Handlers) {
			return names[g.python.Handlers[t.Handler-1].Owner]
		}
	}
	return ""
}

func known(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

const maxHolders = 100

func holders(list []python.Holder, names map[uint64]string) []string {
	out := []string{}
	for _, h := range list[:min(len(list), maxHolders)] {
		switch name, alive := names[h.Thread]; {
		case h.Task != "":
			out = append(out, h.Task)
		case alive:
			out = append(out, name)
		default:
			out = append(out, evidence.EndedThread)
		}
	}
	return out
}

// stacksOf lists Python's threads by their ids in the process's own namespace. Up to
// 3.10 the id is glibc's and may be nonsense elsewhere: only ids that exist count.
func stacksOf(g *glance) map[int]python.Thread {
	stacks := map[int]python.Thread{}
	if g.python == nil {
		return stacks
	}
	for _, t := range g.python.Threads {
		if id := int(t.NativeID); slices.ContainsFunc(g.threads, func(k glimpse) bool { return k.inner == id }) {
			stacks[id] = t
		}
	}
	return stacks
}

func addStack(out *evidence.InsideThread, t python.Thread, s *python.Settled) {
	if t.Name != "" {
		out.Name = t.Name
	}
	out.Moves = s.Moving[t.Ident]
	out.Frames = append(out.Frames, t.Frames...)
	if t.Depth > len(t.Frames) {
		out.Depth = t.Depth
	}
}

// lock says whose lock a thread waits for.
func lock(out *evidence.InsideThread, t python.Thread, s *python.Settled, names map[uint64]string) {
	if t.Handler == 0 || t.Handler > len(s.Handlers) || out.Wait == nil || out.Wait.Call != "futex" {
		return
	}
	h := s.Handlers[t.Handler-1]
	out.Wait.Lock, out.Wait.Owner = "lock of "+h.Class, names[h.Owner]
}

// still tells whether a thread has not run between the looks, or for a second.
func (s *seen) still(t glimpse, out evidence.InsideThread) *bool {
	var answer bool
	switch old := slices.IndexFunc(s.first.threads, func(k glimpse) bool { return k.tid == t.tid }); {
	case out.Moves:
	case s.second.taken && old >= 0:
		answer = s.first.threads[old].switches == t.switches && t.state != "R" && out.Earlier == nil
	case t.lastRan != nil:
		answer = *t.lastRan >= 1 && t.state != "R"
	default:
		return nil
	}
	return &answer
}

// addTasks tells tasks that stand alike as one.
func (s *seen) addTasks(p *evidence.InsideProcess, g *glance, left *quota) {
	if g.python == nil {
		return
	}
	groups, cut := python.Groups(g.python.Tasks, left.task)
	if s.second.taken && s.first.python != nil && !cut {
		python.Stay(groups, s.first.python.Tasks, g.python.Tasks)
	}
	p.Tasks = append(p.Tasks, groups...)
	s.cut = s.cut || cut
}
