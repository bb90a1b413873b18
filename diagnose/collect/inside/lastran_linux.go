package inside

import (
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
)

// clocks are the run queues' clocks, one a processor, in milliseconds. A thread's
// se.exec_start (when it last ran, /proc/PID/task/TID/sched; needs SCHED_DEBUG) counts
// by the clock of its processor, which differs from CLOCK_MONOTONIC by seconds where
// the hypervisor steals time. Our own exec_start, read on that processor, is that clock
// now. Measured: 27.1 s of 27.
type clocks map[int]float64

// lastRan is how many seconds ago a thread ran; ok is false where that is not told. A thread can have 0 there, as if it
// had run at boot (2 of 41 on a machine at a load of 100), and none ran before it was made.
func (c clocks) lastRan(folder string) (float64, bool) {
	started, ok := execStart(folder)
	processor, age, ok2 := threadStat(folder)
	if !ok || !ok2 || started == 0 {
		return 0, false
	}
	now, known := c[processor]
	if !known {
		now = clockOf(processor)
		c[processor] = now
	}
	if now == 0 {
		return 0, false
	}
	return min(max(0, now-started)/1000, age), true
}

// execStart reads the line "se.exec_start : 5543210.123456".
func execStart(folder string) (float64, bool) {
	data, err := host.ReadCapped(filepath.Join(folder, "sched"), 64<<10)
	if err != nil {
		return 0, false
	}
	_, after, ok := strings.Cut(string(data), "se.exec_start")
	line, _, _ := strings.Cut(after, "\n")
	_, value, ok2 := strings.Cut(line, ":")
	ms, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return ms, ok && ok2 && err == nil
}

// ticks are the units of times in stat: USER_HZ, 100 on every architecture that Go knows.
const ticks = 100

// threadStat reads of stat where a thread last ran (field 39), and how many seconds ago it was made (field 22, in ticks
// since boot, cut off to whole ones).
func threadStat(folder string) (processor int, age float64, ok bool) {
	data, err := host.ReadCapped(filepath.Join(folder, "stat"), 4096)
	if err != nil {
		return 0, 0, false
	}
	fields := strings.Fields(string(data)[strings.LastIndexByte(string(data), ')')+1:])
	if len(fields) < 37 {
		return 0, 0, false
	}
	n, err := strconv.Atoi(fields[36])
	made, err2 := strconv.ParseUint(fields[19], 10, 64)
	var now unix.Timespec
	if err != nil || err2 != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &now) != nil {
		return 0, 0, false
	}
	return n, max(0, float64(now.Nano())/1e9-float64(made)/ticks), true
}

// clockOf moves this thread to a processor to read its clock, and back; 0 = it may not.
func clockOf(processor int) float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, one unix.CPUSet
	if unix.SchedGetaffinity(0, &before) != nil {
		return 0
	}
	one.Set(processor)
	if unix.SchedSetaffinity(0, &one) != nil {
		return 0
	}
	now, _ := execStart("/proc/thread-self")
	if unix.SchedSetaffinity(0, &before) != nil {
		return 0
	}
	return now
}
