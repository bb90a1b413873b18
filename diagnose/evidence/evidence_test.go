package evidence_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

var captured = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// bundleWith holds the given files; every source counts as collected.
func bundleWith(files map[string]string) *bundle.Bundle {
	b := bundle.New("test", bundle.Target{ID: "a6f3", Name: "web"}, captured)
	for _, name := range evidence.SourceOrder {
		from := captured.Add(-time.Hour)
		b.SetSource(bundle.Source{Name: name, Status: fact.StatusCollected, From: &from, To: &captured})
	}
	for name, text := range files {
		b.Put(name, []byte(text))
	}
	return b
}

func read(b *bundle.Bundle) *evidence.Evidence { return evidence.Read(b, docker.Decode) }

func TestCgroupV1AndV2(t *testing.T) {
	v1 := read(bundleWith(map[string]string{
		bundle.DirCgroup + "memory.usage_in_bytes": "60000000\n",
		bundle.DirCgroup + "memory.limit_in_bytes": "67108864\n",
		bundle.DirCgroup + "memory.oom_control":    "oom_kill_disable 0\nunder_oom 1\noom_kill 3\n",
		bundle.DirCgroup + "memory.stat":           "cache 0\nrss 5\ntotal_rss 59000000\n",
		bundle.DirCgroup + "pids.max":              "max\n",
	})).Cgroup
	v2 := read(bundleWith(map[string]string{
		bundle.DirCgroup + "memory.current": "60000000\n",
		bundle.DirCgroup + "memory.max":     "67108864\n",
		bundle.DirCgroup + "memory.events":  "low 0\nhigh 0\nmax 9\noom 1\noom_kill 3\n",
		bundle.DirCgroup + "memory.pressure": "some avg10=40.00 avg60=1.00 avg300=0.00 total=9\nfull avg10=31.50 " +
			"avg60=1.00 avg300=0.00 total=7\n",
		bundle.DirCgroup + "memory.stat": "anon 59000000\nfile 0\n",
	})).Cgroup
	for _, c := range []*evidence.Cgroup{v1, v2} {
		if c == nil || *c.MemoryUsage != 60000000 || *c.MemoryLimit != 64<<20 || *c.OOMKills != 3 || *c.Anon != 59000000 ||
			c.PidsMax != nil {
			t.Errorf("cgroup %+v", c)
		}
	}
	if v2.MemoryStall == nil || *v2.MemoryStall != 31.5 || v1.MemoryStall != nil {
		t.Errorf("stalls %v and %v", v2.MemoryStall, v1.MemoryStall)
	}
	if v1.UnderOOM == nil || !*v1.UnderOOM || v2.UnderOOM != nil {
		t.Error("under_oom is v1's alone")
	}
}

func TestUnlimitedIsNoLimit(t *testing.T) {
	c := read(bundleWith(map[string]string{bundle.DirCgroup + "memory.limit_in_bytes": "9223372036854771712\n"})).Cgroup
	if c.MemoryLimit != nil {
		t.Errorf("limit %d, want none", *c.MemoryLimit)
	}
}

// TestAbsentIsNotZero: what was not read is nil, whatever Go's zero would say.
func TestAbsentIsNotZero(t *testing.T) {
	e := read(bundle.New("test", bundle.Target{ID: "x"}, captured))
	if e.Spec != nil || e.Status != nil || e.Process != nil || e.Cgroup != nil || e.Kernel.Log != nil ||
		e.Events.From != nil || e.Asked != nil {
		t.Errorf("evidence from nothing: %+v", e)
	}
	if e.Events.Covers(captured) || e.Kernel.Covers(captured) {
		t.Error("a source that was not read covers nothing")
	}
	var names []string
	for _, s := range e.Sources {
		names = append(names, s.Name)
		if s.Status != fact.StatusNotAsked {
			t.Errorf("%s is %s", s.Name, s.Status)
		}
	}
	untold := []string{fact.SourceCores, fact.SourceInside, fact.SourcePorts} // only where they were looked for
	told := slices.DeleteFunc(slices.Clone(evidence.SourceOrder), func(name string) bool {
		return slices.Contains(untold, name)
	})
	if diff := cmp.Diff(told, names); diff != "" {
		t.Error(diff)
	}
}

// TestDamagedSourceIsNotSilence: what cannot be read must not count as "nothing
// was there", whatever the manifest says of it.
func TestDamagedSourceIsNotSilence(t *testing.T) {
	const record = "6,1,2000000,-;some record\n"
	for _, tt := range []struct {
		name, source string
		files        map[string]string
	}{
		{"kernel log empty", fact.SourceKernelLog, map[string]string{bundle.FileKmsg: "",
			bundle.FileClock: `{"boot":"2026-11-23T10:00:00Z"}`}},
		{"kernel log random", fact.SourceKernelLog, map[string]string{bundle.FileKmsg: "\x00\xff\x13\n",
			bundle.FileClock: `{"boot":"2026-11-23T10:00:00Z"}`}},
		{"clock damaged", fact.SourceKernelLog, map[string]string{bundle.FileKmsg: record, bundle.FileClock: "xx"}},
		{"inspect cut", fact.SourceInspect, map[string]string{bundle.FileInspect: `{"Id":"a6f3","Sta`}},
		{"inspect of another type", fact.SourceInspect, map[string]string{bundle.FileInspect: `[]`}},
		{"events random", fact.SourceEvents, map[string]string{bundle.FileEvents: "xx\n"}},
	} {
		e := read(bundleWith(tt.files))
		if e.Read(tt.source) {
			t.Errorf("%s: %s still counts as read", tt.name, tt.source)
		}
		if e.Kernel.Covers(captured) && tt.source == fact.SourceKernelLog || e.Events.Covers(captured) &&
			tt.source == fact.SourceEvents {
			t.Errorf("%s: its silence would count as evidence", tt.name)
		}
	}
	whole := read(bundleWith(map[string]string{bundle.FileKmsg: record,
		bundle.FileClock: `{"boot":"2026-11-23T10:00:00Z"}`, bundle.FileInspect: `{"Id":"a6f3"}`}))
	for _, source := range []string{fact.SourceKernelLog, fact.SourceInspect, fact.SourceEvents} {
		if !whole.Read(source) {
			t.Errorf("%s is whole, and does not count as read", source)
		}
	}
}

func TestShellPID1(t *testing.T) {
	for _, tt := range []struct {
		command string
		want    bool
	}{
		{"sh -c", true}, {"/bin/bash -c", true}, {"python3 app.py", false}, {"/usr/bin/tini --", false}, {"", false},
	} {
		if got := (&evidence.Spec{Command: strings.Fields(tt.command)}).ShellPID1(); got != tt.want {
			t.Errorf("%q: %v, want %v", tt.command, got, tt.want)
		}
	}
	if (&evidence.Spec{Command: []string{"sh", "-c", "exec uvicorn app:app"}}).ShellPID1() {
		t.Error("exec replaces the shell")
	}
}

// TestKernelAroundTheEnd: what the journal of an earlier boot has of the end counts beside the present ring, and what
// lies between the two is not known.
func TestKernelAroundTheEnd(t *testing.T) {
	end := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	b := bundle.New("test", bundle.Target{ID: "a6f3"}, end.Add(2*time.Hour))
	from := end.Add(time.Hour)
	b.Put(bundle.FileKmsg, []byte("6,1,1000000,-;hello\n"))
	b.Put(bundle.FileClock, []byte(`{"boot":"2026-11-26T12:59:59Z"}`))
	b.Put(bundle.FileAround, []byte(`{"__REALTIME_TIMESTAMP":"1795694399000000","_TRANSPORT":"kernel","PRIORITY":"3",`+
		`"MESSAGE":"Memory cgroup out of memory: Killed process 12 (python3) total-vm:1kB, anon-rss:1kB, `+
		`file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0"}`+"\n"))
	b.Put(bundle.FileAroundSpan, []byte(`{"from":"2026-11-26T11:55:00Z","to":"2026-11-26T12:02:00Z"}`))
	b.SetSource(bundle.Source{Name: fact.SourceKernelLog, Status: fact.StatusCollected, From: &from})
	k := evidence.Read(b, docker.Decode).Kernel
	if k.Log == nil || len(k.Log.Kills) != 1 || k.Log.Kills[0].Comm != "python3" {
		t.Fatalf("kernel %+v", k.Log)
	}
	for at, want := range map[time.Time]bool{end: true, end.Add(30 * time.Minute): false, from.Add(time.Second): true,
		end.Add(-time.Hour): false} {
		if k.Covers(at) != want {
			t.Errorf("covers %v: %v", at, !want)
		}
	}
}

// TestKernelTwice: what the ring and the journal around the end both hold happened once.
func TestKernelTwice(t *testing.T) {
	const killed = "Memory cgroup out of memory: Killed process %d (python3) total-vm:1kB, anon-rss:1kB, file-rss:0kB, " +
		"shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0"
	end := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	record := func(us, pid int) string {
		return fmt.Sprintf(`{"__REALTIME_TIMESTAMP":"%d","_SOURCE_MONOTONIC_TIMESTAMP":"%d","_TRANSPORT":"kernel",`+
			`"PRIORITY":"3","MESSAGE":"%s"}`+"\n", end.UnixMicro()+int64(us), us, fmt.Sprintf(killed, pid))
	}
	b := bundle.New("test", bundle.Target{ID: "a6f3"}, end.Add(time.Hour))
	b.Put(bundle.FileKmsg, []byte("3,7,2000000,-;"+fmt.Sprintf(killed, 13)+"\n"))
	b.Put(bundle.FileClock, []byte(`{"boot":"2026-11-26T12:00:00Z"}`))
	b.Put(bundle.FileAround, []byte(record(1000000, 12)+record(2000000, 13)))
	b.Put(bundle.FileAroundSpan, []byte(`{"from":"2026-11-26T11:55:00Z","to":"2026-11-26T12:02:00Z"}`))
	k := evidence.Read(b, docker.Decode).Kernel
	if len(k.Log.Kills) != 2 || k.Log.Kills[0].PID != 12 || k.Log.Kills[1].PID != 13 {
		t.Errorf("kills %+v", k.Log.Kills)
	}
}

// TestCPUQuota: v1 and v2 tell a quota in their own files; what was stopped is counted over the second of the look.
func TestCPUQuota(t *testing.T) {
	for name, tt := range map[string]struct {
		files  map[string]string
		quota  float64 // 0 = none
		recent *evidence.Throttling
	}{
		"v1": {map[string]string{"cpu.cfs_quota_us": "5000\n", "cpu.cfs_period_us": "100000\n",
			"cpu.stat": "nr_periods 40\nnr_throttled 30\n", "cpu.stat.later": "nr_periods 50\nnr_throttled 39\n"},
			.05, &evidence.Throttling{Throttled: 9, Periods: 10}},
		"v2":       {map[string]string{"cpu.max": "150000 100000\n", "cpu.stat": "nr_periods 4\n"}, 1.5, nil},
		"v1, none": {map[string]string{"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}, 0, nil},
		"v2, none": {map[string]string{"cpu.max": "max 100000\n"}, 0, nil},
		"no file":  {nil, 0, nil},
		"counters went back": {map[string]string{"cpu.stat": "nr_periods 9\nnr_throttled 9\n",
			"cpu.stat.later": "nr_periods 1\nnr_throttled 1\n"}, 0, nil},
	} {
		files := map[string]string{}
		for file, text := range tt.files {
			files[bundle.DirCgroup+file] = text
		}
		c := read(bundleWith(files)).Cgroup
		if c == nil || (c.Quota == nil) != (tt.quota == 0) || c.Quota != nil && *c.Quota != tt.quota ||
			(c.Recent == nil) != (tt.recent == nil) || c.Recent != nil && *c.Recent != *tt.recent {
			t.Errorf("%s: %+v", name, c)
		}
	}
}
