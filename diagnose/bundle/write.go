package bundle

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// WriteTarGz writes the bundle as a .tar.gz: the manifest first, then the files
// by name. The same bundle always gives the same bytes; times are CapturedAt,
// modes 0600, and no owner is named. A bundle that Read would refuse is not
// written.
func (b *Bundle) WriteTarGz(w io.Writer) error {
	list, err := b.list()
	if err != nil {
		return err
	}
	packed := gzip.NewWriter(w)
	archive := tar.NewWriter(packed)
	at := tarTime(b.Manifest().CapturedAt)
	for _, f := range list {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Size: int64(len(f.data)), Mode: 0o600, ModTime: at}
		if err := archive.WriteHeader(header); err != nil {
			return fmt.Errorf("write %q: %w", f.name, err)
		}
		if _, err := archive.Write(f.data); err != nil {
			return fmt.Errorf("write %q: %w", f.name, err)
		}
	}
	if err := errors.Join(archive.Close(), packed.Close()); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

// tarTime keeps the stamp within what a plain tar header holds: whole seconds of
// 1970 and later, below 8^11.
func tarTime(t time.Time) time.Time {
	if t.Unix() < 0 || t.Unix() >= 1<<33 {
		return time.Unix(0, 0).UTC()
	}
	return time.Unix(t.Unix(), 0).UTC()
}

// file is one file as it is written.
type file struct {
	name string
	data []byte
}

// list returns all files, the manifest first, or why Read would refuse them.
func (b *Bundle) list() ([]file, error) {
	manifest, err := json.MarshalIndent(b.Manifest(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode %q: %w", FileManifest, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []file{{FileManifest, append(manifest, '\n')}}
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		list = append(list, file{name, b.files[name]})
	}
	if err := checkWritable(list); err != nil {
		return nil, fmt.Errorf("write bundle: %w", err)
	}
	if name, ok := b.missing(); ok {
		return nil, fmt.Errorf("write bundle: the manifest lists %q, which nobody stored", name)
	}
	return list, nil
}

// checkWritable holds files against the limits of reading.
func checkWritable(list []file) error {
	var c contents
	for _, f := range list {
		keep, err := c.enter(f.name)
		if err != nil {
			return err
		}
		if !keep {
			return hostile("has a file %q that reading leaves out", f.name)
		}
		if int64(len(f.data)) > c.room() {
			return c.tooBig(f.name)
		}
		c.add(f.name, f.data)
	}
	if _, err := parseManifest(list[0].data); err != nil {
		return err
	}
	return checkFolders(c.files)
}

// WriteDir writes the bundle into a folder, which it creates. A folder that holds
// a bundle is overwritten: files of the bundle's own layout that the new one lacks
// are removed, strangers (an expect.json) stay. Any other folder with something in
// it is refused. The manifest goes last: half a bundle is none.
func (b *Bundle) WriteDir(dir string) error {
	list, err := b.list()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create folder %q: %w", dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	defer root.Close()
	if err := clearBundle(root, dir, list); err != nil {
		return err
	}
	for _, f := range append(list[1:], list[0]) {
		if err := writeFile(root, f); err != nil {
			return fmt.Errorf("write %q: %w", f.name, err)
		}
	}
	return nil
}

func writeFile(root *os.Root, f file) error {
	if err := root.MkdirAll(path.Dir(f.name), 0o700); err != nil {
		return err
	}
	return root.WriteFile(f.name, f.data, 0o600)
}

// clearBundle makes room for list in a folder that is empty or holds a bundle.
func clearBundle(root *os.Root, dir string, list []file) error {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil || len(entries) == 0 {
		return err
	}
	old, err := OpenFS(root.FS())
	if err != nil {
		return fmt.Errorf("folder %q is not empty and no bundle (%w): give a new folder", dir, err)
	}
	if err := root.Remove(FileManifest); err != nil {
		return fmt.Errorf("replace bundle: %w", err)
	}
	keep := map[string]bool{}
	for _, f := range list {
		keep[f.name] = true
	}
	for _, name := range old.Names() {
		if keep[name] || !ownFile(name) {
			continue
		}
		if err := root.Remove(name); err != nil {
			return fmt.Errorf("replace bundle: %w", err)
		}
	}
	return nil
}

// ownFile tells whether a name belongs to the layout.
func ownFile(name string) bool {
	return slices.ContainsFunc(Layout(), func(e Entry) bool {
		return e.Name == name || strings.HasSuffix(e.Name, "/") && strings.HasPrefix(name, e.Name)
	})
}
