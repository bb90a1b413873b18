package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// maxAnnotations is how many GitHub shows of a step:
// https://docs.github.com/en/rest/checks/runs and github.com/orgs/community/discussions/26680.
const maxAnnotations = 10

// renderGitHub writes workflow commands: one annotation for each failed container, the
// first dominoes first, and no more than are shown. A text cannot end its command and
// begin another, because line ends are encoded.
func renderGitHub(out *bytes.Buffer, r answer.Report, _ layout.Style) error {
	lines := annotations(plain(r))
	if left := len(lines) - maxAnnotations; left > 0 {
		lines = append(lines[:maxAnnotations-1], fmt.Sprintf("::notice title=gwdoctor::%s in the report",
			words.Count(left+1, "more failure")))
	}
	for _, line := range lines {
		out.WriteString(line + "\n")
	}
	return nil
}

func annotations(r answer.Report) (lines []string) {
	for _, c := range r.Chains {
		lines = append(lines, fmt.Sprintf("::error title=%s::%s", commandProperty("gwdoctor: the chain"),
			commandData(c.Summary)))
	}
	for _, d := range r.ByGravity() {
		if !d.Failed() {
			continue
		}
		level := "error"
		if d.Verdict.Kind == fact.VerdictUndetermined {
			level = "warning"
		}
		title := fmt.Sprintf("gwdoctor: %s: %s", d.Target.Name, cmp.Or(d.Verdict.Reason(), "cannot tell"))
		lines = append(lines, fmt.Sprintf("::%s title=%s::%s", level, commandProperty(title),
			commandData(oneSentence(r, d))))
	}
	return lines
}

// commandData encodes the message of a workflow command as actions/toolkit does
// (packages/core/src/command.ts escapeData).
func commandData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func commandProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(commandData(s))
}

// codeQualityIssue is one entry of GitLab's code quality report, the part of Code
// Climate's form that GitLab reads.
type codeQualityIssue struct {
	Description string              `json:"description"`
	CheckName   string              `json:"check_name"`
	Fingerprint string              `json:"fingerprint"`
	Severity    string              `json:"severity"` // info minor major critical blocker
	Location    codeQualityLocation `json:"location"`
}

type codeQualityLocation struct {
	Path  string           `json:"path"`
	Lines codeQualityLines `json:"lines"`
}

type codeQualityLines struct {
	Begin int `json:"begin"`
}

// renderCodeQuality writes GitLab's code quality report: an issue for each failed
// container.
func renderCodeQuality(w *bytes.Buffer, r answer.Report, _ layout.Style) error {
	r = plain(r)
	issues := []codeQualityIssue{}
	for _, d := range r.Diagnoses {
		if !d.Failed() {
			continue
		}
		severity := "critical"
		if d.Verdict.Kind == fact.VerdictUndetermined {
			severity = "major"
		}
		issues = append(issues, codeQualityIssue{
			Description: d.Target.Name + ": " + oneSentence(r, d), CheckName: cmp.Or(d.Verdict.Reason(), undeterminedRule),
			Fingerprint: fingerprint(d), Severity: severity,
			Location: codeQualityLocation{Path: cmp.Or(d.Target.ComposeFile, "containers/"+qualified(d.Target)),
				Lines: codeQualityLines{Begin: 1}},
		})
	}
	return Document(w, issues)
}

// fingerprint is the same for the same container failing of the same cause in the
// next run: CI tells old from new by it.
func fingerprint(d answer.Diagnosis) string {
	sum := sha256.Sum256([]byte(d.Target.Project + "\x00" + d.Target.Name + "\x00" +
		cmp.Or(d.Verdict.Reason(), d.Verdict.Kind)))
	return hex.EncodeToString(sum[:16])
}
