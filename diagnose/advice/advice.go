// Package advice says what to do about each cause: one change in code or configuration a fix, filled with the
// container's own values where the evidence has them.
//
//	For(fact.OOMKill, c)   "Raise the memory limit from 64 MiB, or find what grows", with the YAML for it
//
// Contract: it is pure; names come from strangers, so only plain words reach a snippet. An empty case gives
// placeholders in capitals. The fixes are those of the source document (docs/silent-service-failure-analysis.md,
// "Recommended Fixes"), adapted where its text would not work as printed. What is Python quotes the examples of
// gateway_guard.py (package guard), which a test runs.
package advice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/advice/guard"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
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

// placeholder stands in YAML where the name of the service is not known: capitals say that something is to be put
// there.
const placeholder = "SERVICE"

// service is the name to use in YAML: the compose service, else the container's own. Names come from strangers, so
// anything that is not a plain word is left out.
func service(c inquest.Case) string {
	switch {
	case c.Spec != nil && plainWord(c.Spec.Service):
		return c.Spec.Service
	case plainWord(c.Target.Name):
		return c.Target.Name
	}
	return placeholder
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
	limit, when := memoryLimit(c)
	if limit <= 0 {
		return Fix{
			Title: "Set a memory limit",
			Detail: "Without a limit a leak takes the host with it, and the kernel may choose a neighbour as its " +
				"victim.",
			Language: "yaml",
			Snippet: compose(c, "    mem_limit: LIMIT      # measure the service's peak first\n    memswap_limit: "+
				"LIMIT\n"),
		}
	}
	now := mebibytes(limit)
	return Fix{
		Title: "Raise the memory limit from " + words.Size(limit) + ", or find what grows",
		Detail: fmt.Sprintf("The limit %s %s. Raising it helps only when the service needs more than that by nature; "+
			"a leak reaches every limit.", when, words.Size(limit)),
		Language: "yaml",
		Snippet: compose(c, fmt.Sprintf("    mem_limit: %dm       # was %dm\n    memswap_limit: %dm\n", now*2, now,
			now*2)),
	}
}

// memoryLimit is the container's own limit, and when that was so; of one that was removed the kernel's record tells.
func memoryLimit(c inquest.Case) (limit int64, when string) {
	if c.Spec != nil {
		return c.Spec.Memory, "at the time of this report is"
	}
	if k := lastKill(c); k != nil && k.Scope == kernellog.ScopeOwnLimit && k.Memory != nil && k.Memory.Limit != nil {
		return *k.Memory.Limit, "at the kill was"
	}
	return 0, ""
}

func healthTimeoutFixes(c inquest.Case) []Fix {
	if c.Spec != nil && healthcheck(c) == nil { // gunicorn's own timeout: there is no check to mend
		return []Fix{offTheLoop(guard.Excerpt)}
	}
	return []Fix{healthWrapper(guard.Excerpt, c), offTheLoop(guard.Excerpt)}
}

func healthcheck(c inquest.Case) *check.Config {
	if c.Spec == nil || !c.Spec.Probed() {
		return nil
	}
	h := c.Spec.Healthcheck.WithDefaults()
	return &h
}

// healthFailureFixes corrects the container's own check; what is to be put into a general one stands in capitals.
func healthFailureFixes(c inquest.Case) []Fix {
	const title = "Make the probe ask the right question with a tool that exists"
	h := healthcheck(c)
	switch {
	case h == nil && c.Spec != nil:
		return nil // it has no check that could be mended
	case h == nil:
		return []Fix{{
			Title:    title,
			Detail:   "A start period keeps slow starts from counting; the probe's own limit must be below the engine's.",
			Language: "yaml",
			Snippet: compose(c, `    healthcheck:
      test: ["CMD", "curl", "-fsS", "--max-time", "4", "http://localhost:PORT/PATH"]
      interval: 10s
      timeout: 5s
      retries: 3
      start_period: 30s
`),
		}}
	}
	fix := Fix{Title: title, Detail: fmt.Sprintf("Now: every %s, timeout %s, %d tries. Run the probe by hand in the "+
		"container and look at what it answers.",
		words.Duration(h.Interval), words.Duration(h.Timeout), h.Retries)}
	if status := answeredWith(c); status >= 400 {
		fix.Title = fmt.Sprintf("Mend what makes the service answer %d", status)
	} else if _, better := c.Health().Lint(); better != nil {
		fix.Snippet, fix.Language = cmp.Or(better.Compose, better.Kubernetes), "yaml"
	}
	return []Fix{fix}
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

func workerFixes(c inquest.Case) []Fix {
	if workerFault(c) {
		return crashFixes(c)
	}
	return []Fix{lastWords(guard.Excerpt), supervisedTasks(guard.Excerpt)}
}

func startupFixes(c inquest.Case) []Fix {
	list := []Fix{loudStartup(guard.Excerpt)}
	needed := dependencies(c)
	if c.Spec == nil {
		needed = []string{"DEPENDENCY"}
	}
	if len(needed) == 0 {
		return list
	}
	snippet := "    depends_on:\n"
	for _, name := range needed {
		snippet += "      " + name + ": {condition: service_healthy}\n"
	}
	return append(list, Fix{
		Title:    "Wait for dependencies until they are healthy",
		Detail:   "Plain depends_on waits for the container, not for the service in it.",
		Language: "yaml", Snippet: compose(c, snippet),
	})
}

// dependencies are the services that the container is known to need: by its compose file, its settings or its log.
func dependencies(c inquest.Case) []string {
	var list []string
	if c.Spec != nil {
		list = append(list, c.Spec.DependsOn...)
	}
	said := hostOf(c, nil)
	for _, n := range c.Neighbours {
		if len(n.NamedBy) > 0 || said != "" && said == n.Service {
			list = append(list, n.Service)
		}
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(name string) bool { return !plainWord(name) })
}

func backgroundFixes(inquest.Case) []Fix { return []Fix{supervisedTasks(guard.Excerpt)} }

func handlerFixes(inquest.Case) []Fix { return []Fix{safeHandlers(guard.Excerpt)} }

// poolFixes quotes the example, which is of redis and SQLAlchemy, only where a pool of theirs was found.
func poolFixes(c inquest.Case) []Fix {
	found := poolOf(c, telling(c, fact.PoolExhaustion))
	if strings.HasPrefix(found, "redis-") || strings.HasPrefix(found, "sqlalchemy-") {
		return []Fix{boundedPools(guard.Excerpt)}
	}
	return []Fix{{Title: giveBack}}
}

func crashFixes(c inquest.Case) []Fix {
	core := Fix{
		Title: "Keep the core file",
		Detail: "With a relative core_pattern the core lands in the working directory of the container; docker " +
			"diff shows it. An init as PID 1 makes abort() read 134 instead of 139.",
		Language: "yaml",
		Snippet:  compose(c, "    ulimits: {core: -1}\n    init: true\n"),
	}
	if !c.Python() || !c.ShowsPython() {
		return []Fix{core}
	}
	return []Fix{{
		Title:    "Let the interpreter print where it crashed",
		Detail:   "faulthandler writes every thread's Python frames to stderr at a fault.",
		Language: "yaml",
		Snippet:  compose(c, "    environment:\n      PYTHONFAULTHANDLER: \"1\"\n"),
	}, core}
}
