package cause

import (
	"cmp"
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The fifth cause: the service never became ready. Exit 3 is uvicorn's and
// gunicorn's word for it, but gunicorn says 3 for any worker that exits 3.
var startupFailure = Cause{
	Number: 5, ID: fact.StartupFailure, Title: "Startup failed", Titled: startupTitle, Prior: priorMedium,
	Symptom: "The service dies while starting, often again and again, and often before logging is set up.",
	Reason: "An exception in lifespan() or at import time: a dependency that is not up, a missing module, a wrong " +
		"setting.",
	Needs: []string{fact.SourceLogs, fact.SourceInspect},
	Explains: []string{fact.WorkerCrash, fact.HealthcheckFailure, fact.HealthcheckTimeout,
		// What a start fails on is its root, and no rival: the start is what was to be mended or waited with.
		fact.DependencyDown, fact.DependencyLost, fact.DependencyRefuses, fact.SettingMissing, fact.SettingRefused,
		fact.LibraryMissing, fact.PermissionDenied, fact.UncaughtException, fact.NothingListens},
	Rules: []Rule{
		logRules{level: brokenOff, mild: func(c inquest.Case, f servicelog.Finding) bool {
			return f.ID == "startup-exception" && c.BrokenOff() != nil
		}, unless: func(c inquest.Case, f servicelog.Finding) bool {
			return f.ID == "startup-exception" && c.RunsOn(f) // a loop at the top of a script catches and logs
		}}.of(fact.StartupFailure),
		{
			ID: "startup-probe-failed", Weight: 30, Source: fact.SourceEvents,
			Why: "the kubelet says that it killed the container because its startup probe failed: it had never come " +
				"up in the time that the probe gives it",
			See: func(c inquest.Case) []Observation {
				r := c.Death.Request
				if r == nil || r.Kind != fact.RequestProbe || r.Probe != evidence.ProbeStartup {
					return nil
				}
				return saw(&r.At, "the kubelet killed it because its startup probe had not passed in time"+
					probeText(c), "")
			},
		},
		{
			ID: "never-ready", Weight: 10, Source: fact.SourceLogs,
			Why: "a known server began and never said that it was ready; a log cut by rotation or level would look " +
				"the same",
			See: seeNeverReady,
		}, {
			ID: "startup-hangs", Weight: 16, Source: fact.SourceLogs,
			Why: "a known server began to start five seconds ago or more, never said that it was ready, and nothing " +
				"listens; an app that only silenced the server's log would listen",
			See: seeHang,
		}, {
			ID: "exit-3", Weight: 6, Source: fact.SourceInspect,
			Why: "uvicorn (0.15 on) and gunicorn leave with 3 when startup fails; gunicorn also when a worker exits " +
				"3 at any time",
			See: func(c inquest.Case) []Observation {
				code, known := c.Exit()
				// A log whose beginning is cut off says nothing of readiness.
				if !known || code != 3 || c.Log == nil || c.Log.Lifecycle.Started == nil || c.Log.Lifecycle.Ready != nil {
					return nil
				}
				return saw(c.Death.At, "exit code 3: "+c.Log.Lifecycle.Server+" leaves it when startup fails", "")
			},
		}, {
			ID: "short-life", Weight: 4, Source: fact.SourceInspect,
			Why: "it ended by itself with an error within 15 s of its start; other failures are also quick",
			See: func(c inquest.Case) []Observation {
				length, ok := runLength(c)
				code, known := c.Exit()
				if !ok || !known || code == 0 || length > 15*time.Second || c.Death.EndedBy != fact.EndedByOwnExit {
					return nil
				}
				return saw(c.Death.At, fmt.Sprintf("it lived for %s and exited with code %d", words.Duration(length),
					code), "")
			},
		}, {
			ID: "same-end-every-start", Weight: 6, Source: fact.SourceEvents,
			Why: "every recorded run ended the same way: what happens at each start; a poisoned queue entry could " +
				"do it too",
			See: seeSameEnd,
		}, {
			ID: "every-start-raises", Weight: 22, Source: fact.SourceLogs,
			Why: "each of three starts or more ended within 15 s by an exception that nobody caught, and none said that it " +
				"served: what ends every start is of the start",
			See: seeEveryStartRaises,
		},
		silentRule(fact.StartupFailure, -5),
		{
			ID: "was-ready", Weight: -18, Source: fact.SourceLogs,
			Why: "the server said that startup was complete; with several workers one of them may still have failed",
			See: func(c inquest.Case) []Observation {
				if c.Log == nil || c.Log.Lifecycle.Ready == nil {
					return nil
				}
				return saw(c.Log.Lifecycle.Ready, "the server reported that it was ready", "")
			},
		}, {
			ID: "lived-long", Weight: -8, Source: fact.SourceInspect,
			Why: "it ran for more than five minutes; a hanging startup can last that long, failing ones do not",
			See: func(c inquest.Case) []Observation {
				length, ok := runLength(c)
				if !ok || length < 5*time.Minute {
					return nil
				}
				return saw(nil, "it had been running for "+words.Duration(length), "")
			},
		},
	},
}

// brokenOff is the level of an exception that only came early: the program had connected.
var brokenOff = Level{"it lost a neighbour", 1, "the program had connected to a neighbour, which then fell silent: " +
	"it had started, and the exception is of that connection"}

// probeText is what the last failed probe found.
func probeText(c inquest.Case) string {
	failed := c.FailedProbes()
	if len(failed) == 0 {
		return ""
	}
	return ": " + failed[len(failed)-1].Summary
}

func runLength(c inquest.Case) (time.Duration, bool) {
	if c.Life == nil {
		return 0, false
	}
	return c.Life.Length(c.Now)
}

func seeNeverReady(c inquest.Case) []Observation {
	if c.Log == nil || c.Log.Lifecycle.Server == "" || c.Log.Lifecycle.Ready != nil || c.Log.Lifecycle.Started == nil {
		return nil
	}
	code, known := c.Exit()
	if c.Alive() || !known || code == 0 || c.Death.EndedBy != fact.EndedByOwnExit {
		return nil
	}
	// Of its end: until then it could still become ready. On a busy machine an import takes half a minute, and what
	// broke the start comes after that.
	return saw(c.Death.At, fmt.Sprintf("%s began to start and never became ready", c.Log.Lifecycle.Server), "")
}

// seeHang sees a startup that waits for something without a limit: "Waiting for
// application startup." and then nothing, while probes are refused (docs/notes/PYTHON.md#1.5).
func seeHang(c inquest.Case) []Observation {
	length, ok := runLength(c)
	if c.Log == nil || !ok || length < 5*time.Second || c.Death.EndedBy == fact.EndedByOwnExit || !nothingListens(c) {
		return nil
	}
	life := c.Log.Lifecycle
	if life.Server == "" || life.Started == nil || life.Ready != nil || life.Finished != nil {
		return nil
	}
	awaited, line := "something", c.LastLine()
	if f := c.Awaits(); f != nil {
		awaited, line = cmp.Or(f.Object, awaited), f.Excerpt
	}
	return saw(life.Started, fmt.Sprintf("%s began to start and was not ready after %s; nothing listens: it waits "+
		"for %s inside its startup", life.Server, words.Duration(length), awaited), line)
}

// nothingListens needs a witness: the living process' sockets, or probes that were
// all refused.
func nothingListens(c inquest.Case) bool {
	if listeners, read := c.Process.Serves(); c.Alive() && read {
		return len(listeners) == 0
	}
	for _, p := range c.Probes {
		if p.Outcome != "refused" {
			return false
		}
	}
	return len(c.Probes) > 0
}

func seeEveryStartRaises(c inquest.Case) []Observation {
	f := c.LastException()
	length, ok := runLength(c)
	if f == nil || !ok || length > 15*time.Second || len(seeSameEnd(c)) == 0 || c.Log.Lifecycle.Ready != nil ||
		c.Log.Serving != nil || c.Log.Accesses > 0 {
		return nil
	}
	in, of, loop := c.Recurs(f.ID)
	if !loop || in < of {
		return nil
	}
	text := fmt.Sprintf("each of %d starts ended with an exception within seconds: %s", of,
		exceptionSummary(f.Exception.Type, f.Exception.Message))
	if place := f.Exception.Place(); place != "" {
		text += ", at " + place
	}
	return onLine(f.Line, saw(c.Death.At, text, f.Excerpt))
}

func seeSameEnd(c inquest.Case) []Observation {
	code, known := c.Exit()
	if !known || code == 0 || len(c.EarlierEnds) == 0 || c.Death.EndedBy != fact.EndedByOwnExit {
		return nil
	}
	for _, earlier := range c.EarlierEnds {
		if earlier != code {
			return nil
		}
	}
	return saw(nil, fmt.Sprintf("%s before it ended with code %d too", words.Count(len(c.EarlierEnds), "run"), code),
		"")
}
