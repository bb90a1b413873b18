package cause

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// The third cause: the service could not say what was wrong with it.
var loggingFailure = Cause{
	Number: 3, ID: fact.LoggingFailure, Title: "Logging itself failed", Prior: priorMedium,
	Symptom: "The service fails or runs on, and the log shows nothing or only `--- Logging error ---`.",
	Reason: "A log handler raises (disk full, no permission, closed stream), the thread that writes the log dies, " +
		"or the reader of stdout stops reading and every thread that logs freezes.",
	Needs: []string{fact.SourceLogs, fact.SourceProcess},
	Explains: []string{fact.RequestsFail,
		fact.StartupFailure, fact.HealthcheckTimeout, fact.HealthcheckFailure, fact.WorkerCrash,
		fact.BackgroundTaskFailure,
		fact.FileSystemFull, fact.ReadOnlyFileSystem, fact.PermissionDenied, fact.NothingListens},
	Rules: []Rule{
		logRule(fact.LoggingFailure),
		logLockHeld,
		{
			ID: "blocked-writing-log", Weight: 28, Source: fact.SourceProcess,
			Why: "a thread sleeps in the kernel's pipe write on stdout or stderr: the log's reader has stopped " +
				"(record log-driver-blocked)",
			See: seeBlockedWrite,
		}, {
			ID: "exit-120", Weight: 16, Source: fact.SourceInspect,
			Why: "CPython exits with 120 only when it cannot flush stdout or stderr at its end; a program may " +
				"choose the number, which is rare",
			See: func(c inquest.Case) []Observation {
				if code, known := c.Exit(); !known || code != 120 {
					return nil
				}
				return saw(c.Death.At, "exit code 120: Python could not flush its output at exit", "")
			},
		}, {
			ID: "log-driver-drops", Weight: 2, Source: fact.SourceInspect,
			Why: "non-blocking mode drops new lines without a trace when its buffer is full; it makes a silent log " +
				"likelier, no more",
			See: func(c inquest.Case) []Observation {
				if c.Spec == nil || c.Spec.LogOptions["mode"] != "non-blocking" {
					return nil
				}
				return saw(nil, "the log driver runs in non-blocking mode: lines may have been dropped without a "+
					"trace", "")
			},
		},
		silentRule(fact.LoggingFailure, -6),
	},
}

// seeBlockedWrite looks for write(1 or 2) asleep in a pipe. wchan names differ by
// kernel: pipe_write up to 5.x, anon_pipe_write since (docs/notes/PYTHON.md#1.3).
func seeBlockedWrite(c inquest.Case) []Observation {
	if c.Process == nil || !c.Alive() {
		return nil
	}
	for _, t := range c.Process.Tasks {
		if !strings.HasSuffix(t.WChan, "pipe_write") {
			continue
		}
		call := strings.Fields(t.Syscall) // "1 0x1 …": write(2) to descriptor 1 on x86-64
		if len(call) > 1 && call[1] != "0x1" && call[1] != "0x2" {
			continue
		}
		return saw(&c.Process.At, fmt.Sprintf("thread %d of %q is blocked writing its own log: nobody reads it", t.TID,
			t.Comm), t.WChan)
	}
	return nil
}
