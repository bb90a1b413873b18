package advice

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/advice/guard"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// All returns every fix of the source document that belongs to a cause, the whole examples where For gives the lines
// that matter; none for an alternative to the ten. Where the document is wrong, the detail says so.
func All(cause string) []Fix {
	if list := document[cause]; list != nil {
		return list()
	}
	return nil
}

var document = map[string]func() []Fix{
	fact.OOMKill: func() []Fix {
		return []Fix{memoryLimitFix(inquest.Case{}), memoryEndpoint(guard.Example), heartbeat()}
	},
	fact.HealthcheckTimeout: func() []Fix {
		return []Fix{healthWrapper(guard.Example, inquest.Case{}), healthPort(), offTheLoop(guard.Example), watchdog(),
			checkResponseTimes()}
	},
	fact.LoggingFailure: func() []Fix {
		return append(loggingFixes(inquest.Case{})[1:], logFallback(guard.Example), logHealth(), heartbeat())
	},
	fact.WorkerCrash: func() []Fix {
		return []Fix{lastWords(guard.Example), signals(), workers(), supervisedTasks(guard.Example), heartbeat()}
	},
	fact.StartupFailure: func() []Fix {
		return append(startupFixes(inquest.Case{})[1:], loudStartup(guard.Example), wholeGuard())
	},
	fact.BackgroundTaskFailure: func() []Fix { return []Fix{supervisedTasks(guard.Example), heartbeat()} },
	fact.ExceptionHandlerFailure: func() []Fix {
		return []Fix{safeHandlers(guard.Example), handlerHealth(), logFallback(guard.Example)}
	},
	fact.PoolExhaustion: func() []Fix {
		return []Fix{boundedPools(guard.Example),
			healthWrapper(guard.Example, inquest.Case{})}
	},
	fact.HealthcheckFailure: func() []Fix {
		return append(healthFailureFixes(inquest.Case{}), healthWrapper(guard.Example, inquest.Case{}), healthPort(),
			checkResponseTimes())
	},
	fact.InterpreterCrash: func() []Fix {
		return append(crashFixes(inquest.Case{}), crashDump(), lastWords(guard.Example), signals())
	},
}

// quoting is guard.Example or guard.Excerpt: how much of an example a fix quotes.
type quoting func(name string) string

// python is a fix whose snippet quotes an example.
func python(title, detail, snippet string) Fix {
	return Fix{Title: title, Detail: detail + " gateway_guard.py: `gwdoctor guard > gateway_guard.py`.",
		Language: "python", Snippet: snippet}
}

func memoryEndpoint(quote quoting) Fix {
	return python("Watch the service's memory from inside",
		"The kernel's kill can be told by nobody inside, the slope before it can: the guard warns at 80 and 90 % of "+
			"the cgroup's own limit. "+
			"An endpoint shows it. (psutil's percent is of the host's memory, which is not what a container dies of.)",
		quote("memory"))
}

func healthWrapper(quote quoting, c inquest.Case) Fix {
	detail := "Every wait inside the health check needs its own limit, below the probe's."
	snippet := quote("health_check")
	if h := healthcheck(c); h != nil {
		detail = fmt.Sprintf("The probe gives up after %s, so the check must answer before that, whatever its "+
			"dependencies do.", words.Duration(h.Timeout))
		limit := max(h.Timeout.Seconds()*0.8, 0.2)
		snippet = strings.Replace(snippet, "limit=4.0", fmt.Sprintf("limit=%.1f", limit), 1)
		snippet = strings.Replace(snippet, "limit=2.0", fmt.Sprintf("limit=%.1f", limit/2), 1)
	}
	return python("Let the health check answer in any case, with a limit and a circuit breaker for each dependency",
		detail+" An unhealthy service must answer 503, which a wrapper that answers 200 hides; asyncio.wait_for "+
			"waits for ever for a check that swallows its cancellation.", snippet)
}

func healthPort() Fix {
	return python("Answer the probe from a thread of its own",
		"No code in the event loop can answer while it is blocked: asyncio.wait_for in it waits, too. A thread with "+
			"its own port can, and names the line that blocks it.", guard.Example("health_port"))
}

func offTheLoop(quote quoting) Fix {
	return python("Keep blocking calls off the event loop, and give every client a timeout",
		"redis and the broker wait for ever by default: socket_timeout=2, socket_connect_timeout=2; "+
			"aio_pika.connect_robust(url, timeout=5). "+
			"A blocking call inside an async handler stops the whole loop: move it to a thread.", quote("blocking"))
}

func watchdog() Fix {
	return python("Have a watchdog tell where the loop stands still",
		"The import is enough: after 5 s the guard's thread tells the line, and where every thread and task stands.",
		guard.Example("watchdog"))
}

func checkResponseTimes() Fix {
	return Fix{Title: "Watch how long the check takes", Language: "sh",
		Detail: "The guard's health check tells when it takes more than half of its time and when its answer " +
			"changes. From outside:",
		Snippet: "gwdoctor health NAME --count 20\n"}
}

func logFallback(quote quoting) Fix {
	return python("Fall back to stderr when logging fails",
		"logging catches what a handler throws, so a wrapper around logger.error never sees it: it does not fire "+
			"on a full disk. The guard stands where the record is lost, and needs no wrapper "+
			"around the calls.",
		quote("logging"))
}

func logHealth() Fix {
	return python("Let the health check and the metrics show that records were lost",
		"Alert on gateway_guard_records_rescued_total.", guard.Example("logging_health"))
}

func lastWords(quote quoting) Fix {
	return python("Log every way out, with its code",
		"sys.exitcode does not exist: at exit nobody knows the code unless sys.exit was watched. "+
			"Uncaught exceptions and os._exit are told, too.", quote("exit"))
}

func signals() Fix {
	return python("Tell of signals without taking the server's handler away",
		"A plain signal.signal replaces the server's own handler, which then no longer stops in good order. The guard "+
			"chains to whatever handler the server installs, before or after; SIGUSR1 dumps stacks and tasks. A "+
			"program without a server asks for its stop itself.",
		guard.Example("signals"))
}

func workers() Fix {
	return python("Run several workers under a master that says how each one ended",
		"One that dies leaves the others. gunicorn's master alone sees the code or signal of a worker, and versions "+
			"before 21 keep it to themselves.",
		guard.Example("gunicorn_conf"))
}

func supervisedTasks(quote quoting) Fix {
	return python("Supervise background tasks",
		"A task that dies is told at once, restarted where asked for, and shown by the health check; a reference "+
			"keeps it alive. Neither sys.exit nor os._exit belongs in a task: they end the whole server.", quote("tasks"))
}

func loudStartup(quote quoting) Fix {
	return python("Make startup loud, and bounded in time",
		"Logging first, then the dependencies. The guard tells a failure with its traceback past logging and ends a "+
			"start that hangs, also one that blocks the loop. FastAPI before 0.93 ignores FastAPI(lifespan=...).",
		quote("lifespan"))
}

func wholeGuard() Fix {
	return python("Guard startup and handlers in one call", "Import first, install once.", guard.Example("all"))
}

func safeHandlers(quote quoting) Fix {
	return python("Make the handlers unable to fail",
		"Whatever happens in a handler, a response must come of it, and both errors must reach stderr.",
		quote("handlers"))
}

func handlerHealth() Fix {
	return python("Let the metrics show that a handler threw",
		"Alert on gateway_guard_handlers_failed.", guard.Example("memory"))
}

func boundedPools(quote quoting) Fix {
	return python("Bound the pool and the wait for it, and watch it",
		"A blocking pool with a short wait turns exhaustion into an error that is seen; pool_pre_ping checks each "+
			"connection. Return every connection with a context manager.", quote("pools"))
}

func heartbeat() Fix {
	return python("Log a heartbeat",
		"A silent log and a dead service are two things. One line a minute with memory, threads, tasks, files, "+
			"pools and what is wrong.",
		guard.Example("heartbeat"))
}

func crashDump() Fix {
	return python("Have the guard turn faulthandler on", "The import does, at a fault every thread's Python frames "+
		"go to stderr.", guard.Example("crash"))
}
