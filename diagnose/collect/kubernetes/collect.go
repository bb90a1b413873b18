package kubernetes

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence/kubernetes"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Target is one run of one container that is to be diagnosed.
type Target struct {
	Found
	kubernetes.Run
}

// String is how a message names it.
func (t Target) String() string {
	if t.makers != nil {
		return t.Name
	}
	if t.Run.Container == "" {
		return "pod/" + t.Name
	}
	return "pod/" + t.Name + " (" + t.Run.Container + ")"
}

// Targets lists what of some pods is to be diagnosed.
func (s *Session) Targets(found []Found) []Target {
	var list []Target
	for _, f := range found {
		if f.pod == nil {
			list = append(list, Target{Found: f, Run: kubernetes.Run{Container: s.Container}})
			continue
		}
		if s.Container != "" && f.pod.Container(s.Container) == nil {
			continue // it has none of that name
		}
		for _, r := range f.pod.Runs(s.Container, s.Previous) {
			list = append(list, Target{f, r})
		}
	}
	return list
}

// look is one pod's collection.
type look struct {
	*Session
	Target
	node string
}

// Collect asks every source for one target and returns its bundle, redacted unless NoRedact asks otherwise. It fails
// only where the server cannot be spoken to; a source that is denied, or a pod that is deleted meanwhile, gives a
// partial bundle that says what is missing.
func (s *Session) Collect(ctx context.Context, t Target) (*bundle.Bundle, error) {
	l := &look{Session: s, Target: t}
	b, err := l.collected(ctx)
	if err != nil {
		return nil, err
	}
	return l.sealed(b), nil
}

// collected asks every source.
func (l *look) collected(ctx context.Context) (*bundle.Bundle, error) {
	t := l.Target
	target := bundle.Target{ID: t.ID, Name: t.label(), Runtime: bundle.RuntimeKubernetes,
		InPod: bundle.InPod{Namespace: t.Namespace, Pod: t.Name, Container: t.Run.Container}}
	if t.makers != nil {
		target.Pod = ""
	}
	if t.pod != nil {
		target.Node, l.node = t.pod.Spec.NodeName, t.pod.Spec.NodeName
		target.ID = cmp.Or(target.ID, t.pod.Metadata.UID)
	}
	target.ID = cmp.Or(target.ID, t.Name)
	b := bundle.New(l.ToolVersion, target, l.Now())
	l.podSource().Store(b)
	l.run(ctx, b)
	return b, ctx.Err()
}

// sealed masks what is secret.
func (l *look) sealed(b *bundle.Bundle) *bundle.Bundle {
	if !l.NoRedact {
		redact.Bundle(b)
	}
	return b
}

// Probed tells whether the container has a probe.
func (t Target) Probed() bool {
	return t.pod != nil && len(t.pod.Container(t.Run.Container).ProbesOf()) > 0
}

// label is the target's name in a report: that of the pod, with the container's where it has several.
func (t Target) label() string {
	if t.pod == nil || len(t.pod.Spec.Containers)+len(t.pod.Spec.InitContainers) < 2 {
		return t.Name
	}
	return t.Name + "/" + t.Run.Container
}

// podSource is the pod itself, which was asked for first.
func (l *look) podSource() source.Outcome {
	o := source.Absent("the pod is gone: only events tell of it", "")
	if l.makers != nil {
		o = source.Absent("no pod could be made: events tell why", "")
	}
	if l.pod != nil {
		o = source.Collected("").With(bundle.FilePod, slim(l.raw, l.NoRedact))
	}
	o.Source.Name = fact.SourceInspect
	return o
}

// collectors are the sources of a pod.
var collectors = []struct {
	name string
	read func(*look, context.Context) source.Outcome
}{
	{fact.SourceEngine, (*look).version},
	{fact.SourceEvents, (*look).events},
	{fact.SourceLogs, (*look).logs},
	{fact.SourceOwners, (*look).owners},
	{fact.SourceSiblings, (*look).siblings},
	{fact.SourceServices, (*look).services},
	{fact.SourceNeighbours, (*look).backends},
	{fact.SourceNodePods, (*look).nodePods},
	{fact.SourceNode, (*look).nodeRecord},
	{fact.SourceNodeEvents, (*look).nodeEvents},
	{fact.SourcePodMetrics, (*look).metrics},
	{fact.SourceProbeCount, (*look).probeCounters},
	{fact.SourceCadvisor, (*look).cadvisor},
	{fact.SourceSummary, (*look).summary},
	{fact.SourceKubeletLog, (*look).kubeletLog},
	{fact.SourceKernelLog, (*look).kernelLog},
	{fact.SourceCgroup, (*look).group},
	{fact.SourceCorePolicy, (*look).corePolicy},
}

// run asks the sources side by side.
func (l *look) run(ctx context.Context, b *bundle.Bundle) {
	outcomes := make([]source.Outcome, len(collectors))
	var group sync.WaitGroup
	for i, c := range collectors {
		group.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					outcomes[i] = source.Failed(fmt.Errorf("panic: %v at %s", p, source.PanicSite(debug.Stack())))
				}
			}()
			outcomes[i] = c.read(l, ctx)
		})
	}
	group.Wait()
	for i, c := range collectors {
		if outcomes[i].Source.Name = c.name; asked(outcomes[i]) {
			outcomes[i].Store(b)
		}
	}
}
