package kubernetes

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// siblings holds the other pods of the same owner against the newest end of this container: the same end on several of
// them speaks for the service, or for its rollout, and against the node; nil = it has not ended, or is alone.
func (d *decoder) siblings(b *bundle.Bundle, lives []evidence.Life) *evidence.Siblings {
	own := newestEnd(lives)
	if own == nil || own.ExitCode == nil {
		return nil
	}
	s := evidence.Siblings{}
	nodes := map[string]bool{d.pod.Spec.NodeName: true}
	for _, p := range lines[Pod](b, bundle.FileSiblings) {
		if p.Metadata.UID == d.pod.Metadata.UID {
			continue
		}
		s.Of++
		status := p.ContainerStatus(d.name)
		if status == nil {
			continue
		}
		if slices.ContainsFunc(status.ends(), alike(own)) {
			s.Same++
			nodes[p.Spec.NodeName] = true
		}
	}
	if s.OnNode, s.Owners = d.onNode(b, own); s.Of == 0 && s.OnNode == 0 {
		return nil
	}
	s.Nodes = len(nodes)
	s.Rollout, s.Rolled = d.rollout()
	return &s
}

// alike tells whether an end is as another one was.
func alike(own *evidence.Life) func(*Terminated) bool {
	return func(t *Terminated) bool {
		return t.ExitCode == *own.ExitCode && (t.Reason == reasonOOMKilled) == (own.OOM != nil && *own.OOM)
	}
}

// sameMinutes is how far apart ends may be that one thing brought about: a node under pressure goes on for a while.
const sameMinutes = 2 * time.Minute

// onNode counts the pods of other workloads on this node that ended the same way in the same minutes.
func (d *decoder) onNode(b *bundle.Bundle, own *evidence.Life) (pods, owners int) {
	mine, seen := ownerOf(d.pod), map[OwnerReference]bool{}
	for _, p := range lines[Pod](b, bundle.FileNodePods) {
		owner := ownerOf(&p)
		if p.Metadata.UID == d.pod.Metadata.UID || owner == mine || p.Spec.NodeName != d.pod.Spec.NodeName {
			continue
		}
		together := func(t *Terminated) bool {
			return alike(own)(t) && Time(t.FinishedAt).Sub(*own.End).Abs() <= sameMinutes
		}
		if slices.ContainsFunc(p.statuses(), func(s ContainerStatus) bool {
			return slices.ContainsFunc(s.ends(), together)
		}) {
			pods++
			seen[owner] = true
		}
	}
	return pods, len(seen)
}

// ownerOf is what makes a pod; one that nothing owns is its own.
func ownerOf(p *Pod) OwnerReference {
	for _, o := range p.Metadata.OwnerReferences {
		if o.Controller == nil || *o.Controller {
			return OwnerReference{Kind: o.Kind, Name: o.Name, UID: o.UID}
		}
	}
	return OwnerReference{Kind: kindPod, Name: p.Metadata.Name, UID: p.Metadata.UID}
}

// What a Deployment notes on its ReplicaSets. The second is there once an older one was taken up again: then its age is
// not that of the rollout.
const (
	revisionNote        = "deployment.kubernetes.io/revision"
	revisionHistoryNote = "deployment.kubernetes.io/revision-history"
)

// rollout is the revision of the Deployment that this pod and its siblings are of, and since when; "" = it is the
// first, so that nothing else was there before, or not known.
func (d *decoder) rollout() (revision string, since time.Time) {
	for _, o := range d.owners {
		notes := o.Metadata.Annotations
		if o.Kind != kindReplicaSet || notes[revisionNote] == "" || notes[revisionNote] == "1" ||
			notes[revisionHistoryNote] != "" {
			continue
		}
		if at := Time(o.Metadata.CreationTimestamp); !at.IsZero() {
			return short(notes[revisionNote], 20), at
		}
	}
	return "", time.Time{}
}

func newestEnd(lives []evidence.Life) *evidence.Life {
	for i := len(lives) - 1; i >= 0; i-- {
		if lives[i].End != nil {
			return &lives[i]
		}
	}
	return nil
}
