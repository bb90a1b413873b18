package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// coreFiles is how many files, cores and the programs that they ran, `cores CONTAINER`
// may take out of a container that only the engine shows. Each leaves an event.
const coreFiles = 32

func newCores(a *app) *cobra.Command {
	var recorded string
	cmd := &cobra.Command{
		Use:   "cores [CONTAINER | FILE... | --bundle PATH]",
		Short: "Find core dumps and read them, or say why there is none",
		Long: "Find the core dumps of a container, running or dead, wherever the kernel put them, and say what each one\n" +
			"tells: the signal, the kind of crash, the stack of every thread, Python's with file and line, and what each\n" +
			"asyncio task awaited. Where there is none, say why. With files, read those: plain, gzip, xz, zstd, lz4, or an\n" +
			"apport report. With nothing, list what this host holds. Nothing is executed and no core is copied.",
		Example: "  gwdoctor cores gateway\n  gwdoctor cores ./core.1234\n  gwdoctor cores " +
			"/var/lib/systemd/coredump/core.python3.*.zst\n  gwdoctor cores",
		Args:              a.orBundle(&recorded, cobra.ArbitraryArgs),
		ValidArgsFunction: a.completeContainers(one),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if err := checkFolder(a.output); err != nil {
				return err
			}
			answer, err := a.coresAnswer(cmd.Context(), args, recorded)
			if err != nil {
				return err
			}
			if err := a.print(answer, func(w io.Writer, s layout.Style) error {
				return report.Cores(w, answer, s)
			}); err != nil {
				return err
			}
			return unreadCores(answer)
		}),
	}
	bundleFlag(cmd, &recorded)
	cmd.Flags().StringVar(&a.sysroot, "sysroot", "", "`FOLDER` that holds the programs and libraries of the core, for "+
		"native stacks")
	if err := cmd.MarkFlagDirname("sysroot"); err != nil {
		panic(err) // no such flag: a mistake in this program
	}
	return cmd
}

func (a *app) coresAnswer(ctx context.Context, args []string, recorded string) (answer.Cores, error) {
	if recorded != "" {
		b, err := a.openBundle(ctx, recorded)
		if err != nil {
			return answer.Cores{}, err
		}
		return diagnose.CoresOf(b), nil
	}
	if a.sysroot != "" {
		if info, err := os.Stat(a.sysroot); err != nil || !info.IsDir() {
			return answer.Cores{}, usagef("--sysroot %q is no folder", a.sysroot)
		}
	}
	switch files := countCoreFiles(args); {
	case len(args) == 0:
		return diagnose.CoresOf(a.Engine.HostCores(ctx, a.options(""))), nil
	case files == len(args):
		return diagnose.CoresOf(a.Engine.CoreFiles(ctx, a.options(""), args)), nil
	case len(args) == 1:
		options := a.options(args[0])
		options.Archives = coreFiles
		b, err := a.container(ctx, options)
		if err != nil {
			return answer.Cores{}, err
		}
		return diagnose.CoresOf(b), nil
	}
	err := usagef("want either one container, or files")
	err.hints = []string{"a name without a slash is a file only where one of that name is here: ./core.1234"}
	return answer.Cores{}, err
}

func countCoreFiles(args []string) int {
	n := 0
	for _, arg := range args {
		if isCoreFile(arg) {
			n++
		}
	}
	return n
}

// unreadCores fails the command where a file that was asked for could not be read.
func unreadCores(c answer.Cores) error {
	if c.Target != nil || len(c.Searched) > 0 { // nobody named these
		return nil
	}
	var errs []error
	for _, d := range c.Cores {
		if d.Error != "" {
			errs = append(errs, fmt.Errorf("read core %q: %s", d.Path, d.Error))
		}
	}
	return joined(errs)
}

// isCoreFile tells a path from a container's name: it has a slash, which a name
// never has, or a file of that name is here.
func isCoreFile(arg string) bool {
	if strings.ContainsRune(arg, '/') {
		return true
	}
	info, err := os.Stat(arg)
	return err == nil && !info.IsDir()
}
