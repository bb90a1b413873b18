package check

import (
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// reading is what a record is read from.
type reading struct {
	check   Parsed
	p       Probe
	took    time.Duration
	timeout time.Duration
}

// read asks the voices of a record in the order in which they can be believed:
// the engine, the kernel, the tool's own words, the shell, the bare exit code.
func read(r reading) Result {
	for _, voice := range []func(reading) (Result, bool){
		passed, engineSide, cutShort, noProcess, curlSays, wgetSays, tracebackSays, shellSays, othersSay,
	} {
		if result, ok := voice(r); ok {
			return result
		}
	}
	return byCode(r)
}

func passed(r reading) (Result, bool) {
	if r.p.ExitCode != 0 {
		return Result{}, false
	}
	return Result{Outcome: Pass, Summary: "the probe passed"}, true
}

// engineSide reads the records in which the engine speaks itself: code -1, its own
// word that time was up, and 126 with the runtime's words where an exec came through the API. The order of
// the signs matters: a missing working directory is "no such file" as well.
func engineSide(r reading) (Result, bool) {
	engine := strings.HasPrefix(r.p.Output, "OCI runtime exec failed")
	if r.p.ExitCode != -1 && !r.p.TimedOut && !(engine && (r.p.ExitCode == 126 || r.p.ExitCode == 127)) {
		return Result{}, false
	}
	text := head(r.p.Output)
	for _, s := range engineSigns {
		if strings.Contains(text, s.sign) {
			return s.result(r), true
		}
	}
	if r.p.TimedOut {
		return lateWords(r), true
	}
	if text == "" && r.took >= r.timeout {
		return timedOut(r), true
	}
	return failed(EngineError, "the engine could not run the probe"), true
}

// head returns the start of an output in lower case: the engine's own sentence
// comes first, what follows may be the probe's partial output (from 24.0).
func head(output string) string {
	if len(output) > 600 {
		output = output[:600]
	}
	return strings.ToLower(output)
}

type engineSign struct {
	sign   string // lower case
	result func(reading) Result
}

func says(o Outcome, summary string) func(reading) Result {
	return func(reading) Result { return Result{Outcome: o, Summary: summary} }
}

// engineSigns are the engine's and runc's own sentences: moby daemon/health.go
// and daemon/exec.go, runc libcontainer; recorded in health-timeout,
// health-tool-missing-exec, health-notexec.
var engineSigns = []engineSign{
	{"exceeded timeout", timedOut}, // Docker; Podman says "exceeded timeout of 5s"
	{"timed out starting health check", says(EngineError,
		"the engine could not start the probe in time: the host is overloaded")},
	{"resource temporarily unavailable", says(ForkFailed, noFork)},
	{"cannot allocate memory", says(ForkFailed, noFork)},
	{"can't get final child's pid", says(ForkFailed, noFork)},
	{"chdir to cwd", says(EngineError, "the probe's working directory does not exist or is closed to its user")},
	{"unable to find user", says(EngineError, "the container's user does not exist in the image")},
	{"cannot exec in a stopped", stopped}, {"is not running", stopped}, {"is paused", stopped},
	{"exec format error", says(NotExecutable, "the probe's program is built for another CPU or has no interpreter "+
		"line")},
	{"executable file not found", missing}, {"no such file or directory", missing},
	{"permission denied", says(NotExecutable, "the probe's program is there, but cannot be executed")},
	{"is a directory", says(NotExecutable, "the probe's program is a directory")},
}

const noFork = "no process could be started: the pids limit is reached, often by zombies that PID 1 does not reap"

func stopped(reading) Result {
	return failed(EngineError, "the container was not running when the probe was due")
}

func missing(r reading) Result {
	if r.check.Form == FormShell && strings.Contains(head(r.p.Output), `/sh"`) {
		return failed(ToolMissing, "the image has no shell, and the health check needs one")
	}
	if len(r.check.Argv) > 0 {
		return toolMissing(ProgramName(r.check.Argv[0]))
	}
	return toolMissing("")
}

func toolMissing(name string) Result {
	if name != "" {
		return failed(ToolMissing, "%s, which the health check needs, is not in the image", name)
	}
	return failed(ToolMissing, "a program that the health check needs is not in the image")
}

// lateWords reads a probe that ran out of time, by a runtime that keeps what the tool had printed: where that names
// what went wrong it says more than that time was up, for the runtime's own exec may be as dear as the timeout.
func lateWords(r reading) Result {
	for _, voice := range []func(reading) (Result, bool){curlSays, wgetSays, tracebackSays} {
		if result, ok := voice(r); ok {
			return result
		}
	}
	return timedOut(r)
}

func timedOut(r reading) Result {
	if least := r.check.Least(); least >= r.timeout {
		late := failed(Timeout, "no answer within the timeout of %s: the check itself takes %s and more, it can never pass",
			words.Duration(r.timeout), words.Duration(least))
		late.Outlasts = true
		return late
	}
	return failed(Timeout, "no answer within the timeout of %s: the engine killed the probe", words.Duration(r.timeout))
}

// cutShort reads the codes of probes that somebody ended. In exec_die events the
// code of a probe killed at its timeout reads 127 or 137 (docs/notes/DOCKER.md#a2); the log
// has -1 there, so a long probe with these codes comes from an event.
func cutShort(r reading) (Result, bool) {
	switch code := r.p.ExitCode; {
	case (code == 127 || code == 137) && r.p.Output == "" && r.took >= r.timeout:
		return timedOut(r), true
	case code == 137:
		return failed(Killed, "the probe was killed with SIGKILL: out of memory, or by the container's own end"), true
	case code == 124, code == 143 && r.check.uses("timeout"): // coreutils 124, busybox 143
		return failed(Timeout, "no answer within the limit of the timeout command in the check"), true
	}
	return Result{}, false
}

// forkFailed matches a shell or program that got no process or thread: dash
// (health-zombies), bash, busybox ash, Python, curl's resolver.
var forkFailed = lazyregexp.New(`(?m)^\S*sh: (?:.*: )?(?i:(?:cannot|can't) fork|fork: )|^RuntimeError: can't start new thread|^BlockingIOError: \[Errno 11\]|curl: \(6\) getaddrinfo\(\) thread failed`)

func noProcess(r reading) (Result, bool) {
	if !forkFailed().MatchString(r.p.Output) {
		return Result{}, false
	}
	return failed(ForkFailed, noFork), true
}

// notFound matches a shell that misses a program: dash "sh: 1: curl: not found",
// bash "bash: line 1: curl: command not found", busybox "sh: curl: not found".
var notFound = lazyregexp.New(`(?m)^\S*sh: (?:(?:line )?\d+: )?(\S+): (?:command )?not found\r?$`)

// noScript matches a shell or interpreter whose script is not there: dash "sh: 0:
// cannot open x", busybox "sh: can't open 'x'", bash, Python, Node.
var noScript = lazyregexp.New(`(?m)^\S*sh: (?:0: )?(?i:can't|cannot) open |^\S*python[0-9.]*: can't open file |^\S*bash: (?:line \d+: )?/\S+: No such file or directory|^Error: Cannot find module `)

func shellSays(r reading) (Result, bool) {
	if m := notFound().FindStringSubmatch(r.p.Output); m != nil {
		return toolMissing(ProgramName(m[1])), true
	}
	if noScript().MatchString(r.p.Output) {
		return failed(ToolMissing, "the probe's script, or a file that it reads, is not in the image"), true
	}
	switch r.p.ExitCode {
	case 126: // POSIX shell 2.8.2
		return failed(NotExecutable, "the probe's program is there, but cannot be executed"), true
	case 127:
		if len(r.check.Commands) == 1 {
			return toolMissing(r.check.Tool()), true
		}
		return toolMissing(""), true
	}
	return Result{}, false
}

// crashes are the codes 128+n of faults, docs/notes/DOCKER.md#a1.
var crashes = map[int]string{132: "SIGILL", 133: "SIGTRAP", 134: "SIGABRT", 135: "SIGBUS", 136: "SIGFPE",
	139: "SIGSEGV", 159: "SIGSYS"}

// byCode is what is left when nobody spoke.
func byCode(r reading) Result {
	code := r.p.ExitCode
	if signal := crashes[code]; signal != "" {
		return failed(Failed, "the probe's own program crashed with %s (exit code %d)", signal, code)
	}
	if looked := r.check.Seeks(); looked != "" && code == 1 && !strings.Contains(r.p.Output, looked+": ") {
		return failed(Failed, "the answer does not hold what %s in the check looks for (exit code 1)", looked)
	}
	who := r.check.Decider()
	if who == "" {
		who = "the probe"
	}
	if len(r.p.Output) >= outputLimit {
		return failed(Failed, "%s failed with exit code %d; its output is cut, and the line with the reason is lost "+
			"or "+
			"not known", who, code)
	}
	return failed(Failed, "%s failed with exit code %d", who, code)
}
