package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report"
)

func newCapture(a *app) *cobra.Command {
	var path string
	var force bool
	cmd := &cobra.Command{
		Use:   "capture CONTAINER [-o FILE]",
		Short: "Record an incident, to diagnose it elsewhere or later",
		Long: "Write what the machine knows about a container into one .tar.gz, before a restart destroys it.\n" +
			"Secrets are masked. `gwdoctor diagnose --bundle FILE` reads it on any machine. With `-o -` it goes to standard " +
			"output.",
		Example: "  gwdoctor capture gateway -o incident.tar.gz\n  ssh host gwdoctor capture gateway -o - > " +
			"incident.tar.gz",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeContainers(one),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			return a.capture(cmd.Context(), args[0], path, force)
		}),
	}
	cmd.Flags().StringVarP(&path, "output", "o", "", "the bundle to write (default gwdoctor-NAME-TIME.tar.gz here)")
	cmd.Flags().BoolVar(&force, "force", false, "overwrite an existing file")
	return cmd
}

func (a *app) capture(ctx context.Context, ref, path string, force bool) error {
	if err := a.checkCapture(path, force); err != nil {
		return err
	}
	b, err := a.container(ctx, a.options(ref))
	if err != nil {
		return err
	}
	if path == "" {
		path = captureName(b.Manifest().Target.Name, a.Now())
	}
	var archive bytes.Buffer
	if err := b.WriteTarGz(&archive); err != nil {
		return err
	}
	size := archive.Len()
	if path == "-" {
		_, err = archive.WriteTo(a.Stdout)
	} else if err = a.checkCapture(path, force); err == nil { // somebody may have been faster
		err = writeFile(path, archive.Bytes())
	}
	if err != nil {
		return err
	}
	return a.tellCaptured(answer.CaptureOf(b.Manifest(), path, size))
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
