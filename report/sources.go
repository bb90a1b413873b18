package report

import (
	"io"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Sources writes a table of sources, and below it the commands that open what is shut.
func Sources(w io.Writer, l answer.Sources, s Style) error {
	p := newPage(s)
	const nameWidth, statusWidth = 12, 10
	var rows [][]string
	shut := 0
	for _, source := range l.Sources {
		hue := p.good
		if source.Status != fact.StatusCollected {
			hue = p.unsure
		}
		if source.Command != "" {
			shut++
		}
		rows = append(rows, []string{
			cell(source.Name, nameWidth), hue.Sprint(cell(string(source.Status), statusWidth)),
			cell(about(source), p.columns-nameWidth-statusWidth-4),
		})
	}
	p.table([]string{"source", "status", ""}, rows)
	if shut > 0 {
		p.heading("What opens the rest")
	}
	for _, source := range l.Sources {
		if source.Command != "" {
			p.para(2, p.text(""), p.text(source.Name+":"), p.dimmed(source.Detail))
			p.command(6, "$ ", source.Command)
		}
	}
	return p.writeTo(w)
}

// about fits a table's line: how far back, then how much or why not.
func about(s answer.Source) string {
	if s.From == nil {
		return s.Detail
	}
	return strings.TrimSuffix("back to "+stamp(*s.From)+"; "+s.Detail, "; ")
}
