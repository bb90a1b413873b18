package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/report"
)

// capturing is what `capture` is to record, and where.
type capturing struct {
	name, project, path string
	force               bool
}

func newCapture(a *app) *cobra.Command {
	var c capturing
	cmd := &cobra.Command{
		Use:   "capture CONTAINER | pod/NAME | --project NAME [-o FILE]",
		Short: "Record an incident, to diagnose it elsewhere or later",
		Long: "Write what the machine knows about a container into one .tar.gz, a bundle, before a restart destroys\n" +
			"it: the engine's records and events, the container's log and those of the services beside it, the\n" +
			"kernel log of the whole host. Values of environment variables and secrets are masked. With --project,\n" +
			"the bundles of all its containers go into one file.\n\n" +
			"`gwdoctor diagnose --bundle FILE` reads it on any machine. With `-o -` it goes to standard output.",
		Example: "  gwdoctor capture gateway -o incident.tar.gz\n  gwdoctor capture --project shop\n" +
			"  ssh host gwdoctor capture gateway -o - > incident.tar.gz",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.completeContainers(one),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == (c.project != "") {
				return usagef("want either a container or --project NAME")
			}
			if c.project != "" {
				return a.captureProject(cmd.Context(), c)
			}
			c.name = args[0]
			return a.capture(cmd.Context(), c)
		}),
	}
	cmd.Flags().StringVarP(&c.path, "output", "o", "", "the `FILE` to write (default gwdoctor-NAME-TIME.tar.gz here)")
	cmd.Flags().BoolVar(&c.force, "force", false, "overwrite an existing file")
	cmd.Flags().StringVar(&c.project, "project", "", "record all containers of a compose project")
	if err := cmd.RegisterFlagCompletionFunc("project", a.completeProjects); err != nil {
		panic(err) // no such flag: a mistake in this program
	}
	a.addPodFlags(cmd, "n")
	a.addNodeDebug(cmd)
	a.insideFlags(cmd)
	return cmd
}

func (a *app) capture(ctx context.Context, c capturing) error {
	if err := a.checkCapture(c.path, c.force); err != nil {
		return err
	}
	b, err := a.container(ctx, a.options(c.name))
	if err != nil {
		return err
	}
	path, size, err := a.writeCapture(c, b.Manifest().Target.Name, b.WriteTarGz)
	if err != nil {
		return err
	}
	return a.tellCaptured(answer.CaptureOf(b.Manifest(), path, size))
}

// captureProject records the containers of a project, one after the other. Those that could not be recorded are told,
// and the others are kept.
func (a *app) captureProject(ctx context.Context, c capturing) error {
	if err := a.checkCapture(c.path, c.force); err != nil {
		return err
	}
	round := collect.NewRound(0)
	defer round.Close()
	targets, err := a.targets(ctx, choice{project: c.project}, round)
	if err != nil {
		return err
	}
	var set []*bundle.Bundle
	var manifests []bundle.Manifest
	var errs []error
	for _, t := range targets {
		b, err := t.open(ctx)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		set, manifests = append(set, b), append(manifests, b.Manifest())
	}
	if len(set) == 0 {
		return errors.Join(errs...)
	}
	path, size, err := a.writeCapture(c, c.project, func(w io.Writer) error { return bundle.WriteSet(w, set) })
	if err == nil {
		err = a.tellCaptured(answer.CaptureOfSet(c.project, manifests, path, size))
	}
	return errors.Join(append(errs, err)...)
}

// writeCapture writes an archive where it was asked for, or to a file of its own name.
func (a *app) writeCapture(c capturing, name string, write func(io.Writer) error) (path string, size int, err error) {
	path = c.path
	if path == "" {
		path = captureName(name, a.Now())
	}
	var archive bytes.Buffer
	if err := write(&archive); err != nil {
		return path, 0, err
	}
	size = archive.Len()
	if path == "-" {
		_, err = archive.WriteTo(a.Stdout)
	} else if err = a.checkCapture(path, c.force); err == nil { // somebody may have been faster
		err = a.writeFile(path, archive.Bytes())
	}
	return path, size, err
}

// captureName is the file of an incident that nobody named.
func captureName(container string, at time.Time) string {
	return fmt.Sprintf("gwdoctor-%s-%s.tar.gz", fileName(container), at.UTC().Format("20060102T150405Z"))
}

// checkCapture refuses to destroy an earlier incident, or to spill bytes on a terminal.
func (a *app) checkCapture(path string, force bool) error {
	if path == "-" {
		if a.IsTerminal(a.Stdout) {
			return usagef("the bundle is binary and standard output is a terminal: name a file with -o")
		}
		return nil
	}
	if path == "" {
		return nil // named when the container's name is known
	}
	if _, err := os.Lstat(path); !force && !errors.Is(err, fs.ErrNotExist) {
		return &hinted{fmt.Errorf("write output %q: %w", path, fs.ErrExist),
			[]string{"choose another name, or overwrite it with --force"}}
	}
	return checkFolder(path)
}

// tellCaptured says what is in the bundle and what is not, on standard error:
// standard output is for results.
func (a *app) tellCaptured(c answer.Capture) error {
	if a.format.value == formatJSON && c.Path != "-" {
		return report.Document(a.Stdout, c)
	}
	return report.Captured(a.Stderr, c)
}
