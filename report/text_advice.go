package report

import (
	"github.com/gwdoctor/gwdoctor/diagnose"
)

// advice writes the fixes of the cause that the verdict names; without one, what
// would tell more.
func (p *page) advice(d diagnose.Diagnosis) {
	if d.Verdict.Kind == diagnose.KindCause {
		for _, c := range d.Causes {
			if c.ID == d.Verdict.Cause && len(c.Fixes) > 0 {
				p.heading("What to do")
				p.fixes(c.Fixes)
			}
		}
		return
	}
	if d.Verdict.Kind == diagnose.KindUndetermined {
		p.heading("What to look at next")
		p.next(d)
	}
}

func (p *page) fixes(list []diagnose.Fix) {
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
func (p *page) next(d diagnose.Diagnosis) {
	seen := map[string]bool{}
	for _, c := range d.Causes {
		for _, m := range c.Missing {
			if m.Command == "" || seen[m.Source] {
				continue
			}
			seen[m.Source] = true
			p.para(2, p.text(""), p.text("open "+m.Source+", which could speak for or against "+c.ID+":"))
			p.command(6, "$ ", m.Command)
		}
	}
	if len(seen) == 0 {
		p.para(2, p.text(""), p.text("Every source that could be read was read. Its last log lines stand below. If they do not tell, record the next "+
			"incident before anybody restarts it: `gwdoctor capture NAME -o incident.tar.gz`."))
	}
}
