package host

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/read/compressed"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// ReadCoreFile describes one file; its Error says why it could not be read.
func ReadCoreFile(ctx context.Context, path string, now func() time.Time, binary coredump.Binary) *coredump.Dump {
	f, info, err := openRegular(path)
	if err != nil {
		return unreadable(path, err)
	}
	defer f.Close()
	d := readCore(ctx, f, info.Size(), binary)
	at := info.ModTime().UTC()
	size := info.Size()
	d.Path, d.At, d.SizeBytes = path, &at, &size
	after, err := f.Stat()
	d.Growing = err == nil && after.Size() != size || d.Truncated && now().Sub(at) < 2*time.Second
	return d
}

func unreadable(path string, err error) *coredump.Dump {
	return &coredump.Dump{
		Path: path, Kind: coredump.KindOther, Threads: []coredump.ThreadDump{}, Notes: []string{},
		Error: err.Error(), Summary: "it could not be read",
	}
}

// openRegular opens what is a file on a disk: a pipe or a device named core would
// block or never end.
func openRegular(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, nil, fmt.Errorf("permission denied on a folder of its path; look again with sudo")
	case err != nil:
		return nil, nil, plainPath(err)
	case info.IsDir():
		return nil, nil, errors.New("it is a folder; name the core file in it")
	case !info.Mode().IsRegular():
		return nil, nil, fmt.Errorf("it is no regular file (%s)", info.Mode().Type())
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return nil, nil, fmt.Errorf("permission denied: a core belongs to the user of its process and has mode %04o; "+
			"look again with sudo", info.Mode().Perm())
	}
	if err != nil {
		return nil, nil, plainPath(err)
	}
	return f, info, nil
}

// plainPath takes the path off an error that is shown beside it.
func plainPath(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

// readCore describes a core of any form: plain, compressed, or in an apport report.
func readCore(ctx context.Context, r io.ReaderAt, size int64, binary coredump.Binary) *coredump.Dump {
	head := make([]byte, 16)
	n, _ := r.ReadAt(head, 0)
	head = head[:n]
	format := compressed.Detect(head)
	if format == compressed.None && !coredump.IsApport(head) {
		return Describe(r, size, binary)
	}
	unpacked, form, err := unpack(ctx, io.NewSectionReader(r, 0, size), head)
	if unpacked == nil {
		return unreadable("", err)
	}
	defer unpacked.Close()
	d := Describe(unpacked, unpacked.Size, binary)
	d.Form = form
	if err != nil {
		d.Notes = append(d.Notes, fmt.Sprintf("only the first %d bytes could be unpacked: %v", unpacked.Size, err))
	}
	return d
}

// unpack writes what is in a compressed file into a spool, which holds what came
// where err is set.
func unpack(ctx context.Context, r io.Reader, head []byte) (s *spool, form string, err error) {
	if coredump.IsApport(head) {
		_, inner, err := coredump.OpenApport(bufio.NewReaderSize(r, spoolUnit))
		if err != nil {
			return nil, "", err
		}
		r, form = inner, coredump.WhereApport
	}
	plain, format, err := compressed.NewReader(r)
	if err != nil {
		return nil, "", err
	}
	defer plain.Close()
	if form == "" {
		form = string(format)
	}
	s, err = Fill(ctx, plain)
	return s, form, err
}

// Describe reads a plain core. What it reads was written by strangers: should the
// reader ever fall over it, the other cores are still read.
func Describe(r io.ReaderAt, size int64, binary coredump.Binary) (d *coredump.Dump) {
	defer func() {
		if p := recover(); p != nil {
			d = unreadable("", fmt.Errorf("internal error: %v at %s", p, source.PanicSite(debug.Stack())))
		}
	}()
	d, err := coredump.Describe(r, size, binary)
	if err != nil {
		return unreadable("", err)
	}
	return d
}
