package advice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// What to do about a container of Kubernetes, in kubectl's words. What a kubelet restarts anyway is not restarted, and
// nothing is started that a controller starts.

// inPod tells whether the container is one of a pod, or would be if there were a pod.
func inPod(c inquest.Case) bool { return c.Target.Namespace != "" }

// podDrafts is the advice for a pod: its own, and of the other runtimes' what is about code.
func podDrafts(c inquest.Case, reason string, f *servicelog.Finding) []draft {
	// Clone: byReason may hand out a table of this package, and DeleteFunc clears what it leaves over.
	inCode := slices.DeleteFunc(slices.Clone(byReason(c, reason, f)), func(d draft) bool { return d.language == yamlText })
	if reason == fact.OOMKill && (c.Spec == nil || c.Spec.Memory == 0) {
		return slices.Concat(nodeMemory, inCode)
	}
	if reason == fact.OOMKill && c.Group != nil && c.Group.OfPod {
		return slices.Concat(podMemory, inCode)
	}
	return slices.Concat(backendAid(c, reason, f), ofPod[reason], saidAdvice(c, reason), probeAdvice(c, reason), inCode)
}

const yamlText = "yaml"

// notYAML leaves out the fixes that are written for a compose file.
func notYAML(list []Fix) []Fix {
	return slices.DeleteFunc(slices.Clone(list), func(f Fix) bool { return f.Language == yamlText })
}

// takeBack undoes the newest rollout: what began with it ends with it.
var takeBack = draft{when: Now, title: "If it began with the newest rollout, take that back",
	command: "kubectl -n {namespace} rollout undo {rolled}"}

// lookAt shows what the API server says of the pod itself.
var lookAt = draft{when: Now, title: "Read what the kubelet says of it",
	command: "kubectl -n {namespace} describe pod {pod}"}

var nodeMemory = []draft{
	{when: Then, title: "Give it a memory request and a limit", detail: "It has no limit of its own: what ran out was " +
		"its pod's, or all that the node gives to pods.", language: yamlText,
		snippet: "resources:\n  requests:\n    memory: 256Mi\n  limits:\n    memory: 256Mi\n"},
	{when: Now, title: "See what else the node carries", command: "kubectl describe node {node}"},
}

// podMemory is for a pod that has a limit of its own for all its containers.
var podMemory = []draft{
	{when: Then, title: "Raise the pod's own limit of {limit}, or find what grows", language: yamlText,
		detail:  "It is of all its containers together (spec.resources); a leak reaches every limit.",
		snippet: "spec:\n  resources:\n    limits:\n      memory: {room}\n"},
}

// ofPod is by reason; each gap that the case cannot fill leaves its draft out.
var ofPod = map[string][]draft{
	fact.OOMKill: {
		{when: Now, title: "Give it more memory than its limit of {limit}", command: "kubectl -n {namespace} set resources " +
			"{owner} -c {container} --limits=memory={room}"},
		{when: Then, title: "Raise the limit in the manifest, or find what grows", language: yamlText,
			detail:  "A limit helps only what needs more by nature; a leak reaches every limit.",
			snippet: "resources:\n  requests:\n    memory: {room}\n  limits:\n    memory: {room}\n"},
	},
	fact.StartupFailure: {takeBack, {when: Now, title: "Read the whole log of the run that failed",
		command: "kubectl -n {namespace} logs {pod} -c {container} --previous"}},
	fact.HealthcheckFailure: {takeBack},
	fact.HealthcheckTimeout: {takeBack},
	fact.ImageNotPulled: {lookAt, {when: Now, title: "Take the image that ran before", command: "kubectl -n {namespace} " +
		"rollout undo {rolled}"}, {when: Then, title: "Name an image that the registry has, with a pull secret where it " +
		"wants one", command: "kubectl -n {namespace} set image {owner} {container}=IMAGE:TAG"}},
	fact.ObjectMissing: {{when: Now, title: "See what there is", command: "kubectl -n {namespace} get configmaps,secrets"},
		{when: Then, title: "Create what is missing before the pod, or mark it optional: true"}},
	fact.VolumeNotMounted: {lookAt, {when: Now, title: "See whether its claim is bound",
		command: "kubectl -n {namespace} get pvc"}},
	fact.PodRefused: {lookAt, {when: Now, title: "Read why its pods are refused", command: "kubectl -n {namespace} " +
		"describe {podless}"}},
	fact.NotStarted: {lookAt},
	fact.Evicted: {{when: Now, title: "Remove what is left of it", command: "kubectl -n {namespace} delete pod {pod}"},
		{when: Then, title: "Ask for what it uses", detail: "The kubelet evicts first what uses more than it requested. " +
			"Write logs to standard output, not into the container, and give scratch files an emptyDir with a sizeLimit.",
			language: yamlText, snippet: "resources:\n  requests:\n    memory: 256Mi\n    ephemeral-storage: 1Gi\n  " +
				"limits:\n    ephemeral-storage: 2Gi\n"}},
	fact.DeadlineExceeded: {{when: Then, title: "Give it more time, or make it do less", language: yamlText,
		snippet: "spec:\n  activeDeadlineSeconds: 3600\n"}},
	fact.NodeTrouble: {{when: Now, title: "See what became of the node", command: "kubectl describe node {node}"},
		{when: Then, title: "If it happens again, empty the node", command: "kubectl drain {node} --ignore-daemonsets " +
			"--delete-emptydir-data"}},
	fact.OutlastsSchedule: {{when: Now, title: "Read what it does", command: "kubectl -n {namespace} logs {pod} " +
		"-c {container} --tail=50"}, {when: Then, title: "Give a run a deadline, so that one that hangs makes room",
		language: yamlText, snippet: "jobTemplate:\n  spec:\n    activeDeadlineSeconds: 3600\n"}},
	fact.GateClosed: {lookAt, {when: Then, title: "Mend what sets that condition", detail: "A controller does, mostly " +
		"that of a load balancer: its own log says why it does not. Without the gate the pod is ready when its containers " +
		"are."}},
	fact.HookFailed: {lookAt, {when: Then, title: "Let the hook fail loudly, or do its work in an init container",
		detail: "What a postStart hook prints is kept nowhere but in one event."}},
}

// backendAid leads to what has to come back: the pod behind the Service that is waited for, or complained of.
func backendAid(c inquest.Case, reason string, f *servicelog.Finding) []draft {
	if !slices.Contains(dependencyReasons, reason) {
		return nil
	}
	n := brokenDependency(c, f)
	if len(c.Stuck) > 0 {
		n = &c.Stuck[0].Neighbour
	}
	if n == nil || n.Down == "" || !safeWord(n.Service) {
		return nil
	}
	service, space, elsewhere := strings.Cut(n.Service, ".")
	if !elsewhere {
		space = c.Target.Namespace
	}
	d := draft{when: Now, title: "Bring " + service + " back: it " + literal(n.Down), detail: "What is " +
		"wrong there is to be mended: this pod comes back by itself.",
		command: literal("kubectl -n " + space + " get endpointslices -l kubernetes.io/service-name=" + service)}
	if safeWord(n.Pod) {
		d.command = literal("gwdoctor diagnose pod/" + n.Pod + " -n " + space)
	}
	return []draft{d}
}

// probeAdvice writes the probe that decided as it should be, and the patch that makes it so.
func probeAdvice(c inquest.Case, reason string) []draft {
	r := c.Death.Request
	if c.Spec == nil || c.Spec.Healthcheck == nil || r == nil || r.Kind != fact.RequestProbe {
		return nil
	}
	h := c.Spec.Healthcheck.WithDefaults()
	timeout, period := int(h.Timeout.Seconds()), int(h.Interval.Seconds())
	switch {
	case r.Probe == evidence.ProbeStartup || c.ComingUp():
		return slowStart(c, h, max(period, 2))
	case reason == fact.HealthcheckTimeout:
		settings := []setting{{"timeoutSeconds", max(5, 2*timeout)}, {"periodSeconds", max(10, period)},
			{"failureThreshold", max(3, h.Retries)}}
		return append(patchOf(c, r.Probe, settings), draft{when: Then, title: "Let the probe wait longer than the service " +
			"may be busy", language: yamlText, detail: "A liveness probe should fail only where a restart helps.",
			snippet: r.Probe + "Probe:\n" + yamlOf(settings)})
	}
	return nil
}

// slowStart gives the time that a start needs.
func slowStart(c inquest.Case, h check.Config, period int) []draft {
	settings := []setting{{"periodSeconds", period}, {"failureThreshold", max(60/period, 2*h.Retries)}}
	then := draft{when: Then, title: "Give it a startup probe with the time that it needs to come up", language: yamlText,
		detail:  "Liveness waits until the startup probe has passed: a slow start is no longer killed.",
		snippet: "startupProbe:\n  # the same check as the liveness probe\n" + yamlOf(settings)}
	if c.Death.Request.Probe != evidence.ProbeStartup {
		if _, better := c.Health().Lint(); better != nil {
			then.snippet = literal(better.Kubernetes)
		}
		return []draft{then}
	}
	then.title, then.snippet = "Give the startup probe the time that a start needs", "startupProbe:\n"+yamlOf(settings)
	return append(patchOf(c, evidence.ProbeStartup, settings), then)
}

// setting is one number of a probe.
type setting struct {
	name  string
	value int
}

func yamlOf(list []setting) string {
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "  %s: %d\n", s.name, s.value)
	}
	return b.String()
}

// patchOf changes numbers of a probe at once, where something owns the pod: a pod of its own cannot be changed.
func patchOf(c inquest.Case, probe string, list []setting) []draft {
	if !c.Spec.Rolled {
		return nil
	}
	var numbers []string
	for _, s := range list {
		numbers = append(numbers, fmt.Sprintf("%q:%d", s.name, s.value))
	}
	return []draft{{when: Now, title: "Give it that at once: this rolls its pods over",
		command: "kubectl -n {namespace} " +
			"patch {owner} -p " + literal(`'{"spec":{"template":{"spec":{"containers":[{"name":"`) + "{container}" +
			literal(`","`+probe+`Probe":{`) + strings.Join(numbers, ",") + "}}]}}}}'"}}
}

// podValues fills the gaps of a pod.
func podValues(v map[string]string, c inquest.Case) {
	v["namespace"], v["pod"], v["container"] = c.Target.Namespace, c.Target.Pod, c.Target.Container
	v["node"] = c.Target.Node
	if c.Spec == nil {
		return
	}
	v["owner"] = c.Spec.Owner
	if c.Target.Pod == "" {
		v["podless"] = c.Spec.Owner
	}
	if v["owner"] == "" {
		v["owner"] = "pod/" + c.Target.Pod
	}
	if c.Spec.Rolled {
		v["rolled"] = c.Spec.Owner
	}
	if c.Spec.Memory > 0 {
		v["room"] = strconv.FormatInt((needed(c.Spec.Memory, lastKill(c))+1<<20-1)>>20, 10) + "Mi"
	}
}
