package diagnose

import (
	"bytes"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// backendReach is how long before the run began a neighbour's trouble may still be what the run met.
const backendReach = time.Minute

// backendsOf reads the logs of the neighbours for what they tell of the examined run's time. Weak findings, and what an
// orderly stop brings with it, are left out: they are of no use to another container.
func backendsOf(c *evidence.Case) []evidence.BackendFinding {
	if c.Run == nil {
		return nil
	}
	from := c.Run.Start
	if !from.IsZero() {
		from = from.Add(-backendReach)
	}
	to := c.Now
	if c.Run.End != nil {
		to = *c.Run.End
	}
	var list []evidence.BackendFinding
	for _, n := range c.Neighbours {
		report, err := servicelog.Scan(bytes.NewReader(c.Backlogs[n.ID]), servicelog.Options{OneService: true})
		if err != nil {
			continue
		}
		for _, f := range report.Runs[0].Findings {
			if f.Strength == fact.Weak && f.ID != "rabbitmq-alarm-cleared" || f.AfterShutdown || f.LastAt.Before(from) || f.At.After(to) {
				continue
			}
			list = append(list, evidence.BackendFinding{Name: n.Name, Finding: f})
		}
	}
	slices.SortStableFunc(list, func(a, b evidence.BackendFinding) int { return a.At.Compare(b.At) })
	return list
}
