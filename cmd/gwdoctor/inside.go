package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

const formatFolded = "folded"

// looking is what `gwdoctor inside` was asked for.
type looking struct {
	format   enum
	recorded string
	pid      int
	watch    bool
	looks    int
	every    time.Duration
}

func newInside(a *app) *cobra.Command {
	var l looking
	cmd := &cobra.Command{
		Use:   "inside CONTAINER | --pid N | --bundle PATH",
		Short: "Show what a running service is doing now: threads, tasks, what they wait for",
		Long: "Read from the memory of the running processes, without stopping them, where every Python thread and\n" +
			"asyncio task stands (CPython 3.9 to 3.14), and of any process which system call each thread is in and\n" +
			"who is at the other end of its socket. Nothing is installed, injected or signalled. Needs root, or the\n" +
			"capability SYS_PTRACE.",
		Example: "  gwdoctor inside gateway\n  gwdoctor inside --pid 4711\n  gwdoctor inside gateway --watch\n" +
			"  gwdoctor inside gateway --format folded --looks 100 --every 100ms > stacks.txt",
		Args:              func(cmd *cobra.Command, args []string) error { return l.arguments(a, cmd, args) },
		ValidArgsFunction: a.completeContainers(one),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			return a.inside(cmd.Context(), l, args)
		}),
	}
	flags := cmd.Flags()
	addEnum(cmd, flags, &l.format, "format", "form of the result; folded: counts of stacks, for flame graph tools",
		formatText, formatJSON, formatFolded)
	flags.IntVar(&l.pid, "pid", 0, "look into process `N` of this machine instead of a container")
	flags.BoolVar(&l.watch, "watch", false, "look again and again, until interrupted")
	flags.IntVar(&l.looks, "looks", 1, "how many looks --format folded counts")
	flags.DurationVar(&l.every, "every", time.Second, "time between looks")
	bundleFlag(cmd, &l.recorded)
	a.censusFlag(cmd)
	return cmd
}

// arguments wants one way of naming what is looked into.
func (l *looking) arguments(a *app, cmd *cobra.Command, args []string) error {
	switch {
	case cmd.Flags().Changed("pid") && (len(args) > 0 || l.recorded != "" || l.pid <= 0):
		return usagef("--pid N is a process of this machine; it goes with no container")
	case l.looks < 1 || l.looks > 100_000 || l.every < 0:
		return usagef("want --looks of 1 to 100000, and --every of 0 or more")
	case l.watch && (l.format.value != formatText || l.recorded != ""):
		return usagef("--watch is for a text of what runs now")
	case cmd.Flags().Changed("pid"):
		return nil
	}
	return a.orBundle(&l.recorded, cobra.ExactArgs(1))(cmd, args)
}

func (a *app) inside(ctx context.Context, l looking, args []string) error {
	doc, err := a.insideOnce(ctx, l, args)
	if err != nil {
		return err
	}
	if l.format.value == formatFolded {
		return a.insideFolded(ctx, l, args, doc)
	}
	for {
		if err := a.printAs(l.format.value, doc, func(w io.Writer, s layout.Style) error {
			return report.Inside(w, doc, s)
		}); err != nil {
			return err
		}
		if len(doc.Processes) == 0 && l.recorded == "" {
			return errNotSeen
		}
		if !l.watch {
			return nil
		}
		if err := pause(ctx, l.every); err != nil {
			return err
		}
		if doc, err = a.insideOnce(ctx, l, args); err != nil {
			return err
		}
		fmt.Fprintln(a.Stdout)
	}
}

func (a *app) insideFolded(ctx context.Context, l looking, args []string, doc answer.Inside) error {
	stacks := answer.Folded{}
	stacks.Add(doc)
	if len(doc.Processes) == 0 && l.recorded == "" {
		return errNotSeen
	}
	for n := 1; n < l.looks && l.recorded == ""; n++ {
		if err := pause(ctx, l.every); err != nil {
			return err
		}
		doc, err := a.insideOnce(ctx, l, args)
		if err != nil {
			return err
		}
		stacks.Add(doc)
	}
	return a.emit(func(w io.Writer, _ layout.Style) error { return report.InsideFolded(w, stacks) })
}

// pause waits, or tells that it was interrupted.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *app) insideOnce(ctx context.Context, l looking, args []string) (answer.Inside, error) {
	var b *bundle.Bundle
	var err error
	switch {
	case l.recorded != "":
		b, err = a.openBundle(ctx, l.recorded)
	case l.pid > 0:
		b = a.Engine.InsidePID(ctx, a.options(""), l.pid)
	default:
		options := a.options(args[0])
		options.InsideOnly = true
		b, err = a.container(ctx, options)
	}
	if err != nil {
		return answer.Inside{}, err
	}
	return diagnose.InsideOf(b), nil
}
