// Package diagnose is the pipeline from a bundle to a diagnosis:
//
//	bundle ─► evidence ─► case (runs, death, artefacts out) ─► findings ─► ranking ─► Diagnosis
//
// Everything in it is pure: no network, no disk, no clock. The same bundle gives
// the same Diagnosis, byte for byte, whether it was captured a second or a year ago.
package diagnose

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// Diagnose holds an incident against the ten causes.
func Diagnose(b *bundle.Bundle) Diagnosis {
	c := newCase(evidence.Read(b))
	hypotheses := rank(c)
	return view(c, hypotheses, b.Manifest())
}

// newCase segments time, picks the run to explain, takes the artefacts out and
// works out the death, in this order: each step needs the one before.
func newCase(e *evidence.Evidence) *evidence.Case {
	c := &evidence.Case{Evidence: e}
	c.Runs = runsOf(e)
	logs := scanLogs(e, c.Runs)
	if n := len(c.Runs); n > 0 {
		examine(c, logs, n-1)
		if i := examined(c.Runs, c.Troubled() || c.Unhealthy != nil); i != n-1 {
			c = &evidence.Case{Evidence: e, Runs: c.Runs}
			examine(c, logs, i)
			if cleanly(c) { // the run before was stopped on request: today's run is the patient
				c = &evidence.Case{Evidence: e, Runs: c.Runs}
				examine(c, logs, n-1)
			}
		}
		return c
	}
	c.Death = deathOf(c)
	return c
}

// examine fills in the facts of run i.
func examine(c *evidence.Case, logs *servicelog.Report, i int) {
	c.Run = &c.Runs[i]
	c.LaterRuns = len(c.Runs) - 1 - i
	c.Restarted = c.LaterRuns > 0 && c.Runs[len(c.Runs)-1].Alive
	for _, r := range c.Runs[:i] {
		if r.ExitCode != nil {
			c.EarlierEnds = append(c.EarlierEnds, *r.ExitCode)
		}
	}
	c.Log = logOfRun(logs, c.Run)
	c.LogRuns = logsUpTo(logs, c.Run)
	c.OOMEvents, c.SiblingOOM = oomEventsOf(c)
	c.OOMAtEnd = oomAtEnd(c)
	c.Kills = killsOf(c)
	c.KillAtEnd = killAtEnd(c)
	c.StickyOOM = stickyOOM(c)
	c.Probes = probesOf(c)
	c.Streak = streakOf(c)
	c.Unhealthy = unhealthyOf(c)
	c.Death = deathOf(c)
	c.Crashes = crashesOf(c)
	c.Replayed = replayed(c)
	c.Backends = backendsOf(c)
}

// cleanly tells whether the examined run was ended on request with nothing wrong
// before: a deploy or a docker restart, not a death to explain.
func cleanly(c *evidence.Case) bool {
	r := c.Death.Request
	return r != nil && r.Unhealthy == nil && !c.Troubled() && len(c.Kills) == 0
}

// scanLogs reads the service's log once, split by the runs' starts.
func scanLogs(e *evidence.Evidence, runs []evidence.Run) *servicelog.Report {
	if !e.Read(fact.SourceLogs) {
		return nil
	}
	options := servicelog.Options{OneService: true}
	for _, r := range runs {
		if !r.Start.IsZero() {
			options.Starts = append(options.Starts, r.Start)
		}
	}
	report, err := servicelog.Scan(bytes.NewReader(e.Logs), options)
	if err != nil && report == nil {
		return nil
	}
	return report
}

// logOfRun finds the report's part for a run; a run whose start is unknown owns
// what was printed before the first known start.
func logOfRun(report *servicelog.Report, run *evidence.Run) *servicelog.Run {
	if report == nil {
		return nil
	}
	for i := range report.Runs {
		if report.Runs[i].Start.Equal(run.Start) {
			return &report.Runs[i]
		}
	}
	return nil
}

// logsUpTo returns the log's runs up to the given one that wrote anything.
func logsUpTo(report *servicelog.Report, run *evidence.Run) []servicelog.Run {
	if report == nil {
		return nil
	}
	var list []servicelog.Run
	for _, r := range report.Runs {
		if r.Lines > 0 && !r.Start.After(run.Start) {
			list = append(list, r)
		}
	}
	return list
}

// hypothesis is a cause or alternative with its arithmetic.
type hypothesis struct {
	cause.Cause
	findings    []cause.Finding
	score       float64 // decibans: prior, own evidence, and what it explains
	own         float64 // decibans of its own evidence for it
	probability float64
	explains    []string // causes it was found to explain in this case, strongest first
}
