package collect

import (
	"context"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// layerFolder tells a folder's entry in a stopped container's root, from its layers
// on this disk: the engine would mount them for that, which takes 0.15 s with
// fuse-overlayfs, one at a time. ok is false where only the engine can tell: the
// layers are not at hand, something is mounted there, a link or a file is on the way,
// or the driver keeps owners apart from the files.
func (s *session) layerFolder(ctx context.Context, dir string) (d *evidence.CoreDirectory, ok bool) {
	if s.container.Running || len(s.container.Layers()) == 0 || !s.host(ctx).here || s.mapsIDs(ctx) ||
		s.isMounted(dir) {
		return nil, false
	}
	return host.FolderInLayers(s.container.Layers(), dir)
}

// mapsIDs tells whether the engine shows other owners than the disk does. Rootless Podman does, and keeps its layers in
// a home; it is not asked, for it takes seconds to answer.
func (s *session) mapsIDs(ctx context.Context) bool {
	if s.podman() {
		return !strings.HasPrefix(s.container.UpperDir, "/var/lib/containers/")
	}
	return s.info(ctx).mapsIDs()
}

// mapsIDs tells whether the engine shows other owners than the disk does
// (userns-remap).
func (i infoResult) mapsIDs() bool {
	return i.err != nil || slices.ContainsFunc(i.SecurityOptions, func(o string) bool {
		return strings.HasPrefix(o, "name=userns") || strings.HasPrefix(o, "name=rootless")
	})
}

// isMounted tells whether a folder is on another filesystem than the root: the
// container's mounts, and those that every container has.
func (s *session) isMounted(dir string) bool {
	places := []string{"/dev", "/proc", "/sys"}
	for _, m := range s.container.Mounts {
		places = append(places, m.Destination)
	}
	return slices.ContainsFunc(places, func(place string) bool { return host.IsBelow(dir, place) })
}
