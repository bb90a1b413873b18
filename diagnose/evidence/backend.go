package evidence

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// BackendFinding is what the log of a neighbour says: a broker, a cache or a database that this container depends on.
type BackendFinding struct {
	Name string // of the neighbour
	servicelog.Finding
}

// FirstTrouble is when the trouble of the examined run's end, or of now, was first seen in this container itself: by its
// log, its failing probes or its exit; nil = there is none. Causes lie before it, effects only after. What it got over
// earlier does not count: probes often fail while a service starts.
func (c *Case) FirstTrouble() *time.Time {
	var first *time.Time
	note := func(at time.Time) {
		if !at.IsZero() && (first == nil || at.Before(*first)) {
			first = &at
		}
	}
	if c.Log != nil {
		for _, f := range c.Log.Findings {
			if f.Strength != fact.Weak && !c.noise(f) && !c.Over(f) {
				note(f.At)
			}
		}
	}
	for _, p := range c.Probes[max(len(c.Probes)-c.Streak, 0):] {
		note(p.Start)
	}
	if code, known := c.Exit(); known && code != 0 && c.Death.At != nil {
		note(*c.Death.At)
	}
	return first
}
