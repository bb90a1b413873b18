package report

import (
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// advice writes the fixes of the cause that the verdict names; without one, what
// would tell more.
func (p *page) advice(d answer.Diagnosis) {
	if d.Verdict.Kind == fact.VerdictCause {
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
