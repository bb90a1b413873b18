package collect

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// collectEvents reads the engine's whole ring, all containers: only so does it
// show how far back it reaches. Kept are the events whose id is this container's
// whole id; the engine's own filter would also take an id or name that merely
// begins so (DOCKER.md A2).
func collectEvents(ctx context.Context, s *session) outcome {
	if o, ok := s.unanswered(); ok {
		return o
	}
	r, at, err := s.ring(ctx)
	if err != nil {
		return s.engineFailure(err)
	}
	defer r.Close()
	found := eventScan{ID: s.subject.ID, Project: s.subject.Project}
	readErr := found.read(r)
	o := ringOutcome(&found, at)
	if readErr == nil && found.ring.Count < bundle.RingCapacity {
		s.widenToDaemonStart(ctx, &o)
	}
	if readErr != nil {
		o.source.Status, o.source.To = fact.StatusTruncated, found.ring.Newest
		o.source.Detail += "; " + readErr.Error()
	}
	return o
}

// ringOutcome is the source that a scan makes, read at now.
func ringOutcome(f *eventScan, now time.Time) outcome {
	o := collected(fmt.Sprintf("%d of this container among %d in the ring", f.owned, f.ring.Count))
	if f.ID == "" { // asked without a container: gwdoctor sources
		o = collected(fmt.Sprintf("%d in the ring", f.ring.Count))
	}
	o.source.From, o.source.To = f.ring.Oldest, wall(now)
	if f.ring.Count >= bundle.RingCapacity {
		o.source.Detail += "; the ring is full, older events were dropped"
	}
	if f.odd > 0 {
		o.source.Detail += fmt.Sprintf("; %d lines were no events", f.odd)
	}
	ring, err := json.MarshalIndent(f.ring, "", "  ")
	if err != nil { // a year that JSON times cannot hold
		return failed(fmt.Errorf("encode ring: %w", err))
	}
	o = o.with(bundle.FileEvents, f.own.Bytes()).with(bundle.FileRing, append(ring, '\n'))
	if f.neighbours > 0 {
		o = o.with(bundle.FileNeighbourEvents, f.neighbour.Bytes())
	}
	return o
}

// widenToDaemonStart moves the beginning of the span to the daemon's start: a
// ring that is not full has dropped nothing since then. Without that moment the
// oldest event stands.
func (s *session) widenToDaemonStart(ctx context.Context, o *outcome) {
	proof := s.host(ctx)
	if !proof.here || proof.daemon == 0 {
		o.source.Detail += "; the ring is not full, but when the engine started is not known"
		return
	}
	started, err := s.processStart(proof.daemon)
	if err != nil || (o.source.From != nil && started.After(*o.source.From)) {
		return
	}
	o.source.From = &started
	o.source.Detail += "; the ring is not full: it reaches back to the engine's start"
}
