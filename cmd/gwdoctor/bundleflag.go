package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/interruptible"
	"github.com/gwdoctor/gwdoctor/diagnose/near"
)

// bundleFlag adds --bundle to a command that answers about a container and can answer from a recording of it.
func bundleFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "bundle", "", "answer from a recorded incident: `PATH` of a folder or .tar.gz, - for "+
		"standard input; of a project's, with the name of one of its containers")
}

// recordedAt tells whether an argument is the path of a recorded incident rather than a name: it has a slash or an
// archive's ending, so that a container goes before a file that is called like it, and there is such a thing there.
func (a *app) recordedAt(ctx context.Context, arg string) bool {
	return (strings.ContainsAny(arg, `/\`) || isArchive(arg)) && holdsBundle(ctx, arg)
}

// isArchive tells whether a file is named as an archive is.
func isArchive(path string) bool {
	return strings.HasSuffix(path, ".tar.gz") || strings.HasSuffix(path, ".tgz") || strings.HasSuffix(path, ".tar")
}

// holdsBundle tells by its contents whether a file or folder is a recorded incident.
func holdsBundle(ctx context.Context, path string) bool {
	is, err := interruptible.Await(ctx, func() (bool, error) { return bundle.IsBundle(path), nil })
	return err == nil && is
}

// orBundle wants the arguments of a command, or a recorded incident instead of them: by --bundle, beside which one
// argument may name a container, or as the one argument.
func (a *app) orBundle(path *string, want cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if !cmd.Flags().Changed("bundle") {
			if len(args) == 1 && a.recordedAt(cmd.Context(), args[0]) {
				*path = args[0]
				return nil
			}
			return want(cmd, args)
		}
		if len(args) > 1 || *path == "" {
			return usagef("--bundle PATH is the recording to answer from; beside it goes one name of a container in it")
		}
		if len(args) == 1 {
			a.member = args[0]
		}
		return nil
	}
}

// oneOf chooses a container of a recorded project by its name, service or id.
func (a *app) oneOf(path string) (*bundle.Bundle, error) {
	set, err := bundle.OpenSet(path)
	if err != nil {
		return nil, err
	}
	var known []near.Name
	for _, b := range set {
		t := b.Manifest().Target
		service := diagnose.ServiceOf(b)
		if a.member == anyOf || a.member != "" && (t.Name == a.member || t.ID == a.member || service == a.member) {
			return b, nil
		}
		known = append(known, near.Name{Text: t.Name, Aliases: []string{service}})
	}
	return nil, a.noneOf(path, known)
}

// noneOf says which containers a recording holds, or which of them may have been meant.
func (a *app) noneOf(path string, known []near.Name) error {
	var names []string
	for _, n := range known {
		names = append(names, n.Text)
	}
	slices.Sort(names)
	all := "it holds " + strings.Join(names, ", ")
	if a.member == "" {
		return &hinted{fmt.Errorf("choose a container in %q: it is of a project", path),
			[]string{"name one behind --bundle PATH: " + all, "gwdoctor diagnose --bundle PATH is about all of them"}}
	}
	if like := near.Named(a.member, known); len(like) > 0 {
		all = "did you mean " + strings.Join(like, ", ") + "?"
	}
	return &hinted{fmt.Errorf("find container %q in %q: it is not in there", a.member, path), []string{all}}
}
