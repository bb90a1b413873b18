package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/near"
)

// This file holds what people try because other programs take it.

// negative is an argument such as the -1 of `gwdoctor exit -1`.
var negative = lazyregexp.New(`^-\d+$`)

// withNegativeCode lets `gwdoctor exit -1` be about a code: to a parser of flags, -1
// is a flag.
func withNegativeCode(args []string) []string {
	i := slices.Index(args, "exit")
	if i < 0 || slices.Contains(args, "--") {
		return args
	}
	for j := i + 1; j < len(args); j++ {
		if negative().MatchString(args[j]) {
			return slices.Concat(args[:j], args[j+1:], []string{"--", args[j]})
		}
	}
	return args
}

// flagError says what a mistyped flag may have meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			known = append(known, f.Name)
		}
	})
	usage := usagef("%v", err)
	for _, name := range near.To(unknown.GetSpecifiedName(), known) {
		usage.hints = append(usage.hints, "did you mean --"+name+"?")
	}
	if len(usage.hints) == 0 {
		usage.hints = []string{cmd.CommandPath() + " --help lists the flags"}
	}
	return usage
}

// commandNames lists the commands that people type.
func commandNames(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return names
}

// container collects one container. What is no container's name may be that of a
// compose service, where one container alone has it: people think in services.
func (a *app) container(ctx context.Context, o collect.Options) (*bundle.Bundle, error) {
	if o.Ref = a.podName(o.Ref); isPod(o.Ref) {
		return a.podBundle(ctx, o.Ref)
	}
	return orService(ctx, a, o, a.Engine.Container)
}

// orService asks for a container and, where there is none of that name, for the one of the compose service.
func orService[T any](ctx context.Context, a *app, o collect.Options,
	ask func(context.Context, collect.Options) (T, error)) (T, error) {
	found, err := ask(ctx, o)
	var missing *docker.NotFoundError
	if !errors.As(err, &missing) || missing.Ambiguous {
		return found, err
	}
	id, serviceErr := a.service(ctx, o.Ref)
	switch {
	case serviceErr != nil:
		return found, serviceErr
	case id == "":
		return found, err
	}
	o.Ref = id
	return ask(ctx, o)
}

// service finds the one container of a compose service; "" = none is of it.
func (a *app) service(ctx context.Context, name string) (id string, err error) {
	list, err := a.Engine.List(ctx, a.options(""))
	if err != nil {
		return "", nil // the first error is the one that matters
	}
	var found []string
	for _, s := range list {
		if s.Name == name || s.ID == name {
			return "", nil
		}
		if s.Service != "" && s.Service == name {
			id, found = s.ID, append(found, s.Name)
		}
	}
	if len(found) > 1 {
		return "", &hinted{fmt.Errorf("find container %q: it is a service of %d containers", name, len(found)),
			[]string{"did you mean " + strings.Join(found[:min(len(found), near.Most)], ", ") + "?"}}
	}
	return id, nil
}

// composeFiles are the names that docker compose looks for, in its order.
var composeFiles = []string{"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"}

const maxComposeFile = 4 << 20

// notInProject is what compose drops from a folder's name to make a project of it.
var notInProject = regexp.MustCompile(`[^a-z0-9_-]`)

// projectHere is the compose project of the folder that we are in: what
// COMPOSE_PROJECT_NAME says, else the file's own name, else that of the folder; "" =
// there is no compose file.
func (a *app) projectHere() string {
	for _, file := range composeFiles {
		data, err := host.ReadCapped(file, maxComposeFile)
		if err != nil {
			continue
		}
		if name := a.Getenv("COMPOSE_PROJECT_NAME"); name != "" {
			return name
		}
		var top struct {
			Name string `yaml:"name"`
		}
		if yaml.Unmarshal(data, &top) == nil && top.Name != "" && !strings.Contains(top.Name, "$") {
			return top.Name
		}
		dir, err := filepath.Abs(".")
		if err != nil {
			return ""
		}
		return strings.TrimLeft(notInProject.ReplaceAllString(strings.ToLower(filepath.Base(dir)), ""), "_-")
	}
	return ""
}

// startedHere is the project that compose started in this folder, as its containers' labels tell: it may have another
// name than the file and the folder say (-p, a variable that is set elsewhere). Where COMPOSE_PROJECT_NAME asks for
// one, and where no container is of this folder, it is the one that is called so.
func (a *app) startedHere(name string, list []collect.Summary) (string, error) {
	here := folderNames()
	var found []string
	for _, s := range list {
		ours := slices.ContainsFunc(s.Folders, func(f string) bool { return slices.Contains(here, filepath.Clean(f)) })
		if ours && s.Project != "" && !slices.Contains(found, s.Project) {
			found = append(found, s.Project)
		}
	}
	slices.Sort(found)
	switch {
	case len(found) == 0 || slices.Contains(found, name) || a.Getenv("COMPOSE_PROJECT_NAME") != "":
		return name, nil
	case len(found) == 1:
		return found[0], nil
	}
	return "", &hinted{fmt.Errorf("choose a project: %d were started in this folder", len(found)),
		[]string{"gwdoctor diagnose --project " + strings.Join(found[:min(len(found), near.Most)], ", --project ")}}
}

// folderNames are the paths of the folder that we are in, as the shell names it and without links.
func folderNames() []string {
	dir, err := filepath.Abs(".")
	if err != nil {
		return nil
	}
	names := []string{dir}
	if straight, err := filepath.EvalSymlinks(dir); err == nil && straight != dir {
		names = append(names, straight)
	}
	return names
}

// runBare is `gwdoctor` with nothing more in a folder with a compose file: the diagnosis of its project.
func (a *app) runBare(root *cobra.Command) error {
	diagnose, _, err := root.Find([]string{"diagnose"})
	if err != nil {
		return err
	}
	diagnose.SetContext(root.Context())
	if err := diagnose.ParseFlags(nil); err != nil {
		return err
	}
	return diagnose.RunE(diagnose, nil)
}

// completeProjects offers the engine's compose projects.
func (a *app) completeProjects(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion,
	cobra.ShellCompDirective) {
	list, err := a.listToComplete(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, s := range list {
		if plainName(s.Project) && !slices.Contains(names, s.Project) {
			names = append(names, s.Project)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
