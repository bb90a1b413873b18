package oom

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// namer adds what the engine knows of its containers, running and dead.
type namer struct {
	byID  map[string]evidence.Neighbour
	list  []evidence.Neighbour
	asked time.Time
	cores []Core // that systemd-coredump took
	// all of the log's
	crashes []kernellog.Crash
}

func newNamer(q Question) namer {
	n := namer{byID: map[string]evidence.Neighbour{}, list: q.Known, asked: q.Asked}
	for _, c := range q.Known {
		n.byID[c.ID] = c
	}
	return n
}

// idOf resolves a name, or the prefix of an id; "" where the engine has none such.
func (n namer) idOf(ref string) string {
	ref = strings.TrimPrefix(ref, "/")
	for _, c := range n.list {
		if ref != "" && (c.Name == ref || c.ID == ref) {
			return c.ID
		}
	}
	for _, c := range n.list {
		if isPrefix(ref, c.ID) {
			return c.ID
		}
	}
	return ""
}

// named returns a container with its name; itself where the engine has none.
func (n namer) named(c *kernellog.Container) *kernellog.Container {
	if c == nil || c.ID == "" || c.Name != "" {
		return c
	}
	known, ok := n.byID[c.ID]
	if !ok {
		return c
	}
	copied := *c
	copied.Name = known.Name
	return &copied
}

func (n namer) kill(k kernellog.Kill) Kill {
	k.Container = n.named(k.Container)
	kill := Kill{Kill: k, MainProcess: MainUnknown}
	kill.MainProcess, kill.MainReason = n.mainProcess(k)
	return kill
}

// mainSlack is how long after the kill of its main process a container's end may
// be stamped: the engine stamps it when the shim has told. Until then it calls the
// container running (Engine 20.10: 0.3 s after the kill it still did).
const mainSlack = 3 * time.Second

// mainProcess tells whether a kill took the container's main process. The engine
// knows best (a container that runs on has its main process); else the table
// does, which lists the processes below the limit: the oldest is the main one.
func (n namer) mainProcess(k kernellog.Kill) (answer, reason string) {
	if k.Container == nil || k.Container.ID == "" {
		return MainUnknown, ""
	}
	known, isKnown := n.byID[k.Container.ID]
	isKnown = isKnown && k.At != nil && known.StartedAt != nil && known.StartedAt.Before(*k.At)
	tooSoon := isKnown && known.State == fact.StateRunning && n.asked.Before(k.At.Add(mainSlack))
	if isKnown && known.State == fact.StateRunning && !tooSoon {
		return MainSurvived, "the engine says that the container has been running since before the kill"
	}
	ownTable := k.TaskCount > 0 && k.TaskCgroup != "" && k.TaskCgroup == k.LimitCgroup
	switch {
	case ownTable && k.TaskCount == 1:
		return MainVictim, "it was the only process in there"
	case ownTable && k.LowestPID == k.PID:
		return MainVictim, "of the processes in there it was the oldest"
	case isKnown && known.FinishedAt != nil && known.FinishedAt.After(k.At.Add(mainSlack)):
		return MainSurvived, "the container ended only " +
			words.Duration(known.FinishedAt.Sub(*k.At).Round(time.Second)) + " later"
	case ownTable:
		return MainSurvived, fmt.Sprintf("process %d in there was older", k.LowestPID)
	case tooSoon:
		return MainUnknown, "the engine was asked so soon after the kill that it may not have known of an end"
	}
	return MainUnknown, ""
}

// crashSlack is how far a container's end may be stamped from the crash that
// ended it.
const crashSlack = 2 * time.Second

// crash looks for the container that a crash was in: the one that systemd-coredump names or, where it names none, the
// one whose end fits: within two seconds of it, with the signal's exit code, and no other container fits as well.
func (n namer) crash(c kernellog.Crash) Crash {
	crash := Crash{Crash: c, Attribution: kernellog.AttributionUnknown}
	if core, same := n.coreOf(c); core != nil {
		crash.Container = n.named(core.Container)
		crash.Attribution = kernellog.AttributionExact
		crash.Reason = "systemd-coredump noted the control group of this very process"
		if !same {
			crash.Attribution = kernellog.AttributionGuess
			crash.Reason = fmt.Sprintf("it is where systemd-coredump noted the end of a process %d, the only one within %s "+
				"of the crash", core.PID, words.Duration(coreSlack))
		}
		return crash
	}
	var fits []evidence.Neighbour
	for _, known := range n.list {
		if endFits(known, c) {
			fits = append(fits, known)
		}
	}
	if len(fits) != 1 {
		return crash
	}
	crash.Container = &kernellog.Container{ID: fits[0].ID, Name: fits[0].Name}
	crash.Attribution = kernellog.AttributionGuess
	crash.Reason = fmt.Sprintf("it is the only container that ended within %s of the crash, with exit code %d",
		words.Duration(crashSlack), *fits[0].ExitCode)
	return crash
}

// endFits tells whether a container ended as a crash would end it.
func endFits(known evidence.Neighbour, c kernellog.Crash) bool {
	if c.At == nil || known.FinishedAt == nil || known.ExitCode == nil || c.Signal == "" {
		return false
	}
	gap := known.FinishedAt.Sub(*c.At)
	signal, _ := exitcode.Signal(*known.ExitCode)
	return gap.Abs() <= crashSlack && slices.Contains(signalsOf(c), signal)
}

// signalsOf lists the signals that a crash may be reported as. An abort() as PID 1
// ends in a trapping instruction (docs/notes/DOCKER.md#a1), so a trap may read SIGABRT's way.
func signalsOf(c kernellog.Crash) []string {
	if c.Kind == kernellog.CrashGeneralProtection || c.Kind == kernellog.CrashTrap {
		return []string{c.Signal, "SIGSEGV"}
	}
	return []string{c.Signal}
}
