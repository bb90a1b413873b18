package host

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// ClockZero returns the wall time at which a kernel clock stood at zero. printk
// stamps follow CLOCK_MONOTONIC (no suspend), process start times CLOCK_BOOTTIME.
func ClockZero(clock int32, now time.Time) (time.Time, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(clock, &ts); err != nil {
		return time.Time{}, err
	}
	return now.Add(-time.Duration(ts.Nano())).UTC(), nil
}

const (
	clockMonotonic = unix.CLOCK_MONOTONIC
	ClockBoottime  = unix.CLOCK_BOOTTIME
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
