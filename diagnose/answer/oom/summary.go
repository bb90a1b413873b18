package oom

import (
	"math"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// Summary is what happened to one container, unit or pod in all.
type Summary struct {
	Container *kernellog.Container `json:"container"`        // null where the log tells none
	Cgroup    string               `json:"cgroup,omitempty"` // where there is no container to name
	Events    int                  `json:"events"`           // times that memory ran out
	Kills     int                  `json:"kills"`            // processes killed
	First     *time.Time           `json:"first,omitempty"`
	Last      *time.Time           `json:"last,omitempty"`
	FirstBoot *float64             `json:"firstBootSeconds,omitempty"`
	LastBoot  *float64             `json:"lastBootSeconds,omitempty"`
	Rhythm    Rhythm               `json:"rhythm"`
}

// Rhythm is how regularly memory ran out.
type Rhythm struct {
	Kind string `json:"kind"` // once, regular, irregular or unknown
	// The times between one event and the next, in seconds; null where there are
	// none, or no times.
	MedianSeconds   *float64 `json:"medianSeconds,omitempty"`
	ShortestSeconds *float64 `json:"shortestSeconds,omitempty"`
	LongestSeconds  *float64 `json:"longestSeconds,omitempty"`
}

// The kinds of rhythm.
const (
	RhythmOnce      = "once"
	RhythmRegular   = "regular" // a leak under a steady load, or a job that comes by the clock
	RhythmIrregular = "irregular"
	RhythmUnknown   = "unknown" // the log has no times, those of two clocks, or spans boots
)

// tally is a summary in the making.
type tally struct {
	Summary
	event   int       // the last one counted
	moments []float64 // of the events, in seconds
}

// summarise counts by container, the one with most kills first, then the one that
// comes first in the log.
func summarise(kills []Kill) []Summary {
	places := map[string]int{}
	var tallies []tally
	for _, k := range kills {
		key, cgroup := keyOf(k.Kill)
		place, ok := places[key]
		if !ok {
			place = len(tallies)
			places[key] = place
			tallies = append(tallies, tally{Summary: Summary{Container: k.Container, Cgroup: cgroup, First: k.At,
				FirstBoot: k.BootSeconds}})
		}
		tallies[place].add(k.Kill)
	}
	slices.SortStableFunc(tallies, func(a, b tally) int { return b.Kills - a.Kills })
	var sums []Summary
	for _, t := range tallies {
		t.Rhythm = rhythmOf(t.moments)
		sums = append(sums, t.Summary)
	}
	return sums
}

// keyOf tells apart whose kills they are: by container, else by cgroup. Kills of
// which nothing is known are counted together, under no name.
func keyOf(k kernellog.Kill) (key, cgroup string) {
	switch c := k.Container; {
	case c == nil:
		return "cgroup " + k.TaskCgroup, k.TaskCgroup
	case c.ID != "":
		return "id " + c.ID, ""
	case c.Name != "":
		return c.Runtime + " " + c.Name, ""
	default:
		return "pod " + c.PodUID, ""
	}
}

func (t *tally) add(k kernellog.Kill) {
	t.Kills++
	t.Last, t.LastBoot = k.At, k.BootSeconds
	if t.event == k.Event {
		return // another victim of the same
	}
	t.event = k.Event
	t.Events++
	moment := math.NaN()
	switch {
	case (k.At != nil) != (t.First != nil): // the wall's clock and the kernel's are not to be compared
	case k.At != nil:
		moment = float64(k.At.UnixMicro()) / 1e6
	case k.BootSeconds != nil:
		moment = *k.BootSeconds
	}
	t.moments = append(t.moments, moment)
}

const (
	// regularFrom is how many gaps it takes to speak of a rhythm.
	regularFrom = 3
	// regularSpread is how far the gaps of a regular one may lie from their median.
	regularSpread = 0.25
)

// rhythmOf judges the gaps between events. Times that run backwards are those of
// different boots.
func rhythmOf(moments []float64) Rhythm {
	if len(moments) < 2 {
		return Rhythm{Kind: RhythmOnce}
	}
	var gaps []float64
	for i, m := range moments[1:] {
		gap := m - moments[i]
		if math.IsNaN(gap) || gap < 0 {
			return Rhythm{Kind: RhythmUnknown}
		}
		gaps = append(gaps, gap)
	}
	slices.Sort(gaps)
	median := gaps[len(gaps)/2]
	shortest, longest := gaps[0], gaps[len(gaps)-1]
	r := Rhythm{Kind: RhythmIrregular, MedianSeconds: &median, ShortestSeconds: &shortest, LongestSeconds: &longest}
	if len(gaps) >= regularFrom && median-shortest <= regularSpread*median && longest-median <= regularSpread*median {
		r.Kind = RhythmRegular
	}
	return r
}
