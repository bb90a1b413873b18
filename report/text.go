package report

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// renderText writes a report for people: a page of one container, or several in a table
// with the pages of those that failed.
func renderText(w *bytes.Buffer, r answer.Report, s layout.Style) error {
	p := newPage(s)
	switch {
	case len(r.Diagnoses) == 0:
		p.Para(0, p.Text(""), p.Text("Nothing was diagnosed: no container was chosen, or none could be read."))
	case len(r.Diagnoses) > 1 || s.Quiet:
		p.many(r, s)
	default:
		p.screen(r.Diagnoses[0], "")
	}
	return p.Print(w)
}

// screenLines is the height of the terminal that one container's page fits on.
const screenLines = 45

// budget is how much of each section a page shows.
type budget struct {
	lead    int // lines of the verdict's sentence
	then    int // pieces of advice with their detail and snippet; the others are named
	detail  bool
	moments int // of the timeline
	facts   int // for the verdict
	excerpt int // lines of one excerpt
	words   int // last lines of the log, where no cause is named
}

// budgets are tried from the roomiest on until a page fits on a screen.
var budgets = []budget{
	{lead: 8, then: 3, detail: true, moments: 8, facts: 6, excerpt: 4, words: 8},
	{lead: 8, then: 2, detail: true, moments: 8, facts: 4, excerpt: 2, words: 6},
	{lead: 6, then: 1, detail: true, moments: 8, facts: 3, excerpt: 1, words: 5},
	{lead: 6, then: 1, moments: 6, facts: 3, excerpt: 1, words: 4},
	{lead: 5, then: 1, moments: 4, facts: 2, excerpt: 1, words: 3},
	{lead: 4, moments: 4, facts: 1, words: 2},
}

var everything = budget{lead: 1 << 20, then: 1 << 20, detail: true, moments: 1 << 20, facts: 1 << 20,
	excerpt: 1 << 20, words: 1 << 20}

// screen writes one container, on one screen where that is possible at all; verbose,
// everything that is known about it.
func (p *page) screen(d answer.Diagnosis, suffered string) {
	if p.Verbose {
		p.diagnosis(d, suffered, everything)
		p.ranking(d)
		p.evidence(d)
		p.allFixes(d)
		p.sources(d)
		p.logTail(d)
		return
	}
	for _, b := range budgets {
		trial := p.empty()
		trial.diagnosis(d, suffered, b)
		if trial.Height() <= screenLines || b == budgets[len(budgets)-1] {
			p.Add(trial.Page)
			return
		}
	}
}

// diagnosis writes what matters most first: who it is and the verdict, what to do now
// and then, when what happened, why that is the verdict, what it is not, and what
// nobody could see.
func (p *page) diagnosis(d answer.Diagnosis, suffered string, b budget) {
	p.upToWhy(d, suffered, b)
	p.rivals(d)
	p.not(d)
	p.unseen(d)
	if d.Verdict.Kind == fact.VerdictUndetermined && !p.Verbose {
		p.lastWords(d, b)
	}
}

// upToWhy writes what a screen of its own and the details among others have in common.
func (p *page) upToWhy(d answer.Diagnosis, suffered string, b budget) {
	p.target(d)
	p.Blank()
	p.verdict(d, suffered, b)
	p.nowAndThen(d, b)
	if d.Verdict.Kind == fact.VerdictUndetermined {
		p.next(d)
	}
	p.when(d, b)
	p.Blank()
	p.why(d, b)
}
