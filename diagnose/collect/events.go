package collect

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// collectEvents reads the engine's whole ring, all containers: only so does it
// show how far back it reaches. Kept are the events whose id is this container's
// whole id; the engine's own filter would also take an id or name that merely
// begins so (docs/notes/DOCKER.md#a2).
func collectEvents(ctx context.Context, s *session) source.Outcome {
	defer close(s.ringRead)
	if o, ok := s.unanswered(); ok {
		return o
	}
	if s.containerd() {
		return noEvents()
	}
	r, at, err := s.ring(ctx)
	if err != nil {
		return s.engineFailure(err)
	}
	defer r.Close()
	found := docker.EventScan{ID: s.container.ID, Project: s.container.Project, Beside: s.related(ctx).ids()}
	readErr := found.Read(r)
	var o source.Outcome
	if s.podman() {
		o = s.storedOutcome(&found, at)
	} else if o = ringOutcome(&found, at); readErr == nil && found.Ring.Count < decode.RingCapacity {
		s.widenToDaemonStart(ctx, &o)
	}
	if readErr != nil {
		o.Source.Status, o.Source.To = fact.StatusTruncated, found.Ring.Newest
		o.Source.Detail += "; " + readErr.Error()
	}
	return o
}

// ringOutcome is the source that a scan makes, read at now.
func ringOutcome(f *docker.EventScan, now time.Time) source.Outcome {
	o := source.Collected(fmt.Sprintf("%d of this container among %d in the ring", f.Owned, f.Ring.Count))
	if f.ID == "" { // asked without a container: gwdoctor sources
		o = source.Collected(fmt.Sprintf("%d in the ring", f.Ring.Count))
	}
	o.Source.From, o.Source.To = f.Ring.Oldest, source.Wall(now)
	if f.Ring.Count >= decode.RingCapacity {
		o.Source.Detail += "; the ring is full, older events were dropped"
	}
	return keepEvents(f, o)
}

// storedOutcome is the source that Podman's events make: it keeps them in the journal or in a file, which is cut at
// 1 MB, so they reach back to the container's creation where that is among them, and else to the oldest.
func (s *session) storedOutcome(f *docker.EventScan, now time.Time) source.Outcome {
	o := source.Collected(fmt.Sprintf("%d of this container among %d that Podman stored", f.Owned, f.Ring.Count))
	if f.Ring.Count == 0 {
		o.Source.Detail += "; containers.conf may say events_logger=none"
	}
	o.Source.From, o.Source.To = f.Ring.Oldest, source.Wall(now)
	return keepEvents(f, o)
}

// keepEvents puts what a scan kept into its source.
func keepEvents(f *docker.EventScan, o source.Outcome) source.Outcome {
	switch {
	case f.Odd > 0 && f.Ring.Count == 0:
		return source.Failed(fmt.Errorf("the answer was not understood: %d lines, none of them an event", f.Odd))
	case f.Odd > 0:
		o.Source.Status = fact.StatusTruncated
		o.Source.Detail += fmt.Sprintf("; %d lines were no events", f.Odd)
	}
	ring, err := json.MarshalIndent(f.Ring, "", "  ")
	if err != nil { // a year that JSON times cannot hold
		return source.Failed(fmt.Errorf("encode ring: %w", err))
	}
	o = o.With(bundle.FileEvents, f.Own.Bytes()).With(bundle.FileRing, append(ring, '\n'))
	if f.Neighbours > 0 {
		o = o.With(bundle.FileNeighbourEvents, f.Neighbour.Bytes())
	}
	return o
}

// widenToDaemonStart moves the beginning of the span to the daemon's start: a
// ring that is not full has dropped nothing since then. Without that moment the
// oldest event stands.
func (s *session) widenToDaemonStart(ctx context.Context, o *source.Outcome) {
	proof := s.host(ctx)
	if !proof.here || proof.daemon == 0 {
		o.Source.Detail += "; the ring is not full, but when the engine started is not known"
		return
	}
	started, err := s.ProcessStart(proof.daemon)
	if err != nil || (o.Source.From != nil && started.After(*o.Source.From)) {
		return
	}
	o.Source.From = &started
	o.Source.Detail += "; the ring is not full: it reaches back to the engine's start"
}
