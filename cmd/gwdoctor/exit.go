package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

func newExit(a *app) *cobra.Command {
	var recorded string
	cmd := &cobra.Command{
		Use:   "exit CONTAINER | pod/NAME | CODE | --bundle PATH",
		Short: "Say what an exit code means, and what it does not prove",
		Long: "Explain an exit code, or a container's last exit in the light of what the engine knows of it.\n" +
			"A number is a code; a container whose name is a number is found by its id.",
		Example:           "  gwdoctor exit 137\n  gwdoctor exit gateway",
		Args:              a.orBundle(&recorded, cobra.ExactArgs(1)),
		ValidArgsFunction: a.completeContainers(one),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			e, err := a.exitMeaning(cmd.Context(), strings.Join(args, ""), recorded)
			if err != nil {
				return err
			}
			return a.print(e, func(w io.Writer, s layout.Style) error { return report.Exit(w, e, s) })
		}),
	}
	bundleFlag(cmd, &recorded)
	a.addPodFlags(cmd, "n")
	return cmd
}

// longestCode is the length of 3221225477, a Windows status; more digits can only
// be a container's id.
const longestCode = 10

// exitMeaning explains a code, or the end of a container, live or recorded.
func (a *app) exitMeaning(ctx context.Context, arg, recorded string) (answer.Exit, error) {
	if recorded != "" {
		b, err := a.openBundle(ctx, recorded)
		if err != nil {
			return answer.Exit{}, err
		}
		return exitOf(b)
	}
	if code, err := strconv.ParseInt(arg, 10, 64); err == nil && len(arg) <= longestCode {
		return answer.ExitOf(exitcode.Explain(int(code))), nil
	}
	b, err := a.container(ctx, a.options(arg))
	if err != nil {
		return answer.Exit{}, err
	}
	return exitOf(b)
}

// exitOf explains how a container ended. Where neither its record nor anything else tells its state, there is nothing
// to explain.
func exitOf(b *bundle.Bundle) (answer.Exit, error) {
	e := diagnose.Exit(b)
	if e.Code != nil || e.Container == nil || e.Container.State != fact.StateUnknown {
		return e, nil
	}
	name := b.Manifest().Target.Name
	return answer.Exit{}, &hinted{fmt.Errorf("explain the last exit of %q: whether it ended is not known; its record: %s",
		name, cmp.Or(b.Source(fact.SourceInspect).Detail, "not there")),
		[]string{"gwdoctor diagnose " + source.ShellWord(name) + " holds all that is known against each other"}}
}
