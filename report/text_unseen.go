package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const sourceMargin = 16

// unseen writes what could not be seen, the limits of everything said above, and what
// would open it.
func (p *page) unseen(d answer.Diagnosis) {
	label := span{"UNSEEN", p.title}
	opened := map[string]bool{} // commands
	for _, g := range unseenGroups(d) {
		p.para(gutter, label, span{strings.Join(g.names, ", ") + ":", p.unsure}, p.text(g.why))
		label = span{}
		if g.command != "" && !opened[g.command] {
			p.shell("", g.command)
			opened[g.command] = true
		}
	}
	if label.text != "" {
		p.para(gutter, label, p.text("nothing: all sources were read whole"))
	}
}

// unseenGroup are sources that fall short in the same way.
type unseenGroup struct {
	names        []string
	why, command string
}

func unseenGroups(d answer.Diagnosis) (groups []unseenGroup) {
	at := map[string]int{}
	for _, s := range d.Sources {
		why := limit(s, d.Death.At)
		if why == "" {
			continue
		}
		if s.Detail != "" && s.Status != fact.StatusCollected { // what was read tells its size there
			why += "; " + s.Detail
		}
		i, known := at[why+s.Command]
		if !known {
			i = len(groups)
			at[why+s.Command] = i
			groups = append(groups, unseenGroup{why: why, command: s.Command})
		}
		groups[i].names = append(groups[i].names, s.Name)
	}
	return groups
}

// sources writes what was read, and how far back it reaches.
func (p *page) sources(d answer.Diagnosis) {
	p.heading("Sources")
	for _, s := range d.Sources {
		p.source(s, limit(s, d.Death.At))
	}
	p.masked(d.Masked)
	if !d.CapturedAt.IsZero() {
		p.para(2, p.text(""), p.dimmed("seen as of "+stamp(d.CapturedAt)))
	}
}

// limit says in what a source falls short; "" = it was read and covers the end.
func limit(s answer.Source, end *time.Time) string {
	switch s.Status {
	case fact.StatusCollected:
		if s.From != nil && end != nil && s.From.After(*end) {
			return "reaches back to " + stamp(*s.From) + " only, which is after the end"
		}
		return ""
	case fact.StatusTruncated:
		return "truncated: " + reach(s)
	}
	return strings.ReplaceAll(string(s.Status), "-", " ")
}

// reach tells the span that a source covers.
func reach(s answer.Source) string {
	switch {
	case s.From != nil && s.To != nil:
		return fmt.Sprintf("covers %s to %s", stamp(*s.From), stamp(*s.To))
	case s.From != nil:
		return "reaches back to " + stamp(*s.From)
	case s.To != nil:
		return "ends at " + stamp(*s.To)
	}
	return "its span is not known"
}

func (p *page) source(s answer.Source, why string) {
	hue := p.unsure
	if why == "" {
		why, hue = string(s.Status), p.good
		if s.From != nil || s.To != nil {
			why += ": " + reach(s)
		}
	}
	if s.Detail != "" {
		why = strings.TrimSuffix(why, "; ") + "; " + s.Detail
	}
	p.para(sourceMargin, span{"  " + s.Name, hue}, p.text(why))
	if s.Command != "" {
		p.command(sourceMargin, "$ ", s.Command)
	}
}

func (p *page) masked(list []answer.Masked) {
	if len(list) == 0 {
		return
	}
	var parts []string
	for _, m := range list {
		parts = append(parts, fmt.Sprintf("%s (%d)", m.Kind, m.Count))
	}
	p.para(sourceMargin, p.text("  masked"), p.text(strings.Join(parts, ", ")))
}
