package cause

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// What causes 2 (the probe hung) and 9 (the probe was answered, and badly) share.

// lastStreak returns the failed probes since the last that passed; where none failed since, all that did. What failed
// while the service came up, and what it got over, is not why it is unhealthy.
func lastStreak(c inquest.Case) []inquest.Probe {
	from := 0
	for i, p := range c.Probes {
		if !p.Failed() {
			from = i + 1
		}
	}
	var list []inquest.Probe
	for _, p := range c.Probes[from:] {
		if p.Failed() {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return c.FailedProbes()
	}
	return list
}

// timedOut splits the failed probes into those that hung and those that failed. One that something else answered, for
// an event loop that did not, is one that hung.
func timedOut(c inquest.Case) (hung, failed []inquest.Probe) {
	errsLate := c.ErrsLate()
	for _, p := range lastStreak(c) {
		if p.Outcome == "timeout" && !errsLate || answeredForLoop(c, p) {
			hung = append(hung, p)
		} else {
			failed = append(failed, p)
		}
	}
	return hung, failed
}

// answeredForLoop tells whether a probe got its no from gateway_guard's own port, which answers for an event loop that
// does not, and says so in the log when that begins.
func answeredForLoop(c inquest.Case, p inquest.Probe) bool {
	f := c.LogHas("guard-health-loop")
	return f != nil && p.Outcome == "http-status" && !p.End.Before(f.At)
}

// mostly returns the failed probes of the kind that led to unhealthy: the newest
// failures decide, since the engine counts the streak at the end.
func mostly(c inquest.Case, hung bool) []inquest.Probe {
	h, f := timedOut(c)
	if hung && len(h) >= len(f) {
		return h
	}
	if !hung && len(f) > len(h) {
		return f
	}
	return nil
}

// stoppedForHealth yields an observation when the end was asked for after the engine
// had turned the container unhealthy through probes of the given kind.
func stoppedForHealth(c inquest.Case, hung bool) []Observation {
	r := c.Death.Request
	if r == nil || r.Unhealthy == nil {
		return nil
	}
	how, quote := howItTurned(c, *r, hung)
	if how == "" {
		return nil
	}
	if r.Kind == fact.RequestProbe { // who probes is who kills: there is no watcher in between
		return saw(r.Unhealthy, fmt.Sprintf("the kubelet killed it because its %s probe failed: %s", r.Probe, how), quote)
	}
	gap := r.At.Sub(*r.Unhealthy)
	seen := saw(r.Unhealthy, fmt.Sprintf("%s came %s after the health check had turned unhealthy: %s", r.Words,
		words.Duration(gap), how), quote)
	switch {
	case gap < watcherReach:
		return at(tooSoon, seen)
	case actedLate(c):
		return at(muchLater, seen)
	}
	return seen
}

// howItTurned says by what the health check turned unhealthy before a request, in words and word for word: by the
// service's own log, or by the last probe of the given kind. "" = nothing of that kind is seen.
func howItTurned(c inquest.Case, r inquest.StopRequest, hung bool) (how, quote string) {
	if answer := answeredNo(c, *r.Unhealthy, r.At); answer != nil && !hung {
		return "by its own log it had answered 5xx", answer.Excerpt
	}
	list := mostly(c, hung)
	if len(list) == 0 {
		return "", ""
	}
	last := list[len(list)-1]
	return last.Summary, last.Output
}

// answeredNo is the newest line in which the service itself tells that it answered a health check with 5xx, where no
// probe is on record (Podman 5.4.2 empties it at a restart) and such lines came so shortly before the turn that they
// were the probes'. They may go on until the end was asked for, as the probes do. nil = none is.
func answeredNo(c inquest.Case, turned, asked time.Time) *servicelog.Finding {
	f := c.LogHas("health-path-5xx")
	if f == nil || len(c.Probes) > 0 || c.Spec == nil || c.Spec.Healthcheck == nil || f.LastAt.IsZero() {
		return nil
	}
	config := c.Spec.Healthcheck.WithDefaults()
	first := f.Spell.At
	if first.IsZero() {
		first = f.At
	}
	// Podman's log is stamped to the second, and on a busy machine one or two late: a line may seem to follow the turn.
	if first.After(asked.Add(time.Second)) || turned.Sub(f.LastAt) > config.Interval+config.Timeout {
		return nil
	}
	return f
}

// muchLater is the level of an end that no watcher waits so long with.
const muchLater = "minutes after the turn"

var muchLaterLevel = Level{muchLater, 14, "who watches a health check acts within seconds, a script that polls " +
	"within a minute or two: a person acts later, on that or on something else, and so does a deploy"}

// watcherPatience is how long after the turn what watches a health check has acted: autoheal polls every five seconds,
// a script of cron every minute, monit every two.
const watcherPatience = 2 * time.Minute

// actedLate tells whether it was ended from outside long after a turn whose moment is known.
func actedLate(c inquest.Case) bool {
	turned, ended := turnedAt(c), c.Death.At
	if r := c.Death.Request; r != nil {
		ended = &r.At
	}
	return turned != nil && ended != nil && ended.Sub(*turned) > watcherPatience
}

// tooSoon is the level of a stop that no watcher can have asked for.
const tooSoon = "within 0.1 s of the turn"

var tooSoonLevel = Level{tooSoon, 14, "the stop came before any watcher could see the turn: it was on its way " +
	"already, and the probes may have failed because of it"}

// watcherReach is how soon after the turn a watcher can act: autoheal polls every
// five seconds, Swarm waits for two. A stop that comes sooner was on its way already.
const watcherReach = 100 * time.Millisecond

// unhealthyThrough yields an observation when the container turned unhealthy through
// probes of the given kind, whatever came of it.
func unhealthyThrough(c inquest.Case, hung bool) []Observation {
	list := mostly(c, hung)
	if len(list) == 0 || c.Unhealthy == nil {
		return nil
	}
	last := list[len(list)-1]
	failures := c.InARow()
	if c.Streak == 0 { // one passed since, or their record is gone
		failures = words.Count(len(list), "failed probe")
	}
	seen := saw(turnedAt(c), fmt.Sprintf("the health check turned unhealthy, %s: %s", failures, last.Summary),
		last.Output)
	switch c.Death.EndedBy {
	case fact.EndedByOwnExit, fact.EndedByOwnSignal, fact.EndedByKernelOOM:
		return at(endedOtherwise, seen)
	case fact.EndedByEngineRequest:
		if c.Earlier != nil {
			return at(turnUnknown, seen)
		}
	}
	if !c.Alive() && actedLate(c) {
		return at(muchLater, seen)
	}
	return seen
}

// turnUnknown is the level of a stop of what was unhealthy for nobody knows how long.
const turnUnknown = "stopped, the turn is not on record"

var turnUnknownLevel = Level{turnUnknown, 8, "it was stopped on request, and since when it was unhealthy is not on " +
	"record: a watcher may have acted on it, or somebody stopped it much later"}

// turnedAt is when the check turned unhealthy; nil = it did not, or nobody knows when.
func turnedAt(c inquest.Case) *time.Time {
	if c.Earlier != nil {
		return nil
	}
	return c.Unhealthy
}

// endedOtherwise is the level of failed probes that nobody acted on.
const endedOtherwise = "it ended by itself"

var endedOtherwiseLevel = Level{endedOtherwise, 4, "it ended without anybody acting on its health: what ended it " +
	"made the probes fail, too"}

// replayedAs yields an observation when gwdoctor itself replayed the health check and its
// verdict is of one of the kinds.
func replayedAs(c inquest.Case, kinds ...string) []Observation {
	if !c.ReplayedAs(kinds...) {
		return nil
	}
	seen := saw(nil, "replayed just now: "+c.Replayed.Summary, "")
	if c.Replayed.Picture == "unhealthy-body" {
		return at(bodyOnly, seen)
	}
	return seen
}

// bodyOnly is the level of a check that passes although the answer's body says that the service is unhealthy.
const bodyOnly = "only the body says so"

// replayPassed speaks against both causes: the check was tried, and it is good now.
var replayPassed = Rule{
	ID: "replay-passed", Weight: -10, Source: fact.SourceReplay,
	Why: "gwdoctor replayed the check and every probe passed; what was wrong an hour ago may be over",
	See: func(c inquest.Case) []Observation { return replayedAs(c, fact.HealthHealthy) },
}

// noHealthcheck speaks against both causes: nobody probes, nobody acts on probes.
// gunicorn is an exception: its master waits for each worker's heartbeat and kills
// the one that misses it, which is a health check of its own (docs/notes/PYTHON.md#1.2).
var noHealthcheck = Rule{
	ID: "no-healthcheck", Weight: -25, Source: fact.SourceInspect,
	Why: "the container has no health check, so no probe of the engine can have failed; an orchestrator's own " +
		"probes are not recorded here",
	See: func(c inquest.Case) []Observation {
		if c.Spec == nil || c.Spec.Probed() || c.LogHas("gunicorn-worker-timeout") != nil || c.Blocked() {
			return nil
		}
		return saw(nil, "no health check is configured", "")
	},
}

var probesPassed = Rule{
	ID: "probes-passed", Weight: -20, Source: fact.SourceInspect,
	Why: "every probe of the run that is still recorded succeeded",
	See: func(c inquest.Case) []Observation {
		if len(c.Probes) == 0 || len(c.FailedProbes()) > 0 || c.Blocked() { // they passed before that
			return nil
		}
		return saw(nil, fmt.Sprintf("all %s recorded passed", words.Count(len(c.Probes), "probe")), "")
	},
}

// probesRecovered speaks against both causes, against the hung check only as far as the service went on since.
func probesRecovered(hung bool) Rule {
	return Rule{
		ID: "probes-recovered", Weight: -14, Source: fact.SourceEvents,
		Why: "some probes failed, but the container was not unhealthy at the end: too few in a row, or a success after " +
			"them",
		See: func(c inquest.Case) []Observation {
			failed := c.FailedProbes()
			if len(failed) == 0 || c.Unhealthy != nil || c.Streak > 0 || c.Flapping != nil || hung && stoodLater(c, failed) {
				return nil
			}
			at := failed[len(failed)-1].End
			return saw(&at, fmt.Sprintf("%s failed, then the health check passed again",
				words.Count(len(failed), "probe")), "")
		},
	}
}

// stoodLater tells whether all of the probes ended before the service came to stand still as it does now: they say
// nothing of those that were asked since, of which Podman before 5.6 keeps none, for it ends none that hangs.
func stoodLater(c inquest.Case, probes []inquest.Probe) bool {
	if !c.Blocked() {
		return false
	}
	stood := since(c, c.StuckLoops[0])
	return stood != nil && probes[len(probes)-1].End.Before(*stood)
}

var noProbeYet = Rule{
	ID: "ended-before-a-probe", Weight: -12, Source: fact.SourceInspect,
	Why: "the run ended before any probe had a result, so no health check can have ended it",
	See: func(c inquest.Case) []Observation {
		if c.Spec == nil || !c.Spec.Probed() || len(c.Probes) > 0 || c.Alive() || c.Life == nil {
			return nil
		}
		length, ok := c.Life.Length(c.Now)
		if !ok || length >= c.Spec.Healthcheck.WithDefaults().Interval {
			return nil
		}
		return saw(c.Death.At, fmt.Sprintf("it ended after %s, before the first health check", words.Duration(length)),
			"")
	},
}

// endedAlone speaks against both causes: no engine stop, so no orchestrator on
// this engine acted on the probes. It stays mild: Kubernetes and hosts without an
// events record also stop containers for their health.
var endedAlone = Rule{
	ID: "nobody-stopped-it", Weight: -12, Source: fact.SourceEvents,
	Why: "the run ended by itself or by the kernel; a failed health check alone never ends a container (moby #28400)",
	See: func(c inquest.Case) []Observation {
		switch c.Death.EndedBy {
		case fact.EndedByOwnExit, fact.EndedByOwnSignal, fact.EndedByKernelOOM:
			if perhapsStopped(c) {
				return nil
			}
			return saw(c.Death.At, "nobody stopped it: "+c.Death.Reason, "")
		}
		return nil
	},
}

// perhapsStopped tells whether it ended as a server does that is asked to, where nothing that was read would show that
// it was: neither events nor a record of the runtime's.
func perhapsStopped(c inquest.Case) bool {
	code, known := c.Exit()
	return known && code == 0 && c.Death.EndedBy == fact.EndedByOwnExit && unasked(c) && c.Asked == nil &&
		!c.Events.Witnessed(c.Life)
}

// flapping sees a check that turns unhealthy and passes again, again and again, through probes of the given kind.
func flapping(id string, hung bool) Rule {
	return Rule{
		ID: id, Fact: "probes", Weight: 20, Source: fact.SourceEvents,
		Why: "it turned unhealthy three times or more in one life, and passed in between: each pass hides the failures " +
			"before it, and nothing stopped them",
		See: func(c inquest.Case) []Observation {
			list := mostly(c, hung)
			if c.Flapping == nil || len(list) == 0 {
				return nil
			}
			return saw(&c.Flapping.From, fmt.Sprintf("the health check turned unhealthy %d times in %s, and passed in "+
				"between: %s", c.Flapping.Turns, words.Duration(c.Flapping.To.Sub(c.Flapping.From)),
				list[len(list)-1].Summary), list[len(list)-1].Output)
		},
	}
}
