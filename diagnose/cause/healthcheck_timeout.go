package cause

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The second cause: the probe got no answer in time. It is told from cause 9 by
// how the probes failed, never by the status, which the engine also sets to
// unhealthy for every container that it stops.
var healthcheckTimeout = Cause{
	Number: 2, ID: fact.HealthcheckTimeout, Title: "The health check hung, or a worker was blocked", Prior: priorHigh,
	Symptom: "The service answers nothing any more, its probes run into their timeout, and somebody stops it.",
	Reason: "The health endpoint waits for something without a limit of its own (a redis call without a timeout, a " +
		"broker that does not answer), or the event loop is blocked and nothing is answered at all.",
	// Where somebody else answers for a blocked loop (a proxy, gateway_guard's own port), the probes fail instead of
	// hanging.
	Explains: []string{fact.HealthcheckFailure, fact.DependencyDown, fact.DependencyLost, fact.ChildrenDie, fact.Deadlock},
	Needs:    []string{fact.SourceInspect, fact.SourceEvents, fact.SourceLogs, fact.SourceInside},
	Rules: []Rule{
		{
			ID: "stopped-after-hung-probes", Fact: "probes", Weight: 28, Source: fact.SourceEvents,
			Why: "probes ran into their timeout, the engine turned the container unhealthy, and a stop followed " +
				"without a recovery: what a watcher does",
			Levels: []Level{tooSoonLevel, muchLaterLevel},
			See:    func(c inquest.Case) []Observation { return stoppedForHealth(c, true) },
		}, {
			ID: "unhealthy-by-hung-probes", Fact: "probes", Weight: 22, Source: fact.SourceInspect,
			Why: "probes ran into their timeout often enough for the engine to call it unhealthy; nobody is " +
				"recorded to have acted on it",
			Levels: []Level{endedOtherwiseLevel, turnUnknownLevel, muchLaterLevel},
			See:    func(c inquest.Case) []Observation { return unhealthyThrough(c, true) },
		}, {
			ID: "probe-hung", Fact: "probes", Weight: 3, Source: fact.SourceInspect,
			Why: "some probes timed out, too few in a row to count: a slow moment",
			See: func(c inquest.Case) []Observation {
				hung, _ := timedOut(c)
				if len(hung) == 0 || c.Unhealthy != nil {
					return nil
				}
				at := hung[len(hung)-1].End
				return saw(&at, fmt.Sprintf("%s ran into the timeout", words.Count(len(hung), "probe")), "")
			},
		}, {
			ID: "term-not-handled", Weight: 4, Source: fact.SourceEvents,
			Why: "after hung probes, SIGTERM had no effect either: a blocked event loop does not see signals; a PID " +
				"1 without a handler looks the same, hence small",
			See: func(c inquest.Case) []Observation {
				r := c.Death.Request
				if r == nil || !r.Escalated || len(mostly(c, true)) == 0 {
					return nil
				}
				return saw(&r.At, fmt.Sprintf("it did not react to SIGTERM for %s and was killed",
					words.Duration(r.Grace)), "")
			},
		}, {
			ID: "connections-not-accepted", Weight: 8, Source: fact.SourceProcess,
			Why: "the kernel holds finished connections that the program does not accept: its loop is blocked now; " +
				"a burst of load can look so for a moment",
			See: seeAcceptQueue,
		}, checkOutlasts, loopStandsStill, loopMoves, lateNotHung,
		waitsFor("hangs-on-dependency", true), waitsElsewhere, routeWaits("health-route-waits", true),
		heartbeatRule, heartbeatsMissed, wentSilent, probeLinesStopped,
		{
			ID: "replay-hung", Fact: "probes", Weight: 20, Source: fact.SourceReplay,
			Why: "gwdoctor replayed the check, and it got no answer in time: the phase and the sockets say where; " +
				"one try speaks of this moment only",
			See: func(c inquest.Case) []Observation { return replayedAs(c, "hanging") },
		},
		flapping("health-flaps-by-timeouts", true),
		replayPassed, noHealthcheck, probesPassed, probesRecovered(true), noProbeYet, endedAlone,
		{
			ID: "probes-failed-otherwise", Weight: -14, Source: fact.SourceInspect,
			Why: "the probes failed, but were answered or refused at once: that is cause 9",
			See: func(c inquest.Case) []Observation {
				failed := mostly(c, false)
				if len(failed) == 0 || stoodLater(c, failed) {
					return nil
				}
				return saw(nil, "the probes did not hang: "+failed[len(failed)-1].Summary, "")
			},
		},
	},
}

// checkOutlasts sees a check that must fail whatever the service does.
var checkOutlasts = Rule{
	ID: "check-outlasts-timeout", Weight: 12, Source: fact.SourceInspect, Names: true,
	Why: "what the check itself sleeps takes longer than its timeout: no probe can pass, whatever the service does",
	See: func(c inquest.Case) []Observation {
		hung := mostly(c, true)
		if len(hung) == 0 || !hung[len(hung)-1].Outlasts {
			return nil
		}
		text := hung[len(hung)-1].Summary
		if c.Unhealthy != nil {
			text = "the health check turned unhealthy: " + text
		}
		return saw(turnedAt(c), text, "")
	},
}

// wentSilent sees a log that stopped well before the end, against its own rhythm.
var wentSilent = Rule{
	ID: "log-went-silent", Weight: 4, Source: fact.SourceLogs,
	Why: "the log stopped printing long before the end, three times as long as 99 in 100 of its own gaps: a blocked " +
		"loop does that, and so do an idle service and a dead log thread, hence small",
	See: func(c inquest.Case) []Observation {
		if !shouldLog(c) {
			return nil
		}
		silence, unusual := c.Log.SilenceBefore(logEnd(c))
		if !unusual {
			return nil
		}
		at := c.Log.LastAt
		return saw(&at, fmt.Sprintf("its log fell silent %s before the end; 99 in 100 of its gaps had been under %s",
			words.Duration(silence), words.Duration(c.Log.UsualGap)), "")
	},
}

// probeLinesStopped sees that health checks are answered no more, while the program
// goes on to print.
var probeLinesStopped = Rule{
	ID: "probe-lines-stopped", Weight: 4, Source: fact.SourceLogs,
	Why: "the access lines of health checks, regular until then, stopped while other lines went on: what answers " +
		"them hung, or nobody asks any more, hence small",
	See: func(c inquest.Case) []Observation {
		if !shouldLog(c) {
			return nil
		}
		end := logEnd(c)
		if _, silent := c.Log.SilenceBefore(end); silent { // told once
			return nil
		}
		missing, unusual := c.Log.ProbesMissingBefore(end)
		if !unusual {
			return nil
		}
		at := c.Log.ProbeLastAt
		return saw(&at, fmt.Sprintf("no health check was answered in the last %s of the log; 99 in 100 of their "+
			"gaps had been under %s", words.Duration(missing), words.Duration(c.Log.UsualProbeGap)), "")
	},
}

// shouldLog tells whether the log was read whole, and the service had no reason to
// fall silent.
func shouldLog(c inquest.Case) bool {
	return c.Log != nil && c.Log.Lifecycle.Draining == nil && c.Source(fact.SourceLogs).Status == fact.StatusCollected
}

// logEnd is until when the log should have gone on: the request to stop, the death,
// or now.
func logEnd(c inquest.Case) time.Time {
	switch {
	case c.Death.Request != nil:
		return c.Death.Request.At
	case c.Death.At != nil:
		return *c.Death.At
	}
	return c.Now
}

func seeAcceptQueue(c inquest.Case) []Observation {
	if c.Process == nil || !c.Alive() {
		return nil
	}
	for _, l := range c.Process.Listeners {
		if l.Queue >= 2 {
			return saw(nil, fmt.Sprintf("port %d: %s wait to be accepted by the program", l.Port,
				words.Count(l.Queue, "connection")), "")
		}
	}
	return nil
}

// heartbeatRule weighs what the log says of blocked workers. gunicorn kills one
// that misses its heartbeat and starts another: while the service lives on and no
// probe fails, that is a trouble of the past as much as a cause.
var heartbeatRule = logRules{mild: livesUnharmed, level: Level{
	"lives on, no probe failed", 14, "the service goes on and no probe failed: a trouble of the past " +
		"as much as a cause",
}, names: unwatched, unless: whileStarting}.of(fact.HealthcheckTimeout)

// whileStarting tells a loop that stood still before the server was ready: uvicorn imports the application in its loop,
// and nobody can have waited for an answer yet. A start that never ends is none of it.
func whileStarting(c inquest.Case, f servicelog.Finding) bool {
	ready := c.Log.Lifecycle.Ready
	return f.ID == "guard-loop-stalled" && ready != nil && !f.LastAt.After(*ready)
}

// unwatched tells whether the container is known to have no health check: then a headline speaks of none.
func unwatched(c inquest.Case) bool { return c.Spec != nil && !c.Spec.Probed() }

func livesUnharmed(c inquest.Case, _ servicelog.Finding) bool { return c.Alive() && c.Unhealthy == nil }
