package cause

import "github.com/gwdoctor/gwdoctor/diagnose/evidence"

// The sixth cause: the server answers, but what worked behind it is dead.
var backgroundTaskFailure = Cause{
	Number: 6, ID: BackgroundTaskFailure, Title: "A background task died", Prior: priorLowMedium,
	Symptom: "The service looks healthy and has stopped processing.",
	Reason:  "An asyncio task or a thread ended with an exception that nobody awaited. asyncio reports it only when the task object is collected, which may be hours later, or never.",
	Detect: []string{
		"docker logs NAME 2>&1 | grep -A8 -e 'was never retrieved' -e 'was destroyed but it is pending' -e 'Exception in thread'",
		"a queue that grows, a consumer count of 0 at the broker",
	},
	Needs:    []string{"logs"},
	Explains: []string{HealthcheckFailure},
	Rules: []Rule{
		logRule(BackgroundTaskFailure),
		silentRule(BackgroundTaskFailure, -5),
		{
			ID: "crashed-instead", Weight: -10, Source: "inspect",
			Why: "the process died of a fault or of the OOM killer; a dead task leaves the process alive",
			See: func(c *evidence.Case) []Sight {
				if c.Death.EndedBy != evidence.EndedByOwnSignal && c.Death.EndedBy != evidence.EndedByKernelOOM {
					return nil
				}
				return saw(c.Death.At, "the whole process was killed, not a task of it", "")
			},
		},
	},
	Fixes: backgroundFixes,
}
