package docker

import (
	"slices"
	"sort"
	"time"

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

// livesOf segments time into the container's lives. Only events hold every run;
// inspect knows the newest start and the newest end (docs/notes/DOCKER.md#a1), and fills in
// what has fallen out of the ring.
func livesOf(in *Inspected, events []evidence.Event) []evidence.Life {
	lives := livesFromEvents(events)
	if in != nil {
		lives = reconcile(lives, in)
	}
	assignEvents(lives, events)
	for i := range lives {
		lives[i].Execs = execsOf(lives[i].Events)
	}
	return lives
}

func livesFromEvents(events []evidence.Event) []evidence.Life {
	var lives []evidence.Life
	open := false
	for _, ev := range events {
		at := ev.At
		switch ev.Kind {
		case fact.EventStarted:
			lives, open = append(lives, evidence.Life{Start: at}), true
		case fact.EventEnded:
			if !open { // its start has fallen out of the ring
				lives = append(lives, evidence.Life{})
			}
			last := &lives[len(lives)-1]
			last.End, last.ExitCode, open = &at, ev.ExitCode, false
		}
	}
	return lives
}

// reconcile holds the events' lives against inspect. FinishedAt, not the die
// event, is the time of death: with a stuck log driver die comes 34 s late.
func reconcile(lives []evidence.Life, in *Inspected) []evidence.Life {
	if in.Status.StartedAt.IsZero() {
		return lives
	}
	lives, i := inspected(lives, in)
	life := &lives[i]
	life.Start, life.Alive = in.Status.StartedAt, running(in.Status.State)
	if life.Alive && i == len(lives)-1 {
		life.End, life.ExitCode = nil, nil
		return withPrevious(lives, in)
	}
	if life.Alive { // it has ended, and another began, since inspect was asked
		life.Alive, lives[len(lives)-1].Alive = false, lives[len(lives)-1].End == nil
		return lives
	}
	code := in.Status.ExitCode
	life.ExitCode = &code
	if !in.finishedAt.IsZero() {
		end := in.finishedAt
		life.End = &end
	}
	return lives
}

// inspected returns the index of the run that inspect speaks of, and adds that
// run where the events do not have it. Events are read after inspect, so newer
// lives than inspect's may follow it.
func inspected(lives []evidence.Life, in *Inspected) ([]evidence.Life, int) {
	nearest, gap := -1, sameStart
	for i, r := range lives {
		if d := r.Start.Sub(in.Status.StartedAt).Abs(); !r.Start.IsZero() && d <= gap {
			nearest, gap = i, d
		}
	}
	if nearest >= 0 {
		return lives, nearest
	}
	// Its start has fallen out of the ring, and only its die is left.
	if len(lives) > 0 && lives[0].Start.IsZero() && lives[0].End.After(in.Status.StartedAt) &&
		(len(lives) == 1 || lives[1].Start.After(in.Status.StartedAt)) {
		return lives, 0
	}
	at := 0
	for at < len(lives) && lives[at].Start.Before(in.Status.StartedAt) {
		at++
	}
	return slices.Insert(lives, at, evidence.Life{Start: in.Status.StartedAt}), at
}

// withPrevious adds the run before a living one, of which only FinishedAt is
// left when the ring has lost it.
func withPrevious(lives []evidence.Life, in *Inspected) []evidence.Life {
	if in.finishedAt.IsZero() || len(lives) > 1 || !in.finishedAt.Before(in.Status.StartedAt) {
		return lives
	}
	end := in.finishedAt
	return append([]evidence.Life{{End: &end}}, lives...)
}

// running tells whether a state is one of a process that lives.
func running(state string) bool { return state == fact.StateRunning || state == fact.StatePaused }

// assignEvents gives each run the events from its start to the next one's.
func assignEvents(lives []evidence.Life, events []evidence.Event) {
	for i := range lives {
		var from, to time.Time
		if i > 0 {
			from = lives[i].Start.Add(-eventSlack)
		}
		if i+1 < len(lives) {
			to = lives[i+1].Start.Add(-eventSlack)
		}
		first, last := firstAt(events, from), len(events)
		if !to.IsZero() {
			last = firstAt(events, to)
		}
		if first < last {
			lives[i].Events = append(lives[i].Events, events[first:last]...)
		}
	}
}

// firstAt is the place of the first event at a moment or after it. A bundle may hold
// thousands of lives with thousands of events: each is looked for, not all gone over.
func firstAt(events []evidence.Event, at time.Time) int {
	return sort.Search(len(events), func(i int) bool { return !events[i].At.Before(at) })
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
