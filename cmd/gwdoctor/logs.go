package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/interruptible"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

func newLogs(a *app) *cobra.Command {
	var c logsCommand
	cmd := &cobra.Command{
		Use:   "logs CONTAINER | pod/NAME | --file FILE | --bundle PATH | -",
		Short: "Show the failure signatures in a service's own log",
		Long: "Read a service's log and list what in it is known to tell of a failure, in order, with line numbers and\n" +
			"counts, then how far the server came in its life and what became of its workers. A log is a container's,\n" +
			"a file (gzip, xz, zstd or lz4; with a slash in its path also without --file), the one in a recorded\n" +
			"incident, or standard input. What stands around its lines is learned from it: journalctl, syslog, docker\n" +
			"compose, kubectl, JSON of shippers and clouds, CSV, a quotation. Where it has the lines of several services,\n" +
			"these are read apart.\n" +
			"It lists what the log shows, not why the container died: that is gwdoctor diagnose.",
		Example: "  gwdoctor logs gateway\n  gwdoctor logs --follow gateway\n  gwdoctor logs --file " +
			"gateway.log.1.gz\n  kubectl logs --previous gateway | gwdoctor logs -",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.completeContainers(one),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			for _, name := range args {
				pod := a.podName(name)
				switch {
				case c.bundle != "" || c.file != "":
					c.names = append(c.names, pod)
				case a.recordedAt(cmd.Context(), name):
					c.bundle = name
				case strings.ContainsAny(name, `/\`) && !isPod(pod) && exists(cmd.Context(), name):
					c.file = name // no container has a name with a slash
				default:
					c.names = append(c.names, pod)
				}
			}
			if c.bundle != "" && len(c.names) == 1 {
				a.member, c.names = c.names[0], nil
			}
			if err := c.check(); err != nil {
				return err
			}
			return a.logs(cmd.Context(), c)
		}),
	}
	cmd.Flags().StringVar(&c.file, "file", "", "read `FILE` instead of a container's log")
	cmd.Flags().StringVar(&c.bundle, "bundle", "", "read the log in a recorded incident: `PATH` of a folder or .tar.gz; "+
		"of a project's, with the name of one of its containers")
	cmd.Flags().BoolVarP(&c.follow, "follow", "f", false, "go on reading, and print each finding as it comes")
	a.addPodFlags(cmd, "n")
	if err := cmd.MarkFlagFilename("file"); err != nil {
		panic(err) // no such flag: a mistake in this program
	}
	return cmd
}

// logsCommand is what to read.
type logsCommand struct {
	names        []string
	file, bundle string
	follow       bool
}

// check wants one source, and one that may grow where it is followed.
func (c *logsCommand) check() error {
	sources := 0
	for _, given := range []bool{len(c.names) == 1 && c.names[0] != "", c.file != "", c.bundle != ""} {
		if given {
			sources++
		}
	}
	if sources != 1 || len(c.names) == 1 && c.names[0] == "" {
		err := usagef("want either a container, --file FILE, --bundle PATH or - for standard input")
		err.hints = []string{"gwdoctor logs CONTAINER; docker ps -a lists all containers"}
		return err
	}
	if c.follow && c.bundle != "" {
		return usagef("--follow does not go with --bundle: a recorded incident does not grow")
	}
	return nil
}

// logInput is an opened log.
type logInput struct {
	io.ReadCloser
	view      answer.LogView
	starts    servicelog.Options
	truncated bool // before it was read
}

func (a *app) logs(ctx context.Context, c logsCommand) error {
	if err := checkFolder(a.output); err != nil {
		return err
	}
	in, err := a.openLog(ctx, c)
	if err != nil {
		return err
	}
	defer in.Close()
	out := followed{app: a, view: in.view}
	options := in.starts
	if c.follow {
		options.Found = out.show
	}
	found, err := servicelog.Scan(newPump(ctx, in, c.follow), options)
	if c.follow && errors.Is(err, context.Canceled) {
		err = nil // Ctrl-C is how one stops looking
	}
	in.view.Source.Truncated = err != nil || in.truncated
	return errors.Join(a.printLogs(answer.LogsOf(found, in.view), c.follow), out.err, err)
}

// printLogs prints the whole report; of a followed log only its end, for the findings were shown as they came.
func (a *app) printLogs(l answer.Logs, follow bool) error {
	switch {
	case !follow:
		return a.print(l, func(w io.Writer, s layout.Style) error { return report.Logs(w, l, s) })
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

func (a *app) openLog(ctx context.Context, c logsCommand) (*logInput, error) {
	switch {
	case c.bundle != "":
		return a.openBundleLog(ctx, c.bundle)
	case c.file == "-" || len(c.names) == 1 && c.names[0] == "-":
		return a.openPlain(io.NopCloser(a.Stdin), answer.LogSource{Kind: "stdin"}, c.follow)
	case c.file != "":
		return a.openLogFile(ctx, c.file, c.follow)
	}
	if isPod(c.names[0]) {
		return a.openPodLog(ctx, c.names[0], c.follow)
	}
	in, err := a.openContainerLog(ctx, c.names[0], c.follow)
	var missing *docker.NotFoundError
	if errors.As(err, &missing) && exists(ctx, c.names[0]) {
		return nil, &hinted{fmt.Errorf("find container %q: no such container at %s", missing.Ref, missing.Endpoint),
			[]string{"there is a file of that name: gwdoctor logs --file " + source.ShellWord(c.names[0])}}
	}
	return in, err
}

// exists tells whether there is a file of that name.
func exists(ctx context.Context, path string) bool {
	_, err := interruptible.Await(ctx, func() (fs.FileInfo, error) { return os.Stat(path) })
	return err == nil
}

// openPodLog opens what the kubelet keeps of a container's newest run and of the one before, or with --previous of that
// one alone.
func (a *app) openPodLog(ctx context.Context, name string, follow bool) (*logInput, error) {
	if follow {
		return nil, usagef("--follow does not follow a pod: kubectl logs -f %s | gwdoctor logs --follow -", name)
	}
	a.pods.onlyItsLog = a.pods.previous
	b, err := a.podBundle(ctx, name)
	if err != nil {
		return nil, err
	}
	return a.logOf(b, name, "kubernetes")
}

func (a *app) openLogFile(ctx context.Context, path string, follow bool) (*logInput, error) {
	f, err := interruptible.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	near, plain := a.Now(), false
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		in, err := a.openBundleLog(ctx, path)
		if err != nil {
			return nil, &hinted{fmt.Errorf("read log %q: it is a folder, and no recorded incident with a log: %w", path, err),
				[]string{"name a file in it"}}
		}
		return in, nil
	} else if err == nil {
		near, plain = info.ModTime(), info.Mode().IsRegular()
	}
	if plain && !follow && holdsBundle(ctx, path) {
		f.Close()
		return a.openBundleLog(ctx, path)
	}
	source := answer.LogSource{Kind: "file", Name: path}
	if follow {
		return a.openPlain(&growing{ctx: ctx, path: path, file: f}, source, follow)
	}
	in, err := a.openPlain(f, source, follow)
	if err == nil {
		in.starts.Near = near
	}
	return in, err
}

// openBundleLog opens the service's log in a recorded incident, split by the runs that the incident tells of.
func (a *app) openBundleLog(ctx context.Context, path string) (*logInput, error) {
	b, err := a.openBundle(ctx, path)
	if err != nil {
		return nil, err
	}
	return a.logOf(b, path, "bundle")
}

// logOf opens the log in a bundle, recorded or just collected.
func (a *app) logOf(b *bundle.Bundle, path, kind string) (*logInput, error) {
	data, ok := b.File(bundle.FileLogs)
	if !ok {
		s := b.Source(fact.SourceLogs)
		why := cmp.Or(s.Detail, string(s.Status))
		if kind != "bundle" {
			return nil, &hinted{fmt.Errorf("read log of %s: %s", path, why), []string{"gwdoctor diagnose " + path}}
		}
		return nil, &hinted{fmt.Errorf("read log of bundle %q: there is none in it: %s", path, why),
			[]string{"gwdoctor diagnose --bundle " + path + " reads everything else"}}
	}
	in := &logInput{ReadCloser: io.NopCloser(bytes.NewReader(data)),
		truncated: b.Source(fact.SourceLogs).Status == fact.StatusTruncated,
		view: answer.LogView{Source: answer.LogSource{Kind: kind, Name: cmp.Or(b.Manifest().Target.Name, path)},
			Mask: a.redactor().Text}}
	in.starts.OneService = true
	in.knows(diagnose.LivesOf(b))
	return in, nil
}

// knows takes over what is known of the container's lives.
func (in *logInput) knows(l diagnose.Lives) {
	in.starts.Starts, in.starts.From, in.view.Ends = l.Starts, l.From, l.Ends
}

// openPlain opens what is a file or a pipe, compressed or not. What is followed is not unpacked: nobody appends to a
// compressed log.
func (a *app) openPlain(r io.ReadCloser, source answer.LogSource, follow bool) (*logInput, error) {
	if !follow {
		r = &unpacked{packed: r}
	}
	in := &logInput{ReadCloser: r, view: answer.LogView{Source: source, Mask: a.redactor().Text}}
	in.starts.Near = a.Now()
	return in, nil
}

// openContainerLog opens the log that the engine keeps of a container, of all its runs: the newest part, or all that
// is followed.
func (a *app) openContainerLog(ctx context.Context, ref string, follow bool) (*logInput, error) {
	stream, err := orService(ctx, a, a.options(ref), func(ctx context.Context,
		o collect.Options) (*collect.LogStream, error) {
		return a.Engine.Logs(ctx, o, follow)
	})
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
	in.knows(diagnose.LivesOf(stream.Facts))
	return in, nil
}
