// Package compressed reads a stream that may be compressed: a rotated log
// (kern.log.2.gz), a core of systemd-coredump (core.python3….zst) or a plain file.
//
// The form is told by the first bytes, never by the name, for example
//
//	1f 8b            gzip   (RFC 1952)
//	28 b5 2f fd      zstd   (RFC 8878)
//	fd '7zXZ' 00     xz     (tukaani.org/xz/xz-file-format.txt, 2.1.1)
//	04 22 4d 18      lz4    (the frame format, lz4_Frame_format.md)
//
// Several streams one behind the other (what `cat a.gz b.gz` makes) are read as
// one. Memory is bounded whatever a header claims: a window of more than
// [MaxWindow] is refused. The length of the output is not: who reads must cap it.
//
// A stream that ends too early gives what was readable and then an error that
// is io.ErrUnexpectedEOF; one that is damaged, some other error.
package compressed

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
	"github.com/pierrec/lz4/v4"
)

// Format is how a stream is compressed.
type Format string

// The formats that [NewReader] opens.
const (
	None Format = "none"
	Gzip Format = "gzip"
	Zstd Format = "zstd"
	XZ   Format = "xz"
	LZ4  Format = "lz4"
)

// MaxWindow is the largest window that a stream may ask for, in bytes: 64 MiB,
// what `xz -9` uses. `zstd --long` and `--ultra` can ask for more.
const MaxWindow = 64 << 20

const bufferSize = 64 << 10

var magics = []struct {
	format Format
	magic  []byte
}{
	{Gzip, []byte{0x1f, 0x8b, 0x08}},
	{Zstd, []byte{0x28, 0xb5, 0x2f, 0xfd}},
	{XZ, []byte{0xfd, '7', 'z', 'X', 'Z', 0}},
	{LZ4, []byte{0x04, 0x22, 0x4d, 0x18}},
}

// Detect tells the format of a stream that starts with head, of which six bytes
// are enough.
func Detect(head []byte) Format {
	for _, m := range magics {
		if bytes.HasPrefix(head, m.magic) {
			return m.format
		}
	}
	return None
}

// NewReader returns the plain content of r, and how r was compressed. A stream
// that is not compressed is read as it is. Close frees the decoder; it does not
// close r.
func NewReader(r io.Reader) (io.ReadCloser, Format, error) {
	in := bufio.NewReaderSize(r, bufferSize)
	head, err := in.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, None, err
	}
	format := Detect(head)
	plain, err := open(in, format)
	if err != nil {
		return nil, format, fmt.Errorf("open %s stream: %w", format, truncated(err))
	}
	return &reader{plain, format}, format, nil
}

func open(in *bufio.Reader, format Format) (io.ReadCloser, error) {
	switch format {
	case Gzip:
		return gzip.NewReader(in)
	case Zstd:
		d, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(MaxWindow))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	case XZ:
		d, err := xz.NewReader(in, MaxWindow)
		return io.NopCloser(d), err
	case LZ4:
		return io.NopCloser(&lz4Frames{in: in, frame: lz4.NewReader(in)}), nil
	}
	return io.NopCloser(in), nil
}

// reader names the format in its errors.
type reader struct {
	io.ReadCloser
	format Format
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && err != io.EOF && r.format != None {
		err = fmt.Errorf("read %s stream: %w", r.format, truncated(err))
	}
	return n, err
}

// truncated makes one error of the ways in which decoders say that the stream
// ended too early.
func truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, xz.ErrBuf) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// lz4Frames reads frames until the input ends: lz4.Reader stops behind the first.
type lz4Frames struct {
	in    *bufio.Reader
	frame *lz4.Reader
}

func (l *lz4Frames) Read(p []byte) (int, error) {
	for {
		n, err := l.frame.Read(p)
		if err != io.EOF || n > 0 {
			return n, err
		}
		if _, err := l.in.Peek(1); err != nil {
			return 0, err
		}
		l.frame.Reset(l.in)
	}
}
