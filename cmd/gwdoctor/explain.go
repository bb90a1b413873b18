package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

func newExplain(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "explain [CAUSE]",
		Short:   "Explain one of the ten causes: symptoms, evidence, fixes",
		Example: "  gwdoctor explain\n  gwdoctor explain oom-kill\n  gwdoctor explain 2",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
			if len(args) > 0 {
				return nil, directive
			}
			var ids []cobra.Completion
			for _, c := range cause.All() {
				ids = append(ids, cobra.CompletionWithDesc(c.ID, c.Title))
			}
			return ids, directive
		},
		RunE: work(func(_ *cobra.Command, args []string) error {
			causes := cause.All()
			if len(args) == 1 {
				c, err := findCause(args[0])
				if err != nil {
					return err
				}
				causes = []cause.Cause{c}
			}
			e := answer.Explain(causes)
			return a.print(e, func(w io.Writer, s layout.Style) error { return report.Explain(w, e, s) })
		}),
	}
}

// findCause finds a cause by its id or number, or an alternative by its id.
func findCause(name string) (cause.Cause, error) {
	if c, ok := cause.ByID(name); ok {
		return c, nil
	}
	ids := []string{}
	for _, c := range cause.All() {
		if strconv.Itoa(c.Number) == name {
			return c, nil
		}
		ids = append(ids, c.ID)
	}
	err := usagef("no cause %q", name)
	err.hints = append(didYouMean(name, ids), fmt.Sprintf("gwdoctor explain lists all; numbers go from 1 to %d", len(ids)))
	return cause.Cause{}, err
}
