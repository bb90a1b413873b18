package collect

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// binaries opens the programs and libraries that a crashed process had mapped: in
// folders that stand for its root, then through other ways. Whether a file is the
// one that ran is for its build-id to prove.
type binaries struct {
	roots  []*os.Root
	other  func(path string) (io.ReaderAt, error) // nil = none
	opened []io.Closer
}

// newBinaries takes folders in the order in which they are tried. No path or link
// in them leads out of them.
func newBinaries(folders ...string) *binaries {
	b := &binaries{}
	for _, folder := range folders {
		if root, err := os.OpenRoot(folder); err == nil {
			b.roots = append(b.roots, root)
			b.opened = append(b.opened, root)
		}
	}
	return b
}

func (b *binaries) close() {
	for _, c := range b.opened {
		c.Close()
	}
}

var errNoBinary = errors.New("not at hand")

func (b *binaries) open(path, _ string) (io.ReaderAt, error) {
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
		b.opened = append(b.opened, f)
		return f, nil
	}
	if b.other != nil {
		return b.other(path)
	}
	return nil, fmt.Errorf("%s: %w", path, errNoBinary)
}
