package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// renderJSON writes a report as docs/schema/diagnose.schema.json describes it.
func renderJSON(w *bytes.Buffer, r answer.Report, _ layout.Style) error {
	r.Diagnoses, r.Chains = append([]answer.Diagnosis{}, r.Diagnoses...), list(r.Chains)
	for i := range r.Diagnoses {
		fill(&r.Diagnoses[i])
	}
	return Document(w, r)
}

// Document writes any value as one indented JSON document. Bytes that are no
// UTF-8 become U+FFFD. Characters that a terminal would obey rather than show (C1
// controls, bidi overrides) are written as \u escapes, which mean the same: JSON
// is often looked at in a terminal.
func Document(w io.Writer, v any) error { return document(w, v, "  ") }

// DocumentLine is Document on one line, for a stream of them.
func DocumentLine(w io.Writer, v any) error { return document(w, v, "") }

func document(w io.Writer, v any, indent string) error {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	return sanitize.JSON.Write(w, buf.Bytes())
}

// fill makes every list of a diagnosis a list: the contract has no null ones.
func fill(d *answer.Diagnosis) {
	d.Causes = append([]answer.Cause{}, d.Causes...)
	for i := range d.Causes {
		c := &d.Causes[i]
		c.Findings, c.Missing, c.Fixes = list(c.Findings), list(c.Missing), list(c.Fixes)
	}
	d.Alternatives = append([]answer.Alternative{}, d.Alternatives...)
	for i := range d.Alternatives {
		d.Alternatives[i].Findings = list(d.Alternatives[i].Findings)
	}
	d.Death.Chain = list(d.Death.Chain)
	d.Timeline, d.Sources, d.Masked, d.LogTail = list(d.Timeline), list(d.Sources), list(d.Masked), list(d.LogTail)
	d.PeerErrors, d.Advice = list(d.PeerErrors), list(d.Advice)
	d.Lanes.Runs, d.Lanes.Probes, d.Lanes.Memory = list(d.Lanes.Runs), list(d.Lanes.Probes), list(d.Lanes.Memory)
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
