package inquest

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/phrase"
)

// leaveSlack is how long a shell or supervisor may take to leave after it has lost what it was there for: scripts sleep
// for some seconds, so that nobody restarts them at once.
const leaveSlack = 10 * time.Second

// LostAll tells whether an OOM kill took the only process that a life was there for, and nothing was done after it: the
// kernel's table of that moment holds the victim and the main process alone, which is a shell, or says itself that its
// child was killed. Such a main process does no work of its own, so its end, by whatever code, is that of its child. A
// few lines are what a script says of it; more are the work of another child.
func (c Case) LostAll(k kernellog.Kill) bool {
	if c.Life == nil || c.Life.End == nil || k.At == nil || c.IsBeside(k) {
		return false
	}
	late := c.Life.End.Sub(*k.At)
	alone := k.TaskCount == 2 && k.LowestPID != 0 && k.LowestPID != k.PID && k.Scope == kernellog.ScopeOwnLimit
	if !alone || late < 0 || late > leaveSlack || c.goodLinesSince(*k.At) >= fewGoodLines {
		return false
	}
	return c.Spec != nil && c.Spec.ShellPID1() || c.saysKilled(*k.At)
}

// saysKilled tells whether the log reports a child that SIGKILL took, since that moment.
func (c Case) saysKilled(at time.Time) bool {
	return c.Log != nil && slices.ContainsFunc(c.Log.Tail, func(l servicelog.Line) bool {
		return !l.At.Before(at.Add(-KernelSlack)) && phrase.Kill(l.Text)
	})
}
