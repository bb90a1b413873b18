package host

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/prometheus/procfs"
)

// Files of a control group by the v1 controller that has them. Docker's own and
// the kernel's documentation: Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
var (
	filesV1 = map[string][]string{
		"memory": {
			"memory.limit_in_bytes", "memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.failcnt",
			"memory.memsw.limit_in_bytes", "memory.memsw.usage_in_bytes", "memory.memsw.max_usage_in_bytes",
			"memory.memsw.failcnt",
			"memory.soft_limit_in_bytes", "memory.oom_control", "memory.stat", "memory.use_hierarchy", "memory.swappiness",
		},
		"pids": {"pids.current", "pids.max", "pids.events", "pids.peak"},
		"cpu":  {"cpu.stat", "cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.shares"},
	}
	filesV2 = []string{
		"memory.current", "memory.max", "memory.high", "memory.low", "memory.min", "memory.peak", "memory.events",
		"memory.events.local",
		"memory.stat", "memory.oom.group", "memory.swap.current", "memory.swap.max", "memory.swap.events", "memory.pressure",
		"pids.current", "pids.max", "pids.events", "pids.peak", "cpu.stat", "cpu.max", "cpu.pressure", "io.pressure",
		"cgroup.events",
	}
	// On a v1 host the v2 mount has no controllers, but stalls are measured there.
	filesPressure = []string{"memory.pressure", "cpu.pressure", "io.pressure"}
	// Of a parent only what can stop or kill a child.
	filesParent = map[string]bool{
		"memory.limit_in_bytes": true, "memory.usage_in_bytes": true, "memory.max_usage_in_bytes": true,
		"memory.memsw.limit_in_bytes": true, "memory.oom_control": true, "memory.failcnt": true,
		"memory.max": true, "memory.high": true, "memory.current": true, "memory.peak": true, "memory.events": true,
		"memory.swap.max": true, "memory.oom.group": true, "pids.max": true, "pids.current": true, "pids.events": true,
		"cpu.max": true, "cpu.cfs_quota_us": true, "cpu.cfs_period_us": true,
	}
)

const (
	cgroupFileBytes = 256 << 10
	maxParents      = 16
)

// cgroupDir is one folder that holds a container's files.
type cgroupDir struct {
	mount string // the mount point; the walk to the parents ends here
	path  string
	files []string
}

// CgroupFiles returns the raw files of the container's control group and of its
// parents, as parent-1/memory.limit_in_bytes and so on upwards, and the folder where
// they begin. They are gone the moment the container ends.
func (c Processes) CgroupFiles(ctx context.Context) (found []source.File, folder string, err error) {
	dirs, err := c.cgroupDirs()
	if err != nil {
		return nil, "", err
	}
	seen := map[string]bool{}
	for _, dir := range dirs {
		if ctx.Err() != nil {
			return nil, "", ctx.Err()
		}
		found = dir.read(found, seen)
	}
	return found, dirs[0].path, nil
}

// ProcPath is a file of the container's first process.
func (c Processes) ProcPath(name string) string {
	return filepath.Join(c.ProcRoot, strconv.Itoa(c.PID), name)
}

// cgroupDirs finds the container's folders: the path within each hierarchy from
// /proc/PID/cgroup,
//
//	4:memory:/docker/35477042ca4d…
//	0::/docker/35477042ca4d…
//
// and where each hierarchy is mounted from /proc/self/mountinfo.
func (c Processes) cgroupDirs() ([]cgroupDir, error) {
	fs, err := procfs.NewFS(c.ProcRoot)
	if err != nil {
		return nil, err
	}
	proc, err := fs.Proc(c.PID)
	if err != nil {
		return nil, fmt.Errorf("read process %d: %w", c.PID, err)
	}
	groups, err := proc.Cgroups()
	if err != nil {
		return nil, fmt.Errorf("read cgroup of process %d: %w", c.PID, err)
	}
	mounts := c.cgroupMounts(fs)
	var v1, v2 []cgroupDir
	for _, g := range groups {
		if !strings.Contains(g.Path, c.ID) {
			continue
		}
		for _, controller := range g.Controllers {
			if files := filesV1[controller]; files != nil {
				v1 = append(v1, mounts.dir(controller, g.Path, files))
			}
		}
		if g.HierarchyID == 0 {
			v2 = append(v2, mounts.dir("", g.Path, filesV2))
		}
	}
	if len(v1) > 0 {
		for i := range v2 {
			v2[i].files = filesPressure
		}
	}
	if len(v1)+len(v2) == 0 {
		return nil, fmt.Errorf("read cgroup of process %d: no path holds the container's id", c.PID)
	}
	return append(v1, v2...), nil
}

// cgroupMounts says where hierarchies are mounted; key "" is v2.
type cgroupMounts map[string]cgroupMount

type cgroupMount struct {
	point string
	root  string // which folder of the hierarchy the mount shows: "/" on a host
}

// cgroupMounts reads mountinfo lines such as
//
//	35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
//
// Controllers that it does not name are taken to be in the usual place.
func (c Processes) cgroupMounts(fs procfs.FS) cgroupMounts {
	root := cmp.Or(c.CgroupRoot, "/sys/fs/cgroup")
	found := cgroupMounts{"": {root, "/"}}
	for controller := range filesV1 {
		found[controller] = cgroupMount{filepath.Join(root, controller), "/"}
	}
	self, err := fs.Self()
	if err != nil || c.CgroupRoot != "" {
		if IsDir(filepath.Join(root, "unified")) {
			found[""] = cgroupMount{filepath.Join(root, "unified"), "/"}
		}
		return found
	}
	mounts, err := self.MountInfo()
	if err != nil {
		return found
	}
	for _, m := range mounts {
		switch m.FSType {
		case "cgroup2":
			found[""] = cgroupMount{m.MountPoint, m.Root}
		case fact.SourceCgroup:
			for controller := range filesV1 {
				if _, ok := m.SuperOptions[controller]; ok {
					found[controller] = cgroupMount{m.MountPoint, m.Root}
				}
			}
		}
	}
	return found
}

func (m cgroupMounts) dir(controller, path string, files []string) cgroupDir {
	mount := m[controller]
	if rel, err := filepath.Rel(mount.root, path); err == nil && !strings.HasPrefix(rel, "..") {
		path = rel
	}
	return cgroupDir{mount: mount.point, path: filepath.Join(mount.point, path), files: files}
}

// read adds the folder's files and those of its parents. Of two hierarchies with
// the same file the first has it: v1's cpu.stat, not the bare one of v2.
func (d cgroupDir) read(found []source.File, seen map[string]bool) []source.File {
	prefix := ""
	path := d.path
	for level := range maxParents {
		if level > 0 {
			prefix = fmt.Sprintf("parent-%d/", level)
		}
		for _, name := range d.files {
			if level > 0 && !filesParent[name] {
				continue
			}
			data, err := ReadCapped(filepath.Join(path, name), cgroupFileBytes)
			if key := prefix + name; err == nil && !seen[key] {
				seen[key] = true
				found = append(found, source.File{Name: bundle.DirCgroup + key, Data: data})
			}
		}
		if path == d.mount || len(path) <= len(d.mount) {
			break
		}
		path = filepath.Dir(path)
	}
	return found
}
