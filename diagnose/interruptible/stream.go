package interruptible

import (
	"context"
	"io"
	"slices"
	"sync"
)

// chunkSize is how much is read at a time: of a large log read by a pipe, more saves nothing.
const chunkSize = 256 << 10

// Reader reads r until ctx ends. Nothing is read before the first Read: the standard input of a command that wants
// none belongs to whoever comes after it. From then on a goroutine reads a chunk ahead.
func Reader(ctx context.Context, r io.Reader) io.Reader {
	return &reader{ctx: ctx, from: r}
}

type reader struct {
	ctx   context.Context
	from  io.Reader
	begun sync.Once
	full  chan chunk
	empty chan []byte
	now   chunk
	at    int
}

type chunk struct {
	data []byte
	err  error
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	r.begun.Do(r.begin)
	for r.at == len(r.now.data) {
		if r.now.err != nil {
			return 0, r.now.err
		}
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.now.data[r.at:])
	r.at += n
	return n, nil
}

func (r *reader) begin() {
	r.full, r.empty = make(chan chunk, 1), make(chan []byte, 2)
	r.empty <- make([]byte, chunkSize)
	r.empty <- make([]byte, chunkSize)
	go r.run()
}

// next fetches a chunk and gives the buffer of the last one back.
func (r *reader) next() error {
	if r.now.data != nil {
		r.empty <- r.now.data[:chunkSize]
		r.now, r.at = chunk{}, 0
	}
	select {
	case r.now = <-r.full:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

func (r *reader) run() {
	for {
		select {
		case <-r.ctx.Done():
			return
		case buf := <-r.empty:
			n, err := r.from.Read(buf)
			select {
			case r.full <- chunk{buf[:n], err}:
			case <-r.ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}
}

// Writer writes to w until ctx ends. A write that was left behind is the last: what came after it would stand in the
// middle of it.
func Writer(ctx context.Context, w io.Writer) io.Writer { return &writer{ctx: ctx, to: w} }

type writer struct {
	ctx  context.Context
	mu   sync.Mutex
	to   io.Writer
	left bool
}

func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ctx.Err(); err != nil || w.left {
		return 0, context.Cause(w.ctx)
	}
	mine := slices.Clone(p) // the caller may use p again while a write that was left behind still reads it
	n, err := Await(w.ctx, func() (int, error) { return w.to.Write(mine) })
	w.left = w.ctx.Err() != nil && err != nil
	return n, err
}
