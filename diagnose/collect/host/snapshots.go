package host

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

const (
	maxSnapshots = 5000 // that are looked at
	maxTellTales = 50   // changed paths that are looked for in each
)

// OnlyHolder returns the one folder among containerd's snapshots, at NUMBER/fs below the given places, in which all
// paths lie that were added or modified; "" where none or several do. It follows no link out of a snapshot.
func OnlyHolder(ctx context.Context, places []string, changes []Change) string {
	var paths []string
	for _, c := range changes {
		if c.Kind == 1 && len(paths) < maxTellTales {
			paths = append(paths, strings.TrimPrefix(filepath.Clean(c.Path), "/"))
		}
	}
	if len(paths) == 0 {
		return ""
	}
	only, looked := "", 0
	for _, place := range places {
		folders, _ := filepath.Glob(filepath.Join(place, "*", "fs"))
		for _, folder := range folders {
			if looked++; looked > maxSnapshots || ctx.Err() != nil {
				return ""
			}
			switch {
			case !holds(folder, paths):
			case only != "":
				return ""
			default:
				only = folder
			}
		}
	}
	return only
}

// holds tells whether a snapshot has all the paths.
func holds(folder string, paths []string) bool {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return false
	}
	defer root.Close()
	for _, path := range paths {
		if _, err := root.Lstat(path); err != nil {
			return false
		}
	}
	return true
}
