package kernellog

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, text string, opts Options) *Log {
	t.Helper()
	log, err := Read(strings.NewReader(text), opts)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// stamped puts dmesg stamps before messages, a millisecond apart.
func stamped(lines ...string) string {
	var b strings.Builder
	for i, line := range lines {
		fmt.Fprintf(&b, "[%5d.%06d] %s\n", 100, i*1000, line)
	}
	return b.String()
}

const (
	invoked = "java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"
	cpuLine = "CPU: 2 PID: 5282 Comm: java Tainted: G    B          3.10.0-327.el7.x86_64 #1"
	dockerA = "/docker/" + idA
)

func killed(pid int, comm string) string {
	return fmt.Sprintf("Memory cgroup out of memory: Killed process %d (%s) total-vm:9276kB, anon-rss:8064kB, "+
		"file-rss:0kB, shmem-rss:584kB, UID:1000 pgtables:52kB oom_score_adj:968", pid, comm)
}

func constraintOf(limit, task, comm string, pid int) string {
	return fmt.Sprintf("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=c,mems_allowed=0,"+
		"oom_memcg=%s,task_memcg=%s,task=%s,pid=%d,uid=1000", limit, task, comm, pid)
}

func TestKillForms(t *testing.T) {
	exact := func(pid int, comm string, anon int64) []wantKill {
		return []wantKill{own(pid, comm, dockerA, "docker:A", anon)}
	}
	unknown := func(pid int, comm string, scope Scope, anon int64) []wantKill {
		return []wantKill{{PID: pid, Comm: comm, Scope: scope, Attribution: AttributionUnknown, AnonKB: anon}}
	}
	for _, tt := range []struct {
		name  string
		lines []string
		want  []wantKill
	}{
		{"3.10-el7: the comma after the name, a candidate before", []string{
			"java invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0", "java cpuset=" + idA +
				" mems_allowed=0", cpuLine,
			"Task in " + dockerA + " killed as a result of limit of " + dockerA,
			"memory: usage 20480kB, limit 20480kB, failcnt 1204",
			"memory+swap: usage 20480kB, limit 18014398509481983kB, failcnt 0",
			"kmem: usage 0kB, limit 9007199254740988kB, failcnt 0",
			"Memory cgroup stats for " + dockerA + ": cache:0KB rss:980KB rss_huge:0KB mapped_file:0KB swap:0KB " +
				"inactive_anon:0KB",
			"[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name",
			"[ 1381]    33  1381    19417      5282      39        0             0 java",
			"Memory cgroup out of memory: Kill process 1381 (java) score 1996 or sacrifice child",
			"Killed process 1381 (java), UID 33, total-vm:77668kB, anon-rss:20000kB, file-rss:1128kB, shmem-rss:0kB",
		}, exact(1381, "java", 20000)},
		{"3.16: the child of the candidate dies", []string{
			"java invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0", "Task in " + dockerA +
				" killed as a result of limit of " + dockerA,
			"Memory cgroup out of memory: Kill process 24572 (java) score 1996 or sacrifice child",
			"Killed process 24580 (sh) total-vm:4328kB, anon-rss:100kB, file-rss:60kB",
		}, []wantKill{{24580, "sh", ScopeOwnLimit, AttributionGroup, dockerA, dockerA, "docker:A", 100, false}}},
		{"4.9: host, nobody's cgroup is told", []string{
			"java invoked oom-killer: gfp_mask=0x24201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), nodemask=(null), " +
				"order=0, oom_score_adj=0", "java cpuset=/ mems_allowed=0", cpuLine,
			"Out of memory: Kill process 28438 (mysqld) score 501 or sacrifice child",
			"Killed process 28438 (mysqld) total-vm:2000000kB, anon-rss:1500000kB, file-rss:0kB, shmem-rss:0kB",
		}, unknown(28438, "mysqld", ScopeHost, 1500000)},
		{"4.9: host, the invoker is the victim, so its cpuset is a hint", []string{
			"java invoked oom-killer: gfp_mask=0x24201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), nodemask=(null), " +
				"order=0, oom_score_adj=0", "java cpuset=docker-" + idA + ".scope mems_allowed=0", cpuLine,
			"Out of memory: Kill process 5282 (java) score 501 or sacrifice child",
			"Killed process 5282 (java) total-vm:2000000kB, anon-rss:1500000kB, file-rss:0kB, shmem-rss:0kB",
		}, []wantKill{{PID: 5282, Comm: "java", Scope: ScopeHost, Attribution: AttributionGuess, Container: "docker:A",
			AnonKB: 1500000}}},
		{"4.18-el8: prefix on the kill line, limit above", []string{
			invoked, "Task in /kubepods/burstable/pod" + podU + "/" + idA +
				" killed as a result of limit of /kubepods/burstable/pod" + podU,
			"Memory cgroup out of memory: Killed process 12 (x) total-vm:9276kB, anon-rss:8064kB, file-rss:0kB, " +
				"shmem-rss:584kB",
		}, []wantKill{{12, "x", ScopeOuterLimit, AttributionExact, podPath + "/" + idA, podPath, ":A pod=U", 8064,
			false}}},
		{"5.0: constraint names the candidate, a child dies", []string{
			invoked, constraintOf(dockerA, dockerA, "java", 12),
			"Memory cgroup out of memory: Kill process 12 (java) score 1996 or sacrifice child",
			"Killed process 13 (sh) total-vm:9276kB, anon-rss:8064kB, file-rss:0kB, shmem-rss:584kB",
		}, []wantKill{{13, "sh", ScopeOwnLimit, AttributionGroup, dockerA, dockerA, "docker:A", 8064, false}}},
		{"podman: the limit is on the scope, the victim in /container", []string{
			invoked, constraintOf("/machine.slice/libpod-"+idA+".scope", "/machine.slice/libpod-"+idA+
				".scope/container", "x", 12), killed(12, "x"),
		}, []wantKill{{12, "x", ScopeOwnLimit, AttributionExact, "/machine.slice/libpod-" + idA + ".scope/container",
			"/machine.slice/libpod-" + idA + ".scope", "podman:A", 8064, false}}},
		{"2.6: el6 puts the user before the name", []string{"Out of memory: Kill process 9999 (java) score 900 or " +
			"sacrifice child", "Killed process 9999, UID 500, (java) total-vm:77668kB, anon-rss:20000kB, " +
			"file-rss:1128kB"}, unknown(9999, "java", ScopeHost, 20000)},
		{"2.6: full stop, no memory", []string{"httpd invoked oom-killer: gfp_mask=0x201d2, order=0, oomkilladj=0",
			"Out of memory: kill process 12 (x) score 9 or a child", "Killed process 12 (x)."},
			unknown(12, "x", ScopeHost, -1)},
		{"2.6: the kill line alone", []string{"Killed process 12 (x) vsz:9276kB, anon-rss:8064kB, file-rss:0kB"},
			unknown(12, "x", ScopeUnknown, 8064)},
		{"oom_kill_allocating_task", []string{"Out of memory (oom_kill_allocating_task): Killed process 12 (x) " +
			"total-vm:1kB, anon-rss:8064kB, file-rss:0kB, shmem-rss:0kB"}, unknown(12, "x", ScopeHost, 8064)},
		{"a NUMA policy", []string{"No available memory (MPOL_BIND): Killed process 12 (x) total-vm:1kB, " +
			"anon-rss:8064kB, file-rss:0kB"}, unknown(12, "x", ScopeMempolicy, 8064)},
		{"a cpuset",
			[]string{"oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=c,mems_allowed=1,global_oom,task_memcg=" +
				dockerA + ",task=x,pid=12,uid=0", "Out of memory: Killed process 12 (x) total-vm:1kB, anon-rss:8064kB, " +
				"file-rss:0kB, shmem-rss:0kB"},
			[]wantKill{{12, "x", ScopeCpuset, AttributionExact, dockerA, "", "docker:A", 8064, false}}},
		{"a candidate is no kill", []string{"Memory cgroup out of memory: Kill process 24572 (java) score 1996 or " +
			"sacrifice child"}, nil},
		{"a victim that was dying already is no kill", []string{invoked, constraintOf(dockerA, dockerA, "x", 12),
			"Memory cgroup out of memory: OOM victim 12 (x) is already exiting. Skip killing the task"}, nil},
		{"nobody to kill is no kill", []string{invoked, "Out of memory and no killable processes..."}, nil},
		{"a header alone is no kill", []string{invoked, cpuLine}, nil},
		{"grep kept only the line that names the victim", []string{constraintOf(dockerA, dockerA, "x", 12)},
			exact(12, "x", -1)},
		{"only the stats are left: in that container, or deeper", []string{invoked,
			"Memory cgroup stats for " + dockerA + ":", "anon 8192", killed(12, "x")},
			[]wantKill{{12, "x", ScopeOwnLimit, AttributionGroup, dockerA, dockerA, "docker:A", 8064, false}}},
		{"the log ends inside the kill line", []string{invoked, constraintOf(dockerA, dockerA, "x", 12),
			"Memory cgroup out of memory: Killed process 12 (x) total-v"}, exact(12, "x", -1)},
		{"the log ends inside the name", []string{"Memory cgroup out of memory: Killed process 12 (jav"},
			unknown(12, "jav", ScopeCgroup, -1)},
		{"another kill's line must not take this dump's cgroup", []string{invoked,
			constraintOf(dockerA, dockerA, "x", 12), killed(99, "y")},
			append(exact(12, "x", -1), unknown(99, "y", ScopeCgroup, 8064)...)},
		{"a listed process of an earlier dump", []string{
			invoked, "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
			"[     12]     0    12     5391     5245    77824        0             0 x",
			"[     13]     0    13     5391     5245    77824        0             0 y z",
			constraintOf(dockerA, dockerA, "x", 12), killed(12, "x"), killed(13, "y z"), killed(14, "other")},
			append(exact(12, "x", 8064),
				wantKill{13, "y z", ScopeCgroup, AttributionCarried, dockerA, "", "docker:A", 8064, false},
				unknown(14, "other", ScopeCgroup, 8064)[0])},
		{"an earlier dump of the host carries nothing", []string{
			invoked, "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
			"[     12]     0    12     5391     5245    77824        0             0 x",
			"[     13]     0    13     5391     5245    77824        0             0 y",
			"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=c,mems_allowed=0,global_oom,task_memcg=" +
				dockerA + ",task=x,pid=12,uid=0", "Out of memory: Killed process 12 (x) total-vm:1kB, " +
				"anon-rss:8064kB, file-rss:0kB, shmem-rss:0kB", killed(13, "y")},
			append([]wantKill{{12, "x", ScopeHost, AttributionExact, dockerA, "", "docker:A", 8064, false}},
				unknown(13, "y", ScopeCgroup, 8064)...)},
		{"a group kill, its first victim twice, then a stranger without a dump", []string{
			invoked, "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
			"[     12]     0    12     5391     5245    77824        0             0 x",
			"[     13]     0    13     5391     5245    77824        0             0 y",
			constraintOf(dockerA, dockerA, "x", 12), killed(12, "x"), "Tasks in " + dockerA +
				" are going to be killed due to memory.oom.group set", killed(12, "x"), killed(13, "y"), "noise",
			"noise", killed(14, "z")},
			[]wantKill{{12, "x", ScopeOwnLimit, AttributionExact, dockerA, dockerA, "docker:A", 8064, true},
				{13, "y", ScopeOwnLimit, AttributionGroup, dockerA, dockerA, "docker:A", 8064, true},
				unknown(14, "z", ScopeCgroup, 8064)[0]}},
		{"pods group: the pod is known, the container is not", []string{invoked,
			constraintOf(podPath, podPath+"/"+idA, "x", 12), killed(12, "x"), "Tasks in " + podPath +
				" are going to be killed due to memory.oom.group set", killed(12, "x"), killed(13, "y")},
			[]wantKill{{12, "x", ScopeOuterLimit, AttributionExact, podPath + "/" + idA, podPath, ":A pod=U", 8064,
				true}, {13, "y", ScopeOwnLimit, AttributionGroup, podPath, podPath, ": pod=U", 8064, true}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []wantKill
			for _, k := range read(t, stamped(tt.lines...), Options{}).Kills {
				got = append(got, brief(k))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestOldTablesAreReadByTheirHeader(t *testing.T) {
	for header, row := range map[string]string{
		"[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name": "[ 1381]    33  1381   " +
			" 19417     5282   0       0            17 java x",
		"[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name": "[ 1381]    33  1381   " +
			" 19417     5282      39        0            17 java x",
		"[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name": "[ 1381]    33  1381   " +
			" 19417     5282      39       4        0            17 java x",
		"[ pid ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name": "[ 1381]    33  1381   " +
			" 19417     5282    77824        0            17 java x",
		"[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj " +
			"name": "[   1381]    33  1381    19417     5282     5088        0       194    77824        0          " +
			"  17 java x",
		"[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n[19417.000000]    33 19417     " +
			"19417     1    0  0  0 y": "[ 1381]    33  1381    19417     5282      39        0            17 java x",
	} {
		log := read(t, stamped(invoked, header, row, killed(1381, "java x")), Options{})
		want := Task{PID: 1381, Comm: "java x", RSS: new(int64(5282 * 4096)), OOMScoreAdj: new(17)}
		if len(log.Kills) != 1 || len(log.Kills[0].Tasks) == 0 {
			t.Fatalf("%s: %+v", header, log.Kills)
		}
		if d := cmp.Diff(want, log.Kills[0].Tasks[0]); d != "" {
			t.Errorf("%s (-want +got):\n%s", header, d)
		}
		if busybox := strings.Contains(header, "[19417.000000]"); busybox &&
			(len(log.Kills[0].Tasks) != 2 || *log.ToBoot > 200) {
			t.Errorf("a row that busybox took for a stamp: tasks %+v, log ends at %v", log.Kills[0].Tasks, *log.ToBoot)
		}
	}
}

func TestPageSizeOfTheTable(t *testing.T) {
	log := read(t, stamped(invoked, "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj "+
		"name", "[     12]     0    12      100       50    77824        0             0 x",
		"Memory cgroup out of memory: Killed process 12 (x) total-vm:6400kB, anon-rss:3200kB, file-rss:0kB, "+
			"shmem-rss:0kB, UID:0 pgtables:76kB oom_score_adj:0"), Options{})
	if rss := *log.Kills[0].Tasks[0].RSS; rss != 50*65536 {
		t.Errorf("rss %d, want 50 pages of 64 kB as on arm64", rss)
	}
}

func TestVictimAndMemoryNumbers(t *testing.T) {
	kill := read(t, stamped(invoked, "memory: usage 20480kB, limit 9007199254740988kB, failcnt 7",
		"swap: usage 4kB, limit 18014398509481983kB, failcnt 0",
		"Memory cgroup stats for /docker/p: cache:8KB rss:980KB shmem:8KB",
		"Memory cgroup stats for /docker/p/child: cache:8KB rss:20KB shmem:0KB",
		constraintOf("/docker/p", "/docker/p/child", "x", 12), killed(12, "x")), Options{}).Kills[0]
	want := &Memory{Usage: new(int64(20480 << 10)), Failcnt: new(int64(7)), SwapUsage: new(int64(4096)),
		Anon: new(int64(1000 << 10)), File: new(int64(16 << 10)), Shmem: new(int64(8 << 10))}
	if d := cmp.Diff(want, kill.Memory); d != "" {
		t.Errorf("unset limits are nil, the counters of all cgroups below add up (-want +got):\n%s", d)
	}
	v := Victim{TotalVM: new(int64(9276 << 10)), AnonRSS: new(int64(8064 << 10)), FileRSS: new(int64(0)),
		ShmemRSS: new(int64(584 << 10)), PageTables: new(int64(52 << 10)), OOMScoreAdj: new(968)}
	if d := cmp.Diff(v, kill.Victim); d != "" {
		t.Errorf("victim (-want +got):\n%s", d)
	}
	if kill.UID == nil || *kill.UID != 1000 {
		t.Errorf("uid %v", kill.UID)
	}
}

// A process chooses its name: any 15 bytes.
func TestHostileNames(t *testing.T) {
	for _, comm := range []string{
		"a) total-vm:", "x (y)", "a),UID 0", "a,pid=1", "a,uid=0", "task=b", ",task=/evil", ",task_memcg=/e",
		" invoked oom-ki", "oom-kill:constr", "Killed process", "Task in x", "]: segfault at ",
		"Out of memory: ", "\xff\xfe", "[31m", "😀😀", "a\nb", "a\n\n\nb", "#012", "-", "(", "a: b", "CPU: 0 PID: 1",
	} {
		row := "[     12]     0    12     5391     5245    77824        0             0 " + comm
		lines := []string{comm + " invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
			"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name", row,
			constraintOf(dockerA, dockerA, comm, 12), killed(12, comm)}
		for wrapping, text := range map[string]string{"dmesg": repeatedStamp(lines), "kmsg": kmsg(lines)} {
			log := read(t, text, Options{})
			if len(log.Kills) != 1 || len(log.Crashes) != 0 {
				t.Errorf("%s %q: %d kills, %d crashes, want one kill", wrapping, comm, len(log.Kills), len(log.Crashes))
				continue
			}
			k := log.Kills[0]
			if k.Comm != comm || k.PID != 12 || k.TaskCgroup != dockerA || k.Attribution != AttributionExact {
				t.Errorf("%s %q: got %q pid %d in %q (%s)", wrapping, comm, k.Comm, k.PID, k.TaskCgroup, k.Attribution)
			}
			if len(k.Tasks) != 1 || k.Tasks[0].Comm != comm && !strings.Contains(comm, "\n\n") {
				t.Errorf("%s %q: tasks %+v", wrapping, comm, k.Tasks)
			}
		}
	}
}

// repeatedStamp wraps as /proc/kmsg does: later lines of a record repeat its stamp.
func repeatedStamp(records []string) string {
	var b strings.Builder
	for i, record := range records {
		for line := range strings.SplitSeq(record, "\n") {
			fmt.Fprintf(&b, "[  100.%06d] %s\n", i*10, line)
		}
	}
	return b.String()
}

// kmsg wraps as /dev/kmsg does.
func kmsg(records []string) string {
	var b strings.Builder
	for i, record := range records {
		fmt.Fprintf(&b, "6,%d,%d,-;", 500+i, 100000000+i*10)
		for _, c := range []byte(record) {
			if c < 32 || c >= 127 || c == '\\' {
				fmt.Fprintf(&b, `\x%02x`, c)
				continue
			}
			b.WriteByte(c)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Paths may hold what separates the keys.
func TestHostilePaths(t *testing.T) {
	for _, path := range []string{"/a,b=c(d) e:f",
		"/user.slice/app.slice/app-org.kde.konsole-10418.scope/tab(2336326).scope",
		`/machine.slice/machine-qemu\x2d1\x2dvm.scope/libvirt/emulator`, "/x,pid=9"} {
		for _, text := range []string{stamped(constraintOf(path, path, "x", 12), killed(12, "x")),
			kmsg([]string{constraintOf(path, path, "x", 12), killed(12, "x")})} {
			log := read(t, text, Options{})
			if len(log.Kills) != 1 || log.Kills[0].TaskCgroup != path || log.Kills[0].LimitCgroup != path ||
				log.Kills[0].PID != 12 {
				t.Errorf("%s: %+v", path, log.Kills)
			}
		}
	}
}

func TestTornRecords(t *testing.T) {
	pieces := func(flag string, texts ...string) string {
		var b strings.Builder
		for i, text := range texts {
			f := "-"
			if i > 0 {
				f = flag
			}
			fmt.Fprintf(&b, "4,%d,%d,%s;%s\n12,%d,%d,-;, noise of another CPU,task=z\n", 10+2*i, 1000000+i, f, text,
				11+2*i, 1000000+i)
		}
		return b.String()
	}
	kill := "3,90,1000100,-;" + killed(12, "x") + "\n"
	long := "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)"
	for name, text := range map[string]string{
		"constraint, flag c": pieces("c", long, ",cpuset=", "c", ",mems_allowed=0,oom_memcg=", dockerA,
			",task_memcg=", dockerA, ",task=x,pid=12,uid=0") + kill,
		"constraint, flag +": pieces("+", long, ",cpuset=", "/", ",mems_allowed=0,oom_memcg=", dockerA+
			",task_memcg=", dockerA+",task=x,pid=12,uid=0") + kill,
		"Task in": pieces("c", "Task in ", dockerA, " killed as a result of limit of ", dockerA) +
			"3,90,1000100,-;Memory cgroup out of memory: Kill process 12 (x) score 1 or sacrifice child\n" +
			strings.Replace(kill, "Memory cgroup out of memory: ", "", 1),
		"constraint in dmesg": stamped(long, "noise", ",cpuset=", "docker-x.scope", ", , no",
			",mems_allowed=0,oom_memcg=", "noise", dockerA+",task_memcg=", dockerA, ",task=x,pid=12,uid=0",
			killed(12, "x")),
		"Task in, trimmed lines": stamped("Task in", dockerA, " killed as a result of limit of", dockerA,
			"Memory cgroup out of memory: Kill process 12 (x) score 1 or sacrifice child", killed(12, "x")),
	} {
		log := read(t, text, Options{})
		if len(log.Kills) != 1 {
			t.Errorf("%s: %d kills", name, len(log.Kills))
			continue
		}
		if d := cmp.Diff(own(12, "x", dockerA, "docker:A", 8064), brief(log.Kills[0])); d != "" &&
			!strings.Contains(name, "dmesg") {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	// The tail is lost: its cgroup still holds, as far as it was told.
	k := read(t, pieces("c", long, ",cpuset=", "c", ",mems_allowed=0,oom_memcg=", dockerA)+kill, Options{}).Kills
	if len(k) != 1 || k[0].LimitCgroup != dockerA || k[0].Attribution != AttributionGroup {
		t.Errorf("a constraint line without its tail: %+v", k)
	}
	stats := read(t, pieces("c", "Memory cgroup stats for ", dockerA, ":")+kill, Options{}).Kills
	if len(stats) != 1 || stats[0].TaskCgroup != dockerA || stats[0].Attribution != AttributionGroup {
		t.Errorf("a torn stats line: %+v", stats)
	}
	group := read(t, kill+pieces("c", "Tasks in ", dockerA, " are going to be killed due to memory.oom.group set")+
		strings.Replace(kill, "90,1000100", "91,1000200", 1)+strings.NewReplacer("90,1000100",
		"92,1000200", "12 (x)", "13 (y)").Replace(kill), Options{}).Kills
	if len(group) != 2 || !group[0].GroupKill || group[1].TaskCgroup != dockerA {
		t.Errorf("a torn group line: %+v", group)
	}
}

func TestRepeatedKillIsOne(t *testing.T) {
	dump := kmsg([]string{invoked, constraintOf(dockerA, dockerA, "x", 12), killed(12, "x")})
	if n := len(read(t, dump+dump, Options{}).Kills); n != 1 {
		t.Errorf("an overlap of two copies gave %d kills", n)
	}
	later := strings.ReplaceAll(dump, ",1000000", ",1100000") // 10 s on: the pid was used again
	if n := len(read(t, dump+later, Options{}).Kills); n != 2 {
		t.Errorf("two kills of one pid 10 s apart gave %d", n)
	}
	group := strings.Join([]string{constraintOf(dockerA, dockerA, "x", 12), killed(12, "x"), "Tasks in " + dockerA +
		" are going to be killed due to memory.oom.group set",
		strings.Replace(killed(12, "x"), "8064", "0", 1), killed(13, "y")}, "\n") + "\n"
	if n := len(read(t, group, Options{}).Kills); n != 2 {
		t.Errorf("a group kill without stamps, its first victim smaller the second time, gave %d kills, want 2", n)
	}
	bare := killed(12, "x") + "\n"
	if n := len(read(t, bare+bare, Options{}).Kills); n != 1 {
		t.Errorf("the same bare line twice gave %d kills", n)
	}
}

func TestTimes(t *testing.T) {
	boot := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	log := read(t, stamped(killed(12, "x"), "noise"), Options{Boot: boot})
	if at := log.Kills[0].At; at == nil || !at.Equal(boot.Add(100*time.Second)) {
		t.Errorf("at %v", at)
	}
	if !log.From.Equal(boot.Add(100*time.Second)) || !log.To.Equal(boot.Add(100*time.Second+time.Millisecond)) ||
		*log.FromBoot != 100 || *log.ToBoot != 100.001 {
		t.Errorf("span %v %v %v %v", log.From, log.To, *log.FromBoot, *log.ToBoot)
	}
	if log := read(t, stamped(killed(12, "x")), Options{}); log.Kills[0].At != nil || log.From != nil {
		t.Error("without the boot's time there is no wall time")
	}
	two := read(t, stamped(killed(12, "x"))+"[    0.000000] Linux version 6.12\n[    9.000000] "+killed(13, "y")+"\n",
		Options{Boot: boot})
	if len(two.Kills) != 2 || two.Kills[1].At != nil || *two.FromBoot != 0 {
		t.Errorf("after a change of boot the boot's time is not this one's: %+v", two.Kills)
	}
}

// A forged line of a quarter megabyte must not be kept, name or path.
func TestLongNamesAreBounded(t *testing.T) {
	path := "/" + strings.Repeat("x", maxLine/2)
	log := read(t, stamped(constraintOf(path, path, "x", 12), killed(12, "x"),
		"cgroup: fork rejected by pids controller in "+path, killed(13, strings.Repeat("y", 5000))), Options{})
	if len(log.Kills) == 0 || len(log.Trouble) != 1 {
		t.Fatalf("%d kills, %d troubles", len(log.Kills), len(log.Trouble))
	}
	for _, k := range log.Kills {
		if len(k.TaskCgroup)+len(k.LimitCgroup) > 2*maxMessage || len(k.Comm) > 4*commLen {
			t.Errorf("kept %d and %d bytes of path, %d of name", len(k.TaskCgroup), len(k.LimitCgroup), len(k.Comm))
		}
	}
	for _, tr := range log.Trouble {
		if len(tr.Cgroup) > maxMessage {
			t.Errorf("kept %d bytes of path", len(tr.Cgroup))
		}
	}
}
