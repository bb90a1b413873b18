package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
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
func renderSARIF(w *bytes.Buffer, r answer.Report, _ Style) error {
	return sarifReport(w, r, answer.Explain(cause.All()).Causes)
}

func sarifReport(w *bytes.Buffer, r answer.Report, rules []answer.ExplainedCause) error {
	r = plain(r)
	run := sarif.NewRunWithInformationURI("gwdoctor", homePage)
	run.Tool.Driver.WithVersion(r.Tool.Version)
	for _, c := range rules {
		addRule(run, c)
	}
	run.AddRule(undeterminedRule).WithName("Undetermined").
		WithShortDescription(sarifText("The container failed and the evidence does not tell why")).
		WithHelp(sarifText("See what could not be seen in the report, and the commands that would open it."))
	for _, d := range r.Diagnoses {
		if d.Failed() {
			run.AddResult(sarifResult(run, d, oneSentence(r, d)))
		}
	}
	doc := sarif.NewReport()
	doc.AddRun(run)
	data, err := json.MarshalIndent(doc, "", "  ")
	w.Write(append(inert(data), '\n'))
	return err
}

func sarifText(s string) *sarif.MultiformatMessageString {
	return sarif.NewMultiformatMessageString().WithText(s)
}

// addRule makes a cause a rule. Its name must differ from its ID, or GitHub shows
// neither well.
func addRule(run *sarif.Run, c answer.ExplainedCause) {
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
	run.AddRule(c.ID).WithName(camel(c.ID)).
		WithShortDescription(sarifText(c.Title)).
		WithFullDescription(sarifText(cmp.Or(c.Symptom, c.Title))).
		WithHelp(sarifText(help).WithMarkdown(markdown)).
		WithHelpURI(fmt.Sprintf("%s/blob/main/docs/causes/%02d-%s.md", homePage, c.Number, c.ID)).
		WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel("error"))
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

func sarifResult(run *sarif.Run, d answer.Diagnosis, sentence string) *sarif.Result {
	rule, level := cmp.Or(d.Verdict.Reason(), undeterminedRule), "error"
	if d.Verdict.Kind == fact.VerdictUndetermined {
		level = "warning"
	}
	place := sarif.NewLocation().
		WithPhysicalLocation(sarif.NewPhysicalLocation().
			WithArtifactLocation(sarif.NewArtifactLocation().WithURI(placeOf(d.Target))).
			WithRegion(sarif.NewRegion().WithStartLine(1))).
		WithLogicalLocations([]*sarif.LogicalLocation{sarif.NewLogicalLocation().WithName(d.Target.Name).
			WithFullyQualifiedName(qualified(d.Target)).WithKind("resource")})
	return sarif.NewRuleResult(rule).
		WithRuleIndex(run.GetRuleIndex(rule)).
		WithLevel(level).
		WithMessage(sarif.NewTextMessage(sarifMessage(d, sentence))).
		WithLocations([]*sarif.Location{place}).
		WithPartialFingerprints(map[string]string{"gwdoctor/v1": fingerprint(d)})
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
