package kernellog

import (
	"bytes"
	"errors"
	"io"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
)

const (
	// maxLine is how much of a line is looked at. The kernel's are at most 8 KiB long;
	// wrappings add to that.
	maxLine = 64 << 10
	// readSize is how much is read at a time: what fits a core's own cache, with the
	// beginning of a line that was left over.
	readSize  = 192 << 10
	blockSize = maxLine + 1 + readSize
	// firstSize is enough for most rings of kernels that had nothing to tell.
	firstSize = 16 << 10
)

// block is a piece of the input that holds whole lines: it ends with a newline,
// unless the input ended or paused without one.
type block struct {
	buf  []byte
	full bool   // the last read filled buf
	text []byte // of buf
	err  error  // that stands behind text; nil = there is more
}

func newBlock() *block {
	return &block{buf: make([]byte, firstSize)}
}

// read reads behind the first n bytes. A block that was filled grows, so that a short log takes little memory.
func (b *block) read(in io.Reader, n int) (int, error) {
	if b.full || len(b.buf)-n < firstSize {
		larger := make([]byte, min(4*len(b.buf), blockSize))
		copy(larger, b.buf[:n])
		b.buf = larger
	}
	room := b.buf[n:min(n+readSize, len(b.buf))]
	m, err := in.Read(room)
	b.full = m == len(room) && len(b.buf) < blockSize
	return m, err
}

// blockReader cuts its input into blocks, wherever its reads end. A line is never
// cut but where it is longer than maxLine: of such a one maxLine+1 bytes are kept.
type blockReader struct {
	in    io.Reader
	rest  []byte       // the beginning of the next line
	skip  bool         // in a line of which enough was kept
	bytes int64        // read, of what is left after unfolding
	size  func() int64 // bytes read of the log
	err   error        // came with the last bytes
}

// newBlockReader reads a log. One that was saved is unfolded before: UTF-16, JSON over
// lines, lines that a terminal broke, the newest line first.
func newBlockReader(r io.Reader, saved *envelope.Unfolded) *blockReader {
	if saved != nil {
		return &blockReader{in: saved, size: saved.Bytes}
	}
	b := &blockReader{in: r}
	b.size = func() int64 { return b.bytes }
	return b
}

// fill reads the next block. It waits for a whole line, not for a full block.
func (r *blockReader) fill(b *block) {
	b.err = nil
	n := copy(b.buf, r.rest)
	r.rest = r.rest[:0]
	for empty := 0; ; {
		if r.err != nil {
			b.text, b.err, r.err = b.buf[:n], r.err, nil
			if isIdle(b.err) { // it may go on with the same line
				r.keep(b, n)
			}
			return
		}
		m, err := b.read(r.in, n)
		r.bytes += int64(m)
		r.err = err
		if empty++; m > 0 || err != nil {
			empty = 0
		}
		if empty > maxEmptyReads {
			r.err = io.ErrNoProgress
		}
		n = r.accept(b.buf, n, m)
		if end := bytes.LastIndexByte(b.buf[:n], '\n') + 1; end > 0 && r.err == nil {
			r.keep(b, n)
			return
		}
	}
}

const maxEmptyReads = 100 // as bufio has it

// keep ends a block behind its last newline and carries what is behind it over.
func (r *blockReader) keep(b *block, n int) {
	end := bytes.LastIndexByte(b.buf[:n], '\n') + 1
	b.text = b.buf[:end]
	r.rest = append(r.rest[:0], b.buf[end:n]...)
}

// accept takes m bytes that were read behind the first n, without what belongs to
// a line that is too long already, and returns how many there are then.
func (r *blockReader) accept(buf []byte, n, m int) int {
	if r.skip {
		end := bytes.IndexByte(buf[n:n+m], '\n')
		if end < 0 {
			return n
		}
		r.skip = false
		n += copy(buf[n:], buf[n+end:n+m])
		return n
	}
	n += m
	start := bytes.LastIndexByte(buf[:n], '\n') + 1
	if n-start > maxLine {
		r.skip = true
		return start + maxLine + 1
	}
	return n
}

// lineEnd returns where the first line of text ends, behind its newline.
func lineEnd(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}

// isIdle knows the error of a reader on which nothing came for a while, and which
// may be read on: a deadline of the net or os package, or one like it.
func isIdle(err error) bool {
	var quiet interface{ Timeout() bool }
	return errors.As(err, &quiet) && quiet.Timeout()
}
