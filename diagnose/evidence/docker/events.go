package docker

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
)

// Ring is engine/event-ring.json: how far the engine's memory of events reaches.
// The engine keeps 256 events for the whole daemon (moby daemon/events), so a
// silent ring proves nothing before Oldest.
type Ring struct {
	Oldest *time.Time `json:"oldest,omitempty"` // time of the oldest event of any container
	Newest *time.Time `json:"newest,omitempty"`
	Count  int        `json:"count"` // events in the ring, all containers; 256 = full, older ones were dropped
}

// RingCapacity is how many events Docker keeps (eventsLimit in moby
// daemon/events/events.go, since 17.06).
const RingCapacity = 256

// kinds are the words of Docker, and of Podman's Docker API, for what a rule reads.
var kinds = map[string]fact.Event{
	"create": fact.EventCreated, "start": fact.EventStarted, "die": fact.EventEnded, "died": fact.EventEnded,
	"kill": fact.EventSignalSent, "stop": fact.EventStopped, "restart": fact.EventRestarted,
	"destroy": fact.EventRemoved, "health_status": fact.EventHealthTurned, "oom": fact.EventOOMTold,
	"exec_create": fact.EventExecCreated, "exec_start": fact.EventExecStarted, "exec_die": fact.EventExecEnded,
	"rename": fact.EventRenamed, "update": fact.EventUpdated, "pause": fact.EventPaused, "unpause": fact.EventUnpaused,
}

// What a hostile bundle can make us keep: a ring holds 256 events, and the labels of an
// event are a few hundred bytes.
const (
	maxEvents = 10_000
	maxEvent  = 256 << 10 // bytes
)

// readEvents reads the container's own events and how far they reach back.
func (d dialect) readEvents(b *bundle.Bundle, labels map[string]string) evidence.Events {
	events := evidence.Events{List: d.parseEvents(b, bundle.FileEvents, labels), Sparse: d.sparse}
	source := b.Source(fact.SourceEvents)
	if source.Status == fact.StatusCollected || source.Status == fact.StatusTruncated {
		events.From = source.From
	}
	return events
}

// parseEvents reads a file of raw events, oldest first.
func (d dialect) parseEvents(b *bundle.Bundle, name string, labels map[string]string) []evidence.Event {
	var list []evidence.Event
	data, _ := b.File(name)
	for line := range bytes.Lines(data) {
		if len(list) == maxEvents {
			break
		}
		if len(line) > maxEvent {
			continue
		}
		if ev, ok := parseEvent(line, labels); ok {
			list = append(list, ev)
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].At.Before(list[j].At) })
	d.turns(list)
	return list
}

// parseEvent reads one raw event:
//
//	{"Type":"container","Action":"die","Actor":{"ID":"…","Attributes":{"exitCode":"137"}},"timeNano":1795423706087050682}
//
// Labels overwrite attributes of the same name (docs/notes/DOCKER.md#a2, label-shadow), so
// an attribute whose key is also a label says nothing.
func parseEvent(line []byte, labels map[string]string) (evidence.Event, bool) {
	var raw struct {
		Type, Action string
		Actor        struct{ Attributes map[string]string }
		HealthStatus string // Podman's
		Time         int64  `json:"time"`
		TimeNano     int64  `json:"timeNano"`
	}
	if json.Unmarshal(line, &raw) != nil || raw.Action == "" {
		return evidence.Event{}, false
	}
	if raw.TimeNano == 0 {
		if raw.Time < 0 || raw.Time > math.MaxInt64/int64(time.Second) {
			return evidence.Event{}, false
		}
		raw.TimeNano = raw.Time * int64(time.Second)
	}
	word, detail, _ := strings.Cut(raw.Action, ":")
	detail = strings.TrimSpace(detail)
	ev := evidence.Event{At: time.Unix(0, raw.TimeNano).UTC(), Kind: kinds[word], Word: word}
	switch ev.Kind {
	case fact.EventHealthTurned:
		ev.Health = cmp.Or(detail, raw.HealthStatus, raw.Actor.Attributes["HealthStatus"])
	case fact.EventExecCreated, fact.EventExecStarted:
		ev.Command = detail
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
