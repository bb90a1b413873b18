package host

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// Machine is this machine as its kernel shows it. "" is the usual place.
type Machine struct {
	ProcRoot   string           // /proc
	CgroupRoot string           // where the control groups are; "" = as /proc/self/mountinfo says, usually /sys/fs/cgroup
	KmsgPath   string           // /dev/kmsg
	Journalctl string           // journalctl in $PATH
	HostRoot   string           // put before the stores of the handlers of cores; "" = this machine's root
	Now        func() time.Time // nil = time.Now
}

// WithUsual fills in the usual places.
func (m Machine) WithUsual() Machine {
	if m.Now == nil {
		m.Now = time.Now
	}
	m.KmsgPath = cmp.Or(m.KmsgPath, "/dev/kmsg")
	m.ProcRoot = cmp.Or(m.ProcRoot, "/proc")
	m.Journalctl = cmp.Or(m.Journalctl, "journalctl")
	return m
}

// Memory is how much this machine has, in bytes; 0 = not told.
func (m Machine) Memory() int64 { return memTotal(m.ProcText("meminfo")) }

// memTotal reads the first line of /proc/meminfo: "MemTotal:       24684084 kB".
func memTotal(meminfo string) int64 {
	line, _, _ := strings.Cut(meminfo, "\n")
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return 0
	}
	kb, _ := strconv.ParseInt(fields[1], 10, 64)
	return kb << 10
}

func (m Machine) Comm(pid int) string { return m.ProcText(strconv.Itoa(pid) + "/comm") }

// ProcText reads a small file below /proc; "" where it cannot be read.
func (m Machine) ProcText(name string) string {
	data, _ := ReadCapped(filepath.Join(m.ProcRoot, name), 64<<10)
	return strings.TrimSpace(string(data))
}

// CgroupHolds tells whether a process belongs to the container. State.Pid counts
// in the daemon's pid namespace, so without this check /proc/PID may be anybody.
func (m Machine) CgroupHolds(pid int, id string) bool {
	groups := m.ProcText(strconv.Itoa(pid) + "/cgroup")
	if len(id) == 64 {
		return strings.Contains(groups, id)
	}
	for line := range strings.Lines(groups) { // a chosen id (ctr): 4:memory:/default/web-1
		if namespace, last := path.Split(strings.TrimSpace(line)); last == id && !strings.HasSuffix(namespace, ":/") {
			return true
		}
	}
	return false
}

// ReadCapped reads at most limit bytes of a file, and fails on a longer one. What is no regular file, such as a FIFO in
// the place of a configuration, is refused: reading it might wait for ever. (The kernel's files count as regular.)
func ReadCapped(path string, limit int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() && !info.IsDir() {
		return nil, cmp.Or(err, fmt.Errorf("read %q: it is no regular file", path))
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("read %q: %w of %d bytes", path, source.ErrTooLarge, limit)
	}
	return data, nil
}

// ProcessStart returns when a process of this machine began, from field 22 of
// /proc/PID/stat: ticks of 10 ms since CLOCK_BOOTTIME's zero.
func (m Machine) ProcessStart(pid int) (time.Time, error) {
	_, after, ok := strings.Cut(m.ProcText(strconv.Itoa(pid)+"/stat"), ") ")
	fields := strings.Fields(after)
	if !ok || len(fields) < 20 {
		return time.Time{}, fmt.Errorf("read start of process %d: no such process", pid)
	}
	ticks, err := strconv.ParseInt(fields[19], 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("read start of process %d: %w", pid, err)
	}
	boot, err := ClockZero(ClockBoottime, m.Now())
	return boot.Add(time.Duration(ticks) * 10 * time.Millisecond), err
}

// IsDir tells whether a path is a folder that can be seen.
func IsDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Exists tells whether a path can be seen.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
