package collect

import (
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// socketPeer returns the process that listens on the other end of a unix socket,
// as our pid namespace numbers it. The kernel gives 0 for a process that this
// namespace cannot see, so a positive answer also proves a shared kernel.
func socketPeer(conn *net.UnixConn) (int, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *unix.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return 0, err
	}
	if credErr != nil {
		return 0, fmt.Errorf("read SO_PEERCRED: %w", credErr)
	}
	return int(cred.Pid), nil
}

// clockZero returns the wall time at which a kernel clock stood at zero. printk
// stamps follow CLOCK_MONOTONIC (no suspend), process start times CLOCK_BOOTTIME.
func clockZero(clock int32, now time.Time) (time.Time, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(clock, &ts); err != nil {
		return time.Time{}, err
	}
	return now.Add(-time.Duration(ts.Nano())).UTC(), nil
}

const (
	clockMonotonic = unix.CLOCK_MONOTONIC
	clockBoottime  = unix.CLOCK_BOOTTIME
)

// openKmsg opens /dev/kmsg so that a read at its end gives EAGAIN instead of
// waiting for the next record.
func openKmsg(path string) (int, error) {
	return unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
}

func readKmsg(fd int, buf []byte) (int, error) { return unix.Read(fd, buf) }

func closeKmsg(fd int) { _ = unix.Close(fd) }

// waitKmsg waits until there is a record to read, or for so long.
func waitKmsg(fd int, most time.Duration) error {
	_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(most.Milliseconds()))
	if errors.Is(err, unix.EINTR) {
		return nil
	}
	return err
}
