package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// Demos lists the incidents that the program carries.
func Demos(w io.Writer, list answer.Demos, _ layout.Style) error {
	var out strings.Builder
	for _, d := range list.Incidents {
		out.WriteString(strings.TrimRight(fmt.Sprintf("%-24s %s", sanitize.Clean(d.Name, layout.MaxName),
			sanitize.Clean(d.What, layout.MaxLiteral)), " ") + "\n")
	}
	return sanitize.Prose.Write(w, []byte(out.String()))
}
