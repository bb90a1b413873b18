package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report"
)

// inGitHub and inGitLab tell in whose job we run, by the variables that both
// document for that.
func (a *app) inGitHub() bool { return a.Getenv("GITHUB_ACTIONS") == "true" }
func (a *app) inGitLab() bool { return a.Getenv("GITLAB_CI") == "true" }

// tellGitHub appends the report to the step's summary and prints annotations. The
// runner reads standard error for them, too; standard output is for the result.
func (a *app) tellGitHub(r answer.Report) error {
	if err := report.GitHub(a.Stderr, r); err != nil {
		return err
	}
	path := a.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	var text bytes.Buffer
	if err := report.Markdown(&text, r); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("write step summary: %w", err)
	}
	_, err = f.Write(append(text.Bytes(), '\n'))
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("write step summary: %w", err)
	}
	return nil
}

// jobLog is a writer for a job's log whose runner obeys what it finds there: a
// service's line that looks like a workflow command is broken up. A whole report is
// one Write, so no command is cut in two.
type jobLog struct{ io.Writer }

func (l jobLog) Write(p []byte) (int, error) {
	if _, err := l.Writer.Write(report.WithoutCommands(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}
