package exitcode

// The codes below 124, that programs choose: what Python gateways and their
// servers mean by them. Sources: docs/notes/PYTHON.md#2.1 to 2.5 (measured on uvicorn
// 0.17.6-0.51, gunicorn 20.1-26.1, hypercorn 0.13.2 and 0.18), docs/notes/DOCKER.md#a1.
var lowCodes = []special{
	{
		code: 0, title: "success, as the program says",
		doesNotProve: "exit code 0 does not prove success: uvicorn's and hypercorn's parents end with 0 after their " +
			"workers failed, a stop on request ends with 0 too, and 256 wraps to 0",
		meanings: []entry{
			// docs/notes/DOCKER.md#a2; stop-graceful
			{Meaning: Meaning{"a clean stop: it handled SIGTERM or SIGINT and ended", Usual,
				"docker stop, compose down, a restart, or a TERM from the host",
				"docker events --filter container=NAME --filter event=kill --since 1h --until 0s"}},
			{Meaning: Meaning{"the program ran to its end: a job, or a server that nothing keeps alive", Usual,
				"the main function returned, or the command only starts a background service",
				"docker inspect -f '{{.Path}} {{.Args}}' NAME"}},
			// docs/notes/PYTHON.md#2.2
			{Meaning: Meaning{"uvicorn with --workers: the parent ends with 0 after any failure of its workers", Possible,
				"uvicorn from 0.50 stops the parent when a worker cannot start; up to 0.49 the parent lives on and ends with 0 " +
					"at the next TERM", "look in the log for \"Child process [N] failed to start, stopping the parent process.\" " +
					"or \"Application startup failed\""}},
			// docs/notes/PYTHON.md#2.4
			{Meaning: Meaning{"hypercorn: startup failed or a worker crashed, the parent still ended with 0", Possible,
				"hypercorn 0.16 and newer in every mode, 0.13 with two workers or more",
				"look in the log for a traceback or \"lifespan\" before the end"}},
			// docs/notes/CORES.md#a1, PID 1 traps
			{Meaning: Meaning{"a crash hidden by the end of a shell script: the last command succeeded", Possible,
				"sh -c 'app; something', a pipe such as app | tee, or || true", "docker inspect -f '{{.Path}} {{.Args}}' NAME; " +
					"look for \"Segmentation fault\" or \"Killed\" in the log"}},
			// oom-child-survives-then-exit0
			{Meaning: Meaning{"a child was OOM-killed and the main process then ended by itself or by a stop", Rare,
				"OOMKilled is true with exit code 0: the flag speaks of any process of the container", "dmesg | grep oom-kill:"},
				needs: oomKilled},
			// exit-256; os.system returns 256 for exit 1, measured
			{Meaning: Meaning{"a number that wraps: os._exit(256), or sys.exit(os.system(cmd)) of a command that " +
				"failed with 1", Rare,
				"Python passes the raw wait status on; the lowest 8 bits are 0", "look for os.system in the program"}},
			// docs/notes/PYTHON.md#2.2
			{Meaning: Meaning{"limit_max_requests was reached: uvicorn with one worker ends with 0", Rare,
				"--limit-max-requests without a process manager; not announced before 0.32", "docker inspect -f '{{.Args}}' NAME"}},
			{Meaning: Meaning{"an old uvicorn that failed at startup", Rare, // uvicorn #780 (2020), #1066
				"versions around 0.11, and 0.15 with workers", "pip show uvicorn; look for \"Application startup failed\""}},
			{Meaning: Meaning{"it never ran: 0 is only the initial value", Usual, // docs/notes/DOCKER.md#a1, State.ExitCode
				"status created and no error", "docker inspect -f '{{.State.Status}} {{.State.Error}}' NAME"}, needs: neverStarted},
		},
	}, {
		code: 1, title: "general error",
		doesNotProve: "1 says only that something failed: the log's last traceback says what; a worker pool also turns a " +
			"child's SIGSEGV into a plain 1",
		meanings: []entry{
			{Meaning: Meaning{"an exception that nobody caught, or sys.exit(\"text\")", Usual, // exit-str
				"Python prints the traceback or the text on stderr and ends with 1", "docker logs --tail 50 NAME"}},
			{Meaning: Meaning{"the server could not load the app or bind its port", Usual, // docs/notes/PYTHON.md#2.2, 2.3
				"uvicorn up to 0.49 (newer: 3), gunicorn bind failure or --preload, hypercorn 0.13",
				"look for \"Error loading ASGI app\", \"Address already in use\""}},
			// cmd-badinterp, cmd-noshebang; runc libcontainer/init_linux.go
			{Meaning: Meaning{"the entrypoint could not be executed: missing interpreter, CRLF shebang, no shebang, wrong " +
				"CPU architecture", Possible,
				"runc up to 1.1 (newer: 255), one log line \"exec ...: no such file or directory\" or \"exec format error\"",
				"docker logs NAME; docker image inspect -f '{{.Architecture}}' IMAGE"}},
			// docs/notes/CORES.md#a4
			{Meaning: Meaning{"a child died of a signal and the parent raised: BrokenProcessPool, CalledProcessError, " +
				"WorkerLostError", Possible,
				"subprocess.check_call, ProcessPoolExecutor, celery",
				"look for those words in the log, then for the child's signal in the kernel log"}},
			// readonly-fs, tmpfs-full, pids-limit-app
			{Meaning: Meaning{"no room or no permission: read-only root, full tmpfs, pids limit", Possible,
				"OSError in the log: [Errno 30], [Errno 28], \"can't start new thread\"", "docker logs --tail 50 NAME"}},
			// docs/notes/PYTHON.md#2.2
			{Meaning: Meaning{"SIGINT to uvicorn 0.29.0 to 0.30.2: it prints \"Aborted!\" and ends with 1", Rare,
				"stop signal INT, one worker", "docker inspect -f '{{.Config.StopSignal}}' NAME"}},
			{Meaning: Meaning{"the interpreter could not initialise", Rare, // docs/notes/PYTHON.md#1.10: init fatal >= 3.8
				"PYTHONHOME or PYTHONPATH point to the wrong place", "look for \"Fatal Python error: init\" in the log"}},
		},
	}, {
		code: 2, title: "wrong usage",
		doesNotProve: "2 is a convention, not a rule: a shell, argparse and many programs use it for different things",
		meanings: []entry{
			// docs/notes/PYTHON.md#2.1
			{Meaning: Meaning{"the command line was refused: unknown option or missing argument", Usual,
				"argparse, click and most C programs", "look for \"Usage:\" or \"No such option\" in the log"}},
			{Meaning: Meaning{"the script is not there", Possible, // docs/notes/PYTHON.md#2.1; sh measured: "cannot open"
				"python app.py or sh start.sh with a wrong path or working directory",
				"look for \"can't open file\" or \"cannot open\" in the log"}},
			// health-zombies; POSIX 2.8.1
			{Meaning: Meaning{"a shell could not go on: syntax error, redirection refused, cannot fork", Possible,
				"an entrypoint script run by sh", "docker logs --tail 20 NAME"}},
		},
	}, {
		code: 3, title: "startup failed (uvicorn, gunicorn)",
		doesNotProve: "a program of your own may end with 3 for any reason; the log's startup lines confirm",
		meanings: []entry{
			{Meaning: Meaning{"uvicorn: the lifespan startup failed", Usual, // docs/notes/PYTHON.md#2.2
				"uvicorn from 0.15 with one worker; from 0.50 a failed import and a taken port too",
				"look for \"Application startup failed. Exiting.\" in the log"}},
			{Meaning: Meaning{"gunicorn: \"Worker failed to boot.\"", Usual, // docs/notes/PYTHON.md#2.3
				"a worker ended with 3: import error of the app or failed lifespan under UvicornWorker",
				"look for \"Reason: Worker failed to boot.\" and the traceback above it"}},
		},
	}, {
		code: 4, title: "app failed to load (gunicorn)",
		doesNotProve: "a program of your own may end with 4 for any reason",
		meanings: []entry{
			{Meaning: Meaning{"gunicorn: \"App failed to load.\"", Usual, // docs/notes/PYTHON.md#2.3
				"the module was imported but has no such attribute, or the factory failed",
				"look for \"Reason: App failed to load.\" in the log"}},
			{Meaning: Meaning{"a raw wait status of SIGILL", Rare, // docs/notes/CORES.md#a4
				"sys.exit(os.system(...))", "look for os.system in the program"}},
		},
	}, {
		code: 11, title: "SIGSEGV passed on as a raw wait status",
		doesNotProve: "11 is also a number that a program may choose",
		meanings: []entry{
			// docs/notes/CORES.md#a4, wait(2)
			{Meaning: Meaning{"a child segfaulted without a core: sys.exit(os.system(...)) passes the wait status 11 on", Usual,
				"a Python launcher that uses os.system; with a core written the same is 139",
				"look for os.system in the launcher; dmesg | grep segfault"}},
			{Meaning: Meaning{"the program ended itself with 11", Possible, "any program", "docker logs --tail 50 NAME"}},
		},
	}, {
		code: 120, title: "Python could not write its last output",
		doesNotProve: "120 says nothing about the work before: it comes from the flush of stdout and stderr at the end",
		meanings: []entry{
			// docs/notes/PYTHON.md#1.3, 2.1; CPython Py_FinalizeEx < 0
			{Meaning: Meaning{"Python could not flush stdout or stderr at exit", Usual,
				"a full disk, a closed pipe or a stuck log driver; only with buffered output: under PYTHONUNBUFFERED the same " +
					"gives 0 or 1", "look for \"Exception ignored in: <_io.TextIOWrapper name='<stdout>'\" in the log; df -h on " +
					"the host"}},
		},
	},
}
