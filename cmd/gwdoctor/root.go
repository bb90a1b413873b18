package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubernetes"
)

// app is what the commands share: the world and the common flags.
type app struct {
	env
	format, color           enum
	output, host, dockerCtx string
	sysroot                 string
	timeout                 time.Duration
	logBytes                size
	verbose, noRedact       bool
	status                  *status // nil = none
	noInside, census        bool
	telling                 context.Context // ends a moment after the first signal, and with it what is written
	member                  string          // of a recorded project, what a command is about; "" = none was named

	pods    podFlags
	session *kubernetes.Session // the cluster, once it is known
}

const defaultLogBytes = 16 << 20 // some 100,000 lines, read in well under a second

func newRoot(a *app) *cobra.Command {
	var showVersion bool
	root := &cobra.Command{
		Use:   "gwdoctor",
		Short: "Why did this container die, or go silent, with nothing in its logs?",
		Long: "In a folder with a compose file, gwdoctor alone diagnoses its project.\n\n" +
			"gwdoctor collects what the machine still knows about a container, holds it against ten known root\n" +
			"causes, and prints them ranked, with the evidence for and against each and how to fix it.\n\n" +
			"Exit codes: 0 diagnosed, whatever it says; 1 only where --fail-on asked for it; 2 wrong usage; 3 could not\n" +
			"diagnose; 130 interrupted.",
		Example: "  gwdoctor diagnose gateway\n  gwdoctor capture gateway -o incident.tar.gz\n  gwdoctor diagnose " +
			"--bundle incident.tar.gz\n" +
			"  gwdoctor demo\n  gwdoctor exit 137",
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if showVersion {
				return work(func(*cobra.Command, []string) error { return a.printVersion() })(cmd, nil)
			}
			if a.projectHere() != "" {
				return a.runBare(cmd)
			}
			return cmd.Help()
		},
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(printHelp)
	root.SetUsageFunc(printUsage)
	flags := root.PersistentFlags()
	addEnum(root, flags, &a.format, "format", "form of the result", formatText, formatJSON)
	flags.StringVarP(&a.output, "output", "o", "", "write the result to `FILE` instead of standard output")
	addEnum(root, flags, &a.color, "color", "when to use colour (NO_COLOR is heeded)", "auto", "always", "never")
	flags.DurationVar(&a.timeout, "timeout", 5*time.Second, "deadline of each source")
	flags.StringVarP(&a.host, "host", "H", "", "engine to ask, such as unix:///var/run/docker.sock")
	flags.StringVar(&a.dockerCtx, "context", "", "context to use: docker's, of pods the kubeconfig's")
	a.logBytes = defaultLogBytes
	flags.Var(&a.logBytes, "log-bytes", "newest part of the container's log to read")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "everything that is known: all evidence, all sources, the log's end")
	flags.BoolVar(&a.noRedact, "no-redact", false, "show secrets as they are: for your own eyes, at this machine")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if a.timeout <= 0 {
			return usagef("invalid argument %q for \"--timeout\": want more than 0", a.timeout)
		}
		if a.host != "" && a.dockerCtx != "" { // as the docker CLI has it
			return usagef("--host and --context name two engines: give one of them")
		}
		if a.noRedact {
			fmt.Fprintln(a.Stderr, "warning: --no-redact shows passwords, tokens and environment values as they are; do not "+
				"pass on what is printed")
		}
		a.startStatus(cmd.Name())
		return nil
	}
	root.Flags().BoolVar(&showVersion, "version", false, "print the version")
	root.AddCommand(
		newCores(a),
		newDiagnose(a), newReport(a), newCapture(a), newExit(a), newOOM(a), newHealth(a), newLogs(a), newDemo(a),
		newExplain(a), newGuard(a), newInside(a), newSources(a), newVersion(a),
		newPluginMetadata(),
	)
	return root
}

// insideFlags adds what commands that look at running containers may be told of looking into them.
func (a *app) insideFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&a.noInside, "no-inside", false, "do not look into the memory of running processes")
	a.censusFlag(cmd)
	cmd.MarkFlagsMutuallyExclusive("no-inside", "census")
}

func (a *app) censusFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&a.census, "census", false, "look at all objects of a Python's heap, too: finds tasks that ended "+
		"(3.14 lists them nowhere) and queues that nobody serves")
}

// unknownCommand is what a first word that is no command means: most often the
// name of a container.
func unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := usagef("unknown command %q", args[0])
	err.hints = append(didYouMean(args[0], commandNames(root)),
		"gwdoctor diagnose CONTAINER diagnoses a container; gwdoctor --help lists the commands")
	return err
}

// options are what package collect is to do for one container.
func (a *app) options(ref string) collect.Options {
	return collect.Options{
		Ref: ref, Host: a.host, Context: a.dockerCtx, Timeout: a.timeout, LogBytes: int64(a.logBytes),
		ToolVersion: buildVersion().Version, NoRedact: a.noRedact, Sysroot: a.sysroot, Getenv: a.Getenv,
		NoInside: a.noInside, Census: a.census, Tell: func(text string) { _ = a.tell("note: " + text) },
		Machine: host.Machine{Now: a.Now}, Archives: 1, // a core, where only the engine can give it
	}
}

// redactor masks secrets in what a command quotes from outside a bundle; nil,
// which masks nothing, under --no-redact.
func (a *app) redactor() *redact.Redactor {
	if a.noRedact {
		return nil
	}
	return redact.New()
}
