package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
)

// Exit writes what an exit code means, most likely first.
func Exit(w io.Writer, a answer.Exit, s Style) error {
	p := newPage(s)
	if a.Container != nil {
		p.exitContainer(*a.Container)
	}
	if a.Code == nil {
		p.para(0, p.text(""), p.text("It has no exit code: it has not ended, or its end is not known."))
		return p.writeTo(w)
	}
	head := fmt.Sprintf("Exit code %d", *a.Code)
	if a.Signal != "" && !strings.Contains(a.Title, a.Signal) {
		head += " (" + a.Signal + ")"
	}
	p.para(0, p.text(""), span{head + ": " + a.Title, p.title})
	p.heading("What it can mean")
	for _, m := range a.Meanings {
		p.meaning(m)
	}
	if a.DoesNotProve != "" {
		p.heading("What it does not prove")
		p.para(2, p.text(""), p.text(a.DoesNotProve))
	}
	return p.writeTo(w)
}

func (p *page) meaning(m exitcode.Meaning) {
	const margin = 12
	var hue *color.Color
	if m.Likelihood == exitcode.Usual {
		hue = p.title
	}
	p.para(margin, span{"  " + string(m.Likelihood), hue}, span{m.Summary, hue})
	if m.When != "" {
		p.para(margin, p.text(""), p.dimmed("when: "+m.When))
	}
	if m.Check != "" {
		p.command(margin, "check: ", m.Check)
	}
}

func (p *page) exitContainer(c answer.ExitContainer) {
	const margin = 14
	p.para(0, p.text(""), span{clip(Clean(c.Name, maxName), maxName), p.title},
		p.text(" "+Clean(c.ID[:min(len(c.ID), 12)], maxName)))
	p.para(margin, p.text("state"), p.text(c.State))
	p.para(margin, p.text("ended by"), p.text(c.EndedBy), p.dimmed(c.Reason))
	if c.At != nil {
		p.para(margin, p.text("at"), p.text(stamp(*c.At)))
	}
	if c.OOMKilled != nil {
		p.para(margin, p.text("OOMKilled"), p.text(fmt.Sprint(*c.OOMKilled)))
	}
	if c.EngineError != "" {
		p.para(margin, p.text("engine says"), p.text(c.EngineError))
	}
	if c.Restarted {
		p.para(margin, span{"note", p.unsure}, p.text("it runs again since; this is about the run that ended before"))
	}
	p.blank()
}
