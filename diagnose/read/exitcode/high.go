package exitcode

import "fmt"

// The codes at the top, where negative numbers land: exit(-1) is 255.
var highCodes = []special{{
	code: 255, title: "exit -1, or the real code is lost",
	doesNotProve: "255 may be no exit code of the program at all: the engine writes it where it lost the real one",
	meanings: []entry{
		{Meaning: Meaning{"the program called exit(-1)", Usual, // exit-neg1
			"any program; ssh ends with 255 for its own errors", "docker logs --tail 20 NAME"}},
		{Meaning: Meaning{"gunicorn: an exception in the master's main loop", Possible, // docs/notes/PYTHON.md#2.3
			"sys.exit(-1) of the arbiter", "look for \"Unhandled exception in main loop\" in the log"}},
		// docs/notes/DOCKER.md#a1: runc >= 1.2
		{Meaning: Meaning{"the entrypoint could not be executed: missing interpreter, CRLF shebang, wrong CPU architecture",
			Possible,
			"runc from 1.2 (older: 1), one log line \"exec ...: no such file or directory\" or \"exec format error\"",
			"docker logs NAME; docker image inspect -f '{{.Architecture}}' IMAGE"}},
		// moby daemon/daemon.go restore
		{Meaning: Meaning{"the engine or the host was restarted and the real code is unknown", Possible,
			"FinishedAt is close to the engine's start", "systemctl show docker -p ActiveEnterTimestamp; uptime -s"}},
		{Meaning: Meaning{"the runtime's shim died: the die event says 255, inspect may say 137", Possible, // shim-killed
			"containerd-shim was killed or crashed", "journalctl -u containerd --since '1 hour ago'"}},
		{Meaning: Meaning{"the runtime was restarted (reason Unknown)", Possible, // docs/notes/DOCKER.md#a3
			"Kubernetes: lastState.terminated.reason is Unknown", "kubectl describe pod POD"}, runtime: "kubernetes"},
		// docs/notes/CORES.md#a4: 256-n
		{Meaning: Meaning{"a child was ended by SIGHUP and its return code -1 passed on", Rare,
			"sys.exit(subprocess.call(...))", "look for subprocess in the launcher"}},
	},
}}

// negative holds the signals whose 256-n is worth a reading, docs/notes/CORES.md#a4:
// sys.exit(subprocess.call(...)) passes Python's returncode -n on, and the kernel
// keeps 256-n of it. All others are more likely a program's own number.
var negative = map[int]string{
	4: "an instruction that this CPU does not have", 6: "abort(): a fatal error, a failed assertion, a heap check",
	7: "a full /dev/shm or a truncated mapped file", 8: "an integer division by zero",
	9: "the OOM killer, a stop that was too slow, or kill -9", 11: "a crash in native code",
	15: "a stop on request",
}

// negativeSignal reads 256-n.
func negativeSignal(code int) (special, bool) {
	n := 256 - code
	why, ok := negative[n]
	if !ok {
		return special{}, false
	}
	name := names[n]
	return special{
		code: code, title: fmt.Sprintf("a child's %s, passed on as %d", name, -n),
		doesNotProve: fmt.Sprintf("%d is also a number that a program may choose, by exit(%d) for example", code, -n),
		meanings: []entry{
			{Meaning: Meaning{
				fmt.Sprintf("a launcher passed on that its child was ended by %s: %s", name, why), Usual,
				fmt.Sprintf("Python: sys.exit(subprocess.call(...)) or returncode, which is %d; it shows as 256-%d", -n, n),
				"look for subprocess in the launcher, then read the child's death as exit code " + fmt.Sprint(128+n),
			}},
			{Meaning: Meaning{fmt.Sprintf("the program called exit(%d)", -n), Possible, "any program",
				"docker logs --tail 50 NAME"}},
		},
	}, true
}

// waitStatus reads a small number as wait(2)'s raw status of a child that a
// signal ended: sys.exit(os.system(...)), docs/notes/CORES.md#a4.
func waitStatus(n int, name string) entry {
	return entry{Meaning: Meaning{
		"a child was ended by " + name + ", passed on as a raw wait status", Rare,
		"a Python launcher with sys.exit(os.system(...))",
		fmt.Sprintf("look for os.system in the launcher, then read the child's death as exit code %d", 128+n),
	}}
}
