package host

import (
	"math"
	"slices"
	"strings"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

const maxRooms = 64

// localDisks are file systems that answer at once how much room they have: statfs on a network's waits for its server,
// for ever if that is gone.
var localDisks = []string{"btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs"}

// engines' own mounts: their files lie on the host's disk, and nobody writes there.
var ownMounts = []string{"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}

// rooms asks the file systems of the container, through its first process, how much room they have.
func (v *procView) rooms(init procfs.Proc) []evidence.Room {
	mounts, err := init.MountInfo()
	if err != nil {
		return nil
	}
	var list []evidence.Room
	for _, m := range mounts {
		if _, writable := m.Options["rw"]; !writable || !slices.Contains(localDisks, m.FSType) || kernels(m.MountPoint) ||
			len(list) == maxRooms {
			continue
		}
		var stat unix.Statfs_t
		if unix.Statfs(v.ProcPath("root")+m.MountPoint, &stat) != nil || stat.Blocks == 0 {
			continue
		}
		block := uint64(stat.Bsize)
		list = append(list, evidence.Room{Mount: m.MountPoint, Type: m.FSType, Size: times(uint64(stat.Blocks), block),
			Free: times(uint64(stat.Bavail), block), Files: times(uint64(stat.Files), 1),
			FilesFree: times(uint64(stat.Ffree), 1)})
	}
	return list
}

// kernels tells whether a mount point is no place for files of the container.
func kernels(point string) bool {
	return slices.Contains(ownMounts, point) || strings.HasPrefix(point, "/proc/") || strings.HasPrefix(point, "/sys/")
}

// times multiplies without an overflow.
func times(n, size uint64) int64 {
	if size == 0 || n > math.MaxInt64/size {
		return math.MaxInt64
	}
	return int64(n * size)
}
