package host

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// LayerEntries bounds how much of a layer is listed.
const LayerEntries = 20_000

// Change is one entry as the engine's API writes it.
type Change struct {
	Path string
	Kind int // 1 added or modified, which a folder does not tell apart; 2 deleted
}

var ErrEnough = errors.New("enough entries")

// WalkLayer never follows a link: the layer is the container's, and its links may
// point anywhere on this machine.
func WalkLayer(ctx context.Context, upper string) ([]Change, error) {
	list := []Change{}
	err := filepath.WalkDir(upper, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && path == upper:
			return err
		case err != nil || d.IsDir():
			return nil // a folder that vanished or is shut: the others still count
		case len(list) == LayerEntries:
			return ErrEnough
		}
		if c, ok := LayerChange(strings.TrimPrefix(path, upper), d); ok {
			list = append(list, c)
		}
		return nil
	})
	return list, err
}

// LayerChange reads one file of the layer. A deleted file is a character device
// 0/0 (overlayfs) or an empty file .wh.NAME (fuse-overlayfs, AUFS form); the other
// .wh..wh. files are the driver's own marks.
func LayerChange(path string, d fs.DirEntry) (Change, bool) {
	dir, name := filepath.Split(filepath.ToSlash(path))
	switch {
	case strings.HasPrefix(name, ".wh..wh."):
		return Change{}, false
	case strings.HasPrefix(name, ".wh."):
		return Change{Path: dir + strings.TrimPrefix(name, ".wh."), Kind: 2}, true
	case d.Type()&fs.ModeCharDevice != 0:
		return Change{Path: dir + name, Kind: 2}, true
	}
	return Change{Path: dir + name, Kind: 1}, true
}

// FolderInLayers tells a folder's entry in a root that is merged of layers, the topmost
// first.
func FolderInLayers(folders []string, dir string) (d *evidence.CoreDirectory, ok bool) {
	layers := make([]*os.Root, 0, len(folders))
	defer func() {
		for _, l := range layers {
			_ = l.Close() // read only
		}
	}()
	for _, folder := range folders {
		root, err := os.OpenRoot(folder)
		if err != nil {
			return nil, false
		}
		layers = append(layers, root)
	}
	return mergedFolder(layers, dir)
}

// IsBelow tells whether a path is a place or in it.
func IsBelow(dir, place string) bool {
	place = strings.TrimSuffix(filepath.Clean(place), "/")
	return dir == place || strings.HasPrefix(dir, place+"/")
}

// mergedFolder looks a folder up in layers, the topmost first, as overlayfs merges
// them (Documentation/filesystems/overlayfs.rst): a whiteout hides what is below it,
// an opaque folder what is below it in that folder.
func mergedFolder(layers []*os.Root, dir string) (d *evidence.CoreDirectory, ok bool) {
	at := "."
	top, layers, state := lookupFolder(layers, at)
	for name := range strings.SplitSeq(strings.Trim(filepath.Clean(dir), "/"), "/") {
		if name == "" || state != entryFolder {
			break
		}
		at = filepath.Join(at, name)
		top, layers, state = lookupFolder(layers, at)
	}
	d = &evidence.CoreDirectory{Path: dir}
	switch state {
	case entryAbsent:
		d.Exists = new(false)
		return d, true
	case entryFolder:
		owner, ok := top.Sys().(*syscall.Stat_t)
		if !ok {
			return nil, false
		}
		uid, mode := int(owner.Uid), uint32(owner.Mode)&0o7777
		d.Exists, d.UID, d.Mode = new(true), &uid, &mode
		return d, true
	}
	return nil, false
}

// entryState is what an entry of the merged root is.
type entryState int

const (
	entryUnknown entryState = iota // a link, a file, or not to be read
	entryAbsent
	entryFolder
)

// lookupFolder returns the topmost of the folders at a path that lies in folders of all
// these layers, and the layers that it is merged from.
func lookupFolder(layers []*os.Root, at string) (top fs.FileInfo, merged []*os.Root, state entryState) {
	dir, name := filepath.Split(at)
	for _, layer := range layers {
		if _, err := layer.Lstat(filepath.Join(dir, ".wh."+name)); err == nil {
			break // fuse-overlayfs' whiteout, where it may not make a device
		}
		info, err := layer.Lstat(at)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil || keepsOwnersApart(layer, at):
			return nil, nil, entryUnknown
		case info.Mode()&fs.ModeCharDevice != 0 && deviceOf(info) == 0:
			return top, merged, folderOr(merged, entryAbsent) // overlayfs' whiteout
		case !info.IsDir():
			return nil, nil, folderOr(merged, entryUnknown)
		}
		if top == nil {
			top = info
		}
		merged = append(merged, layer)
		if isOpaque(layer, at) {
			break
		}
	}
	return top, merged, folderOr(merged, entryAbsent)
}

// folderOr is entryFolder where a layer had the folder.
func folderOr(merged []*os.Root, otherwise entryState) entryState {
	if len(merged) > 0 {
		return entryFolder
	}
	return otherwise
}

func deviceOf(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Rdev)
	}
	return 1
}

// isOpaque tells whether a folder hides those of the same path below it: by the mark
// of overlayfs, of the unprivileged one, or of fuse-overlayfs.
func isOpaque(layer *os.Root, at string) bool {
	if _, err := layer.Lstat(filepath.Join(at, ".wh..wh..opq")); err == nil {
		return true
	}
	return slices.ContainsFunc([]string{"trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque"},
		func(mark string) bool {
			value := attribute(filepath.Join(layer.Name(), at), mark)
			return value == "y" || value == "x"
		})
}

// keepsOwnersApart tells whether fuse-overlayfs wrote owner and mode beside the
// folder, because it could not set them.
func keepsOwnersApart(layer *os.Root, at string) bool {
	path := filepath.Join(layer.Name(), at)
	return attribute(path, "user.fuseoverlayfs.override_stat") != "" ||
		attribute(path, "user.containers.override_stat") != ""
}

// root opens the container's root as its first process sees it, out of which no path or
// link leads.
func (c Processes) root() (*os.Root, error) { return os.OpenRoot(c.ProcPath("root")) }

// Folder tells a folder's entry in the container's live root; without Exists where that
// is not readable.
func (c Processes) Folder(dir string) *evidence.CoreDirectory {
	d := &evidence.CoreDirectory{Path: dir}
	root, err := c.root()
	if err != nil {
		return d
	}
	defer root.Close()
	info, err := root.Stat(cmp.Or(strings.TrimPrefix(filepath.Clean(dir), "/"), "."))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.Exists = new(false)
	case err == nil && info.IsDir():
		if owner, ok := info.Sys().(*syscall.Stat_t); ok {
			uid, mode := int(owner.Uid), uint32(owner.Mode)&0o7777
			d.Exists, d.UID, d.Mode = new(true), &uid, &mode
		}
	}
	return d
}

// HasFile tells whether the container's live root has a file; an error says that it is
// not readable from here.
func (c Processes) HasFile(path string) (bool, error) {
	root, err := c.root()
	if err != nil {
		return false, err
	}
	defer root.Close()
	info, err := root.Stat(strings.TrimPrefix(filepath.Clean("/"+path), "/"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && !info.IsDir(), err
}

// RootCore reads a file of the container's live root as [CoreSearch.RootCore] does.
func (c Processes) RootCore(ctx context.Context, s *CoreSearch, name string) (d *coredump.Dump, ok bool) {
	root, err := c.root()
	if err != nil {
		return nil, false
	}
	defer root.Close()
	return s.RootCore(ctx, root, strings.TrimPrefix(name, "/"))
}
