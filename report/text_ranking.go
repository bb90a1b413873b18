package report

import (
	"fmt"

	"github.com/fatih/color"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// kind is the verdict's word and hue.
func (p *page) kind(v answer.Verdict) (string, *color.Color) {
	hue := map[string]*color.Color{"bad": p.Bad, "good": p.Good, "unsure": p.Unsure}[verdictClass(v)]
	return verdictWord(v), hue
}

// entry is a cause or an alternative as a line of the ranking.
type entry struct {
	Number      string
	ID, Title   string
	Confidence  float64
	ExplainedBy string
	Findings    []answer.Finding
	Missing     []answer.Missing
}

// ranked merges the ten causes and the two alternatives. Both lists come most
// likely first, so nothing is sorted here.
func ranked(d answer.Diagnosis) []entry {
	var list []entry
	others := d.Alternatives
	for _, c := range d.Causes {
		for len(others) > 0 && others[0].Confidence > c.Confidence {
			list, others = append(list, alternative(others[0])), others[1:]
		}
		list = append(list, entry{
			Number: fmt.Sprint(c.Number), ID: c.ID, Title: c.Title, Confidence: c.Confidence,
			ExplainedBy: c.ExplainedBy, Findings: c.Findings, Missing: c.Missing,
		})
	}
	for _, a := range others {
		list = append(list, alternative(a))
	}
	return list
}

func alternative(a answer.Alternative) entry {
	return entry{Number: "-", ID: a.ID, Title: a.Title, Confidence: a.Confidence, Findings: a.Findings}
}

// ranking writes the table of all twelve.
func (p *page) ranking(d answer.Diagnosis) {
	const idWidth, barWidth = 25, 6
	const taken = 2 + 2 + idWidth + 2 + 5 + 2 + barWidth + 2
	p.Heading("Ranking")
	var rows [][]string
	for _, e := range ranked(d) {
		rows = append(rows, []string{
			e.Number, layout.Cell(e.ID, idWidth), fmt.Sprintf("%5s", percent(e.Confidence)), bar(e.Confidence, barWidth),
			layout.Cell(e.Reason(), p.Columns-taken),
		})
	}
	p.Table([]string{"#", "cause", "", "", "main fact"}, rows)
}

// Reason is the strongest fact about an entry, in one line.
func (e entry) Reason() string {
	if len(e.Findings) == 0 {
		return "nothing was seen"
	}
	f := e.Findings[0]
	reason := decibans(f) + " " + f.Summary
	if e.ExplainedBy != "" {
		reason = "mechanism of " + e.ExplainedBy + ": " + reason
	}
	return reason
}
