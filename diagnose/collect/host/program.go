package host

import (
	"errors"
	"io/fs"
	"path"
	"strings"
)

// usualPath is where an engine looks for a program where neither image nor user says where.
const usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Lacks tells whether a program lies nowhere where an engine would look for it that is to execute it in the container:
// a path is taken as it is, a name looked for in the PATH of env. False where it is there, or cannot be told.
func (c Processes) Lacks(program string, env []string) bool {
	root, err := c.root()
	if err != nil || program == "" || strings.Contains(program, "/") && !path.IsAbs(program) {
		return false // a path below the working folder is not looked for
	}
	defer root.Close()
	for _, file := range placesOf(program, env) {
		// A folder that is an absolute link leads out of the root: then it is not known.
		if _, err := root.Lstat(strings.TrimPrefix(path.Clean(file), "/")); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}

// placesOf are the paths at which a program may lie.
func placesOf(program string, env []string) []string {
	if path.IsAbs(program) {
		return []string{program}
	}
	folders := usualPath
	for _, e := range env {
		if value, ok := strings.CutPrefix(e, "PATH="); ok {
			folders = value
		}
	}
	var files []string
	for folder := range strings.SplitSeq(folders, ":") {
		files = append(files, path.Join("/", folder, program))
	}
	return files
}
