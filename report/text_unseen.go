package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

const sourceMargin = 16

// unseen writes what could not be seen, the limits of everything said above, and what
// would open it.
func (p *page) unseen(d answer.Diagnosis) {
	label := layout.Hued("UNSEEN", p.Title)
	opened := map[string]bool{} // commands
	for _, g := range unseenGroups(d) {
		p.Para(gutter, label, layout.Hued(strings.Join(g.names, ", ")+":", p.Unsure), p.Text(g.why))
		label = layout.Span{}
		if g.command != "" && !opened[g.command] {
			p.Shell(gutter, "", g.command)
			opened[g.command] = true
		}
	}
	if label.Text != "" {
		p.Para(gutter, label, p.Text("nothing: all sources were read whole"))
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
		if why == "" || noneThere(s) {
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

// noneThere tells of a source that was looked for and does not exist: a container that has no neighbours lacks nothing.
func noneThere(s answer.Source) bool {
	return s.Name == fact.SourceNeighbours && s.Status == fact.StatusAbsent
}

// sources writes what was read, and how far back it reaches.
func (p *page) sources(d answer.Diagnosis) {
	p.Heading("Sources")
	for _, s := range d.Sources {
		p.source(s, limit(s, d.Death.At))
	}
	p.masked(d.Masked)
	if !d.CapturedAt.IsZero() {
		p.Para(2, p.Text(""), p.Dimmed("seen as of "+layout.Stamp(d.CapturedAt)))
	}
}

// limit says in what a source falls short; "" = it was read and covers the end.
func limit(s answer.Source, end *time.Time) string {
	switch s.Status {
	case fact.StatusCollected:
		if s.From != nil && end != nil && s.From.After(*end) {
			return "reaches back to " + layout.Stamp(*s.From) + " only, which is after the end"
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
		return fmt.Sprintf("covers %s to %s", layout.Stamp(*s.From), layout.Stamp(*s.To))
	case s.From != nil:
		return "reaches back to " + layout.Stamp(*s.From)
	case s.To != nil:
		return "ends at " + layout.Stamp(*s.To)
	}
	return "its span is not known"
}

func (p *page) source(s answer.Source, why string) {
	hue := p.Unsure
	if why == "" {
		why, hue = string(s.Status), p.Good
		if s.From != nil || s.To != nil {
			why += ": " + reach(s)
		}
	}
	if s.Detail != "" {
		why = strings.TrimSuffix(why, "; ") + "; " + s.Detail
	}
	p.Para(sourceMargin, layout.Hued("  "+s.Name, hue), p.Text(why))
	if s.Command != "" {
		p.Command(sourceMargin, "$ ", s.Command)
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
	p.Para(sourceMargin, p.Text("  masked"), p.Text(strings.Join(parts, ", ")))
}
