package coredump

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The checks of the directory that a core file would land in. Opening the file fails
// without a word in the kernel log (docs/notes/CORES.md#a1, row 6f).

func directoryCheck(f Facts) Check {
	c := Check{Check: "directory-missing", State: Unknown,
		Detail: "whether the pattern's directory is in the container is not known"}
	switch {
	case f.DirExists == nil || f.Dir == "":
	case *f.DirExists:
		c.State, c.Detail = RuledOut, f.Dir+" is in the container"
	default:
		c.State, c.Detail = Proven, f.Dir+" is not in the container: the pattern is looked up in its root, and a "+
			"directory of that name on the host does not help"
		c.Fix = "mkdir -p " + f.Dir + " in the image, or mount a volume there: docker run -v cores:" + f.Dir
	}
	return c
}

// readOnlyCheck: on a read-only root a file can only land on a mount.
func readOnlyCheck(f Facts) Check {
	c := Check{Check: "read-only-root", State: RuledOut}
	const fix = "mount a volume at the working directory, or at the directory of kernel.core_pattern"
	switch {
	case f.ReadOnlyRoot == nil:
		c.State, c.Detail = Unknown, "whether the root is read-only is not known"
	case !*f.ReadOnlyRoot:
		c.Detail = "the container's root is writable"
	case f.DirMount != "":
		c.Detail = "the root is read-only, but " + f.Dir + " is a mount"
	case f.Dir == "":
		c.State, c.Detail, c.Fix = Unknown, "the root is read-only: a core is written only where its directory is a "+
			"volume or tmpfs", fix
	default:
		c.State, c.Detail, c.Fix = Proven, "the core would land in "+f.Dir+
			", which is read-only; the kernel logs nothing", fix
	}
	return c
}

// permissionCheck: the core is created with the process's own user.
func permissionCheck(f Facts) Check {
	c := Check{Check: "directory-not-writable", State: Unknown,
		Detail: "whether the process may write into the directory is not known"}
	const othersWrite = 0o002
	switch {
	case f.User == nil:
	case *f.User == "" || *f.User == "root" || *f.User == "0" || strings.HasPrefix(*f.User, "0:") ||
		strings.HasPrefix(*f.User, "root:"):
		c.State, c.Detail = RuledOut, "the container's main process starts as root; a worker that gave root up may not"
	case f.DirUID == nil || f.DirMode == nil:
	case *f.DirMode&othersWrite != 0:
		c.State, c.Detail = RuledOut, "everybody may write into "+f.Dir
	case *f.DirUID == 0 && numeric(*f.User):
		c.State, c.Detail = Proven, fmt.Sprintf("the process runs as user %s, and %s belongs to root with mode %04o",
			*f.User, f.Dir, *f.DirMode)
		c.Fix = "set the working directory to one that the user owns (WORKDIR, docker run --workdir), or chown " +
			"it in the image"
	default:
		c.Detail = fmt.Sprintf("the process runs as user %s, and %s belongs to user %d with mode %04o", *f.User, f.Dir,
			*f.DirUID, *f.DirMode)
		c.Fix = "set the working directory to one that the user owns (WORKDIR, docker run --workdir)"
	}
	return c
}

// numeric tells a user that is surely not root: a name may be anybody's.
func numeric(user string) bool {
	uid, _, _ := strings.Cut(user, ":")
	return uid != "" && strings.Trim(uid, "0123456789") == "" && strings.Trim(uid, "0") != ""
}

// tmpfsCheck: a tmpfs is gone with the container, and what is written to it counts
// against the memory limit: the dump itself can end in an OOM kill, and the crash
// then shows as 137 (docs/notes/CORES.md#a1, measured).
func tmpfsCheck(f Facts) Check {
	c := Check{Check: "core-on-tmpfs", State: RuledOut}
	stopped := f.Running != nil && !*f.Running
	switch {
	case f.Dir == "":
		c.State, c.Detail = Unknown, "where the core would land is not known"
	case f.DirMount != "tmpfs":
		c.Detail = f.Dir + " is no tmpfs"
	case stopped:
		c.State, c.Detail = Proven, f.Dir+" is a tmpfs: a core there is gone with the container, and its writing counts "+
			"as the container's memory"
		c.Fix = "mount a volume there instead: docker run -v cores:" + f.Dir
	default:
		c.State, c.Detail = Unknown, f.Dir+" is a tmpfs: a core there lasts as long as the container runs"
		c.Fix = "docker cp it out before the container stops"
	}
	return c
}

// cutCheck: a full disk, a quota and RLIMIT_FSIZE end the writing without a word, and
// what was written stays (docs/notes/CORES.md#a1, row 8, measured with 1 MiB of each).
func cutCheck(f Facts) Check {
	c := Check{Check: "cut-short", State: Unknown}
	const room = "docker exec NAME df -h; give the directory a volume with room for the process's whole memory"
	const raise = "docker run --ulimit fsize=-1, or no such limit"
	switch limit := f.FileLimit; {
	case limit != nil && *limit >= 0 && *limit < minCore:
		c.State, c.Detail, c.Fix = Proven, "the limit of a file's size (RLIMIT_FSIZE) is "+amount(*limit)+
			": not even a core's first page can be written", raise
	case f.Cut > 0 && limit != nil && *limit >= 0:
		c.Detail, c.Fix = "a core was found cut off, and the limit of a file's size (RLIMIT_FSIZE) is "+amount(*limit), raise
	case f.Cut > 0:
		c.Detail, c.Fix = "a core was found cut off: by the core limit, a full disk or quota, RLIMIT_FSIZE or a stop; "+
			freeThere(f.DirFree), room
	case limit != nil && *limit >= 0:
		c.Detail, c.Fix = "the limit of a file's size (RLIMIT_FSIZE) is "+amount(*limit)+": a larger core is cut there", raise
	case f.Whole > 0:
		c.State, c.Detail = RuledOut, "a whole core was written: no limit and no full disk cut it"
	default:
		c.Detail = "a full disk or quota, or RLIMIT_FSIZE, would have cut it without a word; " + freeThere(f.DirFree)
	}
	if c.State == Unknown && f.DirFree != nil && *f.DirFree < fullDisk {
		c.Likely, c.Fix = true, room
	}
	return c
}

// fullDisk is less room than the core of an interpreter with nothing loaded takes
// (Python 3.11: 6 MB).
const fullDisk = 8 << 20

// freeThere says how much room there is for a core, which need not be what there was.
func freeThere(free *int64) string {
	if free == nil {
		return "how much room there was is not known"
	}
	return words.Size(*free) + " are free there now"
}

// stopCheck: a stop that comes while the kernel writes kills the process: a fragment
// stays, and 137 instead of 139 (docs/notes/CORES.md#a1, measured).
func stopCheck(f Facts) Check {
	c := Check{Check: "cut-by-stop", State: RuledOut, Detail: "nobody asked the engine to stop it"}
	switch {
	case f.StopAsked == nil:
		c.State, c.Detail = Unknown, "whether a stop came while a core was written is not known"
	case *f.StopAsked && f.Signal == "SIGKILL":
		c.State, c.Detail = Unknown, "a stop ended in SIGKILL: had the process been writing a core, it would be cut, and "+
			"the crash would show as 137"
		c.Fix = "give it more time: docker stop -t 60, compose: stop_grace_period: 60s"
	case *f.StopAsked:
		c.Detail = "a stop was asked for, and it did not end in SIGKILL"
	}
	return c
}
