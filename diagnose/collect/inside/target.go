package inside

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// Target is what is looked into.
type Target struct {
	ProcRoot string
	PIDs     []int    // as this machine counts; the main one first
	Resolve  Resolver // nil = addresses stay addresses
	Now      func() time.Time
	// Apart is how long after the first look a second one is taken where the first left
	// open whether something moves; 0 = 300 ms.
	Apart time.Duration
	Twice bool // take the second look in any case
	// Census looks at all objects of Python's heap first: tasks that ended, queues that nobody serves.
	Census     bool
	CgroupRoot string // where the control groups are; "" = as mounted
}

// Resolver says which container has a socket's remote address, in what state it is,
// and what it has not read.
type Resolver func(*evidence.Peering)

// ShutError says that the processes may not be looked into, and what opens them.
type ShutError struct{ Reason, Command string }

func (e *ShutError) Error() string { return e.Reason }

const (
	maxProcesses = 64
	maxThreads   = 2000 // of all processes
	maxTasks     = 2000 // of all processes that stand in different places; more are left out
	maxFrames    = 25_000
	readings     = 8 // of one process in one look, until two agree
)
