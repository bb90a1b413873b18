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
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
	"sort"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// Evidence is everything that was seen of one container.
type Evidence struct {
	Now        time.Time // when the bundle was captured
	Target     bundle.Target
	Sources    []bundle.Source // all of SourceOrder, not-asked ones included
	Engine     Engine
	Container  *Container // nil: inspect could not be read
	Image      *Image
	Events     Events
	Kernel     Kernel
	Process    *bundle.Process // nil: not running or not readable
	Cgroup     *Cgroup         // nil: not running or not readable
	Cores      []string        // paths in the writable layer that are core files by name
	CorePolicy *bundle.CorePolicy
	Dumps      []coredump.Dump  // what was read of the container's cores; a possible match is left out
	CoreSearch *coredump.Search // nil: nobody looked
	Neighbours []bundle.Neighbour
	Backlogs   map[string][]byte // CRI text of the newest part of neighbours' logs, by their id
	Around     []Event           // events of the same project's other containers
	StateFile  bundle.StateFile
	Logs       []byte         // CRI text of all runs; package servicelog reads it
	Replay     *replay.Replay // probes that gwdoctor itself ran; nil = none
}

// Engine is what the engine says about itself.
type Engine struct {
	Version       string // "20.10.24"; "" = unknown
	Major         int    // 20; 0 = unknown
	APIVersion    string
	CgroupVersion string // "1" or "2"
	Kernel        string
	LoggingDriver string
	Swarm         bool
}

// Image is the part of the image's configuration that differs from the container's.
type Image struct {
	Architecture string
	Healthcheck  *Healthcheck
	StopSignal   string
}

// SourceOrder is the order in which reports list the sources.
var SourceOrder = []string{
	fact.SourceEngine, fact.SourceInspect, fact.SourceImage, fact.SourceEvents,
	fact.SourceLogs, fact.SourceStateFile, fact.SourceChanges, fact.SourceNeighbours,
	fact.SourceKernelLog, fact.SourceProcess, fact.SourceCgroup, fact.SourceCorePolicy, fact.SourceCores,
}

// Read parses a bundle.
func Read(b *bundle.Bundle) *Evidence {
	m := b.Manifest()
	e := &Evidence{Now: m.CapturedAt, Target: m.Target, Sources: sources(b)}
	e.Engine = readEngine(b)
	e.Container = readContainer(b)
	e.Image = readImage(b)
	e.Events = readEvents(b, e.Container)
	e.Kernel = readKernel(b)
	e.Process = readJSON[bundle.Process](b, bundle.FileProcess)
	e.Cgroup = readCgroup(b)
	e.CorePolicy = readJSON[bundle.CorePolicy](b, bundle.FileCorePolicy)
	e.Cores = readCores(b, e)
	e.CoreSearch = readJSON[coredump.Search](b, bundle.FileCores)
	e.Dumps = surely(e.CoreSearch)
	e.Neighbours = readNeighbours(b)
	e.Backlogs = readBacklogs(b, e.Neighbours)
	e.Around = parseEvents(b, bundle.FileNeighbourEvents, nil)
	if s := readJSON[bundle.StateFile](b, bundle.FileStateFile); s != nil {
		e.StateFile = *s
	}
	e.Logs, _ = b.File(bundle.FileLogs)
	if data, ok := b.File(bundle.FileReplay); ok {
		e.Replay = replay.ReadReplay(data)
	}
	e.distrust(b)
	return e
}

// distrust marks the sources whose files are there and hold nothing that can be
// read: cut, overwritten, of another program. The manifest still calls them
// collected, and their silence would count as evidence.
func (e *Evidence) distrust(b *bundle.Bundle) {
	holds := func(name string) bool {
		data, ok := b.File(name)
		return ok && len(bytes.TrimSpace(data)) > 0
	}
	unreadable := map[string]bool{
		fact.SourceInspect:    e.Container == nil,
		fact.SourceEvents:     holds(bundle.FileEvents) && len(e.Events.List) == 0,
		fact.SourceKernelLog:  !e.Kernel.dated(),
		fact.SourceProcess:    e.Process == nil,
		fact.SourceCorePolicy: e.CorePolicy == nil,
	}
	for i := range e.Sources {
		s := &e.Sources[i]
		if unreadable[s.Name] && (s.Status == fact.StatusCollected || s.Status == fact.StatusTruncated) {
			s.Status, s.From, s.To = fact.StatusFailed, nil, nil
			s.Detail = "it was collected, but what the bundle holds of it cannot be read"
		}
	}
	if !e.Read(fact.SourceKernelLog) {
		e.Kernel.From = nil
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

func sources(b *bundle.Bundle) []bundle.Source {
	list := make([]bundle.Source, 0, len(SourceOrder))
	for _, name := range SourceOrder {
		s := b.Source(name)
		if name == fact.SourceCores && s.Status == fact.StatusNotAsked {
			continue // recorded before cores were read: nothing that a user could do
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

// surely drops the cores that only time ties to the container.
func surely(found *coredump.Search) []coredump.Dump {
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

// readJSON decodes one of our own snapshot files; nil where it is missing or
// does not decode (a foreign or damaged bundle).
func readJSON[T any](b *bundle.Bundle, name string) *T {
	data, ok := b.File(name)
	if !ok {
		return nil
	}
	var v T
	if json.Unmarshal(data, &v) != nil {
		return nil
	}
	return &v
}

func readEngine(b *bundle.Bundle) Engine {
	type version struct{ Version, APIVersion, KernelVersion string }
	type info struct {
		CgroupVersion, KernelVersion, LoggingDriver string
		Swarm                                       struct{ LocalNodeState string }
	}
	var e Engine
	if v := readJSON[version](b, bundle.FileVersion); v != nil {
		e.Version, e.APIVersion, e.Kernel = v.Version, v.APIVersion, v.KernelVersion
		e.Major = leadingInt(v.Version)
	}
	if i := readJSON[info](b, bundle.FileInfo); i != nil {
		e.CgroupVersion, e.LoggingDriver = i.CgroupVersion, i.LoggingDriver
		e.Swarm = i.Swarm.LocalNodeState == "active"
	}
	return e
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

func readImage(b *bundle.Bundle) *Image {
	type config struct {
		Healthcheck *Healthcheck
		StopSignal  string
	}
	type image struct {
		Architecture string
		Config       *config
	}
	raw := readJSON[image](b, bundle.FileImage)
	if raw == nil {
		return nil
	}
	img := &Image{Architecture: raw.Architecture}
	if raw.Config != nil {
		img.Healthcheck, img.StopSignal = raw.Config.Healthcheck, raw.Config.StopSignal
	}
	return img
}

func readNeighbours(b *bundle.Bundle) []bundle.Neighbour {
	list := readJSON[[]bundle.Neighbour](b, bundle.FileNeighbours)
	if list == nil {
		return nil
	}
	sort.Slice(*list, func(i, j int) bool { return (*list)[i].Name < (*list)[j].Name })
	return *list
}

func readBacklogs(b *bundle.Bundle, list []bundle.Neighbour) map[string][]byte {
	logs := map[string][]byte{}
	for _, n := range list {
		if text, ok := b.File(bundle.NeighbourLog(n.ID)); ok {
			logs[n.ID] = text
		}
	}
	return logs
}

func readCores(b *bundle.Bundle, e *Evidence) []string {
	type change struct {
		Path string
		Kind int
	}
	raw := readJSON[[]change](b, bundle.FileChanges)
	if raw == nil {
		return nil
	}
	changes := make([]coredump.Changed, 0, len(*raw))
	for _, c := range *raw {
		changes = append(changes, coredump.Changed{Path: c.Path, Kind: c.Kind})
	}
	var pattern *coredump.Pattern
	if e.CorePolicy != nil {
		p := coredump.ParsePattern(e.CorePolicy.Pattern, e.CorePolicy.UsesPID)
		pattern = &p
	}
	cwd := "/"
	if e.Container != nil && e.Container.WorkingDir != "" {
		cwd = e.Container.WorkingDir
	}
	return coredump.Candidates(changes, pattern, cwd)
}
