package cause

import (
	"fmt"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// somethingElse: what the ten do not cover.
var somethingElse = Cause{
	ID: fact.SomethingElse, Title: "Something else, or not enough was seen", Prior: 6,
	Rules: []Rule{
		{
			ID: "outside-kill", Weight: 16, Source: fact.SourceEvents,
			Why: "a SIGKILL from outside the engine: a person or script on the host, systemd-oomd, earlyoom, a cloud agent; none of the ten sends one",
			See: func(c inquest.Case) []Observation {
				if c.Death.EndedBy != fact.EndedByOutsideSignal || c.Death.Signal != "SIGKILL" {
					return nil
				}
				return saw(c.Death.At, "killed by SIGKILL from outside the engine (a person, a script or a memory daemon on the host), unless it relayed a child's 137", "")
			},
		}, {
			ID: "engine-could-not-start", Weight: 30, Source: fact.SourceInspect,
			Why: "the service never ran, so none of its causes can apply",
			See: func(c inquest.Case) []Observation {
				if c.Death.State != fact.StateNeverStarted || c.Spec == nil || c.Status.Error == "" && c.Status.ExitCode == 0 {
					return nil
				}
				return saw(nil, "the engine could not start it: "+clip(c.Status.Error, 300), c.Status.Error)
			},
		}, {
			ID: "uncaught-exception", Fact: "error", Weight: 20, Source: fact.SourceLogs,
			Why: "its last words are an uncaught exception that is none of the known signatures: that is the reason, and none of the ten",
			See: func(c inquest.Case) []Observation {
				code, known := c.Exit()
				f := c.LastException()
				if !known || code == 0 || c.Death.EndedBy != fact.EndedByOwnExit || f == nil {
					return nil
				}
				return saw(c.Death.At, fmt.Sprintf("it exited with code %d after an exception: %s", code, exceptionSummary(f.Exception.Type, f.Exception.Message)), f.Excerpt)
			},
		}, {
			ID: "error-of-its-own", Fact: "error", Weight: 6, Source: fact.SourceInspect,
			Why: "it exited with an error of its own and nothing speaks for one of the ten: most programs have ways to fail that are not among them",
			See: func(c inquest.Case) []Observation {
				code, known := c.Exit()
				if !known || code == 0 || c.Death.EndedBy != fact.EndedByOwnExit || c.Troubled() {
					return nil
				}
				return saw(c.Death.At, fmt.Sprintf("it exited with code %d%s", code, lastWords(c)), c.LastLine())
			},
		}, {
			ID: "ends-again-and-again", Weight: 26, Source: fact.SourceInspect,
			Why: "it ends with success, and a restart policy starts it again each time: its main process does not stay in the foreground",
			See: func(c inquest.Case) []Observation {
				if !endlessSuccess(c) {
					return nil
				}
				return saw(c.Death.At, "it ends with exit code 0 and is restarted again and again: its main process does not stay in the foreground", "")
			},
		}, {
			ID: "process-stopped", Weight: 24, Source: fact.SourceProcess,
			Why: "the main process is stopped: SIGSTOP, a debugger, a job control mistake; none of the ten does that",
			See: func(c inquest.Case) []Observation {
				if !halted(c) {
					return nil
				}
				return saw(&c.Process.At, "the main process is stopped (state T): somebody sent SIGSTOP, or a debugger holds it; SIGCONT lets it go on", "")
			},
		}, {
			ID: "unknown-end", Weight: 8, Source: fact.SourceEvents,
			Why: "who ended it is not known; the sources that would tell were not there",
			See: func(c inquest.Case) []Observation {
				if c.Death.EndedBy != fact.EndedByUnknown {
					return nil
				}
				return saw(nonZero(c.Death.At), "cannot tell who ended it: "+c.Death.Reason, "")
			},
		},
	},
}

// lastWords tells what the service said last, or why that is not known.
func lastWords(c inquest.Case) string {
	line := c.LastLine()
	switch {
	case !c.Read(fact.SourceLogs):
		return "; its log could not be read"
	case line == "":
		return " and printed nothing"
	case strings.HasPrefix(line, "exec ") && (strings.HasSuffix(line, "no such file or directory") || strings.HasSuffix(line, "exec format error")):
		return ": its command could not be run (" + clip(line, 120) + "): a missing interpreter, CRLF line ends in a script, or another CPU architecture"
	}
	return "; its last words: " + clip(line, 160)
}

// endlessSuccess tells whether a restart policy keeps starting a program that ends
// with 0: daemons that fork into the background do that.
func endlessSuccess(c inquest.Case) bool {
	code, known := c.Exit()
	if !known || code != 0 || c.Spec == nil || c.Death.EndedBy != fact.EndedByOwnExit {
		return false
	}
	policy := c.Spec.RestartPolicy
	again := c.Status.State == fact.StateRestarting || c.Status.Restarts >= 2 || len(c.EarlierEnds) >= 2
	return (policy == "always" || policy == "unless-stopped") && again && failures(c.EarlierEnds) == 0
}

func failures(codes []int) int {
	n := 0
	for _, code := range codes {
		if code != 0 {
			n++
		}
	}
	return n
}

// halted tells whether PID 1 is in state T or t: stopped by a signal or a tracer.
func halted(c inquest.Case) bool {
	if c.Process == nil || !c.Alive() {
		return false
	}
	for _, t := range c.Process.Tasks {
		if t.TID == c.Process.PID {
			return t.State == "T" || t.State == "t"
		}
	}
	return false
}

func nonZero(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	return t
}
