package servicelog

import (
	"fmt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
	"time"
)

const (
	answersKept = 40 // the newest answers that are looked at
	fewAnswers  = 5  // below that, errors are single ones
	mostOfTen   = 8  // so many of ten answers are most
	wellAgain   = 3  // so many answers in a row without an error end a run of errors
)

// answers follow what requests were answered, health checks left out: a server that answers each of them with an error
// serves nobody, however well its health check passes.
type answers struct {
	Answers
	failed [answersKept]bool // a ring
	n      int               // answers of all
	well   int               // without an error, in a row, until the newest
	first  sighting          // of the newest run of errors
	run    int               // answers since then, of all
	count  int               // errors among them
}

func (a *answers) add(line access, p prefix.Line, l *logical) {
	bad := line.status >= 500
	a.failed[a.n%answersKept] = bad
	a.n++
	at := instant(l.at, l.timed)
	a.run++
	if !bad {
		if a.well++; a.well == 1 {
			a.WellSince = at
		}
		return
	}
	sg := sighting{at: at, line: l.number, excerpt: excerpt.Line(l.text), pid: messagePID(p)}
	if a.count == 0 || a.well >= wellAgain {
		a.first, a.run, a.count, a.Before = sg, 1, 0, a.Before+a.well
	}
	a.FailedAt, a.well = at, 0
	a.count++
}

// settle returns what is told of them. What came before the newest run of errors is of another time.
func (a *answers) settle() Answers {
	a.Seen = min(a.run, answersKept)
	for k := range a.Seen {
		if a.failed[(a.n-1-k)%answersKept] {
			a.Failed++
		}
	}
	a.Well = a.well
	if a.count == 0 || a.well == 0 {
		a.WellSince = time.Time{}
	}
	return a.Answers
}

// answersFail reports that all or most of the newest requests were answered with an error, with the exception that was
// printed meanwhile.
func (s *runScan) answersFail() {
	s.run.Answers = s.answers.settle()
	a := s.answers
	if a.Seen < fewAnswers || a.Failed*10 < a.Seen*mostOfTen || a.well >= wellAgain {
		return
	}
	g := s.derive("answers-fail", a.first.at, a.first.line, a.first.excerpt, s.failingException(a.first.at))
	g.pid = a.first.pid
	s.commit(g)
	if f := s.finding("answers-fail"); f != nil {
		f.Count, f.LastAt, f.Spell.Count = a.count, a.FailedAt, a.count
		f.Object = fmt.Sprintf("%d of the last %d requests", a.Failed, a.Seen)
	}
}

// failingException is what was printed most often of the exceptions since a moment; nil = none.
func (s *runScan) failingException(since time.Time) *traceback.Exception {
	var most *Finding
	for i := range s.run.Findings {
		f := &s.run.Findings[i]
		if f.Exception != nil && !f.LastAt.Before(since.Add(-time.Second)) && (most == nil || f.Count > most.Count) {
			most = f
		}
	}
	if most == nil {
		return nil
	}
	return most.Exception
}

// resumed looks for lines of good work that came before what was told of a dependency or a pool, not meanwhile, and
// again since.
func (s *runScan) resumed() {
	for i := range s.run.Findings {
		f := &s.run.Findings[i]
		if f.Spell.At.IsZero() || f.Cause == "" && f.Other == "" {
			continue
		}
		line := -1
		for _, t := range s.templates.byHash {
			if t.line > line && t.resumed(f.Spell.At.UnixNano(), f.LastAt.UnixNano()) && !Struggles(string(t.text)) {
				line, f.Resumed = t.line, numberless(string(t.text))
			}
		}
	}
}

// So often a line must have come before an outage to be the program's work, and so often again.
const (
	workTimes    = 3
	resumedTimes = 2
)

// resumed tells whether the line came before a time, not in it, and again after it.
func (t *template) resumed(from, to int64) bool {
	if t.first >= from {
		return false
	}
	after := 0
	for k := range min(t.n, maxTogether) {
		switch at := t.recent[(t.n-1-k)%maxTogether]; {
		case at > to:
			after++
		case at >= from:
			return false
		default:
			return after >= resumedTimes && t.n-after >= workTimes
		}
	}
	return false
}
