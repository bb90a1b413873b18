package kernellog

import (
	"bytes"
	"fmt"
	"strings"
)

// troubleShape is a kind of line that is trouble: it begins with head and, where
// has is set, holds it.
type troubleShape struct {
	head, has string
	kind      TroubleKind
	summary   string
}

// troubleShapes are tried in order. Their sources: kernel/hung_task.c,
// kernel/watchdog.c, kernel/rcu/tree_stall.h, fs/ext4/super.c, fs/xfs/xfs_fsops.c,
// fs/btrfs/messages.c, block/blk-mq.c, drivers/md/dm-thin.c, fs/coredump.c,
// mm/memory-failure.c, mm/oom_kill.c.
var troubleShapes = []troubleShape{
	{"INFO: task ", "blocked", TroubleHungTask, "a task is stuck in the kernel"},
	{"watchdog: BUG: soft lockup", "", TroubleSoftLockup, "a CPU was stuck in the kernel"},
	{"BUG: soft lockup", "", TroubleSoftLockup, "a CPU was stuck in the kernel"},
	{"BUG: workqueue lockup", "", TroubleSoftLockup, "the kernel's own work is stuck"},
	{"BUG: unable to handle", "", TroubleOops, "the kernel itself faulted (an oops)"},
	{"BUG: kernel NULL pointer", "", TroubleOops, "the kernel itself faulted (an oops)"},
	{"BUG: ", "", TroubleOops, "the kernel found a bug of its own"},
	{"kernel BUG at ", "", TroubleOops, "the kernel itself faulted (an oops)"},
	{"Oops: ", "[#", TroubleOops, "the kernel itself faulted (an oops)"},
	{"Oops - ", "[#", TroubleOops, "the kernel itself faulted (an oops)"},
	{"Oops [#", "", TroubleOops, "the kernel itself faulted (an oops)"}, // RISC-V
	{"Oops[#", "", TroubleOops, "the kernel itself faulted (an oops)"},  // MIPS
	{"Kernel bug detected[#", "", TroubleOops, "the kernel itself faulted (an oops)"},
	{"Internal error: ", "[#", TroubleOops, "the kernel itself faulted (an oops)"},
	{"Unable to handle kernel ", "", TroubleOops, "the kernel itself faulted (an oops)"},
	{"general protection fault", "[#", TroubleOops, "the kernel itself faulted (an oops)"},
	{"invalid opcode: ", "[#", TroubleOops, "the kernel itself faulted (an oops)"},
	{"divide error: ", "[#", TroubleOops, "the kernel itself faulted (an oops)"},
	{"stack segment: ", "[#", TroubleOops, "the kernel itself faulted (an oops)"},
	{"double fault: ", "[#", TroubleOops, "the kernel itself faulted (an oops)"},
	{"watchdog: Watchdog detected hard LOCKUP", "", TroubleSoftLockup,
		"a CPU was stuck in the kernel, with its interrupts off"},
	{"NMI watchdog: Watchdog detected hard LOCKUP", "", TroubleSoftLockup,
		"a CPU was stuck in the kernel, with its interrupts off"},
	{"nfs: server ", "not responding", TroubleNetworkFS, "an NFS server does not answer: what touches its files hangs"},
	{"NFS: server ", "not responding", TroubleNetworkFS, "an NFS server does not answer: what touches its files hangs"},
	{"lockd: server ", "not responding", TroubleNetworkFS,
		"an NFS server's locks do not answer: what asks for one hangs"},
	{"NFS: ", "Lock reclaim failed", TroubleNetworkFS, "an NFS server forgot locks: what held them may fail"},
	{"nfs: server ", "timed out", TroubleNetworkFS, "an NFS server does not answer: what touches its files fails"},
	{"CIFS", "has not responded", TroubleNetworkFS, "a CIFS server does not answer: what touches its files hangs"},
	{"CIFS", "Reconnecting", TroubleNetworkFS, "a CIFS server does not answer: what touches its files hangs"},
	{"libceph: ", "socket closed", TroubleNetworkFS, "a Ceph server does not answer: what touches its files hangs"},
	{"libceph: ", "session lost", TroubleNetworkFS, "a Ceph server does not answer: what touches its files hangs"},
	{"ceph: ", "hung", TroubleNetworkFS, "a Ceph server does not answer: what touches its files hangs"},
	{"SLUB: Unable to allocate memory", "", TroublePageAllocation,
		"the kernel could not allocate memory; this kills nobody"},
	{"SLAB: Unable to allocate memory", "", TroublePageAllocation,
		"the kernel could not allocate memory; this kills nobody"},
	{"vmalloc: allocation failure", "", TroublePageAllocation,
		"the kernel could not allocate memory; this kills nobody"},
	{"vmap allocation for size ", "failed", TroublePageAllocation,
		"the kernel could not allocate memory; this kills nobody"},
	{"lowmemorykiller: send sigkill to ", "", TroubleOOMDKill, "Android's low memory killer killed a process"},
	{"lowmemorykiller: Kill", "", TroubleOOMDKill, "Android's low memory killer killed a process"},
	{"rcu: INFO: ", "stall", TroubleSoftLockup, "a CPU stalls the kernel's RCU"},
	{"INFO: rcu", "stall", TroubleSoftLockup, "a CPU stalls the kernel's RCU"},
	{"EXT4-fs (", "with error 28", TroubleNoSpace, "the filesystem had no space for data already written"},
	{"EXT4-fs error", "", TroubleFilesystem, "ext4 found an error"},
	{"EXT4-fs (", "Remounting filesystem read-only", TroubleFilesystem, "ext4 went read-only"},
	{"EXT4-fs (", "error", TroubleFilesystem, "ext4 reports an error"},
	{"Aborting journal on device ", "", TroubleFilesystem, "the filesystem's journal was aborted"},
	{"JBD2: ", "rror", TroubleFilesystem, "the filesystem's journal reports an error"},
	{"XFS (", "hutting down filesystem", TroubleFilesystem, "XFS shut the filesystem down"},
	{"XFS (", "orruption", TroubleFilesystem, "XFS found corruption"},
	{"XFS (", "error", TroubleFilesystem, "XFS reports an error"},
	{"BTRFS", "No space left", TroubleNoSpace, "btrfs has no space left"},
	{"BTRFS", "", TroubleFilesystem, "btrfs reports an error"},
	{"critical space allocation error", "", TroubleNoSpace, "the volume below the filesystem is full"},
	{"device-mapper: thin: ", "out-of-data-space", TroubleNoSpace, "the thin pool is full"},
	{"device-mapper: thin: ", "out of data space", TroubleNoSpace, "the thin pool is full"},
	{"device-mapper: thin: ", "reached low water mark", TroubleNoSpace, "the thin pool is nearly full"},
	{"loop: Write error", "", TroubleDisk, "a loop device could not be written"},
	{"Buffer I/O error", "", TroubleDisk, "a block could not be read or written"},
	{"blk_update_request: ", "error", TroubleDisk, "a disk request failed"},
	{"print_req_error: ", "error", TroubleDisk, "a disk request failed"},
	{"I/O error, dev ", "", TroubleDisk, "a disk request failed"},
	{"critical medium error", "", TroubleDisk, "the disk's medium is bad"},
	{"critical target error", "", TroubleDisk, "the disk refused a request"},
	{"oom_reaper: unable to reap", "", TroubleVictimStuck, "a killed process does not die"},
	{"Out of memory and no killable", "", TroubleNoVictim, "memory ran out and no process may be killed for it"},
	{"Kernel panic", "", TroublePanic, "the kernel stopped"},
	{"Core dump to ", "failed", TroubleCoredump, "a core could not be written"},
	{"coredump: ", "", TroubleCoredump, "the kernel reports about a core dump"},
	{"Skipping core dump", "", TroubleCoredump, "a core was not written"},
	{"Aborting core", "", TroubleCoredump, "a core was not written"},
	{"Process ", "RLIMIT_CORE", TroubleCoredump, "a core was not written because of RLIMIT_CORE"},
	{"Pid ", "over core_pipe_limit", TroubleCoredump, "a core was not written because of core_pipe_limit"},
	{"Memory failure: ", "SIGBUS", TroubleHardware, "bad memory: the process using it is told"},
	{"Memory failure: ", "killing", TroubleHardware, "bad memory: the process using it is killed"},
	{"MCE: Killing ", "", TroubleHardware, "bad memory: the process using it is killed"},
	{"NVRM: Xid", "", TroubleHardware, "the GPU reports a fault"},
	{"CPU Watchdog Timeout", "", TroublePanic, "a process used up its CPU time limit"},
	{"oomd kill: ", "", TroubleOOMDKill, "oomd killed a cgroup"},
	{"[talos] Sending SIGKILL", "OOM", TroubleOOMDKill, "Talos killed a cgroup for lack of memory"},
	{"__vm_enough_memory: ", "", TroublePageAllocation, "an allocation was refused under strict overcommit"},
}

// trouble parses a line that is neither kill nor crash.
func (s *Scanner) trouble(l *line, msg []byte) bool {
	var t Trouble
	if !t.describe(string(msg)) {
		return false
	}
	t.BootSeconds, t.At, t.Line, t.Excerpt = bootSeconds(l), s.when(l), l.no, excerptOf(msg)
	if t.Cgroup != "" {
		t.Container = ContainerFromCgroup(t.Cgroup)
	}
	if t.Kind == TroubleOops && s.oops.isNear(l) { // more lines of the same one
		s.oops = seenTrouble{at: l.bare()}
		return true
	}
	s.relate(l, &t)
	s.emitTrouble(&t)
	return true
}

// seenTrouble is one to which the next lines may belong.
type seenTrouble struct {
	at        line
	container *Container
	comm      string
}

const (
	troublePatience = 256 // lines of one oops or failed allocation, with the registers and stacks between them
	troubleWindow   = 1.0 // seconds, likewise
)

func (t *seenTrouble) isNear(l *line) bool {
	return t.at.no > 0 && l.no-t.at.no <= troublePatience && within(l, t.at.boot, t.at.hasBoot, troubleWindow)
}

// relate remembers a trouble, and lends a SLUB failure the container of the failed page
// allocation that it came from: its own lines name none.
func (s *Scanner) relate(l *line, t *Trouble) {
	switch {
	case t.Kind == TroubleOops:
		s.oops = seenTrouble{at: l.bare()}
	case t.Kind != TroublePageAllocation:
	case t.Container == nil && t.Comm == "" && s.failed.isNear(l):
		t.Container, t.Comm = s.failed.container, s.failed.comm
	default:
		s.failed = seenTrouble{l.bare(), t.Container, t.Comm}
	}
}

// describe fills kind, summary and what else the line tells.
func (t *Trouble) describe(text string) bool {
	// "cgroup: fork rejected by pids controller in P", since 4.9 (kernel/cgroup/pids.c)
	if path, ok := strings.CutPrefix(text, "cgroup: fork rejected by pids controller in "); ok {
		t.Kind, t.Summary, t.Cgroup = TroubleForkRejected, "a new process was refused: the pids limit of the cgroup "+
			"or of one around it is reached", path
		return true
	}
	if t.allocation(text) {
		return true
	}
	shape := shapeOf([]byte(text))
	if shape == nil {
		return false
	}
	t.Kind, t.Summary = shape.kind, shape.summary
	t.details(text)
	return t.Kind != TroubleOOMDKill || !strings.Contains(text, " (dry)")
}

// allocation reads the lines of warn_alloc (mm/page_alloc.c) and mm/vmalloc.c, of
// which the last segment of the asking task's cpuset names the container:
//
//	x: page allocation failure: order:5, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null),cpuset=LEAF,mems_allowed=0
//	x: vmalloc error: size 4096, page order 0, failed to allocate pages, mode:0xcc2(…), nodemask=(null),cpuset=LEAF,mems_allowed=0
func (t *Trouble) allocation(text string) bool {
	i := -1
	for _, what := range [...]string{": page allocation ", ": vmalloc"} {
		if at := strings.Index(text, what); i < 0 && at > 0 && at <= commLen {
			i = at
		}
	}
	if i < 0 {
		return false
	}
	t.Kind, t.Comm = TroublePageAllocation, text[:i]
	t.Summary = "the kernel could not allocate memory; this kills nobody"
	if _, leaf, ok := strings.Cut(text, ",cpuset="); ok {
		leaf, _, _ = strings.Cut(leaf, ",")
		t.Container = containerOfLeaf(leaf)
	}
	return true
}

// shapeOf returns the first shape that a message has, nil where it has none.
func shapeOf(msg []byte) *troubleShape {
	for i := range troubleShapes {
		shape := &troubleShapes[i]
		if head := shape.head; msg[0] == head[0] && len(msg) >= len(head) && string(msg[:len(head)]) == head &&
			bytes.Contains(msg, []byte(shape.has)) {
			return shape
		}
	}
	return nil
}

// details reads process and cgroup of those lines that name them.
func (t *Trouble) details(text string) {
	switch t.Kind {
	case TroubleHungTask: // "INFO: task kworker/u8:2:12 blocked for more than 120 seconds."
		name, _, ok := strings.Cut(strings.TrimPrefix(text, "INFO: task "), " blocked ")
		if !ok {
			name, _, _ = strings.Cut(strings.TrimPrefix(text, "INFO: task "), " is blocked ")
		}
		if i := strings.LastIndexByte(name, ':'); i > 0 {
			t.Comm, t.PID = name[:i], leadingInt(name[i+1:])
		}
	case TroubleSoftLockup: // "… stuck for 22s! [x:12]"
		if i := strings.LastIndex(text, " ["); i >= 0 {
			name := strings.TrimSuffix(text[i+2:], "]")
			if j := strings.LastIndexByte(name, ':'); j > 0 {
				t.Comm, t.PID = name[:j], leadingInt(name[j+1:])
			}
		}
	case TroubleCoredump: // "coredump: 193(helper): …"; the pid is the container's own
		if rest, ok := strings.CutPrefix(text, "coredump: "); ok {
			pid, name, _ := strings.Cut(rest, "(")
			t.PID = leadingInt(pid)
			if i := strings.Index(name, "): "); i >= 0 && t.PID != nil {
				t.Comm = name[:i]
			}
		}
	case TroubleFilesystem: // "… comm node: reading directory …"
		if _, rest, ok := strings.Cut(text, ": comm "); ok {
			if i := strings.Index(rest, ": "); i >= 0 && i <= commLen {
				t.Comm = rest[:i]
			}
		}
	case TroubleOOMDKill:
		t.killedGroup(text)
	}
}

// killedGroup reads what a user space killer killed that writes to the kernel log:
//
//	[talos] Sending SIGKILL to cgroup {"component": "controller-runtime", "cgroup": "/sys/fs/cgroup/kubepods/…"}
//	oomd kill: 31.52 15.20 5.10 workload.slice/x.service 123456 ruleset:[r] detectorgroup:[d] killer:k v2
//	lowmemorykiller: Killing 'com.example.app' (1234) (tgid 1234), adj 900,
//	lowmemorykiller: send sigkill to 1234 (example.app), adj 900, size 4321
func (t *Trouble) killedGroup(text string) {
	if at := strings.IndexByte(text, '{'); at >= 0 && strings.HasPrefix(text, "[talos]") {
		eachMember([]byte(text[at:]), func(key, value []byte) {
			if string(key) == "cgroup" {
				t.Cgroup = "/" + strings.TrimLeft(strings.TrimPrefix(plain(value), "/sys/fs/cgroup"), "/")
			}
		})
		return
	}
	if rest, ok := strings.CutPrefix(text, "lowmemorykiller: send sigkill to "); ok {
		_, name, _ := strings.Cut(rest, " (")
		t.Comm, _, _ = strings.Cut(name, ")")
		t.PID = leadingInt(rest)
		return
	}
	if rest, ok := strings.CutPrefix(text, "lowmemorykiller: Kill"); ok {
		_, rest, _ = strings.Cut(rest, "'")
		name, rest, _ := strings.Cut(rest, "' (")
		t.Comm, t.PID = name, leadingInt(rest)
		return
	}
	if f := strings.Fields(text); len(f) > 5 && f[0] == "oomd" {
		t.Cgroup = "/" + strings.TrimPrefix(f[5], "/")
	}
}

// userSpace reads the reports of the known user space killers and of PID 1, which
// journald and syslog keep beside the kernel's lines. They are trouble, never a
// kill: the name that a syslog line bears can be forged.
func (s *Scanner) userSpace(l *line, msg []byte) bool {
	name, _, _ := strings.Cut(string(l.ident), "[")
	t := &Trouble{BootSeconds: bootSeconds(l), At: s.when(l), Line: l.no, Excerpt: excerptOf(msg)}
	if !t.report(name, string(msg)) {
		return false
	}
	if t.Kind == TroubleCoredump {
		t.Cgroup = l.cgroup
	}
	if t.Cgroup != "" {
		t.Container = ContainerFromCgroup(t.Cgroup)
	}
	s.emitTrouble(t)
	return true
}

func (t *Trouble) report(program, text string) bool {
	switch program {
	case "systemd": // src/core/unit.c
		unit, what, _ := strings.Cut(text, ": ")
		switch {
		case strings.HasPrefix(what, "A process of this unit has been killed by the OOM killer"):
			t.Kind, t.Summary = TroubleUnitOOM, "the kernel killed a process of this unit for lack of memory"
		case strings.HasPrefix(what, "systemd-oomd killed "):
			t.Kind, t.Summary = TroubleOOMDKill, "systemd-oomd killed processes of this unit"
		default:
			return false
		}
		t.Cgroup = unit
		return true
	case "systemd-oomd": // "Killed P due to memory pressure for Q being 62.34% > 50.00% …"
		rest, ok := strings.CutPrefix(text, "Killed ")
		path, _, ok2 := strings.Cut(rest, " due to memory ")
		t.Kind, t.Summary, t.Cgroup = TroubleOOMDKill, "systemd-oomd killed a cgroup", path
		return ok && ok2
	case coredumpIdent:
		return t.coredump(text)
	case "kubectl":
		t.Kind, t.Summary = TroubleUnitOOM, "Kubernetes or the engine says that a container was killed for lack of "+
			"memory"
		return true
	case "docker":
		t.Kind, t.Summary = TroubleUnitOOM, "the engine was told of a kill for lack of memory in this container"
		t.Container = engineEvent([]byte(text))
		return t.Container != nil
	case "conmon", "containerd", "kubelet", "cadvisor":
		return t.runtimeReport(program, text)
	case "earlyoom":
		return t.earlyoom(text)
	case "nohang", "nohang-desktop": // "[ OK ] Sending SIGTERM to x"
		signal, comm, ok := strings.Cut(strings.TrimPrefix(text, "[ OK ] Sending SIG"), " to ")
		t.Kind, t.Comm = TroubleOOMDKill, comm
		t.Summary = fmt.Sprintf("nohang sent SIG%s for lack of memory", signal)
		return ok && strings.HasPrefix(text, "[ OK ] Sending SIG") && len(comm) <= commLen
	}
	return false
}

// coredumpIdent is the name of who takes cores for systemd.
const coredumpIdent = "systemd-coredump"

// coredump reads systemd-coredump's lines (src/coredump/coredump.c); since 250 a sign
// of the message's priority stands before them:
//
//	[🡕] Process 62715 (bash) of user 0 dumped core.
//	Process 12 (x) of user 0 terminated abnormally without generating a coredump.
//	Resource limits disable core dumping for process 12 (x).
func (t *Trouble) coredump(text string) bool {
	if rest, ok := strings.CutPrefix(text, "["); ok {
		if _, after, ok := strings.Cut(rest, "] "); ok {
			text = after
		}
	}
	t.Kind, t.Summary = TroubleCoredump, "systemd-coredump took a core"
	rest, ok := strings.CutPrefix(text, "Process ")
	head, what, ok2 := strings.Cut(rest, ") of user ")
	if limited, isLimited := strings.CutPrefix(text, "Resource limits disable core dumping for process "); isLimited {
		head, _, ok2 = strings.Cut(limited, ").")
		ok, t.Summary = true, "a core was not written because of RLIMIT_CORE"
	} else if !strings.Contains(what, "dumped core") {
		t.Summary = "a process ended by a fatal signal, and no core of it was kept"
	}
	pid, comm, ok3 := strings.Cut(head, " (")
	t.PID, t.Comm = leadingInt(pid), comm
	return ok && ok2 && ok3 && t.PID != nil
}

// earlyoom reads what earlyoom says when it kills; until 1.2 without the signal:
//
//	sending SIGTERM to process 7378 uid 1000 "tail": oom_score 156, VmRSS 4962 MiB, cmdline "…"
//	sending SIGTERM to process 7378 "tail": badness 156, VmRSS 4962 MiB
//	Killing process 7378 tail
func (t *Trouble) earlyoom(text string) bool {
	t.Kind, t.Summary = TroubleOOMDKill, "earlyoom killed a process for lack of memory"
	if _, rest, ok := strings.Cut(text, "Killing process "); ok {
		pid, name, _ := strings.Cut(rest, " ")
		t.PID, t.Comm = leadingInt(pid), strings.Trim(name, `()"`)
		return t.PID != nil
	}
	_, rest, ok := strings.Cut(text, "sending SIG")
	signal, rest, ok2 := strings.Cut(rest, " to process ")
	t.PID = leadingInt(rest)
	if _, name, ok := strings.Cut(rest, `"`); ok {
		t.Comm, _, _ = strings.Cut(name, `"`)
	}
	t.Summary = fmt.Sprintf("earlyoom sent SIG%s for lack of memory", signal)
	return ok && ok2 && t.PID != nil
}

// runtimeReport reads what runtimes say of kills that the kernel told them about.
// containerd's can be missing (containerd#8893) or, with version 1, false (#7102).
//
//	conmon a6f31c0e9d4b87256e0f <ninfo>: OOM event received       the id is cut to 20 digits; v2: "OOM received"
//	… msg="TaskOOM event container_id:\"25a3…\""                  and "TaskOOM event &TaskOOM{ContainerID:25a3…,…}"
//	System OOM encountered, victim process: x, pid: 1
//	"Got sys oom event" event="&{1234 java 2026-11-20 09:23:11 +0000 UTC /kubepods/podU /kubepods/podU/a6f3… CONSTRAINT_MEMCG}"
func (t *Trouble) runtimeReport(program, text string) bool {
	t.Kind = TroubleUnitOOM
	switch {
	case program == "conmon" && (strings.HasSuffix(text, "OOM event received") ||
		strings.HasSuffix(text, "OOM received")):
		t.Summary = "a container's monitor was told of an OOM kill"
		return true
	case program == "containerd" && strings.Contains(text, "TaskOOM event"):
		t.Summary = "containerd was told of an OOM kill"
		if id := containerIDIn(text); id != "" {
			t.Container = &Container{ID: id, Runtime: "containerd"}
		}
		return true
	case (program == "kubelet" || program == "cadvisor") && strings.Contains(text, "Got sys oom event"):
		t.Summary = "the kubelet read of an OOM kill in the kernel log"
		_, rest, _ := strings.Cut(text, "event=\"&{")
		for i, word := range strings.Fields(rest) {
			switch {
			case i == 0:
				t.PID = leadingInt(word)
			case i == 1 && len(word) <= commLen:
				t.Comm = word
			case strings.HasPrefix(word, "/"):
				t.Cgroup = word // the last is the victim's
			}
		}
		return true
	case program == "kubelet" && strings.Contains(text, "System OOM encountered, victim process: "):
		t.Summary = "the kubelet saw a kill for lack of memory on its node"
		_, rest, _ := strings.Cut(text, "victim process: ")
		name, pid, ok := strings.Cut(rest, ", pid: ")
		if ok && len(name) <= commLen {
			t.Comm, t.PID = name, leadingInt(pid)
		}
		return true
	}
	return false
}

// containerIDIn finds the first container id that stands alone in a text.
func containerIDIn(text string) string {
	for word := range strings.FieldsFuncSeq(text,
		func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }) {
		if isContainerID(word) {
			return word
		}
	}
	return ""
}
