package collect

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// maxContainers is how many containers' layers are searched for one list.
const maxContainers = 200

// HostCores lists the cores of this machine: those in the containers' own layers, dead
// ones' too, and those in the stores of the kernel's handlers, each with the container
// that it belongs to where that is known. Without an engine the stores are left.
func HostCores(ctx context.Context, opts Options) *bundle.Bundle {
	opts = opts.withDefaults()
	b := bundle.New(opts.ToolVersion, bundle.Target{}, opts.Now())
	found := coredump.Search{Cores: []coredump.Dump{}, Places: []coredump.Place{}}
	s, err := connect(ctx, opts)
	var rows []docker.Row
	if err != nil {
		s = &session{Options: opts}
		found.Places = append(found.Places, coredump.Place{Name: "containers", Status: string(fact.StatusFailed),
			Detail: err.Error()})
	} else {
		defer s.engine.Close()
		s.startInfo(ctx)
		s.container.Known = true
		rows, err = s.rows(ctx, "")
		s.searchContainers(ctx, rows, err, &found)
		o := collectCorePolicy(ctx, s)
		o.Source.Name = fact.SourceCorePolicy
		o.Store(b)
	}
	s.searchStores(ctx, rows, &found)
	putCores(b, found)
	opts.redact(b)
	return b
}

// searchContainers looks into the layer of every container.
func (s *session) searchContainers(ctx context.Context, rows []docker.Row, err error, found *coredump.Search) {
	p := coredump.Place{Name: "containers", Status: string(fact.StatusCollected),
		Detail: fmt.Sprintf("the layers of %d containers", len(rows))}
	if err != nil {
		p.Status, p.Detail = string(fact.StatusFailed), err.Error()
	}
	for _, r := range rows[:min(len(rows), maxContainers)] {
		cores, why := s.containerCores(ctx, r)
		found.Cores = append(found.Cores, cores...)
		if why != "" {
			p.Status, p.Detail = string(fact.StatusTruncated), fmt.Sprintf("%s: %s", r.Name(), why)
		}
	}
	if len(rows) > maxContainers {
		p.Status, p.Detail = string(fact.StatusTruncated),
			fmt.Sprintf("only the first %d of %d containers", maxContainers, len(rows))
	}
	found.Places = append(found.Places, p)
}

// containerCores looks into one container's layer, under a deadline of its own.
func (s *session) containerCores(ctx context.Context, r docker.Row) (cores []coredump.Dump, why string) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	raw, err := s.engine.Inspect(ctx, r.ID)
	if err != nil {
		return nil, err.Error()
	}
	one := *s
	if one.container, err = docker.ParseInspect(raw); err != nil {
		return nil, err.Error()
	}
	one.logsRead, one.ringRead, one.archives = make(chan struct{}), make(chan struct{}), new(atomic.Int64)
	close(one.logsRead) // nobody reads its log now, nor the ring
	close(one.ringRead)
	one.changesOnce = sync.OnceValue(func() source.Outcome { return readChanges(ctx, &one) })
	look := one.searchCores(ctx)
	defer look.disk.Binaries.Close()
	cores, p := lookInLayer(ctx, look)
	if p.Status != string(fact.StatusCollected) && p.Status != string(fact.StatusTruncated) {
		why = p.Detail
	}
	return cores, why
}

// searchStores reads the newest cores of this machine's stores, whosever they are.
func (s *session) searchStores(ctx context.Context, rows []docker.Row, found *coredump.Search) {
	binaries := host.NewBinaries(s.sysroots()...)
	defer binaries.Close()
	for _, store := range []struct{ name, folder, prefix, suffix string }{
		{coredump.WhereSystemd, host.SystemdFolder, "core.", ""},
		{coredump.WhereApport, host.ApportReports, "", ".crash"},
		{coredump.WhereApport, host.ApportFolder, "core.", ""},
	} {
		look := &host.CoreSearch{Machine: s.Machine, Binaries: binaries, Sudo: "sudo gwdoctor cores",
			Anybody: func(d *coredump.Dump) *coredump.Container { return byHostname(d, rows) }}
		cores, p := look.LookInFolder(ctx, s.HostRoot+store.folder, store.name, func(name string) bool {
			return strings.HasPrefix(name, store.prefix) && strings.HasSuffix(name, store.suffix)
		})
		p.Name = store.name
		found.Cores = append(found.Cores, cores...)
		found.Places = append(found.Places, p)
	}
}

// byHostname ties a core to one of the engine's containers.
func byHostname(d *coredump.Dump, rows []docker.Row) *coredump.Container {
	for _, r := range rows {
		if len(d.Hostname) >= 12 && strings.HasPrefix(r.ID, d.Hostname) {
			return &coredump.Container{ID: r.ID, Name: r.Name(), Grade: coredump.GradeProven,
				By: "the host name of its process is the container's id"}
		}
	}
	return nil
}

// CoreFiles reads core files of this machine into a redacted bundle, in the order
// of paths. A file that cannot be read has its error in its entry.
func CoreFiles(ctx context.Context, opts Options, paths []string) *bundle.Bundle {
	opts = opts.withDefaults()
	b := bundle.New(opts.ToolVersion, bundle.Target{}, opts.Now())
	found := coredump.Search{Cores: []coredump.Dump{}, Places: []coredump.Place{}}
	for _, path := range paths {
		binaries := host.NewBinaries(opts.sysroots()...)
		d := host.ReadCoreFile(ctx, path, opts.Now, binaries.Open)
		binaries.Close()
		d.Where = coredump.WhereHost
		found.Cores = append(found.Cores, *d)
	}
	putCores(b, found)
	opts.redact(b)
	return b
}

// sysroots are where binaries of a core on this machine may lie: the folder that
// the user named, else this machine's own files, which the build-ids prove or refuse.
func (o Options) sysroots() []string {
	if o.Sysroot != "" {
		return []string{o.Sysroot}
	}
	return []string{"/"}
}

func putCores(b *bundle.Bundle, found coredump.Search) {
	if data, err := json.MarshalIndent(found, "", " "); err == nil {
		b.Put(bundle.FileCores, append(data, '\n'))
	}
}
