package report

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
)

// evidence writes all facts with their weights, the likeliest hypothesis first.
func (p *page) evidence(d answer.Diagnosis) {
	p.heading("Evidence")
	p.para(0, p.text(""), p.dimmed("Weights are decibans: +10 makes a cause ten times likelier, +20 is a hundred to one, "+
		"a minus speaks against it. Of facts that say the same thing only the strongest counts."))
	for _, e := range ranked(d) {
		p.proofs(e, d.Death.At)
	}
}

func (p *page) proofs(e entry, end *time.Time) {
	p.blank()
	p.para(2, p.text(""), span{e.Title, p.title}, p.text("("+percent(e.Confidence)+")"))
	if e.ExplainedBy != "" {
		p.para(2, p.text(""), p.text("mechanism: brought about by "+e.ExplainedBy+", not a rival of it"))
	}
	if len(e.Findings) == 0 {
		p.para(4, p.text(""), p.text("nothing that was seen speaks for or against it"))
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
	p.para(4, p.text(""), span{"not seen:", p.unsure}, p.text(m.Source+"; "+why))
}

// finding writes one fact with its weight, source and words.
func (p *page) finding(f answer.Finding, end *time.Time) {
	const margin = 18
	hue, weight := p.title, decibans(f)
	if !f.Counted {
		weight, hue = "("+weight+")", p.dim
	}
	p.para(margin, span{fmt.Sprintf("    %-7s %5s", f.Says, weight), hue}, p.text(f.Summary))
	where := f.Source
	if f.At != nil {
		where += ", " + f.At.UTC().Format(clockTime)
		if end != nil {
			where += " (" + relative(f.At.Sub(*end)) + ")"
		}
	}
	where += "; " + f.ID
	if !f.Counted {
		where += "; not counted, says the same as a stronger fact"
	}
	p.para(margin, p.text(""), p.dimmed(where))
	if f.Excerpt != "" {
		p.quote(margin, f.Excerpt)
	}
}

// logTail writes the newest lines of the examined run's log.
func (p *page) logTail(d answer.Diagnosis) {
	p.heading("Last lines of its log")
	if len(d.LogTail) == 0 {
		p.para(2, p.text(""), p.text("none: it printed nothing, or its log could not be read"))
	}
	for _, l := range d.LogTail {
		prefix := ""
		if l.At != nil {
			prefix = l.At.UTC().Format(clockTime) + " "
		}
		p.quote(2, prefix+l.Stream+" "+Clean(l.Text, maxLiteral))
	}
}
