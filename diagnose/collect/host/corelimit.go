package host

import (
	"math"
	"path/filepath"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// Room returns how many bytes are free where a folder of the container lies on this
// machine's disk: upper is its writable layer, "" = not known. nil where that is not
// told, as of a tmpfs.
func (m Machine) Room(dir, upper string, mounts []Mount) *int64 {
	place, covered := upper, 0
	for _, mount := range mounts {
		if IsBelow(dir, mount.Destination) && len(mount.Destination) > covered {
			place, covered = mount.Source, len(mount.Destination)
		}
	}
	if !filepath.IsAbs(place) {
		return nil
	}
	var stat unix.Statfs_t
	if unix.Statfs(m.HostRoot+place, &stat) != nil {
		return nil
	}
	free := int64(min(stat.Bavail, math.MaxInt64/uint64(stat.Bsize)) * uint64(stat.Bsize))
	return &free
}

// CoreLimitOf returns the soft core limit of the processes of a name, where they
// agree.
func CoreLimitOf(procRoot, comm string) *int64 {
	proc, err := procfs.NewFS(procRoot)
	if err != nil {
		return nil
	}
	all, err := proc.AllProcs()
	if err != nil {
		return nil
	}
	var limit *int64
	for _, p := range all {
		if name, err := p.Comm(); err != nil || name != comm {
			continue
		}
		limits, err := p.Limits()
		if err != nil {
			return nil
		}
		soft := unlimited(limits.CoreFileSize)
		if limit != nil && *limit != soft {
			return nil
		}
		limit = &soft
	}
	return limit
}
