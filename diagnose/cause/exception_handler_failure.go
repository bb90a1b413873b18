package cause

import (
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// The seventh cause: the code that should have reported an error raised one.
// docs/notes/PYTHON.md#1.7: under uvicorn, gunicorn and hypercorn it alone never ends the
// process, so it is hardly to blame for a death.
var exceptionHandlerFailure = Cause{
	Number: 7, ID: fact.ExceptionHandlerFailure, Title: "An exception handler raised an exception", Prior: priorLow,
	Symptom: "Requests fail with a bare 500, and what was logged is not the error that began it.",
	Reason: "The handler itself throws (a logger that fails, a field that is missing), or the response had " +
		"already begun when the handler wanted to send one.",
	Needs:    []string{fact.SourceLogs},
	Explains: []string{fact.RequestsFail, fact.HealthcheckFailure},
	Rules: []Rule{
		logRule(fact.ExceptionHandlerFailure),
		silentRule(fact.ExceptionHandlerFailure, -5),
		{
			ID: "handlers-do-not-kill", Weight: -8, Source: fact.SourceInspect,
			Why: "the process ended by itself; a throwing handler leaves every server alive (measured on all " +
				"versions), unless it is part of the startup",
			See: func(c inquest.Case) []Observation {
				switch c.Death.EndedBy {
				case fact.EndedByOwnExit, fact.EndedByOwnSignal, fact.EndedByKernelOOM:
					return saw(c.Death.At, "the process itself ended, which a throwing handler does not cause", "")
				}
				return nil
			},
		},
	},
}
