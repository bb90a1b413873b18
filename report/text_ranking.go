package report

import (
	"fmt"

	"github.com/fatih/color"
	"github.com/gwdoctor/gwdoctor/diagnose"
)

// kind is the verdict's word and hue.
func (p *page) kind(kind string) (string, *color.Color) {
	switch kind {
	case diagnose.KindCause:
		return "CAUSE", p.bad
	case diagnose.KindNotAFailure:
		return "NO FAILURE", p.good
	}
	return "CANNOT TELL", p.unsure
}

// entry is a cause or an alternative as a line of the ranking.
type entry struct {
	number      string
	id, title   string
	confidence  float64
	explainedBy string
	findings    []diagnose.Finding
	missing     []diagnose.Missing
}

// ranked merges the ten causes and the two alternatives. Both lists come most
// likely first, so nothing is sorted here.
func ranked(d diagnose.Diagnosis) []entry {
	var list []entry
	others := d.Alternatives
	for _, c := range d.Causes {
		for len(others) > 0 && others[0].Confidence > c.Confidence {
			list, others = append(list, alternative(others[0])), others[1:]
		}
		list = append(list, entry{
			number: fmt.Sprint(c.Number), id: c.ID, title: c.Title, confidence: c.Confidence,
			explainedBy: c.ExplainedBy, findings: c.Findings, missing: c.Missing,
		})
	}
	for _, a := range others {
		list = append(list, alternative(a))
	}
	return list
}

func alternative(a diagnose.Alternative) entry {
	return entry{number: "-", id: a.ID, title: a.Title, confidence: a.Confidence, findings: a.Findings}
}

// ranking writes the table of all twelve.
func (p *page) ranking(d diagnose.Diagnosis) {
	const idWidth, barWidth = 25, 6
	const taken = 2 + 2 + idWidth + 2 + 5 + 2 + barWidth + 2
	p.heading("Ranking")
	var rows [][]string
	for _, e := range ranked(d) {
		rows = append(rows, []string{
			e.number, cell(e.id, idWidth), fmt.Sprintf("%5s", percent(e.confidence)), bar(e.confidence, barWidth),
			cell(e.reason(), p.columns-taken),
		})
	}
	p.table([]string{"#", "cause", "", "", "main fact"}, rows)
}

// reason is the strongest fact about an entry, in one line.
func (e entry) reason() string {
	if len(e.findings) == 0 {
		return "nothing was seen"
	}
	f := e.findings[0]
	reason := decibans(f) + " " + f.Summary
	if e.explainedBy != "" {
		reason = "mechanism of " + e.explainedBy + ": " + reason
	}
	return reason
}
