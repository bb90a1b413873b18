package evidence

import (
	"bufio"
	"bytes"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Cgroup is a running container's control group, v1 or v2, in one shape. Values
// are bytes unless named otherwise; nil where the kernel does not tell.
type Cgroup struct {
	MemoryUsage *int64 // memory.usage_in_bytes, memory.current: page cache included
	MemoryLimit *int64 // nil also where there is no limit
	MemoryPeak  *int64
	Anon        *int64 // memory that cannot be reclaimed: rss (v1), anon (v2)
	Shmem       *int64
	OOMKills    *int64 // processes killed in this group, by any OOM killer
	UnderOOM    *bool  // v1: frozen at the limit right now (killing disabled)
	PidsCurrent *int64
	PidsMax     *int64      // nil also where there is no limit
	PidsRefused *int64      // pids.events max: forks refused
	Throttled   *int64      // cpu.stat nr_throttled
	Periods     *int64      // cpu.stat nr_periods: those in which it had work
	Recent      *Throttling // over the second of the look; nil = it was not measured
	Quota       *float64    // processors that its CPU quota gives it; nil also where there is none
	CPUStall    *float64    // share of the last ten seconds, in per cent, in which some task waited for a processor
	// MemoryStall is the share of the last ten seconds, in per cent, in which every
	// task waited for memory (memory.pressure, full avg10). It is of the host where
	// the group has no file of its own.
	MemoryStall *float64
}

// Throttling is in how many periods of a CPU quota a group had work, and was stopped for the rest of the period.
type Throttling struct{ Throttled, Periods int64 }

// cgroup v1 says "no limit" with the largest page-aligned number.
const unlimitedV1 = int64(1) << 60

func readCgroup(b *bundle.Bundle) *Cgroup {
	if s := b.Source(fact.SourceCgroup).Status; s != fact.StatusCollected && s != fact.StatusTruncated {
		return nil
	}
	f := cgroupFiles{b}
	stat, events := f.fields("memory.stat"), f.fields("memory.events")
	control, pids, cpu := f.fields("memory.oom_control"), f.fields("pids.events"), f.fields("cpu.stat")
	c := &Cgroup{
		MemoryUsage: first(f.number("memory.current"), f.number("memory.usage_in_bytes")),
		MemoryLimit: limit(first(f.number("memory.max"), f.number("memory.limit_in_bytes"))),
		MemoryPeak:  first(f.number("memory.peak"), f.number("memory.max_usage_in_bytes")),
		Anon:        first(stat["anon"], stat["total_rss"], stat["rss"]),
		Shmem:       first(stat["total_shmem"], stat["shmem"]),
		OOMKills:    first(events["oom_kill"], control["oom_kill"]),
		PidsCurrent: f.number("pids.current"),
		PidsMax:     limit(f.number("pids.max")),
		PidsRefused: pids["max"],
		Throttled:   cpu["nr_throttled"],
		Periods:     cpu["nr_periods"],
		Recent:      recent(cpu, f.fields(bundle.CPUStatLater)),
		Quota:       f.quota(),
		MemoryStall: f.stall("memory.pressure", "full"),
		CPUStall:    f.stall("cpu.pressure", "some"),
	}
	if under := control["under_oom"]; under != nil {
		frozen := *under == 1
		c.UnderOOM = &frozen
	}
	return c
}

// cgroupFiles reads the raw files kept below bundle.DirCgroup.
type cgroupFiles struct{ b *bundle.Bundle }

// number reads a file of one number; nil for "max" and anything else.
func (f cgroupFiles) number(name string) *int64 {
	data, _ := f.b.File(bundle.DirCgroup + name)
	return parseInt64(string(bytes.TrimSpace(data)))
}

// fields reads a file of "key value" lines, as memory.events:
//
//	oom 1
//	oom_kill 1
func (f cgroupFiles) fields(name string) map[string]*int64 {
	data, _ := f.b.File(bundle.DirCgroup + name)
	fields := map[string]*int64{}
	for scanner := bufio.NewScanner(bytes.NewReader(data)); scanner.Scan(); {
		if key, value, ok := strings.Cut(scanner.Text(), " "); ok {
			fields[key] = parseInt64(strings.TrimSpace(value))
		}
	}
	return fields
}

// recent is what came to be between two readings of cpu.stat.
func recent(before, after map[string]*int64) *Throttling {
	for _, key := range []string{"nr_throttled", "nr_periods"} {
		if before[key] == nil || after[key] == nil || *after[key] < *before[key] {
			return nil
		}
	}
	return &Throttling{Throttled: *after["nr_throttled"] - *before["nr_throttled"],
		Periods: *after["nr_periods"] - *before["nr_periods"]}
}

// quota reads cpu.cfs_quota_us and cpu.cfs_period_us (v1, -1 = none), or cpu.max (v2):
//
//	5000 100000
//	max 100000
func (f cgroupFiles) quota() *float64 {
	quota, period := f.number("cpu.cfs_quota_us"), f.number("cpu.cfs_period_us")
	if quota == nil {
		data, _ := f.b.File(bundle.DirCgroup + "cpu.max")
		most, per, _ := strings.Cut(string(bytes.TrimSpace(data)), " ")
		quota, period = parseInt64(most), parseInt64(per)
	}
	if quota == nil || period == nil || *quota <= 0 || *period <= 0 {
		return nil
	}
	processors := float64(*quota) / float64(*period)
	return &processors
}

// stall reads a line of a pressure file, "some" or "full" (Documentation/accounting/psi.rst):
//
//	full avg10=0.00 avg60=0.00 avg300=0.00 total=0
func (f cgroupFiles) stall(name, line string) *float64 {
	data, _ := f.b.File(bundle.DirCgroup + name)
	for text := range strings.Lines(string(data)) {
		rest, ok := strings.CutPrefix(text, line+" avg10=")
		if !ok {
			continue
		}
		number, _, _ := strings.Cut(rest, " ")
		if share, err := strconv.ParseFloat(number, 64); err == nil && share >= 0 && share <= 100 {
			return &share
		}
	}
	return nil
}

func parseInt64(s string) *int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

func first(list ...*int64) *int64 {
	for _, n := range list {
		if n != nil {
			return n
		}
	}
	return nil
}

func limit(n *int64) *int64 {
	if n == nil || *n >= unlimitedV1 {
		return nil
	}
	return n
}
