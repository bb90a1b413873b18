package bundle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Open reads a bundle from disk: a folder, a .tar.gz or a plain .tar. A refused
// bundle gives an error that wraps ErrNotABundle, ErrHostile, ErrFuture or
// ErrTruncated and ends in the next step.
func Open(path string) (*Bundle, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open bundle %q: %w: %s", path, fs.ErrNotExist, nextPath)
	}
	if err != nil {
		return nil, fmt.Errorf("open bundle: %w", err)
	}
	b, err := openAs(path, info.IsDir())
	if err != nil {
		return nil, At(path, err)
	}
	return b, nil
}

func openAs(path string, folder bool) (*Bundle, error) {
	if folder {
		return openDir(path)
	}
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f)
}

// openDir goes through os.Root, so that a folder swapped for a link while we read
// cannot lead out either.
func openDir(path string) (*Bundle, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return OpenFS(root.FS())
}

// OpenFS reads a bundle from the root of a file system, as an embed.FS with
// fs.Sub gives it. Links and anything else that is no plain file are refused.
func OpenFS(fsys fs.FS) (*Bundle, error) {
	var c contents
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		return c.addFrom(fsys, name, d)
	})
	if err != nil {
		return nil, err
	}
	return c.bundle()
}

// addFrom takes one entry of a folder. Only a plain file is ever opened: opening
// a FIFO would wait for its other end.
func (c *contents) addFrom(fsys fs.FS, name string, d fs.DirEntry) error {
	keep, err := c.enter(name)
	if err != nil || !keep || d.IsDir() {
		return err
	}
	if !d.Type().IsRegular() {
		return hostile("has %q, which is no plain file (%s)", brief(name), d.Type())
	}
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := c.readFile(name, f)
	if err != nil {
		return err
	}
	c.add(name, data)
	return nil
}

// readFile reads up to the room that is left and never trusts an announced size.
func (c *contents) readFile(name string, r io.Reader) ([]byte, error) {
	room := c.room()
	data, err := io.ReadAll(io.LimitReader(r, room+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > room {
		return nil, c.tooBig(name)
	}
	return data, nil
}
