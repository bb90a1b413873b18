package cause

import (
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// The sixth cause: the server answers, but what worked behind it is dead.
var backgroundTaskFailure = Cause{
	Number: 6, ID: fact.BackgroundTaskFailure, Title: "A background task died", Prior: priorLowMedium,
	Symptom:  "The service looks healthy and has stopped processing.",
	Reason:   "An asyncio task or a thread ended with an exception that nobody awaited. asyncio reports it only when the task object is collected, which may be hours later, or never.",
	Needs:    []string{fact.SourceLogs},
	Explains: []string{fact.HealthcheckFailure, fact.DependencyDown, fact.DependencyLost, fact.UncaughtException},
	Rules: []Rule{
		logRule(fact.BackgroundTaskFailure),
		silentRule(fact.BackgroundTaskFailure, -5),
		{
			ID: "crashed-instead", Weight: -10, Source: fact.SourceInspect,
			Why: "the process died of a fault or of the OOM killer; a dead task leaves the process alive",
			See: func(c inquest.Case) []Observation {
				if c.Death.EndedBy != fact.EndedByOwnSignal && c.Death.EndedBy != fact.EndedByKernelOOM {
					return nil
				}
				return saw(c.Death.At, "the whole process was killed, not a task of it", "")
			},
		},
	},
}
