package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// Exit writes what an exit code means, most likely first.
func Exit(w io.Writer, a answer.Exit, s layout.Style) error {
	p := newPage(s)
	if a.Container != nil {
		p.exitContainer(*a.Container)
	}
	if a.Code == nil {
		p.Para(0, p.Text(""), p.Text(noCode(a.Container)))
		return p.Print(w)
	}
	head := fmt.Sprintf("Exit code %d", *a.Code)
	if a.Signal != "" && !strings.Contains(a.Title, a.Signal) {
		head += " (" + a.Signal + ")"
	}
	p.Para(0, p.Text(""), layout.Hued(head+": "+a.Title, p.Title))
	p.Heading("What it can mean")
	for _, m := range a.Meanings {
		p.meaning(m)
	}
	if a.DoesNotProve != "" {
		p.Heading("What it does not prove")
		p.Para(2, p.Text(""), p.Text(a.DoesNotProve))
	}
	return p.Print(w)
}

// noCode says why there is none.
func noCode(c *answer.ExitContainer) string {
	if c != nil && c.State == fact.StateRunning {
		return "It has no exit code: it has not ended."
	}
	return "It has no exit code: it has not ended, or its end is not known."
}

func (p *page) meaning(m exitcode.Meaning) {
	const margin = 12
	var hue *color.Color
	if m.Likelihood == exitcode.Usual {
		hue = p.Title
	}
	p.Para(margin, layout.Hued("  "+string(m.Likelihood), hue), layout.Hued(m.Summary, hue))
	if m.When != "" {
		p.Para(margin, p.Text(""), p.Dimmed("when: "+m.When))
	}
	if m.Check != "" {
		p.Command(margin, "check: ", m.Check)
	}
}

func (p *page) exitContainer(c answer.ExitContainer) {
	const margin = 14
	p.Para(0, p.Text(""), layout.Hued(layout.Name(c.Name), p.Title),
		p.Text(" "+c.ID[:min(len(c.ID), 12)]))
	p.Para(margin, p.Text("state"), p.Text(c.State))
	p.Para(margin, p.Text("ended by"), p.Text(c.EndedBy), p.Dimmed(c.Reason))
	if c.At != nil {
		p.Para(margin, p.Text("at"), p.Text(layout.Stamp(*c.At)))
	}
	if c.OOMKilled != nil {
		p.Para(margin, p.Text("OOMKilled"), p.Text(fmt.Sprint(*c.OOMKilled)))
	}
	if c.EngineError != "" {
		p.Para(margin, p.Text("engine says"), p.Text(c.EngineError))
	}
	if c.Restarted {
		p.Para(margin, layout.Hued("note", p.Unsure), p.Text("it runs again since; this is about the run that ended before"))
	}
	p.exitBefore(c)
	p.Blank()
}

// exitBefore points to the run before, whose end is another story.
func (p *page) exitBefore(c answer.ExitContainer) {
	const margin = 14
	switch b := c.Before; {
	case b != nil && b.Code != nil:
		text := fmt.Sprintf("exit code %d", *b.Code)
		if b.At != nil {
			text += " at " + layout.Stamp(*b.At)
		}
		p.Para(margin, p.Text("run before"), p.Text(text))
		if b.Command != "" {
			p.Command(margin, "", b.Command)
		}
	case b == nil && c.Restarts > 0 && c.State == fact.StateRunning && !c.Restarted:
		p.Para(margin, p.Text("run before"), p.Text("there was one ("+words.Count(c.Restarts, "restart")+
			"), and how it ended is not kept any more"))
	}
}
