package main

import (
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/fixtures"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

const defaultDemo = "oom-gateway-leak"

func newDemo(a *app) *cobra.Command {
	var list bool
	var o reporting
	cmd := &cobra.Command{
		Use:   "demo [NAME]",
		Short: "Diagnose a recorded incident that gwdoctor carries",
		Long: "Diagnose one of the recorded incidents of a real gateway, as if it had just happened. No engine is needed.\n" +
			"Without a name it is " + defaultDemo + ".",
		Example: "  gwdoctor demo --list\n  gwdoctor demo " + defaultDemo,
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []cobra.Completion
			for _, name := range fixtures.Names() {
				names = append(names, cobra.CompletionWithDesc(name, fixtures.What(name)))
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if list {
				return a.listDemos(o.format.value)
			}
			return a.demo(cmd.Context(), append(args, defaultDemo)[0], &o)
		}),
	}
	o.addFormat(cmd)
	cmd.Flags().BoolVar(&list, "list", false, "list the incidents")
	return cmd
}

func (a *app) listDemos(format string) error {
	if format != formatText && format != formatJSON {
		return usagef("the list of incidents comes as %s or %s", formatText, formatJSON)
	}
	list := answer.Demos{SchemaVersion: answer.SchemaVersion, Incidents: []answer.Demo{}}
	for _, name := range fixtures.Names() {
		list.Incidents = append(list.Incidents, answer.Demo{Name: name, What: fixtures.What(name)})
	}
	return a.printAs(format, list, func(w io.Writer, s layout.Style) error { return report.Demos(w, list, s) })
}

func (a *app) demo(ctx context.Context, name string, o *reporting) error {
	if names := fixtures.Names(); !slices.Contains(names, name) {
		err := usagef("no incident %q", name)
		err.hints = append(didYouMean(name, names), "gwdoctor demo --list lists the incidents")
		return err
	}
	diagnoses, err := examineAll(ctx, []target{{name, func(context.Context) (*bundle.Bundle, error) {
		files, err := fixtures.Incident(name)
		if err != nil {
			return nil, err
		}
		return bundle.OpenFS(files)
	}}}, nil, nil)
	if err != nil {
		return err
	}
	return a.printReport(o, a.report(diagnoses))
}
