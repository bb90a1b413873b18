// Package docker decodes what Docker, and Podman's API of the same form, tell of a container: inspect, image, events,
// and what the engine keeps on disk. It is the one place that knows their words; right of it stands only what they
// mean.
//
//	{"Id":"a6f3…","State":{"Status":"created"}}                                       fact.StateNeverStarted
//	{"Action":"health_status: unhealthy","timeNano":1795423706087050682}              fact.EventHealthTurned
//	{"Action":"kill","Actor":{"Attributes":{"signal":"15"}}} … {"Action":"stop"}      fact.RequestStop, "docker stop"
//
// How each of them lies is in docs/notes/DOCKER.md#a1 to #a5: FinishedAt is the previous life's while it runs, labels
// overwrite attributes of events, the ring of 256 events is the whole daemon's.
//
// Contract: Decode never fails and never panics; what is missing, cut or of another type is nil or empty. It is pure.
package docker

import (
	"encoding/json"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// StateFile is container/state.json: the few fields of <root>/containers/ID/config.v2.json
// that the API does not give (docs/notes/DOCKER.md#a1), and what Podman keeps in their place.
type StateFile struct {
	HasBeenManuallyStopped *bool `json:"hasBeenManuallyStopped,omitempty"`
	HasBeenStartedBefore   *bool `json:"hasBeenStartedBefore,omitempty"`
	RestartCount           *int  `json:"restartCount,omitempty"`
	// StartError is why Podman's OCI runtime could not start what has never run, in its own words.
	StartError string `json:"startError,omitempty"`
}

// refused fills in why what has never run was refused a start, where its own record does not say so.
func refused(status *evidence.Status, why string) {
	if status != nil && status.State == fact.StateNeverStarted && status.Error == "" {
		status.Error = why
	}
}

// Decode reads a bundle's files of the engine.
func Decode(b *bundle.Bundle) evidence.Runtime {
	body, _ := b.File(bundle.FileInspect)
	in := Inspect(body)
	d := dialectOf(b, in)
	engine := d.readEngine(b)
	r := evidence.Runtime{Engine: engine, Image: readImage(b), Note: d.noteOf(engine.Version),
		Around: d.parseEvents(b, bundle.FileNeighbourEvents, nil)}
	var labels map[string]string
	var stopSignal string
	if in != nil {
		d.probes(&in.Status, in.Spec)
		r.Spec, r.Status = &in.Spec, &in.Status
		labels, stopSignal = in.labels, in.Spec.StopSignal
	}
	calls := readAsked(b)
	if s := decode[StateFile](b, bundle.FileStateFile); s != nil {
		r.Asked = s.HasBeenManuallyStopped
		refused(r.Status, s.StartError)
	}
	refused(r.Status, refusedCall(calls))
	r.Asked = d.asked(r.Asked, labels)
	r.Events = d.readEvents(b, labels)
	d.outrun(r.Events.List, r.Status)
	d.restored(r.Status, r.Events.List)
	d.start(r.Status, r.Engine.Version, r.Events.List)
	r.Lives = livesOf(in, r.Events.List)
	d.requested(r.Lives, r.Events, stopSignal, r.Asked, calls)
	return r
}

// flagClearedSince is the first engine that clears OOMKilled when a container starts (docs/notes/DOCKER.md#a1).
const flagClearedSince = 24

func (d dialect) readEngine(b *bundle.Bundle) evidence.Engine {
	type version struct{ Version string }
	v := decode[version](b, bundle.FileVersion)
	if v == nil {
		v = &version{}
	}
	major := leadingInt(v.Version)
	return evidence.Engine{Version: v.Version, Major: major, OOMFlagStays: !d.sparse && major < flagClearedSince,
		MissesOOM: d.sparse || onCgroup2(b)}
}

// onCgroup2 tells whether the engine says that it runs on cgroup v2, where a group that is removed before its counter
// was read takes the news of its OOM kill with it (docs/notes/DOCKER.md#a1; seen on 26.1.5). Version 1 tells of each.
func onCgroup2(b *bundle.Bundle) bool {
	type info struct{ CgroupVersion string }
	i := decode[info](b, bundle.FileInfo)
	return i != nil && i.CgroupVersion == "2"
}

func leadingInt(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > 1_000_000 {
			break
		}
		n = n*10 + int(r-'0')
	}
	return n
}

func readImage(b *bundle.Bundle) *evidence.Image {
	type image struct{ Architecture string }
	raw := decode[image](b, bundle.FileImage)
	if raw == nil {
		return nil
	}
	return &evidence.Image{Architecture: raw.Architecture}
}

// decode reads one JSON file; nil where it is missing or does not decode.
func decode[T any](b *bundle.Bundle, name string) *T {
	data, ok := b.File(name)
	if !ok || bundle.Values(data) > maxValues {
		return nil
	}
	var v T
	if json.Unmarshal(data, &v) != nil {
		return nil
	}
	return &v
}
