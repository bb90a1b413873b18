package inside

import (
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Motion is what shows whether a running program does anything.
type Motion int

// The kinds of motion.
const (
	MotionUnknown Motion = iota // nothing was seen that tells
	MotionSeen                  // a thread ran, waits for work or for a time, or the log goes on
	MotionLocked                // every thread waits without end for another, and has not for long
	MotionNone                  // every thread has stood still in a wait that neither a client nor time ends
)

// MotionOf tells what the threads were seen to do; fresh = a line of the log came a moment ago. Such a line shows that
// the program moved then; where all its threads are seen to wait without end for each other, it shows no more.
func MotionOf(in *evidence.Inside, fresh bool) Motion {
	if in == nil || len(in.Processes) == 0 {
		if fresh {
			return MotionSeen
		}
		return MotionUnknown
	}
	none, locked := !in.Cut, !in.Cut
	for _, p := range in.Processes {
		for _, t := range p.Threads {
			hub, asleep := p.Greenlets && isHub(t), p.Version != "" && SleepsForGood(t)
			if moves(t) && !hub && !asleep {
				return MotionSeen
			}
			none = none && !hub && standsForLong(t) && !talks(t)
			locked = locked && (waitsForOthers(t) || asleep)
		}
		none, locked = none && len(p.Threads) > 0, locked && len(p.Threads) > 0
	}
	switch {
	case fresh && !locked:
		return MotionSeen
	case none:
		return MotionNone
	case locked:
		return MotionLocked
	}
	return MotionUnknown
}

// waitsForOthers tells whether a thread waits, without a time limit, for what only another thread can give: a lock, a
// queue's entry, another thread's end.
func waitsForOthers(t evidence.InsideThread) bool {
	w := t.Wait
	return w != nil && w.Call == "futex" && w.Endless != nil && *w.Endless
}

// SleepsForGood tells whether a thread stands in an event loop that no descriptor and no timer will wake: all that its
// tasks wait for is to come from another thread or task, or from a handler of a signal.
func SleepsForGood(t evidence.InsideThread) bool {
	w := t.Wait
	return w != nil && idleCalls[w.Call] && w.Endless != nil && *w.Endless
}

// endingCalls are waits that come to an end by themselves, or by a client, a child or a signal.
var endingCalls = map[string]bool{"clock_nanosleep": true, "nanosleep": true, "wait4": true, "waitid": true,
	"rt_sigtimedwait": true, "rt_sigsuspend": true, "pause": true, "restart_syscall": true}

// moves tells whether a thread ran between the looks or a moment ago, or waits for work, for a time or for a child.
func moves(t evidence.InsideThread) bool {
	if t.State == "R" || t.Moves || len(t.Earlier) > 0 {
		return true
	}
	if ranJustNow(t) && !waitsForOthers(t) { // that may be when it locked itself up
		return true
	}
	w := t.Wait
	switch {
	case w == nil:
		return false
	case idleCalls[w.Call] || endingCalls[w.Call], w.FD != nil && *w.FD == 0:
		return true
	}
	return w.Call == "futex" && w.Endless != nil && !*w.Endless
}

// isHub tells whether a thread waits as the hub of greenlets does that all wait: for what is not seen, whatever it is.
func isHub(t evidence.InsideThread) bool {
	return t.Wait != nil && idleCalls[t.Wait.Call] && !ranJustNow(t)
}

func ranJustNow(t evidence.InsideThread) bool { return t.LastRan != nil && *t.LastRan < 1 }

// standsForLong tells whether a thread has not run for longer than a slow call takes.
func standsForLong(t evidence.InsideThread) bool {
	known := t.Wait != nil && (t.Wait.Call != "futex" || t.Wait.Endless != nil)
	return known && t.Still != nil && *t.Still && t.LastRan != nil && *t.LastRan >= LongStand
}

// talks tells whether a thread waits for the other end of a connection: it may have nothing to do, or get no answer.
func talks(t evidence.InsideThread) bool { return t.Wait.Socket != nil }

// idleCalls are those in which a program waits for work, for a time, or for its own threads and children.
var idleCalls = map[string]bool{"epoll_wait": true, "epoll_pwait": true, "epoll_pwait2": true, "poll": true,
	"ppoll": true, "select": true, "pselect6": true, "accept": true, "accept4": true}

// IdleCall tells whether a program waits in a call for work, for a time, or for its own threads and children.
func IdleCall(name string) bool { return idleCalls[name] }

// Deadlock is a container all of whose threads wait for locks without a time limit.
type Deadlock struct {
	Threads int
	For     float64   // seconds at least
	First   *Standing // the main thread of the first process
}

// deadlockOf finds that each thread of Python processes waits for a lock that only a thread of the same process could
// release. Other runtimes wait so for a signal, too. nil = it is not so, or cannot be told.
func deadlockOf(e *evidence.Evidence) *Deadlock {
	in := e.Inside
	if in == nil || in.Cut || e.Status == nil || e.Status.State != fact.StateRunning {
		return nil
	}
	d := &Deadlock{For: -1}
	for i := range in.Processes {
		p := &in.Processes[i]
		if p.Version == "" || len(p.Threads) == 0 {
			return nil
		}
		for _, t := range p.Threads {
			if !standsForLong(t) || !waitsForOthers(t) {
				return nil
			}
			if d.Threads++; d.For < 0 || *t.LastRan < d.For {
				d.For = *t.LastRan
			}
			if d.First == nil || t.TID == in.Processes[0].PID {
				first := standing(in, p, t, t.Frames)
				d.First = &first
			}
		}
	}
	if d.Threads == 0 {
		return nil
	}
	return d
}

// writeCalls are those in which no program waits for work: who stands there waits for a reader.
var writeCalls = map[string]bool{"write": true, "writev": true, "sendto": true, "sendmsg": true}

// BlockedWriter is the main thread of the first process, where it has stood in a write to a pipe or a connection for
// longer than a slow reader takes; nil = it does not, or that is not known.
func BlockedWriter(in *evidence.Inside) *evidence.InsideThread {
	if in == nil || len(in.Processes) == 0 {
		return nil
	}
	p := in.Processes[0]
	for i, t := range p.Threads {
		if t.TID == p.PID && t.Wait != nil && writeCalls[t.Wait.Call] && standsForLong(t) && *t.LastRan >= slowReader {
			return &p.Threads[i]
		}
	}
	return nil
}

// slowReader is for how many seconds a reader may keep a writer waiting: one that flushes to a slow disk or network
// first.
const slowReader = 30
