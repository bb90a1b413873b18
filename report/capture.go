package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Captured writes what a bundle holds and what could not be seen, a line each.
func Captured(w io.Writer, c answer.Capture) error {
	var out strings.Builder
	say := func(format string, args ...any) {
		out.WriteString(Clean(fmt.Sprintf(format, args...), maxCommand) + "\n")
	}
	say("captured %s: %d bytes in %s", c.Target.Name, c.Bytes, c.Path)
	say("masked: %s", maskedKinds(c.Masked))
	for _, s := range c.Sources {
		if s.Status == fact.StatusCollected {
			continue
		}
		say("not seen: %s, %s", s.Name, strings.TrimSuffix(string(s.Status)+": "+s.Detail, ": "))
		if s.Command != "" {
			say("          $ %s", s.Command)
		}
	}
	return Prose.write(w, []byte(out.String()))
}

// maskedKinds counts what was masked, by kind.
func maskedKinds(list []bundle.Mask) string {
	count := map[string]int{}
	var kinds []string
	for _, mask := range list {
		if count[mask.Kind] == 0 {
			kinds = append(kinds, mask.Kind)
		}
		count[mask.Kind] += mask.Count
	}
	for i, kind := range kinds {
		kinds[i] = fmt.Sprintf("%s (%d)", kind, count[kind])
	}
	if len(kinds) == 0 {
		return "nothing"
	}
	return strings.Join(kinds, ", ")
}
