package exitcode

import "fmt"

// Codes 128+n of signals that somebody sends. Sources: docs/notes/DOCKER.md#a1 "Exit code
// forms" and A2 "Signatures", docs/notes/PYTHON.md#2.2 and 2.5, docs/notes/CORES.md#a1 and A4.
//
// The kernel shields a PID 1 from signals that it has no handler for
// (pid_namespaces(7)), so a default action means that PID 1 is somebody else.
var killCodes = []special{
	{
		code: 129, title: "hangup",
		doesNotProve: "129 does not say who sent the HUP; a shell may pass on its child's",
		meanings: []entry{
			// docs/notes/PYTHON.md#2.1, 2.2
			{Meaning: Meaning{"SIGHUP ended it: uvicorn with one worker has no handler, and its parent up to 0.29 neither",
				Usual,
				"log rotation or a reload script sends HUP; PID 1 is a shell or an init, or the program handles HUP by ending",
				"docker events --filter container=NAME --filter event=kill --since 1h --until 0s"}, needs: unprotected},
			shellRelay("SIGHUP", Possible), chosen(129),
		},
	}, {
		code: 130, title: "interrupt (Ctrl-C)",
		doesNotProve: "130 is not a crash: somebody asked it to stop, or a child got the interrupt",
		meanings: []entry{
			{Meaning: Meaning{"SIGINT: Ctrl-C on docker run or compose up, or a stop signal INT", Usual, // stopsignal-int
				"an interrupt that reached the program; Python ends with 130 after an uncaught KeyboardInterrupt",
				"docker inspect -f '{{.Config.StopSignal}}' NAME; docker events --filter event=kill"}},
			shellRelay("SIGINT", Possible), chosen(130),
		},
	}, {
		code: 131, title: "quit",
		doesNotProve: "131 does not say who sent the QUIT",
		meanings: []entry{
			// docs/notes/PYTHON.md#2.1
			{Meaning: Meaning{"SIGQUIT: an image with STOPSIGNAL SIGQUIT (nginx, php-fpm), or a thread dump request to a " +
				"program without a handler", Usual,
				"uvicorn with one worker dies of it, its parent up to 0.29 too",
				"docker inspect -f '{{.Config.StopSignal}}' NAME"}, needs: unprotected},
			shellRelay("SIGQUIT", Possible), chosen(131),
		},
	}, {
		code: 137, title: "killed (SIGKILL)",
		doesNotProve: "137 does not prove an OOM kill: a stop that was too slow, docker kill, kill -9 on the host and a " +
			"child's death passed on by a shell look the same",
		meanings: []entry{
			// docs/notes/DOCKER.md#a2: oom, die(137) within 0.1 s
			{Meaning: Meaning{"the kernel's OOM killer: the container reached its own memory limit", Usual,
				"oom event within 0.1 s before die, OOMKilled true, a kernel line with this container's cgroup",
				"dmesg | grep oom-kill:; docker inspect -f '{{.State.OOMKilled}} {{.HostConfig.Memory}}' NAME"}, needs: oomKilled},
			// stop-ignored, docker-restart
			{Meaning: Meaning{"a stop that it did not heed: SIGTERM, then SIGKILL after the grace period", Usual,
				"docker stop or restart, compose, swarm, autoheal: kill events 15 and 9, the grace (10 s) apart; a shell as " +
					"PID 1 never passes TERM on", "docker events --filter container=NAME --filter event=kill --since 1h --until 0s"}},
			{Meaning: Meaning{"docker kill, or docker rm -f", Usual, // docker-kill, docker-rm-f
				"kill event 9 with no stop after it; rm -f has a destroy after die",
				"docker events --filter container=NAME --since 1h --until 0s"}},
			// docs/notes/DOCKER.md#a1: v1 host-wide OOM fires no event; A6
			{Meaning: Meaning{"the kernel's OOM killer: a parent cgroup or the whole host was out of memory", Possible,
				"kernel line with CONSTRAINT_NONE or another limit's cgroup; on cgroup v1 no oom event and OOMKilled false",
				"dmesg -T | grep -i 'oom-kill'"}},
			// host-kill9
			{Meaning: Meaning{"kill -9 from outside the engine: a person, a script or an agent on the host", Possible,
				"die event alone: no kill, no oom, no stop event; HasBeenManuallyStopped is false in the engine's state file",
				"docker events --filter container=NAME --since 1h --until 0s; ausearch -m obj_pid"}},
			// docs/notes/DOCKER.md#a1, last bullet
			{Meaning: Meaning{"systemd-oomd, earlyoom or a cloud agent killed it before the kernel did", Possible,
				"SIGKILL from user space under memory pressure: OOMKilled false, no oom event",
				"journalctl -u systemd-oomd -u earlyoom --since '1 hour ago'"}},
			// docs/notes/DOCKER.md#a1, 137 row
			{Meaning: Meaning{"a shell or an init passes on that its child was killed, by the OOM killer or by hand", Possible,
				"PID 1 is sh, tini or docker-init; the shell may print \"Killed\"",
				"docker inspect -f '{{.Path}} {{.Args}} {{.HostConfig.Init}}' NAME"}, needs: relayed},
			// docs/notes/DOCKER.md#a3, Kubernetes
			{Meaning: Meaning{"the kubelet killed it after a failed liveness or startup probe, or at the end of the pod's " +
				"grace", Possible,
				"reason Error (not OOMKilled), events Unhealthy and Killing", "kubectl describe pod POD"}, runtime: "kubernetes"},
			// docs/notes/DOCKER.md#a3
			{Meaning: Meaning{"the container vanished and the kubelet invented the code (ContainerStatusUnknown)", Rare,
				"the node was restarted or the runtime lost the container", "kubectl get pod POD -o jsonpath='{..lastState}'"},
				runtime: "kubernetes"},
			// docs/notes/CORES.md#a1 measured: -m 300m, core to tmpfs
			{Meaning: Meaning{"an OOM kill during a crash: the core dump filled a tmpfs, and the segfault shows as 137", Rare,
				"the kernel's OOM report has elf_core_dump or vfs_coredump in its call trace",
				"dmesg -T | grep -B2 -A30 oom-kill"}, needs: oomKilled},
			// docs/notes/CORES.md#a1 measured: docker stop -t 1
			{Meaning: Meaning{"a stop that came while the kernel was writing its core: 137 instead of 139", Rare,
				"a segfault line in the kernel log just before, a truncated core",
				"dmesg -T | grep segfault; docker diff NAME | grep core"}},
			// docs/notes/CORES.md#a4: XCPU ignored in PID 1
			{Meaning: Meaning{"the CPU time limit: RLIMIT_CPU's hard limit sends SIGKILL", Rare,
				"ulimit cpu is set; a PID 1 ignores the soft limit's SIGXCPU",
				"docker inspect -f '{{json .HostConfig.Ulimits}}' NAME"}},
			{Meaning: Meaning{"the runtime's shim was killed: inspect says 137, the die event 255", Rare, // shim-killed
				"containerd-shim died; the container's state is the engine's guess",
				"journalctl -u containerd --since '1 hour ago'"}},
			chosen(137),
		},
	}, {
		code: 138, title: "SIGUSR1 (on macOS numbers: SIGBUS)",
		doesNotProve: "138 does not say who sent the signal",
		meanings: []entry{
			// docs/notes/PYTHON.md#2.1, 2.2
			{Meaning: Meaning{"SIGUSR1 to a program without a handler: log reopening, a debugger hook", Usual,
				"uvicorn with one worker dies of it, its parent up to 0.29 too",
				"docker events --filter event=kill --since 1h --until 0s"}, needs: unprotected},
			shellRelay("SIGUSR1", Possible), chosen(138),
		},
	}, {
		code: 141, title: "broken pipe",
		doesNotProve: "141 does not come from Python, which ignores SIGPIPE: some other program or a wrapper wrote to a " +
			"closed pipe",
		meanings: []entry{
			// docs/notes/CORES.md#a4
			{Meaning: Meaning{"SIGPIPE: a program wrote to a pipe or socket that nobody reads any more", Usual,
				"a pipeline such as app | head, set -o pipefail, a log shipper that died",
				"docker inspect -f '{{.Path}} {{.Args}}' NAME"}, needs: unprotected},
			shellRelay("SIGPIPE", Possible), chosen(141),
		},
	}, {
		code: 143, title: "terminated (SIGTERM)",
		doesNotProve: "143 is not a crash: somebody asked it to stop; it does not say who",
		meanings: []entry{
			// stop-init, pidhost-stop
			{Meaning: Meaning{"docker stop, compose down, swarm or kubelet: SIGTERM, and it ended in time", Usual,
				"kill event 15, die, stop; the default action needs --init, a shell or --pid=host, since the kernel shields a " +
					"PID 1", "docker events --filter container=NAME --since 1h --until 0s"}},
			// docs/notes/PYTHON.md#2.2
			{Meaning: Meaning{"uvicorn 0.29 and newer: a graceful stop ends by raising the signal again", Usual,
				"uvicorn is not PID 1 (under tini, docker-init or a shell); as PID 1 the same stop gives 0",
				"look for \"Finished server process\" at the end of the log"}, needs: unprotected},
			// manualflag-host-term-handled
			{Meaning: Meaning{"a TERM from the host or from inside the container, not through the engine", Possible,
				"die event without a kill event", "docker events --filter container=NAME --since 1h --until 0s"}},
			{Meaning: Meaning{"busybox's timeout ran out", Rare, // busybox coreutils/timeout.c execs the command and signals it
				"Alpine image and timeout in the command", "docker inspect -f '{{.Args}}' NAME"}},
			shellRelay("SIGTERM", Possible), chosen(143),
		},
	}, {
		code: 152, title: "CPU time limit (SIGXCPU)",
		doesNotProve: "152 speaks of consumed CPU time, not of slowness",
		meanings: []entry{
			{Meaning: Meaning{"the soft limit of RLIMIT_CPU was reached", Usual, // docs/notes/CORES.md#a4
				"ulimit cpu; a PID 1 ignores the signal and dies of the hard limit with 137",
				"docker inspect -f '{{json .HostConfig.Ulimits}}' NAME"}, needs: unprotected},
			shellRelay("SIGXCPU", Possible), chosen(152),
		},
	}, {
		code: 153, title: "file size limit (SIGXFSZ)",
		doesNotProve: "153 does not come from Python, which ignores SIGXFSZ and raises OSError",
		meanings: []entry{
			{Meaning: Meaning{"a write went past RLIMIT_FSIZE", Usual, // docs/notes/CORES.md#a4
				"ulimit fsize", "docker inspect -f '{{json .HostConfig.Ulimits}}' NAME"}, needs: unprotected},
			shellRelay("SIGXFSZ", Possible), chosen(153),
		},
	},
}

// shellRelay: a shell ends with 128+n when its last command was killed by n, an
// init such as tini does the same (segv-child-sh; docs/notes/DOCKER.md#a1, row 128+n).
func shellRelay(signal string, l Likelihood) entry {
	return entry{needs: relayed, Meaning: Meaning{
		"a shell or an init passes on that its child was ended by " + signal, l,
		"PID 1 is sh, bash, tini or docker-init", "docker inspect -f '{{.Path}} {{.Args}} {{.HostConfig.Init}}' NAME",
	}}
}

// chosen: no core flag or signal survives in the number, so any program may
// simply have called exit with it (docs/notes/DOCKER.md#a1, row 128+n (d)).
func chosen(code int) entry {
	return entry{Meaning: Meaning{
		fmt.Sprintf("the program ended itself with %d and no signal was involved", code), Rare,
		"a launcher or script that computes its exit code", "look for the number in the entrypoint script",
	}}
}

// relayedSignal is what is known of the other codes 128+n, those of signals
// that hardly ever end a container.
func relayedSignal(code int) (special, bool) {
	name, ok := Signal(code)
	if !ok {
		return special{}, false
	}
	return special{
		code: code, title: "ended by " + name,
		doesNotProve: fmt.Sprintf("%d does not say who sent the signal", code),
		meanings: []entry{
			{needs: unprotected, Meaning: Meaning{
				name + " ended it", Possible,
				"the signal reached a process that does not handle it; the kernel shields a PID 1 from that",
				"docker events --filter container=NAME --filter event=kill --since 1h --until 0s",
			}},
			shellRelay(name, Possible), chosen(code),
		},
	}, true
}
