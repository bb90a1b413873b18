// Package guard holds gateway_guard.py: one Python file without dependencies that a service imports, and that does what
// the source document recommends (docs/silent-service-failure-analysis.md), so that no silent death stays silent.
//
// The file is put together from parts. Each part stands alone but for the core, and what it needs comes along:
//
//	text, err := guard.File([]string{"health", "tasks"})
//
//	"""gateway_guard.py 1.0 …"""
//	from __future__ import annotations
//	…
//	# --- core: one line to file descriptor 2, whatever has become of logging; …
//	# --- tasks: none dies in silence, threads neither (cause 6) ---
//
// Examples show the use of the parts. Explanations and advice quote them, and a test runs every one of them, so what a
// user is told to write is what was tried. The guard's own lines have signatures in diagnose/read/servicelog.
package guard

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// Version is the version of the Python file. Its lines and functions are what services and signatures rely on.
const Version = "1.0"

// FileName is the name under which services import it.
const FileName = "gateway_guard.py"

//go:embed parts examples
var files embed.FS

// Part is one part of the file.
type Part struct {
	Name   string   // as --only takes it
	Does   string   // in one line
	Fixes  []string // what of the source document it does
	Causes []string // IDs of the causes that it makes visible or prevents
	Needs  []string // other parts that it builds upon; the core always comes along
	Use    string   // the call that brings it in; "" = the import is enough
}

// Parts lists all parts, in the order in which the file has them.
func Parts() []Part {
	return []Part{
		{Name: "crash", Does: "faulthandler: where Python stood when native code took it down",
			Fixes: []string{"add signal handlers"}, Causes: []string{fact.InterpreterCrash}},
		{Name: "logging", Does: "a record whose handler fails goes to file descriptor 2; dead queue listeners are " +
			"replaced",
			Fixes:  []string{"add fallback logging to stderr", "wrap all logging calls", "add logging health check"},
			Causes: []string{fact.LoggingFailure}},
		{Name: "signals", Does: "tells who was asked to stop, chains to the server's handler; SIGUSR1 dumps stacks " +
			"and tasks",
			Fixes: []string{"add signal handlers"}, Causes: []string{fact.WorkerCrash, fact.InterpreterCrash}},
		{Name: "exit", Does: "the last words: code, caller or exception of the end",
			Fixes:  []string{"exit code logging", "monitor exit codes", "log process ID on startup"},
			Causes: []string{fact.WorkerCrash, fact.InterpreterCrash}},
		{Name: "watchdog", Does: "tells where an event loop stands still, and when it goes on",
			Fixes: []string{"add watchdog to detect hangs"}, Causes: []string{fact.HealthcheckTimeout}},
		{Name: "tasks", Does: "no task or thread dies in silence; supervised ones are restarted and shown by the " +
			"health check",
			Fixes:  []string{"wrap all background tasks", "add task monitoring", "log task exceptions"},
			Causes: []string{fact.BackgroundTaskFailure}, Needs: []string{"watchdog"},
			Use: `gateway_guard.supervise(consume, "consumer", restart=5)`},
		{Name: "memory", Does: "warns at 80 and 90 % of the cgroup's limit; tells of children killed for memory",
			Fixes:  []string{"monitor memory usage", "add memory monitoring endpoint"},
			Causes: []string{fact.OOMKill}},
		{Name: "pools", Does: "warns before connections or file descriptors run out",
			Fixes:  []string{"monitor connection counts"},
			Causes: []string{fact.PoolExhaustion}, Use: `gateway_guard.watch_pool("redis", pool)`},
		{Name: "heartbeat", Does: "one line a minute: memory, threads, tasks, files, pools, what is wrong",
			Fixes:  []string{"add heartbeat logging", "log memory usage periodically", "log thread and task counts"},
			Causes: []string{fact.BackgroundTaskFailure, fact.LoggingFailure}},
		{Name: "health", Does: "a health check that answers in time whatever hangs, with circuit breakers; also " +
			"from a port of its own",
			Fixes: []string{"overall timeout wrapper", "timeouts of every check", "circuit breaker", "always returns",
				"monitor response times"},
			Causes: []string{fact.HealthcheckTimeout, fact.HealthcheckFailure, fact.PoolExhaustion},
			Use:    `health = gateway_guard.Health()`},
		{Name: "lifespan", Does: "a startup that fails is told with its traceback, one that hangs is ended",
			Fixes:  []string{"wrap lifespan startup with stderr fallback", "add startup timeout"},
			Causes: []string{fact.StartupFailure}, Use: `gateway_guard.guarded_lifespan(app)`},
		{Name: "handlers", Does: "exception handlers that cannot throw",
			Fixes:  []string{"try/except in the exception handler", "fallback to stderr", "handler health check"},
			Causes: []string{fact.ExceptionHandlerFailure}, Use: `gateway_guard.guarded_handlers(app)`},
		{Name: "asgi", Does: "lifespan and handlers of a FastAPI or Starlette application in one call",
			Causes: []string{fact.StartupFailure, fact.ExceptionHandlerFailure},
			Needs:  []string{"lifespan", "handlers"},
			Use:    `gateway_guard.install(app)`},
		{Name: "gunicorn", Does: "hooks for gunicorn's master, which alone sees how a worker ended",
			Fixes:  []string{"add process monitoring"},
			Causes: []string{fact.WorkerCrash, fact.OOMKill, fact.HealthcheckTimeout},
			Use:    `gunicorn -c python:gateway_guard`},
		{Name: "celery", Does: "tells of failed jobs, lost pool processes and stops",
			Fixes:  []string{"add process monitoring", "log task exceptions"},
			Causes: []string{fact.WorkerCrash, fact.BackgroundTaskFailure}, Use: `gateway_guard.watch_celery()`},
	}
}

// common are the parts that every program can use.
var common = []string{"crash", "logging", "signals", "exit", "watchdog", "tasks", "memory", "pools",
	"heartbeat", "health"}

// frameworks lists, for each framework, the parts that fit it.
var frameworks = []struct {
	name  string
	parts []string
}{
	{"fastapi", append(slices.Clone(common), "asgi")},
	{"starlette", append(slices.Clone(common), "asgi")},
	{"plain", common},
	{"gunicorn", append(slices.Clone(common), "asgi", "gunicorn")},
	{"celery", append(slices.Clone(common), "celery")},
}

// Frameworks returns the names that ForFramework knows.
func Frameworks() []string {
	var names []string
	for _, f := range frameworks {
		names = append(names, f.name)
	}
	return names
}

// ForFramework returns the names of the parts for a framework, nil for an unknown one.
func ForFramework(name string) []string {
	for _, f := range frameworks {
		if f.name == name {
			return slices.Clone(f.parts)
		}
	}
	return nil
}

// File puts the file together from the named parts and what they need; nil means all parts. It fails for a name that
// is no part.
func File(names []string) (string, error) {
	chosen, err := withNeeds(names)
	if err != nil {
		return "", err
	}
	var body strings.Builder
	var titles []string
	for _, p := range append([]Part{{Name: "core"}}, append(chosen, Part{Name: "start"})...) {
		body.WriteString("\n\n" + read("parts/"+p.Name+".py"))
		if p.Does != "" {
			titles = append(titles, fmt.Sprintf("    %-10s %s", p.Name, p.Does))
		}
	}
	return docstring(chosen, titles, settingsIn(body.String())) + "\n" + imports(body.String()) + body.String(), nil
}

// Chosen returns the named parts and what they need, in the order of the file; nil means all, and a name that is no
// part is left out.
func Chosen(names []string) []Part {
	parts, err := withNeeds(names)
	if err != nil {
		return nil
	}
	return parts
}

// withNeeds returns the named parts and what they need, in the order of the file.
func withNeeds(names []string) ([]Part, error) {
	all := Parts()
	wanted := map[string]bool{}
	var want func(name string) error
	want = func(name string) error {
		at := slices.IndexFunc(all, func(p Part) bool { return p.Name == name })
		if at < 0 {
			return fmt.Errorf("no part %q", name)
		}
		wanted[name] = true
		for _, need := range all[at].Needs {
			if err := want(need); err != nil {
				return err
			}
		}
		return nil
	}
	for _, name := range names {
		if err := want(name); err != nil {
			return nil, err
		}
	}
	if names == nil {
		return all, nil
	}
	return slices.DeleteFunc(all, func(p Part) bool { return !wanted[p.Name] }), nil
}

// docstring is the head of the file: what it is, its licence, its parts and how to use them.
func docstring(parts []Part, titles, settings []string) string {
	uses := []string{"    import gateway_guard          # first, before anything that may fail"}
	for _, p := range parts {
		if p.Use != "" {
			uses = append(uses, "    "+p.Use)
		}
	}
	return fmt.Sprintf(read("parts/docstring.txt"), Version, strings.Join(titles, "\n"), strings.Join(uses, "\n"),
		strings.Join(settings, "\n"))
}

// settings are what the environment may change: the name behind GATEWAY_GUARD_, the default and what it means.
var settings = []struct{ name, value, means string }{
	{"HEARTBEAT", "60", "seconds; 0 = none"},
	{"STALL", "5", "seconds that an event loop may stand still"},
	{"LOCK_WAIT", "2", "seconds that a log record waits for its handler"},
	{"PROBED_WITHIN", "90", "seconds after which a health check that no probe has reached is told"},
	{"OS_EXIT", "0", "1: os._exit tells who called it"},
}

// settingsIn are the lines of those settings that the body reads.
func settingsIn(body string) []string {
	var lines []string
	for _, s := range settings {
		if strings.Contains(body, `setting("`+s.name+`"`) {
			lines = append(lines, fmt.Sprintf("    GATEWAY_GUARD_%s=%s (%s)", s.name, s.value, s.means))
		}
	}
	if lines != nil {
		lines = append([]string{"", "Settings, from the environment, with their defaults:", ""}, lines...)
	}
	return lines
}

// importLine finds the modules that the head imports, typeName the names of typing that annotations use.
var (
	importLine = lazyregexp.New(`(?m)^import (\w+)\n`)
	typeNames  = []string{"Any", "List", "NoReturn", "Tuple"}
)

// imports is the head's imports less those that the body does not use: a linter would complain of them.
func imports(body string) string {
	head := importLine().ReplaceAllStringFunc(read("parts/head.py"), func(line string) string {
		if module := importLine().FindStringSubmatch(line)[1]; !regexp.MustCompile(`\b` + module +
			`\.`).MatchString(body) {
			return ""
		}
		return line
	})
	var used []string
	for _, name := range typeNames {
		if regexp.MustCompile(`\b` + name + `\b`).MatchString(head + body) {
			used = append(used, name)
		}
	}
	return fmt.Sprintf(head, strings.Join(used, ", "), Version)
}

// marker brackets the lines of an example that matter, for who has the rest already.
var marker = lazyregexp.New(`(?m)^ *# [\[\]]\n`)

// Example returns the text of an example, "" where there is none of that name. Examples are whole programs or, in an
// application, whole modules.
func Example(name string) string {
	_, text, _ := strings.Cut(ExampleWithExpectation(name), "\n\n")
	return marker().ReplaceAllString(text, "")
}

// Excerpt returns the lines of an example that matter, or all of it where none are marked. In a service they stand
// among its own.
func Excerpt(name string) string {
	parts := marker().Split(ExampleWithExpectation(name), -1)
	if len(parts) != 3 {
		return Example(name)
	}
	lines := strings.SplitAfter(parts[1], "\n")
	indent := len(lines[0]) - len(strings.TrimLeft(lines[0], " "))
	for i, line := range lines {
		lines[i] = line[min(indent, max(0, len(line)-1)):]
	}
	return strings.Join(lines, "")
}

// ExampleWithExpectation returns an example with the comments above it, which say how a test runs it and what must come
// of it; "" where there is none of that name.
func ExampleWithExpectation(name string) string {
	text, err := files.ReadFile("examples/" + name + ".py")
	if err != nil {
		return ""
	}
	return string(text)
}

// Examples returns the names of all examples, sorted.
func Examples() []string {
	entries, err := files.ReadDir("examples")
	if err != nil {
		panic(err) // embedded: cannot fail
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".py"))
	}
	return names
}

func read(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // embedded: cannot fail
	}
	return string(text)
}
