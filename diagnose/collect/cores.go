package collect

import (
	"cmp"
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
	look := s.searchCores(ctx)
	defer look.disk.Binaries.close()
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
	{"mounts", onDisk(lookInMounts)},
	{"host-directory", onDisk(lookOnHost)},
	{"systemd-coredump", onDisk(lookInSystemd)},
	{"apport", onDisk(lookInApport)},
	{"abrt", onDisk(lookInAbrt)},
}

// coreSearch is what the places need to know.
type coreSearch struct {
	*session
	here bool // the engine's disk is ours
	disk CoreSearch

	unfetched int // candidates that the engine did not give
}

// searchCores prepares a search for the cores of the session's container.
func (s *session) searchCores(ctx context.Context) *coreSearch {
	return &coreSearch{session: s, here: s.host(ctx).here, disk: CoreSearch{
		Machine: s.Machine, Owner: Owner{s.subject.ID, s.subject.Name, s.subject.Hostname, s.subject.StartedAt, s.subject.Mounts},
		Pattern: s.corePattern(ctx), Binaries: s.containerBinaries(ctx), Records: s.roundCoreRecords,
		Sudo: "sudo gwdoctor cores " + shellWord(cmp.Or(s.subject.Name, s.Ref)),
	}}
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
	if err := json.Unmarshal(o.files[0].Data, &changes); err != nil {
		p.Status, p.Detail = string(fact.StatusFailed), "the list of changed paths cannot be read"
		return nil, p
	}
	names := coredump.Candidates(changes, s.disk.Pattern, cmp.Or(s.subject.WorkingDir, "/"))
	p.Detail = fmt.Sprintf("%d of %d changed paths have a core's name", len(names), len(changes))
	var found []coredump.Dump
	for _, name := range names[:min(len(names), 4*MaxCores)] {
		d := s.layerCore(ctx, name)
		if d == nil || len(found) == MaxCores {
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
			if d, ok := s.disk.rootCore(ctx, root, strings.TrimPrefix(name, "/")); ok {
				return d
			}
		}
	}
	return s.fetchCore(ctx, name)
}

// onDisk is a place on this machine, which the engine's disk must be for it.
func onDisk(look func(context.Context, *CoreSearch) ([]coredump.Dump, coredump.Place)) func(context.Context, *coreSearch) ([]coredump.Dump, coredump.Place) {
	return func(ctx context.Context, s *coreSearch) ([]coredump.Dump, coredump.Place) {
		if !s.here {
			return nil, coredump.Place{Status: string(fact.StatusAbsent), Detail: "the engine's disk is not this machine's", Command: "run gwdoctor cores on the engine's host"}
		}
		return look(ctx, &s.disk)
	}
}

// roundCoreRecords is the records since the container's start. A round asks once for
// all of its containers, without a start: journalctl takes 0.1 s a call.
func (s *session) roundCoreRecords(ctx context.Context) ([]coredump.JournalRecord, error) {
	if s.Round == nil {
		return s.coreRecords(ctx, s.subject.StartedAt)
	}
	now := s.Now()
	records, _, err := s.Round.cores.get(ctx, "", s.settled(now), now, func() ([]coredump.JournalRecord, error) {
		return s.coreRecords(ctx, time.Time{})
	})
	return records, err
}
