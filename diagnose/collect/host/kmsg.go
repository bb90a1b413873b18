package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// kmsgRecord is more than the longest record the kernel hands out in one read
// (8 KiB with its tags); a smaller buffer would give EINVAL.
const kmsgRecord = 32 << 10

// maxLost bounds how often reading what is there may fall behind a flood of messages.
const maxLost = 1000

// kmsgReader reads /dev/kmsg record by record, from the oldest that the ring still
// holds. It ends where the ring does now or, if it follows, with its context.
//
// github.com/euank/go-kmsg-parser is not used: it follows for ever, ends without a
// word when records are overwritten (EPIPE), cuts the flags that tell a continued
// line, and takes no path (docs/notes/KERNEL-LOG.md#4).
type kmsgReader struct {
	ctx    context.Context
	path   string
	follow bool
	after  int64 // records up to this sequence number were read before; -1 = none
	last   int64 // the newest one that was read; -1 = none
	lost   int   // times that records were overwritten while we read
	fd     int
	opened bool
	buf    []byte
	rest   []byte // of buf, not yet handed out
	quiet  time.Time
	idle   bool // the reader above knows that nothing comes
}

func newKmsgReader(ctx context.Context, path string, follow bool, after int64) (*kmsgReader, error) {
	r := &kmsgReader{ctx: ctx, path: path, follow: follow, after: after, last: after, buf: make([]byte, kmsgRecord)}
	return r, r.open()
}

func (r *kmsgReader) open() error {
	fd, err := openKmsg(r.path)
	if err != nil {
		return &fs.PathError{Op: "open", Path: r.path, Err: err}
	}
	r.fd, r.opened, r.quiet = fd, true, time.Now()
	return nil
}

func (r *kmsgReader) Close() error {
	if r.opened {
		closeKmsg(r.fd)
	}
	r.opened = false
	return nil
}

// Read hands out records, as many as are there and fit: a ring that is full loses
// its oldest with every new one, so it is read in one go. A follower that has heard
// nothing for a while says so once, by os.ErrDeadlineExceeded, and may be read on.
func (r *kmsgReader) Read(p []byte) (int, error) {
	n := 0
	for {
		if len(r.rest) == 0 {
			if err := r.next(n == 0); err != nil {
				return n, err
			}
			if n > 0 && len(r.rest) == 0 {
				return n, nil
			}
		}
		copied := copy(p[n:], r.rest)
		r.rest = r.rest[copied:]
		if n += copied; n == len(p) {
			return n, nil
		}
	}
}

// next reads a record into rest. Where there is none now it waits for it, if it
// follows and may, and else leaves rest empty.
func (r *kmsgReader) next(wait bool) error {
	n, err := readKmsg(r.fd, r.buf)
	switch {
	case err == nil && n > 0:
		r.take(r.buf[:n])
		return nil
	case err == nil, errors.Is(err, syscall.EAGAIN): // the end, for now
		switch {
		case !r.follow && wait:
			return io.EOF
		case r.follow && wait:
			return r.wait()
		}
		return nil
	case errors.Is(err, syscall.EPIPE): // overwritten under us; the next read goes on behind the gap
		if r.lost++; r.lost > maxLost && !r.follow {
			return fmt.Errorf("read %q: the ring is overwritten faster than it can be read", r.path)
		}
		return nil
	case errors.Is(err, syscall.EINTR):
		return nil
	case r.follow && r.last > r.after: // it went well until now: open anew and go on by number
		r.after = r.last
		_ = r.Close()
		return r.open()
	}
	return &fs.PathError{Op: "read", Path: r.path, Err: err}
}

// take keeps a record unless it was read before.
func (r *kmsgReader) take(record []byte) {
	seq, ok := recordNumber(record)
	if ok && seq <= r.after {
		return
	}
	if ok {
		r.last = seq
	}
	r.rest, r.quiet, r.idle = record, time.Now(), false
}

const (
	kmsgWait  = 200 * time.Millisecond // between two looks at the context
	kmsgQuiet = 2 * time.Second        // of silence, before the reader above is told
)

// wait sleeps until there may be another record.
func (r *kmsgReader) wait() error {
	if r.ctx.Err() != nil {
		return io.EOF
	}
	if !r.idle && time.Since(r.quiet) >= kmsgQuiet {
		r.idle = true
		return os.ErrDeadlineExceeded
	}
	return waitKmsg(r.fd, kmsgWait)
}
