package source

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// Await calls f, which heeds no context of ours, and gives up when ctx ends.
func Await[T any](ctx context.Context, f func() T, late func(error) T) T {
	done := make(chan T, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- late(fmt.Errorf("panic: %v at %s", p, PanicSite(debug.Stack())))
			}
		}()
		done <- f()
	}()
	select {
	case v := <-done:
		return v
	case <-ctx.Done():
		return late(ctx.Err())
	}
}

// Await2 is await for a function with an error; a read on a hung disk is left behind.
func Await2[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type pair struct {
		v   T
		err error
	}
	p := Await(ctx, func() pair {
		v, err := f()
		return pair{v, err}
	}, func(err error) pair { return pair{err: fmt.Errorf("disk gave no answer: %w", err)} })
	return p.v, p.err
}

// PanicSite returns the file and line that panicked, from a stack such as
//
//	panic({0x…})
//		/usr/lib/go/src/runtime/panic.go:792 +0x132
//	github.com/…/collect.parse(…)
//		/src/collect/logs.go:41 +0x1d
func PanicSite(stack []byte) string {
	_, after, _ := strings.Cut(string(stack), "\npanic(")
	lines := strings.Split(after, "\n")
	if len(lines) < 4 {
		return "unknown place"
	}
	site, _, _ := strings.Cut(strings.TrimSpace(lines[3]), " ")
	return site
}

// tidying is how long cleaning up may go on once the user has asked to stop.
const tidying = 2 * time.Second

// Tidy returns a context for cleaning up after work that ctx may have cut off: it ends
// after limit, and soon after ctx at the latest.
func Tidy(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	var late *time.Timer
	var mu sync.Mutex
	forget := context.AfterFunc(ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		late = time.AfterFunc(tidying, cancel)
	})
	return tidy, func() {
		forget()
		mu.Lock()
		defer mu.Unlock()
		if late != nil {
			late.Stop()
		}
		cancel()
	}
}
