package evidence

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

var captured = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// bundleWith holds the given files; every source counts as collected.
func bundleWith(files map[string]string) *bundle.Bundle {
	b := bundle.New("test", bundle.Target{ID: "a6f3", Name: "web"}, captured)
	for _, name := range SourceOrder {
		from := captured.Add(-time.Hour)
		b.SetSource(bundle.Source{Name: name, Status: fact.StatusCollected, From: &from, To: &captured})
	}
	for name, text := range files {
		b.Put(name, []byte(text))
	}
	return b
}

func TestLabelShadowsAttribute(t *testing.T) {
	e := Read(bundleWith(map[string]string{
		bundle.FileInspect: `{"Id":"a6f3","Config":{"Labels":{"exitCode":"0"}}}`,
		bundle.FileEvents: `{"Type":"container","Action":"die","Actor":{"Attributes":{"exitCode":"0"}},"timeNano":2000000000}
{"Type":"container","Action":"kill","Actor":{"Attributes":{"signal":"9"}},"time":1}
not json
`,
	}))
	if len(e.Events.List) != 2 {
		t.Fatalf("%d events, want 2: a broken line is left out, the others stay", len(e.Events.List))
	}
	kill, die := e.Events.List[0], e.Events.List[1]
	if kill.Signal == nil || *kill.Signal != 9 || !kill.At.Equal(time.Unix(1, 0)) {
		t.Errorf("kill %+v: an engine without timeNano has whole seconds", kill)
	}
	if die.ExitCode != nil {
		t.Errorf("exit code %d is a label's, not the event's", *die.ExitCode)
	}
}

func TestHealthWordOfPodman(t *testing.T) {
	ev, ok := parseEvent([]byte(`{"Action":"health_status","Actor":{"Attributes":{"HealthStatus":"unhealthy"}},"timeNano":1}`), nil)
	if !ok || ev.Detail != "unhealthy" {
		t.Errorf("event %+v", ev)
	}
}

func TestContainer(t *testing.T) {
	c := Read(bundleWith(map[string]string{bundle.FileInspect: `{"Id":"a6f3","Name":"/web","Path":"sh","Args":["-c","python app.py"],
	  "State":{"Status":"exited","ExitCode":137,"StartedAt":"2026-11-23T13:00:00+01:00","FinishedAt":"0001-01-01T00:00:00Z",
	    "Health":{"Status":"unhealthy","FailingStreak":2,"Log":[{"Start":"2026-11-23T13:00:01+01:00","End":"2026-11-23T13:00:02+01:00","ExitCode":-1,"Output":"x"}]}},
	  "HostConfig":{"Memory":67108864,"Ulimits":[{"Name":"core","Soft":0}],"LogConfig":{"Type":"none"}},
	  "Config":{"Healthcheck":{"Test":["CMD","true"],"Interval":2000000000}}}`})).Container
	if c == nil || c.Name != "web" || c.Memory != 64<<20 || c.CoreLimit == nil || *c.CoreLimit != 0 || !c.Probed() || !c.ShellPID1() {
		t.Fatalf("container %+v", c)
	}
	if !c.State.StartedAt.Equal(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)) || !c.State.FinishedAt.IsZero() {
		t.Errorf("times %v, %v: offsets differ by field, year 1 is never", c.State.StartedAt, c.State.FinishedAt)
	}
	if got := c.State.Health.Log[0].Start; got.Location() != time.UTC {
		t.Errorf("probe time in %v, want UTC", got.Location())
	}
}

func TestShellPID1(t *testing.T) {
	for _, tt := range []struct {
		command string
		want    bool
	}{
		{"sh -c", true}, {"/bin/bash -c", true}, {"python3 app.py", false}, {"/usr/bin/tini --", false}, {"", false},
	} {
		if got := (&Container{Command: strings.Fields(tt.command)}).ShellPID1(); got != tt.want {
			t.Errorf("%q: %v, want %v", tt.command, got, tt.want)
		}
	}
	if (&Container{Command: []string{"sh", "-c", "exec uvicorn app:app"}}).ShellPID1() {
		t.Error("exec replaces the shell")
	}
}

func TestCgroupV1AndV2(t *testing.T) {
	v1 := Read(bundleWith(map[string]string{
		bundle.DirCgroup + "memory.usage_in_bytes": "60000000\n",
		bundle.DirCgroup + "memory.limit_in_bytes": "67108864\n",
		bundle.DirCgroup + "memory.oom_control":    "oom_kill_disable 0\nunder_oom 1\noom_kill 3\n",
		bundle.DirCgroup + "memory.stat":           "cache 0\nrss 5\ntotal_rss 59000000\n",
		bundle.DirCgroup + "pids.max":              "max\n",
	})).Cgroup
	v2 := Read(bundleWith(map[string]string{
		bundle.DirCgroup + "memory.current":  "60000000\n",
		bundle.DirCgroup + "memory.max":      "67108864\n",
		bundle.DirCgroup + "memory.events":   "low 0\nhigh 0\nmax 9\noom 1\noom_kill 3\n",
		bundle.DirCgroup + "memory.pressure": "some avg10=40.00 avg60=1.00 avg300=0.00 total=9\nfull avg10=31.50 avg60=1.00 avg300=0.00 total=7\n",
		bundle.DirCgroup + "memory.stat":     "anon 59000000\nfile 0\n",
	})).Cgroup
	for _, c := range []*Cgroup{v1, v2} {
		if c == nil || *c.MemoryUsage != 60000000 || *c.MemoryLimit != 64<<20 || *c.OOMKills != 3 || *c.Anon != 59000000 || c.PidsMax != nil {
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
	c := Read(bundleWith(map[string]string{bundle.DirCgroup + "memory.limit_in_bytes": "9223372036854771712\n"})).Cgroup
	if c.MemoryLimit != nil {
		t.Errorf("limit %d, want none", *c.MemoryLimit)
	}
}

// TestAbsentIsNotZero: what was not read is nil, whatever Go's zero would say.
func TestAbsentIsNotZero(t *testing.T) {
	e := Read(bundle.New("test", bundle.Target{ID: "x"}, captured))
	if e.Container != nil || e.Process != nil || e.Cgroup != nil || e.Kernel.Log != nil || e.Events.From != nil || e.StateFile.HasBeenManuallyStopped != nil {
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
	withoutCores := SourceOrder[:len(SourceOrder)-1] // told only where they were looked for
	if diff := cmp.Diff(withoutCores, names); diff != "" {
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
		{"kernel log empty", fact.SourceKernelLog, map[string]string{bundle.FileKmsg: "", bundle.FileClock: `{"boot":"2026-11-23T10:00:00Z"}`}},
		{"kernel log random", fact.SourceKernelLog, map[string]string{bundle.FileKmsg: "\x00\xff\x13\n", bundle.FileClock: `{"boot":"2026-11-23T10:00:00Z"}`}},
		{"clock damaged", fact.SourceKernelLog, map[string]string{bundle.FileKmsg: record, bundle.FileClock: "xx"}},
		{"inspect cut", fact.SourceInspect, map[string]string{bundle.FileInspect: `{"Id":"a6f3","Sta`}},
		{"inspect of another type", fact.SourceInspect, map[string]string{bundle.FileInspect: `[]`}},
		{"events random", fact.SourceEvents, map[string]string{bundle.FileEvents: "xx\n"}},
	} {
		e := Read(bundleWith(tt.files))
		if e.Read(tt.source) {
			t.Errorf("%s: %s still counts as read", tt.name, tt.source)
		}
		if e.Kernel.Covers(captured) && tt.source == fact.SourceKernelLog || e.Events.Covers(captured) && tt.source == fact.SourceEvents {
			t.Errorf("%s: its silence would count as evidence", tt.name)
		}
	}
	whole := Read(bundleWith(map[string]string{bundle.FileKmsg: record, bundle.FileClock: `{"boot":"2026-11-23T10:00:00Z"}`, bundle.FileInspect: `{"Id":"a6f3"}`}))
	for _, source := range []string{fact.SourceKernelLog, fact.SourceInspect, fact.SourceEvents} {
		if !whole.Read(source) {
			t.Errorf("%s is whole, and does not count as read", source)
		}
	}
}
