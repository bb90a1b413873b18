package host

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Binaries opens the programs and libraries that a crashed process had mapped: in
// folders that stand for its root, then through other ways. Whether a file is the
// one that ran is for its build-id to prove.
type Binaries struct {
	roots  []*os.Root
	Other  func(path string) (io.ReaderAt, error) // nil = none
	Opened []io.Closer
}

// NewBinaries takes folders in the order in which they are tried. No path or link
// in them leads out of them.
func NewBinaries(folders ...string) *Binaries {
	b := &Binaries{}
	for _, folder := range folders {
		if root, err := os.OpenRoot(folder); err == nil {
			b.roots = append(b.roots, root)
			b.Opened = append(b.Opened, root)
		}
	}
	return b
}

func (b *Binaries) Close() {
	for _, c := range b.Opened {
		c.Close()
	}
}

var ErrNoBinary = errors.New("not at hand")

func (b *Binaries) Open(path, _ string) (io.ReaderAt, error) {
	inside := strings.TrimPrefix(path, "/")
	for _, root := range b.roots {
		info, err := root.Stat(inside)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		f, err := root.OpenFile(inside, os.O_RDONLY, 0)
		if err != nil {
			if errors.Is(err, fs.ErrPermission) {
				return nil, fmt.Errorf("%s: permission denied", path)
			}
			continue
		}
		b.Opened = append(b.Opened, f)
		return f, nil
	}
	if b.Other != nil {
		return b.Other(path)
	}
	return nil, fmt.Errorf("%s: %w", path, ErrNoBinary)
}
