// Package interruptible opens, reads and writes what may keep silent for ever: a FIFO whose other end nobody opens, a
// standard input that nobody writes to, a standard output that nobody reads. The system calls heed no context; what
// is here ends with one, and leaves behind the goroutine that still waits.
package interruptible

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// File is an opened file whose reads and writes end with a context.
type File struct {
	file   *os.File
	ctx    context.Context
	forget func() bool
}

// Open opens a file for reading: open(2) of a FIFO waits until somebody opens it for writing.
func Open(ctx context.Context, path string) (*File, error) {
	return open(ctx, path, os.O_RDONLY, 0)
}

// OpenFile is [os.OpenFile]: open(2) of a FIFO for writing waits until somebody opens it for reading.
func OpenFile(ctx context.Context, path string, flag int, mode fs.FileMode) (*File, error) {
	return open(ctx, path, flag, mode)
}

func open(ctx context.Context, path string, flag int, mode fs.FileMode) (*File, error) {
	f, err := await(ctx, func() (*os.File, error) { return os.OpenFile(path, flag, mode) },
		func(f *os.File) { _ = f.Close() })
	if err != nil {
		return nil, err
	}
	o := &File{file: f, ctx: ctx}
	// A pipe that was opened by its path is known to the runtime's poller, so a deadline in the past ends what waits
	// in it. What never blocks (a file on a disk) refuses a deadline and needs none.
	o.forget = context.AfterFunc(ctx, func() { _ = f.SetDeadline(time.Unix(1, 0)) })
	return o, nil
}

func (f *File) Read(p []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := f.file.Read(p)
	return n, f.cause(err)
}

func (f *File) Write(p []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := f.file.Write(p)
	return n, f.cause(err)
}

// cause says of a deadline that it was the context's end.
func (f *File) cause(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) && f.ctx.Err() != nil {
		return f.ctx.Err()
	}
	return err
}

// Seek is that of the file.
func (f *File) Seek(offset int64, whence int) (int64, error) { return f.file.Seek(offset, whence) }

// Stat is that of the file.
func (f *File) Stat() (fs.FileInfo, error) { return f.file.Stat() }

// Close closes the file.
func (f *File) Close() error {
	f.forget()
	return f.file.Close()
}

// ReadFile reads a file of at most limit bytes.
func ReadFile(ctx context.Context, path string, limit int64) ([]byte, error) {
	f, err := Open(ctx, path)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, silent(err)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, silent(err)
	}
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("it is larger than %d bytes", limit)
	}
	return data, err
}

func silent(err error) error { return fmt.Errorf("nothing came in time: %w", err) }

// await waits for f, or for the end of ctx; what comes later is undone.
func await[T any](ctx context.Context, f func() (T, error), undo func(T)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		go func() {
			if r := <-done; r.err == nil {
				undo(r.value)
			}
		}()
		var none T
		return none, ctx.Err()
	}
}

// Await waits for f, or for the end of ctx.
func Await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	return await(ctx, f, func(T) {})
}

// Soon returns a context that ends a moment after ctx: until then what was found may still be told.
func Soon(ctx context.Context, moment time.Duration) context.Context {
	soon, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { time.AfterFunc(moment, cancel) })
	return soon
}
