package cause

import (
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The ninth cause: the probe had its answer, and it was no. The probe itself may
// be what is broken: a missing curl fails as surely as a 503.
var healthcheckFailure = Cause{
	Number: 9, ID: fact.HealthcheckFailure, Title: "The health check failed", Prior: priorHigh,
	Symptom: "The probes fail at once, with an error, a refused connection or a bad status, and somebody stops the " +
		"container.",
	Reason: "The endpoint answers with an error, nothing listens where the probe asks, or the probe's own tool is " +
		"missing from the image.",
	Needs:    []string{fact.SourceInspect, fact.SourceEvents, fact.SourceLogs},
	Explains: []string{fact.RequestsFail, fact.DependencyDown, fact.DependencyLost, fact.DependencyRefuses},
	Rules: []Rule{
		{
			ID: "stopped-after-failed-probes", Fact: "probes", Weight: 28, Source: fact.SourceEvents,
			Why: "probes failed, the engine turned the container unhealthy, and a stop followed without a " +
				"recovery: what a watcher does",
			Levels: []Level{tooSoonLevel, muchLaterLevel},
			See:    func(c inquest.Case) []Observation { return stoppedForHealth(c, false) },
		}, {
			ID: "unhealthy-by-failed-probes", Fact: "probes", Weight: 22, Source: fact.SourceInspect,
			Why: "probes failed often enough for the engine to call it unhealthy; nobody is recorded to have " +
				"acted on it",
			Levels: []Level{endedOtherwiseLevel, turnUnknownLevel, muchLaterLevel},
			See:    func(c inquest.Case) []Observation { return unhealthyThrough(c, false) },
		}, {
			ID: "probe-cannot-run", Weight: 8, Source: fact.SourceInspect,
			Why: "the probe's own program is missing or cannot run: the check fails whatever the service does",
			See: seeBrokenProbe,
		}, {
			ID: "probe-failed", Fact: "probes", Weight: 3, Source: fact.SourceInspect,
			Why: "some probes failed, too few in a row to count",
			See: func(c inquest.Case) []Observation {
				_, failed := timedOut(c)
				if len(failed) == 0 || c.Unhealthy != nil {
					return nil
				}
				last := failed[len(failed)-1]
				return saw(&last.End, fmt.Sprintf("%s failed: %s", words.Count(len(failed), "probe"), last.Summary),
					last.Output)
			},
		},
		{
			ID: "probe-asks-wrong-port", Weight: 14, Source: fact.SourceProcess, Names: true,
			Why: "every probe was refused, none ever passed, and the program listens on another port than the one that " +
				"is asked: the check fails whatever the service does",
			See: func(c inquest.Case) []Observation {
				if text := c.WrongPort(); text != "" {
					return saw(turnedAt(c), text, "")
				}
				return nil
			},
		},
		accessLogRule, waitsFor("fails-on-dependency", false), routeWaits("health-route-fails-waiting", false),
		{
			ID: "replay-failed", Fact: "probes", Weight: 20, Source: fact.SourceReplay,
			Why: "gwdoctor replayed the check, and it was answered with a no, refused, or could not run",
			Levels: []Level{{bodyOnly, 4, "the engine's check passes: what the body says beside its status reaches " +
				"nobody who acts"}},
			See: func(c inquest.Case) []Observation { return replayedAs(c, "failing", "misconfigured") },
		},
		flapping("health-flaps", false),
		replayPassed, noHealthcheck, probesPassed, probesRecovered(false), noProbeYet, endedAlone,
		{
			ID: "probes-hung-instead", Weight: -14, Source: fact.SourceInspect,
			Why: "the probes got no answer at all within their timeout: that is cause 2",
			See: func(c inquest.Case) []Observation {
				if len(mostly(c, true)) == 0 {
					return nil
				}
				return saw(nil, "the probes ran into their timeout instead of failing", "")
			},
		},
	},
}

func seeBrokenProbe(c inquest.Case) []Observation {
	failed := c.FailedProbes()
	for i := len(failed) - 1; i >= 0; i-- {
		switch failed[i].Outcome {
		case "tool-missing", "not-executable", "fork-failed":
			return saw(&failed[i].End, "the health check itself is broken: "+failed[i].Summary, failed[i].Output)
		}
	}
	return nil
}

// accessLogRule sees bad answers on health paths in the service's own access
// log: the same fact as the engine's record of the probes, seen from the other end.
// Where the engine counts them itself and has not come so far as to call it unhealthy, its count holds: of a pod that
// has so many in a row nothing else need say so, for the kubelet's events are merged.
var accessLogRule = logRules{fact: "probes", level: tooFewFailed, mild: engineCounts}.of(fact.HealthcheckFailure)

func engineCounts(c inquest.Case, _ servicelog.Finding) bool {
	return c.Spec != nil && c.Spec.Healthcheck != nil && c.Unhealthy == nil && c.Flapping == nil &&
		len(c.FailedProbes()) > 0 && c.Streak-c.Early < c.Spec.Healthcheck.WithDefaults().Retries
}

// tooFewFailed is the level of bad answers that the engine has seen, too, and which were too few in a row for it.
var tooFewFailed = Level{"too few in a row for the engine", 3, "the engine probes it, too, and has not seen so many " +
	"failures in a row that it calls it unhealthy, or they fall into the start period: nobody acts on those"}
