package cause

import (
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The sixth cause: the server answers, but what worked behind it is dead.
var backgroundTaskFailure = Cause{
	Number: 6, ID: fact.BackgroundTaskFailure, Title: "A background task died", Prior: priorLowMedium,
	Symptom: "The service looks healthy and has stopped processing.",
	Reason: "An asyncio task or a thread ended with an exception that nobody awaited. asyncio reports it only " +
		"when the task object is collected, which may be hours later, or never.",
	Needs: []string{fact.SourceLogs, fact.SourceInside},
	Explains: []string{fact.HealthcheckFailure, fact.DependencyDown, fact.DependencyLost, fact.UncaughtException,
		fact.NothingListens, fact.Deadlock, fact.RequestsWait},
	Rules: []Rule{
		logRules{level: unseenWorker, mild: func(c inquest.Case, f servicelog.Finding) bool {
			return f.ID == inquest.SteadyStopped && c.Worker != inside.WorkerGone
		}}.of(fact.BackgroundTaskFailure),
		taskFailed, taskEndedUnasked,
		{
			ID: "steady-work-stopped", Weight: 10, Source: fact.SourceLogs,
			Why: "it lives and goes on printing other things, a line that had come like a clock at least twenty " +
				"times has stayed away for twenty of its gaps, and a task or thread of it is seen to have failed, to " +
				"have ended or to wait for what does not come",
			See: func(c inquest.Case) []Observation {
				f := c.LogHas(inquest.SteadyStopped)
				if f == nil || !c.Alive() || c.Unhealthy != nil || c.Worker != inside.WorkerGone {
					return nil
				}
				last := f.LastAt
				return onLine(f.Line, saw(&last, fmt.Sprintf("%q came every %s, %d times, and stopped at %s while "+
					"other lines go on", clip(f.Excerpt, 80), words.Duration(f.Every), f.Count, last.Format(clock)),
					f.Excerpt))
			},
		},
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

// unseenWorker is the level of a line that stopped where nothing shows that what printed it is gone.
var unseenWorker = Level{"worker not seen to be gone", 4, "no task or thread is seen to be dead or blocked: traffic " +
	"that ended, or a queue that ran dry, looks the same"}
