package probe

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// InNamespace returns a dialer that opens connections inside the network namespace
// at path, such as /proc/4711/ns/net. It needs CAP_SYS_ADMIN. Addresses must be IP
// literals: the resolver uses other threads, which stay outside.
//
// The namespace belongs to a thread, so the goroutine is locked to its own for the
// dial. Should the way back fail, the thread stays locked and ends with its
// goroutine; hence the goroutine.
func InNamespace(path string) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		type result struct {
			conn net.Conn
			err  error
		}
		done := make(chan result, 1)
		go func() {
			conn, err := dialInside(ctx, path, network, address)
			done <- result{conn, err}
		}()
		r := <-done
		return r.conn, r.err
	}
}

func dialInside(ctx context.Context, path, network, address string) (net.Conn, error) {
	runtime.LockOSThread()
	home, err := os.Open(fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid()))
	if err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	defer home.Close()
	inside, err := os.Open(path)
	if err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	defer inside.Close()
	if err := unix.Setns(int(inside.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("enter the container's network: %w", err)
	}
	// FallbackDelay: happy eyeballs would dial on another thread. socket() and
	// connect() of a literal address run on this one.
	conn, err := (&net.Dialer{FallbackDelay: -1 * time.Nanosecond}).DialContext(ctx, network, address)
	if unix.Setns(int(home.Fd()), unix.CLONE_NEWNET) == nil {
		runtime.UnlockOSThread()
	}
	return conn, err
}

// CanEnter tries to enter a network namespace and comes back.
func CanEnter(path string) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		inside, err := os.Open(path)
		if err != nil {
			done <- err
			return
		}
		defer inside.Close()
		done <- unix.Setns(int(inside.Fd()), unix.CLONE_NEWNET)
	}()
	return <-done
}
