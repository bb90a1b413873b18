package report

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// renderText writes a report for people. Several containers get a summary table first.
func renderText(w *bytes.Buffer, r answer.Report, s Style) error {
	p := newPage(s)
	if len(r.Diagnoses) == 0 {
		p.para(0, p.text(""), p.text("Nothing was diagnosed: no container was chosen, or none could be read."))
	}
	if len(r.Diagnoses) > 1 || s.Quiet && len(r.Diagnoses) == 1 {
		p.summary(r)
	}
	if s.Quiet {
		return p.writeTo(w)
	}
	p.chains(r.Chains)
	for i, d := range r.Diagnoses {
		if i > 0 || len(r.Diagnoses) > 1 {
			p.blank()
			p.rule("=")
		}
		p.screen(d, sufferedFrom(r.Chains, d.Target.ID))
	}
	return p.writeTo(w)
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
	if p.verbose {
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
		if bytes.Count(trial.buf.Bytes(), []byte("\n")) <= screenLines || b == budgets[len(budgets)-1] {
			p.buf.Write(trial.buf.Bytes())
			return
		}
	}
}

// diagnosis writes what matters most first: who it is and the verdict, what to do now
// and then, when what happened, why that is the verdict, what it is not, and what
// nobody could see.
func (p *page) diagnosis(d answer.Diagnosis, suffered string, b budget) {
	p.target(d)
	p.blank()
	p.verdict(d, suffered, b)
	p.nowAndThen(d, b)
	if d.Verdict.Kind == fact.VerdictUndetermined {
		p.next(d)
	}
	p.when(d, b)
	p.blank()
	p.why(d, b)
	p.rivals(d)
	p.not(d)
	p.unseen(d)
	if d.Verdict.Kind == fact.VerdictUndetermined && !p.verbose {
		p.lastWords(d, b)
	}
}

// summary lists the containers, one line each.
func (p *page) summary(r answer.Report) {
	const nameWidth, wordWidth, sureWidth = 20, 11, 5
	room := p.columns - nameWidth - wordWidth - sureWidth - 6
	var rows [][]string
	for _, d := range r.Diagnoses {
		word, hue := p.kind(d.Verdict)
		sure := percent(d.Verdict.Confidence)
		if d.Verdict.Kind == fact.VerdictUndetermined {
			sure = "" // the number is that of the best guess, not of a verdict
		}
		rows = append(rows, []string{
			cell(d.Target.Name, nameWidth), hue.Sprint(word), sure, cell(oneSentence(r, d), room),
		})
	}
	p.table([]string{"container", "verdict", "", "summary"}, rows)
}
