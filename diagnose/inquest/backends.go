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

// neighbourLogs reads the log of each neighbour; what cannot be read says nothing.
func neighbourLogs(e *evidence.Evidence) [][]servicelog.Finding {
	list := make([][]servicelog.Finding, len(e.Neighbours))
	for i, n := range e.Neighbours {
		report, err := servicelog.Scan(bytes.NewReader(e.Backlogs[n.ID]), servicelog.Options{OneService: true})
		if err == nil {
			list[i] = report.Runs[0].Findings
		}
	}
	return list
}

// backendsOf takes out of the neighbours' logs what they tell of the examined life's time. Weak findings, and what an
// orderly stop brings with it, are left out: they are of no use to another container.
func backendsOf(e *evidence.Evidence, x Examined, logs [][]servicelog.Finding) []BackendFinding {
	from := x.Life.Start
	if !from.IsZero() {
		from = from.Add(-backendReach)
	}
	to := e.Now
	if x.Life.End != nil {
		to = *x.Life.End
	}
	var list []BackendFinding
	for i, log := range logs {
		for _, f := range log {
			if f.Strength == fact.Weak && f.ID != alarmCleared || f.AfterShutdown || f.At.After(to) ||
				f.LastAt.Before(from) && !lasts(log, f) {
				continue
			}
			list = append(list, BackendFinding{Name: e.Neighbours[i].Name, Finding: f})
		}
	}
	slices.SortStableFunc(list, func(a, b BackendFinding) int { return a.At.Compare(b.At) })
	return list
}
