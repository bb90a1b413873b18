package kernellog

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The ids that the recorded logs use, and the cgroups made of them.
const (
	idA    = "a6f31c0e9d4b87256e0f1d3c5b7a998877665544332211ffeeddccbbaa001122"
	idB    = "0b1c2d3e4f5061728394a5b6c7d8e9f00112233445566778899aabbccddeeff0"
	podU   = "62015ce8-a46f-4b0e-a5a1-3082235c62dd"
	podU_  = "62015ce8_a46f_4b0e_a5a1_3082235c62dd"
	scopeA = "/system.slice/docker-" + idA + ".scope"
	podB   = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + podU_ + ".slice/cri-containerd-" +
		idB + ".scope"
	kindB = "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod" +
		podU_ + ".slice/cri-containerd-" + idB + ".scope"
)

// wantKill is what a person reads in the log, in short.
type wantKill struct {
	PID         int
	Comm        string
	Scope       Scope
	Attribution Attribution
	Task, Limit string // cgroups
	Container   string // runtime:id pod=… outer=…, with A and B for the two ids
	AnonKB      int64
	Group       bool
}

func brief(k Kill) wantKill {
	w := wantKill{PID: k.PID, Comm: k.Comm, Scope: k.Scope, Attribution: k.Attribution, Task: k.TaskCgroup,
		Limit: k.LimitCgroup, Group: k.GroupKill, AnonKB: -1}
	if c := k.Container; c != nil {
		w.Container = strings.TrimSpace(fmt.Sprintf("%s:%s %s", c.Runtime, c.ID, c.Name))
		if c.PodUID != "" {
			w.Container += " pod=" + c.PodUID
		}
		if len(c.OuterIDs) > 0 {
			w.Container += " outer=" + strings.Join(c.OuterIDs, ",")
		}
		w.Container = strings.NewReplacer(idA, "A", idB, "B", podU, "U").Replace(w.Container)
	}
	if k.Victim.AnonRSS != nil {
		w.AnonKB = *k.Victim.AnonRSS / 1024
	}
	return w
}

func own(pid int, comm, cgroup, container string, anon int64) wantKill {
	return wantKill{pid, comm, ScopeOwnLimit, AttributionExact, cgroup, cgroup, container, anon, false}
}

// burst is a run of kills that outran the kernel's limit on dumps: rl1 up to
// dumped have one, up to rl16 they have none, rl17 comes after the pause.
func burst(first, dumped, last int, anon ...int64) []wantKill {
	var kills []wantKill
	for i := range 16 {
		k := wantKill{PID: first + i, Comm: fmt.Sprint("rl", i+1), AnonKB: anon[i], Scope: ScopeCgroup,
			Attribution: AttributionUnknown}
		if i < dumped {
			cgroup := fmt.Sprint("/docker/r", i+1)
			k = own(k.PID, k.Comm, cgroup, "", anon[i])
		}
		kills = append(kills, k)
	}
	return append(kills, own(last, "rl17", "/docker/r17", "", anon[16]))
}

func group(first int, cgroup string, anonFirst, anon int64) []wantKill {
	kills := []wantKill{{first, "helper", ScopeOwnLimit, AttributionExact, cgroup, cgroup, "docker:A", anonFirst, true}}
	for i := range 4 {
		kills = append(kills, wantKill{first + 1 + i, fmt.Sprintf("worker:%d (x)", i), ScopeOwnLimit, AttributionGroup,
			cgroup, cgroup, "docker:A", anon, true})
	}
	return kills
}

const (
	weird   = "a\nb\x01)é \\"
	podPath = "/kubepods/burstable/pod" + podU
)

// corpusKills was written by reading the recorded logs, not by the reader.
var corpusKills = map[string][]wantKill{
	"5.10-v1/basic-v1": {own(90, "node", scopeA, "docker:A", 20268), own(95,
		"node", podB, "containerd:B pod=U", 20264)},
	// cgroup v1 without hierarchy: the limit was the inner container's
	"5.10-v1/nested-dind-v1":       {own(103, "java app", scopeA+kindB, "containerd:B pod=U outer=A", 20268)},
	"5.10-v1/oomgroup-or-forks-v1": {own(119, "helper", "/docker/"+idA, "docker:A", 21832)},
	"5.10-v1/pids-v1":              nil,
	"5.10-v1/ratelimit-v1": burst(205, 8, 225, 8120, 8124, 8120, 8124, 8124, 8120, 8120, 8120, 8120, 7860,
		8120, 7860, 7860, 8120, 7860, 8124, 8124),
	"5.10-v1/shm-nofree-v1":    {own(152, "helper", "/docker/x3", "", 4)},
	"5.10-v1/threadinvoker-v1": {own(140, "helper", "/docker/x2", "", 20064)},
	"5.10-v1/weirdname-v1":     {own(132, weird, "/docker/x1", "", 20264)},

	"5.10-v2/basic-v2": {own(82, "node", scopeA, "docker:A", 20264),
		own(85, "node", podB, "containerd:B pod=U", 20264)},
	"5.10-v2/core-ratelimit": nil,
	"5.10-v2/deep-v2": {own(82, "java", "/kubelet.slice"+scopeA+kindB, "containerd:B pod=U outer=A",
		20268)},
	"5.10-v2/deep2-v2": {own(88, "java", "/docker/"+idA+"/kubelet"+podPath+"/"+idB, ":B pod=U outer=A",
		20268)},
	"5.10-v2/deep3-v2": {own(94, "java", "/kubelet.slice"+scopeA+kindB+"/crun-container",
		"containerd:B pod=U outer=A", 16044)},
	"5.10-v2/global-v2": {{85, "java", ScopeHost, AttributionExact, scopeA, "", "docker:A", 125072, false}},
	"5.10-v2/nested-dind-v2": {{91, "java app", ScopeOuterLimit, AttributionExact, scopeA + kindB, scopeA,
		"containerd:B pod=U outer=A", 20264, false}},
	"5.10-v2/oomgroup-or-forks-v2": group(103, "/docker/"+idA, 21832, 1848),
	"5.10-v2/pids-v2":              nil,
	"5.10-v2/podlimit-v2": {{97, "manager", ScopeOuterLimit, AttributionExact, podPath + "/" + idB, podPath,
		":B pod=U", 24228, false}},
	"5.10-v2/ratelimit-v2": burst(151, 10, 169, 8124, 7860, 8120, 8120, 8124, 8124, 8124, 8120, 8120, 7860,
		8120, 8120, 8124, 8120, 8124, 8124, 8120),
	"5.10-v2/shm-nofree-v2":    {own(130, "helper", "/docker/x3", "", 4)},
	"5.10-v2/sig-default":      nil,
	"5.10-v2/sig-print-fatal":  nil,
	"5.10-v2/sigb":             nil,
	"5.10-v2/sigb2":            nil,
	"5.10-v2/threadinvoker-v2": {own(120, "helper", "/docker/x2", "", 20064)},
	"5.10-v2/weirdname-v2":     {own(114, weird, "/docker/x1", "", 20264)},

	"6.12-v2/basic-v2": {own(143, "node", scopeA, "docker:A", 20352), own(146,
		"node", podB, "containerd:B pod=U", 20352)},
	// the second line that names the victim came in six pieces
	"6.12-v2/cont-v2": {
		own(153, "c1", "/docker/"+idA, "docker:A", 8064), own(175, "c2", "/docker/"+idA, "docker:A", 8064),
		own(193, "c3", "/docker/"+idA, "docker:A", 8064),
		own(195, "c4", "/docker/"+idA, "docker:A", 8064), own(196, "c5", "/docker/"+idA, "docker:A", 8064),
		own(197, "c6", "/docker/"+idA, "docker:A", 8064), own(198, "c7", "/docker/"+idA, "docker:A", 7936),
	},
	"6.12-v2/core-ratelimit": nil,
	"6.12-v2/deep-v2": {own(139, "java", "/kubelet.slice"+scopeA+kindB, "containerd:B pod=U outer=A",
		20352)},
	"6.12-v2/deep2-v2": {own(145, "java", "/docker/"+idA+"/kubelet"+podPath+"/"+idB, ":B pod=U outer=A",
		20352)},
	"6.12-v2/deep3-v2": {own(151, "java", "/kubelet.slice"+scopeA+kindB+"/crun-container",
		"containerd:B pod=U outer=A", 16256)},
	"6.12-v2/global-v2": {{144, "java", ScopeHost, AttributionExact, scopeA, "", "docker:A", 113536, false}},
	"6.12-v2/nested-dind-v2": {{152, "java app", ScopeOuterLimit, AttributionExact, scopeA + kindB, scopeA,
		"containerd:B pod=U outer=A", 20224, false}},
	"6.12-v2/oomgroup-or-forks-v2": group(164, "/docker/"+idA, 21888, 2048),
	"6.12-v2/pids-v2":              nil,
	"6.12-v2/podlimit-v2": {{158, "manager", ScopeOuterLimit, AttributionExact, podPath + "/" + idB, podPath,
		":B pod=U", 24448, false}},
	"6.12-v2/ratelimit-v2": burst(212, 10, 231, 8064, 8064, 8064, 8064, 8064, 8064, 8064, 8064, 8064, 8064,
		8064, 8064, 8064, 8064, 8064, 8064, 8064),
	"6.12-v2/shm-nofree-v2":    {own(191, "helper", "/docker/x3", "", 0)},
	"6.12-v2/sig-default":      nil,
	"6.12-v2/sig-print-fatal":  nil,
	"6.12-v2/threadinvoker-v2": {own(181, "helper", "/docker/x2", "", 20352)},
	"6.12-v2/weirdname-v2":     {own(175, weird, "/docker/x1", "", 20352)},
}

// wantCrash is "kind signal comm tid/pid address object+offset", one a crash.
var corpusCrashes = map[string][]string{
	"5.10-v2/core-ratelimit": {"segfault SIGSEGV helper 134/- 0x18 helper+0x853", "abort SIGABRT helper 137/-  +",
		"segfault SIGSEGV helper 154/154 0x18 helper+0x853"},
	"6.12-v2/core-ratelimit": {"segfault SIGSEGV helper 193/- 0x18 helper+0x1853", "abort SIGABRT helper 196/-  +",
		"segfault SIGSEGV helper 213/213 0x18 helper+0x1853"},
	"5.10-v2/sigb": {
		"segfault SIGSEGV helper 81/- 0x18 helper+0x853", "segfault SIGSEGV helper 82/- 0x0 +",
		"general-protection SIGSEGV helper 83/-  helper+0xa21", "general-protection SIGSEGV helper 84/-  helper+0xa41",
		"trap SIGFPE helper 85/-  helper+0xa72", "trap SIGILL helper 86/-  helper+0xa9c",
		"trap SIGTRAP helper 87/-  helper+0xab9", "general-protection SIGSEGV helper 88/-  helper+0xadd",
	},
	"5.10-v2/sigb2": {"segfault SIGSEGV helper 93/- 0x18 helper+0x853"},
	"5.10-v2/sig-default": {
		"segfault SIGSEGV helper 81/81 0x18 helper+0x853", "segfault SIGSEGV helper 83/83 0x0 +",
		"segfault SIGSEGV helper 85/- 0x4017ae helper+0x9f6",
		"trap SIGILL helper 93/93  helper+0xa9c", "trap SIGTRAP helper 95/95  helper+0xab9",
		"general-protection SIGSEGV helper 97/97  helper+0xadd",
		"abort SIGABRT helper 0/99  +", "other SIGSYS helper 0/103  +", "bus SIGBUS helper 0/105  +",
		"segfault SIGSEGV pool-7-thread 110/- 0x0 helper+0x799",
		"segfault SIGSEGV helper 112/112 0x7ffc2cdbfe18 helper+0x7e2", "seccomp SIGSYS helper 0/114  +",
	},
	"6.12-v2/sig-default": {
		"segfault SIGSEGV helper 140/140 0x18 helper+0x1853", "segfault SIGSEGV helper 142/142 0x0 +",
		"segfault SIGSEGV helper 144/- 0x4017ae helper+0x19f6",
		"trap SIGILL helper 152/152  helper+0x1a9c", "trap SIGTRAP helper 154/154  helper+0x1ab9",
		"general-protection SIGSEGV helper 156/156  helper+0x1add",
		"abort SIGABRT helper 0/158  +", "other SIGSYS helper 0/162  +", "bus SIGBUS helper 0/164  +",
		"segfault SIGSEGV pool-7-thread 169/- 0x0 helper+0x1799",
		"segfault SIGSEGV helper 171/171 0x7ffe75978918 helper+0x17e2", "seccomp SIGSYS helper 0/173  +",
	},
	"5.10-v2/sig-print-fatal": {"segfault SIGSEGV helper 121/121 0x18 helper+0x853", "abort SIGABRT helper 123/123  +",
		"bus SIGBUS helper 127/127  +", "other SIGSYS helper 129/129  +"},
	"6.12-v2/sig-print-fatal": {"segfault SIGSEGV helper 180/180 0x18 helper+0x1853",
		"abort SIGABRT helper 182/182  +", "bus SIGBUS helper 186/186  +", "other SIGSYS helper 188/188  +"},
}

func briefCrash(c Crash) string {
	pid := "-"
	if c.PID != nil {
		pid = fmt.Sprint(*c.PID)
	}
	return fmt.Sprintf("%s %s %s %d/%s %s %s+%s", c.Kind, c.Signal, c.Comm, c.TID, pid, c.Address, c.Object,
		c.ObjectOffset)
}

// corpusNotes are the notes beside ring-start, which every one of the logs has.
var corpusNotes = map[string]map[NoteKind]int{
	"5.10-v1/ratelimit-v1":   {NoteDumpsSuppressed: 8},
	"5.10-v2/ratelimit-v2":   {NoteDumpsSuppressed: 6},
	"6.12-v2/ratelimit-v2":   {NoteDumpsSuppressed: 6},
	"5.10-v2/sig-default":    {NoteCrashesSuppressed: 8},
	"6.12-v2/sig-default":    {NoteCrashesSuppressed: 8},
	"5.10-v2/core-ratelimit": {NoteCrashesSuppressed: 30},
	"6.12-v2/core-ratelimit": {NoteCrashesSuppressed: 30},
}

func readFile(t *testing.T, path string) *Log {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	log, err := Read(f, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func TestRecordedLogs(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.*")
	if err != nil || len(files) != 2*len(corpusKills) {
		t.Fatalf("%d recorded files (%v), want two for each of the %d in the table", len(files), err, len(corpusKills))
	}
	for _, path := range files {
		name := strings.TrimPrefix(strings.TrimSuffix(path, filepath.Ext(path)), "testdata/")
		t.Run(strings.TrimPrefix(path, "testdata/"), func(t *testing.T) {
			want, ok := corpusKills[name]
			if !ok {
				t.Fatal("no expectation for this file")
			}
			log := readFile(t, path)
			var kills []wantKill
			for _, k := range log.Kills {
				kills = append(kills, brief(k))
			}
			if d := cmp.Diff(want, kills); d != "" {
				t.Errorf("kills (-want +got):\n%s", d)
			}
			var crashes []string
			for _, c := range log.Crashes {
				crashes = append(crashes, briefCrash(c))
			}
			if d := cmp.Diff(corpusCrashes[name], crashes); d != "" {
				t.Errorf("crashes (-want +got):\n%s", d)
			}
			notes := map[NoteKind]int{}
			for _, n := range log.Notes {
				if n.Kind != NoteRingStart && n.Kind != NoteTimeGuessed {
					notes[n.Kind] = n.Count
				}
			}
			if d := cmp.Diff(corpusNotes[name], notes, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("notes (-want +got):\n%s", d)
			}
		})
	}
}

// Both wrappings of one log must say the same, whole records, not only the
// table's part of them.
func TestWrappingsOfRecordedLogsAgree(t *testing.T) {
	for name := range corpusKills {
		kmsg, dmesg := readFile(t, "testdata/"+name+".kmsg"), readFile(t, "testdata/"+name+".dmesg")
		ignore := cmp.Options{
			cmpopts.IgnoreFields(Log{}, "Lines", "Bytes", "Settled"),
			cmpopts.IgnoreFields(Kill{}, "Line"), cmpopts.IgnoreFields(Crash{}, "Line"),
			cmpopts.IgnoreFields(Trouble{}, "Line"),
		}
		if d := cmp.Diff(kmsg, dmesg, ignore); d != "" {
			t.Errorf("%s (-kmsg +dmesg):\n%s", name, d)
		}
	}
}

func TestRecordedDetails(t *testing.T) {
	log := readFile(t, "testdata/6.12-v2/threadinvoker-v2.kmsg")
	if d := cmp.Diff(&Task{TID: 182, Comm: "http-nio-8080"}, log.Kills[0].InvokedBy); d != "" {
		t.Errorf("the invoker is the thread, not the victim (-want +got):\n%s", d)
	}
	// The page cache of a tmpfs was the memory, not the victim's own: 20480 kB limit.
	kill := readFile(t, "testdata/6.12-v2/shm-nofree-v2.kmsg").Kills[0]
	if m := kill.Memory; *m.Usage != 20480<<10 || *m.Limit != 20480<<10 || *m.Failcnt != 23 || *m.Shmem != 20750336 ||
		*m.SwapLimit != 0 {
		t.Errorf("memory of the shm kill: %+v", *m)
	}
	if kill.LimitCgroup != "/docker/x3" || *kill.BootSeconds != 8.303181 {
		t.Errorf("limit %q at %v", kill.LimitCgroup, *kill.BootSeconds)
	}
	// The one record of 5.10 holds its counters behind \x0a; v1 has kmem and memory+swap beside.
	if m := readFile(t, "testdata/5.10-v1/shm-nofree-v1.kmsg").Kills[0].Memory; *m.Shmem != 20680704 ||
		m.SwapUsage != nil || *m.Usage != 20480<<10 {
		t.Errorf("memory of the v1 shm kill: %+v", *m)
	}
	// rss 28530 pages is in column 5 of the 6.8 table; read by the 4.19 columns the adj would be rss_shmem.
	tasks := readFile(t, "testdata/6.12-v2/global-v2.kmsg").Kills[0].Tasks
	want := []Task{{PID: 144, Comm: "java", RSS: new(int64(28530 * 4096)), OOMScoreAdj: new(0)},
		{PID: 145, Comm: "sidecar", RSS: new(int64(5266 * 4096)), OOMScoreAdj: new(0)},
		{PID: 143, Comm: "init", RSS: new(int64(244 * 4096)), OOMScoreAdj: new(0)}}
	if d := cmp.Diff(want, tasks); d != "" {
		t.Errorf("tasks (-want +got):\n%s", d)
	}
	trouble := readFile(t, "testdata/6.12-v2/pids-v2.dmesg").Trouble
	if len(trouble) != 1 || trouble[0].Kind != TroubleForkRejected || trouble[0].Cgroup != "/docker/p1" {
		t.Errorf("pids limit: %+v", trouble)
	}
}
