package inside

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestConnecting asks a listener whose queue is full for a connection, as a program does that waits for all in one
// call.
func TestConnecting(t *testing.T) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(epoll)
	w := &waits{folder: "/proc/self"}
	if p := w.connecting(epoll); p != nil {
		t.Errorf("nothing is polled: %+v", p)
	}
	at := fullListener(t)
	asked := asks(t, at)
	w = &waits{folder: "/proc/self"}
	if p := w.connecting(epoll); p != nil {
		t.Errorf("what is not polled: %+v", p)
	}
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, asked, &unix.EpollEvent{Events: unix.EPOLLOUT}); err != nil {
		t.Fatal(err)
	}
	for range 100 { // its packet is sent again after a second
		w = &waits{folder: "/proc/self"}
		if p := w.connecting(epoll); p != nil {
			if p.Remote != at.String() || p.Unanswered < 1 || p.Unanswered > 10 {
				t.Errorf("%+v, want %s for some seconds", p, at)
			}
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("the attempt is not seen")
}

// fullListener takes one connection and no more.
func fullListener(t *testing.T) netip.AddrPort {
	t.Helper()
	listener := socket(t)
	if err := unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(listener, 0); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort(fmt.Sprint("127.0.0.1:", name.(*unix.SockaddrInet4).Port))
	for range 3 {
		asks(t, at)
	}
	return at
}

// asks begins to connect, and does not wait for it.
func asks(t *testing.T, at netip.AddrPort) int {
	t.Helper()
	fd := socket(t)
	err := unix.Connect(fd, &unix.SockaddrInet4{Addr: at.Addr().As4(), Port: int(at.Port())})
	if err != nil && err != unix.EINPROGRESS {
		t.Fatal(err)
	}
	return fd
}

func socket(t *testing.T) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	return fd
}

// TestOwnWakeup: an epoll that polls nothing but what the process itself can write to, and others.
func TestOwnWakeup(t *testing.T) {
	w := &waits{folder: "/proc/self"}
	poll := func(descriptors ...int) bool {
		epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(epoll)
		for _, fd := range descriptors {
			if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN}); err != nil {
				t.Fatal(err)
			}
		}
		return w.onlyWakeups(epoll)
	}
	event, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(event)
	var pipe, lone [2]int
	for _, p := range []*[2]int{&pipe, &lone} {
		if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
	}
	defer unix.Close(pipe[0])
	defer unix.Close(pipe[1])
	defer unix.Close(lone[0])
	_ = unix.Close(lone[1])
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	for name, tt := range map[string]struct{ got, want bool }{
		"eventfd":               {poll(event), true},
		"both ends of a pipe":   {poll(pipe[0]), true},
		"both of a pair":        {poll(event, pair[0]), true},
		"a pipe's one end":      {poll(event, lone[0]), false},
		"a socket of a network": {poll(pair[0], socket(t)), false},
		"nothing":               {poll(), false},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %v, want %v", name, tt.got, tt.want)
		}
	}
	for limit, want := range map[uint64]bool{0xffffffff: true, 0xffffffffffffffff: true, 0: false, 5000: false} {
		if got := forever(unix.SYS_EPOLL_PWAIT, limit); got != want {
			t.Errorf("limit %x: %v", limit, got)
		}
	}
	if forever(unix.SYS_EPOLL_PWAIT2, 0x7ffd0000) || !forever(unix.SYS_EPOLL_PWAIT2, 0) {
		t.Error("epoll_pwait2: its limit is a pointer")
	}
}
