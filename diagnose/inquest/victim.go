package inquest

import (
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// execRun is a command that ran beside the main process (`docker exec`, a health check), as the events tell of it.
type execRun struct {
	command string
	began   time.Time
	ended   *time.Time // nil = not told
	code    *int       // nil = not told
}

// diedOf137 tells whether SIGKILL ended it. The engine reports that of the very process that it had started.
func (r execRun) diedOf137() bool { return r.code != nil && *r.code == 137 }

// ran tells whether it may have run at a moment.
func (r execRun) ran(at time.Time) bool {
	return !r.began.After(at.Add(KernelSlack)) && (r.ended == nil || r.ended.After(at.Add(-KernelSlack)))
}

func execRunsOf(life *evidence.Life) []execRun {
	var runs []execRun
	place := map[string]int{}
	for _, ev := range life.Events {
		switch i, known := place[ev.ExecID]; {
		case ev.ExecID == "":
		case ev.Kind == fact.EventExecCreated:
			place[ev.ExecID] = len(runs)
			runs = append(runs, execRun{command: ev.Command, began: ev.At})
		case ev.Kind == fact.EventExecEnded && known:
			at := ev.At
			runs[i].ended, runs[i].code = &at, ev.ExitCode
		}
	}
	return runs
}

// execLead is how much longer than a command beside it the main process must have lived for the two ends not to be one:
// the end of PID 1 takes all others of its namespace with it, and their events come first. Measured under load: 0.1 s.
const execLead = time.Second

// outlived tells whether the main process went on after such a command had ended.
func (r execRun) outlived(life *evidence.Life) bool {
	return r.ended != nil && (life.Alive || life.End != nil && life.End.Sub(*r.ended) > execLead)
}

// ofExec tells whether the kernel killed a command that ran beside the main process: the engine says that SIGKILL ended
// one of that name then, and the main process lived on; or one of that name ran then, and the kernel's table has an
// older process in the group, which is the main one. A child of the main process would tell the same table; that is why
// such a command must have run.
func ofExec(spec *evidence.Spec, life *evidence.Life, k kernellog.Kill) bool {
	if k.GroupKill || k.At == nil || k.PID == k.LowestPID && k.Scope == kernellog.ScopeOwnLimit {
		return false
	}
	for _, r := range execRunsOf(life) {
		if !r.ran(*k.At) || !mayRun(r.command, k.Comm, spec) {
			continue
		}
		if r.diedOf137() && r.ended.Sub(*k.At).Abs() <= KernelSlack && r.outlived(life) {
			return true
		}
		if r.mayHaveLost(k) && besideOlder(spec, k) {
			return true
		}
	}
	return false
}

// mayHaveLost tells whether what is known of a command's end fits a kill of it, or of a child of it: a shell may go on.
func (r execRun) mayHaveLost(k kernellog.Kill) bool {
	shell := (&evidence.Spec{Command: strings.Fields(r.command)}).ShellPID1()
	return r.ended == nil || shell || r.diedOf137() && r.ended.Sub(*k.At).Abs() <= KernelSlack
}

// besideOlder tells whether the kernel's table has older processes of the group, and the victim is none of the main
// process's own by its name, or is the newest of that name: a command beside it began later than what it is to watch.
func besideOlder(spec *evidence.Spec, k kernellog.Kill) bool {
	if k.LowestPID == 0 || k.TaskCount < 2 || k.Scope != kernellog.ScopeOwnLimit {
		return false
	}
	if fits, _ := spec.CommandFits(k.Comm); !fits {
		return true
	}
	older, newer := false, false
	for _, t := range k.Tasks {
		if t.Comm == k.Comm {
			older = older || t.PID < k.PID
			newer = newer || t.PID > k.PID
		}
	}
	return older && !newer
}

// execKilled tells whether, at a moment at which memory ran out, SIGKILL ended a command beside the main process, which
// lived on.
func execKilled(life *evidence.Life, at time.Time) bool {
	for _, r := range execRunsOf(life) {
		if r.diedOf137() && r.ended.Sub(at).Abs() <= oomSlack && r.outlived(life) {
			return true
		}
	}
	return false
}

// mayRun tells whether a command line runs a program of that name: it names it or its interpreter, or is a shell that
// may run what its line does not name, and that is not the container's own command.
func mayRun(command, comm string, own *evidence.Spec) bool {
	beside := &evidence.Spec{Command: strings.Fields(command)}
	fits, exact := beside.CommandFits(comm)
	if exact || !beside.ShellPID1() {
		return fits
	}
	if _, line, ok := strings.Cut(command, " -c "); ok && check.Parse([]string{check.FormShell, line}).IsPlain() {
		return false
	}
	ownFits, _ := own.CommandFits(comm)
	return fits || !ownFits
}

// isOfMain tells whether the victim still stands in the process table, dead and never collected, in the session of the
// main process: an exec is a session of its own.
func isOfMain(p *evidence.Process, k kernellog.Kill) bool {
	if p == nil {
		return false
	}
	victim, main := taskOf(p, k.PID), taskOf(p, p.PID)
	return victim != nil && victim.State == "Z" && main != nil && victim.Session != nil && main.Session != nil &&
		*victim.Session == *main.Session
}

// taskOf returns the first thread of a process, nil where it is not in the table.
func taskOf(p *evidence.Process, pid int) *evidence.Task {
	for i, t := range p.Tasks {
		if t.PID == pid && t.TID == pid {
			return &p.Tasks[i]
		}
	}
	return nil
}
