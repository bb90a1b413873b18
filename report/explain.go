package report

import (
	"fmt"
	"io"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// Explain writes a cause; several become a table of them.
func Explain(w io.Writer, e answer.Explanation, s layout.Style) error {
	p := newPage(s)
	if len(e.Causes) == 1 {
		p.cause(e.Causes[0])
		return p.Print(w)
	}
	const idWidth = 25
	var rows [][]string
	for _, c := range e.Causes {
		rows = append(rows, []string{fmt.Sprint(c.Number), layout.Cell(c.ID, idWidth),
			layout.Cell(c.Title, p.Columns-idWidth-6)})
	}
	p.Table([]string{"#", "cause", "what it is"}, rows)
	p.Blank()
	p.Para(0, p.Text(""), p.Text("`gwdoctor explain CAUSE`, by name or number, tells its symptoms, evidence and fixes."))
	return p.Print(w)
}

func (p *page) cause(c answer.ExplainedCause) {
	p.Para(0, p.Text(""), layout.Hued(fmt.Sprintf("%d. %s", c.Number, c.Title), p.Title), p.Dimmed("("+c.ID+")"))
	p.section("What it looks like", c.Symptom)
	p.section("How it comes about", c.Reason)
	if len(c.Detect) > 0 {
		p.Heading("How to see it by hand")
		for _, line := range c.Detect {
			p.Command(2, "", line)
		}
	}
	p.Heading("What speaks for it and against it")
	p.Para(2, p.Text(""), p.Dimmed("decibans: +10 makes it ten times likelier, +20 is a hundred to one"))
	for _, r := range c.Rules {
		p.Para(8, p.weight(r.Weight), layout.Hued(r.ID, p.Title), p.Dimmed("["+r.Source+"]"), p.Text(r.Why))
		for _, l := range r.Levels {
			p.Para(10, p.weight(l.Weight), p.Dimmed("("+l.When+")"), p.Text(l.Why))
		}
	}
	if len(c.Fixes) > 0 {
		p.Heading("What to do")
		p.fixes(c.Fixes)
	}
}

// weight writes decibans, in the hue of which way they speak.
func (p *page) weight(decibans float64) layout.Span {
	hue := p.Bad
	if decibans < 0 {
		hue = p.Good
	}
	return layout.Hued(fmt.Sprintf("  %+4.0f", decibans), hue)
}

func (p *page) section(title, text string) {
	if text != "" {
		p.Heading(title)
		p.Para(2, p.Text(""), p.Text(text))
	}
}
