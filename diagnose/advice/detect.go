package advice

import "github.com/gwdoctor/gwdoctor/diagnose/fact"

// detect lists what to look at by hand for each cause, in the commands of Docker.
var detect = map[string][]string{
	fact.OOMKill: {
		"docker inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}}' NAME   (137 alone is any SIGKILL; OOMKilled " +
			"may be a child's, or an earlier run's)",
		"dmesg | grep -A2 oom-kill:   (task_memcg holds the container's id, oom_memcg says whose limit)",
		"docker events --since 10m --filter event=oom",
	},
	fact.HealthcheckTimeout: {
		"docker inspect -f '{{json .State.Health}}' NAME   (ExitCode -1 and \"exceeded timeout\"; ignore Status " +
			"once it is stopped)",
		"docker events --since 10m --filter container=NAME   (health_status: unhealthy, then kill)",
		"curl -m 5 -o /dev/null -w '%{time_starttransfer}\\n' http://localhost:PORT/health inside the container",
	},
	fact.LoggingFailure: {
		"docker logs NAME 2>&1 | grep -A3 -e '--- Logging error ---' -e 'Unable to configure handler'",
		"cat /proc/PID/task/*/wchan   (pipe_write or anon_pipe_write: nobody reads its output)",
		"docker inspect -f '{{json .HostConfig.LogConfig}}' NAME",
	},
	fact.WorkerCrash: {
		"docker logs NAME 2>&1 | grep -e 'was sent SIG' -e 'exited with code' -e 'Child process' -e 'Worker failed " +
			"to boot'",
		"docker top NAME   (does it still have its workers? zombies do not show here: look in ps on the host)",
	},
	fact.StartupFailure: {
		"docker logs NAME 2>&1 | tail -40   (is \"Application startup complete.\" there?)",
		"docker inspect -f '{{.State.ExitCode}} {{.RestartCount}}' NAME   (3: uvicorn or gunicorn gave up at startup)",
	},
	fact.BackgroundTaskFailure: {
		"docker logs NAME 2>&1 | grep -A8 -e 'was never retrieved' -e 'was destroyed but it is pending' -e " +
			"'Exception in thread'",
		"a queue that grows, a consumer count of 0 at the broker",
	},
	fact.ExceptionHandlerFailure: {
		"docker logs NAME 2>&1 | grep -B2 -A30 'During handling of the above exception'   (with a frame of " +
			"starlette's handler)",
		"docker logs NAME 2>&1 | grep 'response already started'",
	},
	fact.PoolExhaustion: {
		"docker logs NAME 2>&1 | grep -e 'Too many connections' -e 'QueuePool limit' -e 'Too many open files' -e " +
			"'connection limit'",
		"ls /proc/PID/fd | wc -l   against   grep 'open files' /proc/PID/limits",
		"redis-cli info clients; rabbitmqctl list_connections",
	},
	fact.HealthcheckFailure: {
		"docker inspect -f '{{range .State.Health.Log}}{{.ExitCode}} {{.Output}}{{println}}{{end}}' NAME",
		"docker exec NAME <the probe's command>",
	},
	fact.InterpreterCrash: {
		"docker inspect -f '{{.State.ExitCode}}' NAME   (139 SEGV or, as PID 1, abort; 134 ABRT; 135 BUS; 132 ILL)",
		"dmesg | grep -e 'segfault at' -e 'traps:'",
		"docker diff NAME | grep core",
	},
}

// Detect returns what to look at for a cause, as commands or facts; none for an alternative to the ten.
func Detect(cause string) []string { return detect[cause] }
