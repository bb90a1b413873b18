package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Sources tells what can be seen from here without any container: every source
// with its status and, where it is shut, the command that opens it. A source that
// only a container has is not-asked, with what stands in its way where that is
// known. Nothing is kept.
func Sources(ctx context.Context, opts Options) []bundle.Source {
	opts = opts.withDefaults()
	s, err := connect(ctx, opts)
	if err != nil {
		return withoutEngine(opts, err)
	}
	defer s.engine.Close()
	s.container.Known = true // of no container: events are counted, none is kept
	s.startInfo(ctx)
	b := bundle.New("", bundle.Target{}, s.Now())
	runAll(ctx, s, b, []collector{
		{fact.SourceEngine, collectEngine},
		{fact.SourceEvents, collectEvents},
		{fact.SourceKernelLog, collectKernelLog},
		{fact.SourceCorePolicy, collectCorePolicy},
		{fact.SourceStateFile, machineStateFile},
		{fact.SourceProcess, machineProcess},
		{fact.SourceInside, machineInside},
		{fact.SourceCgroup, machineCgroup},
	})
	for _, name := range []string{fact.SourceInspect, fact.SourceImage, fact.SourceLogs, fact.SourceChanges,
		fact.SourceNeighbours} {
		b.SetSource(bundle.Source{Name: name, Status: fact.StatusNotAsked,
			Detail: "read through the engine, once a container is named"})
	}
	return withoutFiles(b)
}

// withoutEngine is the view when no engine can be reached: only this kernel's own
// facts are left, and whether a container of it ever ran here is not known.
func withoutEngine(opts Options, err error) []bundle.Source {
	s := &session{Options: opts}
	b := bundle.New("", bundle.Target{}, s.Now())
	refused := source.Failed(err)
	var shut *docker.DeniedError
	if errors.As(err, &shut) {
		refused = source.Denied(err.Error(), s.sudo())
	}
	for _, c := range collectors {
		if c.name == fact.SourcePorts {
			continue // of a container that was refused one
		}
		o := source.Outcome{Source: refused.Source}
		o.Source.Name = c.name
		if c.name != fact.SourceEngine {
			o.Source.Detail = "the engine cannot be reached"
		}
		o.Store(b)
	}
	inspect := refused.Source
	inspect.Name, inspect.Detail = fact.SourceInspect, "the engine cannot be reached"
	b.SetSource(inspect)
	ctx, cancel := context.WithTimeout(context.Background(), s.Timeout)
	defer cancel()
	o := s.KernelLog(ctx, s.sudo())
	o.Source.Name = fact.SourceKernelLog
	o.Store(b)
	return withoutFiles(b)
}

func withoutFiles(b *bundle.Bundle) []bundle.Source {
	list := b.Manifest().Sources
	for i := range list {
		list[i].Files = []string{}
	}
	return list
}

// machineStateFile tries the folder that holds the containers' records.
func machineStateFile(ctx context.Context, s *session) source.Outcome {
	if s.podman() {
		return source.Collected("Podman has no state file; its own record of each container says who stopped it")
	}
	if s.containerd() {
		return noStateFile()
	}
	if proof := s.host(ctx); !proof.here {
		return source.Absent(proof.reason, "run gwdoctor on the engine's host")
	}
	folder := filepath.Join(s.root(ctx), "containers")
	_, err := source.Await2(ctx, func() ([]os.DirEntry, error) { return os.ReadDir(folder) })
	switch {
	case errors.Is(err, fs.ErrPermission):
		return source.Denied("read "+folder+": permission denied", s.sudo())
	case err != nil:
		return source.Failed(err)
	}
	return source.Collected(folder)
}

// machineProcess tries another process's /proc: what it shows of a foreign
// process is what it will show of a container's.
func machineProcess(ctx context.Context, s *session) source.Outcome {
	proof := s.host(ctx)
	if !proof.here {
		return source.Absent(proof.reason, "run gwdoctor on the engine's host")
	}
	foreign := strconv.Itoa(max(1, proof.daemon))
	if _, err := host.ReadCapped(filepath.Join(s.ProcRoot, foreign, "syscall"), 4096); errors.Is(err, fs.ErrPermission) {
		return source.Denied("system calls, wait channels and descriptors of other users' processes need root", s.sudo())
	} else if err != nil {
		return source.Failed(fmt.Errorf("read /proc of another process: %w", err))
	}
	return source.Collected("of running containers")
}

// machineCgroup says which version is mounted, and where.
func machineCgroup(ctx context.Context, s *session) source.Outcome {
	if proof := s.host(ctx); !proof.here {
		return source.Absent(proof.reason, "run gwdoctor on the engine's host")
	}
	root := cmp.Or(s.CgroupRoot, "/sys/fs/cgroup")
	switch {
	case host.IsDir(filepath.Join(root, "memory")):
		return source.Collected("version 1 at " + root)
	case host.Exists(filepath.Join(root, "cgroup.controllers")):
		return source.Collected("version 2 at " + root)
	}
	return source.Absent("no control groups at "+root, "")
}
