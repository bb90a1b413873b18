package inquest

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Recovery is a time in which a living container's health check failed, and after which it passed again.
type Recovery struct {
	From, To time.Time // the first failure that is known, and the first pass after the last
	Failed   int       // probes that are known to have failed; 0 = only the runtime's word for it is left
	Turned   bool      // the runtime had called it unhealthy
	Reason   string    // what the last of them found; "" = not known
	Away     []Absence // neighbours that it needs and that were away meanwhile, by their names
}

// Absence is a time in which a neighbour could answer nobody, and that is over.
type Absence struct {
	Name     string // as its users know it
	Paused   bool   // the runtime froze it; else it did not run
	From, To time.Time
}

// minFailed is how many failures in a row are more than a slow moment.
const minFailed = 2

// recoveryOf finds the newest recovery of a life that goes on; nil = there was nothing to recover from, or it has not.
// Failures in the start period are no trouble: they are what that period is for.
func recoveryOf(e *evidence.Evidence, x Examined, s ProbeSigns) *Recovery {
	if !x.Alive() || s.Streak > 0 || s.Unhealthy != nil || s.Flapping != nil {
		return nil
	}
	var found *Recovery
	if r := turnedBack(x.Life); r != nil {
		found = r
	}
	counts := x.Life.Start
	if e.Spec != nil && e.Spec.Healthcheck != nil {
		counts = counts.Add(e.Spec.Healthcheck.StartPeriod)
	}
	var streak *Recovery
	for _, p := range s.Probes {
		switch {
		case p.Failed() && p.Start.Before(counts):
		case p.Failed() && streak == nil:
			streak = &Recovery{From: p.Start, Failed: 1, Reason: p.Summary}
		case p.Failed():
			streak.Failed, streak.Reason = streak.Failed+1, p.Summary
		case streak != nil:
			streak.To = p.End
			if streak.Failed >= minFailed {
				found = streak.with(found)
			}
			streak = nil
		}
	}
	if found != nil {
		found.Away = awayDuring(e, found)
	}
	return found
}

// awayDuring finds the neighbours that went away shortly before the first failure and were back by the first pass.
// One that went long before took nothing from the check.
func awayDuring(e *evidence.Evidence, r *Recovery) []Absence {
	reach := clockSlack
	if e.Spec != nil && e.Spec.Healthcheck != nil {
		config := e.Spec.Healthcheck.WithDefaults()
		reach += config.Interval + config.Timeout
	}
	var list []Absence
	for _, n := range e.Neighbours {
		if !needs(e.Spec, n) && !connectedTo(e.Process, n) {
			continue
		}
		for _, a := range absences(e.Around, n) {
			fits := !a.From.After(r.From.Add(clockSlack)) && r.From.Sub(a.From) <= reach
			if fits && a.To.After(r.From) && a.To.Before(r.To.Add(clockSlack)) {
				list = append(list, a)
			}
		}
	}
	return list
}

// absences reads from the runtime's events when a neighbour was paused and let go on, or ended and was started.
func absences(events []evidence.Event, n evidence.Neighbour) []Absence {
	var list []Absence
	var open *Absence
	for _, ev := range events {
		if ev.Name != n.Name {
			continue
		}
		switch ev.Kind {
		case fact.EventPaused, fact.EventEnded:
			if open == nil {
				open = &Absence{Name: Dependency{Neighbour: n}.Called(), Paused: ev.Kind == fact.EventPaused, From: ev.At}
			}
		case fact.EventUnpaused, fact.EventStarted:
			if open != nil {
				open.To = ev.At
				list, open = append(list, *open), nil
			}
		}
	}
	return list
}

// connectedTo tells whether the container has connections to the neighbour.
func connectedTo(p *evidence.Process, n evidence.Neighbour) bool {
	return p != nil && slices.ContainsFunc(p.Remotes, func(r evidence.Remote) bool {
		return r.State == "ESTABLISHED" && slices.Contains(n.Addresses, r.Address)
	})
}

// with adds what the runtime's events tell of the same time.
func (r *Recovery) with(told *Recovery) *Recovery {
	if told != nil && !told.To.Before(r.From) {
		r.Turned = told.Turned
		if told.From.Before(r.From) {
			r.From = told.From
		}
	}
	return r
}

// turnedBack reads the runtime's events: unhealthy, and healthy again.
func turnedBack(life *evidence.Life) *Recovery {
	var found *Recovery
	var since *time.Time
	for _, ev := range life.Events {
		if ev.Kind != fact.EventHealthTurned {
			continue
		}
		switch ev.Health {
		case fact.HealthUnhealthy:
			moment := ev.At
			since = &moment
		case fact.HealthHealthy:
			if since != nil {
				found, since = &Recovery{From: *since, To: ev.At, Turned: true}, nil
			}
		}
	}
	return found
}

// Flapping is a health check that fails and passes by turns, and has not stopped to.
type Flapping struct {
	Turns    int // times that it turned unhealthy
	From, To time.Time
}

// minTurns is how many turns are more than two bad moments.
const minTurns = 3

// flappingOf counts the turns of a life; nil = too few, or it got over them: they stayed away for three of their gaps.
func flappingOf(e *evidence.Evidence, x Examined, s ProbeSigns) *Flapping {
	turns := turnsOf(e, x, s)
	if len(turns) < minTurns {
		return nil
	}
	f := &Flapping{Turns: len(turns), From: turns[0], To: turns[len(turns)-1]}
	end := e.Now
	if x.Life.End != nil {
		end = *x.Life.End
	}
	if every := f.To.Sub(f.From) / time.Duration(f.Turns-1); end.Sub(f.To) > recoveryGaps*every {
		return nil
	}
	return f
}

// turnsOf returns the moments at which the check turned unhealthy: as the runtime told them or, where its events have
// lost some, as its probes show.
func turnsOf(e *evidence.Evidence, x Examined, s ProbeSigns) []time.Time {
	var told []time.Time
	for _, ev := range x.Life.Events {
		if ev.Kind == fact.EventHealthTurned && ev.Health == fact.HealthUnhealthy && !UnhealthyByTeardown(x.Life, ev.At) {
			told = append(told, ev.At)
		}
	}
	if e.Spec == nil || e.Spec.Healthcheck == nil {
		return told
	}
	config := e.Spec.Healthcheck.WithDefaults()
	var shown []time.Time
	streak, passed := 0, false
	for _, p := range s.Probes {
		if !p.Failed() {
			streak, passed = 0, true
			continue
		}
		if streak++; streak == config.Retries && (passed || !p.Start.Before(x.Life.Start.Add(config.StartPeriod))) {
			shown = append(shown, p.End)
		}
	}
	if len(shown) > len(told) {
		return shown
	}
	return told
}
