package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
)

// Version writes which gwdoctor this is, in a line such as
//
//	gwdoctor 1.2.3 (commit 0123456789ab of 2026-11-25T15:04:05Z, go1.26.8, linux/amd64)
func Version(w io.Writer, v answer.Version, _ Style) error {
	var facts []string
	if v.Commit != "" {
		facts = append(facts, "commit "+v.Commit[:min(len(v.Commit), 12)])
		if v.Date != "" {
			facts[0] += " of " + v.Date
		}
		if v.Modified {
			facts[0] += ", modified"
		}
	}
	facts = append(facts, v.Go, v.Platform)
	return Message(w, fmt.Sprintf("%s %s (%s)", v.Name, v.Version, strings.Join(facts, ", ")))
}
