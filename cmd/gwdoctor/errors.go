package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// failure marks an error of a command's work, as against wrong usage.
type failure struct{ err error }

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// usageError is wrong usage that only the command itself could see.
type usageError struct {
	text  string
	hints []string
}

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) *usageError {
	return &usageError{text: fmt.Sprintf(format, args...)}
}

// hinted is an error with what to try next.
type hinted struct {
	err   error
	hints []string
}

func (h *hinted) Error() string { return h.err.Error() }
func (h *hinted) Unwrap() error { return h.err }

// work is a RunE whose errors are failures, except where they say otherwise.
func work(f func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := f(cmd, args)
		var usage *usageError
		if err == nil || errors.As(err, &usage) {
			return err
		}
		return &failure{err}
	}
}

// printError writes "error: …" and what to try, a line each. Names in it come
// from strangers.
func (a *app) printError(err error) {
	if err == nil || errors.Is(err, errFound) || errors.Is(err, errNotSeen) {
		return
	}
	told := map[string]bool{} // hints: thirteen containers that fail alike need one
	for _, one := range unjoined(err) {
		text, hints := explained(one)
		lines := []string{"error: " + text}
		for _, hint := range hints {
			if !told[hint] {
				lines, told[hint] = append(lines, "hint: "+hint), true
			}
		}
		_ = a.tell(lines...) // there is nowhere else to say it
	}
}

// tell writes lines to standard error, each without its secrets: an error may quote a
// URL with a password, a hint the command that somebody typed.
func (a *app) tell(lines ...string) error {
	r := a.redactor()
	clean := make([]string, len(lines))
	for i, line := range lines {
		clean[i] = r.Text(line)
	}
	return sanitize.Message(a.Stderr, clean...)
}

// unjoined lists the errors of several containers apart.
func unjoined(err error) []error {
	var failed *failure
	if errors.As(err, &failed) {
		err = failed.err
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

const hintBundle = "a recorded incident needs no engine: gwdoctor diagnose --bundle PATH, or gwdoctor demo"

// explained splits an error into what is wrong and what to try.
func explained(err error) (text string, hints []string) {
	var (
		usage       *usageError
		more        *hinted
		notFound    *docker.NotFoundError
		unreachable *docker.UnreachableError
		denied      *docker.DeniedError
		noLog       *collect.NoLogError
		noKernelLog *host.KernelLogError
	)
	if text, hints, ok := explainedPods(err); ok {
		return text, hints
	}
	switch {
	case errors.As(err, &usage):
		return usage.text, usage.hints
	case errors.Is(err, context.Canceled):
		return "interrupted; what had been gathered by then is reported, if there was anything", nil
	case errors.As(err, &more):
		return more.Error(), more.hints
	case errors.As(err, &notFound):
		return missing(notFound)
	case errors.As(err, &unreachable):
		return fmt.Sprintf("reach engine at %s: %v", unreachable.Endpoint, unreachable.Err),
			append([]string{unreachable.Helps(), hintBundle}, others(unreachable.Others)...)
	case errors.As(err, &noLog):
		return noLog.Error(), []string{"read it where the driver sent it, and give it to gwdoctor logs -",
			"for the next time: " + noLog.Command}
	case errors.As(err, &noKernelLog):
		return noKernelLog.Error(), noKernelLog.Hints
	case errors.As(err, &denied):
		return fmt.Sprintf("reach engine at %s: %v", denied.Endpoint, denied.Err),
			append([]string{denied.Opens(), hintBundle}, others(denied.Others)...)
	}
	return err.Error(), nil
}

func missing(e *docker.NotFoundError) (text string, hints []string) {
	text = fmt.Sprintf("find container %q: no such container at %s", e.Ref, e.Endpoint)
	if e.Ambiguous {
		text = fmt.Sprintf("find container %q: several ids begin so at %s", e.Ref, e.Endpoint)
	}
	if len(e.Near) > 0 {
		return text, append([]string{"did you mean " + strings.Join(e.Near, ", ") + "?"}, others(e.Others)...)
	}
	return text, append([]string{e.Endpoint.Lists()}, others(e.Others)...)
}

// others names the other engines of this machine, each as it is asked.
func others(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return []string{"other engines of this machine: --host " + strings.Join(list, ", --host ")}
}
