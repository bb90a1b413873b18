package diagnose

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// startSlack is how far an event's stamp and inspect's stamp of the same start
// may lie apart. Measured: 1 to 5 ms; a loaded daemon needs more, and two starts
// of one container are at least 100 ms apart (restartmanager's first back-off).
const startSlack = 90 * time.Millisecond

// runsOf segments time into the container's lives. Only events hold every run;
// inspect knows the newest start and the newest end (DOCKER.md A1), and fills in
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
	alive := running(s)
	runs = withNewest(runs, s)
	newest := &runs[len(runs)-1]
	newest.Start, newest.Alive = s.StartedAt, alive
	if alive {
		newest.End, newest.ExitCode = nil, nil
		return withPrevious(runs, s)
	}
	code := s.ExitCode
	newest.ExitCode = &code
	if !s.FinishedAt.IsZero() {
		end := s.FinishedAt
		newest.End = &end
	}
	return runs
}

// withNewest makes sure that the last run is the one inspect speaks of.
func withNewest(runs []evidence.Run, s evidence.State) []evidence.Run {
	if n := len(runs); n > 0 {
		last := runs[n-1]
		gap := last.Start.Sub(s.StartedAt).Abs()
		known := !last.Start.IsZero() && (gap <= startSlack || gap < 2*time.Second && last.End == nil)
		cut := last.Start.IsZero() && last.End != nil && !running(s) && last.End.Sub(s.FinishedAt) > -2*time.Second
		if known || cut {
			return runs
		}
	}
	return append(runs, evidence.Run{Start: s.StartedAt})
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
// Restarting and with Paused (DOCKER.md A1).
func running(s evidence.State) bool { return s.Status == "running" || s.Status == "paused" }

// assignEvents gives each run the events from its start to the next one's.
func assignEvents(runs []evidence.Run, events []evidence.Event) {
	for i := range runs {
		var from, to time.Time
		if i > 0 {
			from = runs[i].Start.Add(-startSlack)
		}
		if i+1 < len(runs) {
			to = runs[i+1].Start.Add(-startSlack)
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
		if ev.Action == "oom" || ev.Action == "health_status" && ev.Detail == "unhealthy" {
			return true
		}
	}
	return false
}
