package report

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

const (
	shownFrom   = 0.05 // confidence from which a hypothesis's evidence is shown
	maxFindings = 8    // of one hypothesis, unless verbose
)

// evidence writes the facts behind the top of the ranking.
func (p *page) evidence(d answer.Diagnosis) {
	p.heading("Evidence")
	p.para(0, p.text(""), p.dimmed("Weights are decibans: +10 makes a cause ten times likelier, +20 is a hundred to one, "+
		"a minus speaks against it. Of facts that say the same thing only the strongest counts."))
	for i, e := range ranked(d) {
		if shownAtOnce(e, i) || p.verbose {
			p.proofs(e, d.Death.At)
		}
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
	for i, f := range e.Findings {
		if i == maxFindings && !p.verbose {
			p.para(4, p.text(""), p.dimmed(words.Count(len(e.Findings)-i, "weaker fact")+" not shown (-v shows all)"))
			break
		}
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
	hue := p.bad // a fact for a cause is bad news
	if f.Says == fact.SaysAgainst {
		hue = p.good
	}
	weight := decibans(f)
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
func (p *page) logTail(d answer.Diagnosis, most int) {
	p.heading("Last lines of its log")
	if len(d.LogTail) == 0 {
		p.para(2, p.text(""), p.text("none: it printed nothing, or its log could not be read"))
	}
	for _, l := range d.LogTail[max(0, len(d.LogTail)-most):] {
		prefix := ""
		if l.At != nil {
			prefix = l.At.UTC().Format(clockTime) + " "
		}
		p.quote(2, prefix+l.Stream+" "+Clean(l.Text, maxLiteral))
	}
}
