package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const sourceMargin = 16

// unseen writes what could not be seen: the limits of everything said above.
func (p *page) unseen(d answer.Diagnosis) {
	p.heading("What could not be seen")
	quiet := true
	var notAsked []string // with nothing more to say, one line for all
	for _, s := range d.Sources {
		if s.Status == fact.StatusNotAsked && s.Detail == "" && s.Command == "" {
			notAsked, quiet = append(notAsked, s.Name), false
			continue
		}
		if why := limit(s, d.Death.At); why != "" || p.verbose {
			quiet = false
			p.source(s, why)
		}
	}
	if len(notAsked) > 0 {
		p.para(sourceMargin, p.text("  not asked"), p.text(strings.Join(notAsked, ", ")))
	}
	if quiet {
		p.para(2, p.text(""), p.text("all sources were read whole"))
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
	return string(s.Status)
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
