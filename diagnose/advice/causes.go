package advice

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/phrase"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// ofCause writes the advice of each of the ten causes, and of the named others whose advice is worked out.
var ofCause = map[string]func(inquest.Case, *servicelog.Finding) []draft{
	fact.OOMKill: oomAdvice, fact.HealthcheckTimeout: hangAdvice, fact.LoggingFailure: loggingAdvice,
	fact.WorkerCrash:    workerAdvice,
	fact.StartupFailure: startupAdvice, fact.BackgroundTaskFailure: taskAdvice,
	fact.ExceptionHandlerFailure: handlerAdvice,
	fact.PoolExhaustion:          poolAdvice, fact.InterpreterCrash: crashAdvice,
	fact.NoNetwork: backIntoNetwork,
	fact.CPUQuota:  quotaAdvice, fact.HostOverloaded: overloadAdvice, fact.StillStarting: startingAdvice,
	fact.LoopbackOnly: listenOutward, fact.NothingListens: servePort, fact.ChildrenDie: childrenAdvice,
}

// hangAdvice looks for what blocks: a limit inside the handler (asyncio.wait_for) is of no use to a loop that is
// blocked, because the loop is what would end the wait.
func hangAdvice(c inquest.Case, f *servicelog.Finding) []draft {
	if outlasts(c) {
		return nil // it is the check that is told to change
	}
	var list []draft
	if c.Undisturbed() {
		list = slices.Concat(quotaAdvice(c, f), overloadAdvice(c, f))
	}
	if len(list) == 0 && !gunicornMends(c) {
		list = stuck(c)
	}
	if len(list) > 0 {
		list = append(ownStacks(c), list...)
	}
	switch {
	case clientLimits(c, f) != nil:
		list = append(list, clientLimits(c, f)...)
	case dependencyLimits(c) != nil:
		list = append(list, dependencyLimits(c)...)
	case anyLimit(c) != nil:
		list = append(list, anyLimit(c)...)
	case stuckPlace(c) != nil:
		list = append(list, draft{when: Then, title: "Bound what it does there, or take it out of the request"})
	case gunicorn(c) && !strings.Contains(commandLine(c), "UvicornWorker"):
		list = append(list, inPython(draft{
			when: Then, title: "Let gunicorn print what a worker does that hangs, before it kills it",
			detail: "In gunicorn.conf.py. The dump comes from a thread of its own, so it comes although the worker " +
				"is blocked; the time must be below --timeout.",
		}, dumpBeforeTimeout))
	case canPrintStacks(c, f):
		list = append(list, inPython(draft{
			when: Then, title: "Let it print where it hangs",
			detail: "Put this where it starts. Only once it runs with it, `{cli} kill --signal USR1 {name}` prints every " +
				"thread's stack to its log, blocked loop or not; without it that signal ends the process.",
		}, printStacks))
	}
	return list
}

// gunicornMends tells whether gunicorn itself brings back what hangs, so that a restart would only do the same: it has
// replaced a worker and the check passes again, or what stands now has not reached its time limit. Threads of a worker
// have no such limit: their heartbeat goes on.
func gunicornMends(c inquest.Case) bool {
	if c.HungWorkerReplaced() {
		return true
	}
	command := commandLine(c)
	limit, ok := c.Health().GunicornTimeout()
	switch {
	case c.ReplayedAs("hanging"):
		return false
	case len(c.StuckLoops) == 0:
		return c.Streak == 0 && c.WorkerReplaced()
	case !ok || strings.Contains(command, "gthread") || strings.Contains(command, "--threads"):
		return false
	}
	return !slices.ContainsFunc(c.StuckLoops, func(s inside.Standing) bool { return s.For >= limit.Seconds() })
}

// stuckPlace is the service's own line in which memory shows it to stand, or its health check's handler that waits;
// nil = none is known.
func stuckPlace(c inquest.Case) *Place {
	switch {
	case len(c.StuckLoops) > 0 && inside.Own(c.StuckLoops[0].Place):
		return placeAt(c.StuckLoops[0].Place)
	case len(c.StuckLoops) == 0 && len(c.Routes) > 0:
		return placeAt(c.Routes[0].Handler)
	case len(c.StuckLoops) == 0 && len(c.Stood) > 0:
		return placeAt(c.Stood[0].Place)
	}
	return nil
}

func placeAt(f evidence.Frame) *Place {
	return &Place{File: f.File, Line: f.Line, Function: f.Function}
}

// canPrintStacks tells whether a handler of SIGUSR1 would tell something, and may be asked for: where memory has named
// the line already there is nothing to ask, and gunicorn has a use of its own for the signal (it opens its logs anew).
func canPrintStacks(c inquest.Case, f *servicelog.Finding) bool {
	return c.Python() && len(c.StuckLoops) == 0 && placeOf(c, fact.HealthcheckTimeout, f) == nil && !gunicorn(c) &&
		!strings.Contains(commandLine(c), "gunicorn")
}

func gunicorn(c inquest.Case) bool { return c.Log != nil && c.Log.Lifecycle.Server == "gunicorn" }

func commandLine(c inquest.Case) string {
	if c.Spec == nil {
		return ""
	}
	return strings.Join(c.Spec.Command, " ")
}

func loggingAdvice(c inquest.Case, f *servicelog.Finding) []draft {
	list := oneOff(c, fact.LoggingFailure)
	text := ""
	if f != nil {
		text = exceptionText(f)
	}
	switch {
	case strings.Contains(text, "No space left"):
		list = append(slices.Concat(list, ofOther[fact.FileSystemFull]), draft{
			when: Then, title: "Log to stdout, and let the engine rotate", language: "yaml",
			snippet: "services:\n  {service}:\n    logging:\n      driver: local\n" +
				"      options: {{max-size: 10m, max-file: \"5\"}\n",
			run: "--log-driver local --log-opt max-size=10m --log-opt max-file=5"})
	case f != nil && f.Exception != nil && slices.ContainsFunc(f.Exception.Frames, connectsToSyslog):
		list = append(list, draft{when: Then, title: "Log to stdout: there is no /dev/log in the container",
			detail: "A SysLogHandler has no other address by default. {says}"})
	case strings.Contains(text, "Permission denied"), strings.Contains(text, "Read-only"):
		list = append(list, draft{when: Then, title: "Log to stdout instead of a file that it may not write",
			detail: "{says}"})
	case c.Python() && f != nil:
		list = append(list, inPython(draft{when: Then, title: "Make the log call unable to fail", detail: "{says}"},
			handleErrors))
	}
	return list
}

// connectsToSyslog knows the frame of logging.handlers.SysLogHandler that opens the socket.
func connectsToSyslog(f traceback.Frame) bool {
	return strings.HasSuffix(f.File, "logging/handlers.py") && f.Function == "_connect_unixsocket"
}

// workerFault tells whether a worker was ended by a signal of its own fault: no code of Python runs then, so nothing
// that the program could catch, log or supervise tells of it.
func workerFault(c inquest.Case) bool {
	crashed := func(r inquest.Restarted) bool { return r.Crash != nil }
	if slices.ContainsFunc(c.RestartedServices(), crashed) {
		return true
	}
	return len(c.Crashes) > 0 || c.LogHas("gunicorn-worker-crash", "gunicorn-worker-abort", "billiard-worker-crash",
		"guard-worker-crashed") != nil
}

// workerAdvice asks for the interpreter's own words where no code of the program can tell.
func workerAdvice(c inquest.Case, f *servicelog.Finding) []draft {
	list := oneOff(c, fact.WorkerCrash)
	if l := c.CrashLoop(); l != nil {
		return append(list, loopAdvice(c, *l)...)
	}
	unsaid := f != nil && f.ID == "uvicorn-child-died" && f.Exception == nil // uvicorn prints neither code nor signal
	if unsaid || workerFault(c) {
		return append(list, crashEvidence(c, nil)...)
	}
	if f == nil || f.Exception == nil {
		return append(list, append(stuck(c), unwatched(c)...)...)
	}
	if strings.HasSuffix(f.Exception.Type, "SystemExit") {
		return append(list, draft{when: Then, title: "Raise an exception instead of leaving the process there",
			detail: "{says}"})
	}
	return append(list, draft{when: Then, title: "Catch {exception} where it ended the process", detail: "{says}"})
}

// childrenAdvice asks a fault of a child for what it leaves, and any other end for what the child itself says.
func childrenAdvice(c inquest.Case, f *servicelog.Finding) []draft {
	if l := c.CrashLoop(); l != nil {
		return loopAdvice(c, *l)
	}
	if f != nil && phrase.Fault(f.Excerpt, "") {
		return []draft{leaveCore}
	}
	return ofOther[fact.ChildrenDie]
}

// loopAdvice is for a command that crashes again and again under a parent that lives on: what tells where it crashes,
// and that the parent shows it.
func loopAdvice(c inquest.Case, l inquest.CrashLoop) (list []draft) {
	if l.Python() && c.LogHas("python-fatal-error", "python-fatal-signal") == nil {
		list = append(list, printFault)
	}
	if len(c.LifeCores()) == 0 && len(c.Cores) == 0 {
		list = append(list, leaveCore)
	}
	if plainWord(l.Comm) {
		list = append(list, draft{when: Then, title: "Let the parent of " + l.Comm + " end when it crashes again and again",
			detail: "As it is, who looks at the container alone sees it run: no restart policy, and no alert, gets to know."})
	}
	return list
}

var (
	printFault = draft{when: Then, title: "Let the interpreter print where it crashes", language: "yaml",
		snippet: "services:\n  {service}:\n    environment:\n      PYTHONFAULTHANDLER: \"1\"\n",
		run:     "-e PYTHONFAULTHANDLER=1"}
	leaveCore = draft{when: Then, title: "Let it leave a core, which tells what crashed", language: "yaml",
		detail:  "`gwdoctor cores {name}` says where this host would put it.",
		snippet: "services:\n  {service}:\n    ulimits: {{core: -1}\n", run: "--ulimit core=-1"}
)

// unwatched is for a parent that does not notice the death of a worker: uvicorn does since 0.30.
func unwatched(c inquest.Case) []draft {
	if !strings.Contains(commandLine(c), "uvicorn") && (c.Log == nil || c.Log.Lifecycle.Server != "uvicorn") {
		return nil
	}
	return []draft{{when: Then, title: "Let its parent replace a worker that dies: uvicorn from 0.30 on, or gunicorn " +
		"with " +
		"uvicorn's workers", detail: "Older ones go on with those that are left, and say nothing."}}
}

func startupAdvice(c inquest.Case, f *servicelog.Finding) []draft {
	if f == nil {
		return nil
	}
	var list []draft
	for _, d := range []draft{
		{when: Then, title: "Put a file where {bindfolder} is mounted from, before it starts",
			detail: "The engine makes a folder of a bind mount's source that is not there, so the program finds a folder " +
				"where it expects a file. Remove that folder on the host first."},
		{when: Then, title: "Set {key}, which it reads as it starts",
			snippet: "services:\n  {service}:\n    environment:\n      {key}: \"\"   # its value\n", language: "yaml",
			run: "-e {key}=VALUE"},
		{when: Then, title: "Give the package {mainless} a __main__.py, or name the module to run behind -m"},
		{when: Then, title: "Put the module {module} into the image", otherwise: true,
			detail: "It is imported and not installed: it lacks in the requirements, or the image is older than " +
				"they are."},
	} {
		if _, ok := fill(d.title, valuesOf(c, f), false); ok {
			list = append(list, d)
		}
	}
	if len(list) > 0 {
		return list
	}
	if other := ofOther[f.Other]; len(other) > 0 {
		return other
	}
	if hostOf(c, f) != "" {
		return ofOther[fact.DependencyDown]
	}
	return []draft{{when: Then, title: "Mend what its start fails with", detail: literal(exceptionText(f)) +
		literal(pathsGiven(c, f))}}
}

// pathsGiven names the paths of the command line where an exception misses a file and does not say which: Python's ssl
// and its sockets do not.
func pathsGiven(c inquest.Case, f *servicelog.Finding) string {
	text := exceptionText(f)
	if c.Spec == nil || !strings.HasSuffix(text, "No such file or "+
		"directory") && !strings.HasSuffix(text, "Permission denied") {
		return ""
	}
	var paths []string
	for i, word := range strings.Fields(strings.Join(c.Spec.Command, " ")) {
		if _, value, ok := strings.Cut(word, "="); ok {
			word = value
		}
		if i > 0 && strings.HasPrefix(word, "/") && safeWord(word) {
			paths = append(paths, word)
		}
	}
	if len(paths) == 0 {
		return ""
	}
	return ". It does not say which file; the command line names " + strings.Join(paths, ", ") + "."
}

// taskAdvice restarts what has lost a task: nothing in the process brings it back.
func taskAdvice(c inquest.Case, _ *servicelog.Finding) []draft {
	list := stuck(c)
	switch {
	case !c.Python():
		return list
	case threadsAlone(c):
		return append(list, inPython(draft{when: Then, title: "Let no thread end in silence, and start it again or end the " +
			"process when it does", detail: "{says}"}, keepThread))
	}
	return append(list, inPython(draft{when: Then, title: "Keep the task, and look at how it ends", detail: "{says}"},
		keepTask))
}

// threadsAlone tells whether memory shows a Python program of several threads, or one whose log tells of threads, and
// no event loop.
func threadsAlone(c inquest.Case) bool {
	if c.Inside == nil {
		return false
	}
	python := 0
	for _, p := range c.Inside.Processes {
		if p.Version == "" {
			continue
		}
		if python++; p.Asyncio || len(p.Tasks) > 0 {
			return false
		}
	}
	return python > 0
}

func handlerAdvice(c inquest.Case, f *servicelog.Finding) []draft {
	if f == nil {
		return nil
	}
	if strings.Contains(f.ID, "response-started") || strings.Contains(f.ID, "response-already") {
		return []draft{{when: Then, title: "Raise nothing once the response has begun: no handler can answer then",
			detail: "{says}"}}
	}
	return []draft{{when: Then, title: "Make the exception handler return a response, whatever it is given",
		detail: "{says}"}}
}

// poolClasses are the signatures of the pools that memory shows, by their class.
var poolClasses = map[string]string{"BlockingConnectionPool": "redis-pool-", "QueuePool": "sqlalchemy-",
	"AsyncAdaptedQueuePool": "sqlalchemy-", "AsyncConnectionPool": "httpx-pool-", "ConnectionPool": "httpx-pool-"}

// poolOf is the signature of the pool that was found, by the log or in memory; "" = none was.
func poolOf(c inquest.Case, f *servicelog.Finding) string {
	switch {
	case f != nil:
		return f.ID
	case len(c.Full) > 0:
		return poolClasses[c.Full[0].Class]
	}
	return ""
}

const giveBack = "Give back what it takes, and bound the wait for it"

// poolAdvice frees the pool by a restart, and names the way to give back of the library whose pool it is, of no other;
// the first that can be given wins.
func poolAdvice(c inquest.Case, f *servicelog.Finding) []draft {
	if l := c.ClientLimit(); l != nil && f == nil {
		return []draft{{when: Then, title: literal("Find which clients keep connections that they do not use, or raise " +
			l.Setting), detail: "Each replica of a client has a pool of its own: their sizes add up. A restart frees the " +
			"places until the same clients are back."}}
	}
	list := stuck(c)
	found := poolOf(c, f)
	for _, p := range poolLimits {
		if _, ok := fill(p.title, valuesOf(c, f), false); ok && strings.HasPrefix(found, p.signature) {
			return append(list, inPython(draft{when: Then, title: p.title, detail: "{says}"}, p.snippet))
		}
	}
	if f != nil && f.Other != "" {
		return append(list, ofOther[f.Other]...)
	}
	if c.Death.Signal == "SIGXCPU" || c.Death.Signal == "SIGXFSZ" {
		return append(list, draft{when: Then, title: "Raise the limit that " + c.Death.Signal + " tells of (`ulimits:` of " +
			"the service, or ulimit in its script), or need less"})
	}
	switch refused := c.Cgroup != nil && c.Cgroup.PidsRefused != nil && *c.Cgroup.PidsRefused > 0; {
	case f == nil && (refused || c.ForkRejected() != nil):
		return ofOther[fact.ThreadsRefused]
	case f == nil && c.Crowd != nil:
		return append(list, draft{when: Then, title: "Bound what every thread of the pool waits for in " +
			literal(inside.PlaceText(c.Crowd.Place)) + ", or give the pool more threads"})
	}
	return append(list, draft{when: Then, title: giveBack, detail: "{says}"})
}

func crashAdvice(c inquest.Case, f *servicelog.Finding) []draft {
	return append(oneOff(c, fact.InterpreterCrash), crashEvidence(c, f)...)
}

// crashEvidence asks for more evidence only where it lacks: no core is asked for where one was read.
func crashEvidence(c inquest.Case, f *servicelog.Finding) (list []draft) {
	switch cores := c.LifeCores(); {
	case len(cores) > 0:
		if o := cores[0].Object; o != nil && o.Name != "" {
			list = append(list, draft{when: Then, title: literal("Update, or replace, what crashed: " + o.Name),
				detail: literal(cores[0].Summary)})
		}
	case c.Python() && c.LogHas("python-fatal-error", "python-fatal-signal") == nil && (f == nil || f.Exception == nil):
		list = append(list, printFault)
	case len(c.Cores) == 0:
		list = append(list, leaveCore)
	}
	return list
}
