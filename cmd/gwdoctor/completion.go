package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// completionTime is how long a shell may wait for names.
const completionTime = 300 * time.Millisecond

// How many containers a command takes.
const (
	one  = 1
	many = 1 << 10
)

// completeContainers offers the engine's containers, dead ones too: they are what
// people ask about. An engine that does not answer in time offers nothing.
func (a *app) completeContainers(most int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
		if len(args) >= most {
			return nil, directive
		}
		if typed = a.podName(typed); isPod(typed+"x") || a.ofKubectl() {
			ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
			defer cancel()
			return a.completePods(ctx, cmp.Or(typed, "pod/")), directive
		}
		list, err := a.listToComplete(cmd.Context())
		if err != nil {
			cobra.CompDebugln(sanitize.Clean(err.Error(), 0), false)
			return nil, directive
		}
		var names []cobra.Completion
		for _, s := range list {
			if !plainName(s.Name) || slices.Contains(args, s.Name) {
				continue
			}
			names = append(names, cobra.CompletionWithDesc(s.Name, sanitize.Inert(s.Status, 60)))
		}
		return names, directive
	}
}

// listToComplete asks the engine for its containers within the time that a person waits behind a tab.
func (a *app) listToComplete(ctx context.Context) ([]collect.Summary, error) {
	ctx, cancel := context.WithTimeout(ctx, completionTime)
	defer cancel()
	options := a.options("")
	options.Timeout = completionTime
	return a.Engine.List(ctx, options)
}

// plainName tells whether a name can be offered to a shell as it is, and to a CI job's log: no engine and no cluster
// takes others (Docker's RestrictedNamePattern, compose's project names, the DNS names of Kubernetes).
func plainName(name string) bool { return nameForm().MatchString(name) }

var nameForm = lazyregexp.New(`^[a-zA-Z0-9][a-zA-Z0-9_.-]*$`)
