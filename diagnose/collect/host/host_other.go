//go:build !linux

package host

import (
	"errors"
	"time"
)

// On other systems the engine runs in a virtual machine: there is no kernel log,
// /proc or control group of its containers here.
var errNotLinux = errors.New("only Linux hosts have this source")

const (
	clockMonotonic = 0
	ClockBoottime  = 0
)

func ClockZero(int32, time.Time) (time.Time, error) { return time.Time{}, errNotLinux }
func openKmsg(string) (int, error)                  { return 0, errNotLinux }
func readKmsg(int, []byte) (int, error)             { return 0, errNotLinux }
func closeKmsg(int)                                 {}
func waitKmsg(int, time.Duration) error             { return errNotLinux }
