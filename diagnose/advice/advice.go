// Package advice says what to do about each cause: one change in code or configuration a fix, filled with the container's
// own values where the evidence has them.
//
//	For(fact.OOMKill, c)   "Raise the memory limit from 64 MiB, or find what grows", with the YAML for it
//
// Contract: it is pure; names come from strangers, so only plain words reach a snippet. An empty case gives the values
// that fit most. The fixes are those of the source document (docs/silent-service-failure-analysis.md,
// "Recommended Fixes"), adapted where its text would not work as printed.
package advice

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Fix is one thing to change.
type Fix struct{ Title, Detail, Snippet, Language string }

// For returns the fixes of a cause, the first first; none for an alternative to the ten.
func For(cause string, c inquest.Case) []Fix {
	if fixes := byCause[cause]; fixes != nil {
		return fixes(c)
	}
	return nil
}

var byCause = map[string]func(inquest.Case) []Fix{
	fact.OOMKill: oomFixes, fact.HealthcheckTimeout: healthTimeoutFixes, fact.LoggingFailure: loggingFixes,
	fact.WorkerCrash: workerFixes, fact.StartupFailure: startupFixes, fact.BackgroundTaskFailure: backgroundFixes,
	fact.ExceptionHandlerFailure: handlerFixes, fact.PoolExhaustion: poolFixes,
	fact.HealthcheckFailure: healthFailureFixes, fact.InterpreterCrash: crashFixes,
}

// service is the name to use in YAML: the compose service, else a neutral word.
// Names come from strangers, so anything that is not a plain word is left out.
func service(c inquest.Case) string {
	if c.Spec != nil && plainWord(c.Spec.Service) {
		return c.Spec.Service
	}
	return "gateway"
}

func plainWord(s string) bool {
	for _, r := range s {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", r) {
			return false
		}
	}
	return s != "" && len(s) < 64
}

func compose(c inquest.Case, body string) string {
	return "services:\n  " + service(c) + ":\n" + body
}

func mebibytes(n int64) int64 { return n >> 20 }

func oomFixes(c inquest.Case) []Fix {
	return []Fix{memoryLimitFix(c), {
		Title:    "Watch the service's memory from inside",
		Detail:   "An endpoint that tells its own resident memory shows the slope days before the kill.",
		Language: "python",
		Snippet: `@router.get("/metrics/memory")
async def memory_metrics():
    import psutil
    process = psutil.Process()
    return {
        "rss_mb": process.memory_info().rss / 1024 / 1024,
        "percent": process.memory_percent(),
    }
`,
	}}
}

// memoryLimitFix proposes a limit from the present one, and says where none is:
// then the host ran out and the limit belongs on whoever ate it.
func memoryLimitFix(c inquest.Case) Fix {
	if c.Spec == nil || c.Spec.Memory <= 0 {
		return Fix{
			Title:    "Set a memory limit",
			Detail:   "Without a limit a leak takes the host with it, and the kernel may choose a neighbour as its victim.",
			Language: "yaml",
			Snippet:  compose(c, "    mem_limit: 512m       # measure the service's peak first\n    memswap_limit: 512m\n"),
		}
	}
	now := mebibytes(c.Spec.Memory)
	return Fix{
		Title: "Raise the memory limit from " + words.Size(c.Spec.Memory) + ", or find what grows",
		Detail: fmt.Sprintf("The limit at the time of this report is %s. Raising it helps only when the service needs more than that by nature; "+
			"a leak reaches every limit.", words.Size(c.Spec.Memory)),
		Language: "yaml",
		Snippet:  compose(c, fmt.Sprintf("    mem_limit: %dm       # was %dm\n    memswap_limit: %dm\n", now*2, now, now*2)),
	}
}

func healthTimeoutFixes(c inquest.Case) []Fix {
	limit := 4.0
	detail := "Every wait inside the health check needs its own limit, below the probe's."
	if h := healthcheck(c); h != nil {
		limit = max(h.Timeout.Seconds()*0.8, 0.2)
		detail = fmt.Sprintf("The probe gives up after %s, so the check must answer before that, whatever its dependencies do.", words.Duration(h.Timeout))
	}
	return []Fix{{
		Title:    "Let the health check answer in any case",
		Detail:   detail,
		Language: "python",
		Snippet: fmt.Sprintf(`@router.get("/health")
async def health_check(response: Response):
    try:
        return await asyncio.wait_for(_do_health_check(), timeout=%.1f)
    except asyncio.TimeoutError:
        response.status_code = 503
        return {"status": "unhealthy", "reason": "health_check_timeout"}
    except Exception as e:
        print(f"Health check error: {e}", file=sys.stderr)
        response.status_code = 503
        return {"status": "unhealthy", "reason": str(e)}
`, limit),
	}, {
		Title:    "Give every client a timeout of its own",
		Detail:   "redis and the broker wait for ever by default. A blocking call inside an async handler stops the whole loop: move it to a thread.",
		Language: "python",
		Snippet: `redis.asyncio.Redis(host="redis", socket_timeout=2, socket_connect_timeout=2)
await aio_pika.connect_robust(url, timeout=5)
await asyncio.to_thread(blocking_call)      # never call it directly in the loop
`,
	}}
}

func healthcheck(c inquest.Case) *check.Config {
	if c.Spec == nil || !c.Spec.Probed() {
		return nil
	}
	h := c.Spec.Healthcheck.WithDefaults()
	return &h
}

func healthFailureFixes(c inquest.Case) []Fix {
	interval, timeout, retries, start := "10s", "5s", 3, "30s"
	detail := "A start period keeps slow starts from counting; the probe's own limit must be below the engine's."
	if h := healthcheck(c); h != nil {
		interval, timeout, retries = h.Interval.String(), h.Timeout.String(), h.Retries
		if h.StartPeriod > 0 {
			start = h.StartPeriod.String()
		}
		detail = fmt.Sprintf("Now: every %s, timeout %s, %d tries. Run the probe by hand in the container and look at what it answers.",
			words.Duration(h.Interval), words.Duration(h.Timeout), h.Retries)
	}
	return []Fix{{
		Title:    "Make the probe ask the right question with a tool that exists",
		Detail:   detail,
		Language: "yaml",
		Snippet: compose(c, fmt.Sprintf(`    healthcheck:
      test: ["CMD", "curl", "-fsS", "--max-time", "4", "http://localhost:8080/health"]
      interval: %s
      timeout: %s
      retries: %d
      start_period: %s
`, interval, timeout, retries, start)),
	}}
}

func loggingFixes(inquest.Case) []Fix {
	return []Fix{{
		Title:    "Fall back to stderr when logging fails",
		Detail:   "A handler that raises must not take the message with it.",
		Language: "python",
		Snippet: `def safe_log(logger, level, message, *args, **kwargs):
    try:
        getattr(logger, level)(message, *args, **kwargs)
    except Exception:
        print(f"[FALLBACK {level.upper()}] {message}", file=sys.stderr, flush=True)
`,
	}, {
		Title:    "Log to stdout, and let the engine rotate",
		Detail:   "A file inside the container fills its disk; the engine's own rotation does not.",
		Language: "yaml",
		Snippet: `    environment:
      PYTHONUNBUFFERED: "1"
    logging:
      driver: local
      options: {max-size: 10m, max-file: "5"}
`,
	}}
}

func workerFixes(inquest.Case) []Fix {
	return []Fix{{
		Title:    "Say goodbye: log every way out",
		Detail:   "Register the handlers before the server starts; uvicorn then still handles the stop itself.",
		Language: "python",
		Snippet: `import atexit, faulthandler, logging, os, sys

faulthandler.enable()
atexit.register(lambda: print(f"process {os.getpid()} ends", file=sys.stderr, flush=True))
`,
	}, {
		Title:    "Never call sys.exit or os._exit in a task or handler",
		Detail:   "In a background task it ends the whole server with that code; raise an exception and let a supervisor decide.",
		Language: "python",
		Snippet: `async def guarded(coro, name):
    try:
        await coro
    except asyncio.CancelledError:
        raise
    except BaseException:
        logger.critical("background task %s ended the hard way", name, exc_info=True)
`,
	}}
}

func startupFixes(inquest.Case) []Fix {
	return []Fix{{
		Title:    "Make startup loud, and bounded in time",
		Detail:   "Logging first, then the dependencies, each with a limit; stderr as the last resort.",
		Language: "python",
		Snippet: `@asynccontextmanager
async def lifespan(app: FastAPI):
    try:
        logger = setup_service_logger("Gateway", logging.INFO)
        await asyncio.wait_for(app.state.gateway_service.start(), timeout=30.0)
    except Exception as e:
        print(f"Lifespan startup failed: {e}", file=sys.stderr)
        traceback.print_exc(file=sys.stderr)
        raise
    yield
`,
	}, {
		Title:    "Wait for dependencies until they are healthy",
		Detail:   "Plain depends_on waits for the container, not for the service in it.",
		Language: "yaml",
		Snippet: `    depends_on:
      redis: {condition: service_healthy}
      rabbitmq: {condition: service_healthy}
`,
	}}
}

func backgroundFixes(inquest.Case) []Fix {
	return []Fix{{
		Title:    "Keep the task, and look at how it ends",
		Detail:   "A callback reports the exception at once instead of when the object is collected; a reference keeps the task alive.",
		Language: "python",
		Snippet: `def on_done(task: asyncio.Task) -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.critical("task %s died", task.get_name(), exc_info=error)
        app.state.healthy = False      # let /health tell it

task = asyncio.create_task(consume(), name="consumer")
app.state.tasks.add(task)
task.add_done_callback(on_done)
`,
	}}
}

func handlerFixes(inquest.Case) []Fix {
	return []Fix{{
		Title:    "Make the handler unable to fail",
		Detail:   "Whatever happens in it, it must return a response, and the first error must reach stderr.",
		Language: "python",
		Snippet: `@app.exception_handler(Exception)
async def on_error(request: Request, exc: Exception):
    try:
        logger.error("request failed", exc_info=exc)
    except Exception:
        traceback.print_exception(exc, file=sys.stderr)
    return JSONResponse({"detail": "internal error"}, status_code=500)
`,
	}}
}

func poolFixes(inquest.Case) []Fix {
	return []Fix{{
		Title:    "Bound the pool, and bound the wait for it",
		Detail:   "A blocking pool with a short wait turns exhaustion into an error that is seen; return every connection with a context manager.",
		Language: "python",
		Snippet: `pool = redis.asyncio.BlockingConnectionPool(max_connections=50, timeout=2)
engine = create_engine(url, pool_size=10, max_overflow=10, pool_timeout=5, pool_pre_ping=True)
with engine.connect() as connection:
    ...
`,
	}, {
		Title:    "Show the pool in the metrics",
		Detail:   "The number in use against the maximum is the only warning that comes before.",
		Language: "python",
		Snippet: `gauge_in_use.set(engine.pool.checkedout())
`,
	}}
}

func crashFixes(c inquest.Case) []Fix {
	core := Fix{
		Title:    "Keep the core file",
		Detail:   "With a relative core_pattern the core lands in the working directory of the container; docker diff shows it. An init as PID 1 makes abort() read 134 instead of 139.",
		Language: "yaml",
		Snippet:  compose(c, "    ulimits: {core: -1}\n    init: true\n"),
	}
	if !c.Python() {
		return []Fix{core}
	}
	return []Fix{{
		Title:    "Let the interpreter print where it crashed",
		Detail:   "faulthandler writes every thread's Python frames to stderr at a fault.",
		Language: "yaml",
		Snippet:  compose(c, "    environment:\n      PYTHONFAULTHANDLER: \"1\"\n"),
	}, core}
}
