package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

const (
	homePage = "https://github.com/gwdoctor/gwdoctor"
	// undeterminedRule is the rule of containers that failed for a reason nobody saw.
	undeterminedRule = fact.VerdictUndetermined
)

// renderSARIF writes a report for code scanning, version 2.1.0: each cause is a rule with
// help, each failed container a result. What GitHub shows decides the form: a result
// without a physical location is refused, so it points at the compose file where
// that is known, else at a name made of the container's; the excerpts stand in the
// message, because related locations are hidden.
func renderSARIF(w *bytes.Buffer, r answer.Report, _ layout.Style) error {
	return sarifReport(w, r, answer.Explain(cause.All()).Causes)
}

func sarifReport(w *bytes.Buffer, r answer.Report, causes []answer.ExplainedCause) error {
	r = plain(r)
	var rules []sarifRule
	for _, c := range causes {
		rules = append(rules, ruleOf(c))
	}
	rules = append(rules, sarifRule{ID: undeterminedRule, Name: "Undetermined",
		ShortDescription: &sarifText{Text: "The container failed and the evidence does not tell why"},
		Help:             &sarifText{Text: "See what could not be seen in the report, and the commands that would open it."}})
	results := []sarifResult{}
	for _, d := range r.Diagnoses {
		if d.Failed() {
			results = append(results, resultOf(rules, d, oneSentence(r, d)))
		}
	}
	doc := sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{{
		Tool:    sarifTool{sarifDriver{"gwdoctor", r.Tool.Version, homePage, rules}},
		Results: results,
	}}}
	data, err := json.MarshalIndent(doc, "", "  ")
	w.Write(append(data, '\n'))
	return err
}

// ruleOf makes a cause a rule. Its name must differ from its ID, or GitHub shows
// neither well.
func ruleOf(c answer.ExplainedCause) sarifRule {
	help := "How it looks: " + c.Symptom + "\n\nHow it comes about: " + c.Reason
	markdown := "**How it looks.** " + c.Symptom + "\n\n**How it comes about.** " + c.Reason
	for _, f := range c.Fixes {
		help += "\n\n" + f.Title + ": " + f.Detail
		markdown += "\n\n**" + f.Title + ".** " + f.Detail
		if f.Snippet != "" {
			help += "\n" + f.Snippet
			markdown += "\n\n" + mdFence(f.Language, f.Snippet)
		}
	}
	return sarifRule{
		ID: c.ID, Name: camel(c.ID),
		ShortDescription: &sarifText{Text: c.Title},
		FullDescription:  &sarifText{Text: cmp.Or(c.Symptom, c.Title)},
		Help:             &sarifText{help, markdown},
		HelpURI:          fmt.Sprintf("%s/blob/main/docs/causes/%02d-%s.md", homePage, c.Number, c.ID),
		Configuration:    &sarifConfiguration{"error"},
	}
}

// camel turns "oom-kill" into "OomKill".
func camel(id string) string {
	var out strings.Builder
	for word := range strings.SplitSeq(id, "-") {
		if word != "" {
			out.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return out.String()
}

func resultOf(rules []sarifRule, d answer.Diagnosis, sentence string) sarifResult {
	rule, level := cmp.Or(d.Verdict.Reason(), undeterminedRule), "error"
	if d.Verdict.Kind == fact.VerdictUndetermined {
		level = "warning"
	}
	return sarifResult{
		RuleID: rule,
		// -1 where it is none of them, as the standard has it: the reason is a named other
		RuleIndex: slices.IndexFunc(rules, func(r sarifRule) bool { return r.ID == rule }),
		Level:     level,
		Message:   sarifText{Text: sarifMessage(d, sentence)},
		Locations: []sarifLocation{{
			Physical: sarifPhysical{sarifArtifact{placeOf(d.Target)}, sarifRegion{1}},
			Logical:  []sarifLogical{{d.Target.Name, qualified(d.Target), "resource"}},
		}},
		Fingerprints: map[string]string{"gwdoctor/v1": fingerprint(d)},
	}
}

// sarifMessage is the verdict with its strongest proof. Brackets would be links
// (SARIF 3.11.6), so they are escaped.
func sarifMessage(d answer.Diagnosis, sentence string) string {
	message := d.Target.Name + ": " + sentence
	for _, c := range d.Causes {
		if c.ID == d.Verdict.Cause && len(c.Findings) > 0 && c.Findings[0].Excerpt != "" {
			message += "\n" + sourceLine(c.Findings[0]) + ": " + firstLine(c.Findings[0].Excerpt)
		}
	}
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "{", "{{", "}", "}}").Replace(message)
}

func qualified(t answer.Target) string {
	return strings.Trim(t.Project+"/"+cmp.Or(t.Service, t.Name), "/")
}

// placeOf is the file that a result points at.
func placeOf(t answer.Target) string {
	path := t.ComposeFile
	if path == "" {
		path = "containers/" + qualified(t)
	}
	var out strings.Builder
	for _, b := range []byte(strings.TrimPrefix(path, "/")) {
		if isURIByte(b) {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	return out.String()
}

func isURIByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("-._~/", b) >= 0
}
