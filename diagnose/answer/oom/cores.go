package oom

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// Core is what systemd-coredump noted of a process that it took a core of, or would have.
type Core struct {
	PID       int // on the host
	At        time.Time
	Container *kernellog.Container // of its control group
}

// coresOf are those that a log tells of.
func coresOf(log *kernellog.Log) []Core {
	var cores []Core
	for _, t := range log.Trouble {
		if t.Kind == kernellog.TroubleCoredump && t.Container != nil && t.PID != nil && t.At != nil {
			cores = append(cores, Core{PID: *t.PID, At: *t.At, Container: t.Container})
		}
	}
	return cores
}

const (
	// coreSlack is how long after a crash its record may come: systemd-coredump first writes the core, and is ended
	// itself after five minutes (RuntimeMaxSec of its unit).
	coreSlack = 5 * time.Minute
	// coreEarly is how much earlier it may be stamped: in whole seconds, by the handler.
	coreEarly = time.Second
)

func (c Core) follows(crash kernellog.Crash) bool {
	if crash.At == nil {
		return false
	}
	gap := c.At.Sub(*crash.At)
	return -coreEarly <= gap && gap <= coreSlack
}

// coreOf finds the record of a crash. The kernel's line has the number of the thread, the record that of the process:
// where they agree (or an audit line tells the process) it is the same one. Where another thread than the first
// crashed, the record near it is its own only if there is one record and one crash alone. nil = none, or several.
func (n namer) coreOf(crash kernellog.Crash) (core *Core, same bool) {
	near := 0
	for i, c := range n.cores {
		if !c.follows(crash) {
			continue
		}
		if c.PID == crash.TID || crash.PID != nil && *crash.PID == c.PID {
			return &n.cores[i], true
		}
		if core == nil || core.PID != c.PID { // one core may be told of twice
			near++
		}
		core = &n.cores[i]
	}
	if near != 1 || core.PID > crash.TID || n.crashesNear(*core) != 1 {
		return nil, false
	}
	return core, false
}

func (n namer) crashesNear(core Core) int {
	near := 0
	for _, c := range n.crashes {
		if core.follows(c) {
			near++
		}
	}
	return near
}
