package kubernetes

import (
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
		for _, t := range status.ends() {
			if t.ExitCode == *own.ExitCode && (t.Reason == reasonOOMKilled) == (own.OOM != nil && *own.OOM) {
				s.Same++
				nodes[p.Spec.NodeName] = true
				break
			}
		}
	}
	if s.Of == 0 {
		return nil
	}
	s.Nodes = len(nodes)
	s.Rollout, s.Rolled = d.rollout()
	return &s
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
