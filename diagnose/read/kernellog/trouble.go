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
	s.emitTrouble(&t)
	return true
}

// describe fills kind, summary and what else the line tells.
func (t *Trouble) describe(text string) bool {
	// "cgroup: fork rejected by pids controller in P", since 4.9 (kernel/cgroup/pids.c)
	if path, ok := strings.CutPrefix(text, "cgroup: fork rejected by pids controller in "); ok {
		t.Kind, t.Summary, t.Cgroup = TroubleForkRejected, "a new process was refused: the pids limit of the cgroup or of one around it is reached", path
		return true
	}
	// "x: page allocation failure: order:5, mode:…,cpuset=LEAF,mems_allowed=0"
	if i := strings.Index(text, ": page allocation "); i > 0 && i <= commLen {
		t.Kind, t.Summary, t.Comm = TroublePageAllocation, "the kernel could not allocate memory; this kills nobody", text[:i]
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

// shapeOf returns the first shape that a message has, nil where it has none.
func shapeOf(msg []byte) *troubleShape {
	for i := range troubleShapes {
		shape := &troubleShapes[i]
		if head := shape.head; msg[0] == head[0] && len(msg) >= len(head) && string(msg[:len(head)]) == head && bytes.Contains(msg, []byte(shape.has)) {
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
	case TroubleOOMDKill: // Talos: "cgroup":"/sys/fs/cgroup/kubepods/…"
		if _, rest, ok := strings.Cut(text, `"cgroup":"/sys/fs/cgroup`); ok {
			t.Cgroup, _, _ = strings.Cut(rest, `"`)
		} else if f := strings.Fields(text); len(f) > 5 {
			t.Cgroup = "/" + strings.TrimPrefix(f[5], "/") // "oomd kill: 31 15 5 CGROUP 12345 ruleset:…"
		}
	}
}

// userSpace reads the reports of the known user space killers and of PID 1, which
// journald and syslog keep beside the kernel's lines. They are trouble, never a
// kill: the name that a syslog line bears can be forged.
func (s *Scanner) userSpace(l *line, msg []byte) {
	name, _, _ := strings.Cut(string(l.ident), "[")
	t := &Trouble{BootSeconds: bootSeconds(l), At: s.when(l), Line: l.no, Excerpt: excerptOf(msg)}
	if !t.report(name, string(msg)) {
		return
	}
	if t.Cgroup != "" {
		t.Container = ContainerFromCgroup(t.Cgroup)
	}
	s.emitTrouble(t)
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
	case "systemd-coredump": // "Process 123 (x) of user 0 dumped core."
		rest, ok := strings.CutPrefix(text, "Process ")
		head, _, ok2 := strings.Cut(rest, ") of user ")
		pid, comm, ok3 := strings.Cut(head, " (")
		t.Kind, t.PID, t.Comm = TroubleCoredump, leadingInt(pid), comm
		t.Summary = "systemd-coredump took a core"
		return ok && ok2 && ok3 && t.PID != nil
	case "conmon", "containerd", "kubelet":
		return t.runtimeReport(program, text)
	case "earlyoom": // `sending SIGTERM to process 7378 uid 1000 "tail": oom_score 156, …`
		_, rest, ok := strings.Cut(text, "sending SIG")
		signal, rest, ok2 := strings.Cut(rest, " to process ")
		t.Kind, t.PID = TroubleOOMDKill, leadingInt(rest)
		if _, name, ok := strings.Cut(rest, `"`); ok {
			t.Comm, _, _ = strings.Cut(name, `"`)
		}
		t.Summary = fmt.Sprintf("earlyoom sent SIG%s for lack of memory", signal)
		return ok && ok2 && t.PID != nil
	case "nohang", "nohang-desktop": // "[ OK ] Sending SIGTERM to x"
		signal, comm, ok := strings.Cut(strings.TrimPrefix(text, "[ OK ] Sending SIG"), " to ")
		t.Kind, t.Comm = TroubleOOMDKill, comm
		t.Summary = fmt.Sprintf("nohang sent SIG%s for lack of memory", signal)
		return ok && strings.HasPrefix(text, "[ OK ] Sending SIG") && len(comm) <= commLen
	}
	return false
}

// runtimeReport reads what runtimes say of kills that the kernel told them about.
// containerd's can be missing (containerd#8893) or, with version 1, false (#7102).
//
//	conmon a6f31c0e9d4b87256e0f <ninfo>: OOM event received       the id is cut to 20 digits; v2: "OOM received"
//	… msg="TaskOOM event container_id:\"25a3…\""                  and "TaskOOM event &TaskOOM{ContainerID:25a3…,…}"
//	System OOM encountered, victim process: x, pid: 1
func (t *Trouble) runtimeReport(program, text string) bool {
	t.Kind = TroubleUnitOOM
	switch {
	case program == "conmon" && (strings.HasSuffix(text, "OOM event received") || strings.HasSuffix(text, "OOM received")):
		t.Summary = "a container's monitor was told of an OOM kill"
		return true
	case program == "containerd" && strings.Contains(text, "TaskOOM event"):
		t.Summary = "containerd was told of an OOM kill"
		if id := containerIDIn(text); id != "" {
			t.Container = &Container{ID: id, Runtime: "containerd"}
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
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }) {
		if isContainerID(word) {
			return word
		}
	}
	return ""
}
