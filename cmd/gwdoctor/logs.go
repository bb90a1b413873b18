package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/report"
)

func newLogs(a *app) *cobra.Command {
	var file string
	var follow bool
	cmd := &cobra.Command{
		Use:   "logs CONTAINER | --file FILE | -",
		Short: "Show the failure signatures in a service's own log",
		Long: "Read a service's log and list what in it is known to tell of a failure, in order, with line numbers and\n" +
			"counts, then how far the server came in its life and what became of its workers. A log is a container's,\n" +
			"a file (plain, json-file, CRI or an API stream; gzip, xz, zstd or lz4), or standard input.\n" +
			"It lists what the log shows, not why the container died: that is gwdoctor diagnose.",
		Example:           "  gwdoctor logs gateway\n  gwdoctor logs --follow gateway\n  gwdoctor logs --file gateway.log.1.gz\n  kubectl logs --previous gateway | gwdoctor logs -",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.completeContainers(one),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == (file != "") || len(args) == 1 && args[0] == "" {
				err := usagef("want either a container, --file FILE or - for standard input")
				err.hints = []string{"gwdoctor logs CONTAINER; docker ps -a lists all containers"}
				return err
			}
			return a.logs(cmd.Context(), args, file, follow)
		}),
	}
	cmd.Flags().StringVar(&file, "file", "", "read `FILE` instead of a container's log")
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on reading, and print each finding as it comes")
	if err := cmd.MarkFlagFilename("file"); err != nil {
		panic(err) // no such flag: a mistake in this program
	}
	return cmd
}

// logInput is an opened log.
type logInput struct {
	io.ReadCloser
	view      answer.LogView
	starts    servicelog.Options
	truncated bool // before it was read
}

func (a *app) logs(ctx context.Context, args []string, file string, follow bool) error {
	if err := checkFolder(a.output); err != nil {
		return err
	}
	in, err := a.openLog(ctx, args, file, follow)
	if err != nil {
		return err
	}
	defer in.Close()
	out := followed{app: a, view: in.view}
	options := in.starts
	if follow {
		options.Found = out.show
	}
	found, err := servicelog.Scan(newPump(ctx, in, follow), options)
	if follow && errors.Is(err, context.Canceled) {
		err = nil // Ctrl-C is how one stops looking
	}
	in.view.Source.Truncated = err != nil || in.truncated
	return errors.Join(a.printLogs(answer.LogsOf(found, in.view), follow), out.err, err)
}

// printLogs prints the whole report; of a followed log only its end, for the findings were shown as they came.
func (a *app) printLogs(l answer.Logs, follow bool) error {
	switch {
	case !follow:
		return a.print(l, func(w io.Writer, s report.Style) error { return report.Logs(w, l, s) })
	case a.format.value == formatJSON:
		return nil
	}
	return report.LogsEnd(a.Stdout, l, a.style())
}

// followed prints findings as they come: text, or one JSON document a line.
type followed struct {
	*app
	view answer.LogView
	err  error // the first that writing met
}

func (f *followed) show(found servicelog.Finding) {
	if f.err != nil {
		return
	}
	one := answer.LogsOfOne(found, f.view)
	if f.format.value == formatText {
		f.err = report.LogFinding(f.Stdout, one.Findings[0], f.style())
		return
	}
	f.err = report.DocumentLine(f.Stdout, one)
}

func (a *app) openLog(ctx context.Context, args []string, file string, follow bool) (*logInput, error) {
	switch {
	case file == "-" || len(args) == 1 && args[0] == "-":
		return a.openPlain(io.NopCloser(a.Stdin), answer.LogSource{Kind: "stdin"}, follow)
	case file != "":
		return a.openLogFile(ctx, file, follow)
	}
	return a.openContainerLog(ctx, args[0], follow)
}

func (a *app) openLogFile(ctx context.Context, path string, follow bool) (*logInput, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, &hinted{fmt.Errorf("read log %q: it is a folder", path), []string{"name a file in it; a recorded incident is for gwdoctor diagnose --bundle"}}
	}
	source := answer.LogSource{Kind: "file", Name: path}
	if follow {
		return a.openPlain(&growing{ctx: ctx, path: path, file: f}, source, follow)
	}
	return a.openPlain(f, source, follow)
}

// openPlain opens what is a file or a pipe, compressed or not. What is followed is not unpacked: nobody appends to a
// compressed log.
func (a *app) openPlain(r io.ReadCloser, source answer.LogSource, follow bool) (*logInput, error) {
	if !follow {
		r = &unpacked{packed: r}
	}
	return &logInput{ReadCloser: r, view: answer.LogView{Source: source, Mask: a.redactor().Text}}, nil
}

// openContainerLog opens the log that the engine keeps of a container, of all its runs: the newest part, or all that
// is followed.
func (a *app) openContainerLog(ctx context.Context, ref string, follow bool) (*logInput, error) {
	stream, err := a.Engine.Logs(ctx, a.options(ref), follow)
	if err != nil {
		return nil, err
	}
	redactor := stream.Redactor
	if a.noRedact {
		redactor = nil
	}
	in := &logInput{ReadCloser: stream, truncated: stream.Truncated, view: answer.LogView{
		Source: answer.LogSource{Kind: "docker", Name: stream.Facts.Manifest().Target.Name, Detail: stream.Detail},
		Mask:   redactor.Text,
	}}
	in.starts.OneService = true
	in.starts.Starts, in.view.Ends = diagnose.LivesOf(stream.Facts)
	return in, nil
}
