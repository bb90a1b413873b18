package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/report"
)

// choice is which containers `diagnose` is about.
type choice struct {
	names   []string
	all     bool
	project string
	bundles []string
}

func newDiagnose(a *app) *cobra.Command {
	var c choice
	var failOn enum
	cmd := &cobra.Command{
		Use:   "diagnose CONTAINER... | --all | --project NAME | --bundle PATH",
		Short: "Say why a container died or went silent",
		Long: "Collect what the machine still knows about containers, running or dead, and rank the ten root causes.\n" +
			"With --bundle, take what `gwdoctor capture` recorded instead; that needs no engine.",
		Example:           "  gwdoctor diagnose gateway\n  gwdoctor diagnose --project shop --format json\n  gwdoctor diagnose --bundle incident.tar.gz",
		ValidArgsFunction: a.completeContainers(many),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			c.names = args
			if err := c.check(); err != nil {
				return err
			}
			return a.diagnose(cmd.Context(), c, failOn.value)
		}),
	}
	flags := cmd.Flags()
	flags.BoolVar(&c.all, "all", false, "all containers, dead ones too")
	flags.StringVar(&c.project, "project", "", "the containers of a compose project")
	flags.StringArrayVar(&c.bundles, "bundle", nil, "a recorded incident: `PATH` of a folder or .tar.gz, - for standard input; repeatable")
	addEnum(cmd, flags, &failOn, "fail-on", "exit with 1 when a cause is found, or when anything but \"nothing failed\" is", "never", "cause", "any")
	return cmd
}

// check accepts exactly one way of choosing.
func (c choice) check() error {
	ways := 0
	for _, used := range []bool{len(c.names) > 0, c.all, c.project != "", len(c.bundles) > 0} {
		if used {
			ways++
		}
	}
	if ways == 1 && !slices.Contains(c.names, "") {
		return nil
	}
	err := usagef("want either container names, --all, --project or --bundle")
	err.hints = []string{"gwdoctor diagnose CONTAINER; docker ps -a lists all containers"}
	return err
}

func (a *app) diagnose(ctx context.Context, c choice, failOn string) error {
	if err := checkFolder(a.output); err != nil {
		return err
	}
	patients, err := a.patients(ctx, c)
	if err != nil {
		return err
	}
	diagnoses, failed := examineAll(ctx, patients)
	if len(diagnoses) == 0 && failed != nil {
		return failed
	}
	r := a.report(diagnoses)
	if err := a.printReport(r); err != nil {
		return errors.Join(err, failed)
	}
	if failed == nil && holds(failOn, r) {
		return errFound
	}
	return failed
}

// holds tells whether a report has what --fail-on asks about.
func holds(failOn string, r diagnose.Report) bool {
	for _, d := range r.Diagnoses {
		switch {
		case failOn == "cause" && d.Verdict.Kind == diagnose.KindCause,
			failOn == "any" && d.Verdict.Kind != diagnose.KindNotAFailure:
			return true
		}
	}
	return false
}

func (a *app) report(list []diagnose.Diagnosis) diagnose.Report {
	return diagnose.Report{
		SchemaVersion: diagnose.SchemaVersion,
		Tool:          diagnose.Tool{Name: "gwdoctor", Version: buildVersion().Version},
		GeneratedAt:   a.Now().UTC(),
		Diagnoses:     list,
	}
}

func (a *app) printReport(r diagnose.Report) error {
	return a.emit(
		func(w io.Writer) error { return report.JSON(w, r) },
		func(w io.Writer, s report.Style) error { return report.Text(w, r, s) },
	)
}

// patients turns a choice into what can be opened one by one.
func (a *app) patients(ctx context.Context, c choice) ([]patient, error) {
	var list []patient
	for _, path := range c.bundles {
		list = append(list, patient{path, func(ctx context.Context) (*bundle.Bundle, error) { return a.openBundle(ctx, path) }})
	}
	for i, name := range c.names {
		if !slices.Contains(c.names[:i], name) {
			list = append(list, a.liveContainer(name))
		}
	}
	if !c.all && c.project == "" {
		return list, nil
	}
	summaries, err := a.Engine.List(ctx, a.options(""))
	if err != nil {
		return nil, err
	}
	var projects []string
	for _, s := range summaries {
		if c.all || s.Project == c.project {
			list = append(list, a.liveContainer(s.ID))
		}
		if s.Project != "" && !slices.Contains(projects, s.Project) {
			projects = append(projects, s.Project)
		}
	}
	if len(list) == 0 && c.project != "" {
		return nil, &hinted{fmt.Errorf("find project %q: none of its containers is on this engine", c.project), didYouMean(c.project, projects)}
	}
	return list, nil
}

func (a *app) liveContainer(ref string) patient {
	return patient{ref, func(ctx context.Context) (*bundle.Bundle, error) { return a.Engine.Container(ctx, a.options(ref)) }}
}

// openBundle reads an incident and redacts it: whoever recorded it may not have,
// and rules get better. A pipe may keep silent for ever, and reading it
// heeds no context, so an interruption leaves the reader behind.
func (a *app) openBundle(ctx context.Context, path string) (*bundle.Bundle, error) {
	type result struct {
		b   *bundle.Bundle
		err error
	}
	done := make(chan result, 1)
	go func() {
		if path == "-" {
			b, err := bundle.Read(a.Stdin)
			done <- result{b, err}
			return
		}
		b, err := bundle.Open(path)
		done <- result{b, err}
	}()
	select {
	case r := <-done:
		if r.err == nil && !a.noRedact {
			r.b.Redact()
		}
		return r.b, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
