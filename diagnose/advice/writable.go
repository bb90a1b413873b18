package advice

import (
	"path"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// Where a container with a read-only root is to write. A mount hides what the image has in its folder, the program
// too, so it belongs over a folder that holds nothing of the image; and what lies in a tmpfs is gone at each restart,
// so only what is scratch by the file system's own standard (FHS 3.0) belongs there.

// scratch are the trees whose files may go with the process that wrote them.
var scratch = []string{"/tmp", "/var/tmp", "/run", "/var/run", "/var/lock", "/var/cache"}

// ofImage are the trees that are the image's own.
var ofImage = []string{"/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/sbin", "/usr", "/dev", "/proc", "/sys"}

// placeFor is the gap that the place for a file fills: scratch goes to memory, the rest to a volume.
func placeFor(c inquest.Case, file string) string {
	if within(scratch, path.Dir(file)) && !holdsProgram(c, path.Dir(file)) {
		return "scratchroot"
	}
	return "dataroot"
}

// writableFor is the folder to mount something on for a file: its own where that holds nothing of the image, else one
// below it, and outside of what is the image's own.
func writableFor(c inquest.Case, file string) string {
	folder := path.Dir(path.Clean(file))
	dir := path.Clean("/" + c.Spec.WorkingDir)
	own := strings.Count(folder, "/") > 2 || dir != "/" && below(folder, dir)
	switch {
	case within(scratch, folder) && !holdsProgram(c, folder):
		return folder
	case within(ofImage, folder):
		return "/data"
	case own && !holdsProgram(c, folder):
		return folder
	}
	return path.Join(folder, "data")
}

// holdsProgram tells whether what the container runs lies in a folder, as far as its settings and its log tell.
func holdsProgram(c inquest.Case, folder string) bool {
	dir := path.Clean("/" + c.Spec.WorkingDir)
	at := func(p string) bool { return p == folder || below(p, folder) }
	if dir != "/" && at(dir) {
		return true
	}
	return slices.ContainsFunc(c.Spec.Command, func(word string) bool {
		if !strings.HasPrefix(word, "/") {
			word = dir + "/" + word
		}
		return strings.Contains(word[1:], "/") && at(path.Clean(word))
	}) || slices.ContainsFunc(framesOf(c), at)
}

// framesOf are the files that the log's exceptions came from.
func framesOf(c inquest.Case) (files []string) {
	if c.Log == nil {
		return nil
	}
	for _, f := range c.Log.Findings {
		if f.Exception == nil {
			continue
		}
		for _, frame := range f.Exception.Frames {
			files = append(files, frame.File)
		}
	}
	return files
}

func within(trees []string, folder string) bool {
	return slices.ContainsFunc(trees, func(tree string) bool { return folder == tree || below(folder, tree) })
}

func below(p, folder string) bool {
	return strings.HasPrefix(p, strings.TrimSuffix(folder, "/")+"/") && p != folder
}
