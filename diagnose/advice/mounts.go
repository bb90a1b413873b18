package advice

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// pathValues sorts a path by what it lies on; where none is known, it names what the container may write to.
func pathValues(v map[string]string, c inquest.Case, path string) {
	if c.Spec == nil {
		return
	}
	if !strings.HasPrefix(path, "/") {
		v["writable"] = strings.Join(writable(c.Spec), ", ")
		endedOn(v, c, cmp.Or(v["writable"], "its own layer"))
		return
	}
	v["path"] = path
	mount := mountOf(c.Spec, path)
	if room := c.Process.RoomAt(cmp.Or(mount, "/")); room != nil && room.Full() && room.Free > 0 {
		v["inodes"] = cmp.Or(mount, "its own layer")
		return
	}
	switch {
	case mount == "":
		v["layer"] = path
		endedOn(v, c, "its own layer")
		if i := strings.LastIndexByte(path, '/'); i > 0 {
			v["folder"] = path[:i]
		}
		if c.Spec.ReadonlyRoot {
			v[placeFor(c, path)], v["file"] = writableFor(c, path), path
		}
	case tmpfs(c.Spec, mount):
		v["tmpfs"], v["mount"] = mount, mount
	default:
		v["volume"], v["mount"] = mount, mount
		endedOn(v, c, mount)
	}
}

// bound tells whether a mount is a file or folder of the host.
func bound(s *evidence.Spec, mount string) bool {
	return slices.ContainsFunc(s.Mounts, func(m evidence.Mount) bool { return m.Destination == mount && m.Type == "bind" })
}

// endedOn names where a container wrote that does not run any more.
func endedOn(v map[string]string, c inquest.Case, place string) {
	if down(c) {
		v["endedon"] = place
	}
}

// roomValues names a file system that is full, where no line of a log names a file on it.
func roomValues(v map[string]string, s *evidence.Spec, mount string) {
	switch {
	case mountOf(s, mount) != mount:
		v["folder"] = mount
	case tmpfs(s, mount):
		v["tmpfs"], v["mount"] = mount, mount
	default:
		v["volume"], v["mount"] = mount, mount
	}
}

// mountOf is the innermost mount that a path lies on; "" = the container's own layer.
func mountOf(s *evidence.Spec, path string) string {
	best := ""
	points := slices.Clone(s.Tmpfs)
	for _, m := range s.Mounts {
		points = append(points, m.Destination)
	}
	for _, p := range points {
		p = strings.TrimSuffix(p, "/")
		if p != "" && (path == p || strings.HasPrefix(path, p+"/")) && len(p) > len(best) {
			best = p
		}
	}
	return best
}

func tmpfs(s *evidence.Spec, mount string) bool { return slices.Contains(tmpfsMounts(s), mount) }

// tmpfsMounts are the folders of the container that lie in memory by its own settings.
func tmpfsMounts(s *evidence.Spec) []string {
	list := slices.Clone(s.Tmpfs)
	for _, m := range s.Mounts {
		if m.Type == "tmpfs" {
			list = append(list, m.Destination)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// writable are the mounts of a container that it may write to.
func writable(s *evidence.Spec) []string {
	list := tmpfsMounts(s)
	for _, m := range s.Mounts {
		if m.Type != "tmpfs" && m.Writable {
			list = append(list, m.Destination)
		}
	}
	return list
}
