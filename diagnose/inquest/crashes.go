package inquest

import (
	"math"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Crash is a kernel crash line with the reason for taking it as this container's.
type Crash struct {
	kernellog.Crash
	Why   string // "same command, 0.1 s from the end"
	Exact bool   // the command is one of the container's own; false: only of its kind
	// Perhaps: what ties it is a coincidence that two containers of a machine show as well.
	Perhaps bool
}

// Segfault tells whether the kernel named the fault a segmentation fault, as against a trap or a protection fault.
func (k Crash) Segfault() bool { return k.Kind == kernellog.CrashSegfault }

// crashesOf returns the kernel's crash lines that may be this container's. They
// carry no cgroup (docs/notes/KERNEL-LOG.md#2, trap 8), so each match states its ground: the
// same second as a fault's exit and a command that fits, or a worker's crash that
// the service's own log reports in the same second. Of a life that goes on [loopingCrashes] finds more.
func crashesOf(e *evidence.Evidence, x Examined, s Signs, d Death) []Crash {
	if e.Kernel.Log == nil || x.Life == nil {
		return nil
	}
	var list []Crash
	var untied []kernellog.Crash
	for _, k := range e.Kernel.Log.Crashes {
		if k.At == nil || !x.Life.Contains(*k.At, KernelSlack) || !x.Life.Start.IsZero() &&
			k.At.Before(x.Life.Start.Add(-crashSlack)) {
			continue
		}
		fits, exact := e.Spec.CommandFits(k.Comm)
		why := ""
		if fits {
			why = crashGround(k, s, d)
		}
		switch {
		case why == "":
			untied = append(untied, k)
			continue
		case exact:
			why = "same command, " + why
		default:
			why = "a command of that kind, " + why
		}
		list = append(list, Crash{Crash: k, Why: why, Exact: exact})
	}
	if d.At == nil && x.Alive() {
		list = append(list, loopingCrashes(e, x, s, untied)...)
	}
	return list
}

// crashSlack is how far before a life's start its crash may be stamped: the
// kernel's stamps are converted by an offset that was measured later.
const crashSlack = 200 * time.Millisecond

// crashGround says why a crash line may be this life's; "" = it may not.
func crashGround(k kernellog.Crash, s Signs, d Death) string {
	if d.EndedBy == fact.EndedByOwnSignal && d.At != nil {
		if gap := k.At.Sub(*d.At).Abs(); gap <= time.Second && signalFits(d.Signal, k) {
			return words.Duration(gap) + " from the end"
		}
		return ""
	}
	for _, f := range s.findings(fact.WorkerCrash, d.Request != nil) {
		if f.At.Sub(*k.At).Abs() <= 2*time.Second || f.LastAt.Sub(*k.At).Abs() <= 2*time.Second {
			return "and the service's log reports a dead worker in the same second"
		}
	}
	return ""
}

// saidSoon is how long after its last words a program may take to end by its own fault: the writing of a core is part.
const saidSoon = 5 * time.Second

// ToldBeforeFault tells whether a finding is the last that a program told before a fault of its own ended it: many
// leave by abort() when they cannot go on, and native code trips over what could not be opened or allocated. Then the
// fault is how it ended, and not why. An error that it had worked on with, or had met again and again for longer than
// it takes to give up, did not end it; nor does it explain memory that was found corrupted.
func (c Case) ToldBeforeFault(f servicelog.Finding) bool {
	if c.Death.EndedBy != fact.EndedByOwnSignal || c.Death.At == nil || c.Log == nil || f.LastAt.IsZero() ||
		c.LogHas(corruptions...) != nil {
		return false
	}
	if f.ID != Unclassified && (f.Strength == fact.Weak || f.Role != fact.RoleRoot) {
		return false
	}
	last := c.Death.At.Sub(f.LastAt) <= saidSoon && !c.workedUpToFault(f)
	return last && c.Death.At.Sub(Began(f)) <= longestDump && !c.Over(f)
}

// workedUpToFault tells whether the program did good work between a finding and what its fault made it print.
func (c Case) workedUpToFault(f servicelog.Finding) bool {
	fault := math.MaxInt
	for _, crash := range c.LogFindings(fact.InterpreterCrash) {
		fault = min(fault, crash.Line)
	}
	return slices.ContainsFunc(c.Log.Tail, func(l servicelog.Line) bool {
		return l.Number > f.LastLine && l.Number < fault && !servicelog.Struggles(l.Text)
	})
}

// corruptions are the words of the C library for memory that a program had damaged before.
var corruptions = []string{"glibc-heap-corruption", "glibc-fortify"}

// signalFits tells whether a crash line can be of an end with that signal. As PID
// 1 an abort() ends in a trapping instruction and reads SIGSEGV (docs/notes/DOCKER.md#a1).
func signalFits(signal string, k kernellog.Crash) bool {
	return k.Signal == "" || k.Signal == signal || signal == "SIGSEGV" &&
		(k.Kind == kernellog.CrashGeneralProtection || k.Kind == kernellog.CrashTrap)
}
