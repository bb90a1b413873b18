package report

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// evidence writes all facts with their weights, the likeliest hypothesis first.
func (p *page) evidence(d answer.Diagnosis) {
	p.Heading("Evidence")
	p.Para(0, p.Text(""), p.Dimmed("Weights are decibans: +10 makes a cause ten times likelier, +20 is a hundred to one, "+
		"a minus speaks against it. Of facts that say the same thing only the strongest counts."))
	for _, e := range ranked(d) {
		p.proofs(e, d.Death.At)
	}
}

func (p *page) proofs(e entry, end *time.Time) {
	p.Blank()
	p.Para(2, p.Text(""), layout.Hued(e.Title, p.Title), p.Text("("+percent(e.Confidence)+")"))
	if e.ExplainedBy != "" {
		p.Para(2, p.Text(""), p.Text("mechanism: brought about by "+e.ExplainedBy+", not a rival of it"))
	}
	if len(e.Findings) == 0 {
		p.Para(4, p.Text(""), p.Text("nothing that was seen speaks for or against it"))
	}
	for _, f := range e.Findings {
		p.finding(f, end)
	}
	for _, m := range e.Missing {
		p.notSeen(m)
	}
}

func (p *page) notSeen(m answer.Missing) {
	why := "it could tell more"
	if m.Why != "" {
		why = m.Why
	}
	p.Para(4, p.Text(""), layout.Hued("not seen:", p.Unsure), p.Text(m.Source+"; "+why))
}

// finding writes one fact with its weight, source and words.
func (p *page) finding(f answer.Finding, end *time.Time) {
	const margin = 18
	hue, weight := p.Title, decibans(f)
	if !f.Counted {
		weight, hue = "("+weight+")", p.Dim
	}
	p.Para(margin, layout.Hued(fmt.Sprintf("    %-7s %5s", f.Says, weight), hue), p.Text(f.Summary))
	where := f.Source
	if f.At != nil {
		where += ", " + f.At.UTC().Format(layout.ClockTime)
		if end != nil {
			where += " (" + relative(f.At.Sub(*end)) + ")"
		}
	}
	where += "; " + f.ID
	if !f.Counted {
		where += "; not counted, says the same as a stronger fact"
	}
	p.Para(margin, p.Text(""), p.Dimmed(where))
	if f.Excerpt != "" {
		p.Quote(margin, f.Excerpt)
	}
}

// logTail writes the newest lines of the examined run's log.
func (p *page) logTail(d answer.Diagnosis) {
	p.Heading("Last lines of its log")
	if len(d.LogTail) == 0 {
		p.Para(2, p.Text(""), p.Text("none: it printed nothing, or its log could not be read"))
	}
	for _, l := range d.LogTail {
		prefix := ""
		if l.At != nil {
			prefix = l.At.UTC().Format(layout.ClockTime) + " "
		}
		p.Quote(2, prefix+l.Stream+" "+sanitize.Clean(l.Text, layout.MaxLiteral))
	}
}
