package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
)

// Demos lists the incidents that the program carries.
func Demos(w io.Writer, list answer.Demos, _ Style) error {
	var out strings.Builder
	for _, d := range list.Incidents {
		out.WriteString(strings.TrimRight(fmt.Sprintf("%-24s %s", Clean(d.Name, maxName),
			Clean(d.What, maxLiteral)), " ") + "\n")
	}
	return Prose.write(w, []byte(out.String()))
}
