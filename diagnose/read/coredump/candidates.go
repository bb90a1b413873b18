package coredump

import (
	"path"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// Changed is one entry of `docker diff`.
type Changed struct {
	Path string
	Kind int // 0 modified, 1 added, 2 deleted
}

const kindDeleted = 2

// maxCandidates bounds the list: a crash loop with %t in the pattern may leave
// thousands, and somebody may have made such names on purpose.
const maxCandidates = 1000

// Candidates returns the changed paths that may be core files, sorted, at most
// 1000. pattern nil means that it is not known: then only the kernel's default
// names count, in places where they are hardly anything else. cwd is the working
// directory of the container's process, "" = not known.
//
// Directories are left out: docker diff lists a directory along with what changed
// inside it. A relative pattern is followed out of cwd only where its names carry
// a pid or a time, since a process may have changed its directory.
func Candidates(changes []Changed, pattern *Pattern, cwd string) []string {
	found := map[string]bool{}
	for _, c := range changes {
		if c.Kind != kindDeleted && len(found) < maxCandidates && candidate(c.Path, pattern, cwd) {
			found[c.Path] = true
		}
	}
	for _, c := range changes {
		delete(found, path.Dir(c.Path))
	}
	list := make([]string, 0, len(found))
	for p := range found {
		list = append(list, p)
	}
	slices.Sort(list)
	return list
}

// MayBeCore tells whether a path by its name alone may be a core that the kernel
// wrote, in whatever directory: for places where only cores of one container lie.
func MayBeCore(file string, pattern *Pattern) bool {
	if pattern != nil && pattern.Handler == HandlerFile {
		return pattern.Matches(file, "") || qemuCore().MatchString(path.Base(file))
	}
	return path.Base(file) == "core" || corePID().MatchString(path.Base(file)) || qemuCore().MatchString(path.Base(file))
}

func candidate(file string, pattern *Pattern, cwd string) bool {
	if len(file) > maxPath || !strings.HasPrefix(file, "/") {
		return false
	}
	switch {
	case qemuCore().MatchString(path.Base(file)):
		return true
	case pattern == nil:
		return defaultName(file, cwd)
	case pattern.Handler == HandlerFile:
		return pattern.Matches(file, cwd) ||
			pattern.Relative() && pattern.distinct() && !elsewhere(file) && pattern.Matches(file, "")
	case pattern.Handler == HandlerPipe && compatible[path.Base(pattern.Program)]:
		return defaultName(file, cwd)
	}
	return false
}

// qemuCore is the guest's core that qemu-user writes itself, whatever the pattern
// (an amd64 image on an arm64 host and the reverse; docs/notes/CORES.md#a2, measured).
var qemuCore = lazyregexp.New(`^qemu_.+_\d{8}-\d{6}_\d{1,10}\.core$`)

// compatible are the helpers that may write a plain core into the process's
// directory beside their own store (abrt: MakeCompatCore; apport, where the
// limit allows one; docs/notes/CORES.md#a2).
var compatible = map[string]bool{"abrt-hook-ccpp": true, "apport": true}

var corePID = lazyregexp.New(`^core\.\d{1,10}$`)

// defaultName takes the kernel's default names: core in the working directory,
// the root or /tmp, and core.PID nearly anywhere.
func defaultName(file, cwd string) bool {
	dir, name := path.Dir(file), path.Base(file)
	if corePID().MatchString(name) {
		return !elsewhere(file)
	}
	return name == "core" && (dir == "/" || dir == "/tmp" || cwd != "" && dir == path.Join("/", cwd))
}

// elsewhere are places that hold files of such names for other reasons: the
// manual has core.5, device and kernel trees have a core.
func elsewhere(file string) bool {
	for _, dir := range []string{"/usr/share/", "/usr/local/share/", "/proc/", "/sys/", "/dev/"} {
		if strings.HasPrefix(file, dir) {
			return true
		}
	}
	return false
}
