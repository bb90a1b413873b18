package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/kubernetes"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/report"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// replayFlags say how a health check is replayed.
type replayFlags struct {
	plan  collect.ReplayPlan
	rate  float64
	from  enum
	probe enum   // of a pod
	short string // -n: a pod's namespace, as with kubectl and all other commands; else the number of probes
}

// Limits of a replay: nobody brings a service down by a mistyped number.
const (
	maxProbes   = 100_000
	maxRate     = 200 // probes a second
	maxDuration = 24 * time.Hour
)

func newHealth(a *app) *cobra.Command {
	var r replayFlags
	var recorded string
	cmd := &cobra.Command{
		Use:   "health CONTAINER | pod/NAME | URL | --bundle PATH",
		Short: "Replay a health check with timing, and predict what the orchestrator does",
		Long: "Run a container's health check as the engine would, probe by probe, and say in which phase it dies,\n" +
			"when Docker, Swarm, Podman and Kubernetes act on it, and what is wrong with the check itself.\n" +
			"With --http, ask a path of the container instead, from inside its network. With a URL, ask that:\n" +
			"http://, https://, tcp://, grpc://, redis://, amqp://. Only the target that is named is asked.\n" +
			"Of a pod, the three probes are held against the kubelet's own rules, and the one that decides is asked:\n" +
			"through the API server or a forwarded port, or by an exec, as far as your role lets you.\n\n" +
			"Each run of a container's check writes three of the 256 events that the engine remembers of all containers,\n" +
			"so a large --count pushes the traces of earlier deaths out: five by default. --http and URLs write none.",
		Example: "  gwdoctor health gateway\n  gwdoctor health gateway --http /health --port 8000 --count 100 --rate 10\n" +
			"  gwdoctor health redis://127.0.0.1:6379 --duration 1m\n  gwdoctor health pod/gateway-7d8c5949ff-v9wfl " +
			"-n shop --probe readiness",
		Args: a.orBundle(&recorded, cobra.ExactArgs(1)),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion,
			cobra.ShellCompDirective) {
			a.pods.namespace = cmp.Or(a.pods.namespace, r.short)
			return a.completeContainers(one)(cmd, args, typed)
		},
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if recorded != "" {
				return a.recordedHealth(cmd.Context(), recorded)
			}
			name := a.podName(args[0])
			if err := a.readShort(&r, cmd.Flags(), isPod(name)); err != nil {
				return err
			}
			plan, err := r.checked(cmd.Flags())
			if err != nil {
				return err
			}
			if isPod(name) {
				return a.podHealth(cmd.Context(), name, r.ofPod(plan))
			}
			if r.probe.value != "auto" {
				return usagef("--probe chooses one of a pod's; a container of Docker has one check")
			}
			return a.health(cmd.Context(), args[0], plan)
		}),
	}
	bundleFlag(cmd, &recorded)
	a.addPodFlags(cmd, "")
	flags := cmd.Flags()
	flags.StringVar(&r.plan.Path, "http", "", "ask this HTTP `PATH` of the container instead of running its check")
	flags.IntVar(&r.plan.Port, "port", 0, "with --http: the container's port")
	flags.BoolVar(&r.plan.TLS, "tls", false, "with --http: ask with https")
	addEnum(cmd, flags, &r.from, "from", "with --http: from where to ask", "auto", "namespace", "address", "published")
	addEnum(cmd, flags, &r.probe, "probe", "of a pod: which probe to ask (auto: the one that decides)", "auto",
		check.Liveness, check.Readiness, check.Startup)
	flags.IntVar(&r.plan.Count, "count", 0, "number of probes (default 5 of a check, 30 of a URL)")
	flags.StringVarP(&r.short, "n", "n", "", "of a pod `NAMESPACE|COUNT`: its namespace, as with kubectl; of all else "+
		"the number of probes")
	flags.DurationVar(&r.plan.Interval, "interval", 0, "time from start to start (default 1s of a check, 200ms of a URL)")
	flags.Float64Var(&r.rate, "rate", 0, "probes a second, instead of --interval")
	flags.DurationVar(&r.plan.Duration, "duration", 0, "probe for so long")
	flags.DurationVar(&r.plan.Timeout, "probe-timeout", 0, "end of one probe (default the check's own, 5s of a URL)")
	return cmd
}

// readShort gives -n its meaning: a pod has a namespace, and nothing else has one.
func (a *app) readShort(r *replayFlags, flags *pflag.FlagSet, pod bool) error {
	if !flags.Changed("n") {
		return nil
	}
	long := "count"
	if pod {
		long = "namespace"
	}
	if flags.Changed(long) {
		return usagef("-n and --%s say the same here: give one of them", long)
	}
	if err := flags.Set(long, r.short); err != nil || r.short == "" {
		return usagef("invalid argument %q for \"-n\": want 1 to %d probes; a namespace is a pod's: gwdoctor "+
			"health pod/NAME -n NAMESPACE", r.short, maxProbes)
	}
	return nil
}

// checked holds the flags against each other and the limits.
func (r replayFlags) checked(flags *pflag.FlagSet) (collect.ReplayPlan, error) {
	plan := r.plan
	if r.from.value != "auto" {
		plan.From = r.from.value
	}
	switch {
	case flags.Changed("rate") && flags.Changed("interval"):
		return plan, usagef("--rate and --interval say the same: give one of them")
	case flags.Changed("rate") && !(r.rate > 0 && r.rate <= maxRate):
		return plan, usagef("invalid argument %v for \"--rate\": want more than 0 and at most %d probes a second",
			r.rate, maxRate)
	case flags.Changed("interval") && plan.Interval < time.Second/maxRate:
		return plan, usagef("invalid argument %s for \"--interval\": want at least %s", plan.Interval, time.Second/maxRate)
	case flags.Changed("count") && (plan.Count < 1 || plan.Count > maxProbes):
		return plan, usagef("invalid argument %d for \"--count\": want 1 to %d", plan.Count, maxProbes)
	case flags.Changed("duration") && (plan.Duration <= 0 || plan.Duration > maxDuration):
		return plan, usagef("invalid argument %s for \"--duration\": want more than 0 and at most %s",
			plan.Duration, maxDuration)
	case flags.Changed("probe-timeout") && (plan.Timeout < 10*time.Millisecond || plan.Timeout > time.Hour):
		return plan, usagef("invalid argument %s for \"--probe-timeout\": want 10ms to 1h", plan.Timeout)
	case plan.Port < 0 || plan.Port > 65535:
		return plan, usagef("invalid argument %d for \"--port\": want 1 to 65535", plan.Port)
	case plan.Path == "" && (plan.Port != 0 || plan.TLS || plan.From != ""):
		return plan, usagef("--port, --tls and --from belong to --http PATH")
	case plan.Path != "" && !strings.HasPrefix(plan.Path, "/"):
		return plan, usagef("invalid argument %q for \"--http\": want a path such as /health", plan.Path)
	}
	if flags.Changed("rate") {
		plan.Interval = time.Duration(float64(time.Second) / r.rate)
	}
	plan.ReadCheck = readCheck
	return plan, nil
}

// readCheck says what a check's words mean.
func readCheck(test []string) (tool string, port int) {
	return check.Program(test), check.EndpointOf(test).Port
}

// recordedHealth examines the health check of a recorded incident: what was replayed when it was recorded, and what the
// runtime had recorded itself. Nothing is asked now.
func (a *app) recordedHealth(ctx context.Context, path string) error {
	b, err := a.openBundle(ctx, path)
	if err != nil {
		return err
	}
	return a.examined(b, fmt.Sprintf("bundle %q", path), "gwdoctor diagnose --bundle "+path)
}

// ofPod is the plan for a pod.
func (r replayFlags) ofPod(plan collect.ReplayPlan) kubernetes.Replay {
	k := kubernetes.Replay{Path: plan.Path, Port: plan.Port, TLS: plan.TLS, Count: plan.Count, Interval: plan.Interval,
		Duration: plan.Duration, Timeout: plan.Timeout}
	if r.probe.value != "auto" {
		k.Probe = r.probe.value
	}
	return k
}

// podHealth examines the probes of a pod's container: the first that has any, unless one was named. What cannot be
// asked is said, and the rest is told.
func (a *app) podHealth(ctx context.Context, name string, plan kubernetes.Replay) error {
	if err := checkFolder(a.output); err != nil {
		return err
	}
	list, err := a.podTargets(ctx, name)
	if err != nil {
		return err
	}
	target := list[max(slices.IndexFunc(list, kubernetes.Target.Probed), 0)]
	var shown collect.ReplayPlan
	done := a.progress(&shown)
	plan.Progress = shown.Progress
	b, err := a.session.Examine(ctx, target, plan)
	done()
	if err != nil {
		return err
	}
	if s := b.Source(fact.SourceReplay); s.Status != fact.StatusCollected && s.Status != fact.StatusTruncated {
		lines := []string{"warning: no probe was asked: " + s.Detail}
		if s.Command != "" {
			lines = append(lines, "hint: "+s.Command)
		}
		if err := a.tell(lines...); err != nil {
			return err
		}
	}
	return a.examined(b, name, "gwdoctor diagnose "+name)
}

// examined prints what is known of a check without asking anything.
func (a *app) examined(b *bundle.Bundle, name, rest string) error {
	e := diagnose.ExamineHealth(b)
	if e.Check == nil && e.Recorded == nil && e.Vantage == nil {
		return &hinted{fmt.Errorf("read the health check of %s: its container has none", name),
			[]string{rest + " reads everything else"}}
	}
	return a.print(e, func(w io.Writer, s layout.Style) error { return report.Health(w, e, s) })
}

func (a *app) health(ctx context.Context, target string, plan collect.ReplayPlan) error {
	if err := checkFolder(a.output); err != nil {
		return err
	}
	if n := execEvents(target, plan); n > decode.RingCapacity/2 {
		fmt.Fprintf(a.Stderr, "warning: these probes write %d events, and the engine remembers %d of all containers: "+
			"earlier deaths are forgotten\n"+
			"         (gwdoctor capture first, a smaller --count, or --http PATH, which writes none)\n", n, decode.RingCapacity)
	}
	done := a.progress(&plan)
	b, err := a.probe(ctx, target, plan)
	done()
	if err != nil {
		return err
	}
	e := diagnose.ExamineHealth(b)
	if err := notReplayed(b, e, target, plan); err != nil {
		if plan.Path != "" || e.Recorded == nil || len(e.Recorded.Log) == 0 {
			return err
		}
		if err := a.tell("warning: " + err.Error() + "; this is what the engine recorded"); err != nil {
			return err
		}
	}
	return a.print(e, func(w io.Writer, s layout.Style) error { return report.Health(w, e, s) })
}

// execEvents is how many events the engine writes of a plan: create, start and die of
// each exec. Network probes write none.
func execEvents(target string, plan collect.ReplayPlan) int {
	if plan.Path != "" || strings.Contains(target, "://") {
		return 0
	}
	return 3 * plan.Execs()
}

// probe collects and replays.
func (a *app) probe(ctx context.Context, target string, plan collect.ReplayPlan) (*bundle.Bundle, error) {
	options := a.options(target)
	options.Replay, options.HealthOnly = &plan, true
	if !strings.Contains(target, "://") {
		return a.container(ctx, options)
	}
	if plan.Path != "" {
		return nil, usagef("--http belongs to a container; a URL has its own path")
	}
	b, err := a.Engine.URL(ctx, options, target)
	var bad *collect.URLError
	if errors.As(err, &bad) {
		return nil, usagef("%v", bad)
	}
	return b, err
}

// notReplayed is the error of a container of which nothing could be replayed; nil =
// it was.
func notReplayed(b *bundle.Bundle, e health.Examination, target string, plan collect.ReplayPlan) error {
	source := b.Source(fact.SourceReplay)
	if e.Vantage != nil {
		return nil
	}
	err := fmt.Errorf("replay the health check of %q: %s", target, source.Detail)
	switch {
	case e.Target.State != fact.StateRunning && e.Target.State != "":
		return &hinted{err, []string{"start it first, or ask why it ended: gwdoctor diagnose " + target}}
	case e.Check == nil && plan.Path == "":
		return &hinted{err, []string{"ask it over HTTP instead: " +
			cmp.Or(source.Command, "gwdoctor health "+target+" --http /health")}}
	}
	return err
}

// progress shows a line of what was done so far on a terminal, and returns what
// wipes it away.
func (a *app) progress(plan *collect.ReplayPlan) func() {
	if !a.IsTerminal(a.Stderr) {
		return func() {}
	}
	const often = 100 * time.Millisecond
	var shown atomic.Int64
	start := time.Now()
	of := ""
	if plan.Count > 0 {
		of = fmt.Sprintf(" of %d", plan.Count)
	}
	say := func(done, failed int, elapsed time.Duration) { // one line of 60 columns: a longer one would wrap and stay
		fmt.Fprintf(a.Stderr, "\r%d%s probes, %d failed, %.0f s (Ctrl-C: report)", done, of, failed, elapsed.Seconds())
	}
	say(0, 0, 0) // the first probe may hang
	plan.Progress = func(done, failed int) {
		elapsed := time.Since(start)
		if time.Duration(shown.Load())+often > elapsed {
			return
		}
		shown.Store(int64(elapsed))
		say(done, failed, elapsed)
	}
	return func() { fmt.Fprint(a.Stderr, "\r\033[K") }
}
