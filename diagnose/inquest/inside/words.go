package inside

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Text says where a thread stands, and what for.
func (s Standing) Text() string {
	text := fmt.Sprintf("the event loop's thread stands in %s", PlaceText(s.Place))
	if s.Spins {
		return text + " and computes: it was there at both looks"
	}
	if s.For >= 1 {
		text += ", for " + words.Seconds(s.For) + " at least"
	}
	if s.Wait != nil {
		text += "; it waits in " + s.Wait.Text()
	}
	return text
}

// WritesLog tells whether it stands in a write to stdout, stderr or a pipe.
func (s Standing) WritesLog() bool {
	w := s.Wait
	if w == nil || !strings.HasPrefix(w.Call, "write") {
		return false
	}
	return w.FD != nil && (*w.FD == 1 || *w.FD == 2) || strings.HasPrefix(w.Target, "pipe:")
}
