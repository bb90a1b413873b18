package oom

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

var (
	idA  = strings.Repeat("a", 64)
	noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
)

func at(offset time.Duration) *time.Time {
	t := noon.Add(offset)
	return &t
}

// killAt is a kill by the container's own limit, of a process that the table lists
// as the oldest of two.
func killAt(event int, offset time.Duration) kernellog.Kill {
	return kernellog.Kill{
		Event: event, At: at(offset), PID: 12, Comm: "x", Scope: kernellog.ScopeOwnLimit,
		Attribution: kernellog.AttributionExact,
		TaskCgroup:  "/docker/" + idA, LimitCgroup: "/docker/" + idA, Container: &kernellog.Container{ID: idA},
		TaskCount: 2, LowestPID: 12,
	}
}

func TestMainProcess(t *testing.T) {
	for name, test := range map[string]struct {
		change func(k *kernellog.Kill)
		known  []evidence.Neighbour
		want   string
	}{
		"the oldest of the table":    {nil, nil, MainVictim},
		"the only one":               {func(k *kernellog.Kill) { k.TaskCount, k.LowestPID = 1, 12 }, nil, MainVictim},
		"an older one is there":      {func(k *kernellog.Kill) { k.LowestPID = 3 }, nil, MainSurvived},
		"no table":                   {func(k *kernellog.Kill) { k.TaskCount = 0 }, nil, MainUnknown},
		"the table is that of a pod": {func(k *kernellog.Kill) { k.LimitCgroup = "/kubepods/podx" }, nil, MainUnknown},
		"no container":               {func(k *kernellog.Kill) { k.Container = nil }, nil, MainUnknown},
		"the engine says that it runs on": {nil, []evidence.Neighbour{{ID: idA, State: "running",
			StartedAt: at(-time.Hour)}}, MainSurvived},
		"it was started again since": {nil, []evidence.Neighbour{{ID: idA, State: "running",
			StartedAt: at(time.Second)}}, MainVictim},
		"it ended a minute later": {func(k *kernellog.Kill) { k.TaskCount = 0 },
			[]evidence.Neighbour{{ID: idA, State: "exited", StartedAt: at(-time.Hour), FinishedAt: at(time.Minute)}},
			MainSurvived},
		"it ended at once, but of what?": {func(k *kernellog.Kill) { k.TaskCount = 0 },
			[]evidence.Neighbour{{ID: idA, State: "exited", StartedAt: at(-time.Hour),
				FinishedAt: at(time.Second)}}, MainUnknown},
		"the log has no time to compare by": {func(k *kernellog.Kill) { k.At = nil },
			[]evidence.Neighbour{{ID: idA, State: "running", StartedAt: at(-time.Hour)}}, MainVictim},
	} {
		k := killAt(1, 0)
		if test.change != nil {
			test.change(&k)
		}
		got := Make(Source{}, &kernellog.Log{Kills: []kernellog.Kill{k}},
			Question{Known: test.known, Asked: *at(5 * time.Second)}).Kills[0]
		if got.MainProcess != test.want || (got.MainReason == "") != (test.want == MainUnknown) {
			t.Errorf("%s: %s (%s), want %s", name, got.MainProcess, got.MainReason, test.want)
		}
	}
}

// TestMainProcessAskedTooSoon: for some tenths of a second after the end of a container
// the engine calls it running.
func TestMainProcessAskedTooSoon(t *testing.T) {
	known := []evidence.Neighbour{{ID: idA, State: "running", StartedAt: at(-time.Hour)}}
	for tasks, want := range map[int]string{2: MainVictim, 0: MainUnknown} {
		k := killAt(1, 0)
		k.TaskCount = tasks
		got := Make(Source{}, &kernellog.Log{Kills: []kernellog.Kill{k}},
			Question{Known: known, Asked: *at(300 * time.Millisecond)}).Kills[0]
		if got.MainProcess != want || got.MainReason == "" {
			t.Errorf("%d tasks in the table: %s (%s), want %s", tasks, got.MainProcess, got.MainReason, want)
		}
	}
}

func TestCrashIsGuessedOnlyWhereOneFits(t *testing.T) {
	segv, kill := 139, 137
	ended := func(id string, after time.Duration, code *int) evidence.Neighbour {
		return evidence.Neighbour{ID: id, Name: id, State: "exited", FinishedAt: at(after), ExitCode: code}
	}
	for name, test := range map[string]struct {
		known []evidence.Neighbour
		want  string
	}{
		"one in the same second": {[]evidence.Neighbour{ended("a", time.Second, &segv), ended("b", time.Second, &kill),
			ended("c", time.Hour, &segv)}, "a"},
		"two in the same second": {[]evidence.Neighbour{ended("a", time.Second, &segv), ended("b", 0, &segv)}, ""},
		"another signal":         {[]evidence.Neighbour{ended("a", 0, &kill)}, ""},
		"still running":          {[]evidence.Neighbour{{ID: "a", State: "running"}}, ""},
		"nothing known":          {nil, ""},
	} {
		log := &kernellog.Log{Crashes: []kernellog.Crash{{At: at(0), Comm: "x", Signal: "SIGSEGV",
			Kind: kernellog.CrashSegfault}}}
		c := Make(Source{}, log, Question{Known: test.known}).Crashes[0]
		got := ""
		if c.Container != nil {
			got = c.Container.Name
		}
		if got != test.want || (c.Attribution == kernellog.AttributionGuess) != (test.want != "") {
			t.Errorf("%s: %q, %s", name, got, c.Attribution)
		}
	}
}

// TestCrashIsTheCoresContainers: the record of systemd-coredump that has the process's own number names its container;
// one of another number does so as a guess, and only where nothing else is near.
func TestCrashIsTheCoresContainers(t *testing.T) {
	idB, segv := strings.Repeat("b", 64), 139
	core := func(id string, pid int, after time.Duration) kernellog.Trouble {
		return kernellog.Trouble{Kind: kernellog.TroubleCoredump, PID: &pid, At: at(after),
			Container: &kernellog.Container{ID: id}}
	}
	crash := func(tid int, after time.Duration) kernellog.Crash {
		return kernellog.Crash{At: at(after), TID: tid, Comm: "x", Signal: "SIGSEGV", Kind: kernellog.CrashSegfault}
	}
	crashes := func(list ...kernellog.Crash) []kernellog.Crash { return list }
	cores := func(list ...kernellog.Trouble) []kernellog.Trouble { return list }
	leader := 12
	ofProcess := crash(14, 0)
	ofProcess.PID = &leader
	undated := core(idA, 12, 0)
	undated.At = nil
	nobodys := core(idA, 12, 0)
	nobodys.Container = nil
	for name, test := range map[string]struct {
		crashes []kernellog.Crash
		cores   []kernellog.Trouble
		id      string
		grade   kernellog.Attribution
	}{
		"the same number": {crashes(crash(12, 0), crash(15, time.Second)),
			cores(core(idB, 15, 3*time.Second), core(idA, 12, 4*time.Second)), idA, "exact"},
		"stamped in whole seconds":    {crashes(crash(12, 0)), cores(core(idA, 12, -900*time.Millisecond)), idA, "exact"},
		"an audit line's process":     {crashes(ofProcess), cores(core(idA, 12, 0)), idA, "exact"},
		"a later thread, all alone":   {crashes(crash(14, 0)), cores(core(idA, 12, time.Second)), idA, "guess"},
		"two records of one core":     {crashes(crash(14, 0)), cores(core(idA, 12, 1), core(idA, 12, 2)), idA, "guess"},
		"a thread, and two cores":     {crashes(crash(14, 0)), cores(core(idA, 12, 1), core(idB, 13, 1)), idB, "guess"},
		"two crashes, one core":       {crashes(crash(14, 0), crash(19, 0)), cores(core(idA, 12, 1)), idB, "guess"},
		"a process that is younger":   {crashes(crash(14, 0)), cores(core(idA, 16, 1)), idB, "guess"},
		"long before":                 {crashes(crash(12, 0)), cores(core(idA, 12, -time.Minute)), idB, "guess"},
		"long after":                  {crashes(crash(12, 0)), cores(core(idA, 12, time.Hour)), idB, "guess"},
		"a record without a time":     {crashes(crash(12, 0)), cores(undated), idB, "guess"},
		"a record without a group":    {crashes(crash(12, 0)), cores(nobodys), idB, "guess"},
		"no record: whose end fits":   {crashes(crash(12, 0)), nil, idB, "guess"},
		"nothing but another's crash": {crashes(crash(12, time.Hour)), nil, "", "unknown"},
	} {
		known := []evidence.Neighbour{{ID: idB, Name: "b", State: "exited", FinishedAt: at(time.Second), ExitCode: &segv}}
		c := Make(Source{}, &kernellog.Log{Crashes: test.crashes, Trouble: test.cores}, Question{Known: known}).Crashes[0]
		id := ""
		if c.Container != nil {
			id = c.Container.ID
		}
		if id != test.id || c.Attribution != test.grade || (c.Reason == "") != (id == "") {
			t.Errorf("%s: %q, %s: %s", name, id, c.Attribution, c.Reason)
		}
	}
}

func TestRhythm(t *testing.T) {
	number := func(v float64) *float64 { return &v }
	for name, test := range map[string]struct {
		minutes []int
		want    Rhythm
	}{
		"once":               {[]int{0}, Rhythm{Kind: RhythmOnce}},
		"twice is no rhythm": {[]int{0, 10}, Rhythm{RhythmIrregular, number(600), number(600), number(600)}},
		"regular":            {[]int{0, 10, 21, 30}, Rhythm{RhythmRegular, number(600), number(540), number(660)}},
		"irregular":          {[]int{0, 10, 21, 90}, Rhythm{RhythmIrregular, number(660), number(600), number(4140)}},
		"another boot":       {[]int{0, 10, 5}, Rhythm{Kind: RhythmUnknown}},
	} {
		var log kernellog.Log
		for i, m := range test.minutes {
			log.Kills = append(log.Kills, killAt(i+1, time.Duration(m)*time.Minute))
		}
		sums := Make(Source{}, &log, Question{}).Containers
		if d := cmp.Diff(test.want, sums[0].Rhythm); d != "" || len(sums) != 1 || sums[0].Kills != len(test.minutes) {
			t.Errorf("%s: %d kills (-want +got):\n%s", name, sums[0].Kills, d)
		}
	}
}

// TestNoRhythmAcrossClocks: a time since the boot and one of the wall have no gap between them.
func TestNoRhythmAcrossClocks(t *testing.T) {
	sinceBoot := func(event int, seconds float64) kernellog.Kill {
		k := killAt(event, 0)
		k.At, k.BootSeconds = nil, &seconds
		return k
	}
	for name, test := range map[string]struct {
		kills []kernellog.Kill
		want  string
	}{
		"boot, then wall": {[]kernellog.Kill{sinceBoot(1, 100), killAt(2, time.Hour)}, RhythmUnknown},
		"wall, then boot": {[]kernellog.Kill{killAt(1, 0), sinceBoot(2, 1e10)}, RhythmUnknown},
		"boot alone":      {[]kernellog.Kill{sinceBoot(1, 100), sinceBoot(2, 200)}, RhythmIrregular},
		"wall alone":      {[]kernellog.Kill{killAt(1, 0), killAt(2, time.Hour)}, RhythmIrregular},
	} {
		sums := Make(Source{}, &kernellog.Log{Kills: test.kills}, Question{}).Containers
		if got := sums[0].Rhythm.Kind; got != test.want || (got == RhythmUnknown) != (sums[0].Rhythm.MedianSeconds == nil) {
			t.Errorf("%s: %+v", name, sums[0].Rhythm)
		}
	}
}

// TestGroupKillIsOneEvent: of three victims, in the summary.
func TestGroupKillIsOneEvent(t *testing.T) {
	log := kernellog.Log{Kills: []kernellog.Kill{killAt(1, 0), killAt(1, 0), killAt(1, 0), killAt(2, time.Minute)}}
	unknown := killAt(3, time.Hour)
	unknown.Container, unknown.TaskCgroup = nil, ""
	log.Kills = append(log.Kills, unknown)
	sums := Make(Source{}, &log, Question{}).Containers
	if len(sums) != 2 || sums[0].Kills != 4 || sums[0].Events != 2 || sums[1].Container != nil || sums[1].Kills != 1 {
		t.Errorf("%+v", sums)
	}
}

// TestInnerContainerBelongsToTheOuter: what dies in a container of a container is
// charged to both.
func TestInnerContainerBelongsToTheOuter(t *testing.T) {
	k := killAt(1, 0)
	k.Container = &kernellog.Container{ID: strings.Repeat("b", 64), OuterIDs: []string{idA}}
	log := &kernellog.Log{Kills: []kernellog.Kill{k}}
	for container, want := range map[string]int{"outer": 1, idA[:12]: 1, strings.Repeat("b", 12): 1,
		"other": 0, idA[:5]: 0} {
		q := Question{Container: container, Known: []evidence.Neighbour{{ID: idA, Name: "outer"},
			{ID: strings.Repeat("c", 64), Name: "other"}}}
		if got := len(Make(Source{}, log, q).Kills); got != want {
			t.Errorf("--container %s: %d kills, want %d", container, got, want)
		}
	}
}
