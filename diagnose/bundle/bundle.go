// Package bundle holds an incident: the raw files that a machine gave about one
// container, and a manifest that says for every source whether it could be read.
//
// A bundle is the only door between the live world and the diagnosis. Collectors
// put files into it word for word; everything that reasons reads only from it. So
// a live diagnosis, a recorded incident, a demo and a test take the same path.
//
// On disk a bundle is a folder or a .tar.gz of it:
//
//	manifest.json              schema version, target, sources, what was masked
//	engine/version.json        GET /version, as the engine sent it
//	container/inspect.json     GET /containers/ID/json
//	container/events.jsonl     one raw event a line, this container's id only
//	container/logs.cri         2026-11-23T19:14:00.1Z stderr F text
//	kernel/kmsg.txt            /dev/kmsg records: 6,1234,567890,-;text
//
// The names are the constants below; docs/bundle.md lists them with their origin.
// Reading is safe against hostile archives (see Read); writing is deterministic.
package bundle

import (
	"cmp"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// SchemaVersion is the version of the bundle's layout. A bundle with a higher
// one was written by a newer gwdoctor and is refused, never half understood.
const SchemaVersion = 1

// Names of the files in a bundle.
const (
	FileManifest   = "manifest.json"
	FileVersion    = "engine/version.json"     // raw GET /version
	FileInfo       = "engine/info.json"        // raw GET /info
	FileInspect    = "container/inspect.json"  // raw GET /containers/ID/json
	FileImage      = "container/image.json"    // raw GET /images/ID/json
	FileEvents     = "container/events.jsonl"  // raw events of this id, oldest first
	FileRing       = "engine/event-ring.json"  // docker.Ring
	FileAsked      = "engine/asked.jsonl"      // docker.Asked
	FileLogs       = "container/logs.cri"      // CRI form: TIME STREAM P|F TEXT
	FileChanges    = "container/changes.json"  // raw GET /containers/ID/changes
	FileStateFile  = "container/state.json"    // docker.StateFile
	FilePorts      = "host/ports.json"         // evidence.Ports
	FileNeighbours = "project/neighbours.json" // []evidence.Neighbour
	FileKmsg       = "kernel/kmsg.txt"         // raw /dev/kmsg records
	FileAround     = "kernel/around.jsonl"     // journalctl -o json of the time around the container's end
	FileAroundSpan = "kernel/around.json"      // which time that is
	FileJournal    = "kernel/journal.jsonl"    // journalctl -k -o json
	FileClock      = "kernel/clock.json"       // evidence.Clock
	FileCorePolicy = "kernel/core.json"        // evidence.CorePolicy
	FileProcess    = "live/process.json"       // evidence.Process
	FileInside     = "live/inside.json"        // evidence.Inside
	FileCores      = "cores/cores.json"        // coredump.Search: what was read from cores, never a core
	FileReplay     = "live/replay.json"        // replay.Replay: probes that gwdoctor ran
	DirCgroup      = "live/cgroup/"            // raw files: memory.events, memory.oom_control …
	CPUStatLater   = "cpu.stat.later"          // below DirCgroup: the same file a second later, where there is a CPU quota
)

// Target is what the bundle is of.
type Target struct {
	ID      string `json:"id"`      // 64 hex digits, or what the user typed when inspect failed
	Name    string `json:"name"`    // without the leading slash
	Runtime string `json:"runtime"` // whose raw files the bundle holds
	Kind    string `json:"kind"`

	InPod // of a Kubernetes container
}

// InPod says where a container of Kubernetes is.
type InPod struct {
	Namespace string `json:"namespace,omitempty"`
	Pod       string `json:"pod,omitempty"`
	Container string `json:"container,omitempty"` // its name in the pod
	Node      string `json:"node,omitempty"`
}

// Runtimes whose files can be read. A bundle of another one was written by a newer gwdoctor and is refused.
const (
	RuntimeDocker = "docker"
	RuntimePodman = "podman" // by its API of Docker's form
	// by containerd's API, put into Docker's form: containers of nerdctl, ctr and the CRI
	RuntimeContainerd = "containerd"

	RuntimeKubernetes = "kubernetes" // by its API server
)

// Kinds of target.
const (
	KindContainer = "container"
)

// withDefaults completes a target: the first bundles knew nothing but Docker's containers, and did not say so.
func (t Target) withDefaults() Target {
	t.Runtime, t.Kind = cmp.Or(t.Runtime, RuntimeDocker), cmp.Or(t.Kind, KindContainer)
	return t
}

// known refuses a bundle of something that this program cannot read: half understood, it would be misjudged.
func (t Target) known() error {
	if !slices.Contains([]string{RuntimeDocker, RuntimePodman, RuntimeContainerd, RuntimeKubernetes}, t.Runtime) {
		return future("is of the runtime %q, this gwdoctor reads %s, %s, %s and %s", brief(t.Runtime), RuntimeDocker,
			RuntimePodman, RuntimeContainerd, RuntimeKubernetes)
	}
	if t.Kind != KindContainer {
		return future("is of a %q, this gwdoctor reads what is of a %s", brief(t.Kind), KindContainer)
	}
	return nil
}

// Source is one source's entry in the manifest.
type Source struct {
	Name    string      `json:"name"`
	Status  fact.Status `json:"status"`
	From    *time.Time  `json:"from,omitempty"`    // the oldest moment it covers; nil = not known
	To      *time.Time  `json:"to,omitempty"`      // the newest
	Detail  string      `json:"detail,omitempty"`  // why, or how much
	Command string      `json:"command,omitempty"` // what would open it
	Files   []string    `json:"files"`
}

// Covers tells whether the source was read and its span reaches back to at.
// A source without a known beginning covers nothing for certain.
func (s Source) Covers(at time.Time) bool {
	if s.Status != fact.StatusCollected && s.Status != fact.StatusTruncated {
		return false
	}
	return s.From != nil && !s.From.After(at)
}

// Mask counts what redaction hid: what kind of secret, in which file.
type Mask struct {
	File  string `json:"file"`
	Kind  string `json:"kind"`
	Count int    `json:"count"`
}

// Manifest is the bundle's first file.
type Manifest struct {
	SchemaVersion int       `json:"schemaVersion"`
	Tool          string    `json:"tool"` // version of the gwdoctor that wrote it
	CapturedAt    time.Time `json:"capturedAt"`
	Target        Target    `json:"target"`
	Redacted      bool      `json:"redacted"`
	Sources       []Source  `json:"sources"`
	Masked        []Mask    `json:"masked"`
}

// Bundle is an incident in memory. Its methods may be called by several
// collectors at once.
type Bundle struct {
	mu       sync.Mutex
	manifest Manifest
	files    map[string][]byte
}

// New returns an empty bundle for a target, captured at the given moment.
func New(tool string, target Target, at time.Time) *Bundle {
	return &Bundle{
		manifest: Manifest{SchemaVersion: SchemaVersion, Tool: tool, CapturedAt: at.UTC(), Target: target.withDefaults()},
		files:    map[string][]byte{},
	}
}

// Put stores a file. The bundle keeps data; the caller must not change it.
func (b *Bundle) Put(name string, data []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files[name] = data
}

// File returns a file's bytes and whether the bundle holds it.
func (b *Bundle) File(name string) ([]byte, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	data, ok := b.files[name]
	return data, ok
}

// Names lists the files, sorted.
func (b *Bundle) Names() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := make([]string, 0, len(b.files))
	for name := range b.files {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Update changes manifest and files while nobody else looks at them; a redaction
// writes both. It gets a manifest whose sources and masks are its own.
func (b *Bundle) Update(change func(*Manifest, map[string][]byte)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.manifest
	m.Sources = slices.Clone(m.Sources)
	m.Masked = slices.Clone(m.Masked)
	change(&m, b.files)
	b.manifest = m
}

// SetSource records what became of a source, replacing an earlier word on it.
func (b *Bundle) SetSource(s Source) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.Files == nil {
		s.Files = []string{}
	}
	for i := range b.manifest.Sources {
		if b.manifest.Sources[i].Name == s.Name {
			b.manifest.Sources[i] = s
			return
		}
	}
	b.manifest.Sources = append(b.manifest.Sources, s)
}

// Source returns a source's entry; one that nobody recorded is not-asked.
func (b *Bundle) Source(name string) Source {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.manifest.Sources {
		if s.Name == name {
			return s
		}
	}
	return Source{Name: name, Status: fact.StatusNotAsked, Files: []string{}}
}

// Manifest returns a copy of the manifest with its sources sorted by name, so
// that collectors finishing in another order do not change a report.
func (b *Bundle) Manifest() Manifest {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.manifest
	m.Sources = append([]Source{}, m.Sources...)
	m.Masked = append([]Mask{}, m.Masked...)
	sort.Slice(m.Sources, func(i, j int) bool { return m.Sources[i].Name < m.Sources[j].Name })
	return m
}
