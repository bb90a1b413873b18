package diagnose

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// eventSlack is how much earlier than a run's start an event of it may be
// stamped: the two stamps are taken by different goroutines. Two starts of one
// container are at least 100 ms apart (restartmanager's first back-off).
const eventSlack = 90 * time.Millisecond

// sameStart is how far the start event and inspect's StartedAt of one run may lie
// apart. Measured: 1 to 10 ms on an idle engine, 160 ms at load 15. Restarts come
// closer than that only in a loop of instant crashes, so the nearest start is taken.
const sameStart = time.Second

// runsOf segments time into the container's lives. Only events hold every run;
// inspect knows the newest start and the newest end (docs/notes/DOCKER.md#a1), and fills in
// what has fallen out of the ring.
func runsOf(e *evidence.Evidence) []evidence.Run {
	runs := runsFromEvents(e.Events.List)
	if e.Container != nil {
		runs = reconcile(runs, e.Container.State)
	}
	assignEvents(runs, e.Events.List)
	return runs
}

func runsFromEvents(events []evidence.Event) []evidence.Run {
	var runs []evidence.Run
	open := false
	for _, ev := range events {
		at := ev.At
		switch ev.Action {
		case "start":
			runs, open = append(runs, evidence.Run{Start: at}), true
		case "die", "died":
			if !open { // its start has fallen out of the ring
				runs = append(runs, evidence.Run{})
			}
			last := &runs[len(runs)-1]
			last.End, last.ExitCode, open = &at, ev.ExitCode, false
		}
	}
	return runs
}

// reconcile holds the events' runs against inspect. FinishedAt, not the die
// event, is the time of death: with a stuck log driver die comes 34 s late.
func reconcile(runs []evidence.Run, s evidence.State) []evidence.Run {
	if s.StartedAt.IsZero() {
		return runs
	}
	runs, i := inspected(runs, s)
	run := &runs[i]
	run.Start, run.Alive = s.StartedAt, running(s)
	if run.Alive && i == len(runs)-1 {
		run.End, run.ExitCode = nil, nil
		return withPrevious(runs, s)
	}
	if run.Alive { // it has ended, and another began, since inspect was asked
		run.Alive, runs[len(runs)-1].Alive = false, runs[len(runs)-1].End == nil
		return runs
	}
	code := s.ExitCode
	run.ExitCode = &code
	if !s.FinishedAt.IsZero() {
		end := s.FinishedAt
		run.End = &end
	}
	return runs
}

// inspected returns the index of the run that inspect speaks of, and adds that
// run where the events do not have it. Events are read after inspect, so newer
// runs than inspect's may follow it.
func inspected(runs []evidence.Run, s evidence.State) ([]evidence.Run, int) {
	nearest, gap := -1, sameStart
	for i, r := range runs {
		if d := r.Start.Sub(s.StartedAt).Abs(); !r.Start.IsZero() && d <= gap {
			nearest, gap = i, d
		}
	}
	if nearest >= 0 {
		return runs, nearest
	}
	// Its start has fallen out of the ring, and only its die is left.
	if len(runs) > 0 && runs[0].Start.IsZero() && runs[0].End.After(s.StartedAt) && (len(runs) == 1 || runs[1].Start.After(s.StartedAt)) {
		return runs, 0
	}
	at := 0
	for at < len(runs) && runs[at].Start.Before(s.StartedAt) {
		at++
	}
	return slices.Insert(runs, at, evidence.Run{Start: s.StartedAt}), at
}

// withPrevious adds the run before a living one, of which only FinishedAt is
// left when the ring has lost it.
func withPrevious(runs []evidence.Run, s evidence.State) []evidence.Run {
	if s.FinishedAt.IsZero() || len(runs) > 1 || !s.FinishedAt.Before(s.StartedAt) {
		return runs
	}
	end := s.FinishedAt
	return append([]evidence.Run{{End: &end}}, runs...)
}

// running tests Status, never the booleans: Running is true together with
// Restarting and with Paused (docs/notes/DOCKER.md#a1).
func running(s evidence.State) bool {
	return s.Status == fact.StateRunning || s.Status == fact.StatePaused
}

// assignEvents gives each run the events from its start to the next one's.
func assignEvents(runs []evidence.Run, events []evidence.Event) {
	for i := range runs {
		var from, to time.Time
		if i > 0 {
			from = runs[i].Start.Add(-eventSlack)
		}
		if i+1 < len(runs) {
			to = runs[i+1].Start.Add(-eventSlack)
		}
		for _, ev := range events {
			if !ev.At.Before(from) && (to.IsZero() || ev.At.Before(to)) {
				runs[i].Events = append(runs[i].Events, ev)
			}
		}
	}
}

// examined picks the run to explain. A dead container's is its last. A living
// one's is the present run, unless the run before it ended badly and nothing is
// wrong now: a restart policy hides exactly the death that people ask about.
func examined(runs []evidence.Run, troubledNow bool) int {
	last := len(runs) - 1
	if last < 1 || !runs[last].Alive || troubledNow {
		return last
	}
	if endedBadly(runs[last-1]) {
		return last - 1
	}
	return last
}

// endedBadly tells whether a run ended with an error or was killed, or was
// restarted while unhealthy. A plain docker restart of a healthy container ends
// with 0 or 143 and is no failure; 137 by escalation is looked at again in
// endOf, which sees the request.
func endedBadly(r evidence.Run) bool {
	if r.ExitCode != nil && *r.ExitCode != 0 && *r.ExitCode != 143 {
		return true
	}
	for _, ev := range r.Events {
		if ev.Action == "oom" || ev.Action == "health_status" && ev.Detail == fact.HealthUnhealthy {
			return true
		}
	}
	return false
}

// RunsOf returns when the runs of a bundle's container began, as far as is known, oldest first, and when each of
// these ended; nil = it lives, or nobody knows.
func RunsOf(b *bundle.Bundle) (starts []time.Time, ends []*time.Time) {
	for _, r := range runsOf(evidence.Read(b)) {
		if !r.Start.IsZero() {
			starts, ends = append(starts, r.Start), append(ends, r.End)
		}
	}
	return starts, ends
}
