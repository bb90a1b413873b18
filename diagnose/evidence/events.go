package evidence

import (
	"bytes"
	"encoding/json"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
)

// Events is what the engine's ring still held of this container.
type Events struct {
	List []Event // oldest first
	Ring *bundle.Ring
	From *time.Time // the ring reaches back to here; nil = unknown
}

// Event is one engine event of this container.
type Event struct {
	At       time.Time
	Action   string // without the text after a colon: "exec_create", "health_status"
	Detail   string // the text after the colon: "unhealthy", the probe's command
	ExitCode *int   // of die and exec_die; nil where absent or shadowed by a label
	Signal   *int   // of kill
	ExecID   string
	Name     string // the container's name at that time
}

// Covers tells whether the ring reaches back to at, so that an event that is not
// in it did not happen.
func (e Events) Covers(at time.Time) bool { return e.From != nil && !e.From.After(at) }

// Between returns the events with from ≤ At ≤ to.
func (e Events) Between(from, to time.Time) []Event {
	var list []Event
	for _, ev := range e.List {
		if !ev.At.Before(from) && !ev.At.After(to) {
			list = append(list, ev)
		}
	}
	return list
}

// maxEvents bounds what a hostile bundle can make us keep; a ring holds 256.
const maxEvents = 10_000

func readEvents(b *bundle.Bundle, c *Container) Events {
	var labels map[string]string
	if c != nil {
		labels = c.Labels
	}
	source := b.Source(fact.SourceEvents)
	events := Events{Ring: readJSON[bundle.Ring](b, bundle.FileRing)}
	if source.Status == fact.StatusCollected || source.Status == fact.StatusTruncated {
		events.From = source.From
	}
	events.List = parseEvents(b, bundle.FileEvents, labels)
	return events
}

// parseEvents reads a file of raw events, oldest first.
func parseEvents(b *bundle.Bundle, name string, labels map[string]string) []Event {
	var list []Event
	data, _ := b.File(name)
	for line := range bytes.Lines(data) {
		if len(list) == maxEvents {
			break
		}
		if ev, ok := parseEvent(line, labels); ok {
			list = append(list, ev)
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].At.Before(list[j].At) })
	return list
}

// parseEvent reads one raw event:
//
//	{"Type":"container","Action":"die","Actor":{"ID":"…","Attributes":{"exitCode":"137"}},"timeNano":1795423706087050682}
//
// Labels overwrite attributes of the same name (docs/notes/DOCKER.md#a2, label-shadow), so
// an attribute whose key is also a label says nothing.
func parseEvent(line []byte, labels map[string]string) (Event, bool) {
	var raw struct {
		Type, Action string
		Actor        struct{ Attributes map[string]string }
		Time         int64 `json:"time"`
		TimeNano     int64 `json:"timeNano"`
	}
	if json.Unmarshal(line, &raw) != nil || raw.Action == "" {
		return Event{}, false
	}
	if raw.TimeNano == 0 {
		raw.TimeNano = raw.Time * int64(time.Second)
	}
	action, detail, _ := strings.Cut(raw.Action, ":")
	ev := Event{At: time.Unix(0, raw.TimeNano).UTC(), Action: action, Detail: strings.TrimSpace(detail)}
	// Podman's Docker API puts the word in its own attribute (docs/notes/DOCKER.md#a7).
	if ev.Action == "health_status" && ev.Detail == "" {
		ev.Detail = raw.Actor.Attributes["HealthStatus"]
	}
	attribute := func(key string) string {
		if _, shadowed := labels[key]; shadowed {
			return ""
		}
		return raw.Actor.Attributes[key]
	}
	ev.ExitCode = parseInt(attribute("exitCode"))
	ev.Signal = parseSignal(attribute("signal"))
	ev.ExecID = attribute("execID")
	ev.Name = raw.Actor.Attributes["name"] // name and image win over labels
	return ev, true
}

func parseInt(s string) *int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return nil
	}
	return &n
}

// parseSignal reads "15" or, from Podman, "SIGTERM".
func parseSignal(s string) *int {
	if n := parseInt(s); n != nil {
		return n
	}
	if n, ok := exitcode.SignalNumber(s); ok {
		return &n
	}
	return nil
}
