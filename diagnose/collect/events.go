package collect

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const (
	maxNeighbourEvents = 500
	maxEventLine       = 1 << 20
)

// neighbourActions are the events of another container that may explain this one.
var neighbourActions = map[string]bool{
	"oom": true, "die": true, "kill": true, "stop": true, "start": true, "health_status": true,
}

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
	found := eventScan{id: s.subject.ID, project: s.subject.Project}
	readErr := found.read(r)
	o := found.outcome(at)
	if readErr == nil && found.ring.Count < bundle.RingCapacity {
		s.widenToDaemonStart(ctx, &o)
	}
	if readErr != nil {
		o.source.Status, o.source.To = fact.StatusTruncated, found.ring.Newest
		o.source.Detail += "; " + readErr.Error()
	}
	return o
}

// eventScan is what one pass over the ring found.
type eventScan struct {
	id, project       string
	ring              bundle.Ring
	own, neighbour    bytes.Buffer
	owned, neighbours int
	odd               int // lines that are no event
}

// rawEvent is the part of an event that decides whether it is kept:
//
//	{"Type":"container","Action":"die","Actor":{"ID":"a6f3…","Attributes":{"exitCode":"137"}},"time":1795423706,"timeNano":1795423706087050682}
type rawEvent struct {
	Type, Action string
	Actor        struct {
		ID         string
		Attributes map[string]string
	}
	Time     int64 `json:"time"`
	TimeNano int64 `json:"timeNano"`
}

func (e rawEvent) at() time.Time {
	if e.TimeNano != 0 {
		return time.Unix(0, e.TimeNano).UTC()
	}
	return time.Unix(e.Time, 0).UTC()
}

// read takes the lines one by one, until the end, the cap or a broken stream.
func (f *eventScan) read(r io.Reader) error {
	limited := &io.LimitedReader{R: r, N: eventBytes + 1}
	scanner := bufio.NewScanner(limited)
	scanner.Buffer(make([]byte, 0, 64<<10), maxEventLine)
	for scanner.Scan() {
		f.line(scanner.Bytes())
	}
	switch err := scanner.Err(); {
	case limited.N <= 0:
		return fmt.Errorf("%w of %d MiB", errTooLarge, eventBytes>>20)
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("an event is longer than %d MiB; later ones were not read", maxEventLine>>20)
	case err != nil:
		return fmt.Errorf("read events: %w", err)
	}
	return nil
}

func (f *eventScan) line(line []byte) {
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	var e rawEvent
	if json.Unmarshal(line, &e) != nil || (e.Time == 0 && e.TimeNano == 0) {
		f.odd++
		return
	}
	f.measure(e.at())
	if e.Type != "container" {
		return
	}
	action, _, _ := strings.Cut(e.Action, ":")
	switch {
	case e.Actor.ID == f.id:
		f.owned++
		keepLine(&f.own, line)
	case f.project != "" && e.Actor.Attributes[labelProject] == f.project && neighbourActions[action] && f.neighbours < maxNeighbourEvents:
		f.neighbours++
		keepLine(&f.neighbour, line)
	}
}

func keepLine(b *bytes.Buffer, line []byte) {
	b.Write(line)
	b.WriteByte('\n')
}

func (f *eventScan) measure(at time.Time) {
	f.ring.Count++
	if f.ring.Oldest == nil || at.Before(*f.ring.Oldest) {
		f.ring.Oldest = &at
	}
	if f.ring.Newest == nil || at.After(*f.ring.Newest) {
		f.ring.Newest = &at
	}
}

func (f *eventScan) outcome(now time.Time) outcome {
	o := collected(fmt.Sprintf("%d of this container among %d in the ring", f.owned, f.ring.Count))
	if f.id == "" { // asked without a container: gwdoctor sources
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
