package cause

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// notAFailure: somebody asked for the end, it ended well, or it runs well.
var notAFailure = Cause{
	ID: fact.NotAFailure, Title: "Nothing failed, or it was stopped on request", Prior: priorMostLikely,
	Rules: []Rule{
		{
			ID: "stopped-on-request", Weight: 28, Source: fact.SourceEvents,
			Why: "the engine was asked to end it, and nothing was wrong with it before",
			See: func(c inquest.Case) []Observation {
				r := c.Death.Request
				if unwanted(r) || len(c.Told) > 0 || r.Unhealthy != nil || c.Troubled() || frozen(c) || memoryTrouble(c) {
					return nil
				}
				return saw(&r.At, requestText(r, c), "")
			},
		}, {
			ID: "stopped-while-troubled", Fact: "request", Weight: 12, Source: fact.SourceEvents,
			Why: "the engine was asked to end it; something had gone wrong before, which may or may not be why",
			See: func(c inquest.Case) []Observation {
				r := c.Death.Request
				if unwanted(r) || len(c.Told) > 0 || r.Unhealthy != nil || !c.Troubled() && !memoryTrouble(c) || frozen(c) {
					return nil
				}
				return saw(&r.At, requestText(r, c), "")
			},
		}, {
			ID: "stopped-while-unhealthy", Fact: "request", Weight: 3, Source: fact.SourceEvents,
			Why: "the engine was asked to end it while it was unhealthy or frozen: the request is most likely the " +
				"answer to that",
			See: func(c inquest.Case) []Observation {
				r := c.Death.Request
				if unwanted(r) || r.Unhealthy == nil && !frozen(c) {
					return nil
				}
				return saw(&r.At, requestText(r, c), "")
			},
		}, {
			ID: "paused", Weight: 24, Source: fact.SourceInspect,
			Why: "somebody paused it; the engine then shows it as unhealthy whatever its probes said " +
				"(docs/notes/DOCKER.md#a3)",
			See: func(c inquest.Case) []Observation {
				if c.Death.State != fact.StatePaused || c.Troubled() {
					return nil
				}
				return saw(nil, "it is paused: it does nothing, and answers nobody, until it is let go on", "")
			},
		}, {
			ID: "exit-zero", Weight: 24, Source: fact.SourceInspect,
			Why: "it ended with success, nothing speaks of trouble, and nothing shows that it was to run until it is " +
				"told to end",
			Levels: []Level{{byCommandLine, 14, "it is a server, which its command line lets end by itself; that it did " +
				"so for that reason, it did not say"}},
			See: func(c inquest.Case) []Observation {
				code, known := c.Exit()
				if !known || code != 0 || c.Death.EndedBy != fact.EndedByOwnExit || c.Troubled() || len(c.Told) > 0 ||
					c.EndlessSuccess() || memoryTrouble(c) || unasked(c) || c.LeftForeground() != "" ||
					c.NoInput() != "" {
					return nil
				}
				text := "it ended with exit code 0 (success)"
				if n := failures(c.EarlierEnds); n > 0 {
					text += ", after " + words.Count(n, "run") + " that failed"
				}
				text += restartText(c)
				limit, told := c.OwnLimit()
				switch {
				case limit == "":
					return saw(c.Death.At, text, "")
				case !told:
					return at(byCommandLine, saw(c.Death.At, text+"; "+limit, ""))
				}
				return saw(c.Death.At, text+": "+limit, "")
			},
		}, {
			ID: "told-by-exec", Weight: 24, Source: fact.SourceEvents,
			Why: "a command that somebody ran in the container sent a signal shortly before it ended with success: that " +
				"is how things are asked to stop past the engine",
			See: func(c inquest.Case) []Observation {
				code, known := c.Exit()
				ev := c.ToldByExec()
				if ev == nil || !known || code != 0 || c.Death.EndedBy != fact.EndedByOwnExit || c.Troubled() {
					return nil
				}
				return saw(&ev.At, fmt.Sprintf("it ended with exit code 0, %s after `docker exec … %s` had told it to",
					words.Duration(max(c.Death.At.Sub(ev.At), 0)), clip(ev.Command, longestMessage)), "")
			},
		}, {
			ID: "runs-well", Weight: 26, Source: fact.SourceInspect,
			Why: "it is running, its probes pass, and neither its log nor the kernel speaks of trouble",
			Levels: []Level{
				{unprobed, 14, "it has no health check, or no result of one: nobody knows whether it answers; its log " +
					"or its threads show that it goes on"},
				{unseen, 10, "it has no health check, or no result of one, and nothing that was seen shows that it " +
					"goes on"},
				{locked, 6, "it has no health check, or no result of one, and every thread waits without end for what only " +
					"another of them can give: it may be about to be woken, or never"},
				{leaving, 26, "somebody asked for its end, which is under way, and nothing was wrong with it before"},
				{young, 7, "it was started a moment ago, or again and again by what is not known any more: nobody knows " +
					"whether it stays"},
				{starting, 7, "it is in its start period, and no health check has passed yet: nobody knows whether " +
					"it will come up"},
				{hampered, 10, "nothing listens on a port that it publishes, a file system is full, its main thread stands " +
					"in a write, requests stand alike or wait to be accepted: it may still start, or do without"},
				{afterEpisode, 12, "its log, read whole, tells of something that it got over: it is well now, and " +
					"was not"},
			},
			See: func(c inquest.Case) []Observation { return runsWell(c, true) },
		}, {
			ID: "runs-unheard", Weight: 8, Source: fact.SourceInspect,
			Why: "it is running, and nothing that was seen speaks of trouble, but its log could not be read, where " +
				"half of the ten causes show themselves",
			See: func(c inquest.Case) []Observation { return runsWell(c, false) },
		}, {
			ID: "ended-by-term", Weight: 12, Source: fact.SourceInspect,
			Why: "SIGTERM is how things are asked to stop, and it obeyed; who sent it is not known",
			See: func(c inquest.Case) []Observation {
				if c.Death.EndedBy != fact.EndedByOutsideSignal || c.Daemon != nil || !asksToEnd(c) || c.Troubled() ||
					c.GraveLastWords() != nil {
					return nil
				}
				return saw(c.Death.At, "it obeyed "+c.Death.Signal+", which came from outside the engine", "")
			},
		}, {
			ID: "ended-badly", Weight: -20, Source: fact.SourceInspect,
			Why: "a fault, the OOM killer or an error code: something failed",
			See: func(c inquest.Case) []Observation {
				code, _ := c.Exit()
				switch c.Death.EndedBy {
				case fact.EndedByOwnSignal, fact.EndedByKernelOOM:
				case fact.EndedByOwnExit:
					if code == 0 {
						return nil
					}
				default:
					return nil
				}
				return saw(c.Death.At, "it ended badly: "+c.Death.Reason, "")
			},
		}, {
			ID: "killed-from-outside", Weight: -6, Source: fact.SourceInspect,
			Why: "a SIGKILL that no engine call explains; a person may have meant it",
			See: func(c inquest.Case) []Observation {
				if c.Death.EndedBy != fact.EndedByOutsideSignal || c.Death.Signal != "SIGKILL" {
					return nil
				}
				return saw(c.Death.At, c.Death.Reason, "")
			},
		}, {
			ID: "is-unhealthy", Weight: -14, Source: fact.SourceInspect,
			Why: "the engine turned it unhealthy by real probe failures",
			See: func(c inquest.Case) []Observation {
				if c.Unhealthy == nil {
					return nil
				}
				return saw(turnedAt(c), "its health check had turned unhealthy", "")
			},
		}, {
			ID: "did-not-start", Weight: -30, Source: fact.SourceInspect,
			Why: "the engine could not start it",
			See: func(c inquest.Case) []Observation {
				if !c.StartRefused() {
					return nil
				}
				return saw(c.Status.StartTried, "the engine could not start it", c.Status.Error)
			},
		}, {
			ID: "created-only", Weight: 20, Source: fact.SourceInspect,
			Why: "it was created, and nobody started it, or it is on its way",
			See: func(c inquest.Case) []Observation {
				if c.Death.State != fact.StateNeverStarted || c.Spec == nil || c.StartRefused() || c.Status.StartUntold ||
					overdue(c) {
					return nil
				}
				if c.Status.Awaited != nil {
					return saw(nil, "it is being started, since "+words.Duration(c.Now.Sub(*c.Status.Awaited)), "")
				}
				return saw(nil, "it was created and never started", "")
			},
		},
	},
}

// byCommandLine is the level of a server's end that its command line explains, and nothing else.
const byCommandLine = "by its command line"

// restartText says that what ended with success is started again, and by what; "" = it is not.
func restartText(c inquest.Case) string {
	policy := c.StartedAfterSuccess()
	switch {
	case policy == "":
		return ""
	case c.Alive():
		return "; the run before ended with exit code 0, and its restart policy (" + policy + ") started it again: what is " +
			"to end by itself wants `on-failure`"
	}
	return "; its restart policy (" + policy + ") starts it again: what is to end by itself wants `on-failure`"
}

// unwanted tells whether nobody asked for the end: a probe that fails is no request.
func unwanted(r *inquest.StopRequest) bool { return r == nil || r.Kind == fact.RequestProbe }

// asksToEnd tells whether it ended by a signal by which programs are asked to end. What a timer, a limit or a pipe
// without a reader brings is no request.
func asksToEnd(c inquest.Case) bool {
	asks := []string{"SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"}
	return slices.Contains(asks, c.Death.Signal) || c.Spec != nil && c.Spec.StopSignal == c.Death.Signal
}

func requestText(r *inquest.StopRequest, c inquest.Case) string {
	text := "it was ended on request: " + r.Words
	if r.Escalated {
		text += fmt.Sprintf("; it did not end on the first signal within %s and was killed", words.Duration(r.Grace))
		switch {
		case r.Grace == 0: // Podman tells only that it was killed in the end
			text = "it was ended on request: " + r.Words + "; it did not end on the first signal and was killed"
		case r.Grace < 100*time.Millisecond:
			text = "it was ended on request: " + r.Words + ", without a grace period"
		}
	}
	code, known := c.Exit()
	switch {
	case known && code == 137 && !r.Escalated:
		text += " with SIGKILL"
	case known && code > 0 && code < 128 && !r.Escalated:
		text += fmt.Sprintf("; it ended with exit code %d, not 0%s", code, lastWords(c))
	}
	return text
}

// Unasked is what is said of a service that nobody asks, behind the rest.
const Unasked = "; it has no health check result, so whether it answers is not known"

// unprobed is the level of a service that nobody asks.
const unprobed = "no health check result"

// unseen is the level of one of which nothing shows that it goes on, either.
const unseen = "no health check result, no sign of life"

// locked is the level of one all of whose threads wait for each other at the look.
const locked = "all threads wait"

// starting is the level of a service whose health check has not passed yet.
const starting = "still starting"

// leaving is the level of one whose end has been asked for.
const leaving = "being ended"

// afterEpisode is the level of a service that got over what its log tells of.
const afterEpisode = "got over something"

// runsWell sees a run without trouble, with its log read or without.
func runsWell(c inquest.Case, heard bool) []Observation {
	if c.Read(fact.SourceLogs) != heard || !c.Alive() || c.Spec == nil || c.Status.State != fact.StateRunning ||
		c.Troubled() || frozen(c) || len(c.Told) > 0 || c.Awaits() != nil || c.LoopsOnSuccess() {
		return nil
	}
	if c.Cgroup != nil && c.Cgroup.OOMKills != nil && *c.Cgroup.OOMKills >= repeated || workersKilled(c) != nil ||
		workerKillCounted(c) {
		return nil
	}
	if c.Streak > 0 || standsBefore(c) || memoryTrouble(c) || len(deadWorkers(c)) > 0 || c.Halted() || c.Severed() ||
		len(c.RestartedServices()) > 0 || c.Unreached().Certain() ||
		len(c.Probes) == 0 && descriptorsLeft(c) == 0 {
		return nil
	}
	length, ok := c.Life.Length(c.Now)
	if !ok || standsStill(c) || overdue(c) {
		return nil
	}
	if r := c.Status.Leaving; r != nil {
		return at(leaving, saw(&r.At, "it is being ended on request: "+r.Words+"; it has run for "+
			words.Duration(length), ""))
	}
	text := "it is running, for " + words.Duration(length) + restartText(c)
	if r := c.Recovered; r != nil {
		text += "; " + recoveryText(*r) + pressureText(c)
	}
	if h := c.Status.Health; h != nil {
		text += ", health: " + h.Status
	}
	if !heard {
		return saw(nil, text+"; its log could not be read", "")
	}
	if f := c.GotOver(); f != nil {
		seen := at(afterEpisode, saw(nil, text+"; it got over what its log told of "+episodeText(*f), f.Excerpt))
		seen[0].Source, seen[0].Line = fact.SourceLogs, f.Line // whose words are quoted
		return seen
	}
	if h := c.Status.Health; h != nil && h.Status == fact.HealthStarting {
		return at(starting, saw(nil, text+"; no health check has passed yet", ""))
	}
	if doubt := doubtOfYoung(c, length); doubt != "" {
		return at(young, saw(nil, text+"; "+doubt, ""))
	}
	if doubt := hampering(c); doubt != "" {
		return at(hampered, saw(nil, text+"; "+doubt, ""))
	}
	if len(c.Probes) == 0 {
		level := unprobed
		switch c.Motion() {
		case inside.MotionUnknown:
			level = unseen
		case inside.MotionLocked:
			level = locked
			text += "; all its threads wait for each other"
		}
		return at(level, saw(nil, text+Unasked, ""))
	}
	return saw(nil, text, "")
}

// recoveryText says what it got over, when, and why.
func recoveryText(r inquest.Recovery) string {
	text := "its health check failed"
	if r.Failed > 0 {
		text += fmt.Sprintf(" %d times", r.Failed)
	}
	text += " from " + r.From.Format(clock) + " to " + r.To.Format(clock) + " (" + words.Duration(r.To.Sub(r.From)) +
		")"
	if r.Turned {
		text += ", it was unhealthy"
	}
	if r.Reason != "" {
		text += ": " + r.Reason
	}
	for _, a := range r.Away {
		text += "; " + absenceText(a)
	}
	return text + "; it passes again"
}

// pressureText says what kept the service from a processor, as far as that is known at the look.
func pressureText(c inquest.Case) string {
	text := ""
	if s := c.Starved(); s != nil {
		text += "; " + throttledText(*s)
	}
	if l := c.Overload(); l != nil {
		text += "; " + loadText(*l)
	}
	return text
}

// absenceText says what kept a neighbour from answering, and when.
func absenceText(a inquest.Absence) string {
	state := "did not run"
	if a.Paused {
		state = "was paused"
	}
	return fmt.Sprintf("%s %s from %s to %s", a.Name, state, a.From.Format(clock), a.To.Format(clock))
}

// episodeText says from when to when the log told of what, and what shows that it is over.
func episodeText(e inquest.Episode) string {
	text := fmt.Sprintf("from %s to %s (%s)", e.From.Format(clock), e.To.Format(clock), words.Duration(e.To.Sub(e.From)))
	if e.From.Equal(e.To) {
		text = "at " + e.To.Format(clock)
	}
	text += ": " + cmp.Or(e.Meaning(), clip(e.Excerpt, longestMessage))
	if e.Object != "" {
		text += " (" + clip(e.Object, longestMessage) + ")"
	}
	if e.Count > 1 {
		text += fmt.Sprintf(", %d times", e.Count)
	}
	return text + "; " + e.Back
}

// clock is how a sentence says a moment of the same day, in UTC as all of a report.
const clock = "15:04:05"

// unasked tells whether a server ended, and nobody is recorded to have asked for it: what sends a signal past the
// runtime (a person, systemd, a supervisor, the program itself) may have had a reason, and a program that leaves by
// mistake has an exit code of 0, too.
func unasked(c inquest.Case) bool {
	if limit, _ := c.OwnLimit(); limit != "" {
		return false
	}
	server := c.ServerBy() != "" && !c.SaidDone()
	return c.Death.Request == nil && !c.Alive() && (shutInOrder(c) || server || c.ToldByExec() != nil)
}

// shutInOrder tells whether it did what servers do when they are asked to stop.
func shutInOrder(c inquest.Case) bool { return c.Log != nil && c.Log.Lifecycle.StopRequested }

// unaskedText says what is known of such an end.
func unaskedText(c inquest.Case) string {
	text := "it ended with exit code 0, though it is a server (" + clip(c.ServerBy(), longestMessage) + ")"
	if shutInOrder(c) {
		text = "it shut down in order with exit code 0, as if by SIGTERM"
	}
	if c.Events.Witnessed(c.Life) {
		return text + "; nobody asked the engine for it: who did, or whether it left by itself, is not known"
	}
	return text + "; who asked for it is not recorded"
}

// standsBefore tells whether connections wait to be accepted while the thread that should accept them has slept in
// another call for a second: of any program, what contradicts that it runs well.
func standsBefore(c inquest.Case) bool {
	if c.Inside == nil || len(c.Inside.Processes) == 0 || !queued(c) || c.Moving > 0 {
		return false
	}
	for _, p := range c.Inside.Processes {
		for _, t := range p.Threads {
			if t.Still == nil || !*t.Still || t.Wait == nil || inside.IdleCall(t.Wait.Call) {
				return false
			}
		}
	}
	return true
}

func queued(c inquest.Case) bool {
	if c.Process == nil {
		return false
	}
	for _, l := range c.Process.Listeners {
		if l.Queue > 0 {
			return true
		}
	}
	return false
}
