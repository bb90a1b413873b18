package report

import (
	"io"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// Sources writes a table of sources, and below it the commands that open what is shut.
func Sources(w io.Writer, l answer.Sources, s layout.Style) error {
	p := newPage(s)
	const nameWidth, statusWidth = 12, 10
	var rows [][]string
	shut := 0
	for _, source := range l.Sources {
		hue := p.Good
		if source.Status != fact.StatusCollected {
			hue = p.Unsure
		}
		if source.Command != "" {
			shut++
		}
		rows = append(rows, []string{
			layout.Cell(source.Name, nameWidth), hue.Sprint(layout.Cell(string(source.Status), statusWidth)),
			layout.Cell(about(source), p.Columns-nameWidth-statusWidth-4),
		})
	}
	p.Table([]string{"source", "status", ""}, rows)
	if shut > 0 {
		p.Heading("What opens the rest")
	}
	for _, source := range l.Sources {
		if source.Command != "" {
			p.Para(2, p.Text(""), p.Text(source.Name+":"), p.Dimmed(source.Detail))
			p.Command(6, "$ ", source.Command)
		}
	}
	return p.Print(w)
}

// about fits a table's line: how far back, then how much or why not.
func about(s answer.Source) string {
	if s.From == nil {
		return s.Detail
	}
	return strings.TrimSuffix("back to "+layout.Stamp(*s.From)+"; "+s.Detail, "; ")
}
