package inquest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// InsideSigns are what the memory of the running processes shows.
type InsideSigns struct {
	Loops       int        // event loops and workers that were seen
	Moving      int        // of those, such as wait for work or went on between the looks
	StuckLoops  []Standing // of those, such as stand still in something else
	FailedTasks []Failure  // tasks that ended with an exception which nobody asked for
	Leaving     []Failure  // tasks that asked the process to leave, whoever keeps them
	Ended       []Failure  // tasks that were to go on for ever and came to their end, and none of their kind runs
	Unserved    []Unserved // queues in which something waits, and nobody for it; a census finds them
	Full        []Full     // pools of which nothing is left while others wait
	Crowd       *Standing  // all worker threads of a pool stand at one line; nil = they do not
	Crowded     int        // how many
	CrowdQueue  int        // pieces of work that wait for one of them
	Stood       []Standing // threads of pools that have long stood at the program's own lines, the longest first
	LogLock     *Standing  // a thread that holds a log handler's lock stands in a write; nil = none does
	Behind      int        // threads that wait for that lock
	Deadlock    *Deadlock  // all threads wait for each other; nil = they do not
	Routes      []Route    // health routes that wait
	Circles     []Circle   // threads or tasks that wait for each other
	Orphans     []Orphan   // locks whose holder is gone, or not seen
	Stalled     []Stalled  // requests that wait for what only the program can give
	Worker      Worker     // what became of what printed a line that stopped
	Stopped     int        // of the loops, such as a signal or a tracer has stopped
	LostTask    *Standing  // a thread that waits for what no worker of its process pool works on; nil = none does
}

// Standing is a thread that stands still.
type Standing struct {
	evidence.InsideThread
	PID   int
	Place evidence.Frame // the program's own newest call; of none, the newest call
	Spins bool           // it does not sleep: it computes in the same call at both looks
	For   float64        // seconds at least
}

// Failure is a task that ended with an exception.
type Failure struct {
	evidence.InsideTask
	PID  int
	Work bool // its name, or its function's, says that it was to go on for ever
}

// Full is a pool that gave out all that it has.
type Full struct {
	evidence.InsidePool
	Waits   *evidence.InsideTask // one of the tasks that wait; nil = threads do
	Holds   *evidence.InsideTask // one of the tasks that hold; nil = not known
	WaitsAt *evidence.Frame      // the program's own call that waits
	HoldsAt *evidence.Frame
	HoldsOn *evidence.Peering // the connection on which the holders wait; nil = not known
}

// insideSignsOf reads them; of a frozen container everything stands still.
func insideSignsOf(e *evidence.Evidence) (s InsideSigns) {
	if e.Inside == nil || e.Status != nil && e.Status.State != fact.StateRunning {
		return s
	}
	s.Deadlock = deadlockOf(e)
	s.LostTask = lostTaskOf(e.Inside)
	for i := range e.Inside.Processes {
		p := &e.Inside.Processes[i]
		for _, t := range p.Threads {
			s.addLoop(e.Inside, p, t)
		}
		for _, t := range p.Tasks {
			s.addFailed(p, t)
		}
		s.addEnded(p)
		for _, pool := range p.Pools {
			s.addPool(p, pool)
		}
		s.addCrowd(e.Inside, p)
		s.addStood(e.Inside, p)
		s.addLogLock(e.Inside, p)
		s.addRoutes(p)
		s.addCircles(e.Inside, p)
		s.addOrphans(e.Inside, p)
		s.addStalled(e.Inside, p)
	}
	return s
}

// addFailed keeps a task that ended with an exception which nobody asked for. One that asks the process to leave is let
// through by the loop, asked for or not (asyncio/tasks.py, __step: "except (KeyboardInterrupt, SystemExit)").
func (s *InsideSigns) addFailed(p *evidence.InsideProcess, t evidence.InsideTask) {
	switch {
	case t.State != fact.FineFinished || t.Exception == "" || t.Raised == nil:
	case t.Exception == "SystemExit" || t.Exception == "KeyboardInterrupt":
		s.Leaving = append(s.Leaving, Failure{t, p.PID, namesWork(t)})
	case t.Retrieved != nil && !*t.Retrieved:
		s.FailedTasks = append(s.FailedTasks, Failure{t, p.PID, namesWork(t)})
	}
}

// addLoop sorts in a thread that runs an event loop or serves requests one by one.
func (s *InsideSigns) addLoop(in *evidence.Inside, p *evidence.InsideProcess, t evidence.InsideThread) {
	above, ok := aboveLoop(t.Frames)
	if !ok {
		return
	}
	s.Loops++
	earlier, _ := aboveLoop(t.Earlier)
	switch {
	case stopped(t): // wherever it stands
		s.Stopped++
	case waitsForWork(above, t.Wait):
		s.Moving++
	case t.Still != nil && *t.Still:
		s.StuckLoops = append(s.StuckLoops, standing(in, p, t, above))
	case in.Looks > 1 && len(above) > 0 && (t.Earlier == nil || sameCall(above, earlier)) && t.State == "R":
		spins := standing(in, p, t, above)
		spins.Spins = true
		s.StuckLoops = append(s.StuckLoops, spins)
	case t.Moves || t.Still != nil:
		s.Moving++
	}
}

// stopped tells whether a thread was stopped by a signal or a tracer.
func stopped(t evidence.InsideThread) bool { return t.State == "T" || t.State == "t" }

// sameCall tells whether two stacks over a loop are of the same call: the loop called
// the same function, and that the same line of the program.
func sameCall(a, b []evidence.Frame) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	return outermostOwn(a) == outermostOwn(b)
}

func outermostOwn(list []evidence.Frame) evidence.Frame {
	for i := len(list) - 1; i >= 0; i-- {
		if Own(list[i]) {
			return list[i]
		}
	}
	return list[len(list)-1]
}

func standing(in *evidence.Inside, p *evidence.InsideProcess, t evidence.InsideThread,
	above []evidence.Frame) Standing {
	s := Standing{InsideThread: t, PID: p.PID, For: in.Apart}
	if t.LastRan != nil && t.Still != nil && *t.Still { // of one that runs it is of another processor's clock
		s.For = max(s.For, *t.LastRan)
	}
	if len(above) > 0 {
		s.Place = above[0]
	}
	for _, f := range above {
		if Own(f) {
			s.Place = f
			break
		}
	}
	return s
}

// loops are the calls in which a thread waits for the next piece of work: what lies
// above them is that work. uvloop has none of its own in Python, so there it is the
// call that runs the loop.
var loops = []struct{ file, function string }{
	{"asyncio/base_events.py", "_run_once"},
	{"gunicorn/workers/sync.py", "run"},
	{"socketserver.py", "serve_forever"},
	{"asyncio/runners.py", "run"},
	{"asyncio/base_events.py", "run_until_complete"},
}

// aboveLoop returns the frames above a thread's loop, newest first.
func aboveLoop(frames []evidence.Frame) ([]evidence.Frame, bool) {
	for i, f := range frames {
		for _, l := range loops {
			if strings.HasSuffix(f.File, "/"+l.file) && lastName(f.Function) == l.function {
				return frames[:i], true
			}
		}
	}
	return nil, false
}

func lastName(function string) string { return function[strings.LastIndexByte(function, '.')+1:] }

// waitsForWork tells whether a loop is idle: nothing runs above it but the selector, or
// the kernel has it in a wait for any of its descriptors.
func waitsForWork(above []evidence.Frame, w *evidence.Wait) bool {
	if w != nil {
		switch w.Call {
		case "epoll_wait", "epoll_pwait", "epoll_pwait2", "accept", "accept4":
			return true
		}
	}
	for _, f := range above {
		if !strings.HasSuffix(f.File, "/selectors.py") && !strings.HasSuffix(f.File, "/gunicorn/workers/sync.py") {
			return false
		}
	}
	return true
}

// libraries are parts of paths of what is not the program's own code.
var libraries = []string{"/site-packages/", "/dist-packages/", "/lib/python3", "/lib64/python3", "<frozen ",
	"/pyvenv/", "<string>"}

// Own tells whether a call is in the program's own code, not in a library's.
func Own(f evidence.Frame) bool {
	for _, part := range libraries {
		if strings.Contains(f.File, part) {
			return false
		}
	}
	return f.File != ""
}

// newestOwn is the program's own newest call; nil = there is none.
func newestOwn(list []evidence.Frame) *evidence.Frame {
	for i := range list {
		if Own(list[i]) {
			return &list[i]
		}
	}
	return nil
}

// addPool keeps a pool that is used up. A queue that is empty or full is no failure, and a semaphore that makes some
// wait does what it is for, unless nobody is left to give back what it gave, or nothing of the process has run for
// long.
func (s *InsideSigns) addPool(p *evidence.InsideProcess, pool evidence.InsidePool) {
	if strings.HasSuffix(pool.Class, "Queue") || slices.Contains(oneHolder, pool.Class) || len(pool.Waiting) == 0 ||
		!usedUp(pool) {
		return
	}
	if pool.Free != nil && quiet(p) < LongStand &&
		(!standsBefore(p, pool) || !pool.Sought || len(pool.Holders) > 0 || mayHold(p, pool)) {
		return
	}
	f := Full{InsidePool: pool, Waits: p.Task(pool.Waiting[0]), WaitsAt: ownPlace(p, pool.Waiting[0])}
	if len(pool.Holders) > 0 {
		f.Holds, f.HoldsAt = p.Task(pool.Holders[0]), ownPlace(p, pool.Holders[0])
		f.HoldsOn = p.ConnectionOf(pool.Holders[0])
	}
	s.Full = append(s.Full, f)
}

// ownPlace is the program's own newest call of a task or thread; nil = it has none, or is not there.
func ownPlace(p *evidence.InsideProcess, name string) *evidence.Frame {
	if t := p.Task(name); t != nil {
		return newestOwn(t.Frames)
	}
	for _, t := range p.Threads {
		if t.Is(name) {
			return newestOwn(t.Frames)
		}
	}
	return nil
}

// usedUp tells whether a pool has given out all that it may.
func usedUp(pool evidence.InsidePool) bool {
	if pool.Free != nil {
		return *pool.Free == 0
	}
	return pool.Size != nil && pool.Used != nil && *pool.Size > 0 && *pool.Used >= *pool.Size
}

// crowd is how many worker threads at one line are told; fewer may be chance.
const crowd = 4

// addCrowd looks for pools of threads of which each stands still at one and the same
// line of the program.
func (s *InsideSigns) addCrowd(in *evidence.Inside, p *evidence.InsideProcess) {
	var first *Standing
	n := 0
	for _, t := range p.Threads {
		above, ok := aboveWorker(t.Frames)
		if !ok {
			continue
		}
		place := newestOwn(above)
		if place == nil || t.Still == nil || !*t.Still || first != nil && first.Place != *place || mayGrow(p, t.Name) {
			return // one that is idle, moves, stands elsewhere or is still to be started takes the next piece of work
		}
		if n++; first == nil {
			one := standing(in, p, t, above)
			first = &one
		}
	}
	if n >= crowd && n > s.Crowded {
		s.Crowd, s.Crowded, s.CrowdQueue = first, n, queuedFor(p, first.Name)
	}
}

// addStood lists the pool's threads that have long stood at a line of the program: who stands longest is nearest to
// what all wait for.
func (s *InsideSigns) addStood(in *evidence.Inside, p *evidence.InsideProcess) {
	for _, t := range p.Threads {
		above, ok := aboveWorker(t.Frames)
		if !ok || newestOwn(above) == nil || t.Still == nil || !*t.Still {
			continue
		}
		if one := standing(in, p, t, above); one.For >= LongStand {
			s.Stood = append(s.Stood, one)
		}
	}
	slices.SortStableFunc(s.Stood, func(a, b Standing) int { return cmp.Compare(b.For, a.For) })
}

// aboveWorker returns what a thread of a pool works on: concurrent.futures' and anyio's.
func aboveWorker(frames []evidence.Frame) ([]evidence.Frame, bool) {
	for i, f := range frames {
		name := lastName(f.Function)
		if strings.HasSuffix(f.File, "/concurrent/futures/thread.py") && name == "_worker" ||
			strings.HasSuffix(f.File, "/anyio/_backends/_asyncio.py") && f.Function != "" && name == "run" {
			return frames[:i], true
		}
	}
	return nil, false
}

// writesOut tells whether a thread stands in a call that brings what is logged out of the process: at once in a write
// to a pipe that is full, and for long where a call may take its time.
func writesOut(t evidence.InsideThread) bool {
	if t.Wait == nil || t.Still == nil || !*t.Still {
		return false
	}
	switch t.Wait.Call {
	case "write", "writev":
		return true
	case "pwrite64", "sendto", "sendmsg", "connect", "fsync", "fdatasync", "flock":
		return t.LastRan != nil && *t.LastRan >= LongStand
	}
	return false
}

// addLogLock looks for the owner of a log handler's lock that stands in a write.
func (s *InsideSigns) addLogLock(in *evidence.Inside, p *evidence.InsideProcess) {
	for _, h := range p.Handlers {
		if h.Owner == "" {
			continue
		}
		for _, t := range p.Threads {
			if !t.Is(h.Owner) || !writesOut(t) {
				continue
			}
			one := standing(in, p, t, t.Frames)
			s.LogLock = &one
			for _, other := range p.Threads {
				if other.Wait != nil && other.Wait.Owner == h.Owner && other.TID != t.TID {
					s.Behind++
				}
			}
			return
		}
	}
}

// LongStand is how many seconds a loop has stood in one call when that is no slow moment
// any more: health checks time out after 3 to 30 s.
const LongStand = 5

// ManyWait is how many wait for a pool when that is no chance any more.
const ManyWait = 3

// works are words in the names of tasks that are to go on for ever.
var works = []string{"consum", "work", "listen", "poll", "heartbeat", "loop", "schedul", "watch", "subscri",
	"background", "processor", "process_", "flush", "refresh", "monitor", "daemon", "forever", "pump", "sync",
	"receiv", "dispatch"}

func namesWork(t evidence.InsideTask) bool { return named(t, works) }

// named tells whether the name of a task, or of its function, has one of the words in it.
func named(t evidence.InsideTask, list []string) bool {
	for _, name := range append([]string{t.Coroutine}, t.Names...) {
		for _, word := range list {
			if strings.Contains(strings.ToLower(name), word) {
				return true
			}
		}
	}
	return false
}

// Blocked tells whether nothing of the service goes on, for longer than a slow call
// takes.
func (s InsideSigns) Blocked() bool {
	return len(s.StuckLoops) > 0 && s.Moving == 0 && s.StuckLoops[0].For >= LongStand && !s.StuckLoops[0].Spins
}

// Failing tells whether the memory of the processes shows a failure that is no slow
// moment and no single request's.
func (s InsideSigns) Failing() bool {
	return s.Blocked() || s.Deadlock != nil || s.LogLock != nil || s.LostTask != nil || len(s.Circles) > 0 ||
		len(s.Orphans) > 0 || len(s.Leaving) > 0 || s.Stopped > 0 ||
		slices.ContainsFunc(s.Stalled, Stalled.Lasts) ||
		s.Crowd != nil && s.Crowd.For >= LongStand ||
		slices.ContainsFunc(s.FailedTasks, func(f Failure) bool { return f.Work }) || s.LeftUndone() != nil ||
		slices.ContainsFunc(s.Full, func(f Full) bool { return len(f.Waiting) >= ManyWait })
}
