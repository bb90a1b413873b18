// Package evidence turns a bundle's raw files into parsed facts, one struct a
// source. Read judges nothing: what a fact means for the container's end is worked
// out in package diagnose (the death) and package cause (the ten causes). Case is
// the frame that both fill and read, with the questions that all rules ask of it.
//
// Its contract:
//
//   - Read never fails. A file that is missing or unreadable leaves its part nil
//     or empty, and the source's status says so.
//   - "Unknown" is never zero: what a machine did not tell is a nil pointer.
//   - Nothing here does I/O or reads a clock; Now is the bundle's moment of capture.
//   - What strangers wrote (names, labels, logs) is kept as it is, capped in size;
//     escaping is the business of each renderer.
package evidence

import (
	"bytes"
	"encoding/json"
	"slices"
	"sort"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// Evidence is everything that was seen of one container.
type Evidence struct {
	Now     time.Time // when the bundle was captured
	Target  bundle.Target
	Sources []bundle.Source // all of SourceOrder, not-asked ones included
	Runtime
	Kernel     Kernel
	Process    *Process // nil: not running or not readable
	Inside     *Inside  // nil: not running, not readable, or recorded before that was looked at
	Cgroup     *Cgroup  // nil: not running or not readable
	Cores      []string // paths in the writable layer that are core files by name
	LogFiles   []string // paths in the writable layer that are logs by name, the service's own first
	CorePolicy *CorePolicy
	Dumps      []coredump.Dump  // what was read of the container's cores; a possible match is left out
	CoreSearch *coredump.Search // nil: nobody looked
	Neighbours []Neighbour
	Ports      *Ports            // nil = nobody looked: no port was refused
	Backlogs   map[string][]byte // CRI text of the newest part of neighbours' logs, by their id
	Logs       []byte            // CRI text of all lives; package servicelog reads it
	Replay     *replay.Replay    // probes that gwdoctor itself ran; nil = none
}

// Runtime is what the runtime tells of the container, in the words of no runtime.
type Runtime struct {
	Pod
	Engine Engine
	Spec   *Spec   // nil: its record could not be read
	Status *Status // nil with Spec
	Image  *Image
	Events Events
	Lives  []Life  // oldest first; the last is the newest
	Around []Event // events of the same project's other containers
	Asked  *bool   // the runtime's own note whether a client had it end the newest life; nil = not told
	Note   Note    // where that note stands
}

// Note says where a runtime notes whether a client had it end a container.
type Note struct {
	Words   string // "the engine's state file"
	Command string // that shows it, with NAME for the container; "" = only the collectors can
}

// Pod is what only Kubernetes tells.
type Pod struct {
	Figures  *Cgroup     // of a running container's control group, by the kubelet; nil = nothing
	Group    *Group      // the pod's control group, around the containers' own; nil = not known
	Siblings *Siblings   // the other pods of the same owner; nil = there are none
	Told     []Told      // what the kubelet or the API server says kept it from running or ended it
	Probes   *Probes     // those of the container; nil = it has none, or they are not known
	Backends []Neighbour // the Services that it names, with what stands behind them
}

// Probes are those of a pod's container.
type Probes struct {
	List     []check.PodProbe // startup, liveness, readiness
	Deciding string           // the kind of the one that decides over the container
	Ports    []int            // that the manifest names
	Runtime  string           // containerd, cri-o …; "" = not known
	Held     time.Duration    // between the failures of an exec probe, where that is longer than its settings say
}

// Siblings are the other pods of the same owner, and those of other owners on the same node.
type Siblings struct {
	Of    int // how many there are
	Same  int // of which a run ended the same way
	Nodes int // on how many nodes these are, this pod's own counted
	// Rollout is the revision that all of them are of, and Rolled when it came; "" = it is the first, or not known.
	Rollout string
	Rolled  time.Time
	// OnNode is how many pods of its node that others own ended the same way in the same minutes, and Owners of how many
	// workloads these are.
	OnNode, Owners int
}

// Decoder reads one runtime's raw files (evidence/docker).
type Decoder func(*bundle.Bundle) Runtime

// SourceOrder is the order in which reports list the sources.
var SourceOrder = []string{
	fact.SourceEngine, fact.SourceInspect, fact.SourceImage, fact.SourceEvents,
	fact.SourceLogs, fact.SourceStateFile, fact.SourceChanges, fact.SourceNeighbours, fact.SourcePorts,
	fact.SourceKernelLog, fact.SourceProcess, fact.SourceInside, fact.SourceCgroup, fact.SourceCorePolicy,
	fact.SourceCores,
}

// PodSourceOrder is that order for a container of Kubernetes.
var PodSourceOrder = []string{
	fact.SourceEngine, fact.SourceInspect, fact.SourceEvents, fact.SourceLogs, fact.SourceOwners, fact.SourceSiblings,
	fact.SourceServices, fact.SourceNeighbours, fact.SourceNodePods, fact.SourceNode, fact.SourceNodeEvents,
	fact.SourcePodMetrics, fact.SourceProbeCount, fact.SourceCadvisor,
	fact.SourceSummary, fact.SourceKubeletLog, fact.SourceKernelLog, fact.SourceCgroup, fact.SourceCorePolicy,
}

// Read parses a bundle; decode knows the files of its runtime.
func Read(b *bundle.Bundle, decode Decoder) *Evidence {
	m := b.Manifest()
	e := &Evidence{Now: m.CapturedAt, Target: m.Target, Sources: sources(b), Runtime: decode(b)}
	e.Kernel = readKernel(b)
	e.Kernel.ownGroup(e.Group)
	e.Process = readJSON[Process](b, bundle.FileProcess)
	e.Inside = readJSON[Inside](b, bundle.FileInside)
	if e.Cgroup = readCgroup(b); e.Cgroup == nil {
		e.Cgroup = e.Figures
	}
	e.CorePolicy = readJSON[CorePolicy](b, bundle.FileCorePolicy)
	changes := readChanges(b)
	e.Cores, e.LogFiles = readCores(changes, e), logFiles(changes)
	e.CoreSearch = readJSON[coredump.Search](b, bundle.FileCores)
	e.Dumps = attributed(e.CoreSearch)
	if e.Neighbours = Neighbours(b); len(e.Backends) > 0 {
		e.Neighbours = e.Backends
	}
	e.Ports = readJSON[Ports](b, bundle.FilePorts)
	e.Backlogs = readBacklogs(b, e.Neighbours)
	e.Logs, _ = b.File(bundle.FileLogs)
	if data, ok := b.File(bundle.FileReplay); ok && bundle.Values(data) <= maxValues {
		e.Replay = replay.ReadReplay(data)
	}
	e.distrust(b)
	e.noteRotation()
	e.boundWaits()
	e.seenAlive()
	e.tellAround()
	return e
}

// boundWaits forgets of a thread that it last ran before its container was started: a run queue can show 0 for one, as
// if it had run at boot.
func (e *Evidence) boundWaits() {
	if e.Inside == nil || e.Status == nil || e.Status.StartedAt.IsZero() {
		return
	}
	longest := e.Inside.At.Sub(e.Status.StartedAt).Seconds() + clockSlack
	for i := range e.Inside.Processes {
		threads := e.Inside.Processes[i].Threads
		for j := range threads {
			if ran := threads[j].LastRan; ran != nil && *ran > longest {
				threads[j].LastRan = nil
			}
		}
	}
}

// clockSlack is how far the runtime's clock and the machine's may lie apart, in seconds.
const clockSlack = 5

// seenAlive takes the newest run for one that goes on where the runtime's own record could not be read, nothing tells
// of its end, and processes of the container were seen: what has processes runs.
func (e *Evidence) seenAlive() {
	if e.Status != nil || e.Process == nil || e.Process.PID == 0 {
		return
	}
	if len(e.Lives) == 0 {
		e.Lives = []Life{{}}
	}
	if newest := &e.Lives[len(e.Lives)-1]; newest.End == nil {
		newest.Alive = true
	}
}

// tellAround says of the kernel log that it reaches back to what the journal has around the container's end.
func (e *Evidence) tellAround() {
	for i := range e.Sources {
		s := &e.Sources[i]
		if around := e.Kernel.Around; around != nil && s.Name == fact.SourceKernelLog && s.From != nil &&
			around.From.Before(*s.From) {
			s.From = &around.From
		}
	}
}

// distrust calls the sources failed whose files are there and hold nothing that can be
// read: cut, overwritten, of another program. The manifest still calls them
// collected, and their silence would count as evidence.
func (e *Evidence) distrust(b *bundle.Bundle) {
	holds := func(name string) bool {
		data, ok := b.File(name)
		return ok && len(bytes.TrimSpace(data)) > 0
	}
	unreadable := map[string]bool{
		fact.SourceInspect:    e.Spec == nil,
		fact.SourceEvents:     holds(bundle.FileEvents) && len(e.Events.List) == 0,
		fact.SourceKernelLog:  !e.Kernel.dated(),
		fact.SourceProcess:    e.Process == nil,
		fact.SourceInside:     e.Inside == nil,
		fact.SourceCorePolicy: e.CorePolicy == nil,
		fact.SourceNeighbours: holds(bundle.FileNeighbours) && e.Neighbours == nil,
		fact.SourcePorts:      holds(bundle.FilePorts) && e.Ports == nil,
		fact.SourceCores:      holds(bundle.FileCores) && e.CoreSearch == nil,
	}
	for i := range e.Sources {
		s := &e.Sources[i]
		if unreadable[s.Name] && (s.Status == fact.StatusCollected || s.Status == fact.StatusTruncated) {
			s.Status, s.From, s.To = fact.StatusFailed, nil, nil
			s.Detail = "it was collected, but what the bundle holds of it cannot be read"
		}
	}
	if !e.Read(fact.SourceKernelLog) {
		e.Kernel.From, e.Kernel.Around = nil, nil
	}
	if !e.Read(fact.SourceEvents) {
		e.Events.From = nil
	}
}

// Source returns one source's entry.
func (e *Evidence) Source(name string) bundle.Source {
	for _, s := range e.Sources {
		if s.Name == name {
			return s
		}
	}
	return bundle.Source{Name: name, Status: fact.StatusNotAsked}
}

// Read tells whether a source was read, whole or in part.
func (e *Evidence) Read(name string) bool {
	s := e.Source(name).Status
	return s == fact.StatusCollected || s == fact.StatusTruncated
}

// untold are the sources of which nobody is told that they were not asked for: there is nothing that a user could do.
// Bundles of before they were read have none, and ports are looked at only where one was refused.
var untold = []string{fact.SourceCores, fact.SourceInside, fact.SourcePorts}

// untoldOfPods are those of a pod: what --node-debug alone reads is told by its kernel log, and of the figures of
// use those that say most are asked for.
var untoldOfPods = []string{fact.SourceCgroup, fact.SourceCorePolicy, fact.SourcePodMetrics,
	fact.SourceSummary, fact.SourceNodePods, fact.SourceNeighbours}

func sources(b *bundle.Bundle) []bundle.Source {
	order, hidden := SourceOrder, untold
	if b.Manifest().Target.Runtime == bundle.RuntimeKubernetes {
		order, hidden = PodSourceOrder, untoldOfPods
	}
	list := make([]bundle.Source, 0, len(order))
	for _, name := range order {
		s := b.Source(name)
		if s.Status == fact.StatusNotAsked && slices.Contains(hidden, name) {
			continue
		}
		list = append(list, s)
	}
	// Nobody is told that what pokes was not asked for.
	if source := b.Source(fact.SourceReplay); source.Status != fact.StatusNotAsked {
		list = append(list, source)
	}
	return list
}

// Core is what was read of one core.
type Core = coredump.Dump

// attributed drops the cores that only time ties to the container.
func attributed(found *coredump.Search) []coredump.Dump {
	if found == nil {
		return nil
	}
	var list []coredump.Dump
	for _, d := range found.Cores {
		if d.Container != nil && d.Container.Grade != coredump.GradePossible && d.Error == "" {
			list = append(list, d)
		}
	}
	return list
}

// Limits of what a snapshot file may hold. The collectors write far less; a stranger's
// bundle of 40 KB can hold 5 million empty objects, which decode to gigabytes.
const (
	maxValues     = 250_000   // values of one file, counted by what parts and opens them
	maxChanges    = 3_000_000 // of changes.json: three for each path, and images hold many
	maxNeighbours = 256       // collect keeps 20
)

// readJSON decodes one of our own snapshot files; nil where it is missing, holds too
// much, or does not decode (a foreign or damaged bundle).
func readJSON[T any](b *bundle.Bundle, name string) *T { return readUpTo[T](b, name, maxValues) }

func readUpTo[T any](b *bundle.Bundle, name string, most int) *T {
	data, ok := b.File(name)
	if !ok || bundle.Values(data) > most {
		return nil
	}
	var v T
	if json.Unmarshal(data, &v) != nil {
		return nil
	}
	return &v
}

// Neighbours returns the other containers of the same project, by name; nil where a bundle has none, or more than any
// collector writes.
func Neighbours(b *bundle.Bundle) []Neighbour {
	list := readJSON[[]Neighbour](b, bundle.FileNeighbours)
	if list == nil || len(*list) > maxNeighbours {
		return nil
	}
	sort.Slice(*list, func(i, j int) bool { return (*list)[i].Name < (*list)[j].Name })
	return *list
}

func readBacklogs(b *bundle.Bundle, list []Neighbour) map[string][]byte {
	logs := map[string][]byte{}
	for _, n := range list {
		if text, ok := b.File(bundle.NeighbourLog(n.ID)); ok {
			logs[n.ID] = text
		}
	}
	return logs
}

// readChanges lists what was changed in the writable layer.
func readChanges(b *bundle.Bundle) []coredump.Changed {
	type change struct {
		Path string
		Kind int
	}
	raw := readUpTo[[]change](b, bundle.FileChanges, maxChanges)
	if raw == nil {
		return nil
	}
	changes := make([]coredump.Changed, 0, len(*raw))
	for _, c := range *raw {
		changes = append(changes, coredump.Changed{Path: c.Path, Kind: c.Kind})
	}
	return changes
}

func readCores(changes []coredump.Changed, e *Evidence) []string {
	if changes == nil {
		return nil
	}
	var pattern *coredump.Pattern
	if e.CorePolicy != nil {
		p := coredump.ParsePattern(e.CorePolicy.Pattern, e.CorePolicy.UsesPID)
		pattern = &p
	}
	cwd := "/"
	if e.Spec != nil && e.Spec.WorkingDir != "" {
		cwd = e.Spec.WorkingDir
	}
	return coredump.Candidates(changes, pattern, cwd)
}
