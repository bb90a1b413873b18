package cause

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// The tenth cause: the interpreter or a C extension crashed. As PID 1, an abort()
// also reads 139: the kernel discards SIGABRT for an init without a handler, and
// glibc falls through to a trapping instruction (docs/notes/DOCKER.md#a1, record abort-pid1).
var interpreterCrash = Cause{
	Number: 10, ID: fact.InterpreterCrash, Title: "The interpreter crashed (native fault)", Prior: priorLow,
	Symptom: "The process is gone without any Python exception.",
	Reason:  "A segmentation fault or an abort in a C extension, a stack overflow, or an interpreter bug.",
	Needs:   []string{fact.SourceKernelLog, fact.SourceInspect, fact.SourceChanges, fact.SourceLogs},
	Explains: []string{fact.WorkerCrash, fact.HealthcheckFailure, fact.NativeCrash, fact.ChildrenDie,
		fact.NothingListens},
	Rules: []Rule{
		{
			ID: "died-of-fault", Fact: "fault", Weight: 26, Source: fact.SourceInspect,
			Why: "the main process was ended by a signal that only its own fault brings; a program can choose the " +
				"number, which is rare",
			See: func(c inquest.Case) []Observation {
				if c.Death.EndedBy != fact.EndedByOwnSignal || !c.ShowsPython() || c.Death.Signal == "SIGSYS" {
					return nil
				}
				code, _ := c.Exit()
				return saw(c.Death.At, fmt.Sprintf("exit code %d: %s", code, faultText(c, code)), "")
			},
		}, {
			ID: "kernel-saw-crash", Weight: 12, Source: fact.SourceKernelLog,
			Why: "the kernel logged a crash of that name with that signal at the moment of the end; crash lines " +
				"carry no container, so this is a match by time and name",
			Levels: []Level{{kindOnly, 6, "the command is not the container's own, only of its kind: an " +
				"interpreter's name fits many"}},
			See: func(c inquest.Case) []Observation {
				if len(c.Crashes) == 0 || c.Death.EndedBy != fact.EndedByOwnSignal || c.Death.Signal == "SIGSYS" {
					return nil
				}
				k := c.Crashes[len(c.Crashes)-1]
				seen := onLine(k.Line, saw(k.At, crashText(k), k.Excerpt))
				if !k.Exact {
					return at(kindOnly, seen)
				}
				return seen
			},
		}, {
			ID: "kernel-saw-child-crash", Weight: 6, Source: fact.SourceKernelLog,
			Why: "a crash that fits this container, while its main process lived on: a child's, and less likely " +
				"what ended the service",
			See: func(c inquest.Case) []Observation {
				if len(c.Crashes) == 0 || c.Death.EndedBy == fact.EndedByOwnSignal {
					return nil
				}
				if l := c.CrashLoop(); l != nil && !l.Python() {
					return nil
				}
				k := c.Crashes[len(c.Crashes)-1]
				return onLine(k.Line, saw(k.At, crashText(k), k.Excerpt))
			},
		}, {
			ID: "kernel-saw-no-crash", Weight: -14, Source: fact.SourceKernelLog,
			Why: "on x86 the kernel logs every segmentation fault, trap and illegal instruction that a program does " +
				"not handle itself, and PID 1 cannot be ended by an abort(): where neither fits, the number was " +
				"chosen or relayed, or the signal came from outside",
			See: seeNoCrash,
		}, {
			ID: "core-file", Fact: "core", Weight: 10, Source: fact.SourceChanges,
			Why: "a core file lies in the container's writable layer; it may be an earlier run's, since layers " +
				"survive restarts",
			See: func(c inquest.Case) []Observation {
				if len(c.Cores) == 0 {
					return nil
				}
				return saw(nil, "a core file was left: "+strings.Join(c.Cores, ", "), "")
			},
		},
		{
			ID: "core-tells-crash", Fact: "core", Weight: 16, Source: fact.SourceCores, Names: true,
			Why: "a core of this run holds the fault itself: the signal, the address and the stack; nothing but a " +
				"crash leaves one, except a signal that somebody sent",
			See: func(c inquest.Case) []Observation { return seeCores(c, crashed) },
		}, {
			ID: "core-tells-signal-sent", Weight: -14, Source: fact.SourceCores,
			Why: "the core says that the signal was sent by a process or by the host: nothing crashed",
			See: func(c inquest.Case) []Observation { return seeCores(c, sent) },
		}, {
			ID: "oom-while-dumping", Weight: 34, Source: fact.SourceKernelLog,
			Why: "the OOM report's call trace goes through the writing of a core: a crash came first, and the dump " +
				"itself ran into the memory limit (a core on a tmpfs counts as the container's memory); measured",
			See: seeDumpKilled,
		},
		logRule(fact.InterpreterCrash),
		{
			ID: "nothing-of-python", Weight: -90, Source: fact.SourceInspect,
			Why: "its command, environment, log and cores show nothing of Python: there is no interpreter that could " +
				"have crashed, whatever else did; an entry point may hide one",
			See: func(c inquest.Case) []Observation {
				if c.Death.EndedBy != fact.EndedByOwnSignal || c.ShowsPython() {
					return nil
				}
				return saw(nil, "nothing that was seen tells of Python", "")
			},
		}, {
			ID: "no-fault", Weight: -20, Source: fact.SourceInspect,
			Why: "the main process ended in another way, and no crash of a child was seen",
			See: func(c inquest.Case) []Observation {
				code, known := c.Exit()
				if !known || c.Alive() || childCrashed(c) || seeDumpKilled(c) != nil ||
					c.Death.EndedBy == fact.EndedByOwnSignal || c.Death.EndedBy == fact.EndedByNone ||
					inquest.Fault(code) {
					return nil
				}
				return saw(c.Death.At, fmt.Sprintf("exit code %d is not a fault's", code), "")
			},
		}, {
			ID: "still-running", Weight: -12, Source: fact.SourceInspect,
			Why: "the main process is alive and no crash of a child was seen",
			See: func(c inquest.Case) []Observation {
				if !c.Alive() || childCrashed(c) {
					return nil
				}
				return saw(nil, "the main process is alive", "")
			},
		},
	},
}

// childCrashed tells whether a process beside the main one, which lives or ended otherwise, is seen to have crashed: by
// the kernel, or by what the interpreter and the native libraries print at a fault, which ends whoever prints it.
func childCrashed(c inquest.Case) bool {
	return len(c.Crashes) > 0 || c.Log != nil && slices.ContainsFunc(c.Log.Findings, func(f servicelog.Finding) bool {
		return f.Cause == fact.InterpreterCrash && f.Strength == fact.Conclusive
	})
}

// kindOnly is the level of a crash line of which only the kind of program fits.
const kindOnly = "only the kind of program fits"

// faultText names what the code can mean, with the PID 1 trap spelled out.
func faultText(c inquest.Case, code int) string {
	switch {
	case code == 139 && trapped(c):
		return "an abort() in the main process (as PID 1 it reads 139, and the kernel log shows a trap instead of a " +
			"segfault)"
	case code == 139 && segfault(c) != "":
		return "a segmentation fault in " + segfault(c) + ", says the kernel log"
	case code == 139 && c.Spec != nil && !c.Spec.Init && !c.Spec.HostPID:
		return "a segmentation fault, or an abort(), which also reads 139 in PID 1"
	case c.Spec != nil && c.Spec.ShellPID1():
		return c.Death.Signal + ", relayed by the shell that is PID 1"
	}
	return c.Death.Signal + ", a fault of its own"
}

// trapped tells whether the crash line is the general protection fault that
// glibc's abort() ends in, not a segfault.
func trapped(c inquest.Case) bool {
	for _, k := range c.Crashes {
		if k.Kind == "general-protection" && strings.HasPrefix(k.Object, "libc") {
			return true
		}
	}
	return c.LogHas("glibc-abort") != nil
}

// segfault is the file in whose code the kernel saw the container's own command crash; "" = it saw none.
func segfault(c inquest.Case) string {
	for _, k := range slices.Backward(c.Crashes) {
		if k.Segfault() && k.Exact {
			return k.Object
		}
	}
	return ""
}

func crashText(k inquest.Crash) string {
	text := fmt.Sprintf("the kernel logged a crash of %q (%s)", k.Comm, k.Signal)
	if k.Object != "" {
		text += " in " + k.Object
	}
	return text + "; " + k.Why
}

// seeNoCrash holds for the codes of faults whose witness is silent.
func seeNoCrash(c inquest.Case) []Observation {
	code, known := c.Exit()
	if !known || !inquest.Fault(code) || c.Death.EndedBy != fact.EndedByUnknown {
		return nil
	}
	return saw(c.Death.At, c.Death.Reason, "")
}

// crashed and sent sort the kinds of package coredump.
func crashed(d coredump.Dump) bool { return !sent(d) && d.Kind != "snapshot" && d.Signal != "" }
func sent(d coredump.Dump) bool    { return d.Kind == "sent-by-process" }

// seeCores takes the newest core of the run whose process ended with the service: the
// main process's own, or any where the end was a fault that an init passed on.
func seeCores(c inquest.Case, wanted func(coredump.Dump) bool) []Observation {
	cores := c.LifeCores()
	for i := len(cores) - 1; i >= 0; i-- {
		d := cores[i]
		main := d.PID != nil && *d.PID == 1 || c.Death.EndedBy == fact.EndedByOwnSignal
		if main && wanted(d) {
			return saw(d.At, "the core "+d.Path+" says: "+d.Summary, coreExcerpt(d))
		}
	}
	return nil
}

// coreExcerpt is the crashed thread's newest Python calls.
func coreExcerpt(d coredump.Dump) string {
	if len(d.Threads) == 0 {
		return ""
	}
	var lines []string
	for _, f := range d.Threads[0].Python[:min(len(d.Threads[0].Python), 6)] {
		lines = append(lines, fmt.Sprintf("%s:%d in %s", f.File, f.Line, f.Function))
	}
	return strings.Join(lines, "\n")
}

func seeDumpKilled(c inquest.Case) []Observation {
	k := c.KillAtEnd
	if k == nil || !c.Kernel.WhileDumping(*k) {
		return nil
	}
	return saw(k.At, fmt.Sprintf("%q had crashed: the kernel was writing its core when the memory ran out", k.Comm),
		k.Excerpt)
}
