package kubernetes

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Backend is a Service that a container names, and what stands behind it.
type Backend struct {
	Service Service
	NamedBy []string // variables of the container's environment
	Pods    []Pod    // that the Service chooses
}

// hosts finds what may be the name of a host in any text.
var hosts = regexp.MustCompile(`[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*){0,4}`)

// Hosts returns the words of a text that may be names of hosts.
func Hosts(text []byte) map[string]bool {
	words := map[string]bool{}
	for _, w := range hosts.FindAll(text, maxLines) {
		words[string(w)] = true
	}
	return words
}

// Called tells whether one of some words is a name of the Service, seen from a namespace.
func (s *Service) Called(words map[string]bool, from string) bool {
	return slices.ContainsFunc(s.namesFrom(from), func(name string) bool { return words[name] })
}

// namesFrom are the names of it in a namespace: the short one holds in its own only.
func (s *Service) namesFrom(space string) []string {
	if list := s.names(); s.Metadata.Namespace != space {
		return list[1:]
	}
	return s.names()
}

// NamedIn lists the variables of an environment, NAME=VALUE, that name the Service as a host.
func (s *Service) NamedIn(env []string, from string) []string {
	n := evidence.Neighbour{Aliases: s.namesFrom(from)}
	return n.NamedIn(env)
}

// backends are the Services that the container names, as neighbours: one runs as long as a pod behind it is ready.
func (d *decoder) backends(b *bundle.Bundle) []evidence.Neighbour {
	var list []evidence.Neighbour
	for _, one := range lines[Backend](b, bundle.FileBackends) {
		if one.Service.Metadata.Name != "" {
			list = append(list, one.neighbour(d.pod.Metadata.Namespace, d.now))
		}
	}
	return list
}

func (b *Backend) neighbour(from string, now time.Time) evidence.Neighbour {
	names := b.Service.namesFrom(from)
	n := evidence.Neighbour{ID: cmp.Or(b.Service.Metadata.UID, names[0]), Name: names[0], Service: names[0],
		Aliases: names[1:], NamedBy: b.NamedBy}
	pods := slices.DeleteFunc(slices.Clone(b.Pods), func(p Pod) bool { return p.Status.Phase == "Succeeded" })
	var telling *Pod
	for i := range pods {
		p := &pods[i]
		if since := p.readySince(); since != nil {
			n.State, n.StartedAt = fact.StateRunning, later(n.StartedAt, since)
			n.Addresses = append(n.Addresses, p.Status.PodIP)
		} else if telling == nil || p.unreadySince().After(telling.unreadySince()) {
			telling = p
		}
	}
	switch {
	case n.State == fact.StateRunning:
		cameBack(&n, pods)
	case telling == nil:
		n.State, n.Down = fact.StateExited, "has no pod: none bears the labels "+labelText(b.Service.Spec.Selector)
	case telling.comingUp(now):
		n.State = fact.StateNeverStarted
	default:
		fallen(&n, telling)
	}
	return n
}

// fallen describes a Service without a pod that is ready, by the one that was ready last.
func fallen(n *evidence.Neighbour, p *Pod) {
	since, why := p.unreadySince(), p.unreadyBecause()
	n.State, n.Pod = fact.StateExited, p.Metadata.Name
	n.Down = "has no pod that is ready: " + short(p.Metadata.Name, 80) + " " + why
	if !since.IsZero() {
		n.FinishedAt = &since
	}
	if t := p.lastEnd(); t != nil {
		code, oom := t.ExitCode, t.Reason == reasonOOMKilled
		n.ExitCode, n.OOMKilled = &code, &oom
	}
}

// cameBack tells of a Service whose only pod that is ready ended and was started again: in between it was away, and
// without a readiness probe it counts as ready again at once, in each round of a loop.
func cameBack(n *evidence.Neighbour, pods []Pod) {
	var only *Pod
	for i := range pods {
		if pods[i].readySince() == nil {
			continue
		}
		if only != nil {
			return
		}
		only = &pods[i]
	}
	for _, s := range only.statuses() {
		t := s.LastState.Terminated
		if t == nil || s.State.Running == nil || s.RestartCount == 0 || Time(t.FinishedAt).IsZero() {
			continue
		}
		since, code := Time(t.FinishedAt), t.ExitCode
		n.Pod, n.FinishedAt, n.ExitCode = only.Metadata.Name, &since, &code
		n.Down = fmt.Sprintf("was away: %s ended with exit code %d and runs again, restarts: %d",
			short(n.Pod, 80), code, s.RestartCount)
		return
	}
}

// readySince is since when the pod is sent requests; nil = it is not. One that is being deleted gets none any more.
func (p *Pod) readySince() *time.Time {
	c := p.Condition("Ready")
	if c == nil || c.Status != "True" || p.Metadata.DeletionTimestamp != "" {
		return nil
	}
	at := Time(c.LastTransitionTime)
	return &at
}

// unreadySince is since when nobody can have relied on the pod. In a loop of ends it is ready for moments, so that the
// oldest end that is still known counts.
func (p *Pod) unreadySince() time.Time {
	since := firstKnown(p.Metadata.DeletionTimestamp)
	if c := p.Condition("Ready"); c != nil && since.IsZero() {
		since = Time(c.LastTransitionTime)
	}
	for _, s := range p.statuses() {
		for _, t := range s.ends() {
			if end := Time(t.FinishedAt); !s.Ready && !end.IsZero() && end.Before(since) {
				since = end
			}
		}
	}
	return since
}

// statuses are those of all containers, init containers first.
func (p *Pod) statuses() []ContainerStatus {
	return slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses)
}

// lastEnd is the newest end of a container that is not ready; nil = none has ended.
func (p *Pod) lastEnd() (newest *Terminated) {
	for _, s := range p.statuses() {
		for _, t := range s.ends() {
			if !s.Ready && (newest == nil || Time(t.FinishedAt).After(Time(newest.FinishedAt))) {
				newest = t
			}
		}
	}
	return newest
}

// graceOfStart is for how long a new pod behind a Service may take to come up before that is told of it.
const graceOfStart = time.Minute

// comingUp tells whether the pod is new and nothing has gone wrong with it.
func (p *Pod) comingUp(now time.Time) bool {
	born := Time(p.Metadata.CreationTimestamp)
	return !born.IsZero() && now.Sub(born) < graceOfStart && p.Metadata.DeletionTimestamp == "" && p.lastEnd() == nil &&
		!slices.ContainsFunc(p.statuses(), func(s ContainerStatus) bool { return s.State.refused() }) &&
		!p.unscheduled()
}

// refused tells whether a container waits for what does not come by itself.
func (s State) refused() bool {
	return s.Waiting != nil && s.Waiting.Reason != waitCreating && s.Waiting.Reason != waitInit
}

func (p *Pod) unscheduled() bool {
	c := p.Condition("PodScheduled")
	return c != nil && c.Status == "False"
}

// unreadyBecause says why a pod is not ready, in words that continue its name.
func (p *Pod) unreadyBecause() string {
	switch {
	case p.Metadata.DeletionTimestamp != "":
		return "is being deleted"
	case p.unscheduled():
		return "is on no node (" + short(p.Condition("PodScheduled").Reason, 60) + ")"
	case p.Status.Reason != "":
		return "ended (" + short(p.Status.Reason, 60) + ")"
	}
	after := ""
	if t := p.lastEnd(); t != nil {
		after = fmt.Sprintf("exit code %d", t.ExitCode)
		if t.Reason == reasonOOMKilled {
			after += ", " + reasonOOMKilled
		}
	}
	for _, s := range p.statuses() {
		switch {
		case s.Ready:
		case s.State.refused() && after != "":
			return fmt.Sprintf("waits in %s (%s)", short(s.State.Waiting.Reason, 60), after)
		case s.State.refused():
			return "waits in " + short(s.State.Waiting.Reason, 60)
		case s.State.Terminated != nil && s.State.Terminated.ExitCode != 0:
			return "ended (" + after + ")"
		}
	}
	if after != "" {
		return "runs again and is not ready (" + after + " before)"
	}
	return "is not ready"
}

func later(a, b *time.Time) *time.Time {
	if a == nil || b.After(*a) {
		return b
	}
	return a
}

// labelText writes a selector as kubectl takes it.
func labelText(labels map[string]string) string {
	var parts []string
	for k, v := range labels {
		parts = append(parts, short(k, 100)+"="+short(v, 100))
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}
