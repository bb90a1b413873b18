package diagnose

import (
	"fmt"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// killsOf returns the OOM kills of this container in the examined run. The same
// id lives on across restarts, so the time decides which run it was.
func killsOf(c *evidence.Case) []kernellog.Kill {
	var kills []kernellog.Kill
	for _, k := range c.Kernel.KillsOf(c.Target.ID) {
		if k.At != nil && c.Run.Contains(*k.At, kernelSlack) {
			kills = append(kills, k)
		}
	}
	return kills
}

// killAtEnd returns the kill that came with the run's end, nil where none did.
func killAtEnd(c *evidence.Case) *kernellog.Kill {
	for i, k := range c.Kills { // all of them have a time
		if c.Run.End != nil && k.At.Sub(*c.Run.End).Abs() <= kernelSlack {
			return &c.Kills[i]
		}
	}
	return nil
}

// crashesOf returns the kernel's crash lines that may be this container's. They
// carry no cgroup (docs/notes/KERNEL-LOG.md#2, trap 8), so each match states its ground: the
// same second as a fault's exit and a command that fits, or a worker's crash that
// the service's own log reports in the same second.
func crashesOf(c *evidence.Case) []evidence.Crash {
	if c.Kernel.Log == nil || c.Run == nil {
		return nil
	}
	var list []evidence.Crash
	for _, k := range c.Kernel.Log.Crashes {
		if k.At == nil || !c.Run.Contains(*k.At, kernelSlack) || !c.Run.Start.IsZero() && k.At.Before(c.Run.Start.Add(-crashSlack)) {
			continue
		}
		fits, exact := commandFits(c, k.Comm)
		why := ""
		if fits {
			why = crashGround(c, k)
		}
		if why == "" {
			continue
		}
		if exact {
			why = "same command, " + why
		} else {
			why = "a command of that kind, " + why
		}
		list = append(list, evidence.Crash{Crash: k, Why: why, Exact: exact})
	}
	return list
}

// crashSlack is how far before a run's start its crash may be stamped: the
// kernel's stamps are converted by an offset that was measured later.
const crashSlack = 200 * time.Millisecond

// crashGround says why a crash line may be this run's; "" = it may not.
func crashGround(c *evidence.Case, k kernellog.Crash) string {
	if c.Death.EndedBy == fact.EndedByOwnSignal && c.Death.At != nil {
		if gap := k.At.Sub(*c.Death.At).Abs(); gap <= time.Second && signalFits(c.Death.Signal, k) {
			return fmt.Sprintf("%.1f s from the end", gap.Seconds())
		}
		return ""
	}
	for _, f := range c.LogFindings(fact.WorkerCrash) {
		if f.At.Sub(*k.At).Abs() <= 2*time.Second || f.LastAt.Sub(*k.At).Abs() <= 2*time.Second {
			return "and the service's log reports a dead worker in the same second"
		}
	}
	return ""
}

// signalFits tells whether a crash line can be of an end with that signal. As PID
// 1 an abort() ends in a trapping instruction and reads SIGSEGV (docs/notes/DOCKER.md#a1).
func signalFits(signal string, k kernellog.Crash) bool {
	return k.Signal == "" || k.Signal == signal || signal == "SIGSEGV" && (k.Kind == kernellog.CrashGeneralProtection || k.Kind == kernellog.CrashTrap)
}

// commandFits tells whether a kernel comm (at most 15 bytes) can be a process of
// this container: exactly, the base name of a word of its command; or, where that
// command runs Python or is a shell, an interpreter.
func commandFits(c *evidence.Case, comm string) (fits, exact bool) {
	if c.Container == nil || comm == "" {
		return false, false
	}
	const commLen = 15 // TASK_COMM_LEN less its NUL
	interpreted := c.Container.ShellPID1()
	for i, word := range c.Container.Command {
		if i > 8 {
			break
		}
		for _, part := range strings.Fields(word) { // shell form: sh -c "python app.py"
			base := part[strings.LastIndexByte(part, '/')+1:]
			if base == comm || len(base) > commLen && base[:commLen] == comm {
				return true, true
			}
			interpreted = interpreted || pythonic(base)
		}
	}
	return interpreted && pythonic(comm), false
}

// pythonic tells whether a program is Python or one of its servers.
func pythonic(name string) bool {
	for _, prefix := range []string{"python", "uvicorn", "gunicorn", "hypercorn", "celery", "fastapi"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
