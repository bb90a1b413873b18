package inquest

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// LogSigns are what the service itself printed.
type LogSigns struct {
	Log     *servicelog.Run  // in the examined life; nil = not read
	LogRuns []servicelog.Run // in the lives up to that one; those that wrote nothing left out
}

func logSignsOf(e *evidence.Evidence, x Examined, report *servicelog.Report) LogSigns {
	if report == nil {
		return LogSigns{}
	}
	runs := slices.Clone(report.Runs)
	for i := range runs {
		if runs[i].Start.Equal(x.Life.Start) && x.Alive() {
			runs[i] = strengthened(runs[i], e.Now)
		}
	}
	return LogSigns{Log: logOf(runs, x.Life), LogRuns: logsUpTo(runs, x.Life)}
}

// insistent is from how many sightings on a line that a program handles is no accident.
const insistent = 10

// strengthened takes for its word what was weak because the program that logged it has caught it and goes on: where it
// comes again and again up to the look, and is half of what is printed, the program does not go on without it. The
// given run, which others may read, stays as it is.
func strengthened(run servicelog.Run, now time.Time) servicelog.Run {
	run.Findings = slices.Clone(run.Findings)
	for i := range run.Findings {
		f := &run.Findings[i]
		caught := f.Strength == fact.Weak && f.Role == fact.RoleRoot && f.Cause == "" && f.Other != ""
		if caught && f.Spell.Count >= insistent && comesNow(*f, now) && mostlyStruggles(&run, Began(*f)) {
			f.Strength = fact.Strong
		}
	}
	return run
}

// comesNow tells whether a finding has not missed more turns than chance takes.
func comesNow(f servicelog.Finding, now time.Time) bool {
	return !f.LastAt.IsZero() && now.Sub(f.LastAt) <= max(KernelSlack, recoveryGaps*f.Gap())
}

// mostlyStruggles tells whether good work is at most half of what was printed last, from a moment on.
func mostlyStruggles(run *servicelog.Run, from time.Time) bool {
	lines, good := 0, 0
	for _, l := range run.Tail {
		if l.At.Before(from) {
			continue
		}
		if lines++; !servicelog.Struggles(l.Text) {
			good++
		}
	}
	return lines > 0 && 2*good <= lines
}

// scanLogs reads the service's log, split by the lives' starts; nil = not read.
func scanLogs(e *evidence.Evidence) *servicelog.Report {
	if !e.Read(fact.SourceLogs) {
		return nil
	}
	options := servicelog.Options{OneService: true}
	options.Starts, options.From = e.LogBounds()
	report, err := servicelog.Scan(bytes.NewReader(e.Logs), options)
	if err != nil && report == nil {
		return nil
	}
	return report
}

// logOf finds the report's part for a life; one whose start is unknown owns
// what was printed before the first known start.
func logOf(runs []servicelog.Run, life *evidence.Life) *servicelog.Run {
	for i := range runs {
		if runs[i].Start.Equal(life.Start) {
			return &runs[i]
		}
	}
	return nil
}

// logsUpTo returns the log's parts up to the given life that hold anything.
func logsUpTo(runs []servicelog.Run, life *evidence.Life) []servicelog.Run {
	var list []servicelog.Run
	for _, r := range runs {
		if r.Lines > 0 && !r.Start.After(life.Start) {
			list = append(list, r)
		}
	}
	return list
}

// findings returns those of one cause, without what an orderly stop brings with it:
// what is printed after the stop was asked for does not explain it. Without a request
// the stop is itself the consequence of something, and gunicorn prints its reason last.
func (s LogSigns) findings(cause string, asked bool) []servicelog.Finding {
	if s.Log == nil {
		return nil
	}
	var list []servicelog.Finding
	for _, f := range s.Log.Findings {
		if f.Cause == cause && !ofShutdown(f, asked) {
			list = append(list, f)
		}
	}
	return list
}

// ofShutdown tells whether a line came out of an orderly stop.
func ofShutdown(f servicelog.Finding, asked bool) bool {
	return f.AfterShutdown && (f.Strength == fact.Weak || asked)
}

// loopStarts is how many starts make a restart loop.
const loopStarts = 3

// Recurs tells in how many of the lives up to the examined one a signature was seen, where there are enough of them to
// tell a restart loop's reason from what only one start printed.
func (s LogSigns) Recurs(id string) (in, of int, known bool) {
	for i := range s.LogRuns {
		for _, f := range s.LogRuns[i].Findings {
			if f.ID == id {
				in++
				break
			}
		}
	}
	return in, len(s.LogRuns), len(s.LogRuns) >= loopStarts
}

// LoopReason tells whether every start of a restart loop shows some failure of this container's own: then what only one
// of them shows is beside it (docs/notes/PYTHON.md#4.1).
func (s LogSigns) LoopReason() bool {
	if s.Log == nil {
		return false
	}
	for _, f := range s.Log.Findings {
		if in, of, known := s.Recurs(f.ID); known && in == of && f.Cause != "" && f.Strength != fact.Weak {
			return true
		}
	}
	return false
}

// LastLine is the last line of the life's log that is not empty; "" = none.
func (s LogSigns) LastLine() string {
	if s.Log == nil {
		return ""
	}
	for i := len(s.Log.Tail) - 1; i >= 0; i-- {
		if text := strings.TrimSpace(s.Log.Tail[i].Text); text != "" {
			return text
		}
	}
	return ""
}

// LogHas returns the first finding with one of the given IDs, of any cause.
func (s LogSigns) LogHas(ids ...string) *servicelog.Finding {
	if s.Log == nil {
		return nil
	}
	for i, f := range s.Log.Findings {
		for _, id := range ids {
			if f.ID == id {
				return &s.Log.Findings[i]
			}
		}
	}
	return nil
}

// Unclassified is the signature of an exception of which the table knows no more.
const Unclassified = "unclassified-traceback"

// exceptionAt returns the uncaught exception that the service printed as it
// ended, where no signature claims it; nil = none.
func (s LogSigns) exceptionAt(end *time.Time) *servicelog.Finding {
	if s.Log == nil || end == nil {
		return nil
	}
	for i := len(s.Log.Findings) - 1; i >= 0; i-- {
		f := &s.Log.Findings[i]
		if f.ID == Unclassified && f.Exception != nil && f.LastAt.Sub(*end).Abs() <= 2*time.Second {
			return f
		}
	}
	return nil
}

// HungWorkerReplaced tells whether gunicorn has killed the worker that hung and booted another, and nothing shows that
// this one hangs, too: then a restart would only do again what is done, and what lives now says nothing of what hung.
func (c Case) HungWorkerReplaced() bool {
	if c.Unhealthy != nil || c.Streak > 0 || len(c.StuckLoops) > 0 || c.ReplayedAs("hanging") {
		return false
	}
	return c.WorkerReplaced()
}

// WorkerReplaced tells whether gunicorn has killed a worker that hung, and the one that it booted for it lives.
func (c Case) WorkerReplaced() bool {
	if c.Log == nil {
		return false
	}
	last := 0
	for _, w := range c.Log.Workers {
		if w.End == servicelog.WorkerTimedOut {
			last = max(last, w.EndedLine)
		}
	}
	return last > 0 && slices.ContainsFunc(c.Log.Workers, func(w servicelog.Worker) bool {
		return w.End == servicelog.WorkerLives && w.StartedLine > last
	})
}

// withServed takes back that an exception ended the start where a health check had passed before: whatever the
// program's own words, it served. What a server itself calls its start stays one: of several workers another may have
// passed.
func (s LogSigns) withServed(probes []Probe) LogSigns {
	return s.edited(func(f *servicelog.Finding) {
		passed := func(p Probe) bool { return !p.Failed() && p.End.Before(f.At) }
		if f.ID == "startup-exception" && f.Strength != fact.Conclusive && slices.ContainsFunc(probes, passed) {
			f.ID, f.Cause = Unclassified, ""
		}
	})
}

// edited returns the signs with another reading of what was found in the examined life; the given ones stay as they
// are.
func (s LogSigns) edited(edit func(*servicelog.Finding)) LogSigns {
	if s.Log == nil {
		return s
	}
	run := *s.Log
	run.Findings = slices.Clone(run.Findings)
	for i := range run.Findings {
		edit(&run.Findings[i])
	}
	s.LogRuns = slices.Clone(s.LogRuns)
	for i := range s.LogRuns {
		if s.LogRuns[i].Start.Equal(run.Start) {
			s.LogRuns[i] = run
		}
	}
	s.Log = &run
	return s
}
