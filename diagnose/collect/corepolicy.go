package collect

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// collectCorePolicy reads where this kernel writes core files. The settings are
// the host's for every container (docs/notes/CORES.md#a1: none of them is namespaced).
func collectCorePolicy(ctx context.Context, s *session) source.Outcome {
	if proof := s.host(ctx); !proof.here {
		return source.Absent(proof.reason, "on the engine's host: sysctl kernel.core_pattern kernel.core_uses_pid")
	}
	data, err := host.ReadCapped(filepath.Join(s.ProcRoot, "sys/kernel/core_pattern"), 4096)
	if err != nil {
		return source.Failed(fmt.Errorf("read core pattern: %w", err))
	}
	policy := evidence.CorePolicy{
		Pattern:      strings.TrimSuffix(string(data), "\n"),
		UsesPID:      s.ProcText("sys/kernel/core_uses_pid") == "1",
		SuidDumpable: number(s.ProcText("sys/fs/suid_dumpable")),
	}
	if n := number(s.ProcText("sys/kernel/core_sort_vma")); n != nil {
		sorted := *n == 1
		policy.SortVMA = &sorted
	}
	policy.EngineLimit = s.engineCoreLimit(ctx)
	pattern := coredump.ParsePattern(policy.Pattern, policy.UsesPID)
	if pattern.Handler == coredump.HandlerPipe {
		there := host.Exists(s.HostRoot + pattern.Program)
		policy.HelperExists = &there
	}
	if dir := pattern.Dir(cmp.Or(s.container.WorkingDir, "/")); dir != "" && s.container.Known {
		policy.Directory = s.coreDirectory(ctx, dir)
		policy.Directory.Free = s.Room(dir, s.container.UpperDir, s.container.Mounts)
	}
	text, err := json.MarshalIndent(policy, "", "  ")
	if err != nil {
		return source.Failed(err)
	}
	return source.Collected("").With(bundle.FileCorePolicy, append(text, '\n'))
}

// coreDirectory reads the directory's own entry where this machine shows it: of a running
// container in its live root, of a dead one in its layers. The engine is not asked: its
// archive call would touch the container's files.
func (s *session) coreDirectory(ctx context.Context, dir string) *evidence.CoreDirectory {
	if d, ok := s.layerFolder(ctx, dir); ok {
		return d
	}
	if s.liveHere(ctx) && !s.mapsIDs(ctx) {
		return s.processes().Folder(dir)
	}
	return &evidence.CoreDirectory{Path: dir}
}

// liveHere tells whether the container runs on this machine, as a process that is its own.
func (s *session) liveHere(ctx context.Context) bool {
	return s.container.PID > 0 && s.host(ctx).here && s.processes().Alive()
}

// engineCoreLimit returns the core limit that a container without one of its own
// inherits: that of containerd, whose shim starts it (docs/notes/CORES.md#a2). nil where none
// runs here, or several with different limits do.
func (s *session) engineCoreLimit(ctx context.Context) *int64 {
	if s.Round == nil {
		return host.CoreLimitOf(s.ProcRoot, "containerd")
	}
	now := s.Now()
	limit, _, err := s.Round.limits.get(ctx, "", now.Add(-roundAge), now, func() (*int64, error) {
		return host.CoreLimitOf(s.ProcRoot, "containerd"), nil
	})
	if err != nil {
		return nil
	}
	return limit
}

// number reads a sysctl; nil where it is not there.
func number(text string) *int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil
	}
	return &n
}
