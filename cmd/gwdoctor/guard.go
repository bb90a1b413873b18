package main

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/advice/guard"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// allParts is the framework of whoever has several, or none that is known.
const allParts = "any"

type guardFlags struct {
	framework enum
	only      []string
	list      bool
}

func newGuard(a *app) *cobra.Command {
	var f guardFlags
	cmd := &cobra.Command{
		Use:   "guard",
		Short: "Print a Python file that keeps a service from dying in silence",
		Long: "Print gateway_guard.py, one Python file without dependencies (Python 3.8 to 3.14). A service that imports " +
			"it\n" +
			"tells why it dies: failed logging, blocked event loops, dead tasks and threads, failed starts, memory, pools,\n" +
			"signals and exits; and it gets a health check that answers in time. It changes nothing in a healthy service.\n" +
			"docs/guard.md shows what each cause looks like with it and without.",
		Example: "  gwdoctor guard > gateway_guard.py\n  gwdoctor guard --framework fastapi -o gateway_guard.py\n" +
			"  gwdoctor guard --list\n  gwdoctor guard --only health,tasks",
		Args: cobra.NoArgs,
		RunE: work(func(_ *cobra.Command, _ []string) error {
			g, err := f.guard()
			if err != nil {
				return err
			}
			return a.print(g, func(w io.Writer, s layout.Style) error { return report.Guard(w, g, s) })
		}),
	}
	addEnum(cmd, cmd.Flags(), &f.framework, "framework", "what the service runs on",
		append([]string{allParts}, guard.Frameworks()...)...)
	cmd.Flags().StringSliceVar(&f.only, "only", nil, "only these `PARTS`, separated by commas, with what they need")
	cmd.Flags().BoolVar(&f.list, "list", false, "list the parts instead of printing the file")
	cmd.MarkFlagsMutuallyExclusive("framework", "only")
	if err := cmd.RegisterFlagCompletionFunc("only", completeParts); err != nil {
		panic(err) // the flag does not exist: a mistake in this program
	}
	return cmd
}

// guard is the file or the list that the flags ask for.
func (f guardFlags) guard() (answer.Guard, error) {
	names := f.only
	if f.framework.value != allParts {
		names = guard.ForFramework(f.framework.value)
	}
	if names != nil && len(names) == 0 { // --only "$PARTS" of a variable that is not set
		err := usagef("--only names no part")
		err.hints = []string{"gwdoctor guard --list lists all"}
		return answer.Guard{}, err
	}
	for i := range names {
		names[i] = strings.TrimSpace(names[i]) // --only "health, tasks"
		name := names[i]
		if !slices.Contains(partNames(), name) {
			err := usagef("no part %q", name)
			err.hints = append(didYouMean(name, partNames()), "gwdoctor guard --list lists all")
			return answer.Guard{}, err
		}
	}
	g, err := answer.GuardOf(names)
	if f.list {
		g.File = ""
	}
	return g, err
}

func partNames() []string {
	var names []string
	for _, p := range guard.Parts() {
		names = append(names, p.Name)
	}
	return names
}

// completeParts completes the last of several names.
func completeParts(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndexByte(typed, ',')+1]
	var names []cobra.Completion
	for _, p := range guard.Parts() {
		names = append(names, cobra.CompletionWithDesc(before+p.Name, p.Does))
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder | cobra.ShellCompDirectiveNoSpace
}
