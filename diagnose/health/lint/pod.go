package lint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Pod is a pod's container with its probes. Nil and zero are "not known".
type Pod struct {
	Probes        []check.PodProbe // those that it has: startup, liveness, readiness
	Ports         []int            // that its manifest names
	Asked         string           // the kind of probe that was replayed, or that decides; "" = none
	Grace         time.Duration    // between TERM and KILL
	RestartPolicy string           // always, on-failure, no
	Runtime       string           // containerd, cri-o …
	// Held is how far apart the failures of an exec probe were told, where that is longer than its period and timeout:
	// something held its output open.
	Held     time.Duration
	ComingUp bool // a probe had a run killed before its server had said that it was ready
	Readings []replay.Reading
	Started  time.Time // of the current run
}

// Probe returns a probe by its kind; nil = it has none.
func (p Pod) Probe(kind string) *check.PodProbe {
	i := slices.IndexFunc(p.Probes, func(q check.PodProbe) bool { return q.Kind == kind })
	if i < 0 {
		return nil
	}
	return &p.Probes[i]
}

// Measured are the readings that speak of a probe: those of the replay, where it asked the same.
func (p Pod) Measured(probe check.PodProbe) []replay.Reading {
	if asked := p.Probe(p.Asked); asked == nil || !asked.Asks(probe) {
		return nil
	}
	return p.Readings
}

// Holds tells whether an exec probe that runs into its timeout may go on, because children keep its output open: that
// was seen, or a shell runs several commands and none that bounds itself. Of CRI-O it is not known.
func (p Pod) Holds(probe check.PodProbe) bool {
	if probe.Action != check.ActionExec || p.Runtime == "cri-o" {
		return false
	}
	parsed := check.Parse(probe.Test())
	return p.Held > 0 || parsed.Shell && len(parsed.Commands) > 1 && starts(parsed) && !bounded(probe, parsed)
}

// builtins are what a shell does itself.
var builtins = []string{"", ":", "true", "false", "echo", "printf", "test", "[", "exit", "cd", "export", "set", "read",
	"kill"}

// starts tells whether a shell starts a program.
func starts(parsed check.Parsed) bool {
	return slices.ContainsFunc(parsed.Commands, func(c check.Command) bool {
		name, _ := c.Program()
		return !slices.Contains(builtins, name)
	})
}

// bounded tells whether what a check runs ends before the probe's own time is over.
func bounded(probe check.PodProbe, parsed check.Parsed) bool {
	switch parsed.Tool() {
	case "curl", "wget", "python":
		_, unbounded := ownLimit(configured{*probe.Config(), *probe.Config(), parsed})
		return !unbounded
	}
	return false
}

// Pods returns what is wrong with the probes of a pod's container, the gravest first. The rules and their reasons are
// those of docs/notes/HEALTH.md#lint-rules and docs/notes/KUBERNETES.md.
func Pods(p Pod) []Finding {
	found := []Finding{}
	for _, probe := range p.Probes {
		for _, rule := range probeRules {
			if f, ok := rule(p, probe); ok {
				f.Message = probe.Kind + " probe: " + f.Message
				found = append(found, f)
			}
		}
		found = append(found, execFaults(probe)...)
	}
	for _, rule := range podRules {
		if f, ok := rule(p); ok {
			found = append(found, f)
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return weightOf(a.Severity) - weightOf(b.Severity) })
	return found
}

// probeRules look at one probe, in the order of their weight.
var probeRules = []func(Pod, check.PodProbe) (Finding, bool){
	unknownPort, asksTheNode, timeoutAbovePeriod, oneFailureKills, shortTimeout, heldOutput, onlyListens,
	readinessPath, delayForStart,
}

// podRules look at all of them together.
var podRules = []func(Pod) (Finding, bool){killedComingUp, goneForGood, sameQuestion, notAskedWhetherReady}

// unknownPort: the kubelet's prober cannot resolve the name, and what is an error to it is neither failure nor success
// (pkg/kubelet/prober, pkg/probe/util.go ResolveContainerPort).
func unknownPort(_ Pod, p check.PodProbe) (Finding, bool) {
	return Finding{"port-name-unknown", severityError,
		fmt.Sprintf("it asks the port %q, and the container has none of that name: the kubelet cannot ask, and the "+
			"probe neither fails nor passes", p.PortName),
		"name the port under ports:, or give its number"}, p.Port == 0 && p.PortName != ""
}

// asksTheNode: the kubelet asks from the node, where localhost is the node itself.
func asksTheNode(_ Pod, p check.PodProbe) (Finding, bool) {
	return Finding{"probe-asks-the-node", severityError,
		fmt.Sprintf("its host is %q: the kubelet asks from the node, so this is the node, not the container", p.Host),
		"leave host out: the kubelet takes the pod's address"}, loopback(p.Host)
}

func timeoutAbovePeriod(_ Pod, p check.PodProbe) (Finding, bool) {
	return Finding{"timeout-above-period", severityWarning,
		fmt.Sprintf("the timeout (%s) is above the period (%s): while it gets no answer it is asked only every %s",
			words.Duration(p.Timeout), words.Duration(p.Period), words.Duration(p.Timeout)),
		"periodSeconds above timeoutSeconds"}, p.Timeout > p.Period
}

func oneFailureKills(_ Pod, p check.PodProbe) (Finding, bool) {
	what := "a single slow answer kills the container"
	if p.Kind == check.Readiness {
		what = "a single slow answer takes the pod out of its Services"
	}
	return Finding{"single-failure", severityWarning, what, "failureThreshold: 3"}, p.Failures == 1
}

// shortTimeout: a second is the API's default, and what an interpreter takes to start under a CPU limit.
func shortTimeout(pod Pod, p check.PodProbe) (Finding, bool) {
	f := Finding{"timeout-close-to-latency", severityWarning, "",
		fmt.Sprintf("timeoutSeconds: %d", max(5, 2*ceilSeconds(p.Timeout)))}
	if slowest := slowestOf(pod.Measured(p)); slowest > p.Timeout/2 {
		f.Message = fmt.Sprintf("the slowest good answer took %s of the %s that it may take", words.Duration(slowest),
			words.Duration(p.Timeout))
		return f, true
	}
	tool := check.Parse(p.Test()).Tool()
	f.ID, f.Severity = "interpreter-in-probe", severityNote
	f.Message = fmt.Sprintf("it starts %s each time and has %s: under a CPU limit the start alone takes that long", tool,
		words.Duration(p.Timeout))
	return f, p.Action == check.ActionExec && p.Timeout <= time.Second &&
		slices.Contains([]string{"python", "node", "java", "ruby", "php", "perl"}, tool)
}

// slowestOf is the slowest good answer.
func slowestOf(list []replay.Reading) (slowest time.Duration) {
	for _, r := range list {
		if !r.Failed() {
			slowest = max(slowest, r.Latency)
		}
	}
	return slowest
}

// heldOutput: measured with containerd 1.6: timeout 1 s, period 3 s, a child that slept for 30 s: failures 30 s apart,
// killed after 63 s instead of 7.
func heldOutput(pod Pod, p check.PodProbe) (Finding, bool) {
	if !pod.Holds(p) {
		return Finding{}, false
	}
	f := Finding{"exec-output-held", severityNote, "it runs a shell that starts programs: when its time is over the " +
		"kubelet waits until they, too, have closed its output, for up to two minutes more (containerd)",
		fmt.Sprintf("bound it from within: timeout -k 1 %s PROGRAM, or exec the last program",
			suggest(max(p.Timeout, 2*time.Second)))}
	if pod.Held > 0 {
		f.Severity = severityWarning
		f.Message = fmt.Sprintf("its failures came %s apart although it may take %s every %s: a child of it holds its "+
			"output, and the runtime waits for that", words.Duration(pod.Held), words.Duration(p.Timeout),
			words.Duration(p.Period))
	}
	return f, true
}

func onlyListens(_ Pod, p check.PodProbe) (Finding, bool) {
	return Finding{"only-connects", severityWarning, kernelAccepts,
		"ask it in its own protocol: httpGet, grpc, or exec"}, p.Action == check.ActionTCP && p.Kind == check.Liveness
}

var readyPath = lazyregexp.New(`(?i)/(ready|readyz|readiness)/?$`)

func readinessPath(_ Pod, p check.PodProbe) (Finding, bool) {
	return Finding{"liveness-asks-readiness", severityWarning,
		fmt.Sprintf("it asks %s, which says whether requests may come: where that fails for a dependency, every pod "+
			"is restarted, which helps nothing", p.Path),
		"ask a path that fails only where a restart helps"}, p.Kind == check.Liveness && readyPath().MatchString(p.Path)
}

// delayForStart: a delay holds after every restart, however fast the service came up, and not for one that is slower.
func delayForStart(pod Pod, p check.PodProbe) (Finding, bool) {
	return Finding{"delay-instead-of-startup-probe", severityNote,
			fmt.Sprintf("its initial delay of %s leaves a hang of a quick start unseen, and kills a slower one",
				words.Duration(p.InitialDelay)),
			"a startupProbe, which ends with the first success"},
		p.Kind == check.Liveness && p.InitialDelay >= 20*time.Second && pod.Probe(check.Startup) == nil
}

// killedComingUp: the commonest way in which a liveness probe does harm.
func killedComingUp(p Pod) (Finding, bool) {
	probe := p.Probe(check.Startup)
	kind := check.Startup
	if probe == nil {
		probe, kind = p.Probe(check.Liveness), check.Liveness
	}
	if probe == nil {
		return Finding{}, false
	}
	first, slow := replay.FirstSuccess(p.Measured(*probe), p.Started)
	if slow = slow && first > probe.Allows(); !slow && !p.ComingUp {
		return Finding{}, false
	}
	f := Finding{"no-time-to-start", severityError, fmt.Sprintf("the %s probe gives it %s to come up, and it was killed "+
		"before it had", kind, words.Duration(probe.Allows())), "a startupProbe with the time that a slow start takes"}
	if slow {
		f.Message = fmt.Sprintf("it took %s to come up, and the %s probe gives it %s", words.Duration(first), kind,
			words.Duration(probe.Allows()))
	}
	if kind == check.Startup {
		f.Fix = "a higher failureThreshold for the startup probe"
	}
	return f, true
}

// goneForGood: a service that obeys SIGTERM ends with 0, and OnFailure restarts no success (kubernetes #109537).
func goneForGood(p Pod) (Finding, bool) {
	if p.Probe(check.Liveness) == nil && p.Probe(check.Startup) == nil {
		return Finding{}, false
	}
	switch p.RestartPolicy {
	case "on-failure":
		return Finding{"killed-for-good", severityError, "with restartPolicy OnFailure a container that obeys the " +
			"SIGTERM after a failed liveness probe ends with code 0, counts as finished, and is never started again",
			"restartPolicy: Always for a service"}, true
	case "no":
		return Finding{"killed-for-good", severityWarning, "with restartPolicy Never a failed liveness probe ends the " +
			"container for good", "restartPolicy: Always for a service, or no liveness probe"}, true
	}
	return Finding{}, false
}

// sameQuestion: where both act at the same time, readiness has no say: the pod is restarted instead of being spared.
func sameQuestion(p Pod) (Finding, bool) {
	live, ready := p.Probe(check.Liveness), p.Probe(check.Readiness)
	if live == nil || ready == nil || !live.Asks(*ready) {
		return Finding{}, false
	}
	last := func(q *check.PodProbe) time.Duration { return time.Duration(q.Failures) * q.Period }
	return Finding{"liveness-no-later-than-readiness", severityWarning, "liveness and readiness ask the same, and " +
			"liveness acts no later: under load the pod is killed when it should only be spared, and its requests go to " +
			"the others", "a higher failureThreshold for liveness, or a path that fails only where a restart helps"},
		last(live) <= last(ready)
}

func notAskedWhetherReady(p Pod) (Finding, bool) {
	return Finding{"no-readiness-probe", severityNote, "without a readiness probe it gets requests from its start on, " +
			"before it listens, and while it hangs, until liveness has killed it", "add a readinessProbe"},
		p.Probe(check.Liveness) != nil && p.Probe(check.Readiness) == nil && len(p.Ports) > 0
}

// ofExec are the rules for checks that hold for the command of an exec probe as well.
var ofExec = []string{"exec-form-with-shell-syntax", "exec-form-with-variable", "always-passes", "curl-without-fail",
	"head-request", "background-process", "probe-without-time-limit", "probe-time-limit-not-below-timeout"}

func execFaults(p check.PodProbe) []Finding {
	if p.Action != check.ActionExec {
		return nil
	}
	var list []Finding
	for _, f := range Settings(*p.Config()) {
		if !slices.Contains(ofExec, f.ID) {
			continue
		}
		f.Message = p.Kind + " probe: " + strings.ReplaceAll(f.Message, "the engine", "the kubelet")
		f.Message = strings.ReplaceAll(f.Message, "the CMD form", "an exec probe")
		f.Fix = strings.ReplaceAll(f.Fix, "use CMD-SHELL for a command line", `command: ["sh", "-c", "…"]`)
		f.Fix = strings.ReplaceAll(f.Fix, "use CMD-SHELL, or write the value",
			`command: ["sh", "-c", "…"], or write the value`)
		list = append(list, f)
	}
	return list
}
