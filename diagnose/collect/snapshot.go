package collect

import (
	"context"
	"encoding/json"
	"path/filepath"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// snapshotters are the folders of containerd's snapshots: of the containerd that dockerd runs itself, below its data
// folder, and of the system's.
func (s *session) snapshotters(ctx context.Context) []string {
	const overlay = "io.containerd.snapshotter.v1.overlayfs/snapshots"
	return []string{filepath.Join(s.root(ctx), "containerd/daemon", overlay),
		filepath.Join("/var/lib/containerd", overlay)}
}

// snapshotFolder finds the writable layer of a container whose engine does not tell it: Engine 29's image store names
// no folder, and its archive call leaves an event in the ring for every path. The engine tells which paths the
// container has changed; if one snapshot alone holds all of them, that is the container's. "" = several do, or none.
func (s *session) snapshotFolder(ctx context.Context) string {
	if s.podman() || s.container.UpperDir != "" || !s.host(ctx).here {
		return ""
	}
	changed := source.Await(ctx, s.changesOnce, func(err error) source.Outcome { return s.engineFailure(err) })
	if len(changed.Files) == 0 {
		return ""
	}
	var list []host.Change
	if json.Unmarshal(changed.Files[0].Data, &list) != nil {
		return ""
	}
	return host.OnlyHolder(ctx, s.snapshotters(ctx), list)
}
