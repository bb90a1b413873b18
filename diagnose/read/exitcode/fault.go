package exitcode

import "fmt"

// Codes 128+n of faults that a program brings upon itself. The API gives the
// number only: the core flag is dropped by the shim. Sources: docs/notes/DOCKER.md#a1,
// docs/notes/CORES.md#a1 "PID 1 traps" and A4, docs/notes/PYTHON.md#1.10 and 2.5, signal(7), core(5).
var faultCodes = []special{
	{
		code: 132, title: "illegal instruction",
		doesNotProve: "132 does not prove a bug in the program: a wheel built for a newer CPU dies the same way",
		meanings: []entry{
			// docs/notes/CORES.md#a4
			{Meaning: Meaning{"an instruction that this CPU does not have: a wheel or binary built for a newer one (AVX)", Usual,
				"an old or virtual CPU, or emulation of another architecture",
				"dmesg -T | grep 'trap invalid opcode'; grep -o -m1 'avx[^ ]*' /proc/cpuinfo"}},
			// docs/notes/CORES.md#a4
			{Meaning: Meaning{"a deliberate trap (ud2) that a compiler put in: an assertion or unreachable code", Possible,
				"Rust, Swift or sanitizer builds", "docker diff NAME | grep core"}},
			shellRelay("SIGILL", Possible), dumpedStatus(4, "SIGILL"), chosen(132),
		},
	}, {
		code: 133, title: "trap",
		doesNotProve: "133 does not prove that a debugger was involved",
		meanings: []entry{
			// docs/notes/CORES.md#a4
			{Meaning: Meaning{"a trap instruction: a failed assertion (Chromium, Node, Go's cgo parts) or int3", Usual,
				"the program checks itself and stops", "docker logs --tail 20 NAME; dmesg -T | grep 'trap int3'"}},
			// docs/notes/CORES.md#a1, not verified on real arm64
			{Meaning: Meaning{"abort() as PID 1 on arm64: SIGABRT is dropped, the C library goes on to a BRK", Possible,
				"arm64 image without --init", "docker image inspect -f '{{.Architecture}}' IMAGE"}, needs: asPID1},
			shellRelay("SIGTRAP", Possible), dumpedStatus(5, "SIGTRAP"), chosen(133),
		},
	}, {
		code: 134, title: "aborted",
		doesNotProve: "134 does not say who called abort(): the line on stderr before it does",
		meanings: []entry{
			// abort-init, abort-child-sh
			{Meaning: Meaning{"abort(): a fatal Python error, a failed assertion, C++ terminate, a heap check of the " +
				"C library", Usual,
				"the program is not PID 1 (under an init or a shell): as PID 1 the same shows as 139",
				"look for \"Fatal Python error\", \"terminate called\", \"double free\" at the end of the log"}},
			shellRelay("SIGABRT", Possible), dumpedStatus(6, "SIGABRT"), chosen(134),
		},
	}, {
		code: 135, title: "bus error",
		doesNotProve: "135 does not prove bad hardware: a full /dev/shm is the usual reason in a container",
		meanings: []entry{
			// sigbus-shm
			{Meaning: Meaning{"/dev/shm is full: the engine gives 64 MB, PyTorch DataLoader and browsers need more", Usual,
				"shared memory between workers", "docker inspect -f '{{.HostConfig.ShmSize}}' NAME; docker exec NAME df /dev/shm"}},
			// docs/notes/DOCKER.md#a1, 135 row
			{Meaning: Meaning{"a mapped file was truncated, or its disk or tmpfs is full", Possible,
				"mmap of a file that another process replaced or that could not grow",
				"df in the container; docker diff NAME | grep core"}},
			shellRelay("SIGBUS", Possible), dumpedStatus(7, "SIGBUS"), chosen(135),
		},
	}, {
		code: 136, title: "arithmetic fault",
		doesNotProve: "136 is hardly ever floating point: it is an integer division by zero",
		meanings: []entry{
			{Meaning: Meaning{"an integer division by zero in native code", Usual, // docs/notes/CORES.md#a4
				"C extension or library; Python itself raises ZeroDivisionError", "dmesg -T | grep 'trap divide error'"}},
			shellRelay("SIGFPE", Possible), dumpedStatus(8, "SIGFPE"), chosen(136),
		},
	}, {
		code: 139, title: "segmentation fault, or an abort as PID 1",
		doesNotProve: "139 does not prove a segmentation fault: abort() in PID 1 shows as 139 too, and a shell or an " +
			"init passes on its child's 139",
		meanings: []entry{
			// segv-pid1
			{Meaning: Meaning{"native code touched memory that is not its own: a C extension, a stack overflow, a bad pointer",
				Usual,
				"a kernel line \"segfault at ADDR\" in the same second",
				"dmesg -T | grep -E 'segfault|general protection'; docker diff NAME | grep core"}},
			// abort-pid1; moby #30593
			{Meaning: Meaning{"abort() as PID 1: the kernel drops the SIGABRT, the C library goes on to a trapping " +
				"instruction", Possible,
				"no --init: fatal Python error, C++ terminate, heap check. Kernel line \"general protection fault\" in libc " +
					"instead of \"segfault at\"; with --init the same gives 134", "look for \"Fatal Python error\", \"terminate " +
					"called\", \"double free\" in the log; dmesg -T | grep 'general protection'"}, needs: asPID1},
			{Meaning: Meaning{"a shell or an init passes on that its child segfaulted", Possible, // segv-child-sh, segv-init
				"PID 1 is sh, tini or docker-init; bash prints \"Segmentation fault\" with the pid, dash only the words",
				"docker inspect -f '{{.Path}} {{.Args}} {{.HostConfig.Init}}' NAME"}, needs: relayed},
			dumpedStatus(11, "SIGSEGV"),
			// docs/notes/PYTHON.md#1.10 musl-*
			{Meaning: Meaning{"the C library of Alpine found a broken heap: musl crashes without a word", Possible,
				"an Alpine image; glibc would print \"double free or corruption\" and abort",
				"docker exec NAME cat /etc/os-release"}},
			chosen(139),
		},
	}, {
		code: 159, title: "forbidden system call",
		doesNotProve: "159 does not prove an attack: a profile older than the program's C library kills it the same way",
		meanings: []entry{
			// docs/notes/DOCKER.md#a1, signal table
			{Meaning: Meaning{"seccomp killed it for a system call that its profile forbids", Usual,
				"a custom or strict profile (SCMP_ACT_KILL); the default profile answers EPERM instead",
				"docker inspect -f '{{.HostConfig.SecurityOpt}}' NAME; ausearch -m seccomp"}},
			shellRelay("SIGSYS", Possible), dumpedStatus(31, "SIGSYS"), chosen(159),
		},
	},
}

// dumpedStatus reads 128+n as wait(2)'s raw status n|0x80 of a child that a signal
// ended and that left a core: sys.exit(os.system(...)), docs/notes/CORES.md#a4.
func dumpedStatus(n int, name string) entry {
	return entry{Meaning: Meaning{
		fmt.Sprintf("a raw wait status: sys.exit(os.system(...)) of a child that %s ended and that left a core (%d|0x80)",
			name, n), Rare,
		fmt.Sprintf("a Python launcher that uses os.system; without a core the same is %d", n),
		"look for os.system in the launcher; docker diff NAME | grep core",
	}}
}
