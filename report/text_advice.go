package report

import (
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// nowAndThen writes what to do in this very case: the first aid, then the change that keeps it from coming back.
func (p *page) nowAndThen(d answer.Diagnosis) {
	const margin = 7
	last := ""
	for _, a := range d.Advice {
		label := ""
		if a.When != last {
			p.blank()
			label = strings.ToUpper(a.When)
		}
		last = a.When
		p.para(margin, span{label, p.title}, p.text(adviceTitle(a)))
		if a.Detail != "" {
			p.para(margin, p.text(""), p.dimmed(a.Detail))
		}
		if a.Command != "" {
			p.command(margin+2, "$ ", a.Command)
		}
		if a.Snippet != "" {
			p.verbatim(margin+4, a.Snippet)
		}
	}
}

// adviceTitle is the title with its place in the service's own code.
func adviceTitle(a answer.Advice) string {
	if a.Place == nil {
		return a.Title
	}
	return a.Title + " (" + a.Place.String() + ")"
}

// advice writes the fixes of the cause that the verdict names, where nothing that fits better was said after the
// verdict; without one, what would tell more.
func (p *page) advice(d answer.Diagnosis) {
	if d.Verdict.Kind == fact.VerdictCause && len(d.Advice) == 0 {
		if fixes := fixesOf(d); len(fixes) > 0 {
			p.heading("What to do")
			p.fixes(fixes)
		}
		return
	}
	if d.Verdict.Kind == fact.VerdictUndetermined {
		p.heading("What to look at next")
		p.next(d)
	}
}

func (p *page) fixes(list []answer.Fix) {
	for i, f := range list {
		if i > 0 {
			p.blank()
		}
		p.para(2, p.text(""), span{f.Title, p.title})
		if f.Detail != "" {
			p.para(2, p.text(""), p.text(f.Detail))
		}
		if f.Snippet != "" {
			p.blank()
			p.verbatim(6, f.Snippet)
		}
	}
}

// next lists the commands that would open what is shut for the likeliest causes,
// each once.
func (p *page) next(d answer.Diagnosis) {
	list := nextCommands(d)
	for _, n := range list {
		p.para(2, p.text(""), p.text("open "+n.Source+", which could speak for or against "+n.Cause+":"))
		p.command(6, "$ ", n.Command)
	}
	if len(list) == 0 {
		p.para(2, p.text(""), p.text("Every source that could be read was read. Its last log lines stand below. If they "+
			"do not tell, record the next "+
			"incident before anybody restarts it: `gwdoctor capture NAME -o incident.tar.gz`."))
	}
}
