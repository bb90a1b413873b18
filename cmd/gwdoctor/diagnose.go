package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/interruptible"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// choice is which containers `diagnose` is about.
type choice struct {
	names   []string
	all     bool
	project string
	here    bool // the project is that of the folder
	bundles []string
	pods    bool // those of Kubernetes that -A, -l or -n alone choose
	replay  bool // run the health checks of those that run
	budget  time.Duration
}

// passBudget is how long a pass over many containers may take: a person waits for it.
const passBudget = 30 * time.Second

func newDiagnose(a *app) *cobra.Command {
	var c choice
	var o reporting
	cmd := &cobra.Command{
		Use:   "diagnose CONTAINER... | --all | --project NAME | pod/NAME... | -A | --bundle PATH",
		Short: "Say why a container died or went silent",
		Long: "Collect what the machine still knows about containers, running or dead, and rank the ten root causes.\n" +
			"A container goes by its name, id, or the compose service that it alone is of. With nothing named, in a folder\n" +
			"with a compose file, it is about the containers of that project.\n" +
			"Of Kubernetes, pod/NAME, deploy/NAME, sts/, ds/, rs/, job/ and cronjob/NAME name pods, -l those with some\n" +
			"labels, -n alone all of a namespace that are unwell and -A of all; each run of a container is diagnosed on its\n" +
			"own.\n" +
			"With --bundle, take what `gwdoctor capture` recorded instead; that needs no engine.",
		Example: "  gwdoctor diagnose gateway\n  gwdoctor diagnose --project shop --format json\n  gwdoctor " +
			"diagnose --bundle incident.tar.gz\n" +
			"  gwdoctor diagnose deploy/gateway -n shop\n  gwdoctor diagnose pod/gateway-7d8c5949ff-v9wfl --previous",
		ValidArgsFunction: a.completeContainers(many),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			for _, name := range args {
				if a.recordedAt(cmd.Context(), name) {
					c.bundles = append(c.bundles, name)
				} else {
					c.names = append(c.names, a.podName(name))
				}
			}
			c.pods = a.pods.all || a.pods.selector != ""
			c.pods = c.pods || c.ways() == 0 && (a.pods.namespace != "" || a.ofKubectl()) // all of the namespace
			if c.replay && !cmd.Flags().Changed("budget") {
				c.budget = 0 // a check may take its own timeout five times
			}
			if c.ways() == 0 {
				c.project = a.projectHere()
				c.here = c.project != ""
			}
			if err := c.check(); err != nil {
				return err
			}
			return a.publish(cmd.Context(), &o, func(ctx context.Context, keep onDiagnosis) (answer.Report, error) {
				return a.diagnose(ctx, c, keep)
			})
		}),
	}
	flags := cmd.Flags()
	flags.BoolVar(&c.all, "all", false, "all containers, dead ones too")
	flags.StringVar(&c.project, "project", "", "the containers of a compose project")
	flags.StringArrayVar(&c.bundles, "bundle", nil, "a recorded incident: `PATH` of a folder or .tar.gz, - for "+
		"standard input; repeatable")
	flags.BoolVar(&c.replay, "replay", false, "also run the health check of a running container, five times "+
		"(diagnosing only reads else)")
	flags.DurationVar(&c.budget, "budget", passBudget,
		"time for all containers together; those left over are named. 0 = no limit")
	a.addPodFlags(cmd, "n")
	a.addPodChoice(cmd)
	a.addNodeDebug(cmd)
	a.insideFlags(cmd)
	o.add(cmd)
	if err := cmd.RegisterFlagCompletionFunc("project", a.completeProjects); err != nil {
		panic(err) // no such flag: a mistake in this program
	}
	return cmd
}

// ways counts in how many ways something was chosen.
func (c choice) ways() int {
	n := 0
	for _, used := range []bool{len(c.names) > 0, c.all, c.project != "", len(c.bundles) > 0, c.pods} {
		if used {
			n++
		}
	}
	return n
}

// check accepts exactly one way of choosing.
func (c choice) check() error {
	if c.budget < 0 {
		return usagef("invalid argument %s for \"--budget\": want a time, or 0 for no limit", c.budget)
	}
	if c.replay && len(c.bundles) > 0 {
		return usagef("--replay runs a health check; a recorded incident has nothing that runs")
	}
	if c.replay && (c.pods || slices.ContainsFunc(c.names, isPod)) {
		return usagef("--replay runs the health check of a container of Docker; of a pod, gwdoctor health pod/NAME")
	}
	if c.ways() == 2 && len(c.names) > 0 && len(c.bundles) > 0 {
		err := usagef("%q is looked for on an engine, %q is a recorded incident: ask about one kind at a time",
			c.names[0], c.bundles[0])
		err.hints = []string{"gwdoctor diagnose " + source.ShellWord(c.names[0]),
			"gwdoctor diagnose --bundle " + source.ShellWord(c.bundles[0]) + " is about every container in it"}
		return err
	}
	if c.ways() == 1 && !slices.Contains(c.names, "") {
		return nil
	}
	err := usagef("want either names of containers or pods, --all, --project, -A, -l or --bundle")
	err.hints = []string{"gwdoctor diagnose CONTAINER; docker ps -a lists all containers; in a folder with a compose " +
		"file, gwdoctor diagnose alone is about its project"}
	return err
}

// onDiagnosis is told of each diagnosis with its bundle; nil = nobody wants to know.
type onDiagnosis func(answer.Diagnosis, *bundle.Bundle)

func (a *app) diagnose(ctx context.Context, c choice, keep onDiagnosis) (answer.Report, error) {
	round := collect.NewRound(c.budget)
	defer round.Close()
	targets, err := a.targets(ctx, c, round)
	if err != nil {
		return answer.Report{}, err
	}
	told, done := a.passProgress(len(targets))
	diagnoses, failed := examineAll(ctx, targets, keep, told)
	done()
	return a.report(diagnoses), failed
}

// publish gathers a report and sends it wherever it was asked for. Where some
// containers could not be read, the others are reported and the error stands.
func (a *app) publish(ctx context.Context, o *reporting,
	gather func(context.Context, onDiagnosis) (answer.Report, error)) error {
	if err := checkFolder(a.output); err != nil {
		return err
	}
	x, err := a.artifact(o)
	if err != nil {
		return err
	}
	var keep onDiagnosis
	if x != nil {
		defer x.discard()
		keep = x.keep
	}
	r, failed := gather(ctx, keep)
	if len(r.Diagnoses) == 0 && failed != nil {
		if x != nil {
			x.abandon()
		}
		return failed
	}
	if err := a.printReport(o, r); err != nil {
		return errors.Join(err, failed)
	}
	if x != nil {
		if err := a.finish(x, r); err != nil {
			return errors.Join(err, failed)
		}
	}
	if failed == nil && o.holds(r) {
		return errFound
	}
	return failed
}

// artifact makes --output-dir ready; nil where it was not asked for. What others
// will read is never without redaction.
func (a *app) artifact(o *reporting) (*artifact, error) {
	switch {
	case o.outputDir == "":
		return nil, nil
	case a.noRedact:
		return nil, usagef("--no-redact is for the person at the machine, --output-dir for others: give one of them")
	}
	return openArtifact(o.outputDir, o.force)
}

// finish publishes the artifact and tells the CI in whose job we run.
func (a *app) finish(x *artifact, r answer.Report) error {
	if err := x.publish(r, a.ci()); err != nil {
		return err
	}
	if err := a.tell(x.told()); err != nil {
		return err
	}
	if a.ci() == report.GitHub {
		return a.tellGitHub(r)
	}
	return nil
}

func (a *app) report(list []answer.Diagnosis) answer.Report {
	return diagnose.Report(list, buildVersion().Version, a.Now())
}

// printReport prints a report in one form. The exit code is decided elsewhere,
// whatever the form.
func (a *app) printReport(o *reporting, r answer.Report) error {
	return a.emit(func(w io.Writer, s layout.Style) error {
		s.Quiet, s.Brief = o.quiet, o.outputDir != ""
		return report.Write(w, o.format.value, r, s)
	})
}

// targets turns a choice into what can be opened one by one.
func (a *app) targets(ctx context.Context, c choice, round *collect.Round) ([]target, error) {
	var list []target
	for _, path := range c.bundles {
		list = append(list, a.recordedTargets(ctx, path)...)
	}
	for i, name := range c.names {
		switch {
		case slices.Contains(c.names[:i], name):
		case isPod(name):
			pods, err := a.podTargets(ctx, name)
			if err != nil {
				return nil, err
			}
			list = append(list, a.asTargets(pods, c.budget)...)
		default:
			list = append(list, a.liveContainer(name, round, c))
		}
	}
	if c.pods {
		pods, err := a.choosePods(ctx)
		return a.asTargets(pods, c.budget), err
	}
	if !c.all && c.project == "" {
		return list, nil
	}
	summaries, err := a.Engine.List(ctx, a.options(""))
	if err != nil {
		return nil, err
	}
	if c.here {
		if c.project, err = a.startedHere(c.project, summaries); err != nil {
			return nil, err
		}
	}
	var projects []string
	for _, s := range summaries {
		if c.all || s.Project == c.project {
			list = append(list, a.liveContainer(s.ID, round, c))
		}
		if s.Project != "" && !slices.Contains(projects, s.Project) {
			projects = append(projects, s.Project)
		}
	}
	if len(list) == 0 && c.project != "" {
		return nil, &hinted{fmt.Errorf("find project %q: none of its containers is on this engine", c.project),
			didYouMean(c.project, projects)}
	}
	return list, nil
}

func (a *app) liveContainer(ref string, round *collect.Round, c choice) target {
	opts := a.options(ref)
	opts.Round = round
	if len(c.names) != 1 {
		opts.Archives = 0 // each would leave an event, and all containers share 256
	}
	if c.replay {
		opts.Replay = &collect.ReplayPlan{ReadCheck: readCheck}
	}
	return target{ref, func(ctx context.Context) (*bundle.Bundle, error) { return a.container(ctx, opts) }}
}

// openStream opens what can be read once only: standard input, a FIFO, the pipe of `<(command)`; nil = path is a file
// or a folder, or nothing.
func (a *app) openStream(ctx context.Context, path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(a.Stdin), nil
	}
	info, err := interruptible.Await(ctx, func() (fs.FileInfo, error) { return os.Stat(path) })
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || info.Mode().IsRegular() || info.IsDir() {
		return nil, nil // whoever reads it says what is wrong with it
	}
	f, err := interruptible.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open bundle: %w", err)
	}
	return f, nil
}

// recordedTargets are the incidents of a path: one, or those of a project.
func (a *app) recordedTargets(ctx context.Context, path string) []target {
	stream, err := a.openStream(ctx, path)
	if err != nil {
		return []target{failed(path, err)}
	}
	if stream != nil {
		defer stream.Close()
		return a.streamedTargets(ctx, path, stream)
	}
	set, err := interruptible.Await(ctx, func() ([]*bundle.Bundle, error) {
		if !bundle.IsSet(path) {
			return nil, nil
		}
		return bundle.OpenSet(path)
	})
	switch {
	case err != nil:
		return []target{failed(path, err)}
	case set == nil:
		return []target{{path, func(ctx context.Context) (*bundle.Bundle, error) { return a.openBundle(ctx, path) }}}
	}
	return a.targetsOf(set)
}

// streamedTargets are the incidents of a stream.
func (a *app) streamedTargets(ctx context.Context, path string, stream io.Reader) []target {
	set, err := interruptible.Await(ctx, func() ([]*bundle.Bundle, error) { return bundle.ReadSet(stream) })
	if err != nil && path != "-" {
		err = bundle.At(path, err)
	}
	if err != nil {
		return []target{failed(path, err)}
	}
	return a.targetsOf(set)
}

// failed is a target of which it is known that it cannot be opened.
func failed(path string, err error) target {
	return target{path, func(context.Context) (*bundle.Bundle, error) { return nil, err }}
}

func (a *app) targetsOf(set []*bundle.Bundle) []target {
	var list []target
	for _, b := range set {
		list = append(list, target{b.Manifest().Target.Name, func(context.Context) (*bundle.Bundle, error) {
			a.redacted(b)
			return b, nil
		}})
	}
	return list
}

// redacted masks an incident: whoever recorded it may not have, and rules get better.
func (a *app) redacted(b *bundle.Bundle) {
	if !a.noRedact {
		redact.Bundle(b)
	}
}

// openBundle reads an incident of a folder, an archive or a stream.
func (a *app) openBundle(ctx context.Context, path string) (*bundle.Bundle, error) {
	stream, err := a.openStream(ctx, path)
	if err != nil {
		return nil, err
	}
	b, err := interruptible.Await(ctx, func() (*bundle.Bundle, error) {
		switch {
		case stream != nil:
			defer stream.Close()
			b, err := bundle.Read(stream)
			if err != nil && path != "-" {
				err = bundle.At(path, err)
			}
			return b, err
		case bundle.IsSet(path):
			return a.oneOf(path)
		case a.member != "" && a.member != anyOf:
			return nil, usagef("--bundle %q is the recording of one container to answer from; no name goes beside it", path)
		}
		return bundle.Open(path)
	})
	if err == nil {
		a.redacted(b)
	}
	return b, err
}

// passProgress shows on a terminal how many of several containers are done, and returns
// what wipes that away.
func (a *app) passProgress(of int) (told func(int), wipe func()) {
	if of < 2 || !a.IsTerminal(a.Stderr) {
		return nil, func() {}
	}
	var mu sync.Mutex
	say := func(done int) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(a.Stderr, "\rdiagnosing, %d of %d done\033[K", done, of)
	}
	say(0)
	return say, func() { fmt.Fprint(a.Stderr, "\r\033[K") }
}
