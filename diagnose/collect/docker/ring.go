package docker

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
)

const (
	maxNeighbourEvents = 500
	maxEventLine       = 1 << 20
)

// neighbourActions are the events of another container that may explain this one.
var neighbourActions = map[string]bool{
	"oom": true, "die": true, "kill": true, "stop": true, "start": true, "health_status": true,
	"pause": true, "unpause": true,
}

// EventScan is what one pass over the ring found.
type EventScan struct {
	ID, Project       string
	Beside            map[string]bool // ids of others that have to do with it, of whatever project
	Ring              decode.Ring
	Own, Neighbour    bytes.Buffer
	Owned, Neighbours int
	Odd               int // lines that are no event
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

// at is nil where there is no time, or one that no document can hold.
func (e rawEvent) at() *time.Time {
	switch {
	case e.TimeNano != 0:
		return source.Wall(time.Unix(0, e.TimeNano))
	case e.Time != 0:
		return source.Wall(time.Unix(e.Time, 0))
	}
	return nil
}

// Read takes the lines one by one, until the end, the cap or a broken stream.
func (f *EventScan) Read(r io.Reader) error {
	limited := &io.LimitedReader{R: r, N: EventBytes + 1}
	scanner := bufio.NewScanner(limited)
	scanner.Buffer(make([]byte, 0, 64<<10), maxEventLine)
	for scanner.Scan() {
		f.line(scanner.Bytes())
	}
	switch err := scanner.Err(); {
	case limited.N <= 0:
		return fmt.Errorf("%w of %d MiB", source.ErrTooLarge, EventBytes>>20)
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("an event is longer than %d MiB; later ones were not read", maxEventLine>>20)
	case err != nil:
		return fmt.Errorf("read events: %w", err)
	}
	return nil
}

func (f *EventScan) line(line []byte) {
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	var e rawEvent
	if json.Unmarshal(line, &e) != nil || e.at() == nil {
		f.Odd++
		return
	}
	f.measure(*e.at())
	if e.Type != "container" {
		return
	}
	action, _, _ := strings.Cut(e.Action, ":")
	switch {
	case e.Actor.ID == f.ID:
		f.Owned++
		keepLine(&f.Own, line)
	case f.beside(e) && neighbourActions[action] && f.Neighbours < maxNeighbourEvents:
		f.Neighbours++
		keepLine(&f.Neighbour, line)
	}
}

// beside tells whether an event is of a container that has to do with the one that is looked at.
func (f *EventScan) beside(e rawEvent) bool {
	return f.Project != "" && e.Actor.Attributes[LabelProject] == f.Project || f.Beside[e.Actor.ID]
}

func keepLine(b *bytes.Buffer, line []byte) {
	b.Write(line)
	b.WriteByte('\n')
}

func (f *EventScan) measure(at time.Time) {
	f.Ring.Count++
	if f.Ring.Oldest == nil || at.Before(*f.Ring.Oldest) {
		f.Ring.Oldest = &at
	}
	if f.Ring.Newest == nil || at.After(*f.Ring.Newest) {
		f.Ring.Newest = &at
	}
}

// NewestNamed returns the container of the newest event whose id, id prefix of at
// least twelve digits, or name is ref.
func NewestNamed(r io.Reader, ref string) (Container, bool) {
	var found Container
	var newest time.Time
	scanner := bufio.NewScanner(io.LimitReader(r, EventBytes))
	scanner.Buffer(make([]byte, 0, 64<<10), maxEventLine)
	for scanner.Scan() {
		var e rawEvent
		if json.Unmarshal(scanner.Bytes(), &e) != nil || e.Type != "container" || !ValidID(e.Actor.ID) {
			continue
		}
		name := e.Actor.Attributes["name"]
		byID := len(ref) >= shortID && strings.HasPrefix(e.Actor.ID, ref)
		if at := e.at(); (byID || name == ref) && at != nil && !at.Before(newest) {
			newest = *at
			found = Container{ID: e.Actor.ID, Name: name, Known: true, Removed: true,
				Project: e.Actor.Attributes[LabelProject]}
		}
	}
	return found, found.Known
}

// shortID is how many digits of an id the CLI shows.
const shortID = 12
