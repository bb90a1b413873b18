package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
)

// renderJSON writes a report as docs/schema/diagnose.schema.json describes it.
func renderJSON(w *bytes.Buffer, r answer.Report, _ Style) error {
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
	return JSON.write(w, inert(buf.Bytes()))
}

// inert escapes the unprintable. The encoder has already escaped what is below
// U+0020, and above U+007E only strings have characters.
func inert(doc []byte) []byte {
	if isPlain(doc) {
		return doc
	}
	out := make([]byte, 0, len(doc))
	for len(doc) > 0 {
		r, size := utf8.DecodeRune(doc)
		switch {
		case r < 0x7f, unicode.IsPrint(r), r == utf8.RuneError:
			out = append(out, doc[:size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		doc = doc[size:]
	}
	return out
}

// isPlain tells whether a document is of printable ASCII and newlines alone, as
// nearly all are.
func isPlain(doc []byte) bool {
	for _, c := range doc {
		if c >= 0x7f {
			return false
		}
	}
	return true
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
