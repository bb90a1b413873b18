package main

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/interruptible"
	"github.com/gwdoctor/gwdoctor/diagnose/read/compressed"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// unpacked opens what may be compressed once it is read for the first time: a pipe may keep silent for ever.
type unpacked struct {
	packed io.ReadCloser
	plain  io.ReadCloser
}

func (u *unpacked) Read(p []byte) (int, error) {
	if u.plain == nil {
		plain, _, err := compressed.NewReader(u.packed)
		if err != nil {
			return 0, err
		}
		u.plain = plain
	}
	return u.plain.Read(p)
}

func (u *unpacked) Close() error {
	var err error
	if u.plain != nil {
		err = u.plain.Close()
	}
	return errors.Join(err, u.packed.Close())
}

// pump reads ahead in a goroutine, so that an interruption ends a read that nothing else can, and a silence can be
// told from an end.
type pump struct {
	ctx    context.Context
	full   chan chunk
	empty  chan []byte
	now    chunk
	at     int
	follow bool
}

type chunk struct {
	data []byte
	err  error
}

const (
	chunkSize = 256 << 10
	// quiet is how long a followed log must be silent before an open traceback is taken as complete.
	quiet = 300 * time.Millisecond
)

func newPump(ctx context.Context, r io.Reader, follow bool) *pump {
	p := &pump{ctx: ctx, full: make(chan chunk, 1), empty: make(chan []byte, 2), follow: follow}
	p.empty <- make([]byte, chunkSize)
	p.empty <- make([]byte, chunkSize)
	go p.run(r)
	return p
}

func (p *pump) run(r io.Reader) {
	for {
		select {
		case <-p.ctx.Done():
			return
		case buf := <-p.empty:
			n, err := r.Read(buf)
			select {
			case p.full <- chunk{buf[:n], err}:
			case <-p.ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}
}

func (p *pump) Read(b []byte) (int, error) {
	for p.at == len(p.now.data) {
		if p.now.err != nil {
			return 0, p.now.err
		}
		if err := p.wait(); err != nil {
			return 0, err
		}
	}
	n := copy(b, p.now.data[p.at:])
	p.at += n
	return n, nil
}

// wait fetches the next chunk.
func (p *pump) wait() error {
	if p.now.data != nil {
		p.empty <- p.now.data[:chunkSize]
		p.now.data, p.at = nil, 0
	}
	var silence <-chan time.Time
	if p.follow {
		silence = time.After(quiet)
	}
	select {
	case p.now = <-p.full:
		return nil
	case <-silence:
		return servicelog.ErrPause
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}

// growing is a file that others append to. It starts at the file's beginning and goes on where it was replaced or cut
// (logrotate's two ways).
type growing struct {
	ctx  context.Context
	path string
	mu   sync.Mutex // Close comes from another goroutine than Read
	file *interruptible.File
	at   int64
}

// pollEvery is how often a followed file is looked at.
const pollEvery = 200 * time.Millisecond

func (g *growing) Read(p []byte) (int, error) {
	for {
		n, err := g.file.Read(p)
		g.at += int64(n)
		if n > 0 || err != nil && err != io.EOF {
			return n, err
		}
		select {
		case <-g.ctx.Done():
			return 0, g.ctx.Err()
		case <-time.After(pollEvery):
		}
		g.reopen()
	}
}

// reopen turns to the file that has taken the place of ours, or to the start of ours where it was cut. As long as there
// is none, ours is kept.
func (g *growing) reopen() {
	g.mu.Lock()
	defer g.mu.Unlock()
	ours, err := g.file.Stat()
	if err != nil {
		return
	}
	there, err := os.Stat(g.path)
	if err != nil {
		return
	}
	if !os.SameFile(ours, there) {
		if next, err := interruptible.Open(g.ctx, g.path); err == nil {
			g.file.Close()
			g.file, g.at = next, 0
		}
		return
	}
	if ours.Size() < g.at {
		if _, err := g.file.Seek(0, io.SeekStart); err == nil {
			g.at = 0
		}
	}
}

func (g *growing) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.file.Close()
}
