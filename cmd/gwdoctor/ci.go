package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// ci tells in whose job we run, by the variables that both document for that; "" =
// in none that is known.
func (a *app) ci() string {
	switch {
	case a.Getenv("GITHUB_ACTIONS") == "true":
		return report.GitHub
	case a.Getenv("GITLAB_CI") == "true":
		return report.GitLab
	}
	return ""
}

// tellGitHub appends the report to the step's summary and prints annotations. The
// runner reads standard error for them, too; standard output is for the result.
func (a *app) tellGitHub(r answer.Report) error {
	if err := report.Write(a.Stderr, report.FormatGitHub, r, layout.Style{}); err != nil {
		return err
	}
	path := a.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	var text bytes.Buffer
	if err := report.Write(&text, report.FormatMarkdown, r, layout.Style{}); err != nil {
		return err
	}
	if err := a.appendTo(path, append(text.Bytes(), '\n'), os.O_APPEND|os.O_CREATE|os.O_WRONLY); err != nil {
		return fmt.Errorf("write step summary: %w", err)
	}
	return nil
}
