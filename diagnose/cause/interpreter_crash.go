package cause

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// The tenth cause: the interpreter or a C extension crashed. As PID 1, an abort()
// also reads 139: the kernel discards SIGABRT for an init without a handler, and
// glibc falls through to a trapping instruction (DOCKER.md A1, record abort-pid1).
var interpreterCrash = Cause{
	Number: 10, ID: InterpreterCrash, Title: "The interpreter crashed (native fault)", Prior: priorLow,
	Symptom: "The process is gone without any Python exception.",
	Reason:  "A segmentation fault or an abort in a C extension, a stack overflow, or an interpreter bug.",
	Detect: []string{
		"docker inspect -f '{{.State.ExitCode}}' NAME   (139 SEGV or, as PID 1, abort; 134 ABRT; 135 BUS; 132 ILL)",
		"dmesg | grep -e 'segfault at' -e 'traps:'",
		"docker diff NAME | grep core",
	},
	Needs:    []string{"kernel-log", "inspect", "changes", "logs"},
	Explains: []string{WorkerCrash, HealthcheckFailure},
	Rules: []Rule{
		{
			ID: "died-of-fault", Fact: "fault", Weight: 26, Source: "inspect",
			Why: "the main process was ended by a signal that only its own fault brings; a program can choose the number, which is rare",
			See: func(c *evidence.Case) []Sight {
				if c.Death.EndedBy != evidence.EndedByOwnSignal {
					return nil
				}
				code, _ := c.Exit()
				return saw(c.Death.At, fmt.Sprintf("exit code %d: %s", code, faultText(c, code)), "")
			},
		}, {
			ID: "kernel-saw-crash", Weight: 12, Source: "kernel-log",
			Why: "the kernel logged a crash of that name with that signal at the moment of the end; crash lines carry no container, so this is a match by time and name, and weighs 6 where only the kind of program fits",
			See: func(c *evidence.Case) []Sight {
				if len(c.Crashes) == 0 || c.Death.EndedBy != evidence.EndedByOwnSignal {
					return nil
				}
				k := c.Crashes[len(c.Crashes)-1]
				sights := onLine(k.Line, saw(k.At, crashText(k), k.Excerpt))
				if weight := 6.0; !k.Exact {
					sights[0].Weight = &weight
				}
				return sights
			},
		}, {
			ID: "kernel-saw-child-crash", Weight: 6, Source: "kernel-log",
			Why: "a crash that fits this container, while its main process lived on: a child's, and less likely what ended the service",
			See: func(c *evidence.Case) []Sight {
				if len(c.Crashes) == 0 || c.Death.EndedBy == evidence.EndedByOwnSignal {
					return nil
				}
				k := c.Crashes[len(c.Crashes)-1]
				return onLine(k.Line, saw(k.At, crashText(k), k.Excerpt))
			},
		}, {
			ID: "kernel-saw-no-crash", Weight: -14, Source: "kernel-log",
			Why: "on x86 the kernel logs every segmentation fault that a program does not handle itself, and this one it did not: a signal sent from outside, or a number that the program chose or relayed, leave 139 too",
			See: seeNoCrash,
		}, {
			ID: "core-file", Weight: 10, Source: "changes",
			Why: "a core file lies in the container's writable layer; it may be an earlier run's, since layers survive restarts",
			See: func(c *evidence.Case) []Sight {
				if len(c.Cores) == 0 {
					return nil
				}
				return saw(nil, "a core file was left: "+strings.Join(c.Cores, ", "), "")
			},
		},
		logRule(InterpreterCrash),
		{
			ID: "no-fault", Weight: -20, Source: "inspect",
			Why: "the main process ended in another way, and no crash of a child was seen",
			See: func(c *evidence.Case) []Sight {
				code, known := c.Exit()
				if !known || c.Alive() || len(c.Crashes) > 0 || c.Death.EndedBy == evidence.EndedByOwnSignal || c.Death.EndedBy == evidence.EndedByNone || code == 139 {
					return nil
				}
				return saw(c.Death.At, fmt.Sprintf("exit code %d is not a fault's", code), "")
			},
		}, {
			ID: "still-running", Weight: -12, Source: "inspect",
			Why: "the main process is alive and no crash of a child was seen",
			See: func(c *evidence.Case) []Sight {
				if !c.Alive() || len(c.Crashes) > 0 {
					return nil
				}
				return saw(nil, "the main process is alive", "")
			},
		},
	},
	Fixes: crashFixes,
}

// faultText names what the code can mean, with the PID 1 trap spelled out.
func faultText(c *evidence.Case, code int) string {
	switch {
	case code == 139 && trapped(c):
		return "an abort() in the main process (as PID 1 it reads 139, and the kernel log shows a trap instead of a segfault)"
	case code == 139 && c.Container != nil && !c.Container.Init && !c.Container.HostPID:
		return "a segmentation fault, or an abort(), which also reads 139 in PID 1"
	case c.Container != nil && c.Container.ShellPID1():
		return c.Death.Signal + ", relayed by the shell that is PID 1"
	}
	return c.Death.Signal + ", a fault of its own"
}

// trapped tells whether the crash line is the general protection fault that
// glibc's abort() ends in, not a segfault.
func trapped(c *evidence.Case) bool {
	for _, k := range c.Crashes {
		if k.Kind == "general-protection" && strings.HasPrefix(k.Object, "libc") {
			return true
		}
	}
	return c.LogHas("glibc-abort") != nil
}

func crashText(k evidence.Crash) string {
	text := fmt.Sprintf("the kernel logged a crash of %q (%s)", k.Comm, k.Signal)
	if k.Object != "" {
		text += " in " + k.Object
	}
	return text + "; " + k.Why
}

// seeNoCrash holds for 139 alone: SIGABRT and SIGBUS leave no line anyway.
func seeNoCrash(c *evidence.Case) []Sight {
	code, known := c.Exit()
	if !known || code != 139 || c.Death.EndedBy != evidence.EndedByUnknown {
		return nil
	}
	return saw(c.Death.At, c.Death.Reason, "")
}
