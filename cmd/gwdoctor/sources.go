package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report"
)

func newSources(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "sources",
		Short: "Say what this machine lets gwdoctor see, and what opens the rest",
		Long: "Try every source that a diagnosis reads and say whether it can be read, how far back it reaches, and\n" +
			"which command opens what is shut. Worth a look before the next incident.",
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			l := answer.SourcesOf(a.Engine.Machine(cmd.Context(), a.options("")))
			return a.print(l, func(w io.Writer, s report.Style) error { return report.Sources(w, l, s) })
		}),
	}
}
