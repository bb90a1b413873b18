package inquest

import (
	"bytes"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// BackendFinding is what the log of a neighbour says: a broker, a cache or a database that this container depends on.
type BackendFinding struct {
	Name string // of the neighbour
	servicelog.Finding
}

// backendReach is how long before the life began a neighbour's trouble may still be what it met.
const backendReach = time.Minute

// lasts tells of an alarm that nothing in the log takes back: it may be older than the life that meets it.
func lasts(list []servicelog.Finding, f servicelog.Finding) bool {
	return f.ID == alarmSet && !slices.ContainsFunc(list, func(other servicelog.Finding) bool {
		return other.ID == alarmCleared && other.LastAt.After(f.LastAt)
	})
}

// backendsOf reads the logs of the neighbours for what they tell of the examined life's time. Weak findings, and what
// an orderly stop brings with it, are left out: they are of no use to another container.
func backendsOf(e *evidence.Evidence, x Examined) []BackendFinding {
	from := x.Life.Start
	if !from.IsZero() {
		from = from.Add(-backendReach)
	}
	to := e.Now
	if x.Life.End != nil {
		to = *x.Life.End
	}
	var list []BackendFinding
	for _, n := range e.Neighbours {
		report, err := servicelog.Scan(bytes.NewReader(e.Backlogs[n.ID]), servicelog.Options{OneService: true})
		if err != nil {
			continue
		}
		for _, f := range report.Runs[0].Findings {
			if f.Strength == fact.Weak && f.ID != alarmCleared || f.AfterShutdown || f.At.After(to) ||
				f.LastAt.Before(from) && !lasts(report.Runs[0].Findings, f) {
				continue
			}
			list = append(list, BackendFinding{Name: n.Name, Finding: f})
		}
	}
	slices.SortStableFunc(list, func(a, b BackendFinding) int { return a.At.Compare(b.At) })
	return list
}
