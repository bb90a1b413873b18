package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/oomreport"
)

// oomFlags are what `oom` was asked.
type oomFlags struct {
	files            []string
	bundle           string
	container, since string
	failOn           enum
	source           enum
	boot, resume     string
	follow           bool
	moment           *time.Time // of since
}

func newOOM(a *app) *cobra.Command {
	var f oomFlags
	cmd := &cobra.Command{
		Use:   "oom [FILE... | -]",
		Short: "List OOM kills and crashes in the kernel log, with whose container it was",
		Long: "Read the kernel log and say which processes were killed for lack of memory: when, whose container\n" +
			"it was, whose limit was hit and what the memory was made of. Crashes, refused forks, hung tasks and\n" +
			"disk trouble are listed, too. Without a file it reads the live log and, where that is shut, the journal.\n" +
			"Files may be compressed, rotated (kern.log*: the oldest is read first), and of any form that dmesg,\n" +
			"journalctl, syslog or a container's log writes.",
		Example: "  gwdoctor oom\n  gwdoctor oom --container gateway --since 2h\n  gwdoctor oom --follow\n" +
			"  gwdoctor oom /var/log/kern.log*\n  journalctl -k -o json | gwdoctor oom -\n  gwdoctor oom " +
			"--boot -1",
		ValidArgsFunction: func(_ *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault // more files
		},
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if err := f.check(args, a.Now()); err != nil {
				return err
			}
			if f.follow {
				return a.oomFollow(cmd.Context(), f)
			}
			return a.oom(cmd.Context(), f)
		}),
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.files, "file", nil, "read `FILE`, - for standard input, instead of the live log; repeatable")
	flags.StringVar(&f.bundle, "bundle", "", "read the kernel log in a recorded incident: `PATH` of a folder or .tar.gz")
	addEnum(cmd, flags, &f.failOn, "fail-on", "exit with 1 when there is an OOM kill, a crash, or a line that may be "+
		"of one", "never", "any")
	flags.StringVar(&f.container, "container", "", "only what concerns `CONTAINER`: its name or id")
	flags.StringVar(&f.since, "since", "", "only from `TIME` on: 2h (ago), 15:04, \"2006-01-02 15:04\"")
	flags.BoolVarP(&f.follow, "follow", "f", false, "go on with what comes, until interrupted")
	flags.StringVar(&f.boot, "boot", "", "read the journal of boot `N`: 0 is this one, -1 the one before")
	flags.StringVar(&f.resume, "resume", "", "remember the place in `FILE` and go on behind it the next time")
	addEnum(cmd, flags, &f.source, "source", "live log to read", host.KernelAuto, host.KernelKmsg, host.KernelJournal)
	if err := cmd.RegisterFlagCompletionFunc("container", a.completeContainers(many)); err != nil {
		panic(err) // the flag does not exist: a mistake in this program
	}
	return cmd
}

// check makes the flags agree. Words are files: that is what a shell makes of --file kern.log*, and what people type
// without the flag. A word that names no file may be meant as a container.
func (f *oomFlags) check(args []string, now time.Time) error {
	for _, word := range args {
		if len(f.files) > 0 || word == "-" {
			break
		}
		if _, err := os.Stat(word); errors.Is(err, fs.ErrNotExist) {
			err := usagef("there is no file %q here", word)
			err.hints = []string{"a container is named by --container " + word + ", a file by its path or --file " + word}
			return err
		}
	}
	f.files = append(f.files, args...)
	live := f.follow || f.boot != "" || f.resume != "" || f.source.value != host.KernelAuto
	if f.bundle != "" && (live || len(f.files) > 0) {
		return usagef("--bundle reads a recorded incident; it goes with no --file and with nothing that is about the " +
			"live log")
	}
	if live && len(f.files) > 0 {
		err := usagef("--file reads a saved log; --follow, --boot, --resume and --source are about the live one")
		err.hints = []string{"leave --file out to read this machine's own log"}
		return err
	}
	if f.boot != "" && f.source.value == host.KernelKmsg {
		return usagef("--boot is about the journal; the kernel's ring holds only this boot")
	}
	if f.boot != "" {
		f.source.value = host.KernelJournal
	}
	if f.since == "" {
		return nil
	}
	moment, err := parseSince(f.since, now)
	f.moment = &moment
	return err
}

// kernelInput is the log that is read, and what the reader must be told of it.
type kernelInput struct {
	io.Reader
	source  oom.Source
	options kernellog.Options
	live    *host.KernelLog      // nil = files
	known   []evidence.Neighbour // of a recorded incident; nil = the engine is asked
	files   *logFiles            // nil = live
}

func (in *kernelInput) close() {
	if in.files != nil {
		in.files.Close()
	}
	if in.live != nil {
		_ = in.live.Close() // read only
	}
}

// openOOM opens the files or the live log.
func (a *app) openOOM(ctx context.Context, f oomFlags) (*kernelInput, error) {
	if b, path, err := a.bundleOf(ctx, f); b != nil || err != nil {
		if err != nil {
			return nil, err
		}
		return bundledKernel(b, path)
	}
	if len(f.files) > 0 {
		files, err := openLogFiles(ctx, f.files, a.Stdin, a.Now())
		if err != nil {
			return nil, err
		}
		return &kernelInput{
			Reader: files, files: files,
			source:  oom.Source{Kind: oom.SourceFile, Files: files.names},
			options: kernellog.Options{Zone: a.Now().Location(), Near: files.newest},
		}, nil
	}
	after, err := readPosition(ctx, f.resume)
	if err != nil {
		return nil, err
	}
	live, err := a.Engine.KernelLog(ctx, a.options(""), host.KernelOptions{
		Source: f.source.value, Boot: f.boot, Since: f.moment, Follow: f.follow, After: after,
	})
	if err != nil {
		return nil, err
	}
	in := &kernelInput{
		Reader: live, live: live,
		source:  oom.Source{Kind: live.Kind, Detail: live.Detail},
		options: kernellog.Options{Boot: live.Boot, Live: true, Zone: a.Now().Location(), Near: a.Now()},
	}
	if live.After != nil {
		in.options.After = &live.After.Seq
	}
	return in, nil
}

// oom reads a log to its end and prints what it says. A log that broke off is
// reported as far as it went, and then told as an error.
func (a *app) oom(ctx context.Context, f oomFlags) error {
	if err := checkFolder(a.output); err != nil {
		return err
	}
	in, err := a.openOOM(ctx, f)
	if err != nil {
		return err
	}
	defer in.close()
	log, err := kernellog.Read(in, in.options)
	broken := in.broken(err)
	q := a.question(ctx, f, in, log)
	if err := found(q, log); err != nil {
		return errors.Join(append(broken, err)...)
	}
	answer := oom.Make(in.source, log, q)
	for _, err := range broken {
		answer.Notes = append(answer.Notes, kernellog.Note{Kind: oom.NoteInputBroken, Count: 1, Detail: err.Error()})
	}
	err = a.emit(func(w io.Writer, s layout.Style) error {
		if a.format.value == formatJSON {
			return oomreport.JSON(w, answer)
		}
		return oomreport.Text(w, answer, s)
	})
	if err != nil {
		return err
	}
	if err := errors.Join(append(broken, a.writePosition(f.resume, in.live, log.Settled))...); err != nil {
		return err
	}
	if f.failOn.value == "any" && answer.Bad() {
		return errFound
	}
	return nil
}

// broken lists what could not be read: what came before it counts all the same.
func (in *kernelInput) broken(err error) []error {
	var list []error
	if in.files != nil {
		list = append(list, in.files.Broken...)
	}
	if err != nil {
		list = append(list, err)
	}
	return list
}
