// Command gwdoctor says why a container died, or went silent, with nothing in
// its logs.
//
//	gwdoctor diagnose gateway          # a live container, dead or not
//	gwdoctor demo                      # a recorded incident; no engine needed
//	gwdoctor exit 137                  # what an exit code can mean
//
// Results go to standard output, everything else to standard error. Exit codes:
// 0 the diagnosis was made, 1 only where --fail-on asked for it, 2 wrong usage,
// 3 could not diagnose, 130 interrupted. docs/contract.md has the JSON.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/interruptible"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends us the hard way
	log.SetOutput(io.Discard)    // net/http writes there what an engine did wrong; we say it ourselves
	os.Exit(run(ctx, os.Args[1:], system()))
}

// endings are the signals that ask us to stop. A closed terminal or a lost connection
// sends SIGHUP, except to what was started with nohup.
func endings() []os.Signal {
	list := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		list = append(list, syscall.SIGHUP)
	}
	return list
}

// After the first signal, what was found may be written for tellingTime, and then that it could not be. Cleaning up
// after a health check takes up to 2 s, too (source.Tidy). A command that has not ended by leavingTime waits in a call
// that heeds nobody, such as a stat on a dead network disk, and is left behind.
const (
	tellingTime     = 2 * time.Second
	complainingTime = 3 * time.Second
	leavingTime     = 4 * time.Second
)

// run is the whole program: arguments and surroundings in, exit code out. The first signal ends it, whatever it waits
// for.
func run(ctx context.Context, args []string, e env) int {
	if e.isPlugin() {
		ctx = endWith(ctx, e.Getenv(pluginSocket))
	}
	a := watchable(ctx, e)
	leaving := interruptible.Soon(ctx, leavingTime)
	code, err := interruptible.Await(leaving, func() (int, error) { return a.run(ctx, args), nil })
	if err != nil {
		return exitInterrupted // it could not even say so: what it waits in may be its own output
	}
	return code
}

func (a *app) run(ctx context.Context, args []string) int {
	e := a.env
	defer func() { a.status.end() }()
	root := newRoot(a)
	if e.ofKubectl() {
		underKubectl(root)
		args = e.asKubectl(args)
	}
	if e.isPlugin() {
		var err error
		if root, args, err = newPlugin(a, args); err != nil {
			a.printError(err)
			return exitCode(ctx, err)
		}
	}
	root.SetArgs(append([]string{}, withNegativeCode(args)...)) // nil would mean os.Args
	root.SetIn(e.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	err := root.ExecuteContext(ctx)
	a.printError(err)
	return exitCode(ctx, err)
}
