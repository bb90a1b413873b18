package answer

import (
	"fmt"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Repeats tell how often the same container ended, or had processes killed for lack of memory. They count what is on
// record: a runtime that has forgotten earlier ends still counts its restarts.
type Repeats struct {
	Restarts int    `json:"restarts"` // by the restart policy, as the runtime counts them
	Ends     Series `json:"ends"`
	Kills    Series `json:"oomKills"` // by the kernel, in the examined run
}

// Series is something that happened several times.
type Series struct {
	Count        int        `json:"count"`
	First        *time.Time `json:"first,omitempty"`
	Last         *time.Time `json:"last,omitempty"`
	EverySeconds float64    `json:"everySeconds,omitempty"` // the middle one of the gaps between them; absent below three
}

// repeatsOf is nil where nothing happened twice.
func repeatsOf(c inquest.Case) *Repeats {
	var ends, kills []time.Time
	for _, l := range c.Lives {
		if l.End != nil {
			ends = append(ends, *l.End)
		}
	}
	for _, k := range c.Kills {
		if k.At != nil {
			kills = append(kills, *k.At)
		}
	}
	r := Repeats{Ends: series(ends), Kills: series(kills)}
	if c.Spec != nil {
		r.Restarts = c.Status.Restarts
	}
	if r.Restarts == 0 && r.Ends.Count < 2 && r.Kills.Count < 2 {
		return nil
	}
	return &r
}

func series(list []time.Time) Series {
	s := Series{Count: len(list)}
	if len(list) == 0 {
		return s
	}
	list = slices.SortedFunc(slices.Values(list), time.Time.Compare)
	s.First, s.Last = &list[0], &list[len(list)-1]
	if len(list) < 3 {
		return s
	}
	gaps := make([]time.Duration, len(list)-1)
	for i := range gaps {
		gaps[i] = list[i+1].Sub(list[i])
	}
	slices.Sort(gaps)
	s.EverySeconds = rounded(gaps[len(gaps)/2].Seconds())
	return s
}

// String says it in one line: "restarted 6 times; ended 7 times from 11:48:36 to 11:49:40, every 10.5 s".
func (r Repeats) String() string {
	text := ""
	add := func(more string) {
		if text != "" {
			text += "; "
		}
		text += more
	}
	if r.Restarts > 0 {
		add("restarted " + words.Times(r.Restarts) + " by its policy")
	}
	if r.Ends.Count > 1 {
		add("ended " + r.Ends.String())
	}
	if r.Kills.Count > 1 {
		add("processes killed for lack of memory " + r.Kills.String())
	}
	return text
}

func (s Series) String() string {
	text := words.Times(s.Count)
	if s.First != nil && s.Last != nil {
		const clock = "15:04:05"
		text += fmt.Sprintf(" from %s to %s", s.First.UTC().Format(clock), s.Last.UTC().Format(clock))
	}
	if s.EverySeconds > 0 {
		text += ", every " + words.Seconds(s.EverySeconds)
	}
	return text
}
