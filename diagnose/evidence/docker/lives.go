package docker

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// eventSlack is how much earlier than a run's start an event of it may be
// stamped: the two stamps are taken by different goroutines. Two starts of one
// container are at least 100 ms apart (restartmanager's first back-off).
const eventSlack = 90 * time.Millisecond

// run is a life with the places of its start and of its end in the list of events; -1 = not among them.
type run struct {
	evidence.Life
	started, ended int
}

// livesOf segments time into the container's lives. Only events hold every run;
// inspect knows the newest start and the newest end (docs/notes/DOCKER.md#a1), and fills in
// what has fallen out of the ring.
func livesOf(in *Inspected, events []evidence.Event) []evidence.Life {
	runs := runsFromEvents(events)
	if in != nil {
		runs = reconcile(runs, events, in)
	}
	if len(runs) > 0 {
		runs[0].First = nothingBefore(runs[0], events, in)
	}
	assignEvents(runs, events)
	lives := make([]evidence.Life, len(runs))
	for i := range runs {
		lives[i] = runs[i].Life
		lives[i].Execs = execsOf(lives[i].Events)
	}
	return lives
}

// runsFromEvents begins a run with each start. An end without a start between is told twice: 26.1 on a busy machine
// wrote die 13 s apart for one escalated stop, the exit code the same.
func runsFromEvents(events []evidence.Event) []run {
	var runs []run
	for i, ev := range events {
		at := ev.At
		switch ev.Kind {
		case fact.EventStarted:
			runs = append(runs, run{evidence.Life{Start: at}, i, -1})
		case fact.EventEnded:
			if len(runs) == 0 { // its start has fallen out of the ring
				runs = append(runs, run{started: -1})
			}
			last := &runs[len(runs)-1]
			last.ended = i
			if last.End == nil {
				last.End, last.ExitCode = &at, ev.ExitCode
			}
		}
	}
	return runs
}

// reconcile holds the events' runs against inspect. FinishedAt, not the die
// event, is the time of death: with a stuck log driver die comes 34 s late.
func reconcile(runs []run, events []evidence.Event, in *Inspected) []run {
	if in.Status.StartedAt.IsZero() {
		return runs
	}
	runs, i := inspected(runs, events, in)
	r := &runs[i]
	r.Start, r.Alive = in.Status.StartedAt, running(in.Status.State)
	if r.Alive && i == len(runs)-1 {
		r.End, r.ExitCode = nil, nil
		return withPrevious(runs, i, in)
	}
	if r.Alive { // it has ended, and another began, since inspect was asked
		r.Alive, runs[len(runs)-1].Alive = false, runs[len(runs)-1].End == nil
		return runs
	}
	if in.Status.State != fact.StateUnknown { // what has forgotten its state knows no code, either
		code := in.Status.ExitCode
		r.ExitCode = &code
	}
	if !in.finishedAt.IsZero() {
		end := in.finishedAt
		r.End = &end
	}
	return runs
}

// inspected returns the place of the run that inspect speaks of, and adds that run where the events do not have it.
// Events are read after inspect, so newer runs than inspect's may follow it.
//
// It goes by the order of things, never by how near two stamps lie: a run's StartedAt is taken after the engine has
// told of the end before it, and before it tells of its own end. The start event comes 5.8 s after StartedAt on 28.5
// and 0.16 s before it on a busy 20.10, die up to 34 s after FinishedAt.
func inspected(runs []run, events []evidence.Event, in *Inspected) ([]run, int) {
	if onlyRun(runs, events, in) {
		return runs, 0
	}
	at := 0
	for at < len(runs) && runs[at].ended >= 0 && events[runs[at].ended].At.Before(in.Status.StartedAt) {
		at++
	}
	if at < len(runs) {
		return runs, at
	}
	return append(runs, run{evidence.Life{Start: in.Status.StartedAt}, -1, -1}), at
}

// onlyRun tells whether the container was started once: the events reach back to its creation and hold one start, and
// inspect knows of no other run. Then that is the run, whatever the stamps say.
func onlyRun(runs []run, events []evidence.Event, in *Inspected) bool {
	anotherEnded := running(in.Status.State) && !in.finishedAt.IsZero()
	return len(runs) == 1 && in.Status.Restarts == 0 && !anotherEnded && created(events[:max(runs[0].started, 0)])
}

// created tells whether the container's creation is among the events.
func created(events []evidence.Event) bool {
	return slices.ContainsFunc(events, func(ev evidence.Event) bool { return ev.Kind == fact.EventCreated })
}

// nothingBefore tells whether the first known run is proven to be the container's first.
func nothingBefore(first run, events []evidence.Event, in *Inspected) bool {
	switch {
	case first.started >= 0:
		return created(events[:first.started])
	case first.Alive: // inspect's, and it has seen no end yet
		return in.finishedAt.IsZero() && in.Status.Restarts == 0
	}
	return created(events) && first.ended < 0
}

// withPrevious gives the run before a living one the end that inspect still knows of it, and adds that run where the
// ring has lost it.
func withPrevious(runs []run, living int, in *Inspected) []run {
	if in.finishedAt.IsZero() || !in.finishedAt.Before(in.Status.StartedAt) {
		return runs
	}
	end := in.finishedAt
	if living == 0 {
		return append([]run{{evidence.Life{End: &end}, -1, -1}}, runs...)
	}
	if before := &runs[living-1]; before.End == nil || end.Before(*before.End) {
		before.End = &end
	}
	return runs
}

// running tells whether a state is one of a process that lives.
func running(state string) bool { return state == fact.StateRunning || state == fact.StatePaused }

// assignEvents gives each run the events from its start to the next one's.
func assignEvents(runs []run, events []evidence.Event) {
	from := 0
	for i := range runs {
		to := len(events)
		if i+1 < len(runs) {
			to = beginOf(runs, i+1, events)
		}
		if to = max(from, to); from < to {
			runs[i].Events = append(runs[i].Events, events[from:to]...)
		}
		from = to
	}
}

// beginOf is the place of the first event of a run: what comes after the end of the run before, and from shortly
// before its start on, or from its start event where that is earlier.
func beginOf(runs []run, i int, events []evidence.Event) int {
	soon := runs[i].Start.Add(-eventSlack)
	place, _ := slices.BinarySearchFunc(events, soon, func(ev evidence.Event, at time.Time) int {
		return ev.At.Compare(at)
	})
	if runs[i].started >= 0 {
		place = min(place, runs[i].started)
	}
	return max(place, runs[i-1].ended+1)
}

// execsOf pairs exec_create with exec_die: between them a command ran beside the main process.
func execsOf(events []evidence.Event) []evidence.Exec {
	created := map[string]evidence.Event{}
	var execs []evidence.Exec
	for _, ev := range events {
		switch {
		case ev.ExecID == "":
		case ev.Kind == fact.EventExecCreated:
			created[ev.ExecID] = ev
		case ev.Kind == fact.EventExecEnded && ev.ExitCode != nil:
			if begin, ok := created[ev.ExecID]; ok {
				execs = append(execs, evidence.Exec{Start: begin.At, End: ev.At, ExitCode: *ev.ExitCode, Command: begin.Command})
			}
		}
	}
	return execs
}
