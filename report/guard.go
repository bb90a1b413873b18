package report

import (
	"fmt"
	"io"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
)

// Guard writes the Python file as it is, or the table of its parts where it was not asked for.
func Guard(w io.Writer, g answer.Guard, s Style) error {
	if g.File != "" {
		_, err := io.WriteString(w, g.File)
		return err
	}
	p := newPage(s)
	const nameWidth = 9
	for _, part := range g.Parts {
		p.para(nameWidth+1, span{fmt.Sprintf("%-*s", nameWidth, cell(part.Name, nameWidth)), p.title}, p.text(part.Does))
	}
	p.blank()
	p.para(0, p.text(""), p.text("`gwdoctor guard --only health,tasks` prints some of them, with what they need."))
	return p.writeTo(w)
}
