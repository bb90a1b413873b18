package bundle

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"path"
	"strings"
)

// maxStream bounds the unpacked stream: the files, a header and padding for each,
// and what a tar program may add. It stops an archive of nothing but headers.
const maxStream = maxTotal + 32<<20

// Read reads a bundle from a .tar.gz or .tar stream, held in memory. It follows
// no link, writes nothing, and stops at 4,096 entries, 64 MiB a file or 256 MiB in
// all. One leading folder ("incident/manifest.json") or "./" is taken off. The
// errors are those of Open.
func Read(r io.Reader) (*Bundle, error) {
	buffered := bufio.NewReader(r)
	stream, err := unpacked(buffered)
	if err != nil {
		return nil, readError(err)
	}
	var c contents
	guard := &guardedReader{r: stream}
	if err := c.readTar(guard); err != nil {
		return nil, readError(err)
	}
	return c.bundle()
}

var gzipMagic = []byte{0x1f, 0x8b}

// unpacked tells by the first bytes what r is; bundle names prove nothing.
func unpacked(r *bufio.Reader) (io.Reader, error) {
	head, err := r.Peek(512)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case len(head) == 0:
		return nil, notABundle("is empty")
	case bytes.HasPrefix(head, gzipMagic):
		return gunzip(r)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, &refusal{kind: ErrNotABundle, detail: "is a zip file", next: "unpack it and give the folder"}
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}), bytes.HasPrefix(head, []byte("BZh")),
		bytes.HasPrefix(head, []byte("\xfd7zXZ")):
		return nil, &refusal{kind: ErrNotABundle, detail: "is packed with something else than gzip",
			next: "unpack it and give the folder or the .tar"}
	case len(head) < 512:
		return nil, notABundle("is neither a .tar.gz nor a .tar")
	}
	return r, nil
}

func gunzip(r io.Reader) (io.Reader, error) {
	stream, err := gzip.NewReader(r)
	if errors.Is(err, gzip.ErrHeader) {
		return nil, notABundle("is neither a .tar.gz nor a .tar")
	}
	return stream, err
}

// readTar reads all entries, then the end of the stream: only there does gzip
// compare its checksum.
func (c *contents) readTar(g *guardedReader) error {
	archive := tar.NewReader(g)
	for {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		if errors.Is(err, tar.ErrHeader) && c.entries == 0 {
			return notABundle("is neither a .tar.gz nor a .tar")
		}
		if err == nil {
			err = c.addEntry(header, archive)
		}
		if err != nil {
			return err
		}
	}
	return g.end(c.entries)
}

// addEntry takes one entry of an archive.
func (c *contents) addEntry(header *tar.Header, r io.Reader) error {
	if header.Typeflag == tar.TypeXGlobalHeader { // git archive puts its commit there
		c.entries++
		return nil
	}
	name := strings.TrimPrefix(header.Name, "./")
	folder := header.Typeflag == tar.TypeDir
	if folder {
		if name = strings.TrimSuffix(name, "/"); name == "" || name == "." {
			c.entries++
			return nil
		}
	}
	keep, err := c.enter(name)
	if err != nil || folder {
		return err
	}
	if header.Typeflag != tar.TypeReg {
		return hostile("has %q, which is no plain file (tar type %q)", brief(name), header.Typeflag)
	}
	if header.Size > c.room() {
		return c.tooBig(name)
	}
	if path.Base(name) == FileManifest && header.Size > maxManifest {
		return hostile("has a %s of more than %d MiB", FileManifest, maxManifest>>20)
	}
	if !keep {
		return nil
	}
	data, err := c.readFile(name, r)
	if err != nil {
		return err
	}
	c.add(name, data)
	return nil
}

// guardedReader stops at maxStream and remembers how many zero bytes came last:
// two blocks of them end a tar, and package tar does not tell whether they came.
type guardedReader struct {
	r     io.Reader
	read  int64
	zeros int64
}

func (g *guardedReader) Read(p []byte) (int, error) {
	if g.read > maxStream {
		return 0, hostile("holds more than %d MiB", maxTotal>>20)
	}
	n, err := g.r.Read(p)
	g.read += int64(n)
	tail := int64(n - len(bytes.TrimRight(p[:n], "\x00")))
	if tail == int64(n) {
		g.zeros += tail
	} else {
		g.zeros = tail
	}
	return n, err
}

// tarEnd is the length of a tar's end mark.
const tarEnd = 1024

// end reads the rest of the stream, which must be padding.
func (g *guardedReader) end(entries int) error {
	if entries == 0 {
		return notABundle("holds no files")
	}
	if g.zeros < tarEnd {
		return truncated("breaks off after %d entries", entries)
	}
	buf := make([]byte, 32<<10)
	for {
		n, err := g.Read(buf)
		if len(bytes.TrimRight(buf[:n], "\x00")) > 0 {
			return hostile("has data behind the end of its archive")
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// readError sorts what gzip and tar say. Errors of the underlying reader pass.
func readError(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, gzip.ErrHeader):
		return hostile("has data behind the end of its archive")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return truncated("breaks off in the middle")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, tar.ErrHeader), errors.As(err, &corrupt):
		return truncated("is damaged")
	}
	return err
}
