package servicelog

// said is a line as the guard writes it.
func said(level, text string) string {
	return "[2026-11-26 14:02:03 +0000] [7] [" + level + "] gateway-guard " + text
}

// quotedByApp is the same line where another logger quotes it: whoever prints that was not the guard.
func quotedByApp(text string) string { return "INFO:app:customer sent gateway-guard " + text }

// guardCases are lines that the guard wrote in its own tests, and near them lines that say something else.
var guardCases = []struct{ id, speaks, silent string }{
	{"guard-child-oom-killed", said("CRITICAL", "memory: the kernel has killed 1 process(es) of this container for "+
		"memory"), quotedByApp("memory: the kernel has killed 1 process(es)")},
	{"guard-memory-high", said("CRITICAL", "memory: 91 % of the limit: 116 of 128 MiB used, this process 110 MiB; the "+
		"kernel kills at 100 %"), said("INFO", "heartbeat: up 60 s, memory_used_ratio 0.91")},
	{"guard-loop-stalled", said("CRITICAL", "watchdog: the event loop has stood still for 5.0 s at /srv/app.py:31 "+
		"get_stock"), said("WARNING", "watchdog: the event loop goes on after 5.4 s")},
	{"guard-process-stalled", said("WARNING", "watchdog: the whole process stood still for 31.0 s: paused, without "+
		"CPU, or C code kept the interpreter's lock"), said("CRITICAL",
		"watchdog: the event loop has stood still for 5.0 s at x")},
	{"guard-gunicorn-timeout", said("WARNING", "dump: gunicorn ends worker 12: it has not answered in its timeout"),
		said("WARNING", "dump: asked by SIGUSR1")},
	{"guard-log-disk-full", said("ERROR", "logging: OSError: [Errno 28] No space left on device at "+
		"/usr/lib/python3.11/logging/__init__.py:1100 emit in <FileHandler /a.log (NOTSET)>; its record: ERROR app: x"),
		said("ERROR", "logging: ValueError: no room in <H>; its record: ERROR app: OSError: [Errno 28]")},
	{"guard-log-unwritable", said("ERROR", "logging: PermissionError: [Errno 13] Permission denied: '/a.log' in "+
		"<FileHandler>; its record: ERROR app: x"), said("ERROR",
		"logging: OSError: [Errno 28] No space left on device in <H>; its record: E")},
	{"guard-log-listener-gone", said("CRITICAL", "logging: the thread of a log queue's listener is gone; the guard "+
		"hands its records on"), quotedByApp("logging: the thread of a log queue's listener is gone")},
	{"guard-log-listener-threw", said("ERROR", "logging: TypeError: Object of type bytes is not JSON serializable at "+
		"/srv/logfail.py:29 emit, in a log queue's listener, whose thread would have died of it in <H>; its record: INFO "+
		"app: x"), said("ERROR", "logging: TypeError: Object of type bytes is not JSON serializable in <H>; its record: "+
		"INFO app: x")},
	{"guard-log-bad-call", said("ERROR", "logging: TypeError: not all arguments converted during string formatting at "+
		"x in <H>; its record: INFO app: a ('b',)"), said("ERROR", "logging: TypeError: Object of type bytes is not JSON "+
		"serializable in <H>; its record: INFO app: x")},
	{"guard-record-rescued", said("ERROR", "logging: ValueError: I/O operation on closed file. in <StreamHandler>; "+
		"its record: ERROR root: still here"), said("WARNING",
		"logging: logger 'asyncio' is disabled (disable_existing_loggers): what it says is lost")},
	{"guard-logger-disabled", said("WARNING", "logging: logger 'asyncio' is disabled (disable_existing_loggers): what "+
		"it says is lost"), said("WARNING", "log: 3 lines were lost before this one")},
	{"guard-startup-failed", said("CRITICAL", "lifespan: startup failed: ConnectionError: redis at /srv/app.py:31 "+
		"lifespan"), said("INFO", "lifespan: startup complete after 0.3 s")},
	{"guard-startup-hung", said("CRITICAL",
		"lifespan: startup has not ended in 30 s; it waits at /srv/app.py:31 connect"),
		said("INFO", "lifespan: startup complete after 29.3 s")},
	{"guard-startup-hung", said("CRITICAL", "lifespan: startup heeds no cancellation: the process is ended with 3"),
		quotedByApp("lifespan: startup heeds no cancellation")},
	{"guard-lifespan-body-ended", said("CRITICAL", "lifespan: what the lifespan keeps running has ended by KeyError: "+
		"'id' at /srv/app.py:3 f"), said("ERROR", "lifespan: shutdown failed: KeyError: 'id'")},
	{"guard-task-exit", said("CRITICAL", "tasks: task 'licence' takes the whole process with it: SystemExit: 7 at "+
		"/srv/app.py:9 check"), said("CRITICAL", "tasks: task 'licence' died: KeyError: 'takes the whole process' at x")},
	{"guard-exit-in-task", said("CRITICAL", "exit: the process ends after 5.2 s; sys.exit gave code 7 0.0 s ago in "+
		"asyncio task 'Task-6' at /srv/worker.py:20 check_licence"), said("CRITICAL", "exit: the process ends after 5.2 "+
		"s; sys.exit gave code 3 0.0 s ago at /usr/lib/python3/dist-packages/uvicorn/main.py:577 run")},
	{"guard-task-died", said("CRITICAL", "tasks: task 'consumer' died: KeyError: 'order_id' at /srv/consumer.py:31 "+
		"handle"), said("INFO", "tasks: task 'consumer' was cancelled")},
	{"guard-task-died", said("CRITICAL", "tasks: task 'consumer' died and nobody has looked: KeyError: 'order_id' at "+
		"/srv/consumer.py:31 handle"), said("WARNING", "tasks: task 'consumer' is started anew in 5 s")},
	{"guard-task-died", said("ERROR", "tasks: task 'consumer' has come to its end, which was not expected"),
		said("INFO", "exit: the main program has come to its end after 3.0 s: code 0, or what a SystemExit says")},
	{"guard-thread-died", said("CRITICAL", "tasks: thread 'prices' died, the process goes on without it: KeyError: "+
		"'price' at x"), said("CRITICAL", "dump: thread 'prices' stands at x")},
	{"guard-handler-threw", said("CRITICAL", "handlers: exception handler report threw KeyError: 'code' at x; it was "+
		"called for app.UpstreamError: failed at y in GET /work"),
		said("ERROR", "handlers: request GET /work failed: KeyError: 'threw'")},
	{"guard-response-cut", said("ERROR", "handlers: request GET /work failed after its response had begun, the client "+
		"got a part of it: OSError at x"), said("ERROR", "handlers: request GET /work failed: OSError at x")},
	{"guard-request-failed", said("ERROR", "handlers: request GET /work failed: OSError at x"),
		said("ERROR", "handlers: request GET /work failed after its response had begun, the client got a part of it: "+
			"OSError at x")},
	{"guard-pool-full", said("ERROR", "pools: pool redis is used up: 50 of 50 connections are out"),
		said("WARNING", "pools: pool redis is nearly used up: 46 of 50 connections are out")},
	{"guard-pool-high", said("WARNING", "pools: pool redis is nearly used up: 46 of 50 connections are out"),
		said("WARNING", "pools: pool redis cannot be read: TypeError: x")},
	{"guard-files-high", said("WARNING", "pools: 58 of 64 file descriptors are open; at the limit no connection is "+
		"taken any more"), said("INFO", "heartbeat: open_files 58")},
	{"guard-health-loop", said("ERROR", "health: unhealthy: the event loop has not answered in 4.0 s; it is at "+
		"/srv/app.py:31 get_stock"), said("ERROR", "health: unhealthy: redis: no answer in 2.0 s")},
	{"guard-health-unhealthy", said("ERROR", "health: unhealthy: redis: no answer in 2.0 s"),
		said("INFO", "health: healthy again after 12.0 s")},
	{"guard-health-never-asked", said("WARNING", "health: nobody has asked for the health check in the first 90 s: "+
		"the probe asks elsewhere, cannot run, or there is none"),
		said("ERROR", "health: unhealthy: redis: no answer in 2.0 s")},
	{"guard-health-unasked-until-stop", said("WARNING", "health: nobody has asked for the health check until the stop, "+
		"12 s after the start: the probe asks elsewhere, cannot run, or there is none"),
		said("WARNING", "health: nobody has asked for the health check in the first 90 s: the probe asks elsewhere")},
	{"guard-circuit-open", said("ERROR", "health: redis failed 3 times in a row, its circuit opens for 10 s: no "+
		"answer in 2.0 s"), said("INFO", "health: redis answers again, its circuit is closed")},
	{"guard-health-slow", said("WARNING", "health: the check took 2.3 s of its 4.0 s, redis 2.2 s of them"),
		said("INFO", "health: healthy again after 2.3 s")},
	{"guard-os-exit-zero", said("INFO", "exit: os._exit ends the process at once with code 0 at /srv/app.py:3 leave"),
		said("CRITICAL", "exit: os._exit ends the process at once with code 3 at /srv/app.py:3 leave")},
	{"guard-os-exit", said("CRITICAL", "exit: os._exit ends the process at once with code 3 at /srv/app.py:3 leave"),
		said("INFO", "exit: os._exit ends the process at once with code 0 at /srv/app.py:3 leave")},
	{"guard-uncaught", said("CRITICAL", "exit: uncaught ValueError: bad price at /srv/app.py:3 price; the process ends"),
		said("CRITICAL", "exit: the process ends with code 1 after 3.0 s, by an uncaught exception")},
	{"guard-worker-crashed", said("CRITICAL", "gunicorn: worker 12 was ended by SIGSEGV"),
		said("INFO", "gunicorn: worker 12 was ended by SIGTERM")},
	{"guard-worker-sigkill", said("CRITICAL", "gunicorn: worker 12 was killed by SIGKILL: by the kernel for memory, "+
		"by gunicorn's timeout, or by hand"), said("INFO", "gunicorn: worker 12 was ended by SIGTERM")},
	{"guard-worker-exited", said("ERROR", "gunicorn: worker 12 exited with code 3"),
		said("INFO", "gunicorn: worker 12 exited with code 0")},
}

func init() { cases = append(cases, guardCases...) }
