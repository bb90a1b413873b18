package report

import (
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// nowAndThen writes what to do in this very case: the first aid, then the change that keeps it from coming back.
func (p *page) nowAndThen(d answer.Diagnosis, b budget) {
	last, whole := "", 0
	for _, a := range doList(d) {
		label := ""
		if a.When != last {
			p.blank()
			label = strings.ToUpper(a.When)
		}
		last = a.When
		if a.When == answer.AdviceThen {
			whole++
		}
		if whole > b.then {
			p.para(gutter, span{label, p.title}, p.text(leftOut(a)))
			continue
		}
		p.oneAdvice(label, a, b)
	}
}

// oneAdvice writes the command first: that is what a hand reaches for.
func (p *page) oneAdvice(label string, a answer.Advice, b budget) {
	if a.Command != "" {
		p.shell(label, a.Command)
		label = ""
		p.para(gutter, p.text(""), p.dimmed(adviceTitle(a)))
	} else {
		p.para(gutter, span{label, p.title}, p.text(adviceTitle(a)))
	}
	if a.Detail != "" && b.detail {
		p.para(gutter, p.text(""), p.dimmed(a.Detail))
	}
	if a.Snippet != "" {
		p.verbatim(gutter+2, fitSnippet(a.Snippet, p.columns-gutter-2))
	}
}

// leftOut names advice whose snippet is shown under -v.
func leftOut(a answer.Advice) string {
	if a.Snippet == "" {
		return adviceTitle(a)
	}
	return adviceTitle(a) + " (-v: " + words.Count(strings.Count(strings.TrimRight(a.Snippet, "\n"), "\n")+1, "line") +
		" to copy)"
}

// adviceTitle is the title with its place in the service's own code.
func adviceTitle(a answer.Advice) string {
	if a.Place == nil {
		return a.Title
	}
	return a.Title + " (" + a.Place.String() + ")"
}

// doList is what to do: the advice that fits the case, else the fixes of the cause that the verdict names, which are
// changes.
func doList(d answer.Diagnosis) []answer.Advice {
	if len(d.Advice) > 0 || d.Verdict.Kind != fact.VerdictCause {
		return d.Advice
	}
	var list []answer.Advice
	for _, f := range fixesOf(d) {
		list = append(list, answer.Advice{When: answer.AdviceThen, Title: f.Title, Detail: f.Detail, Snippet: f.Snippet,
			Language: f.Language})
	}
	return list
}

// allFixes writes the known fixes of the cause that the verdict names, where the page has shown other advice.
func (p *page) allFixes(d answer.Diagnosis) {
	if len(d.Advice) == 0 || d.Verdict.Kind != fact.VerdictCause {
		return
	}
	for _, c := range d.Causes {
		if c.ID == d.Verdict.Cause && len(c.Fixes) > 0 {
			p.heading("What helps against it in general")
			p.fixes(c.Fixes)
		}
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
	p.blank()
	label := span{"NEXT", p.title}
	list := nextCommands(d)
	for _, n := range list {
		p.para(gutter, label, p.text("open "+n.Source+", which could speak for or against "+n.Cause+":"))
		p.shell("", n.Command)
		label = p.text("")
	}
	if len(list) == 0 {
		p.para(gutter, label, p.text("every source that could be read was read. If its last lines below do not tell, "+
			"record the next incident before anybody restarts it: `gwdoctor capture NAME`"))
	}
}
