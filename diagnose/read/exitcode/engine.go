package exitcode

// The codes 124 to 128, in which the engine, the shell and timeout(1) speak.
// Sources: docs/notes/DOCKER.md#a1 "Exit code forms"; moby daemon/errors.go
// setExitCodeFromError; docker/cli run.go toStatusError; POSIX shell 2.8.2.
var engineCodes = []special{
	{
		code: 124, title: "timeout(1) ran out",
		doesNotProve: "124 says that a time limit was hit, not why the program was slow",
		meanings: []entry{
			{Meaning: Meaning{"the timeout command ended the program at its limit", Usual, // coreutils timeout(1), measured
				"the command or entrypoint runs under timeout; busybox's timeout leaves 143 instead",
				"docker inspect -f '{{.Path}} {{.Args}}' NAME"}},
		},
	}, {
		code: 125, title: "the docker command itself failed",
		doesNotProve: "125 in a script says nothing about the program: docker run never got that far",
		meanings: []entry{
			// mem-too-small
			{Meaning: Meaning{"docker run failed before the container ran: bad flag, refused setting, no such image", Usual,
				"only as the exit status of the docker command, never in State.ExitCode",
				"read the message that docker run printed"}},
			// coreutils: 125 if the tool itself fails
			{Meaning: Meaning{"the program chose it, or timeout(1), env(1) or chroot(1) failed themselves", Possible,
				"125 stands in State.ExitCode", "docker inspect -f '{{.State.ExitCode}}' NAME"}},
		},
	}, {
		code: 126, title: "found, but cannot be executed",
		doesNotProve: "126 says nothing about the program's own work: it did not begin",
		meanings: []entry{
			// cmd-notexec, cmd-dir
			{Meaning: Meaning{"the engine could not start the command: not executable, or a directory", Usual,
				"status created: no start event, and a restart policy does not retry",
				"docker inspect -f '{{.State.Status}} {{.State.Error}}' NAME; chmod +x in the image"},
				needs: neverStarted, errors: []string{"permission denied", "is a directory"}},
			{Meaning: Meaning{"a shell in the container could not execute a file", Usual, // shell form
				"status exited, shell form or an entrypoint script", "look for \"Permission denied\" at the end of the log"}},
		},
	}, {
		code: 127, title: "not found",
		doesNotProve: "127 says nothing about the program's own work; in exec_die events of a probe it is also the " +
			"engine's default for a probe that was killed at its timeout",
		meanings: []entry{
			{Meaning: Meaning{"the engine did not find the command", Usual, // cmd-notfound
				"status created, exec form: wrong name, not in PATH",
				"docker inspect -f '{{.State.Status}} {{.State.Error}}' NAME"},
				needs: neverStarted, errors: []string{"executable file not found", "no such file or directory"}},
			{Meaning: Meaning{"a bind mount puts a file on a directory or a directory on a file", Possible, // bad-mount
				"status created; often a host path that did not exist, so the engine made a directory of it",
				"docker inspect -f '{{.State.Error}} {{json .HostConfig.Binds}}' NAME"},
				needs: neverStarted, errors: []string{"not a directory", "mount a directory onto a file"}},
			{Meaning: Meaning{"a shell in the container did not find a command", Usual, // shell-notfound
				"status exited, shell form or an entrypoint script; a script with CRLF line ends too",
				"look for \"not found\" at the end of the log"}},
		},
	}, {
		code: 128, title: "the engine could not start it",
		doesNotProve: "128 says nothing about the program: where the status is created it never ran",
		meanings: []entry{
			{Meaning: Meaning{"the published port is taken", Usual, // port-conflict
				"status created; restart: always does not retry a first start that failed",
				"docker inspect -f '{{.State.Error}}' NAME; ss -ltnp"},
				needs: neverStarted, errors: []string{"port is already allocated", "address already in use", "bind:"}},
			{Meaning: Meaning{"the log driver could not start", Possible, // logs-driver-journald
				"status created; journald without a journal, syslog or fluentd without its server",
				"docker inspect -f '{{.HostConfig.LogConfig.Type}} {{.State.Error}}' NAME"},
				needs: neverStarted, errors: []string{"logging driver", "log driver", "journald"}},
			// setExitCodeFromError: everything else
			{Meaning: Meaning{"the engine could not set up the container: network, volume, device, security profile", Possible,
				"status created", "docker inspect -f '{{.State.Error}}' NAME"},
				needs: neverStarted, errors: []string{"network", "volume", "device", "apparmor", "seccomp", "oci runtime"}},
			// containerd internal/cri errorStartExitCode
			{Meaning: Meaning{"the runtime could not start it (reason StartError)", Possible,
				"Kubernetes: lastState.terminated.reason is StartError", "kubectl describe pod POD"}, needs: neverStarted,
				runtime: "kubernetes"},
			{Meaning: Meaning{"the program ended itself with 128: git does for fatal errors", Possible, // git(1) die()
				"status exited; bash gives 128 for exit with no valid number too", "docker logs --tail 20 NAME"}},
		},
	},
}
