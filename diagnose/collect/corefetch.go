package collect

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// Of a core that is reached through the engine the first megabyte is fetched: notes
// come first, and tell signal, threads and mapped files (100 KB for seven threads).
// The rest is fetched where Python's frames are to be had of it.
const (
	corePrefix = 1 << 20
	maxFetched = 1 << 30 // of a core; a larger one is read by its prefix
	maxBinary  = 512 << 20
)

var errNotFetched = errors.New("not fetched from the engine")

// errNoArchive says that no file is taken out of the container through the engine.
var errNoArchive = errors.New("not fetched from the engine: that would touch the container; gwdoctor cores " +
	"CONTAINER does it")

// openArchived opens a regular file of the container through the engine, as often as
// Options.Archives allows, and after the ring was read, in which each call leaves an event.
func (s *session) openArchived(ctx context.Context, path string) (io.ReadCloser, *tar.Header, *tar.Reader, error) {
	if s.archives.Add(1) > int64(s.Archives) {
		return nil, nil, nil, errNoArchive
	}
	select {
	case <-s.ringRead:
	case <-ctx.Done():
		return nil, nil, nil, ctx.Err()
	}
	body, err := s.engine.Archive(ctx, s.container.ID, path)
	if err != nil {
		return nil, nil, nil, err
	}
	in := tar.NewReader(body)
	header, err := in.Next()
	if err == nil && header.Typeflag != tar.TypeReg {
		err = fmt.Errorf("%s is no regular file", path)
	}
	if err != nil {
		body.Close()
		return nil, nil, nil, err
	}
	return body, header, in, nil
}

// fetchCore reads a core through GET /containers/ID/archive; nil = it is no core, or
// the engine does not give it, which is counted.
func (s *coreSearch) fetchCore(ctx context.Context, path string) *coredump.Dump {
	body, header, in, err := s.openArchived(ctx, path)
	if err != nil {
		s.unfetched++
		return nil
	}
	defer body.Close()
	prefix := make([]byte, min(corePrefix, header.Size))
	n, err := io.ReadFull(in, prefix)
	prefix = prefix[:n]
	if err != nil {
		s.unfetched++
		return nil
	}
	d := host.Describe(&prefixReader{prefix}, header.Size, s.disk.Binaries.Open)
	if d.Error != "" {
		return nil
	}
	if d.Python != nil && header.Size > int64(n) {
		d = s.fetchRest(ctx, d, prefix, in, header.Size)
	}
	at, size := header.ModTime.UTC(), header.Size
	d.At, d.SizeBytes = &at, &size
	return d
}

// fetchRest unpacks the whole core into a spool and reads that; d is what the prefix
// told, which stands where the rest does not come in time.
func (s *coreSearch) fetchRest(ctx context.Context, d *coredump.Dump, prefix []byte, in io.Reader,
	size int64) *coredump.Dump {
	if size > maxFetched {
		d.Notes = append(d.Notes, fmt.Sprintf("only the first megabyte was fetched from the engine: a core of %d MiB is "+
			"read whole on the engine's host only", size>>20))
		return d
	}
	whole, err := host.Fill(ctx, io.MultiReader(bytes.NewReader(prefix), in))
	if whole != nil {
		defer whole.Close()
	}
	if err != nil {
		d.Notes = append(d.Notes, fmt.Sprintf("only the first megabyte was fetched from the engine: %v; --timeout gives "+
			"it more time", err))
		return d
	}
	return host.Describe(whole, whole.Size, s.disk.Binaries.Open)
}

// prefixReader is the beginning of a file whose rest was not fetched.
type prefixReader struct{ b []byte }

func (p *prefixReader) ReadAt(out []byte, off int64) (int, error) {
	if off >= int64(len(p.b)) {
		return 0, errNotFetched
	}
	n := copy(out, p.b[off:])
	if n < len(out) {
		return n, errNotFetched
	}
	return n, nil
}

// fetchBinary fetches a program or library of the container for its build-id to be
// compared, and its frames read.
func (s *session) fetchBinary(ctx context.Context, b *host.Binaries, path string) (io.ReaderAt, error) {
	body, header, in, err := s.openArchived(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, host.ErrNoBinary)
	}
	defer body.Close()
	if header.Size > maxBinary {
		return nil, fmt.Errorf("%s: %w of %d MiB", path, source.ErrTooLarge, maxBinary>>20)
	}
	whole, err := host.Fill(ctx, in)
	if whole != nil {
		b.Opened = append(b.Opened, whole)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return whole, nil
}
