package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// TestSilenceOfAService: nothing stood behind a Service at the end of a life, whatever is so of it now, only where the
// times say so; where they are not known, only what the log says of it counts.
func TestSilenceOfAService(t *testing.T) {
	end := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	at := func(seconds int) *time.Time { v := end.Add(time.Duration(seconds) * time.Second); return &v }
	said := []servicelog.Finding{{Other: fact.DependencyDown, Object: "redis:6379"}}
	down := func(from *time.Time) evidence.Neighbour {
		return evidence.Neighbour{Name: "redis", Service: "redis", State: fact.StateExited, Down: "has no pod",
			FinishedAt: from}
	}
	back := func(from, to *time.Time) evidence.Neighbour {
		return evidence.Neighbour{Name: "redis", Service: "redis", State: fact.StateRunning, Down: "was away",
			FinishedAt: from, StartedAt: to}
	}
	named := down(at(-3600))
	named.NamedBy = []string{"REDIS_URL"}
	for name, tt := range map[string]struct {
		n     evidence.Neighbour
		said  []servicelog.Finding
		now   *time.Time
		stuck bool
	}{
		"for an hour":                    {down(at(-3600)), said, at(10), true},
		"for an hour, a setting says":    {named, nil, at(10), true},
		"for an hour, nothing names it":  {down(at(-3600)), nil, at(10), false},
		"only since the end":             {down(at(5)), said, at(10), false},
		"nobody knows since when":        {down(nil), said, at(10), true},
		"nobody knows, and long ago":     {down(nil), said, at(3600), false},
		"nobody knows, nothing names it": {down(nil), nil, at(10), false},
		"back":                           {back(at(-5), at(2)), said, at(10), true},
		"back before that":               {back(at(-3600), at(-600)), said, at(10), false},
		"away only later":                {back(at(5), at(7)), said, at(10), false},
		"back, nothing names it":         {back(at(-5), at(2)), nil, at(10), false},
	} {
		life := evidence.Life{Start: end.Add(-time.Minute), End: &end}
		e := evidence.Evidence{Now: *tt.now, Neighbours: []evidence.Neighbour{tt.n}, Runtime: evidence.Runtime{
			Spec: &evidence.Spec{}}}
		got := dependenciesOf(&e, Examined{Life: &life}, Signs{LogSigns: LogSigns{Log: &servicelog.Run{Findings: tt.said}}})
		if (len(got) > 0) != tt.stuck {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
