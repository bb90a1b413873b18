package inside

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// View is what the memory of the running processes shows.
type View struct {
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

// LongStand is how many seconds a loop has stood in one call when that is no slow moment
// any more: health checks time out after 3 to 30 s.
const LongStand = 5

// ManyWait is how many wait for a pool when that is no chance any more.
const ManyWait = 3

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

// ViewOf reads what of the evidence was seen inside. independent = a line that came like a clock stopped, and what goes
// on in the log has another clock.
func ViewOf(e *evidence.Evidence, independent bool) View {
	v := viewOf(e)
	v.Worker = workerOf(e, v, independent)
	return v
}

// viewOf is all but what became of a worker; of a frozen container everything stands still.
func viewOf(e *evidence.Evidence) (v View) {
	if e.Inside == nil || e.Status != nil && e.Status.State != fact.StateRunning {
		return v
	}
	v.Deadlock = deadlockOf(e)
	v.LostTask = lostTaskOf(e.Inside)
	for i := range e.Inside.Processes {
		p := &e.Inside.Processes[i]
		for _, t := range p.Threads {
			v.addLoop(e.Inside, p, t)
		}
		for _, t := range p.Tasks {
			v.addFailed(p, t)
		}
		v.addEnded(p)
		for _, pool := range p.Pools {
			v.addPool(p, pool)
		}
		v.addCrowd(e.Inside, p)
		v.addStood(e.Inside, p)
		v.addLogLock(e.Inside, p)
		v.addRoutes(p)
		v.addCircles(e.Inside, p)
		v.addOrphans(e.Inside, p)
		v.addStalled(e.Inside, p)
	}
	return v
}

// addFailed keeps a task that ended with an exception which nobody asked for. One that asks the process to leave is let
// through by the loop, asked for or not (asyncio/tasks.py, __step: "except (KeyboardInterrupt, SystemExit)").
func (v *View) addFailed(p *evidence.InsideProcess, t evidence.InsideTask) {
	switch {
	case t.State != fact.FineFinished || t.Exception == "" || t.Raised == nil:
	case t.Exception == "SystemExit" || t.Exception == "KeyboardInterrupt":
		v.Leaving = append(v.Leaving, Failure{t, p.PID, namesWork(t)})
	case t.Retrieved != nil && !*t.Retrieved:
		v.FailedTasks = append(v.FailedTasks, Failure{t, p.PID, namesWork(t)})
	}
}

// addLoop sorts in a thread that runs an event loop or serves requests one by one.
func (v *View) addLoop(in *evidence.Inside, p *evidence.InsideProcess, t evidence.InsideThread) {
	above, ok := aboveLoop(t.Frames)
	if !ok {
		return
	}
	v.Loops++
	earlier, _ := aboveLoop(t.Earlier)
	switch {
	case stopped(t): // wherever it stands
		v.Stopped++
	case waitsForWork(above, t.Wait):
		v.Moving++
	case t.Still != nil && *t.Still:
		v.StuckLoops = append(v.StuckLoops, standing(in, p, t, above))
	case in.Looks > 1 && len(above) > 0 && (t.Earlier == nil || sameCall(above, earlier)) && t.State == "R":
		spins := standing(in, p, t, above)
		spins.Spins = true
		v.StuckLoops = append(v.StuckLoops, spins)
	case t.Moves || t.Still != nil:
		v.Moving++
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
func (v View) Blocked() bool {
	return len(v.StuckLoops) > 0 && v.Moving == 0 && v.StuckLoops[0].For >= LongStand && !v.StuckLoops[0].Spins
}

// Failing tells whether the memory of the processes shows a failure that is no slow
// moment and no single request's.
func (v View) Failing() bool {
	return v.Blocked() || v.Deadlock != nil || v.LogLock != nil || v.LostTask != nil || len(v.Circles) > 0 ||
		len(v.Orphans) > 0 || len(v.Leaving) > 0 || v.Stopped > 0 ||
		slices.ContainsFunc(v.Stalled, Stalled.Lasts) ||
		v.Crowd != nil && v.Crowd.For >= LongStand ||
		slices.ContainsFunc(v.FailedTasks, func(f Failure) bool { return f.Work }) || v.LeftUndone() != nil ||
		slices.ContainsFunc(v.Full, func(f Full) bool { return len(f.Waiting) >= ManyWait })
}
