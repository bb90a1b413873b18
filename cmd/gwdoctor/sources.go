package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

func newSources(a *app) *cobra.Command {
	var pods bool
	cmd := &cobra.Command{
		Use:   "sources",
		Short: "Say what this machine lets gwdoctor see, and what opens the rest",
		Long: "Try every source that a diagnosis reads and say whether it can be read, how far back it reaches, and\n" +
			"which command opens what is shut. Worth a look before the next incident.\n" +
			"With --kubernetes, say what your role in the cluster lets be seen of pods, and the smallest role that opens\n" +
			"each source.",
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			list, err := a.sources(cmd.Context(), pods || a.ofKubectl())
			if err != nil {
				return err
			}
			l := answer.SourcesOf(list)
			return a.print(l, func(w io.Writer, s layout.Style) error { return report.Sources(w, l, s) })
		}),
	}
	cmd.Flags().BoolVar(&pods, "kubernetes", false, "of the cluster instead of this machine")
	cmd.Flags().StringVar(&a.pods.kubeconfig, "kubeconfig", "", "with --kubernetes: `FILE` that names the cluster")
	cmd.Flags().StringVarP(&a.pods.namespace, "namespace", "n", "", "with --kubernetes: the namespace")
	return cmd
}

// sources tries what there is to see: on this machine, or in a cluster.
func (a *app) sources(ctx context.Context, pods bool) ([]bundle.Source, error) {
	if !pods {
		return a.Engine.Machine(ctx, a.options("")), nil
	}
	s, err := a.cluster(ctx)
	if err != nil {
		return nil, err
	}
	return s.Access(ctx)
}
