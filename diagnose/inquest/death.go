package inquest

import (
	"fmt"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Death is the end of the examined life: who ended it and how, apart from why.
type Death struct {
	State    string // one of fact's states
	EndedBy  fact.EndedBy
	ExitCode *int
	Signal   string // "SIGKILL"; "" = none or unknown
	At       *time.Time
	Request  *StopRequest // set when EndedBy is engine-request
	Reason   string       // the sentence that says why EndedBy was chosen
}

// StopRequest is a request to the runtime that ended the life.
type StopRequest struct {
	evidence.Request
	// Unhealthy is the moment at which the container had turned unhealthy
	// before the request, with no recovery in between: what a watcher such as
	// autoheal or Swarm acts on. nil = it was not unhealthy, or nobody knows since when.
	Unhealthy *time.Time
}

const sigkill = 9

// timeUp is what timeout(1) ends with after it has ended its command.
const timeUp = 124

// ending is what a death is worked out from.
type ending struct {
	*evidence.Evidence
	Examined
	Signs
}

// deathOf works out who ended the examined life, and how, before any cause is
// considered. It follows the table of signatures in docs/notes/DOCKER.md#a2.
func deathOf(e *evidence.Evidence, x Examined, s Signs) Death {
	d := Death{State: stateOf(e), EndedBy: fact.EndedByNone}
	switch {
	case d.State == fact.StateNeverStarted:
		d.Reason = "the engine never got it to run"
		if e.Status != nil {
			code := e.Status.ExitCode
			d.ExitCode = &code
		}
		return d
	case x.Life == nil && e.Status != nil && d.State == fact.StateUnknown: // containerd without a task
		d.EndedBy, d.Reason = fact.EndedByUnknown, "the runtime has no process of it: it never ran, or its end was "+
			"cleared away, with the exit code"
		return d
	case x.Life == nil:
		d.EndedBy, d.Reason = fact.EndedByUnknown, "neither inspect nor events could be read"
		return d
	case x.Life.Alive && e.Status == nil:
		d.Reason = "the engine did not say; its processes run"
		return d
	case x.Life.Alive:
		d.Reason = "it is running"
		return d
	case e.Status == nil && x.Life.End == nil:
		d.EndedBy, d.Reason = fact.EndedByUnknown, "the engine did not say whether it runs, and its processes were not seen"
		return d
	}
	d.ExitCode, d.At = x.Life.ExitCode, x.Life.End
	if d.ExitCode != nil {
		d.Signal, _ = exitcode.Signal(*d.ExitCode)
	}
	d.Request = requestOf(x.Life.Request, s.ProbeSigns)
	d.EndedBy, d.Reason = ending{e, x, s}.endedBy(d)
	if d.EndedBy != fact.EndedByEngineRequest {
		d.Request = nil
	}
	return d
}

func stateOf(e *evidence.Evidence) string {
	if e.Status != nil {
		return e.Status.State
	}
	for _, ev := range e.Events.List {
		if ev.Kind == fact.EventRemoved {
			return fact.StateGone
		}
	}
	return fact.StateUnknown
}

// requestOf adds to a request when the container had turned unhealthy before.
func requestOf(r *evidence.Request, s ProbeSigns) *StopRequest {
	if r == nil {
		return nil
	}
	unhealthy := s.Unhealthy
	if s.Earlier != nil && r.Kind != fact.RequestProbe { // whether a watcher's answer or somebody's much later one
		unhealthy = nil
	}
	if unhealthy != nil && unhealthy.After(r.At) {
		unhealthy = nil
	}
	return &StopRequest{Request: *r, Unhealthy: unhealthy}
}

// endedBy walks the possibilities from the best proven to the least. An engine
// request is a recorded fact; a kernel kill too; the exit code alone decides
// only where the recorders can be trusted to have seen everything else.
func (n ending) endedBy(d Death) (fact.EndedBy, string) {
	code, known := -1, d.ExitCode != nil
	if known {
		code = *d.ExitCode
	}
	if oom, reason := n.kernelOOM(d, code); oom {
		return fact.EndedByKernelOOM, reason
	}
	switch {
	case d.Request != nil:
		return fact.EndedByEngineRequest, "the engine was asked to: " + d.Request.Words
	case !known:
		return fact.EndedByUnknown, "its exit code is not known"
	case n.Daemon != nil && (code == 0 || d.Signal != ""):
		return fact.EndedByOutsideSignal, n.Daemon.Summary + ", by its own words, at that moment"
	case n.contradicted(code):
		return fact.EndedByUnknown, "the engine recorded two different exit codes: its link to the process broke"
	case code == 137:
		return n.killedFromOutside()
	case Fault(code) && n.noFault(code) != "":
		return fact.EndedByUnknown, n.noFault(code)
	case Fault(code):
		return fact.EndedByOwnSignal, fmt.Sprintf("exit code %d: %s, a fault of its own", code, d.Signal)
	case code == 255:
		return n.unknown255()
	case code > 128 && d.Signal != "":
		return n.signalledFromOutside(d.Signal)
	case code == timeUp && n.Spec != nil && n.Spec.TimeLimited():
		return fact.EndedByOwnExit, "exit code 124: `timeout` ended its command, whose time was up"
	default:
		return fact.EndedByOwnExit, fmt.Sprintf("it ended itself with exit code %d", code)
	}
}

// kernelOOM tells whether the OOM killer ended the life: the code is 137 and a
// kill was recorded at that moment, and no engine KILL came in between.
func (n ending) kernelOOM(d Death, code int) (bool, string) {
	if code != 137 || d.At == nil {
		return false, ""
	}
	if r := d.Request; r != nil && (r.Escalated || r.Signal == sigkill) {
		return false, ""
	}
	if n.KillAtEnd != nil {
		return true, "the kernel log names this container at that moment"
	}
	if n.OOMAtEnd != nil {
		return true, "the engine's oom event came right before the end"
	}
	if n.Untold != nil && d.Request == nil {
		return true, "the kernel log tells of a kill in this container's group at that moment, though not of whom"
	}
	if k := n.Nameless; k != nil && k.Match > MatchTime && d.Request == nil {
		return true, "the kernel killed a process of this name " + words.Duration(k.Gap) +
			" from the end; its line names no container"
	}
	if n.Marked(n.Evidence) && !n.StickyOOM && !n.SiblingOOM && d.Request == nil && !n.oomBefore() {
		return true, "exit code 137 with the engine's OOMKilled flag, and nobody asked it to stop"
	}
	return false, ""
}

// contradicted tells whether the event of the end and inspect disagree on the code: the
// shim that watched the process was lost (record shim-killed: event 255, inspect
// 137), and neither is to be believed.
func (n ending) contradicted(code int) bool {
	for _, ev := range n.Life.Events {
		if ev.Kind == fact.EventEnded && ev.ExitCode != nil && *ev.ExitCode != code {
			return true
		}
	}
	return false
}

// killedFromOutside reads a 137 without a request. It is proven only where the
// events reach back over the end, or the runtime's own note says that nobody used
// the API (docs/notes/DOCKER.md#a1, HasBeenManuallyStopped).
func (n ending) killedFromOutside() (fact.EndedBy, string) {
	if n.Spec != nil && (n.Spec.ShellPID1() || n.Spec.RelayPID1()) {
		return fact.EndedByUnknown, "exit code 137 of a shell, an init or a wrapper: it may relay a child's death"
	}
	if len(n.Misdated) > 0 {
		return fact.EndedByUnknown, "SIGKILL, and the kernel log tells of a kill for lack of memory in this container, at " +
			"a time after its end: the log's clock is off, and whether that kill ended it is not told"
	}
	if gap, lately := n.memoryLately(n.Life); lately {
		return fact.EndedByUnknown, "SIGKILL, " + words.Duration(gap) + " after a process of this container was killed for " +
			"lack of memory; whether its end followed from that is not told"
	}
	switch {
	case n.spokeLast() && n.Nameless == nil && n.Kernel.Covers(*n.Life.End):
		return fact.EndedByUnknown, "exit code 137 is SIGKILL's number, but neither the engine nor the kernel's log " +
			"tells of a kill, and the program spoke right before its end: it may have chosen the number"
	case n.Nameless != nil:
		return fact.EndedByUnknown, fmt.Sprintf("SIGKILL, and at that moment the kernel killed %q for lack of "+
			"memory, whosever it was", n.Nameless.Comm)
	case n.Events.Witnessed(n.Life) && !n.Kernel.Covers(*n.Life.End) && n.Engine.MissesOOM:
		return fact.EndedByUnknown, "SIGKILL that nobody asked of the engine, which on cgroup v2 may miss a kill for lack " +
			"of memory: the kernel, or somebody on the host; no kernel log of that moment was read, which alone would tell"
	case n.Events.Witnessed(n.Life) && !n.Kernel.Covers(*n.Life.End):
		return fact.EndedByOutsideSignal, "the code of SIGKILL, and the engine recorded no kill and no oom event; the " +
			"kernel log was not read, which alone tells of a host that ran out of memory"
	case n.Events.Witnessed(n.Life):
		return fact.EndedByOutsideSignal, "the code of SIGKILL, and the engine recorded no kill and no oom event"
	case n.Asked != nil && !*n.Asked && n.LaterLives == 0 && !n.Kernel.Covers(*n.Life.End):
		return fact.EndedByUnknown, "SIGKILL that nobody asked of the engine (" + n.Note.Words + "): the kernel, for " +
			"lack of memory, or somebody on the host; no kernel log of that moment was read, which alone would tell"
	case n.Asked != nil && !*n.Asked && n.LaterLives == 0:
		return fact.EndedByOutsideSignal, "the code of SIGKILL, and " + n.Note.Words + " says that nobody used its API"
	case n.Events.Sparse && n.Note.Words == "":
		return fact.EndedByUnknown, "SIGKILL, and this runtime keeps no record of who had it send one"
	case n.Events.Sparse:
		return fact.EndedByUnknown, "SIGKILL, and this runtime writes no event for every stop and kill: " + n.Note.Words +
			" was not read, which tells whether it was asked to (" + n.Note.Command + ")"
	}
	return fact.EndedByUnknown, "SIGKILL, but the engine's events do not reach back far enough to say from whom"
}

// How much closer to the end than its usual gap the last line must be for the two to have to do with each other, and
// how close at most: a kill comes at any moment.
const (
	spokeGaps = 10
	spokeSoon = 500 * time.Millisecond
)

// spokeLast tells whether the program printed its last line so shortly before the end, for one that prints so seldom,
// that it knew of it.
func (n ending) spokeLast() bool {
	if n.Log == nil || n.Log.LastAt.IsZero() || n.Log.Lines == 0 || !n.Events.Witnessed(n.Life) {
		return false
	}
	length, ok := n.Life.Length(*n.Life.End)
	gap := n.Life.End.Sub(n.Log.LastAt).Abs()
	return ok && gap <= spokeSoon && gap*spokeGaps <= length/time.Duration(n.Log.Lines)
}

func (n ending) signalledFromOutside(signal string) (fact.EndedBy, string) {
	if n.Spec != nil && n.Spec.ShellPID1() {
		return fact.EndedByUnknown, "a shell's exit code may relay a child's " + signal
	}
	if n.Spec != nil && !n.Spec.Init && !n.Spec.HostPID {
		// The kernel protects PID 1: a signal without a handler does not end it, and
		// a handler ends it with whatever number it likes.
		return fact.EndedByUnknown, "the number of " + signal +
			", chosen by the program itself: perhaps in answer to that signal"
	}
	if n.Events.Witnessed(n.Life) {
		return fact.EndedByOutsideSignal, signal + ", and the engine recorded no kill event"
	}
	return fact.EndedByUnknown, signal + ", but the engine's events do not reach back far enough to say from whom"
}

// unknown255: -1 of a program, or an engine or shim that lost the real status
// (docs/notes/DOCKER.md#a1). The code alone cannot tell.
func (n ending) unknown255() (fact.EndedBy, string) {
	if line := n.LastLine(); strings.HasPrefix(line, "exec ") && (strings.HasSuffix(line, "no such file or directory") ||
		strings.HasSuffix(line, "exec format error")) { // runc from 1.2 on; up to 1.1 it ends with 1
		return fact.EndedByOwnExit, "exit code 255 of the runtime, which could not run the command"
	}
	if n.Events.Witnessed(n.Life) && n.Status != nil && n.Status.ExitCode == 255 {
		return fact.EndedByOwnExit, "exit code 255: usually exit(-1)"
	}
	return fact.EndedByUnknown, "exit code 255: the engine may have lost the real one"
}

// noFault says why the code of a fault is of none: the fault would have left something, and has not. A crash that the
// service's own log or a core shows needs no other witness, if it is the one that ended the run. "" = it may be one.
func (n ending) noFault(code int) string {
	told, ended := n.crashTold()
	if ended || n.leftCore() {
		return ""
	}
	switch {
	case told != nil && !n.mainCrashed():
		return fmt.Sprintf("exit code %d, but the crash that the log tells of came %s before the end: a child's, whose "+
			"number was passed on late, or a number that was chosen", code, words.Duration(n.Life.End.Sub(*told)))
	case kernelTells[code-128] && n.noCrashLogged():
		return fmt.Sprintf("exit code %d, but the kernel logged no crash: a signal from outside, or a number that was "+
			"chosen or relayed", code)
	case code-128 == sigabrt && n.noAbort():
		return "exit code 134, but nothing aborted: the kernel protects PID 1 from its own SIGABRT, and a shell says " +
			"\"Aborted\" of a child; the program chose the number"
	}
	return ""
}

// crashTold returns when the log last tells of a crash, and whether that is the crash that ended the run. Who crashes
// prints nothing after it, and who goes on printing has lived on; what a shell says of its child it says when the child
// is gone, so that only the shell's own end is to come. nil = it tells of none, or not when.
func (n ending) crashTold() (at *time.Time, ended bool) {
	if n.Log == nil {
		return nil, false
	}
	for _, f := range n.findings(fact.InterpreterCrash, false) {
		last := f.LastAt
		if last.IsZero() || n.Life.End == nil {
			return nil, true
		}
		if at == nil || last.After(*at) {
			at = &last
		}
		most := longestDump
		if f.Role == fact.RoleSymptom {
			most = KernelSlack
		}
		ended = ended || n.lastBefore(last, most)
	}
	if w := n.Log.LastWords; w != nil && w.Gravity == servicelog.Fatal && at == nil {
		return nil, w.At.IsZero() || n.Life.End == nil || n.lastBefore(w.At, longestDump)
	}
	return at, ended
}

// mainCrashed tells whether the kernel logged, at the end, a crash that may be the main process's own: of a child of
// its own a shell would have spoken again.
func (n ending) mainCrashed() bool {
	if n.Kernel.Log == nil || n.Spec == nil || len(n.Spec.Command) == 0 {
		return false
	}
	for _, k := range n.Kernel.Log.Crashes {
		fits, _ := n.Spec.CommandFits(k.Comm)
		if n.Spec.ShellPID1() {
			fits = k.Comm == evidence.Program(n.Spec.Command[0])
		}
		if fits && k.At != nil && k.At.Sub(*n.Life.End).Abs() <= KernelSlack {
			return true
		}
	}
	return false
}

// lastBefore tells whether the service printed nothing of note after a moment, and ended soon after it.
func (n ending) lastBefore(at time.Time, most time.Duration) bool {
	return n.Log.LastAt.Sub(at) <= KernelSlack && n.Life.End.Sub(at) <= most
}

const sigabrt = 6

// kernelTells are the faults of which x86 prints a line where the program does not handle them: ILL and TRAP and FPE as
// "traps: … trap …", SEGV as "segfault at" (arch/x86/kernel/traps.c show_signal, mm/fault.c show_signal_msg). Of ABRT,
// BUS and SYS it prints none.
var kernelTells = map[int]bool{4: true, 5: true, 8: true, 11: true}

// noCrashLogged tells whether a fault would have left a line in the kernel's log, and none is there. x86 logs each that
// the program does not handle (docs/notes/KERNEL-LOG.md#1.4); arm64 logs none by default.
func (n ending) noCrashLogged() bool {
	end := n.Life.End
	if end == nil || n.Image == nil || n.Image.Architecture != "amd64" {
		return false
	}
	from := end.Add(-longestDump)
	if start := n.Life.Start.Add(-crashSlack); start.After(from) {
		from = start
	}
	return n.Kernel.Covers(from) && !n.Kernel.Suppressed(*end) && !n.Kernel.CrashAt(*end, KernelSlack) &&
		!n.crashedBefore(*end, from)
}

// longestDump is how long before the end the line of a crash may be: so long the writing of its core may take.
const longestDump = time.Minute

// crashedBefore tells whether a process of the container's kind crashed while its core could be still in writing. What
// went on to print after a crash did not have it: that was another's, of a neighbour or of a child.
func (n ending) crashedBefore(end, from time.Time) bool {
	if n.Log != nil && n.Log.LastAt.Add(-KernelSlack).After(from) {
		from = n.Log.LastAt.Add(-KernelSlack)
	}
	for _, k := range n.Kernel.Log.Crashes {
		if fits, _ := n.Spec.CommandFits(k.Comm); fits && k.At != nil && !k.At.Before(from) && k.At.Before(end) {
			return true
		}
	}
	return false
}

// noAbort tells whether 134 cannot be of an abort(). As PID 1 of its own namespace that reads 139 (record abort-pid1);
// dash, bash and busybox say "Aborted" of a child that it ended. An init passes a child's 134 on without a word.
func (n ending) noAbort() bool {
	spec := n.Spec
	if spec == nil || len(spec.Command) == 0 || spec.HostPID || spec.RelayPID1() {
		return false
	}
	if !spec.ShellPID1() {
		return true
	}
	if n.Log == nil || n.Source(fact.SourceLogs).Status != fact.StatusCollected {
		return false
	}
	for _, l := range n.Log.Tail {
		if strings.Contains(l.Text, "Aborted") && (n.Life.End == nil || n.Life.End.Sub(l.At) <= KernelSlack) {
			return false
		}
	}
	return true
}

// Fault tells whether 128+n is a signal that a program brings upon itself: ILL,
// TRAP, ABRT, BUS, FPE, SEGV, SYS.
func Fault(code int) bool {
	switch code - 128 {
	case 4, 5, 6, 7, 8, 11, 31:
		return true
	}
	return false
}

// leftCore tells whether the main process's own core shows its crash. The kernel's
// line is then older than the end by the time that the dump took: 2.5 s for 40 MB on
// a loaded machine.
func (n ending) leftCore() bool {
	for _, d := range coresOf(n.Evidence, n.Examined) {
		if d.PID != nil && *d.PID == 1 && d.Signal != "" && d.Kind != coredump.KindSent &&
			d.Kind != coredump.KindSnapshot {
			return true
		}
	}
	return false
}
