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
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// collectCores looks for the container's core files in the order of the strongest
// tie: its own layer, its mounts, then the stores of the host's handlers. What is
// read from them is kept, never a core.
func collectCores(ctx context.Context, s *session) source.Outcome {
	if o, ok := s.unanswered(); ok {
		return o
	}
	look := s.searchCores(ctx)
	defer look.disk.Binaries.Close()
	found := coredump.Search{Cores: []coredump.Dump{}, Places: []coredump.Place{}}
	for _, place := range corePlaces {
		cores, p := place.look(ctx, look)
		p.Name = place.name
		found.Cores = append(found.Cores, cores...)
		found.Places = append(found.Places, p)
	}
	text, err := json.MarshalIndent(found, "", " ")
	if err != nil {
		return source.Failed(err)
	}
	o := source.Collected(fmt.Sprintf("%d found in %d places", len(found.Cores), len(found.Places)))
	if layer := found.Places[0]; layer.Status != string(fact.StatusCollected) {
		o.Source.Status = fact.StatusTruncated
		o.Source.Detail += "; the container's own layer was not read whole: " + layer.Detail
	}
	return o.With(bundle.FileCores, append(text, '\n'))
}

// corePlaces are looked at in this order.
var corePlaces = []struct {
	name string
	look func(context.Context, *coreSearch) ([]coredump.Dump, coredump.Place)
}{
	{"writable-layer", lookInLayer},
	{"mounts", onDisk(host.LookInMounts)},
	{"host-directory", onDisk(host.LookOnHost)},
	{"systemd-coredump", onDisk(host.LookInSystemd)},
	{"apport", onDisk(host.LookInApport)},
	{"abrt", onDisk(host.LookInAbrt)},
}

// coreSearch is what the places need to know.
type coreSearch struct {
	*session
	here bool // the engine's disk is ours

	layer string // the folder of the writable layer; "" = not known
	disk  host.CoreSearch

	unfetched int // candidates that the engine did not give
}

// searchCores prepares a search for the cores of the session's container.
func (s *session) searchCores(ctx context.Context) *coreSearch {
	return &coreSearch{session: s, here: s.host(ctx).here, disk: host.CoreSearch{
		Machine: s.Machine, Owner: host.Owner{
			ID: s.container.ID, Name: s.container.Name, Hostname: s.container.Hostname, StartedAt: s.container.StartedAt,
			Mounts: s.container.Mounts,
		},
		Pattern: s.corePattern(ctx), Binaries: s.containerBinaries(ctx), Records: s.roundCoreRecords,
		Sudo: "sudo gwdoctor cores " + source.ShellWord(cmp.Or(s.container.Name, s.Ref)),
	}}
}

func (s *session) corePattern(ctx context.Context) *coredump.Pattern {
	if !s.host(ctx).here {
		return nil
	}
	data, err := host.ReadCapped(s.ProcRoot+"/sys/kernel/core_pattern", 4096)
	if err != nil {
		return nil
	}
	p := coredump.ParsePattern(string(data), s.ProcText("sys/kernel/core_uses_pid") == "1")
	return &p
}

// containerBinaries opens the container's own programs: the user's folder, its live
// root, its layers on this disk, or through the engine.
func (s *session) containerBinaries(ctx context.Context) *host.Binaries {
	if s.Sysroot != "" {
		return host.NewBinaries(s.Sysroot)
	}
	var folders []string
	if s.host(ctx).here {
		if s.container.PID > 0 && s.CgroupHolds(s.container.PID, s.container.ID) {
			folders = append(folders, fmt.Sprintf("%s/%d/root", s.ProcRoot, s.container.PID))
		}
		folders = append(folders, s.container.Layers()...)
	}
	b := host.NewBinaries(folders...)
	b.Other = func(path string) (io.ReaderAt, error) { return s.fetchBinary(ctx, b, path) }
	return b
}

func lookInLayer(ctx context.Context, s *coreSearch) ([]coredump.Dump, coredump.Place) {
	o := source.Await(ctx, s.changesOnce, func(err error) source.Outcome { return s.engineFailure(err) })
	p := coredump.Place{Status: string(o.Source.Status), Detail: o.Source.Detail, Command: o.Source.Command}
	if len(o.Files) == 0 {
		return nil, p
	}
	var changes []coredump.Changed
	if err := json.Unmarshal(o.Files[0].Data, &changes); err != nil {
		p.Status, p.Detail = string(fact.StatusFailed), "the list of changed paths cannot be read"
		return nil, p
	}
	names := coredump.Candidates(changes, s.disk.Pattern, cmp.Or(s.container.WorkingDir, "/"))
	if s.layer = s.container.UpperDir; s.layer == "" && len(names) > 0 {
		s.layer = s.snapshotFolder(ctx)
	}
	p.Detail = fmt.Sprintf("%d of %d changed paths have a core's name", len(names), len(changes))
	var found []coredump.Dump
	for _, name := range names[:min(len(names), 4*host.MaxCores)] {
		d := s.layerCore(ctx, name)
		if d == nil || len(found) == host.MaxCores {
			continue
		}
		d.Path, d.Where = name, coredump.WhereContainer
		d.Container = &coredump.Container{ID: s.container.ID, Name: s.container.Name, Grade: coredump.GradeProven,
			By: "it lies in the container's own writable layer"}
		found = append(found, *d)
	}
	if s.unfetched > 0 {
		p.Status = string(fact.StatusTruncated)
		p.Detail += fmt.Sprintf("; %d of them could not be fetched", s.unfetched)
		if s.archives.Load() > int64(s.Archives) {
			p.Detail += " without touching the container"
			p.Command = "gwdoctor cores " + source.ShellWord(cmp.Or(s.container.Name, s.Ref))
		}
	}
	return found, p
}

// layerCore reads a candidate, from this disk or through the engine; nil = it is no core.
func (s *coreSearch) layerCore(ctx context.Context, name string) *coredump.Dump {
	if s.here && s.layer != "" {
		if root, err := os.OpenRoot(s.layer); err == nil {
			defer root.Close()
			if d, ok := s.disk.RootCore(ctx, root, strings.TrimPrefix(name, "/")); ok {
				return d
			}
		}
	}
	if s.liveHere(ctx) { // a snapshotter that does not tell its folders (Engine 29's image store)
		if d, ok := s.processes().RootCore(ctx, &s.disk, name); ok {
			return d
		}
	}
	return s.fetchCore(ctx, name)
}

// onDisk is a place on this machine, which the engine's disk must be for it.
func onDisk(look func(context.Context, *host.CoreSearch) ([]coredump.Dump, coredump.Place)) func(context.Context,
	*coreSearch) ([]coredump.Dump, coredump.Place) {
	return func(ctx context.Context, s *coreSearch) ([]coredump.Dump, coredump.Place) {
		if !s.here {
			return nil, coredump.Place{Status: string(fact.StatusAbsent), Detail: "the engine's disk is not this machine's",
				Command: "run gwdoctor cores on the engine's host"}
		}
		return look(ctx, &s.disk)
	}
}

// roundCoreRecords is the records since the container's start. A round asks once for
// all of its containers, without a start: journalctl takes 0.1 s a call.
func (s *session) roundCoreRecords(ctx context.Context) ([]coredump.JournalRecord, error) {
	if s.Round == nil {
		return s.CoreRecords(ctx, s.container.StartedAt)
	}
	now := s.Now()
	records, _, err := s.Round.cores.get(ctx, "", s.settled(now), now, func() ([]coredump.JournalRecord, error) {
		return s.CoreRecords(ctx, time.Time{})
	})
	return records, err
}
