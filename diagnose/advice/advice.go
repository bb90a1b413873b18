// Package advice says what to do about each cause: one change in code or configuration a fix, filled with the
// container's own values where the evidence has them.
//
//	For(fact.OOMKill, c)   "Raise the memory limit from 64 MiB, or find what grows", with the YAML for it
//
// Contract: it is pure; names come from strangers, so only plain words reach a snippet. An empty case gives the values
// that fit most. The fixes are those of the source document (docs/silent-service-failure-analysis.md,
// "Recommended Fixes"), adapted where its text would not work as printed. What is Python quotes the examples of
// gateway_guard.py (package guard), which a test runs.
package advice

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/advice/guard"
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
		if inPod(c) {
			return notYAML(fixes(c))
		}
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
		if !plainRune(r) {
			return false
		}
	}
	return s != "" && len(s) < 64
}

func plainRune(r rune) bool {
	return strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", r)
}

func compose(c inquest.Case, body string) string {
	return "services:\n  " + service(c) + ":\n" + body
}

func mebibytes(n int64) int64 { return n >> 20 }

func oomFixes(c inquest.Case) []Fix {
	return []Fix{memoryLimitFix(c), memoryEndpoint(guard.Excerpt)}
}

// memoryLimitFix proposes a limit from the present one, and says where none is:
// then the host ran out and the limit belongs on whoever ate it.
func memoryLimitFix(c inquest.Case) Fix {
	if c.Spec == nil || c.Spec.Memory <= 0 {
		return Fix{
			Title: "Set a memory limit",
			Detail: "Without a limit a leak takes the host with it, and the kernel may choose a neighbour as its " +
				"victim.",
			Language: "yaml",
			Snippet: compose(c, "    mem_limit: 512m       # measure the service's peak first\n    memswap_limit: "+
				"512m\n"),
		}
	}
	now := mebibytes(c.Spec.Memory)
	return Fix{
		Title: "Raise the memory limit from " + words.Size(c.Spec.Memory) + ", or find what grows",
		Detail: fmt.Sprintf("The limit at the time of this report is %s. Raising it helps only when the service "+
			"needs more than that by nature; "+
			"a leak reaches every limit.", words.Size(c.Spec.Memory)),
		Language: "yaml",
		Snippet: compose(c, fmt.Sprintf("    mem_limit: %dm       # was %dm\n    memswap_limit: %dm\n", now*2, now,
			now*2)),
	}
}

func healthTimeoutFixes(c inquest.Case) []Fix {
	return []Fix{healthWrapper(guard.Excerpt, c), offTheLoop(guard.Excerpt)}
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
		detail = fmt.Sprintf("Now: every %s, timeout %s, %d tries. Run the probe by hand in the container and look "+
			"at what it answers.",
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
	return []Fix{logFallback(guard.Excerpt), {
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
	return []Fix{lastWords(guard.Excerpt), supervisedTasks(guard.Excerpt)}
}

func startupFixes(inquest.Case) []Fix {
	return []Fix{loudStartup(guard.Excerpt), {
		Title:    "Wait for dependencies until they are healthy",
		Detail:   "Plain depends_on waits for the container, not for the service in it.",
		Language: "yaml",
		Snippet: `    depends_on:
      redis: {condition: service_healthy}
      rabbitmq: {condition: service_healthy}
`,
	}}
}

func backgroundFixes(inquest.Case) []Fix { return []Fix{supervisedTasks(guard.Excerpt)} }

func handlerFixes(inquest.Case) []Fix { return []Fix{safeHandlers(guard.Excerpt)} }

func poolFixes(inquest.Case) []Fix { return []Fix{boundedPools(guard.Excerpt)} }

func crashFixes(c inquest.Case) []Fix {
	core := Fix{
		Title: "Keep the core file",
		Detail: "With a relative core_pattern the core lands in the working directory of the container; docker " +
			"diff shows it. An init as PID 1 makes abort() read 134 instead of 139.",
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
