package inquest

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// Restarted is a service whose supervisor started it again. s6-supervise and runsv say nothing of that, whatever ended
// it: the log only shows the service's first lines once more.
type Restarted struct {
	Keeper, Comm string
	After        time.Duration    // between the supervisor's start and the service's newest
	Crashes      int              // of that command that the kernel tells of since then
	Crash        *kernellog.Crash // the one right before the newest start; nil = the kernel tells of none
}

// keepers are supervisors that keep one service each, from their own start on.
var keepers = map[string]bool{"s6-supervise": true, "runsv": true}

// How long after its supervisor a service may first be started, and after its end again (both wait for a second), with
// what a busy machine adds.
const (
	firstStart = 3 * time.Second
	startAgain = 5 * time.Second
)

// ticks is how many clock ticks a second has in /proc (USER_HZ is 100 on every Linux that containers run on).
const ticks = 100

// RestartedServices are those of the living run that began long after their supervisor.
func (c Case) RestartedServices() []Restarted {
	if c.Process == nil || !c.Alive() {
		return nil
	}
	var list []Restarted
	for _, t := range c.Process.Tasks {
		keeper := taskOf(c.Process, t.PPID)
		if t.PID != t.TID || t.State == "Z" || keeper == nil || !keepers[keeper.Comm] {
			continue
		}
		if after, known := startedAfter(*keeper, t); known && after > firstStart {
			list = append(list, c.withCrash(Restarted{Keeper: keeper.Comm, Comm: t.Comm, After: after}, t))
		}
	}
	return list
}

// startedAfter is how much later than another a process was started.
func startedAfter(first, then evidence.Task) (time.Duration, bool) {
	if first.Started == nil || then.Started == nil {
		return 0, false
	}
	return time.Duration(*then.Started-*first.Started) * time.Second / ticks, true
}

// withCrash ties the kernel's crash lines to a service by its command and the moment of its newest start: they carry no
// container, and a crash that nobody's start follows is somebody else's.
func (c Case) withCrash(r Restarted, service evidence.Task) Restarted {
	main := taskOf(c.Process, c.Process.PID)
	if main == nil || c.Kernel.Log == nil || c.Life == nil || c.Life.Start.IsZero() {
		return r
	}
	after, known := startedAfter(*main, service)
	if !known {
		return r
	}
	started := c.Life.Start.Add(after)
	for i, k := range c.Kernel.Log.Crashes {
		if k.At == nil || k.Comm != r.Comm || !c.Life.Contains(*k.At, 0) {
			continue
		}
		r.Crashes++
		if gap := started.Sub(*k.At); gap > -time.Second && gap <= startAgain {
			r.Crash = &c.Kernel.Log.Crashes[i]
		}
	}
	return r
}
