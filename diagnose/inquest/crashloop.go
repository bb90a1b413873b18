package inquest

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/phrase"
)

// The grounds of crashes in a life that goes on. The command need not stand in the container's: a script starts what it
// likes.
const (
	faultTold     = "and the service's log tells of a fault's end in the same second"
	faultFollowed = "and a process of that name was started in the container right after"
	faultScripted = "and the shell that is its main process is told to run that command"
)

// loopingCrashes are of a command that crashes again and again while the main process lives on. A fault or two of its
// children a program has got over: it starts a converter again, or does without. What ties some of them to the
// container ties the others of that command, too.
func loopingCrashes(e *evidence.Evidence, x Examined, s Signs, crashes []kernellog.Crash) []Crash {
	times, told, newest := map[string]int{}, map[string]int{}, map[string]time.Time{}
	for _, k := range crashes {
		times[k.Comm]++
		newest[k.Comm] = *k.At
		if s.tellsOfFault(*k.At, k.Signal) {
			told[k.Comm]++
		}
	}
	var list []Crash
	for _, k := range crashes {
		why := ""
		switch {
		case times[k.Comm] < faultsAgain:
			continue
		case told[k.Comm] >= faultsAgain:
			why = faultTold
		case startedAgain(e, x, k.Comm, newest[k.Comm]):
			why = faultFollowed
		case e.Spec.Scripts(k.Comm):
			why = faultScripted
		default:
			continue
		}
		_, exact := e.Spec.CommandFits(k.Comm)
		// Two containers that both start python3 every second were once taken for one.
		perhaps := why == faultFollowed && evidence.Shared(k.Comm)
		list = append(list, Crash{Crash: k, Why: why, Exact: exact && !perhaps, Perhaps: perhaps})
	}
	return list
}

// tellsOfFault tells whether a line of the log's end may report a process that a fault ended at a moment; signal = the
// fault's.
func (s Signs) tellsOfFault(at time.Time, signal string) bool {
	return s.Log != nil && slices.ContainsFunc(s.Log.Tail, func(l servicelog.Line) bool {
		return !l.At.IsZero() && l.At.Sub(at).Abs() <= 2*time.Second && phrase.Fault(l.Text, signal)
	})
}

// startedAgain tells whether a child of the container's processes bears a command's name and was started soon after its
// newest crash. A command that somebody runs from outside, as the health check is, is no child of theirs.
func startedAgain(e *evidence.Evidence, x Examined, comm string, crashed time.Time) bool {
	if e.Process == nil || x.Life.Start.IsZero() {
		return false
	}
	main := taskOf(e.Process, e.Process.PID)
	return main != nil && slices.ContainsFunc(e.Process.Tasks, func(t evidence.Task) bool {
		after, known := startedAfter(*main, t)
		gap := x.Life.Start.Add(after).Sub(crashed)
		return known && t.PID == t.TID && t.Comm == comm && taskOf(e.Process, t.PPID) != nil && gap > -time.Second &&
			gap <= startAgain
	})
}

// CrashLoop is a program that crashes again and again while the main process lives on.
type CrashLoop struct {
	Crash // the newest
	Count int
	First time.Time
	Every time.Duration // the middle one of the gaps
}

// Python tells whether what crashes is an interpreter of Python, or one of its servers.
func (l CrashLoop) Python() bool { return evidence.Pythonic(l.Comm) }

// faultsAgain is how many crashes are "again and again", and crashPause how long the newest may be ago at most, where
// their own rhythm is no slower.
const (
	faultsAgain = 3
	crashPause  = time.Minute
)

// CrashLoop returns the program that crashes most often in the life that goes on, and has not stopped to; nil = none
// does, or only perhaps.
func (c Case) CrashLoop() *CrashLoop {
	if !c.Alive() {
		return nil
	}
	var found *CrashLoop
	for _, k := range c.Crashes {
		if found == nil || k.Comm != found.Comm {
			if l := c.loopOf(k.Comm); l != nil && (found == nil || l.Count > found.Count) {
				found = l
			}
		}
	}
	return found
}

func (c Case) loopOf(comm string) *CrashLoop {
	var loop CrashLoop
	var gaps []time.Duration
	for _, k := range c.Crashes { // in the kernel's order
		switch {
		case k.Comm != comm || k.At == nil || k.Perhaps:
			continue
		case loop.Count == 0:
			loop.First = *k.At
		default:
			gaps = append(gaps, k.At.Sub(*loop.At))
		}
		loop.Crash = k
		loop.Count++
	}
	if loop.Count < faultsAgain {
		return nil
	}
	slices.Sort(gaps)
	loop.Every = gaps[len(gaps)/2]
	if c.Now.Sub(*loop.At) > max(crashPause, recoveryGaps*loop.Every) {
		return nil
	}
	return &loop
}

// shellCrashes are the signatures of a shell that tells of a fault of its child.
var shellCrashes = []string{"shell-crash", "shell-crash-line"}

// withLoop makes of a shell's words of crashes what they are where it lives, and has said so again and again until now:
// not the interpreter ends, but one child after the other.
func (s LogSigns) withLoop(e *evidence.Evidence, x Examined) LogSigns {
	if !x.Alive() {
		return s
	}
	return s.edited(func(f *servicelog.Finding) {
		again := f.Count >= faultsAgain && e.Now.Sub(f.LastAt) <= max(crashPause, recoveryGaps*f.Gap())
		if again && slices.Contains(shellCrashes, f.ID) && f.Strength != fact.Weak {
			f.Cause, f.Other, f.Role = "", fact.ChildrenDie, fact.RoleRoot
		}
	})
}
