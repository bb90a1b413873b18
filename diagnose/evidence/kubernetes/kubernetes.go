// Package kubernetes decodes what a Kubernetes API server and a kubelet tell of one container of a pod. It is the one
// place that knows their words; right of it stands only what they mean.
//
//	{"state":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}                     a Life with its own OOM mark
//	{"reason":"Killing","message":"Container app failed liveness probe, will be …"}     fact.RequestProbe
//	{"state":{"waiting":{"reason":"ImagePullBackOff","message":"…"}}}                  evidence.Told, fact.ImageNotPulled
//
// How each of them lies is in docs/notes/KUBERNETES.md: a reason OOMKilled is no cause, restartCount is no count of
// deaths, events are dropped after about six restarts, and each run has a container id of its own.
//
// Contract: Decode never fails and never panics; what is missing, cut or of another type is nil or empty. It is pure.
package kubernetes

import (
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// decoder is one container of one bundle, as it is being read.
type decoder struct {
	pod    *Pod // nil: it is gone, or could not be read
	spec   *Container
	status *ContainerStatus
	name   string  // of the container
	events []Event // of the pod, oldest first
	owners []Owner
	others []Event // of the owners
	node   *Node
	now    time.Time
	counts map[probeKey]int // the kubelet's own counters of probes
	log    kubeletLog

	services []Service // that send the pod requests
}

// Decode reads a bundle's files of the API server and the kubelet.
func Decode(b *bundle.Bundle) evidence.Runtime {
	d := newDecoder(b)
	r := evidence.Runtime{Engine: readVersion(b), Pod: evidence.Pod{Told: d.told()}}
	r.Lives = d.lives()
	r.Events = d.eventsOf(r.Lives)
	if d.pod == nil {
		if len(d.events) > 0 {
			r.Lives, r.Events = d.goneLife(), d.goneEvents()
			r.Spec, r.Status = d.goneCheck(&r.Lives[0])
		} else if len(r.Told) > 0 {
			r.Spec, r.Status = d.unmade(r.Told[0])
		}
		return r
	}
	r.Spec, r.Status = d.specOf(), d.statusOf(r.Lives)
	r.Backends = d.backends(b)
	r.Group, r.Siblings, r.Probes = d.group(), d.siblings(b, r.Lives), d.probes(r.Lives)
	if d.status != nil && d.status.State.Running != nil {
		metrics, _ := b.File(bundle.FileCadvisor)
		r.Figures = withSummary(figures(metrics, d.name), one[Summary](b, bundle.FileSummary), d.name)
	}
	return r
}

func newDecoder(b *bundle.Bundle) *decoder {
	m := b.Manifest()
	d := &decoder{name: m.Target.Container, now: m.CapturedAt, pod: one[Pod](b, bundle.FilePod)}
	if d.pod != nil && d.pod.Metadata.Name == "" {
		d.pod = nil
	}
	all := lines[Event](b, bundle.FilePodEvents)
	for _, ev := range all {
		switch {
		case ev.InvolvedObject.Kind != kindPod:
			d.others = append(d.others, ev)
		case ev.InvolvedObject.Name == m.Target.Pod && (d.pod == nil || ev.of(d.pod)):
			d.events = append(d.events, ev)
		}
	}
	slices.SortStableFunc(d.events, func(a, b Event) int { return a.Last().Compare(b.Last()) })
	d.owners = lines[Owner](b, bundle.FileOwners)
	d.node = one[Node](b, bundle.FileNode)
	d.log = readKubeletLog(b, d.now)
	d.services = lines[Service](b, bundle.FileServices)
	if d.pod != nil {
		d.spec, d.status = d.pod.Container(d.name), d.pod.ContainerStatus(d.name)
		probes, _ := b.File(bundle.FileProbes)
		d.counts = probeCounts(probes, d.pod.Metadata.UID, d.name)
	}
	return d
}

func readVersion(b *bundle.Bundle) evidence.Engine {
	type version struct{ GitVersion, Minor string }
	v := one[version](b, bundle.FileVersion)
	if v == nil {
		return evidence.Engine{}
	}
	return evidence.Engine{Version: strings.TrimPrefix(v.GitVersion, "v"), Major: 1}
}

// group is the control group of the pod: with one container in it, its limit is that container's own.
func (d *decoder) group() *evidence.Group {
	g := &evidence.Group{UID: d.pod.Metadata.UID}
	for i := range d.pod.Spec.Containers {
		c := &d.pod.Spec.Containers[i]
		limit := memoryOf(c, d.pod.ContainerStatus(c.Name))
		g.Containers++
		if limit > 0 && g.Memory >= 0 {
			g.Memory += limit
		} else {
			g.Memory = -1 // one without a limit leaves the group without
		}
	}
	g.Memory = max(g.Memory, 0)
	if limit := d.pod.Spec.limit(); limit > 0 {
		g.Memory, g.OfPod = limit, true
	}
	return g
}

// ours tells whether an event is of this container, or of the whole pod.
func (d *decoder) ours(ev Event) bool {
	field := ev.InvolvedObject.FieldPath
	return field == "" || d.name == "" || strings.HasSuffix(field, "{"+d.name+"}")
}

// reason returns the events of this container with one of the reasons, oldest first.
func (d *decoder) reason(words ...string) []Event {
	var list []Event
	for _, ev := range d.events {
		if slices.Contains(words, ev.Reason) && d.ours(ev) {
			list = append(list, ev)
		}
	}
	return list
}

func (d *decoder) tell(id string, at time.Time, summary, excerpt string) evidence.Told {
	t := evidence.Told{ID: id, Summary: summary, Excerpt: excerpt, Source: fact.SourceEvents}
	if !at.IsZero() {
		t.At = &at
	}
	return t
}
