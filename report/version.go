package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// Version writes which gwdoctor this is, in a line such as
//
//	gwdoctor 1.2.3 (commit 0123456789ab of 2026-11-25T15:04:05Z, go1.26.8, linux/amd64)
func Version(w io.Writer, v answer.Version, _ layout.Style) error {
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
	return sanitize.Message(w, fmt.Sprintf("%s %s (%s)", v.Name, v.Version, strings.Join(facts, ", ")))
}
