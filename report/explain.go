package report

import (
	"fmt"
	"io"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
)

// Explain writes a cause; several become a table of them.
func Explain(w io.Writer, e answer.Explanation, s Style) error {
	p := newPage(s)
	if len(e.Causes) == 1 {
		p.cause(e.Causes[0])
		return p.writeTo(w)
	}
	const idWidth = 25
	var rows [][]string
	for _, c := range e.Causes {
		rows = append(rows, []string{fmt.Sprint(c.Number), cell(c.ID, idWidth), cell(c.Title, p.columns-idWidth-6)})
	}
	p.table([]string{"#", "cause", "what it is"}, rows)
	p.blank()
	p.para(0, p.text(""), p.text("`gwdoctor explain CAUSE`, by name or number, tells its symptoms, evidence and fixes."))
	return p.writeTo(w)
}

func (p *page) cause(c answer.ExplainedCause) {
	p.para(0, p.text(""), span{fmt.Sprintf("%d. %s", c.Number, c.Title), p.title}, p.dimmed("("+c.ID+")"))
	p.section("What it looks like", c.Symptom)
	p.section("How it comes about", c.Reason)
	if len(c.Detect) > 0 {
		p.heading("How to see it by hand")
		for _, line := range c.Detect {
			p.command(2, "", line)
		}
	}
	p.heading("What speaks for it and against it")
	p.para(2, p.text(""), p.dimmed("decibans: +10 makes it ten times likelier, +20 is a hundred to one"))
	for _, r := range c.Rules {
		p.para(8, p.weight(r.Weight), span{r.ID, p.title}, p.dimmed("["+r.Source+"]"), p.text(r.Why))
		for _, l := range r.Levels {
			p.para(10, p.weight(l.Weight), p.dimmed("("+l.When+")"), p.text(l.Why))
		}
	}
	if len(c.Fixes) > 0 {
		p.heading("What to do")
		p.fixes(c.Fixes)
	}
}

// weight writes decibans, in the hue of which way they speak.
func (p *page) weight(decibans float64) span {
	hue := p.bad
	if decibans < 0 {
		hue = p.good
	}
	return span{fmt.Sprintf("  %+4.0f", decibans), hue}
}

func (p *page) section(title, text string) {
	if text != "" {
		p.heading(title)
		p.para(2, p.text(""), p.text(text))
	}
}
