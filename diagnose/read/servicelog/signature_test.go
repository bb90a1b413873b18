package servicelog

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"
)

// trace makes a traceback that ends in the given exception.
func trace(exception string, frames ...string) string {
	out := "Traceback (most recent call last):\n"
	for _, f := range append(frames, `"/srv/app/main.py", line 8, in work`) {
		out += "  File " + f + "\n    code()\n"
	}
	return out + exception + "\n"
}

// connectFails is a program's end for want of a local port.
var connectFails = trace("OSError: [Errno 99] Cannot assign requested address", `"/app/ports.py", line 5, in <module>`,
	`"/usr/lib/python3.11/socket.py", line 851, in create_connection`)

// gunicornStarts and mainLoop are of a master that fails.
const gunicornStarts = "[2026-11-23 09:16:25 +0000] [1] [INFO] Starting gunicorn 20.1.0\n"

var mainLoop = "[2026-11-23 09:16:25 +0000] [1] [INFO] Unhandled exception in main loop\n" + trace("OSError: no")

// ofGunicornConfig is the traceback of gunicorn's own configuration file.
const ofGunicornConfig = "Traceback (most recent call last):\n" +
	"  File \"/usr/lib/python3/dist-packages/gunicorn/app/base.py\", line 111, in get_config_from_filename\n" +
	"    spec.loader.exec_module(mod)\n" +
	"  File \"<frozen importlib._bootstrap>\", line 241, in _call_with_frames_removed\n" +
	"  File \"/app/conf.py\", line 2, in <module>\n    workers = x\nNameError: name 'x' is not defined\n"

// torn is a traceback that another process's lines cut off.
func torn(file, function string) string {
	return "Traceback (most recent call last):\n  File \"/usr/lib/python3.11/" + file + "\", line 8, in " + function + "\n"
}

const (
	during = "\nDuring handling of the above exception, another exception occurred:\n\n"
	direct = "\nThe above exception was the direct cause of the following exception:\n\n"

	uvicornWorkers = "[2026-11-23 09:16:25 +0000] [9] [INFO] Using worker: uvicorn.workers.UvicornWorker\n" +
		"[2026-11-23 09:16:25 +0000] [12] [INFO] Booting worker with pid: 12\n"

	probe200 = `INFO:     127.0.0.1:4711 - "GET /healthz HTTP/1.1" 200 OK`

	lifespanFrame = `"/usr/lib/python3/dist-packages/starlette/routing.py", line 677, in lifespan`
	enterFrame    = `"/usr/lib/python3.11/contextlib.py", line 204, in __aenter__`
	exitFrame     = `"/usr/lib/python3.11/contextlib.py", line 222, in __aexit__`
)

func logging(exception string) string {
	return "--- Logging error ---\n" + trace(exception) +
		"Call stack:\n  File \"<string>\", line 3, in <module>\nMessage: 'x'\nArguments: ()\n"
}

func died(pid int) string { return fmt.Sprintf("INFO:     Child process [%d] died", pid) }

func boots(pid int) string {
	return fmt.Sprintf("[2026-11-23 09:16:55 +0000] [%d] [INFO] Booting worker with pid: %[1]d", pid)
}

// jobs are lines that come like a clock: n of them, every so many seconds, the number in each.
func jobs(n int, every float64, text string) string {
	var lines []string
	for i := range n {
		lines = append(lines, fmt.Sprintf("%.1f "+text, float64(i)*every, i+1))
	}
	return cri(lines...)
}

// pulses are access lines, one every so many seconds.
func pulses(from, to, every float64) (lines []string) {
	for t := from; t <= to; t += every {
		lines = append(lines, fmt.Sprintf("%.1f %s", t, probe200))
	}
	return lines
}

// chance are lines that come as customers do: after 0.02 to 1.6 s.
func chance(n int, text string) string {
	var lines []string
	t := 0.0
	for i := range n {
		t += 0.02 + float64((i*i*7919)%79)/50
		lines = append(lines, fmt.Sprintf("%.2f "+text, t, i+1))
	}
	return cri(lines...)
}

// inOrder sorts the lines of some logs by their times.
func inOrder(logs ...string) string {
	lines := strings.SplitAfter(strings.Join(logs, ""), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func handlerTrace(code string) string {
	return trace("apps.Custom: original") + during + "Traceback (most recent call last):\n" +
		"  File \"/usr/lib/python3/dist-packages/starlette/_exception_handler.py\", line 53, in wrapped_app\n    " +
		code + "\n" +
		"  File \"/srv/app/apps.py\", line 27, in h\n    raise KeyError('x')\nKeyError: 'x'\n"
}

// cases has, for every signature, a log in which it speaks and one, as near as can be, in which it must not. Silent
// logs often quote the anchor where its emitter never prints it.
var cases = []struct{ id, speaks, silent string }{
	{"gunicorn-worker-sigkill", "[2026-11-23 09:16:56 +0000] [9] [ERROR] Worker (pid:12) was sent SIGKILL! Perhaps " +
		"out of memory?", "[2026-11-23 09:16:56 +0000] [9] [ERROR] Worker (pid:12) was sent SIGTERM!"},
	{"gunicorn-worker-sigkill", "[2026-11-23 09:16:56 +0000] [9] [WARNING] Worker with pid 12 was terminated due to " +
		"signal 9", "[2026-11-23 09:16:56 +0000] [9] [WARNING] Worker with pid 12 was terminated due to signal 15"},
	{"billiard-worker-sigkill", "[2026-11-23 09:30:53,123: ERROR/MainProcess] Process 'ForkPoolWorker-1' pid:7 exited " +
		"with 'signal 9 (SIGKILL)'", "[2026-11-23 09:30:53,123: ERROR/MainProcess] Process 'ForkPoolWorker-1' pid:7 " +
		"exited with 'exitcode 1'"},
	{"celery-worker-lost", trace("billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL) " +
		"Job: 1."), trace("billiard.exceptions.WorkerLostError: Worker exited prematurely: exitcode 0 Job: 1.")},
	{"subprocess-sigkill", trace("subprocess.CalledProcessError: Command 'x' died with <Signals.SIGKILL: 9>."),
		trace("subprocess.CalledProcessError: Command 'x' died with <Signals.SIGTERM: 15>.")},
	{"process-pool-broken", trace("concurrent.futures.process.BrokenProcessPool: A process in the process pool was " +
		"terminated abruptly while the future was running or pending."),
		"INFO: A process in the process pool was terminated abruptly"},
	{"resource-tracker-survived", "/usr/lib/python3.11/multiprocessing/resource_tracker.py:224: UserWarning: " +
		"resource_tracker: There appear to be 3 leaked semaphore objects to clean up at shutdown",
		"INFO: resource_tracker: There appear to be 3 leaked objects"},
	{"shell-killed", "Killed", "INFO: Killed"},
	{"shell-killed-line", "bash: line 1:     2 Killed                  python3 app.py",
		"INFO: bash: line 1:     2 Killed                  python3"},
	{"memory-error", "ERROR:    " + trace("MemoryError"), "INFO: MemoryError"},
	{"python-memory-error", trace("MemoryError"), "ERROR:    " + trace("MemoryError")},
	{"memory-refused", trace("OSError: [Errno 12] Cannot allocate memory"), "INFO: [Errno 12] Cannot allocate memory"},
	{"postgres-backend-killed", "2026-11-23 09:24:47.948 UTC [1] LOG:  server process (PID 12) was terminated by " +
		"signal 9: Killed", "2026-11-23 09:24:47.948 UTC [1] LOG:  server process (PID 12) exited with exit code 1"},
	{"gunicorn-worker-timeout", "[2026-11-23 09:16:55 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:12)",
		`ERROR: user asked about "WORKER TIMEOUT (pid:12)"`},
	{"gunicorn-worker-timeout-kill", "[2026-11-23 09:16:55 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:12)\n[2026-11-23 " +
		"09:16:56 +0000] [9] [ERROR] Worker (pid:12) was sent SIGABRT!", "[2026-11-23 09:16:55 +0000] [9] [CRITICAL] " +
		"WORKER TIMEOUT (pid:12)\n[2026-11-23 09:16:56 +0000] [9] [ERROR] Worker (pid:13) was sent SIGABRT!"},
	{"gunicorn-graceful-timeout", "[2026-11-23 09:16:55 +0000] [9] [WARNING] Worker graceful timeout (pid:12)",
		"[2026-11-23 09:16:55 +0000] [9] [INFO] Worker exiting (pid: 12)"},
	{"asyncio-slow-callback", "Executing <Task finished name='Task-1'> took 3.120 seconds",
		"Executing <Task finished name='Task-1'> is fun"},
	{"faulthandler-timeout", "Timeout (0:00:30)!\nThread 0x00007ff782e70040 (most recent call first):\n  File " +
		"\"<string>\", line 3 in <module>", "INFO: Timeout (0:00:30)!"},
	{"celery-hard-time-limit", "[2026-11-23 09:30:53,123: ERROR/MainProcess] Hard time limit (5.0s) exceeded for " +
		"tasks.slow[1]", "[2026-11-23 09:30:53,123: ERROR/MainProcess] Task tasks.slow[1] says Hard time limit (5.0s) " +
		"exceeded for"},
	{"celery-hard-time-limit", "[2026-11-23 09:30:53,123: ERROR/MainProcess] Hard time limit (5.0s) exceeded for " +
		"tasks.slow[1]\n[2026-11-23 09:30:53,200: ERROR/MainProcess] Process 'ForkPoolWorker-1' pid:7 exited with " +
		"'signal 9 (SIGKILL)'", "[2026-11-23 09:30:53,200: ERROR/MainProcess] Process 'ForkPoolWorker-1' pid:7 exited " +
		"with 'signal 9 (SIGKILL)'"},
	{"celery-soft-time-limit", "[2026-11-23 09:30:38,159: WARNING/MainProcess] Soft time limit (1.0s) exceeded for " +
		"tasks.slow[5]", "INFO: a Soft time limit (1.0s) exceeded for tasks"},
	{"postgres-crash-recovery", "2026-11-23 09:24:47.948 UTC [1] LOG:  terminating any other active server processes",
		"2026-11-23 09:24:47.948 UTC [1] LOG:  database system is ready to accept connections"},
	{"logging-stack-lost", "Logged from file app.py, line 31", "INFO: Logged from file app.py, line 31"},
	{"billiard-worker-crash", "[2026-11-23 09:30:53,200: ERROR/MainProcess] Process 'ForkPoolWorker-1' pid:7 exited " +
		"with 'signal 11 (SIGSEGV)'", "[2026-11-23 09:30:53,200: ERROR/MainProcess] Process 'ForkPoolWorker-1' pid:7 " +
		"exited with 'signal 15 (SIGTERM)'"},
	{"celery-worker-exited", trace("billiard.exceptions.WorkerLostError: Worker exited prematurely: exitcode 0 Job: 0."),
		trace("billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL) Job: 0.")},
	{"uvicorn-child-hung", cri("0 x", "6 INFO:     Waiting for child process [1]", "6.1 "+died(1)),
		cri("0 x", "3 y", "6 INFO:     Waiting for child process [1]", "6.1 "+died(1))},
	{"uvicorn-slow-import", cri("0 "+died(1), "6 "+died(2), "12 "+died(3)),
		cri("0 "+died(1), "0.5 "+died(2), "1 "+died(3))},
	{"uvicorn-slow-import", cri("0 "+died(1), "6 "+died(2), "12 "+died(3)),
		cri("0 "+died(1), "60 "+died(2), "66 "+died(3))},
	{"gunicorn-worker-vanished", cri("0 "+boots(11), "0.1 "+boots(12), "60 "+boots(13)),
		cri("0 "+boots(11), "0.1 "+boots(12), "59 [2026-11-23 09:16:55 +0000] [11] [INFO] Worker exiting (pid: 11)",
			"60 "+boots(13))},
	{"gunicorn-worker-vanished", cri("0 "+boots(11), "60 "+boots(13)),
		cri("0 "+boots(11), "59 [2026-11-23 09:16:55 +0000] [9] [INFO] Handling signal: ttin", "60 "+boots(13))},
	{"gunicorn-boot-loop", cri("0 "+boots(11), "1 "+boots(12), "2 "+boots(13), "3 "+boots(14), "4 "+boots(15)),
		cri("0 "+boots(11), "0.1 "+boots(12), "0.2 "+boots(13), "0.3 "+boots(14), "0.4 "+boots(15))},
	{"gunicorn-boot-loop", cri("0 "+boots(11), "1 "+boots(12), "2 "+boots(13), "3 "+boots(14), "4 "+boots(15)),
		cri("0 "+boots(11), "1 "+boots(12), "2 "+boots(13), "3 "+boots(14), "3.5 [2026-11-23 09:16:56 +0000] [9] [ERROR] "+
			"Worker (pid:14) was sent SIGKILL! Perhaps out of memory?", "4 "+boots(15))},
	{"steady-line-stopped", inOrder(jobs(30, 0.9, "job %d done"), cri(pulses(0, 60, 2)...)), jobs(30, 0.9, "job %d done")},
	{"steady-line-stopped", inOrder(jobs(30, 0.9, "job %d done"), cri(pulses(0, 60, 2)...)),
		inOrder(jobs(19, 0.9, "job %d done"), cri(pulses(0, 60, 2)...))},
	{"steady-line-stopped", inOrder(jobs(30, 0.9, "job %d done"), cri(pulses(0, 60, 2)...)),
		inOrder(jobs(30, 0.9, "shard %d/30 read"), cri(pulses(0, 60, 2)...))},
	{"steady-line-stopped", inOrder(jobs(30, 0.9, "job %d done"), cri(pulses(0, 60, 2)...)),
		inOrder(jobs(30, 0.9, "job %d done"), cri("27.5 all jobs finished"), cri(pulses(0, 60, 2)...))},
	{"gunicorn-boot-timeout", uvicornWorkers + "[2026-11-23 09:16:55 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:12)\n" +
		"[2026-11-23 09:17:25 +0000] [13] [INFO] Started server process [13]",
		uvicornWorkers + "[2026-11-23 09:16:40 +0000] [12] [INFO] Started server process [12]\n" +
			"[2026-11-23 09:16:55 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:12)"},
	{"gunicorn-worker-timeout", uvicornWorkers + "[2026-11-23 09:16:55 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:12)",
		uvicornWorkers + "[2026-11-23 09:16:55 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:12)\n" +
			"[2026-11-23 09:17:25 +0000] [13] [INFO] Started server process [13]"},
	{"gunicorn-boot-timeout", "[2026-11-23 09:16:25 +0000] [12] [INFO] Waiting for application startup.\n[2026-11-23 " +
		"09:16:55 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:12)", "[2026-11-23 09:16:25 +0000] [12] [INFO] Waiting for " +
		"application startup.\n[2026-11-23 09:16:26 +0000] [12] [INFO] Application startup complete.\n[2026-11-23 " +
		"09:16:55 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:12)"},
	{"gunicorn-boot-timeout", "[2026-11-23 09:16:55 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:12)\n[2026-11-23 " +
		"09:16:55 +0000] [12] [ERROR] Exception in worker process\n" + trace("SystemExit: 1", `"/usr/lib/python3/dist-packages/gunicorn/workers/base.py", line 134, in load_wsgi`, `"/srv/app/main.py", line 3, in <module>`), "[2026-11-23 09:16:55 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:12)\n[2026-11-23 09:16:55 +0000] [12] [ERROR] Error handling request /x\n" + trace("SystemExit: 1")},
	{"steady-line-stopped", inOrder(jobs(30, 0.9, "job %d done"),
		strings.ReplaceAll(jobs(30, 0.9, "job %d done"), ".0", ".2"), cri(pulses(0, 60, 2)...)),
		inOrder(chance(60, "order %d taken"), cri(pulses(0, 90, 2)...))},
	{"steady-line-stopped", inOrder(jobs(30, 0.9, "job %d done"), cri(pulses(0, 60, 2)...)),
		inOrder(jobs(30, 0.9, "order %d stored"), jobs(30, 0.9, `172.17.0.1:4%d - "GET /work HTTP/1.1" 200 OK`),
			cri(pulses(0, 60, 2)...))}, // traffic that ended
	{"steady-line-stopped", inOrder(jobs(30, 0.9, "job %d done"), jobs(60, 0.9, `172.17.0.1:4%d - "GET /work HTTP/1.1" 200 OK`),
		cri(pulses(0, 60, 2)...)), // traffic that goes on
		inOrder(jobs(30, 0.9, "job %d done"), jobs(30, 0.9, `172.17.0.1:4%d - "GET /work HTTP/1.1" 200 OK`), cri(pulses(0, 60, 2)...))},
	{"local-ports-used-up", jobs(6, 0.1, "poll %d ok") + connectFails, jobs(4, 0.1, "poll %d ok") + connectFails},
	{"local-ports-used-up", jobs(6, 0.1, "poll %d ok") + connectFails, jobs(6, 0.1, "loading plugin %d") + connectFails},
	{"gunicorn-master-not-up", gunicornStarts + mainLoop, gunicornStarts + boots(7) + "\n" + mainLoop},
	{"gunicorn-main-loop", gunicornStarts + boots(7) + "\n" + mainLoop, gunicornStarts + mainLoop},
	{"dependency-awaited", jobs(4, 2, "waiting for db:5432 (%d)"), jobs(4, 2, "waiting for messages (%d)")},
	{"dependency-awaited", jobs(4, 2, "waiting for db:5432 (%d)"), jobs(4, 2, "waiting for db:5432 (%d)") +
		cri("9 connected to db:5432", "9.2 order 1 stored")},
	{"child-ends-badly", jobs(4, 2, "worker %d ended with -6"), jobs(4, 2, "worker %d ended with 0")},
	{"child-ends-badly", jobs(4, 2, "service api crashed, rc=-11 (%d)"), jobs(4, 2, "child exited with code 143 (%d)")},
	{"no-temporary-folder", trace("FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp', '/app']"),
		trace("FileNotFoundError: [Errno 2] No such file or directory: '/tmp/x'")},
	{"startup-exception", "Failed to read config file: /app/conf.py\n" + ofGunicornConfig, "conf read\n" + trace(
		"NameError: x", `"/app/run.py", line 2, in work`)}, // gunicorn -c
	{"startup-exception", trace("KeyError: 'No such transport: amqpx'", `"<frozen runpy>", line 198, in _run_module_as_main`,
		`"/usr/lib/python3/dist-packages/celery/bin/worker.py", line 300, in worker`),
		trace("KeyError: 'No such transport: amqpx'", `"<frozen runpy>", line 198, in _run_module_as_main`,
			`"/usr/lib/python3/dist-packages/celery/bin/call.py", line 30, in call`)}, // celery's worker; a job
	{"startup-exception", trace("OSError: no", `"/usr/bin/gunicorn", line 8, in <module>`,
		`"/usr/lib/python3/dist-packages/gunicorn/app/wsgiapp.py", line 67, in run`), jobs(6, 0.1, "poll %d ok") +
		trace("OSError: no", `"/usr/bin/gunicorn", line 8, in <module>`,
			`"/usr/lib/python3/dist-packages/gunicorn/app/wsgiapp.py", line 67, in run`)},
	{"startup-exception", "ready\npoll\nTraceback (most recent call last):\n  File \"/app/main.py\", line 3, in " +
		"<module>\n    x()\nValueError: x\n", "ready\npoll\nTraceback (most recent call last):\n  File \"/app/main.py\", " +
		"line 3, in <module>\n    print()\nBrokenPipeError: [Errno 32] Broken pipe\n"},
	{"health-path-5xx", `[2026-11-26 14:39:26 +0000] [7] [INFO] 172.17.0.1:59910 - - [26/Nov/2026:14:39:26 +0000] "GET /health 1.1" 503 21 "-" "curl"`, `[2026-11-26 14:39:26 +0000] [7] [INFO] 172.17.0.1:59910 - - [26/Nov/2026:14:39:26 +0000] "GET /health 1.1" 200 21 "-" "curl"`},
	{"answers-fail", accessed("bbhbbhbb"), accessed("bbhgghgg")},
	{"dumb-init-failed", "[dumb-init] gunicornn: No such file or directory", "[dumb-init] Received signal 15."},
	{"billiard-worker-exited", "[2026-11-26 15:37:38,189: ERROR/MainProcess] Process 'ForkPoolWorker-2' pid:10 exited " +
		"with 'exitcode 3'", "[2026-11-26 15:37:38,189: ERROR/MainProcess] Process 'ForkPoolWorker-2' pid:10 exited with " +
		"'signal 15 (SIGTERM)'"},
	{"click-aborted", "Aborted!", "Aborted! Not really."},
	{"startup-error-line", "\nError: settings missing REDIS_URL\n", "Error: settings missing REDIS_URL\nwent on\n"},
	{"startup-error-line", "Error: x", "INFO:     Started server process [1]\nError: x"},
	{"usage-error", "Usage: python -m uvicorn [OPTIONS] APP\nError: No such option: --nosuch",
		"INFO: Error: No such option: --nosuch"},
	{"configuration-error", "configuration error: STRIPE_KEY must start with sk_",
		"INFO: configuration error: STRIPE_KEY must start with sk_"},
	{"usage-error-argparse", "__main__.py: error: unrecognized arguments: --nosuch",
		"INFO: app.py: error: unrecognized arguments: --nosuch"},
	{"python-entry-missing", "/usr/bin/python3: can't open file '/nonexistent.py': [Errno 2] No such file or directory",
		"/srv/app: can't open file '/nonexistent.py'"},
	{"command-not-found", "bash: line 1: uvicornn: command not found", "INFO: bash: line 1: uvicornn: command not found"},
	{"sh-command-not-found", "sh: 1: /srv/app/crlf.sh: not found", "push: 1: key: not found"},
	{"loader-failed", "python3: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /app/x.so)",
		"ERROR: version `GLIBC_2.38' not found (required by /app/x.so)"},
	{"background-task-raised", "ERROR:    Exception in ASGI application\n" +
		trace("ValueError: x", `"/usr/lib/python3/dist-packages/starlette/background.py", line 43, in __call__`),
		"ERROR:    Exception in ASGI application\n" + trace("ValueError: x")},
	{"sqlalchemy-reset-failed", "ERROR:sqlalchemy.pool.impl.AsyncAdaptedQueuePool:Exception during reset or similar",
		"INFO: no Exception during reset or similar"},
	{"redis-server-memory", "18910:M 23 Nov 2026 09:24:49.155 # Out Of Memory allocating 1073741824 bytes!",
		"18910:M 23 Nov 2026 09:24:49.155 # Background saving terminated"},
	{"redis-server-accept-failed", "18910:M 23 Nov 2026 09:24:49.155 # Error accepting a client connection: Too many " +
		"open files", "INFO: no Error accepting a client connection"},
	{"redis-server-maxclients-reduced", "18910:M 23 Nov 2026 09:24:49.155 # Current maximum open files is 1024. " +
		"maxclients has been reduced to 992 to compensate for low ulimit.",
		"18910:M 23 Nov 2026 09:24:49.155 # Current maximum open files is 1024."},
	{"redis-server-aof-failed", "1:M 27 Nov 2026 02:48:51.888 # Short write while writing to the AOF file: " +
		"(nwritten=40051, expected=100032)", "1:M 27 Nov 2026 02:48:51.888 * Background AOF rewrite finished successfully"},
	{"redis-server-master-away", "1:S 27 Nov 2026 02:48:46.550 # Unable to connect to MASTER: No such file or directory",
		"1:S 27 Nov 2026 02:48:46.550 * MASTER <-> REPLICA sync started"},
	{"redis-server-crash", "=== REDIS BUG REPORT START: Cut & paste starting from here ===",
		"=== REDIS BUG REPORT END. ==="},
	{"chroma-degraded", trace("chromadb.errors.ChromaError: Could not connect to tenant default_tenant. Are you sure " +
		"it exists?"), "INFO: Could not connect to tenant default_tenant"},
	{"chroma-settings-clash",
		trace("ValueError: An instance of Chroma already exists for /data with different settings"),
		trace("KeyError: An instance of Chroma already exists for /data with different settings")},
	{"rabbitmq-alarm-cleared", "2026-11-23 09:26:01.123456+00:00 [warning] <0.12.0> memory resource limit alarm " +
		"cleared on node rabbit@x", "INFO: the memory resource limit alarm cleared on node"},
	{"celery-broker-lost", "[2026-11-23 09:30:53,123: WARNING/MainProcess] consumer: Connection to broker lost. " +
		"Trying to re-establish the connection...", "INFO: the consumer: Connection to broker lost."},
	{"celery-unrecoverable", "[2026-11-23 09:30:53,123: CRITICAL/MainProcess] Unrecoverable error: OperationalError()",
		"INFO: not an Unrecoverable error: x"},
	{"rabbitmq-vhost-refused", trace("pika.exceptions.ProbableAccessDeniedError: ConnectionClosedByBroker: (530) " +
		"'NOT_ALLOWED - vhost nope not found'"), trace("pika.exceptions.ProbableAccessDeniedError: " +
		"ConnectionClosedByBroker: (403) 'ACCESS_REFUSED'")},
	{"broker-reconnecting", "WARNING:aio_pika.robust_connection:Connection attempt to \"amqp://rabbit:5672/\" failed: " +
		"timed out. Reconnecting after 5 seconds.", "INFO: Reconnecting after 5 seconds."},
	{"logging-fileconfig-missing", trace("FileNotFoundError: /nonexistent.ini doesn't exist",
		`"/opt/python-3.12.1/lib/python3.12/logging/config.py", line 66, in fileConfig`),
		trace("FileNotFoundError: /nonexistent.ini doesn't exist")},
	{"logging-thread-dead", "Exception in thread Thread-1 (_monitor):\n" + torn("logging/handlers.py", "_monitor") +
		"Exception in thread Thread-1 (_monitor):\n" + torn("threading.py", "run"),
		"Exception in thread Thread-1 (_monitor):\n" + torn("pool.py", "_monitor") +
			"Exception in thread Thread-1 (_monitor):\n" + torn("logging/handlers.py", "emit")},
	{"logging-handler-raised", trace("KeyError: 'request_id'", `"/usr/lib/python3/dist-packages/structlog/_base.py", line 162, in _process_event`), trace("KeyError: 'request_id'")},
	{"unclassified-traceback", `{"event": "request_failed", "level": "error", "exception": [{"exc_type": "RuntimeError", "exc_value": "outer", "frames": []}]}`, `{"event": "x", "exception": [{"a": "Application startup failed. Exiting."}]}`},
	{"health-probes-late", cri("0 x", "9 "+probe200, "9.01 "+probe200, "9.02 "+probe200),
		cri("0 x", "9 "+probe200, "14 "+probe200, "19 "+probe200)},
	{"uvicorn-graceful-timeout", "ERROR:    Cancel 1 running task(s), timeout graceful shutdown exceeded",
		"ERROR:    Cancel 1 running task(s)"},
	{"rabbitmq-missed-heartbeats", "2026-11-23 09:25:01.123456+00:00 [error] <0.12.0> missed heartbeats from client, " +
		"timeout: 2s", "2026-11-23 09:25:01.123456+00:00 [info] <0.12.0> accepting AMQP connection"},
	{"logging-disk-full", logging("OSError: [Errno 28] No space left on device"),
		trace("OSError: [Errno 28] No space left on device")},
	{"logging-read-only", logging("OSError: [Errno 30] Read-only file system: '/x'"),
		trace("OSError: [Errno 30] Read-only file system: '/x'")},
	{"logging-permission-denied", logging("PermissionError: [Errno 13] Permission denied: '/x'"),
		trace("PermissionError: [Errno 13] Permission denied: '/x'")},
	{"logging-closed-file", logging("ValueError: I/O operation on closed file."),
		trace("ValueError: I/O operation on closed file.")},
	{"logging-broken-pipe", logging("BrokenPipeError: [Errno 32] Broken pipe"),
		trace("BrokenPipeError: [Errno 32] Broken pipe")},
	{"logging-stream-blocked", logging("BlockingIOError: [Errno 11] write could not complete without blocking"),
		trace("BlockingIOError: [Errno 11] write could not complete without blocking")},
	{"logging-queue-full", logging("queue.Full"), trace("queue.Full")},
	{"logging-format-error", logging("TypeError: not all arguments converted during string formatting"),
		trace("TypeError: not all arguments converted during string formatting")},
	{"logging-error-block", logging("ConnectionError: loki down"), "INFO: --- Logging error ---"},
	{"logging-config-failed", trace("PermissionError: [Errno 13] Permission denied: '/x'") + direct +
		trace("ValueError: Unable to configure handler 'file'"), trace("ValueError: Unable to parse handler")},
	{"logging-fileconfig-missing", trace("KeyError: 'formatters'",
		`"/usr/lib/python3.11/logging/config.py", line 71, in fileConfig`), trace("KeyError: 'formatters'")},
	{"logging-open-failed", trace("PermissionError: [Errno 13] Permission denied: '/x'",
		`"/usr/lib/python3.11/logging/__init__.py", line 1213, in _open`),
		trace("PermissionError: [Errno 13] Permission denied: '/x'")},
	{"logging-thread-dead", "Exception in thread Thread-1 (_monitor):\n" +
		trace("ConnectionError: x", `"/usr/lib/python3.11/logging/handlers.py", line 1584, in _monitor`),
		"Exception in thread Thread-1 (_monitor):\n" + trace("ConnectionError: x")},
	{"logging-handler-raised", trace("ConnectionError: x",
		`"/usr/lib/python3.11/logging/__init__.py", line 1706, in callHandlers`), trace("ConnectionError: x")},
	{"stdio-flush-failed", "Exception ignored in: <_io.TextIOWrapper name='<stdout>' mode='w' " +
		"encoding='utf-8'>\nOSError: [Errno 5] Input/output error",
		"Exception ignored in: <function A.__del__ at 0x7f5be3354720>"},
	{"disk-full", trace("OSError: [Errno 28] No space left on device"),
		logging("OSError: [Errno 28] No space left on device")},
	{"uvicorn-child-died", "INFO:     Child process [12] died", "INFO:     Waiting for child process [12]"},
	{"uvicorn-child-failed-to-start", "ERROR:    Child process [12] failed to start, stopping the parent process.",
		"INFO:     Child process [12] died"},
	{"worker-process-exception", "Process SpawnProcess-1:\n" + trace("RuntimeError: x"), "INFO: Process SpawnProcess-1:"},
	{"asyncio-loop-stopped", trace("RuntimeError: Event loop stopped before Future completed."),
		"INFO: Event loop stopped before Future completed."},
	{"asyncio-task-exit", "Task exception was never retrieved\nfuture: <Task finished name='Task-3' coro=<check() done, " +
		"defined at /app/x.py:9> exception=SystemExit(7)>\nINFO:     other", "Task exception was never retrieved\n" +
		"future: <Task finished name='Task-3' coro=<check() done, defined at /app/x.py:9> " +
		"exception=KeyError('SystemExit')>\n" +
		"INFO:     other"},
	{"asyncio-task-exit", "Task exception was never retrieved\nfuture: <Task finished>\n" + trace("SystemExit: 7"),
		"Task exception was never retrieved\nfuture: <Task finished>\n" + trace("ValueError: 7")},
	{"gunicorn-worker-crash", "[2026-11-23 09:16:56 +0000] [9] [ERROR] Worker (pid:12) was sent code 139!",
		"[2026-11-23 09:16:56 +0000] [9] [ERROR] Worker (pid:12) exited with code 139"},
	{"gunicorn-worker-crash", "[2026-11-23 09:16:56 +0000] [9] [WARNING] Worker with pid 12 was terminated due to " +
		"signal 4", "[2026-11-23 09:16:56 +0000] [9] [WARNING] Worker with pid 12 was terminated due to signal 40"},
	{"gunicorn-worker-abort", "[2026-11-23 09:16:56 +0000] [9] [WARNING] Worker (pid:12) was sent SIGABRT!",
		"[2026-11-23 09:16:55 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:12)\n[2026-11-23 09:16:56 +0000] [9] [ERROR] " +
			"Worker (pid:12) was sent SIGABRT!"},
	{"gunicorn-worker-exited", "[2026-11-23 09:16:56 +0000] [9] [ERROR] Worker (pid:12) exited with code 1",
		"[2026-11-23 09:16:55 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:12)\n[2026-11-23 09:16:56 +0000] [9] [ERROR] " +
			"Worker (pid:12) exited with code 1"},
	{"gunicorn-worker-failed-to-boot", "[2026-11-23 09:16:56 +0000] [9] [ERROR] Reason: Worker failed to boot.",
		"INFO: why? Reason: Worker failed to boot."},
	{"gunicorn-app-failed-to-load", "[2026-11-23 09:16:56 +0000] [9] [ERROR] Reason: App failed to load.",
		"INFO: why? Reason: App failed to load."},
	{"gunicorn-app-import-error", trace("gunicorn.errors.AppImportError: Failed to find attribute 'nope' in 'wsgi'."),
		trace("errors.AppImportError: Failed to find attribute")},
	{"gunicorn-halt", trace("gunicorn.errors.HaltServer: <HaltServer 'App failed to load.' 4>"),
		trace("gunicorn.errors.ConfigError: x")},
	{"gunicorn-worker-exception", "[2026-11-23 09:16:56 +0000] [9] [ERROR] Exception in worker process\n" +
		trace("RuntimeError: x"), "INFO: Exception, in worker process"},
	{"gunicorn-main-loop", "[2026-11-23 09:16:56 +0000] [9] [ERROR] Unhandled exception in main loop\n" +
		trace("RuntimeError: x"), "[2026-11-23 09:16:56 +0000] [9] [ERROR] Exception in worker process"},
	{"uvicorn-load-failed", `ERROR:    Error loading ASGI app. Could not import module "nope".`,
		`INFO: got "Error loading ASGI app. Could not import module"`},
	{"hypercorn-load-failed", trace("hypercorn.utils.NoAppError: Cannot load application from 'apps:nope', " +
		"application not found."), trace("hypercorn.utils.LifespanTimeoutError: x")},
	{"gunicorn-master-vanished", "[2026-11-23 09:16:56 +0000] [9] [INFO] Parent changed, shutting down: <Worker 9>",
		"INFO: the Parent changed, shutting down"},
	{"uvicorn-startup-failed", "ERROR:    Application startup failed. Exiting.",
		`INFO: user asked about "Application startup failed. Exiting."`},
	{"startup-exception", "ERROR:    " + trace("RuntimeError: x", lifespanFrame, enterFrame),
		trace("RuntimeError: x", lifespanFrame, enterFrame)},
	{"uvicorn-lifespan-exception", "ERROR:    Exception in 'lifespan' protocol\n" + trace("AssertionError"),
		"ERROR:    Exception in ASGI application\n" + trace("AssertionError")},
	{"uvicorn-lifespan-unsupported", "INFO:     ASGI 'lifespan' protocol appears unsupported.",
		"INFO:     Waiting for application startup."},
	{"bind-failed", "ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address " +
		"already in use", "ERROR:    [Errno 111] Connect call failed ('127.0.0.1', 8000)"},
	{"gunicorn-bind-failed", "[2026-11-23 09:04:55 +0000] [20533] [ERROR] Connection in use: ('127.0.0.1', 58561)",
		"[2026-11-23 09:04:55 +0000] [20533] [ERROR] Retrying in 1 second."},
	{"address-in-use", trace("OSError: [Errno 98] Address already in use"),
		trace("OSError: [Errno 99] Cannot assign requested address")},
	{"hypercorn-startup-failed", trace("hypercorn.utils.LifespanFailureError: Lifespan failure in startup. 'x'"),
		trace("hypercorn.utils.LifespanFailureError: Lifespan failure in shutdown. 'x'")},
	{"hypercorn-lifespan-skipped", "[2026-11-23 09:18:36 +0000] [1] [WARNING] ASGI Framework Lifespan error, " +
		"continuing without Lifespan support", "[2026-11-23 09:18:36 +0000] [1] [ERROR] Error in ASGI Framework"},
	{"hypercorn-startup-timeout", trace("hypercorn.utils.LifespanTimeoutError: Timeout whilst awaiting startup. Your " +
		"application may not support the ASGI Lifespan protocol correctly"),
		trace("hypercorn.utils.LifespanTimeoutError: Timeout whilst awaiting shutdown.")},
	{"gunicorn-asgi-startup-failed", "[2026-11-23 09:16:13 +0000] [9976] [ERROR] ASGI lifespan startup failed: " +
		"Lifespan startup failed: x", "[2026-11-23 09:16:13 +0000] [9976] [DEBUG] ASGI lifespan not supported by app: x"},
	{"starlette-lifespan-state", trace(`RuntimeError: The server does not support "state" in the lifespan scope.`),
		trace("RuntimeError: x")},
	{"startup-import-error", trace("ModuleNotFoundError: No module named 'x'"),
		"INFO:     Application startup complete.\n" + trace("ModuleNotFoundError: No module named 'x'")},
	{"asyncio-task-exception", "ERROR:asyncio:Task exception was never retrieved\nfuture: <Task finished>\n" +
		trace("ValueError: x"), "INFO: Our docs say: Task exception was never retrieved"},
	{"asyncio-future-exception", "Future exception was never retrieved\nfuture: <Future>\n" + trace("ValueError: x"),
		"Task exception was never retrieved"},
	{"asyncio-task-destroyed", "Task was destroyed but it is pending!\ntask: <Task pending>",
		"INFO: the Task was destroyed but it is pending!"},
	{"asyncio-callback-exception", "Exception in callback f() at x.py:3\nhandle: <Handle f()>\n" +
		trace("ZeroDivisionError: division by zero"), "Exception in thread callback:\n" + trace("ZeroDivisionError: x")},
	{"asyncio-loop-exception", "Unhandled exception in event loop", "INFO: no Unhandled exception in event loop"},
	{"coroutine-never-awaited", "sys:1: RuntimeWarning: coroutine 'poll' was never awaited",
		"INFO: sys:1: RuntimeWarning: coroutine 'poll' was never awaited"},
	{"lifespan-body-failed", "INFO:     Application startup complete.\nERROR:    " +
		trace("RuntimeError: x", lifespanFrame, exitFrame), "INFO:     Shutting down\nERROR:    " +
		trace("RuntimeError: x", lifespanFrame, exitFrame)},
	{"anyio-cancel-scope", trace("RuntimeError: Attempted to exit cancel scope in a different task than it was " +
		"entered in"), "INFO: Attempted to exit cancel scope in a different task"},
	{"thread-exception", "Exception in thread consumer:\n" + trace("ValueError: x"),
		"INFO: Exception in thread consumer:"},
	{"exception-ignored", "Exception ignored in: <function A.__del__ at 0x7f5be3354720>\n" + trace("ValueError: in del"),
		"INFO: Exception ignored in: <function"},
	{"uvicorn-asgi-exception", "ERROR:    Exception in ASGI application\n" + trace("ValueError: x"),
		"INFO: an Exception in ASGI application"},
	{"hypercorn-asgi-exception", "[2026-11-23 09:18:36 +0000] [1] [ERROR] Error in ASGI Framework\n" +
		trace("ValueError: x"), "INFO: no Error in ASGI Framework"},
	{"gunicorn-asgi-exception", "[2026-11-23 09:18:36 +0000] [1] [ERROR] Error in ASGI application\n" +
		trace("ValueError: x"), "INFO: no Error in ASGI application"},
	{"gunicorn-request-error", "[2026-11-23 09:18:36 +0000] [12] [ERROR] Error handling request /x\n" +
		trace("ValueError: x"), "[2026-11-23 09:16:55 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:12)\n[2026-11-23 " +
		"09:16:55 +0000] [12] [ERROR] Error handling request /x\n" + trace("SystemExit: 1")},
	{"exception-handler-raised", handlerTrace("response = await handler(conn, exc)"),
		handlerTrace("await app(scope, receive, sender)")},
	{"exception-handler-raised", handlerTrace("response = await handler(request, exc)"),
		trace("IndexError: pop from empty list") + during + trace("KeyError: 'x'")},
	{"starlette-response-started", trace("apps.Custom: mid stream") + direct +
		trace("RuntimeError: Caught handled exception, but response already started."), trace("RuntimeError: x")},
	{"asgi-no-response", "ERROR:    ASGI callable returned without completing response.",
		"INFO: the ASGI callable returned without completing response."},
	{"starlette-no-response", trace("RuntimeError: No response returned."), trace("RuntimeError: x")},
	{"fastapi-response-validation", trace("fastapi.exceptions.ResponseValidationError: 1 validation errors:"),
		trace("fastapi.exceptions.RequestValidationError: x")},
	{"unclassified-traceback", trace("ValueError: x"), trace("redis.exceptions.ConnectionError: Too many connections")},
	{"redis-pool-exhausted", trace("redis.exceptions.MaxConnectionsError: Too many connections"),
		trace("pymysql.err.OperationalError: (1040, 'Too many connections')")},
	{"redis-pool-wait-timeout", trace("redis.exceptions.ConnectionError: No connection available."),
		trace("RuntimeError: No connection available.")},
	{"sqlalchemy-pool-timeout", trace("sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, " +
		"connection timed out, timeout 30.00"),
		`INFO: "QueuePool limit of size 5 overflow 10 reached, connection timed out"`},
	{"sqlalchemy-connection-leak", "ERROR:sqlalchemy.pool.impl.AsyncAdaptedQueuePool:The garbage collector is trying " +
		"to clean up non-checked-in connection <x>", "INFO: the garbage collector is fine"},
	{"asyncpg-pool-timeout", trace("TimeoutError",
		`"/usr/lib/python3/dist-packages/asyncpg/pool.py", line 197, in _acquire`), trace("TimeoutError")},
	{"asyncpg-busy-connection", trace("asyncpg.exceptions._base.InterfaceError: cannot perform operation: another " +
		"operation is in progress"), trace("asyncpg.exceptions._base.InterfaceError: x")},
	{"psycopg2-pool-exhausted", trace("psycopg2.pool.PoolError: connection pool exhausted"),
		trace("psycopg2.pool.PoolError: trying to put unkeyed connection")},
	{"psycopg-pool-timeout", trace("psycopg_pool.PoolTimeout: couldn't get a connection after 30.00 sec"),
		trace("psycopg_pool.PoolClosed: the pool 'p' is closed")},
	{"psycopg-pool-queue-full", trace("psycopg_pool.TooManyRequests: the pool 'p' has already 100 requests waiting"),
		trace("psycopg_pool.PoolClosed: the pool 'p' is closed")},
	{"client-pool-exhausted", trace("leak.PoolTimeout: pool limit of size 5 reached, connection timed out, timeout " +
		"1.00"),
		"WARNING urllib3.connectionpool Connection pool is full, discarding connection: db. Connection pool size: 10"},
	{"client-pool-exhausted", "2026-11-26 21:48:40 ERROR shop cart failed: pool timed out while waiting for an open " +
		"connection", "INFO shop pool timed out while waiting for an open connection"},
	{"client-pool-exhausted", "Error: KnexTimeoutError: Knex: Timeout acquiring a connection. The pool is probably full." +
		" Are you missing a .transacting(trx) call?", trace("leak.PoolTimeout: pool is closed")},
	{"client-pool-exhausted", "ERROR shop redis: connection pool timeout", "ERROR shop redis: connection pool closed"},
	{"client-pool-exhausted", "ERROR c.x.Y - java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not " +
		"available, request timed out after 30001ms (total=10, active=10, idle=0, waiting=5)",
		"ERROR c.x.Y - java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request " +
			"timed out after 30001ms (total=0, active=0, idle=0, waiting=5)"},
	{"psycopg-pool-init", trace("psycopg_pool.PoolTimeout: pool initialization incomplete after 30.0 sec"),
		trace("psycopg_pool.PoolClosed: x")},
	{"httpx-pool-timeout", trace("httpx.PoolTimeout"), trace("httpx.ReadTimeout")},
	{"aiohttp-connection-timeout", trace("aiohttp.client_exceptions.ConnectionTimeoutError: Connection timeout to " +
		"host http://x"), trace("aiohttp.client_exceptions.ClientError: x")},
	{"aiohttp-unclosed", "Unclosed client session\nclient_session: <x>", "INFO: an Unclosed client session"},
	{"uvicorn-concurrency-limit", "WARNING:  Exceeded concurrency limit.", "INFO: we Exceeded concurrency limit."},
	{"redis-server-maxclients", trace("redis.exceptions.ConnectionError: max number of clients reached"),
		"INFO: max number of clients reached"},
	{"redis-degraded",
		trace("redis.exceptions.OutOfMemoryError: OOM command not allowed when used memory > 'maxmemory'."),
		"INFO: OOM command not allowed when used memory"},
	{"redis-server-save-failed", "18910:M 23 Nov 2026 09:24:49.155 # Background saving error",
		"18910:M 23 Nov 2026 09:24:49.155 * Background saving started by pid 18964"},
	{"redis-server-crash", "19070:M 23 Nov 2026 09:24:57.310 # Redis 7.0.15 crashed by signal: 11, si_code: 0",
		"19070:C 23 Nov 2026 09:24:57.270 # Redis version=7.0.15, bits=64"},
	{"postgres-too-many-clients", "2026-11-23 09:24:47.948 UTC [18] FATAL:  sorry, too many clients already",
		"2026-11-23 09:24:47.948 UTC [18] LOG:  sorry, too many clients already"},
	{"asyncpg-too-many-connections", trace("asyncpg.exceptions.TooManyConnectionsError: x"),
		trace("asyncpg.exceptions.PostgresError: x")},
	{"postgres-connection-lost", trace("psycopg2.OperationalError: server closed the connection unexpectedly"),
		"INFO: server closed the connection unexpectedly"},
	{"dependency-refused", "ERROR app.cache redis down: Error 111 connecting to redis:6379. Connection refused.",
		"INFO app.cache Connection refused by policy"},
	{"dependency-unresolved", trace("socket.gaierror: [Errno -2] Name or service not known"),
		"INFO: Name or service not known"},
	{"dependency-timeout", trace("redis.exceptions.TimeoutError: Timeout connecting to server"),
		trace("sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout " +
			"30.00")},
	{"http-dependency-timeout", trace("httpx.ReadTimeout"), trace("httpx.PoolTimeout")},
	{"dependency-closed", trace("redis.exceptions.ConnectionError: Connection closed by server."),
		"INFO: Connection closed by server."},
	{"prometheus-duplicate-metric", trace("ValueError: Duplicated timeseries in CollectorRegistry: {'x'}"),
		trace("ValueError: x")},
	{"rabbitmq-connection-limit", trace(`pika.exceptions.ProbableAccessDeniedError: ConnectionClosedByBroker: (530) "NOT_ALLOWED - access to vhost '/' refused for user 'guest': connection limit (2) is reached"`), trace("pika.exceptions.ProbableAccessDeniedError: ConnectionClosedByBroker: (530) 'NOT_ALLOWED - vhost nope not found'")},
	{"rabbitmq-open-refused", trace(`pamqp.exceptions.AMQPInternalError: ("one of ['Connection.OpenOk']", <Connection.Close object at 0x7f21c23d47d0>)`), trace("pamqp.exceptions.AMQPInternalError: x")},
	{"rabbitmq-channel-max", trace("aiormq.exceptions.ConnectionNotAllowed: number of channels opened (16) has " +
		"reached the negotiated channel_max (16)"), trace("aiormq.exceptions.ChannelClosed: x")},
	{"pika-no-free-channels", trace("pika.exceptions.NoFreeChannels"), trace("pika.exceptions.ChannelClosed")},
	{"rabbitmq-resource-alarm", "2026-11-23 09:25:01.123456+00:00 [warning] <0.12.0> memory resource limit alarm set " +
		"on node rabbit@x.", "2026-11-23 09:25:01.123456+00:00 [warning] <0.12.0> memory resource limit alarm cleared on " +
		"node rabbit@x"},
	{"rabbitmq-connection-blocked", "WARNING pika.connection Received <METHOD(['frame_type=1', " +
		"\"method=<Connection.Blocked(['reason=low on memory'])>\"])> from broker",
		"INFO: <Connection.Blocked(['reason=low on memory'])>"},
	{"rabbitmq-client-vanished", "2026-11-23 09:25:01.123456+00:00 [warning] <0.12.0> client unexpectedly closed TCP " +
		"connection", "2026-11-23 09:25:01.123456+00:00 [info] <0.12.0> closing AMQP connection"},
	{"rabbitmq-connection-lost", trace("pika.exceptions.StreamLostError: Stream connection lost: " +
		"ConnectionResetError(104, 'x')"), "INFO: Stream connection lost: x"},
	{"pika-connection-failed", trace("pika.exceptions.AMQPConnectionError"), trace("pika.exceptions.AMQPChannelError")},
	{"fd-exhausted", trace("OSError: [Errno 24] Too many open files: '/dev/null'"),
		"INFO: [Errno 24] Too many open files"},
	{"asyncio-accept-exhausted", "socket.accept() out of system resource\nsocket: <x>\n" +
		trace("OSError: [Errno 24] Too many open files"), "INFO: is socket.accept() out of system resource"},
	{"address-not-available", trace("OSError: [Errno 99] Cannot assign requested address"), "ERROR:    [Errno 99] " +
		"error while attempting to bind on address ('203.0.113.9', 8000): cannot assign requested address"},
	{"thread-limit", trace("RuntimeError: can't start new thread"), "INFO: can't start new thread"},
	{"fork-refused", trace("BlockingIOError: [Errno 11] Resource temporarily unavailable",
		`"/usr/lib/python3.11/subprocess.py", line 1901, in _execute_child`),
		trace("BlockingIOError: [Errno 11] Resource temporarily unavailable",
			`"/usr/lib/python3.11/socket.py", line 706, in readinto`)},
	{"resource-unavailable", trace("BlockingIOError: [Errno 11] Resource temporarily unavailable"),
		logging("BlockingIOError: [Errno 11] write could not complete without blocking")},
	{"health-path-5xx", `INFO:     127.0.0.1:57038 - "GET /healthz HTTP/1.1" 500 Internal Server Error`,
		`INFO:     127.0.0.1:57038 - "GET /v1/items HTTP/1.1" 500 Internal Server Error`},
	{"health-path-5xx", `127.0.0.1 - - [23/Nov/2026:09:06:15 +0000] "GET /api/ready?x=1 HTTP/1.1" 503 12 "-" "curl"`,
		`INFO:     127.0.0.1:57038 - "GET /healthz HTTP/1.1" 200 OK`},
	{"health-path-status", `INFO:     127.0.0.1:57038 - "GET /healthz HTTP/1.1" 404 Not Found`,
		`INFO:     127.0.0.1:57038 - "GET /wealth HTTP/1.1" 404 Not Found`},
	{"health-path-limited", "WARNING:  Exceeded concurrency limit.\n" +
		`INFO:     127.0.0.1:57038 - "GET /healthz HTTP/1.1" 503 Service Unavailable`,
		`INFO:     127.0.0.1:57038 - "GET /healthz HTTP/1.1" 503 Service Unavailable`},
	{"health-route-exception", "ERROR:    Exception in ASGI application\n" +
		trace("ValueError: x", `"/srv/app/main.py", line 3, in healthz`), "ERROR:    Exception in ASGI application\n" +
		trace("ValueError: x", `"/usr/lib/python3/dist-packages/h.py", line 3, in healthz`)},
	{"uvicorn-invalid-http", "WARNING:  Invalid HTTP request received.", "INFO: an Invalid HTTP request received."},
	{"loopback-bind", "INFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)",
		"INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)"},
	{"python-init-failed", "Fatal Python error: init_fs_encoding: failed to get the Python codec of the filesystem " +
		"encoding\nPython runtime state: core initialized", "INFO: Fatal Python error: init_fs_encoding"},
	{"python-fatal-signal", "Fatal Python error: Segmentation fault\n\nCurrent thread 0x1 (most recent call first):\n " +
		" File \"x.py\", line 1 in f", "INFO: Fatal Python error: Segmentation fault"},
	{"python-fatal-error", "Fatal Python error: Cannot recover from stack overflow.\nPython runtime state: initialized",
		"Fatal Python error: Aborted"},
	{"glibc-heap-corruption", "double free or corruption (!prev)", "INFO: double free or corruption (!prev)"},
	{"glibc-fortify", "*** stack smashing detected ***: terminated", "INFO: *** stack smashing detected ***: terminated"},
	{"cpp-terminate", "terminate called after throwing an instance of 'std::runtime_error'\n  what():  x",
		"INFO: terminate called after throwing an instance of 'x'"},
	{"c-assertion", "a: a.c:17: main: Assertion `c==99' failed.", "INFO: a: a.c:17: main: Assertion `c==99' failed."},
	{"shell-crash", "Segmentation fault (core dumped)", "Segmentation fault is what I fear"},
	{"shell-crash-line", "/entrypoint.sh: line 12:     7 Segmentation fault      (core dumped) python3 app.py",
		"INFO: x: line 12:     7 Segmentation fault      y"},
	{"recursion-error", trace("RecursionError: maximum recursion depth exceeded"),
		"INFO: RecursionError: maximum recursion depth exceeded"},
	// Commands that could not be run.
	{"script-crlf", "/usr/bin/env: 'bash\\r': No such file or directory",
		`INFO: /usr/bin/env: 'bash\r': No such file or directory`},
	{"script-crlf", "/bin/sh^M: bad interpreter: No such file or directory",
		"/usr/bin/env: 'bash': No such file or directory"},
	{"exec-format", "exec /usr/local/bin/uvicorn: exec format error",
		"INFO: exec /usr/local/bin/uvicorn: exec format error"},
	{"exec-format", "/app/entry.sh: line 3: /app/server: cannot execute binary file: Exec format error",
		"/app/entry.sh: line 3: /app/server: Permission denied"},
	{"interpreter-missing", "/app/docker-entrypoint.sh: line 84: /app/.venv/bin/uvicorn: cannot execute: required " +
		"file not found", "/app/docker-entrypoint.sh: line 84: uvicorn: command not found"},
	{"interpreter-missing", "bash: /app/run: /opt/python: bad interpreter: No such file or directory",
		"INFO: bad interpreter: No such file or directory"},
	{"exec-interpreter-missing", "exec /entrypoint.sh: no such file or directory",
		"executed /entrypoint.sh: no such file or directory"},
	{"exec-not-found", "[FATAL tini (7)] exec uvicornn failed: No such file or directory",
		"[WARN  tini (7)] Tini is not running as PID 1"},
	{"exec-interpreter-missing", `standard_init_linux.go:228: exec user process caused: no such file or directory`, `INFO: standard_init_linux.go:228: exec user process caused: no such file or directory`},
	{"exec-not-found", "env: 'gunicorn': No such file or directory", "open: 'gunicorn': No such file or directory"},
	{"exec-refused", `OCI runtime create failed: runc create failed: unable to start container process: exec: "/etc/passwd": permission denied: unknown`, `INFO: exec: "/etc/passwd": permission denied`},
	{"exec-start-failed", `fork/exec: exec: "celery": executable file not found in $PATH`,
		"INFO: exec: \"celery\": executable file not found in $PATH"},
	{"exec-start-failed", "crun: executable file `gatewayd` not found in $PATH: No such file or directory: OCI runtime " +
		"attempted to invoke a command that was not found",
		"INFO: `gatewayd` not found in $PATH"},
	{"exec-path-missing", `OCI runtime create failed: runc create failed: unable to start container process: exec: "/nosuch": stat /nosuch: no such file or directory`,
		`INFO: exec: "/nosuch": stat /nosuch: no such file or directory`},
	{"crun-interpreter-missing", "exec container process (missing dynamic library?) `/app/run`: No such file or directory",
		"INFO: exec container process (missing dynamic library?) `/app/run`: No such file or directory"},
	{"crun-exec-refused", `{"msg":"exec container process ` + "`/usr/bin/caddy`" + `: Operation not permitted","level":"error","time":"2026-07-05T21:21:32.279501Z"}`,
		"INFO: exec container process `/usr/bin/caddy`: Operation not permitted"},
	{"crun-open-refused", "crun: open executable: Permission denied: OCI permission denied",
		"INFO: open executable: Permission denied"},
	{"exec-format", "exec container process `/unbound.sh`: Exec format error", "INFO: it read: format error"},
	{"exec-denied", "exec /entrypoint.sh: permission denied", "INFO: exec /entrypoint.sh: permission denied"},
	{"exec-denied", "/bin/bash: /entrypoint.sh: Permission denied", "cat: /entrypoint.sh: Permission denied"},
	{"shell-script-denied", "/entrypoint.sh: line 7: /app/server: Permission denied",
		"INFO: /entrypoint.sh: line 7: /app/server: Permission denied"},
	{"sh-command-not-found", "/entrypoint.sh: 3: uvicornn: not found", "page: 3: user: not found"},
	{"sh-command-not-found", "sh: 1: exec: /run.sh: not found", "sh: 1: exec of /run.sh, it was not found"},
	{"shell-setting-missing", "sh: 1: DATABASE_URL: set it to the database", "sh: 1: DATABASE_URL: not found"},
	{"shell-setting-missing", "/entrypoint.sh: line 3: API_KEY: fehlt, siehe README",
		"/entrypoint.sh: line 3: ERROR: cannot read the settings"},
	{"shell-setting-missing", "bash: DATABASE_URL: is needed", "bash: DATABASE_URL: command not found"},
	{"shell-setting-missing", "sh: TOKEN: ask the team for one", "push: TOKEN: ask the team for one"},
	{"shell-setting-missing", "bash: line 1: X: say what it is", "bash: line 1: X: readonly variable"},
	{"shell-setting-missing", "run.sh: 12: TOKEN: ask the team for one", "parser: 12: TOKEN: ask the team for one"},
	{"sh-command-not-found", "/bin/sh: uvicornn: not found", "/api/users: not found"},
	{"script-missing", "sh: 0: cannot open /entrypoint.sh: No such file", "he cannot open /entrypoint.sh"},
	{"node-module-missing", "Error: Cannot find module 'express'", "INFO: Cannot find module 'express'"},
	{"java-entry-missing", "Error: Unable to access jarfile app.jar", "Unable to access jarfile, said the wiki"},
	{"dotnet-entry-missing", "The application to execute does not exist: '/app/Gateway.dll'.",
		"INFO: The application to execute does not exist: '/app/Gateway.dll'."},
	{"ruby-entry-missing", "cannot load such file -- puma (LoadError)", "INFO: cannot load such file -- puma"},
	{"vsyscall", "vsyscall attempted with vsyscall=none ip:ffffffffff600400",
		"INFO: vsyscall attempted with vsyscall=none"},
	// Other languages.
	{"v8-heap-limit", "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
		"INFO: docs: JavaScript heap out of memory"},
	{"v8-heap-limit", "FATAL ERROR: CALL_AND_RETRY_LAST Allocation failed - JavaScript heap out of memory",
		"FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal"},
	{"v8-fatal", "FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal",
		"FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"},
	{"node-uncaught", "/srv/app/server.js:12\n  const total = order.total();\n                      ^\n\n" +
		"TypeError: Cannot read properties of undefined (reading 'total')\n    at start (/srv/app/server.js:12:23)",
		"/srv/app/server.js:12\n  const total = order.total();\nTypeError: is quoted"},
	{"node-uncaught", "node:events:497\n      throw er; // Unhandled 'error' event\n      ^\n\nError: connect " +
		"ECONNREFUSED 127.0.0.1:6379", "INFO: throw er; // Unhandled 'error' event"},
	{"node-error", "Node.js v20.11.1", "INFO: Node.js v20.11.1"},
	{"npm-lifecycle", "npm error code ELIFECYCLE", "INFO: npm error code ELIFECYCLE"},
	{"jvm-out-of-memory", "Terminating due to java.lang.OutOfMemoryError: Java heap space",
		"INFO: java.lang.OutOfMemoryError: Java heap space was last week"},
	{"jvm-heap-exception", "java.lang.OutOfMemoryError: Java heap space",
		"java.lang.OutOfMemoryError: unable to create native thread"},
	{"jvm-fatal-error", "# A fatal error has been detected by the Java Runtime Environment:",
		"INFO: # A fatal error has been detected by the Java Runtime Environment:"},
	{"jvm-native-memory", "# There is insufficient memory for the Java Runtime Environment to continue.",
		"INFO: There is insufficient memory for the Java Runtime Environment to continue."},
	{"jvm-not-started", "Error: Could not create the Java Virtual Machine.",
		"INFO: Error: Could not create the Java Virtual Machine."},
	{"java-main-exception", "Exception in thread \"main\" java.lang.IllegalStateException: no config\n\tat " +
		"com.example.Gateway.main(Gateway.java:12)", "Exception in thread \"worker-1\" java.lang.IllegalStateException: x"},
	{"java-thread-exception", "Exception in thread \"pool-1-thread-1\" java.lang.NullPointerException",
		"Exception in thread Thread-1 (poll):\n" + trace("ValueError: x")},
	{"thread-exception", "Exception in thread Thread-1 (poll):\n" + trace("ValueError: x"),
		"Exception in thread \"pool-1-thread-1\" java.lang.NullPointerException"},
	{"spring-failed", "APPLICATION FAILED TO START", "INFO: the APPLICATION FAILED TO START yesterday"},
	{"go-deadlock", "fatal error: all goroutines are asleep - deadlock!",
		"INFO: fatal error: all goroutines are asleep - deadlock!"},
	{"go-fatal-error", "fatal error: concurrent map writes\n\ngoroutine 14 [running]:",
		"main.c:1:10: fatal error: concurrent map.h: No such file"},
	{"go-panic", "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:",
		"INFO: panic: runtime error"},
	{"go-http-panic", "2026/11/23 09:00:00 http: panic serving 10.0.0.1:4711: boom",
		"INFO: http: panic serving 10.0.0.1:4711: boom"},
	{"go-log-fatal", `time="2026-11-23T09:00:00Z" level=fatal msg="cannot read config"`,
		`time="2026-11-23T09:00:00Z" level=info msg="no fatal here"`},
	{"go-log-fatal", "F1123 09:00:00.123456       1 main.go:31] cannot read config",
		"I1123 09:00:00.123456       1 main.go:31] config read"},
	{"rust-panic", "thread 'main' panicked at src/main.rs:5:5:\ncalled `Result::unwrap()` on an `Err` value: x",
		"thread 'tokio-runtime-worker' panicked at src/main.rs:5:5:\nboom"},
	{"rust-panic", "thread 'main' panicked at 'boom', src/main.rs:5:5", "INFO: thread 'main' panicked at 'boom'"},
	{"rust-thread-panic", "thread 'tokio-runtime-worker' panicked at src/main.rs:5:5:\nboom",
		"thread 'main' panicked at 'boom', src/main.rs:5:5"},
	{"dotnet-out-of-memory", "Unhandled exception. System.OutOfMemoryException: Exception of type " +
		"'System.OutOfMemoryException' was thrown.", "Unhandled exception. System.InvalidOperationException: x"},
	{"dotnet-unhandled", "Unhandled exception. System.InvalidOperationException: x\n   at " +
		"Gateway.Program.Main(String[] args) in /src/Program.cs:line 12",
		"INFO: Unhandled exception. System.InvalidOperationException: x"},
	{"dotnet-fatal", "Fatal error. System.AccessViolationException: Attempted to read or write protected memory.",
		"INFO: Fatal error. x"},
	{"dotnet-host", "BackgroundService failed", "INFO: BackgroundService failed"},
	{"php-memory-limit", "PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 " +
		"bytes) in /app/index.php on line 3", "INFO: Allowed memory size of 134217728 bytes"},
	{"php-fatal", "PHP Fatal error:  Uncaught Error: Call to undefined function x() in /app/index.php:3",
		"INFO: PHP Fatal error: x"},
	{"ruby-bug", "/app/x.rb:3: [BUG] Segmentation fault at 0x0000000000000000", "INFO: [BUG] Segmentation fault"},
	{"ruby-uncaught", "/app/worker.rb:3:in `perform': boom (RuntimeError)",
		"/app/worker.rb:3: warning: method redefined (see above)"},
	{"perl-module-missing", "Can't locate DBI.pm in @INC (you may need to install the DBI module)",
		"INFO: Can't locate DBI.pm in @INC"},
	{"erlang-boot-failed", "BOOT FAILED", "INFO: no BOOT FAILED"},
	{"erlang-out-of-memory", `eheap_alloc: Cannot allocate 3280272216 bytes of memory (of type "heap").`,
		"INFO: eheap_alloc: Cannot allocate 12 bytes"},
	// Ports, permissions, file systems.
	{"port-taken", "2026/11/23 09:00:00 listen tcp :8080: bind: address already in use", "INFO: address already in use"},
	{"port-taken", "Error: listen EADDRINUSE: address already in use :::3000",
		"Error: listen EACCES: permission denied 0.0.0.0:80"},
	{"bind-not-allowed", "Error: listen EACCES: permission denied 0.0.0.0:80", "INFO: bind: permission denied"},
	{"bind-wrong-address", "ERROR:    [Errno 99] error while attempting to bind on address ('203.0.113.9', 8000): " +
		"cannot assign requested address", trace("OSError: [Errno 99] Cannot assign requested address")},
	{"permission-denied", trace("PermissionError: [Errno 13] Permission denied: '/data/app.db'"),
		logging("PermissionError: [Errno 13] Permission denied: '/x'")},
	{"permission-denied", "open /data/lock: permission denied", "INFO: open /data/lock: permission denied"},
	{"file-system-read-only", trace("OSError: [Errno 30] Read-only file system: '/data/x'"),
		"INFO: Read-only file system"},
	{"shared-memory-full", trace("RuntimeError: DataLoader worker (pid 4160) is killed by signal: Bus error. It is " +
		"possible that dataloader's workers are out of shared memory. Please try to raise your shared memory limit."),
		"INFO: out of shared memory"},
	{"gpu-memory", trace("torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB"),
		"INFO: CUDA out of memory"},
	{"threads-refused", "OpenBLAS blas_thread_init: pthread_create failed for thread 1 of 4: Operation not permitted",
		"INFO: pthread_create failed"},
	{"host-setting", "ERROR: [1] bootstrap checks failed. You must address the points described",
		"INFO: bootstrap checks failed"},
	{"watchdog-kill", "low memory! at or below SIGTERM limits: mem 10.00%, swap 10.00%",
		"INFO: low memory! at or below SIGTERM limits"},
	// Settings.
	{"environment-missing", trace("KeyError: 'DATABASE_URL'", `"/srv/app/settings.py", line 3, in <module>`,
		`"/usr/lib/python3.11/os.py", line 679, in __getitem__`),
		trace("KeyError: 'DATABASE_URL'", `"/srv/app/settings.py", line 3, in <module>`)},
	{"settings-invalid", "Traceback (most recent call last):\n  File \"/srv/app/main.py\", line 8, in <module>\n    " +
		"code()\npydantic_core._pydantic_core.ValidationError: 1 validation error for Settings\ndatabase_url\n  Field " +
		"required [type=missing]\n", "INFO:     Application startup complete.\n" +
		trace("pydantic_core._pydantic_core.ValidationError: 1 validation error for Order")},
	{"setting-missing", "/entrypoint.sh: line 3: DB_HOST: unbound variable", "INFO: DB_HOST: unbound variable"},
	{"setting-missing-quoted", trace(`environs.EnvError: Environment variable "DB_HOST" not set`),
		`INFO: Environment variable "DB_HOST" not set`},
	{"envconfig-missing", "2026/11/23 09:00:00 required key DATABASE_URL missing value",
		"INFO: required key DATABASE_URL missing value"},
	{"django-improperly-configured", "django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be " +
		"empty.", "INFO: ImproperlyConfigured"},
	{"setting-refused", "*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***", "INFO: no FATAL CONFIG FILE ERROR"},
	{"nginx-emerg", `nginx: [emerg] unknown directive "servr" in /etc/nginx/nginx.conf:5`,
		`INFO: nginx: [emerg] unknown directive`},
	{"usage-error-flag", "flag provided but not defined: -portt", "INFO: flag provided but not defined: -portt"},
	// Children under a living parent.
	{"nginx-worker-died", "2021/08/25 13:14:43 [alert] 26#26: worker process 101 exited on signal 9",
		"2021/08/25 13:14:43 [notice] 26#26: worker process 101 exited with code 0"},
	{"apache-child-died", "[core:notice] [pid 1] AH00052: child pid 12 exit signal Segmentation fault (11)",
		"INFO: child pid 12 exit signal Segmentation fault (11)"},
	{"php-fpm-child-died", "[23-Nov-2026 09:00:00] WARNING: [pool www] child 123 exited on signal 11 (SIGSEGV) after " +
		"12.3 seconds from start", "[23-Nov-2026 09:00:00] NOTICE: [pool www] child 123 exited with code 0 after 12.3 " +
		"seconds from start"},
	{"php-fpm-timeout", "[23-Nov-2026 09:00:00] WARNING: [pool www] server reached pm.max_children setting (5), " +
		"consider raising it", "[23-Nov-2026 09:00:00] NOTICE: fpm is running, pid 1"},
	{"uwsgi-worker-died", "DAMN ! worker 1 (pid: 108) died, killed by signal 9 :( trying respawn ...",
		"INFO: DAMN ! worker 1 is slow"},
	{"uwsgi-harakiri", "Mon Nov 23 09:00:00 2026 - *** HARAKIRI ON WORKER 1 (pid: 8, try: 1, graceful: yes) ***",
		"INFO: HARAKIRI ON WORKER 1"},
	{"uwsgi-no-app", "--- no python application found, check your startup logs for errors ---",
		"INFO: no python application found, check your startup logs for errors"},
	{"supervisord-gave-up", "2019-04-17 01:10:06,778 INFO gave up: rqworker_low entered FATAL state, too many start " +
		"retries too quickly", "2019-04-17 01:10:06,778 INFO success: rqworker_low entered RUNNING state"},
	{"supervisord-program-died", "2015-09-16 17:52:29,380 INFO exited: elasticsearch (terminated by SIGKILL; not " +
		"expected)", "2015-09-16 17:52:29,380 INFO exited: cron (exit status 0; expected)"},
	{"supervisord-spawn-failed", "2019-04-17 01:10:06,778 INFO spawnerr: can't find command 'gunicornn'",
		"2019-04-17 01:10:06,778 INFO spawned: 'gunicorn' with pid 9"},
	{"s6-service-died", "s6-rc: warning: unable to start service web: command exited 111",
		"s6-rc: info: service web successfully started"},
	{"runit-service-died", "runsv web: fatal: unable to start ./run: access denied", "runsv web: warning: x"},
	{"dramatiq-worker-died", "[2020-08-19 10:03:44,118] [PID 88660] [MainThread] [dramatiq.MainProcess] [CRITICAL] " +
		"Worker with PID 88666 exited unexpectedly (code -9). Shutting down...", "[2020-08-19 10:03:44,190] [PID 88667] " +
		"[MainThread] [dramatiq.WorkerProcess(1)] [INFO] Worker is shutting down."},
	{"rq-worker-died", "12:00:00 Moving job to FailedJobRegistry (Work-horse terminated unexpectedly; waitpid " +
		"returned 9 (signal 9); )", "12:00:00 Moving job to FailedJobRegistry (ValueError)"},
	{"joblib-worker-died", trace("joblib.externals.loky.process_executor.TerminatedWorkerError: A worker process " +
		"managed by the executor was unexpectedly terminated. The exit codes of the workers are {SIGKILL(-9)}"),
		"INFO: A worker process managed by the executor was unexpectedly terminated"},
	{"dataloader-worker-died", trace("RuntimeError: DataLoader worker (pid 12) is killed by signal: Killed."),
		"INFO: DataLoader worker (pid 12) is killed by signal: Killed."},
	{"puma-worker-died", "[1] ! Terminating timed out worker (Worker 0 failed to check in within 60 seconds): 12",
		"INFO: Terminating timed out worker"},
	{"puma-worker-died", "E, [2026-11-23T09:00:00.1 #1] ERROR -- : reaped #<Process::Status: pid 12 SIGKILL (signal " +
		"9)> worker=0", "I, [2026-11-23T09:00:00.1 #1]  INFO -- : reaped #<Process::Status: pid 12 exit 0> worker=0"},
	{"node-cluster-worker-died", "worker 12 died with code null and signal SIGKILL", "INFO: worker 12 died with code 0"},
	{"pm2-app-died", "PM2        | App [gateway:0] exited with code [1] via signal [SIGINT]",
		"PM2        | App [gateway:0] online"},
	{"airflow-workers-died", "[2021-01-04 22:32:58,228] {cli.py:1082} ERROR - [0 / 0] Some workers seem to have died " +
		"and gunicorn did not restart them as expected", "INFO: Some workers seem to have died and gunicorn did not " +
		"restart them as expected"},
	{"granian-worker-killed", "[WARNING] Killing worker-1 after it refused to gracefully stop",
		"[INFO] Stopping worker-1"},
	{"postgres-child-died", "2017-07-17 20:31:13.000 UTC [1] LOG:  server process (PID 540) was terminated by signal " +
		"11: Segmentation fault", "2017-07-17 20:31:13.000 UTC [1] LOG:  background worker \"logical replication " +
		"launcher\" (PID 28) exited with exit code 1"},
	{"compose-exited", "elasticsearch exited with code 137", "migrate exited with code 0"},
	{"compose-exited", "unknown> \"web.1\" exited with code 3", "unknown> Worker (pid:9) exited with code 3"},
	{"compose-exited", "[0] npm run start exited with code 1", "unknown> worker process 101 exited with code 2"},
	{"kubelet-probe-failed", `Warning  Unhealthy  12m (x4 over 5h26m)  kubelet  Liveness probe failed: Get "http://10.0.0.5:8080/health": context deadline exceeded`, "INFO: Liveness probe failed: x"},
	// Servers of themselves.
	{"mysql-crash", "09:00:00 UTC - mysqld got signal 11 ;", "INFO: mysqld got signal 11"},
	{"innodb-refused", "2026-11-23T09:00:00.000000Z 1 [ERROR] [MY-012574] [InnoDB] InnoDB: Unable to lock ./ibdata1 " +
		"error: 11", "INFO: InnoDB: Unable to lock ./ibdata1"},
	{"mongo-crash", `{"t":{"$date":"2026-11-23T09:00:00.000+00:00"},"s":"F","c":"CONTROL","ctx":"conn12","msg":"Writing fatal message","attr":{"message":"Got signal: 6 (Aborted)."}}`, "INFO: Got signal: 6 (Aborted)."},
	{"mongo-refused", "UPGRADE PROBLEM: Found an invalid featureCompatibilityVersion document",
		"INFO: UPGRADE PROBLEM: x"},
	{"postgres-refused", "2026-11-23 09:00:00.000 UTC [1] FATAL:  database files are incompatible with server",
		"INFO: database files are incompatible with server"},
	{"redis-refused-start", "1:M 10 May 2023 18:42:33.089 # Can't handle RDB format version 11",
		"INFO: Can't handle RDB format version 11"},
	{"kafka-refused-start", "[2026-11-23 09:00:00,000] ERROR Fatal error during KafkaServer startup. Prepare to " +
		"shutdown (kafka.server.KafkaServer)", "INFO: Fatal error during KafkaServer startup."},
	{"elasticsearch-uncaught", "uncaught exception in thread [main]", "INFO: uncaught exception in thread [main]"},
	{"allocation-refused", "2026-11-23 09:00:00.000 UTC [1] LOG:  could not fork\n2026-11-23 09:00:00.000 UTC [1] " +
		"FATAL:  could not map anonymous shared memory: Cannot allocate memory, virtual memory exhausted",
		"INFO: virtual memory exhausted"},
	// Dependencies.
	{"dependency-refused", "Error: connect ECONNREFUSED 127.0.0.1:6379", "INFO: connect ECONNREFUSED 127.0.0.1:6379"},
	{"dependency-unresolved", `nginx: [emerg] host not found in upstream "gateway" in /etc/nginx/conf.d/default.conf:5`,
		"INFO: host not found in upstream"},
	// redis-py's async client, whose error has a number and no words.
	{"dependency-unresolved", "2026-11-26 21:48:40,120 ERROR shop cart update failed: ConnectionError: Error -2 " +
		"connecting to redis:6379. -2.", "INFO: Error -2 connecting to redis:6379. -2."},
	{"dependency-unresolved", "ERROR shop failed: ConnectionError: Error -3 connecting to redis:6379. -3.",
		"ERROR shop failed: ConnectionError: Error -31 connecting to redis:6379."},
	{"dependency-refused", "ERROR shop failed: ConnectionError: Error 111 connecting to redis:6379. 111.",
		"INFO shop Error 111 connecting to redis:6379. 111."},
	{"dependency-timeout", "ERROR shop failed: ConnectionError: Error 110 connecting to redis:6379. 110.",
		"INFO shop Error 110 connecting to redis:6379. 110."},
	{"dependency-unresolved", "WARNING shop retry: [Errno -3]", "INFO shop retry: [Errno -3]"},
	{"dependency-dropped", trace("pymysql.err.OperationalError: (2006, \"MySQL server has gone away " +
		"(BrokenPipeError(32, 'Broken pipe'))\")"), "INFO: MySQL server has gone away"},
	{"certificate-refused", "curl: (60) SSL certificate problem: self-signed certificate", "INFO SSL certificate renewed"},
	{"certificate-refused", trace("ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify " +
		"failed: certificate has expired (_ssl.c:992)"), trace("ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version")},
	{"login-refused", trace(`psycopg2.OperationalError: connection to server at "db" (10.0.0.5), port 5432 failed: FATAL:  password authentication failed for user "app"`), "INFO: password authentication failed for user"},
	{"dependency-lacks", trace(`psycopg2.OperationalError: connection to server at "db" (10.0.0.5), port 5432 failed: FATAL:  database "shop" does not exist`), "INFO: no FATAL:  database \"shop\" does not exist"},
	{"dependency-not-ready", trace("asyncpg.exceptions.CannotConnectNowError: the database system is starting up"),
		"INFO: the database system is starting up"},
	{"mysql-too-many-connections", trace("pymysql.err.OperationalError: (1040, 'Too many connections')"),
		trace("redis.exceptions.ConnectionError: Too many connections")},
	{"sqlite-locked", trace("sqlite3.OperationalError: database is locked"), "INFO: database is locked"},
	{"sqlite-not-opened", trace("sqlite3.OperationalError: unable to open database file"),
		"INFO: unable to open database file"},
	{"sqlite-damaged", trace("sqlite3.DatabaseError: database disk image is malformed"),
		"INFO: database disk image is malformed"},
	{"telemetry-unreachable", "Transient error StatusCode.UNAVAILABLE encountered while exporting span batch, " +
		"retrying in 32s.", "INFO: encountered while exporting span batch"},
}

func ids(t *testing.T, log string) []string {
	t.Helper()
	r, err := Scan(strings.NewReader(log), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range r.Runs[0].Findings {
		out = append(out, f.ID)
	}
	return out
}

func TestEverySignature(t *testing.T) {
	tested := make(map[string]bool)
	for _, c := range cases {
		tested[c.id] = true
		if got := ids(t, c.speaks); !slices.Contains(got, c.id) {
			t.Errorf("%s does not speak in %q: %v", c.id, c.speaks, got)
		}
		if got := ids(t, c.silent); slices.Contains(got, c.id) {
			t.Errorf("%s must not speak in %q", c.id, c.silent)
		}
	}
	for _, s := range signature.Table() {
		if !tested[s.ID] {
			t.Errorf("signature %s has no case", s.ID)
		}
	}
}

func TestTable(t *testing.T) {
	causes := []string{"", fact.OOMKill, fact.HealthcheckTimeout, fact.LoggingFailure, fact.WorkerCrash,
		fact.StartupFailure, fact.BackgroundTaskFailure,
		fact.ExceptionHandlerFailure, fact.PoolExhaustion, fact.HealthcheckFailure, fact.InterpreterCrash}
	seen := make(map[string]bool)
	for _, s := range signature.Table() {
		if seen[s.ID] {
			t.Errorf("%s stands twice", s.ID)
		}
		seen[s.ID] = true
		if !slices.Contains(causes, s.Cause) {
			t.Errorf("%s: unknown cause %q", s.ID, s.Cause)
		}
		if s.Section == "" || s.Emitter == "" || s.Meaning == "" || s.Role == "" || s.Strength == "" {
			t.Errorf("%s is not fully described", s.ID)
		}
		if s.Cause == fact.OOMKill && s.Strength != fact.Weak &&
			s.Section != "guard" { // the guard reads the cgroup's own counters
			t.Errorf("%s: a service log proves no OOM kill", s.ID)
		}
		if len(s.Starts)+len(s.Anchors)+len(s.AnyOf)+len(s.Types) == 0 {
			t.Errorf("%s matches everything", s.ID)
		}
	}
}

// TestSignaturesIsACopy: a caller cannot change what Scan looks for.
func TestSignaturesIsACopy(t *testing.T) {
	s := signature.Table()
	i := slices.IndexFunc(s, func(s signature.Row) bool { return s.ID == "uvicorn-startup-failed" })
	s[i].Anchors[0], s[i].ID = "nothing", "nothing"
	if got := signature.Table()[i]; got.ID != "uvicorn-startup-failed" ||
		got.Anchors[0] != "Application startup failed. Exiting." {
		t.Errorf("the table was changed through a copy: %+v", got)
	}
}

// TestWorkerVanishesAgain: once a line about the worker's end may have been lost; twice nobody wrote one.
func TestWorkerVanishesAgain(t *testing.T) {
	for _, tt := range []struct {
		log  string
		want fact.Strength
	}{
		{cri("0 "+boots(11), "60 "+boots(12)), fact.Strong},
		{cri("0 "+boots(11), "60 "+boots(12), "120 "+boots(13)), fact.Conclusive},
		// Two services' logs in one text: whose workers they are is not known.
		{cri("0 [2026-11-23 09:00:00 +0000] [1] [INFO] Starting gunicorn 20.1.0",
			"0.1 1:C 23 Nov 2026 09:00:00.000 # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo", "1 "+boots(11),
			"60 "+boots(12), "120 "+boots(13)), fact.Strong},
	} {
		r, err := Scan(strings.NewReader(tt.log), Options{})
		if err != nil {
			t.Fatal(err)
		}
		findings := r.Runs[0].Findings
		i := slices.IndexFunc(findings, func(f Finding) bool { return f.ID == workerVanished })
		if i < 0 || findings[i].Strength != tt.want {
			t.Errorf("%s: want it %s, got %+v", tt.log, tt.want, findings)
		}
	}
}
