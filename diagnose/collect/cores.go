package collect

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// collectCores looks for the container's core files in the order of the strongest
// tie: its own layer, its mounts, then the stores of the host's handlers. What is
// read from them is kept, never a core.
func collectCores(ctx context.Context, s *session) outcome {
	if o, ok := s.unanswered(); ok {
		return o
	}
	look := &coreSearch{session: s, here: s.host(ctx).here, pattern: s.corePattern(ctx), binaries: s.containerBinaries(ctx)}
	defer look.binaries.close()
	found := coredump.Search{Cores: []coredump.Dump{}, Places: []coredump.Place{}}
	for _, place := range corePlaces {
		cores, p := place.look(ctx, look)
		p.Name = place.name
		found.Cores = append(found.Cores, cores...)
		found.Places = append(found.Places, p)
	}
	text, err := json.MarshalIndent(found, "", " ")
	if err != nil {
		return failed(err)
	}
	o := collected(fmt.Sprintf("%d found in %d places", len(found.Cores), len(found.Places)))
	if layer := found.Places[0]; layer.Status != string(fact.StatusCollected) {
		o.source.Status = fact.StatusTruncated
		o.source.Detail += "; the container's own layer was not read whole: " + layer.Detail
	}
	return o.with(bundle.FileCores, append(text, '\n'))
}

// corePlaces are looked at in this order.
var corePlaces = []struct {
	name string
	look func(context.Context, *coreSearch) ([]coredump.Dump, coredump.Place)
}{
	{"writable-layer", lookInLayer},
	{"mounts", lookInMounts},
	{"host-directory", lookOnHost},
	{"systemd-coredump", lookInSystemd},
	{"apport", lookInApport},
	{"abrt", lookInAbrt},
}

// maxCores is how many cores of one place are read: a crash loop leaves hundreds that
// say the same. The newest are taken.
const maxCores = 8

// coreSearch is what the places need to know.
type coreSearch struct {
	*session
	here     bool              // the engine's disk is ours
	pattern  *coredump.Pattern // nil = not known
	binaries *binaries

	unfetched int // candidates that the engine did not give

	anybody bool  // cores of all containers and of none are wanted
	rows    []row // the engine's containers, where anybody's are wanted
}

func (s *session) corePattern(ctx context.Context) *coredump.Pattern {
	if !s.host(ctx).here {
		return nil
	}
	data, err := readCapped(s.ProcRoot+"/sys/kernel/core_pattern", 4096)
	if err != nil {
		return nil
	}
	p := coredump.ParsePattern(string(data), s.procText("sys/kernel/core_uses_pid") == "1")
	return &p
}

// containerBinaries opens the container's own programs: the user's folder, its live
// root, its layers on this disk, or through the engine.
func (s *session) containerBinaries(ctx context.Context) *binaries {
	if s.Sysroot != "" {
		return newBinaries(s.Sysroot)
	}
	var folders []string
	if s.host(ctx).here {
		if s.subject.PID > 0 && s.cgroupHolds(s.subject.PID, s.subject.ID) {
			folders = append(folders, fmt.Sprintf("%s/%d/root", s.ProcRoot, s.subject.PID))
		}
		folders = append(folders, s.subject.layers()...)
	}
	b := newBinaries(folders...)
	b.other = func(path string) (io.ReaderAt, error) { return s.fetchBinary(ctx, b, path) }
	return b
}

func lookInLayer(ctx context.Context, s *coreSearch) ([]coredump.Dump, coredump.Place) {
	o := await(ctx, s.changesOnce, func(err error) outcome { return s.engineFailure(err) })
	p := coredump.Place{Status: string(o.source.Status), Detail: o.source.Detail, Command: o.source.Command}
	if len(o.files) == 0 {
		return nil, p
	}
	var changes []coredump.Changed
	if err := json.Unmarshal(o.files[0].data, &changes); err != nil {
		p.Status, p.Detail = string(fact.StatusFailed), "the list of changed paths cannot be read"
		return nil, p
	}
	names := coredump.Candidates(changes, s.pattern, orDefault(s.subject.WorkingDir, "/"))
	p.Detail = fmt.Sprintf("%d of %d changed paths have a core's name", len(names), len(changes))
	var found []coredump.Dump
	for _, name := range names[:min(len(names), 4*maxCores)] {
		d := s.layerCore(ctx, name)
		if d == nil || len(found) == maxCores {
			continue
		}
		d.Path, d.Where = name, coredump.WhereContainer
		d.Container = &coredump.Container{ID: s.subject.ID, Name: s.subject.Name, Grade: coredump.GradeProven, By: "it lies in the container's own writable layer"}
		found = append(found, *d)
	}
	if s.unfetched > 0 {
		p.Status = string(fact.StatusTruncated)
		p.Detail += fmt.Sprintf("; %d of them could not be fetched", s.unfetched)
	}
	return found, p
}

// layerCore reads a candidate, from this disk or through the engine; nil = it is no core.
func (s *coreSearch) layerCore(ctx context.Context, name string) *coredump.Dump {
	if s.here && s.subject.UpperDir != "" {
		if root, err := os.OpenRoot(s.subject.UpperDir); err == nil {
			defer root.Close()
			if d, ok := s.rootCore(ctx, root, strings.TrimPrefix(name, "/")); ok {
				return d
			}
		}
	}
	return s.fetchCore(ctx, name)
}

// rootCore reads a file below a folder of the container's, out of which no link of
// its leads. ok is false where it cannot be opened; d is nil for what is no core.
func (s *coreSearch) rootCore(ctx context.Context, root *os.Root, name string) (d *coredump.Dump, ok bool) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, false
	}
	if !info.Mode().IsRegular() {
		return nil, true
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	d = readCore(ctx, f, info.Size(), s.binaries.open)
	if d.Error != "" {
		return nil, true
	}
	at := info.ModTime().UTC()
	size := info.Size()
	d.At, d.SizeBytes = &at, &size
	after, err := f.Stat()
	d.Growing = err == nil && after.Size() != size || d.Truncated && s.Now().Sub(at) < 2*time.Second
	return d, true
}

// match ties a core that lay elsewhere to the container: by the host name in its
// own environment block, which the engine sets to the id's first 12 digits, else by
// the time. nil = it is not this container's.
func (s *coreSearch) match(d *coredump.Dump, where string) *coredump.Container {
	c := &coredump.Container{ID: s.subject.ID, Name: s.subject.Name}
	switch {
	case d.Hostname != "" && strings.HasPrefix(s.subject.ID, d.Hostname) && len(d.Hostname) >= 12:
		c.Grade, c.By = coredump.GradeProven, "the host name of its process is the container's id"
	case d.Hostname != "" && d.Hostname == s.subject.Hostname:
		c.Grade, c.By = coredump.GradeLikely, "the host name of its process is the container's"
	case d.Hostname != "":
		return nil
	case where != "" && d.At != nil && !s.subject.StartedAt.IsZero() && !d.At.Before(s.subject.StartedAt):
		c.Grade, c.By = coredump.GradePossible, where+", and it was written after the container's start"
	default:
		return nil
	}
	return c
}
