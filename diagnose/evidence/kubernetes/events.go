package kubernetes

import (
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// Event is an event of core/v1. The kubelet's have first and last time and a count; those of the scheduler and of the
// node's life cycle have eventTime and a series instead:
//
//	{"reason":"Killing","count":2,"firstTimestamp":"…","lastTimestamp":"…","message":"Container app failed liveness …"}
//	{"reason":"Preempted","eventTime":"2026-11-26T12:20:33.504232Z","firstTimestamp":null,"series":{"count":3}}
type Event struct {
	Metadata       Meta
	InvolvedObject struct{ Kind, Namespace, Name, UID, FieldPath string }
	Reason         string
	Message        string
	Type           string
	Count          int
	FirstTimestamp string
	LastTimestamp  string
	EventTime      string
	Series         *struct {
		Count            int
		LastObservedTime string
	}
	Source struct{ Component, Host string }
}

// First is when it happened first.
func (ev Event) First() time.Time {
	return firstKnown(ev.FirstTimestamp, ev.EventTime, ev.Metadata.CreationTimestamp)
}

// Last is when it happened last, as far as is told: an update may have been dropped.
func (ev Event) Last() time.Time {
	if ev.Series != nil && Time(ev.Series.LastObservedTime) != (time.Time{}) {
		return Time(ev.Series.LastObservedTime)
	}
	return firstKnown(ev.LastTimestamp, ev.EventTime, ev.FirstTimestamp, ev.Metadata.CreationTimestamp)
}

// Times is how often it happened at the least.
func (ev Event) Times() int {
	if ev.Series != nil {
		return max(ev.Series.Count, ev.Count, 1)
	}
	return max(ev.Count, 1)
}

func firstKnown(stamps ...string) time.Time {
	for _, s := range stamps {
		if t := Time(s); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// of tells whether an event is of this very pod: names come again (a StatefulSet's, a redeployed Deployment's).
func (ev Event) of(p *Pod) bool {
	return ev.InvolvedObject.UID == "" || p.Metadata.UID == "" || ev.InvolvedObject.UID == p.Metadata.UID
}

// Reasons of events.
const (
	reasonKilling        = "Killing"
	reasonUnhealthy      = "Unhealthy"
	reasonStarted        = "Started"
	reasonEvicted        = "Evicted"
	reasonDeadline       = "DeadlineExceeded"
	reasonSandboxChanged = "SandboxChanged"
	reasonPreempted      = "Preempted"
	reasonDeleted        = "SuccessfulDelete"
	reasonPostStart      = "FailedPostStartHook"
	reasonSandbox        = "FailedCreatePodSandBox"
	reasonTaint          = "TaintManagerEviction"
	reasonScheduling     = "FailedScheduling"
	reasonStillActive    = "JobAlreadyActive" // of a CronJob: the run before goes on

	FailedCreate = "FailedCreate" // of what makes pods: the API server refused one
)

// everyday are what each start brings; the runs themselves tell of it.
var everyday = []string{"Scheduled", "Pulling", "Pulled", "Created", reasonStarted}

// keep is how long an API server keeps an event where nobody said otherwise (--event-ttl).
const keep = time.Hour

// complete tells whether the events of a run's time are all there, so that one that is not among them did not happen.
// The kubelet's recorder drops events (25 for each pod, then one in five minutes), so a count of Started below the
// number of starts shows that some were dropped (docs/notes/KUBERNETES.md#4).
//
// The kubelet's own log, where it was read, has them all.
func (d *decoder) complete(life *evidence.Life) bool {
	if d.status == nil || life == nil {
		return false
	}
	if d.log.covers(life) {
		return true
	}
	started, oldest := 0, time.Time{}
	for _, ev := range d.events {
		if first := ev.First(); !first.IsZero() && (oldest.IsZero() || first.Before(oldest)) {
			oldest = first
		}
		if ev.Reason == reasonStarted && d.ours(ev) {
			started += ev.Times()
		}
	}
	if oldest.IsZero() || started < d.status.RestartCount+1 {
		return false
	}
	if life.End != nil && d.now.Sub(*life.End) >= keep {
		return false
	}
	return life.Start.IsZero() || !oldest.After(life.Start.Add(time.Second))
}

// eventsOf turns the events into our own kinds and gives each run its own.
func (d *decoder) eventsOf(lives []evidence.Life) evidence.Events {
	var events evidence.Events
	for _, ev := range d.events {
		if !d.ours(ev) || slices.Contains(everyday, ev.Reason) {
			continue
		}
		events.List = append(events.List, evidence.Event{At: ev.Last(), Kind: fact.EventTold,
			Word: ev.Reason + ": " + short(ev.Message, 200), Times: ev.Times()})
	}
	if len(lives) == 0 {
		return events
	}
	newest := &lives[len(lives)-1]
	if d.complete(newest) && len(d.events) > 0 {
		from := d.events[0].First()
		for _, ev := range d.events {
			if first := ev.First(); first.Before(from) {
				from = first
			}
		}
		events.From = &from
	}
	return events
}

// goneLife is the run of a pod that is no more: only its events tell of it.
func (d *decoder) goneLife() []evidence.Life {
	life := evidence.Life{}
	for _, ev := range d.events {
		switch ev.Reason {
		case reasonStarted:
			life.Start = ev.Last()
		case reasonKilling:
			at := ev.Last()
			life.End = &at
		}
	}
	if life.End == nil {
		last := d.events[len(d.events)-1].Last()
		life.End = &last
	}
	lives := []evidence.Life{life}
	lives[0].Request = d.requestOf(&lives[0])
	if r := lives[0].Request; r != nil && r.Kind == fact.RequestProbe {
		lives[0].Events = append(lives[0].Events, evidence.Event{At: r.At, Kind: fact.EventHealthTurned,
			Health: fact.HealthUnhealthy})
	}
	return lives
}

// goneCheck is what is known of the probe that ended a pod which is gone: its failures, and that it was one.
func (d *decoder) goneCheck(life *evidence.Life) (*evidence.Spec, *evidence.Status) {
	r := life.Request
	if r == nil || r.Kind != fact.RequestProbe {
		return nil, nil
	}
	p := &Probe{}
	config := p.Of(r.Probe, nil).Config()
	config.Test = []string{check.FormExec, r.Probe + " probe"}
	status := &evidence.Status{State: fact.StateGone, Health: &evidence.Health{Status: fact.HealthUnhealthy,
		Log: d.entries(life, r.Probe, p)}}
	return &evidence.Spec{Healthcheck: config, Env: map[string]string{}}, status
}

func (d *decoder) goneEvents() evidence.Events {
	events := d.eventsOf(nil)
	at := d.events[len(d.events)-1].Last()
	events.List = append(events.List, evidence.Event{At: at, Kind: fact.EventRemoved, Word: "the pod is gone"})
	return events
}

// short cuts a text at a number of bytes, at a rune's border.
func short(s string, n int) string {
	s = strings.TrimSpace(s)
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
