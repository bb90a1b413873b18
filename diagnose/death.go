package diagnose

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
)

// How close two facts about one end must lie. An OOM kill's event comes within
// 0.1 s of the die event (docs/notes/DOCKER.md#a2); the kernel's stamp is converted by a
// clock offset taken at capture and may be off by more.
const (
	oomSlack    = time.Second
	kernelSlack = 2 * time.Second
)

const (
	sigkill = 9
	sigterm = 15
)

// deathOf works out who ended the examined run, and how, before any cause is
// considered. It follows the table of signatures in docs/notes/DOCKER.md#a2.
func deathOf(c *evidence.Case) evidence.Death {
	d := evidence.Death{State: stateOf(c), EndedBy: fact.EndedByNone}
	switch {
	case d.State == fact.StateNeverStarted:
		d.Reason = "the engine never got it to run"
		if c.Container != nil {
			code := c.Container.State.ExitCode
			d.ExitCode = &code
		}
		return d
	case c.Run == nil:
		d.EndedBy, d.Reason = fact.EndedByUnknown, "neither inspect nor events could be read"
		return d
	case c.Run.Alive:
		d.Reason = "it is running"
		return d
	}
	d.ExitCode, d.At = c.Run.ExitCode, c.Run.End
	if d.ExitCode != nil {
		d.Signal, _ = exitcode.Signal(*d.ExitCode)
	}
	d.Request = requestOf(c)
	d.EndedBy, d.Reason = endedBy(c, d)
	if d.EndedBy != fact.EndedByEngineRequest {
		d.Request = nil
	}
	return d
}

func stateOf(c *evidence.Case) string {
	if c.Container == nil {
		for _, ev := range c.Events.List {
			if ev.Action == "destroy" {
				return fact.StateGone
			}
		}
		return fact.StateUnknown
	}
	switch s := c.Container.State; s.Status {
	case "created":
		return fact.StateNeverStarted
	case fact.StateRunning:
		return fact.StateRunning
	case "":
		return fact.StateUnknown
	default:
		return s.Status
	}
}

// endedBy walks the possibilities from the best proven to the least. An engine
// request is a recorded fact; a kernel kill too; the exit code alone decides
// only where the recorders can be trusted to have seen everything else.
func endedBy(c *evidence.Case, d evidence.Death) (fact.EndedBy, string) {
	code, known := -1, d.ExitCode != nil
	if known {
		code = *d.ExitCode
	}
	if oom, reason := kernelOOM(c, d, code); oom {
		return fact.EndedByKernelOOM, reason
	}
	switch {
	case d.Request != nil:
		return fact.EndedByEngineRequest, "the engine was asked to: " + d.Request.Kind
	case !known:
		return fact.EndedByUnknown, "its exit code is not known"
	case contradicted(c, code):
		return fact.EndedByUnknown, "the engine recorded two different exit codes: its link to the process broke"
	case code == 137:
		return killedFromOutside(c)
	case code == 139 && noCrashLogged(c):
		return fact.EndedByUnknown, "exit code 139, but the kernel logged no crash: a signal from outside, or a number that was chosen or relayed"
	case fault(code):
		return fact.EndedByOwnSignal, fmt.Sprintf("exit code %d: %s, a fault of its own", code, d.Signal)
	case code == 255:
		return unknown255(c)
	case code > 128 && d.Signal != "":
		return signalledFromOutside(c, d.Signal)
	default:
		return fact.EndedByOwnExit, fmt.Sprintf("it ended itself with exit code %d", code)
	}
}

// kernelOOM tells whether the OOM killer ended the run: the code is 137 and a
// kill was recorded at that moment, and no engine KILL came in between.
func kernelOOM(c *evidence.Case, d evidence.Death, code int) (bool, string) {
	if code != 137 || d.At == nil {
		return false, ""
	}
	if r := d.Request; r != nil && (r.Escalated || r.Signal == sigkill) {
		return false, ""
	}
	if c.KillAtEnd != nil {
		return true, "the kernel log names this container at that moment"
	}
	if c.OOMAtEnd != nil {
		return true, "the engine's oom event came right before the end"
	}
	if c.Container != nil && c.Container.State.OOMKilled && !c.StickyOOM && !c.SiblingOOM && c.LaterRuns == 0 && d.Request == nil && !oomBefore(c) {
		return true, "exit code 137 with the engine's OOMKilled flag, and nobody asked it to stop"
	}
	return false, ""
}

// oomBefore tells whether a kill of this run is recorded: then it is what set the
// flag, and as none of them lies at the end the flag does not speak of it.
func oomBefore(c *evidence.Case) bool { return len(c.Kills) > 0 || len(c.OOMEvents) > 0 }

// contradicted tells whether the die event and inspect disagree on the code: the
// shim that watched the process was lost (record shim-killed: event 255, inspect
// 137), and neither is to be believed.
func contradicted(c *evidence.Case, code int) bool {
	for _, ev := range c.Run.Events {
		if ev.Action == "die" && ev.ExitCode != nil && *ev.ExitCode != code {
			return true
		}
	}
	return false
}

// oomAtEnd returns the oom event that came with the run's end, nil where none did.
func oomAtEnd(c *evidence.Case) *time.Time {
	if c.Run == nil || c.Run.End == nil {
		return nil
	}
	for i, at := range c.OOMEvents {
		if at.Sub(*c.Run.End).Abs() <= oomSlack || dieWithin(c.Run, at, oomSlack) {
			return &c.OOMEvents[i]
		}
	}
	return nil
}

func dieWithin(r *evidence.Run, at time.Time, d time.Duration) bool {
	for _, ev := range r.Events {
		if ev.Action == "die" && ev.At.Sub(at).Abs() <= d {
			return true
		}
	}
	return false
}

// killedFromOutside reads a 137 without a request. It is proven only where the
// ring reaches back over the end, or the engine's own flag says that nobody used
// the API (docs/notes/DOCKER.md#a1, HasBeenManuallyStopped).
func killedFromOutside(c *evidence.Case) (fact.EndedBy, string) {
	if c.Container != nil && (c.Container.ShellPID1() || c.Container.RelayPID1()) {
		return fact.EndedByUnknown, "exit code 137 of a shell, an init or a wrapper: it may relay a child's death"
	}
	asked := c.StateFile.HasBeenManuallyStopped
	switch {
	case recorded(c):
		return fact.EndedByOutsideSignal, "SIGKILL, and the engine recorded no kill and no oom event"
	case asked != nil && !*asked && c.LaterRuns == 0:
		return fact.EndedByOutsideSignal, "SIGKILL, and the engine's state file says that nobody used its API"
	}
	return fact.EndedByUnknown, "SIGKILL, but the engine's events do not reach back far enough to say from whom"
}

func signalledFromOutside(c *evidence.Case, signal string) (fact.EndedBy, string) {
	if c.Container != nil && c.Container.ShellPID1() {
		return fact.EndedByUnknown, "a shell's exit code may relay a child's " + signal
	}
	if c.Container != nil && !c.Container.Init && !c.Container.HostPID {
		// The kernel protects PID 1: a signal without a handler does not end it, and
		// a handler ends it with whatever number it likes.
		return fact.EndedByUnknown, "the number of " + signal + ", chosen by the program itself: perhaps in answer to that signal"
	}
	if recorded(c) {
		return fact.EndedByOutsideSignal, signal + ", and the engine recorded no kill event"
	}
	return fact.EndedByUnknown, signal + ", but the engine's events do not reach back far enough to say from whom"
}

// recorded tells whether the engine's ring would hold a kill event of this end.
func recorded(c *evidence.Case) bool {
	if c.Run == nil || c.Run.End == nil {
		return false
	}
	for _, ev := range c.Run.Events {
		if ev.Action == "die" {
			return c.Events.Covers(c.Run.End.Add(-time.Second)) || hasAction(c.Run.Events, "start")
		}
	}
	return false
}

func hasAction(events []evidence.Event, action string) bool {
	for _, ev := range events {
		if ev.Action == action {
			return true
		}
	}
	return false
}

// unknown255: -1 of a program, or an engine or shim that lost the real status
// (docs/notes/DOCKER.md#a1). The code alone cannot tell.
func unknown255(c *evidence.Case) (fact.EndedBy, string) {
	if recorded(c) && c.Container != nil && c.Container.State.ExitCode == 255 {
		return fact.EndedByOwnExit, "exit code 255: usually exit(-1)"
	}
	return fact.EndedByUnknown, "exit code 255: the engine may have lost the real one"
}

// noCrashLogged tells whether a segmentation fault would have left a line in the
// kernel's log, and none is there. x86 logs each that the program does not handle
// (docs/notes/KERNEL-LOG.md#1.4); arm64 logs none by default. A crash that the service's own
// log shows needs no witness.
func noCrashLogged(c *evidence.Case) bool {
	end := c.Run.End
	if end == nil || c.Image == nil || c.Image.Architecture != "amd64" || len(c.LogFindings(fact.InterpreterCrash)) > 0 || leftCore(c) {
		return false
	}
	return c.Kernel.Covers(end.Add(-time.Minute)) && !c.Kernel.Suppressed() && !c.Kernel.CrashAt(*end, kernelSlack)
}

// fault tells whether 128+n is a signal that a program brings upon itself: ILL,
// TRAP, ABRT, BUS, FPE, SEGV, SYS.
func fault(code int) bool {
	switch code - 128 {
	case 4, 5, 6, 7, 8, 11, 31:
		return true
	}
	return false
}

// leftCore tells whether the main process's own core shows its crash. The kernel's
// line is then older than the end by the time that the dump took: 2.5 s for 40 MB on
// a loaded machine.
func leftCore(c *evidence.Case) bool {
	for _, d := range c.RunCores() {
		if d.PID != nil && *d.PID == 1 && d.Signal != "" && d.Kind != coredump.KindSent && d.Kind != coredump.KindSnapshot {
			return true
		}
	}
	return false
}
