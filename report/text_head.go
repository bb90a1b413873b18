package report

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// gutter is where the text of every section begins; its name stands left of it.
const gutter = 7

// target writes the container's name and state, then what it was made of.
func (p *page) target(d answer.Diagnosis) {
	t := d.Target
	p.Para(0, p.Text(""), layout.Hued(layout.Name(t.Name), p.Title), p.Text(" "+stateOf(d)))
	var made []string
	if d.Death.At != nil {
		made = append(made, layout.Stamp(*d.Death.At))
	}
	if t.Image != "" {
		made = append(made, "image "+sanitize.Clean(t.Image, layout.MaxName))
	}
	if t.Namespace != "" {
		made = append(made, "namespace "+sanitize.Clean(t.Namespace, layout.MaxName))
		if t.Owner != "" {
			made = append(made, sanitize.Clean(t.Owner, layout.MaxName))
		}
		if t.Node != "" {
			made = append(made, "on "+sanitize.Clean(t.Node, layout.MaxName))
		}
	} else if t.Project != "" {
		project, service := sanitize.Clean(t.Project, layout.MaxName), sanitize.Clean(t.Service, layout.MaxName)
		made = append(made, "compose "+strings.Trim(project+"/"+service, "/"))
	}
	if t.ID != "" && t.ID != t.Name {
		made = append(made, "id "+sanitize.Clean(layout.ShortID(t.ID), layout.MaxName))
	}
	if len(made) > 0 {
		p.Para(0, p.Text(""), p.Dimmed(strings.Join(made, ", ")))
	}
	if r := d.Death.Repeats; r != nil {
		p.Para(0, p.Text(""), p.Text(r.String()))
	}
}

// stateOf says how the container stands, and since when, or how its examined run ended.
func stateOf(d answer.Diagnosis) string {
	again := ""
	if d.Death.Restarted {
		again = "; it runs again since, this is about the run before"
	}
	unsaid := d.Death.State == fact.StateUnknown // by the engine: the chain says what else tells of it
	if len(d.Death.Chain) > 0 && (unsaid || d.Death.EndedBy != fact.EndedByNone) {
		return d.Death.Chain[0] + again
	}
	return strings.ReplaceAll(d.Death.State, "-", " ") + sinceWhen(d)
}

// sinceWhen tells for how long what is alive has been unhealthy, or has run.
func sinceWhen(d answer.Diagnosis) string {
	if span := d.Lanes.UnhealthyFor(d.CapturedAt); span != "" {
		return ", unhealthy for " + span
	}
	for _, r := range d.Lanes.Runs {
		if r.Examined && r.Alive && r.Start != nil && d.CapturedAt.After(*r.Start) {
			return " for " + words.Duration(d.CapturedAt.Sub(*r.Start))
		}
	}
	return ""
}

// verdict writes the answer, how sure it is, and what lies between it and the end.
func (p *page) verdict(d answer.Diagnosis, suffered string, b budget) {
	word, hue := p.kind(d.Verdict)
	title, lead := headline(d)
	p.head(layout.Hued(word, hue), title, sureness(d))
	if lead != "" {
		p.Para(gutter, p.Text(""), p.Text(layout.Clip(sanitize.Clean(lead, layout.MaxProse), b.lead*(p.Columns-gutter))))
	}
	links := between(d)
	if !p.Verbose {
		links = links[:min(len(links), maxLinks)]
	}
	for _, link := range links {
		p.Para(gutter, p.Text(""), p.Text("by way of: "+link))
	}
	if suffered != "" {
		p.Para(gutter, p.Text(""), layout.Hued("suffered", p.Unsure), p.Text("from "+suffered+", which fell before"))
	}
	if p.Verbose && d.Death.Reason != "" {
		p.Para(gutter, p.Text(""), p.Dimmed("how it ended is known by this: "+d.Death.Reason))
	}
}

// head writes the headline with the odds at the right edge, or below where they do not fit.
func (p *page) head(word layout.Span, title, sure string) {
	used := max(layout.Cells(word.Text)+1, gutter)
	title = sanitize.Clean(title, layout.MaxProse)
	lines := layout.FoldWords(title, p.Columns-used)
	p.Put(word.Hue, word.Text)
	p.Indent(used - layout.Cells(word.Text))
	p.Put(p.Title, lines[0])
	room := p.Columns - used - layout.Cells(lines[0]) - layout.Cells(sure)
	if len(lines) == 1 && (room >= 2 || sure == "") {
		if sure != "" {
			p.Indent(room)
			p.Put(p.Dim, sure)
		}
		p.Blank()
		return
	}
	p.Blank()
	if len(lines) > 1 {
		p.Para(gutter, p.Text(""), layout.Hued(strings.Join(lines[1:], " "), p.Title))
	}
	if sure != "" {
		p.Para(gutter, p.Text(""), p.Dimmed(sure))
	}
}

// said are beginnings of a verdict's sentence that repeat its word.
var said = []string{"nothing failed: ", "cannot tell why: ", "cannot tell: ", "cannot tell "}

// unsaid is a verdict's sentence without what its word has said.
func unsaid(summary string) string {
	for _, s := range said {
		summary = strings.TrimPrefix(summary, s)
	}
	return summary
}

// headline parts the verdict's sentence into what it is called and the fact that says so.
func headline(d answer.Diagnosis) (title, lead string) {
	summary := unsaid(d.Verdict.Summary)
	for _, c := range d.Causes {
		if c.ID == d.Verdict.Cause {
			title = c.Title
		}
	}
	if d.Verdict.Other != nil {
		title = d.Verdict.Other.Title
	}
	i := strings.Index(summary, title+": ")
	if title == "" || i < 0 {
		return summary, ""
	}
	at := i + len(title)
	return summary[:at], summary[at+2:]
}

// maxLinks is how many links of the death's chain a page shows that is to be short.
const maxLinks = 2

// between are the links of the death's chain that neither the state nor the verdict has
// said already.
func between(d answer.Diagnosis) (links []string) {
	told := d.Verdict.Summary
	for i, link := range d.Death.Chain {
		if i > 0 && !says(told, link) {
			links = append(links, link)
			told += "\n" + link
		}
	}
	return links
}

// says tells whether a text holds another, whose first letter may be a capital there.
func says(text, part string) bool {
	return part != "" && strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// chain is the death's chain without saying the verdict twice: where the last link is
// what the verdict has just said, it is left out, or points there.
func chain(d answer.Diagnosis) []string {
	links := d.Death.Chain
	last := len(links) - 1
	if last < 1 || !says(d.Verdict.Summary, links[last]) {
		return links
	}
	if last == 1 {
		return links[:1]
	}
	return append(append([]string{}, links[:last]...), "of the cause named above")
}

// sureness says how sure the verdict is, in words with the number. Where there is none, there is nothing to be sure of.
func sureness(d answer.Diagnosis) string {
	if d.Verdict.Kind == fact.VerdictUndetermined {
		return ""
	}
	return fmt.Sprintf("%s, %s", likelihood(d.Verdict.Confidence), percent(d.Verdict.Confidence))
}
