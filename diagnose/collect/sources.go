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
	s.subject.Known = true // of no container: events are counted, none is kept
	s.startInfo(ctx)
	b := bundle.New("", bundle.Target{}, s.Now())
	runAll(ctx, s, b, []collector{
		{fact.SourceEngine, collectEngine},
		{fact.SourceEvents, collectEvents},
		{fact.SourceKernelLog, collectKernelLog},
		{fact.SourceCorePolicy, collectCorePolicy},
		{fact.SourceStateFile, machineStateFile},
		{fact.SourceProcess, machineProcess},
		{fact.SourceCgroup, machineCgroup},
	})
	for _, name := range []string{fact.SourceInspect, fact.SourceImage, fact.SourceLogs, fact.SourceChanges, fact.SourceNeighbours} {
		b.SetSource(bundle.Source{Name: name, Status: fact.StatusNotAsked, Detail: "read through the engine, once a container is named"})
	}
	return withoutFiles(b)
}

// withoutEngine is the view when no engine can be reached: only this kernel's own
// facts are left, and whether a container of it ever ran here is not known.
func withoutEngine(opts Options, err error) []bundle.Source {
	s := &session{Options: opts}
	b := bundle.New("", bundle.Target{}, s.Now())
	refused := failed(err)
	var shut *DeniedError
	if errors.As(err, &shut) {
		refused = denied(err.Error(), s.sudo())
	}
	for _, c := range collectors {
		o := outcome{source: refused.source}
		o.source.Name = c.name
		if c.name != fact.SourceEngine {
			o.source.Detail = "the engine cannot be reached"
		}
		o.store(b)
	}
	inspect := refused.source
	inspect.Name, inspect.Detail = fact.SourceInspect, "the engine cannot be reached"
	b.SetSource(inspect)
	ctx, cancel := context.WithTimeout(context.Background(), s.Timeout)
	defer cancel()
	o := s.kernelLog(ctx, s.sudo())
	o.source.Name = fact.SourceKernelLog
	o.store(b)
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
func machineStateFile(ctx context.Context, s *session) outcome {
	if proof := s.host(ctx); !proof.here {
		return absent(proof.reason, "run gwdoctor on the engine's host")
	}
	folder := filepath.Join(s.root(ctx), "containers")
	_, err := await2(ctx, func() ([]os.DirEntry, error) { return os.ReadDir(folder) })
	switch {
	case errors.Is(err, fs.ErrPermission):
		return denied("read "+folder+": permission denied", s.sudo())
	case err != nil:
		return failed(err)
	}
	return collected(folder)
}

// machineProcess tries another process's /proc: what it shows of a foreign
// process is what it will show of a container's.
func machineProcess(ctx context.Context, s *session) outcome {
	proof := s.host(ctx)
	if !proof.here {
		return absent(proof.reason, "run gwdoctor on the engine's host")
	}
	foreign := strconv.Itoa(max(1, proof.daemon))
	if _, err := readCapped(filepath.Join(s.ProcRoot, foreign, "syscall"), 4096); errors.Is(err, fs.ErrPermission) {
		return denied("system calls, wait channels and descriptors of other users' processes need root", s.sudo())
	} else if err != nil {
		return failed(fmt.Errorf("read /proc of another process: %w", err))
	}
	return collected("of running containers")
}

// machineCgroup says which version is mounted, and where.
func machineCgroup(ctx context.Context, s *session) outcome {
	if proof := s.host(ctx); !proof.here {
		return absent(proof.reason, "run gwdoctor on the engine's host")
	}
	root := cmp.Or(s.CgroupRoot, "/sys/fs/cgroup")
	switch {
	case isDir(filepath.Join(root, "memory")):
		return collected("version 1 at " + root)
	case exists(filepath.Join(root, "cgroup.controllers")):
		return collected("version 2 at " + root)
	}
	return absent("no control groups at "+root, "")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
