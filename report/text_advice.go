package report

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// nowAndThen writes what to do in this very case: the first aid, then the change that keeps it from coming back.
func (p *page) nowAndThen(d answer.Diagnosis, b budget) {
	last, whole := "", 0
	for _, a := range doList(d) {
		label := ""
		if a.When != last {
			p.Blank()
			label = strings.ToUpper(a.When)
		}
		last = a.When
		if a.When == answer.AdviceThen {
			whole++
		}
		if whole > b.then {
			p.Para(gutter, layout.Hued(label, p.Title), p.Text(leftOut(a)))
			continue
		}
		p.oneAdvice(label, a, b)
	}
}

// oneAdvice writes the command first: that is what a hand reaches for.
func (p *page) oneAdvice(label string, a answer.Advice, b budget) {
	if a.Command != "" {
		p.Shell(gutter, label, a.Command)
		label = ""
		p.Para(gutter, p.Text(""), p.Dimmed(adviceTitle(a)))
	} else {
		p.Para(gutter, layout.Hued(label, p.Title), p.Text(adviceTitle(a)))
	}
	if a.Detail != "" && b.detail {
		p.Para(gutter, p.Text(""), p.Dimmed(a.Detail))
	}
	if a.Snippet != "" {
		p.Verbatim(gutter+2, layout.FitSnippet(a.Snippet, p.Columns-gutter-2))
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
			p.Heading("What helps against it in general")
			p.fixes(c.Fixes)
		}
	}
}

func (p *page) fixes(list []answer.Fix) {
	for i, f := range list {
		if i > 0 {
			p.Blank()
		}
		p.Para(2, p.Text(""), layout.Hued(f.Title, p.Title))
		if f.Detail != "" {
			p.Para(2, p.Text(""), p.Text(f.Detail))
		}
		if f.Snippet != "" {
			p.Blank()
			p.Verbatim(6, f.Snippet)
		}
	}
}

// next lists the commands that would open what is shut for the likeliest causes,
// each once.
func (p *page) next(d answer.Diagnosis) {
	p.Blank()
	label := layout.Hued("NEXT", p.Title)
	if fact.Removed(d.Death.State) && d.Target.Pod == "" {
		p.Para(gutter, label, p.Text("the container was removed, and what it printed and wrote went with it. Run the next "+
			"one without --rm, or with a log driver whose records stay (journald, syslog), or have `gwdoctor capture "+
			word(d.Target)+"` run between its end and its removal"))
		return
	}
	list := nextCommands(d)
	for _, n := range list {
		p.Para(gutter, label, p.Text("open "+n.Source+", which could speak for or against "+n.Cause+":"))
		p.Shell(gutter, "", n.Command)
		label = p.Text("")
	}
	if len(list) == 0 {
		p.Para(gutter, label, p.Text(readSoFar(d)+" If its last lines below do not tell, record the next incident before "+
			"anybody restarts it: `gwdoctor capture "+word(d.Target)+"`"))
	}
}

// word is the target as a command takes it, NAME where its name is no plain word.
func word(t answer.Target) string {
	odd := func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && r != '-' && r != '_' && r != '.'
	}
	if t.Pod != "" || t.Name == "" || t.Name[0] == '-' || strings.ContainsFunc(t.Name, odd) {
		return "NAME"
	}
	return t.Name
}

// readSoFar says whether all that there is was read, or which of the records that run over had lost the end already.
func readSoFar(d answer.Diagnosis) string {
	var lost []string
	for _, s := range d.Sources {
		runsOver := slices.Contains([]string{fact.SourceEvents, fact.SourceLogs, fact.SourceKernelLog}, s.Name)
		late := s.Status == fact.StatusCollected && limit(s, d.Death.At) != ""
		if runsOver && (late || s.Status == fact.StatusTruncated) {
			lost = append(lost, s.Name)
		}
	}
	if len(lost) == 0 {
		return "every source that could be read was read."
	}
	return "nothing tells more by now: " + strings.Join(lost, " and ") + " had lost a part already (UNSEEN)."
}
