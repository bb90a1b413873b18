package report

import (
	"fmt"
	"io"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// Guard writes the Python file as it is, or the table of its parts where it was not asked for.
func Guard(w io.Writer, g answer.Guard, s layout.Style) error {
	if g.File != "" {
		_, err := io.WriteString(w, g.File)
		return err
	}
	p := newPage(s)
	const nameWidth = 9
	for _, part := range g.Parts {
		name := fmt.Sprintf("%-*s", nameWidth, layout.Cell(part.Name, nameWidth))
		p.Para(nameWidth+1, layout.Hued(name, p.Title), p.Text(part.Does))
	}
	p.Blank()
	p.Para(0, p.Text(""), p.Text("`gwdoctor guard --only health,tasks` prints some of them, with what they need."))
	return p.Print(w)
}
