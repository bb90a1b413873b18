package kernellog

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCrashForms(t *testing.T) {
	bits := func(n int) *int { return &n }
	for _, tt := range []struct {
		line string
		want Crash
	}{
		{"python3[12314]: segfault at 18 ip 00007ff1c7bd6ad8 sp 00007ffd28297cc8 error 4 in " +
			"libc.so.6[7ff1c7a95000+156000]",
			Crash{Comm: "python3", TID: 12314, Signal: "SIGSEGV", Kind: CrashSegfault, Address: "0x18",
				IP: "0x7ff1c7bd6ad8", SP: "0x7ffd28297cc8", Object: "libc.so.6", ObjectOffset: "0x141ad8",
				ErrorBits: bits(4)}},
		{"python3[12314]: segfault at 18 ip 00007ff1c7bd6ad8 sp 00007ffd28297cc8 error 4 in " +
			"libc.so.6[167ad8,7ff1c7a95000+156000] likely on CPU 1 (core 1, socket 0)",
			Crash{Comm: "python3", TID: 12314, Signal: "SIGSEGV", Kind: CrashSegfault, Address: "0x18",
				IP: "0x7ff1c7bd6ad8", SP: "0x7ffd28297cc8", Object: "libc.so.6", ObjectOffset: "0x167ad8",
				ErrorBits: bits(4)}},
		{"a]: b[1] [2]: x[7]: segfault at 0 ip 0000000000000000 sp 00007ffd28297cc8 error 14 likely on CPU 0 (core " +
			"0, socket 0)",
			Crash{Comm: "a]: b[1] [2]: x", TID: 7, Signal: "SIGSEGV", Kind: CrashSegfault, Address: "0x0", IP: "0x0",
				SP: "0x7ffd28297cc8", ErrorBits: bits(0x14)}},
		// A jump to nowhere: until 6.1 the mapping after it is named.
		{"x[7]: segfault at 0 ip 0000000000000000 sp 00007ffd28297cc8 error 14 in x[400000+1000]",
			Crash{Comm: "x", TID: 7, Signal: "SIGSEGV", Kind: CrashSegfault, Address: "0x0", IP: "0x0",
				SP: "0x7ffd28297cc8", ErrorBits: bits(0x14)}},
		{"traps: node[83] general protection ip:401a21 sp:7fff19eaf910 error:0 in node[401000+8e000]",
			Crash{Comm: "node", TID: 83, Signal: "SIGSEGV", Kind: CrashGeneralProtection, IP: "0x401a21",
				SP: "0x7fff19eaf910", Object: "node", ObjectOffset: "0xa21"}},
		{"node[83] general protection ip:401a21 sp:7fff19eaf910 error:0 in node[401000+8e000]",
			Crash{Comm: "node", TID: 83, Signal: "SIGSEGV", Kind: CrashGeneralProtection, IP: "0x401a21",
				SP: "0x7fff19eaf910", Object: "node", ObjectOffset: "0xa21"}},
		{"traps: my app[83] general protection fault ip:7fa900026510 sp:7fff19eaf910 error:0 in lib " +
			"my.so[2650f,7fa900000000+156000]",
			Crash{Comm: "my app", TID: 83, Signal: "SIGSEGV", Kind: CrashGeneralProtection, IP: "0x7fa900026510",
				SP: "0x7fff19eaf910", Object: "lib my.so", ObjectOffset: "0x2650f"}},
		{"traps: node[85] trap int3 ip:401a72 sp:7ffe6b3c1c70 error:0 in node[401000+8e000]",
			Crash{Comm: "node", TID: 85, Signal: "SIGTRAP", Kind: CrashTrap, IP: "0x401a72", SP: "0x7ffe6b3c1c70",
				Object: "node", ObjectOffset: "0xa72"}},
		{"traps: x[12] control protection ip:401a72 sp:7ffe6b3c1c70 ssp:7f0000000000 error:1(near ret) in " +
			"x[401000+8e000]",
			Crash{Comm: "x", TID: 12, Signal: "SIGSEGV", Kind: CrashTrap, IP: "0x401a72", SP: "0x7ffe6b3c1c70",
				Object: "x", ObjectOffset: "0xa72"}},
		{"java[12]: unhandled level 2 translation fault (11) at 0x00000010, esr 0x92000046",
			Crash{Comm: "java", TID: 12, Signal: "SIGSEGV", Kind: CrashSegfault, Address: "0x10"}},
		{"java[12]: unhandled exception: DABT (lower EL), ESR 0x92000006, level 2 translation fault in " +
			"app[aaaa00000000+1000]", Crash{Comm: "java", TID: 12, Signal: "SIGSEGV", Kind: CrashSegfault,
			Object: "app"}},
		{"x[12]: unhandled signal 11 at 0000000000000010 nip 0000000010000000 lr 0000000010000001 code 30001",
			Crash{Comm: "x", TID: 12, Signal: "SIGSEGV", Kind: CrashSegfault, Address: "0x10"}},
		{"x[12]: unhandled signal 6 code 0x1 at 0x0000000000000010", Crash{Comm: "x",
			TID: 12, Signal: "SIGABRT", Kind: CrashAbort, Address: "0x10"}},
		{"x[12]: segfault (11) at 10 nip 10000100 lr 10000001 code 1 in x[10000000+1000]",
			Crash{Comm: "x", TID: 12, Signal: "SIGSEGV", Kind: CrashSegfault, Address: "0x10", IP: "0x10000100",
				Object: "x", ObjectOffset: "0x100"}},
		{"x: unhandled page fault (11) at 0x00000010, code 0x005", Crash{Comm: "x",
			Signal: "SIGSEGV", Kind: CrashSegfault, Address: "0x10"}},
		{"User process fault: interruption code 0011 ilc:3 in x[10000000+1000]", Crash{Kind: CrashOther, Object: "x"}},
		{`audit: type=1701 audit(1795425298.530:15): auid=4294967295 uid=0 gid=0 ses=4294967295 subj=unconfined pid=99 comm=6120620A exe="/bin/my app" sig=6 res=1`,
			Crash{Comm: "a b\n", PID: bits(99), Signal: "SIGABRT", Kind: CrashAbort, Exe: "/bin/my app"}},
		{`audit: type=1326 audit(1795425298.530:15): auid=1 uid=0 gid=0 ses=1 subj=unconfined pid=114 comm="x" exe="/bin/x" sig=31 arch=c000003e syscall=110 compat=0 ip=0x441139 code=0x80000000`,
			Crash{Comm: "x", PID: bits(114), Signal: "SIGSYS", Kind: CrashSeccomp, Exe: "/bin/x", IP: "0x441139",
				Syscall: bits(110)}},
		{"EXE: my: x: potentially unexpected fatal signal 8.", Crash{Comm: "x", Signal: "SIGFPE", Kind: CrashTrap}},
	} {
		log := read(t, "[  123.456789] "+tt.line+"\n", Options{})
		if len(log.Crashes) != 1 {
			t.Errorf("%s: %d crashes", tt.line, len(log.Crashes))
			continue
		}
		got := log.Crashes[0]
		if got.Excerpt != tt.line || got.Line != 1 || *got.BootSeconds != 123.456789 {
			t.Errorf("%s: excerpt %q line %d at %v", tt.line, got.Excerpt, got.Line, *got.BootSeconds)
		}
		if wall := time.UnixMilli(1795425298530).UTC(); strings.HasPrefix(tt.line, "audit") &&
			(got.At == nil || !got.At.Equal(wall)) {
			t.Errorf("%s: at %v, want the audit record's own time", tt.line, got.At)
		}
		got.At, got.BootSeconds, got.Excerpt, got.Line, got.Hint = nil, nil, "", 0, ""
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.line, d)
		}
	}
}

func TestNoCrash(t *testing.T) {
	for _, line := range []string{
		"Code: 48 8b 04 25 18 00 00 00", // stands in every OOM dump too
		// logged, allowed
		`audit: type=1326 audit(1795425298.530:15): auid=1 uid=0 gid=0 ses=1 pid=114 comm="x" exe="/bin/x" sig=0 arch=c000003e syscall=110 compat=0 ip=0x441139 code=0x7ffc0000`,
		`audit: type=1400 audit(1795425298.530:15): pid=1 comm="segfault at"`,
		"x[no]: segfault at 0 ip 0 sp 0 error 4",
		"traps: PANIC: double fault",
		"ANOM_ABEND auid=0 pid=99 comm=\"x\" sig=6 res=1", // without journald's word for it
	} {
		if log := read(t, "[  123.456789] "+line+"\n", Options{}); len(log.Crashes)+len(log.Kills) != 0 {
			t.Errorf("%s: %+v", line, log.Crashes)
		}
	}
}

func TestCrashOfTheJournalsAudit(t *testing.T) {
	for name, text := range map[string]string{
		"text": `Nov 20 09:23:11 n audit[99]: ANOM_ABEND auid=0 uid=0 gid=0 ses=1 subj=unconfined pid=99 comm="x" exe="/bin/x" sig=6 res=1` + "\n",
		"json": `{"_TRANSPORT":"audit","MESSAGE":"ANOM_ABEND auid=0 uid=0 gid=0 ses=1 subj=unconfined pid=99 comm=\"x\" exe=\"/bin/x\" sig=6 res=1"}` + "\n",
	} {
		log := read(t, text, Options{})
		if len(log.Crashes) != 1 || log.Crashes[0].Kind != CrashAbort || log.Crashes[0].Comm != "x" ||
			*log.Crashes[0].PID != 99 {
			t.Errorf("%s: %+v", name, log.Crashes)
		}
	}
}

func TestLinesOfOneCrashAreJoined(t *testing.T) {
	audit := func(pid string) string {
		return `audit: type=1701 audit(1795425298.530:15): auid=1 uid=0 gid=0 ses=1 subj=u pid=` + pid +
			` comm="x" exe="/bin/x" sig=11 res=1`
	}
	fault := func(tid string) string { return "x[" + tid + "]: segfault at 18 ip 401000 sp 7ffd0 error 4" }
	for _, tt := range []struct {
		name  string
		lines []string
		want  int
	}{
		{"fault and audit", []string{fault("12"), audit("12")}, 1},
		{"the fault's tail came alone", []string{fault("12"), "noise", " in x[400000+2000]", audit("12")}, 1},
		{"a thread's fault and its process", []string{fault("13"), audit("12")}, 1},
		{"two workers", []string{fault("12"), audit("12"), fault("13"), audit("13")}, 2},
		{"two workers, crosswise", []string{fault("12"), fault("13"), audit("12"), audit("13")}, 2},
		{"another process's audit", []string{fault("12"), audit("99")}, 2},
		{"signal, registers, audit", []string{"potentially unexpected fatal signal 11.",
			"CPU: 0 PID: 12 Comm: x Not tainted 5.10", audit("12")}, 1},
	} {
		log := read(t, stamped(tt.lines...), Options{})
		if len(log.Crashes) != tt.want {
			t.Errorf("%s: %d crashes, want %d: %+v", tt.name, len(log.Crashes), tt.want, log.Crashes)
		}
		if strings.Contains(tt.name, "tail") && (len(log.Crashes) == 0 || log.Crashes[0].Object != "x" ||
			log.Crashes[0].PID == nil) {
			t.Errorf("%s: %+v", tt.name, log.Crashes)
		}
	}
}

func TestTrouble(t *testing.T) {
	for _, tt := range []struct {
		line string
		kind TroubleKind
		comm string
		pid  int
	}{
		{"cgroup: fork rejected by pids controller in " + dockerA, TroubleForkRejected, "", 0},
		{"INFO: task kworker/u8:2:1234 blocked for more than 120 seconds.", TroubleHungTask, "kworker/u8:2", 1234},
		{"INFO: task my x:12 blocked in I/O wait for more than 122 seconds.", TroubleHungTask, "my x", 12},
		{"INFO: task x:12 is blocked on a mutex likely owned by task y:13.", TroubleHungTask, "x", 12},
		{"watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [my x:12]", TroubleSoftLockup, "my x", 12},
		{"rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", TroubleSoftLockup, "", 0},
		{"EXT4-fs (vdb1): Delayed block allocation failed for inode 12 at logical offset 0 with max blocks 2 with " +
			"error 28", TroubleNoSpace, "", 0},
		{"EXT4-fs error (device vdb1): ext4_find_entry:1463: inode #2: comm node: reading directory lblock 0",
			TroubleFilesystem, "node", 0},
		{"EXT4-fs (vdb1): Remounting filesystem read-only", TroubleFilesystem, "", 0},
		{"Aborting journal on device vdb1-8.", TroubleFilesystem, "", 0},
		{"XFS (dm-0): Log I/O Error (0x2) detected at f+0x1/0x2 (fs/xfs/x.c:1).  Shutting down filesystem.",
			TroubleFilesystem, "", 0},
		{"BTRFS: error (device sda1) in f:123: errno=-28 No space left", TroubleNoSpace, "", 0},
		{"critical space allocation error, dev dm-1, sector 1", TroubleNoSpace, "", 0},
		{"device-mapper: thin: 253:4: reached low water mark for data device: sending event.", TroubleNoSpace, "", 0},
		{"Buffer I/O error on dev sda1, logical block 1, lost async page write", TroubleDisk, "", 0},
		{"blk_update_request: I/O error, dev sda, sector 1", TroubleDisk, "", 0},
		{"I/O error, dev sda, sector 1 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 0", TroubleDisk, "", 0},
		{"my x: page allocation failure: order:5, mode:0x40, nodemask=(null),cpuset=c,mems_allowed=0",
			TroublePageAllocation, "my x", 0},
		{"__vm_enough_memory: pid: 12, comm: x, bytes: 8192 not enough memory for the allocation",
			TroublePageAllocation, "", 0},
		{"Out of memory and no killable processes...", TroubleNoVictim, "", 0},
		{"oom_reaper: unable to reap pid:12 (x)", TroubleVictimStuck, "", 0},
		{"Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled", TroublePanic, "", 0},
		{"Core dump to |/h pipe failed", TroubleCoredump, "", 0},
		{"coredump: 193(my x): over core_pipe_limit, skipping core dump", TroubleCoredump, "my x", 193},
		{"Pid 12(x) over core_pipe_limit", TroubleCoredump, "", 0},
		{"Memory failure: 0x1234: Sending SIGBUS to x:12 due to hardware memory corruption", TroubleHardware, "", 0},
		{"MCE: Killing x:12 due to hardware memory corruption fault at 7f00", TroubleHardware, "", 0},
		{"NVRM: Xid (PCI:0000:01:00): 31, pid=12, name=python, Ch 00000008", TroubleHardware, "", 0},
		{"oomd kill: 31.52 15.20 5.10 workload.slice/x.service 123456 ruleset:[r] detectorgroup:[d] " +
			"killer:kill_by_memory_size_or_growth v2", TroubleOOMDKill, "", 0},
		{`[talos] Sending SIGKILL to cgroup {"component":"controller-runtime","controller":"runtime.OOMController","cgroup":"/sys/fs/cgroup/kubepods/burstable/pod` + podU + `/` + idA + `"}`, TroubleOOMDKill, "", 0},
		{"BUG: unable to handle page fault for address: ffffc90000a3c000", TroubleOops, "", 0},
		{"BUG: scheduling while atomic: java/1234/0x00000002", TroubleOops, "", 0},
		{"kernel BUG at mm/slub.c:4118!", TroubleOops, "", 0},
		{"general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] PREEMPT SMP",
			TroubleOops, "", 0},
		{"Oops: general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] SMP",
			TroubleOops, "", 0},
		{"Oops: Kernel access of bad area, sig: 11 [#1]", TroubleOops, "", 0},
		{"Oops [#1]", TroubleOops, "", 0},
		{"Oops[#1]:", TroubleOops, "", 0},
		{"Kernel bug detected[#1]:", TroubleOops, "", 0},
		{"Unable to handle kernel paging request at virtual address ffff800011223344", TroubleOops, "", 0},
		{"lockd: server 10.0.0.9 not responding, still trying", TroubleNetworkFS, "", 0},
		{"nfs: server 10.0.0.9 not responding, timed out", TroubleNetworkFS, "", 0},
		{"NFS: nfs4_reclaim_open_state: Lock reclaim failed!", TroubleNetworkFS, "", 0},
		{"CIFS VFS: Server 10.0.0.9 has not responded in 120 seconds. Reconnecting...", TroubleNetworkFS, "", 0},
		{"libceph: mon0 (1)10.0.0.1:6789 session lost, hunting for new mon", TroubleNetworkFS, "", 0},
		{"nfs: server 10.0.0.9 OK", "", "", 0},
		{"NFS: Registering the id_resolver key type", "", "", 0},
		{"java: page allocation failure. order:0, mode:0x20", TroublePageAllocation, "java", 0},
		{"SLUB: Unable to allocate memory on CPU 3 (of node 0) on node -1, gfp=0xcc0(GFP_KERNEL)",
			TroublePageAllocation, "", 0},
		{"SLAB: Unable to allocate memory on node 0 (gfp=0x20)", TroublePageAllocation, "", 0},
		{"vmap allocation for size 4198400 failed: use vmalloc=<size> to increase size", TroublePageAllocation, "", 0},
		{"lowmemorykiller: send sigkill to 1234 (example.app), adj 900, size 4321", TroubleOOMDKill, "example.app", 1234},
		{"lowmemorykiller: Using vmpressure for memory pressure detection", "", "", 0},
		{"oomd kill: 31.52 15.20 5.10 workload.slice/x.service 123456 ruleset:[r] (dry)", "", "", 0},
		{"EXT4-fs (vdb1): mounted filesystem with ordered data mode. Quota mode: none.", "", "", 0},
		{"device-mapper: thin: Data device (dm-1) discard unsupported", "", "", 0},
		{"oom_reaper: reaped process 12 (x), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB", "", "", 0},
		{"Process accounting resumed", "", "", 0},
	} {
		log := read(t, "[  123.456789] "+tt.line+"\n", Options{})
		if tt.kind == "" {
			if len(log.Trouble) != 0 {
				t.Errorf("%s: %+v", tt.line, log.Trouble)
			}
			continue
		}
		if len(log.Trouble) != 1 {
			t.Errorf("%s: %d troubles", tt.line, len(log.Trouble))
			continue
		}
		got := log.Trouble[0]
		pid := 0
		if got.PID != nil {
			pid = *got.PID
		}
		if got.Kind != tt.kind || got.Comm != tt.comm || pid != tt.pid || got.Summary == "" || got.Excerpt != tt.line {
			t.Errorf("%s: %+v pid %d", tt.line, got, pid)
		}
		if strings.Contains(tt.line, idA) && (got.Container == nil || got.Container.ID != idA) {
			t.Errorf("%s: container %+v", tt.line, got.Container)
		}
	}
}

// The reports of user space killers are trouble, with the cgroup they name.
func TestUserSpaceReports(t *testing.T) {
	for _, tt := range []struct {
		line   string
		kind   TroubleKind
		cgroup string
		pid    int
	}{
		{"systemd[1]: docker-" + idA + ".scope: A process of this unit has been killed by the OOM killer.",
			TroubleUnitOOM, "docker-" + idA + ".scope", 0},
		{"systemd[1]: docker-" + idA + ".scope: systemd-oomd killed 4 process(es) in this unit.", TroubleOOMDKill,
			"docker-" + idA + ".scope", 0},
		{"systemd-oomd[9]: Killed /system.slice/docker-" + idA +
			".scope due to memory pressure for /system.slice being 62.34% > 50.00% for > 20s with reclaim activity",
			TroubleOOMDKill, scopeA, 0},
		{"systemd-coredump[9]: Process 123 (x) of user 0 dumped core.", TroubleCoredump, "", 123},
		{"systemd-coredump[9]: [🡕] Process 123 (my x) of user 1000 dumped core.", TroubleCoredump, "", 123},
		{"systemd-coredump[9]: Process 123 (x) of user 0 failed to dump core.", TroubleCoredump, "", 123},
		{"systemd-oomd[9]: Killed /system.slice/docker-" + idA + ".scope due to memory used (16534310912) / total " +
			"(16629379072) and swap used (8589930496) / total (8589930496) being more than 90.00%", TroubleOOMDKill, scopeA, 0},
		{`earlyoom[9]: sending SIGTERM to process 7378 uid 1000 "tail": oom_score 156, VmRSS 4962 MiB, cmdline "tail"`,
			TroubleOOMDKill, "", 7378},
		{"nohang[9]: [ OK ] Sending SIGTERM to tail", TroubleOOMDKill, "", 0},
		{"nohang[9]: Implementing a corrective action:", "", "", 0},
		{"app[9]: [ OK ] Sending SIGTERM to tail", "", "", 0},
		{"app[9]: Killed /x due to memory pressure for /y being 62%", "", "", 0},
		{"systemd[1]: Started Session 1 of User root.", "", "", 0},
	} {
		log := read(t, "Nov 20 09:23:11 node "+tt.line+"\n", Options{})
		if len(log.Kills) != 0 || (len(log.Trouble) == 1) != (tt.kind != "") {
			t.Errorf("%s: kills %+v trouble %+v", tt.line, log.Kills, log.Trouble)
			continue
		}
		if tt.kind == "" {
			continue
		}
		got := log.Trouble[0]
		if got.Kind != tt.kind || got.Cgroup != tt.cgroup || tt.pid != 0 && (got.PID == nil || *got.PID != tt.pid) ||
			tt.cgroup != "" && (got.Container == nil || got.Container.ID != idA) {
			t.Errorf("%s: %+v", tt.line, got)
		}
	}
}

// TestCoredumpRecordNamesTheGroup: systemd-coredump's record in the journal's own form has the process's control group;
// what another program writes there under its name is not believed.
func TestCoredumpRecordNamesTheGroup(t *testing.T) {
	record := func(unit, more string) string {
		return `{"__REALTIME_TIMESTAMP":"1795425292959000","_TRANSPORT":"journal","_SYSTEMD_UNIT":"` + unit + `",` +
			`"SYSLOG_IDENTIFIER":"systemd-coredump","MESSAGE":"Process 123 (x) of user 0 dumped core.",` + more + `}` + "\n"
	}
	const unit = "systemd-coredump@3-411-0.service"
	group := "/system.slice/docker-" + idA + ".scope"
	for name, tt := range map[string]struct{ text, want string }{
		"of /proc":    {record(unit, `"COREDUMP_PROC_CGROUP":"0::`+group+`\n","COREDUMP_CGROUP":"/"`), group},
		"of cgroup 1": {record(unit, `"COREDUMP_CGROUP":"/","COREDUMP_PROC_CGROUP":"9:cpu,cpuacct:/\n4:memory:`+group+`\n"`), group},
		"short":       {record(unit, `"COREDUMP_CGROUP":"`+group+`"`), group},
		"rootless": {record(unit, `"COREDUMP_CGROUP":"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-`+
			idA+`.scope/container"`), "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + idA + ".scope/container"},
		"none": {record(unit, `"COREDUMP_PID":"123"`), ""},
	} {
		log := read(t, tt.text, Options{})
		if len(log.Trouble) != 1 || log.Trouble[0].Cgroup != tt.want ||
			tt.want != "" && (log.Trouble[0].Container == nil || log.Trouble[0].Container.ID != idA) {
			t.Errorf("%s: %+v", name, log.Trouble)
		}
	}
	unseen := strings.Replace(record("", `"COREDUMP_CGROUP":"`+group+`"`), `"_SYSTEMD_UNIT":""`, `"_UID":"0"`, 1)
	for _, uid := range []string{"0", "1000"} {
		log := read(t, strings.Replace(unseen, `"0"`, `"`+uid+`"`, 1), Options{})
		if (len(log.Trouble) == 1) != (uid == "0") {
			t.Errorf("a sender of uid %s whom journald did not see any more: %+v", uid, log.Trouble)
		}
	}
	forged := read(t, record("shop.service", `"COREDUMP_CGROUP":"`+group+`"`), Options{})
	if len(forged.Trouble) != 0 {
		t.Errorf("a program's own: %+v", forged.Trouble)
	}
}
