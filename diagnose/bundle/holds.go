package bundle

import (
	"archive/tar"
	"bufio"
	"io"
	"os"
	"path"
	"path/filepath"
)

// IsBundle tells whether a path holds a bundle, or several: by what is in it, as its name proves nothing. What cannot
// be read holds none.
func IsBundle(name string) bool {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return false
	case info.IsDir():
		manifest, err := os.Stat(filepath.Join(name, FileManifest))
		return err == nil && manifest.Mode().IsRegular() || IsSet(name)
	case !info.Mode().IsRegular():
		return false // what a pipe gives cannot be read twice
	}
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return false
	}
	defer f.Close()
	return holdsManifest(f) || IsSet(name)
}

// holdsManifest looks for the manifest among the entries of an archive: first in what this program wrote, anywhere in
// what somebody packed again.
func holdsManifest(r io.Reader) bool {
	stream, err := unpacked(bufio.NewReader(r))
	if err != nil {
		return false
	}
	archive := tar.NewReader(io.LimitReader(stream, maxStream))
	for range maxEntries {
		header, err := archive.Next()
		if err != nil {
			return false
		}
		if header.Typeflag == tar.TypeReg && path.Base(header.Name) == FileManifest {
			return true
		}
	}
	return false
}
