package lint

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Finding is a fault of the check itself, seen in its configuration alone.
type Finding struct {
	ID       string `json:"id"`       // stable
	Severity string `json:"severity"` // "error": the check cannot work as meant; "warning"; "note"
	Message  string `json:"message"`  // what is wrong
	Fix      string `json:"fix"`      // what to write instead
}

// The severities of a Finding.
const (
	severityError   = "error"
	severityWarning = "warning"
	severityNote    = "note"
)

// Settings returns what is wrong with a check as far as its configuration
// alone decides it, in a fixed order. A check that is switched off has no faults.
// The rules are those of docs/notes/HEALTH.md#lint-rules, and docs/notes/DOCKER.md#a3.
func Settings(c check.Config) []Finding {
	found := []Finding{}
	if len(c.Test) == 0 || c.Test[0] == check.FormNone || c.Test[0] == "" {
		return found
	}
	s := configured{Config: c, check: check.Parse(c.Test), full: c.WithDefaults()}
	for _, rule := range lintRules {
		if l, ok := rule(s); ok {
			found = append(found, l)
		}
	}
	return found
}

// configured is what a rule looks at: the configuration as written, with the
// defaults filled in, and the test in parts.
type configured struct {
	check.Config
	full  check.Config
	check check.Parsed
}

// lintRules in the order of their weight: what makes the check worthless first.
var lintRules = []func(configured) (Finding, bool){
	unknownForm, shellSyntaxInExecForm, variableInExecForm, alwaysPasses, outlastsTimeout, curlWithoutFail,
	headRequest, ownLimit, background, timeoutNotBelowInterval, singleRetry, startIntervalAlone, localhostIPv6,
}

// unknownForm: the engine logs a warning and never probes (moby daemon/health.go
// getProbe); the status stays "starting".
func unknownForm(s configured) (Finding, bool) {
	form := s.Test[0]
	if (form == check.FormExec || form == check.FormShell) && len(s.Test) > 1 {
		return Finding{}, false
	}
	return Finding{"unknown-form", severityError,
		"the test does not begin with CMD or CMD-SHELL and a command: the engine never runs it",
		`write ["CMD", "program", "argument"] or ["CMD-SHELL", "command line"]`}, true
}

var shellWords = map[string]bool{"||": true, "&&": true, "|": true, ";": true, "&": true, ">": true, "2>&1": true,
	">/dev/null": true}

// shellSyntaxInExecForm: no shell reads the words of a CMD test.
func shellSyntaxInExecForm(s configured) (Finding, bool) {
	if s.check.Form != check.FormExec || s.check.Shell || len(s.check.Argv) == 0 {
		return Finding{}, false
	}
	hit := strings.ContainsAny(s.check.Argv[0], " \t|&;") // the whole line as one program name
	for _, w := range s.check.Argv[1:] {
		hit = hit || shellWords[w]
	}
	return Finding{"exec-form-with-shell-syntax", severityError,
		"the CMD form runs its first word as a program and hands the others over as they are: operators such as || " +
			"and > do nothing",
		"use CMD-SHELL for a command line"}, hit
}

var variable = lazyregexp.New(`\$\{?[A-Za-z_]`)

// variableInExecForm: $PORT stays $PORT. Interpreters' own scripts are left out.
func variableInExecForm(s configured) (Finding, bool) {
	if s.check.Form != check.FormExec || s.check.Shell || len(s.check.Argv) == 0 {
		return Finding{}, false
	}
	switch s.check.Tool() {
	case "python", "node", "perl", "php", "ruby":
		return Finding{}, false
	}
	return Finding{"exec-form-with-variable", severityError,
		"the CMD form expands no variables: the program gets the name with its dollar sign",
		"use CMD-SHELL, or write the value"}, variable().MatchString(s.check.Text)
}

// alwaysPasses: what decides cannot fail.
func alwaysPasses(s configured) (Finding, bool) {
	return Finding{"always-passes", severityError,
		"the check ends with a command that always succeeds, so it can never fail",
		"end it with || exit 1"}, s.check.AlwaysPasses()
}

// outlastsTimeout: what it sleeps alone takes longer than the engine waits.
func outlastsTimeout(s configured) (Finding, bool) {
	least := s.check.Least()
	if least < s.full.Timeout {
		return Finding{}, false
	}
	return Finding{"outlasts-timeout", severityError,
		fmt.Sprintf("the check itself takes %s and more, and the engine kills it after %s: it can never pass",
			words.Duration(least), words.Duration(s.full.Timeout)),
		"let it ask at once, or give it a longer timeout; what a service needs to come up belongs into start_period"}, true
}

// curlWithoutFail: curl ends with 0 on a 500 unless -f is given. Where its output
// is looked at (a pipe, -w) the check may judge by itself.
func curlWithoutFail(s configured) (Finding, bool) {
	for _, cmd := range s.check.Commands {
		name, args := cmd.Program()
		if name != "curl" || cmd.After == "|" || has(args, 'f', "--fail", "--fail-with-body") ||
			has(args, 'w', "--write-out") {
			continue
		}
		return Finding{"curl-without-fail", severityError,
			"curl without -f ends with 0 for a 404 or 500 too: the check passes while the service fails",
			"curl -fsS --max-time 3 URL"}, true
	}
	return Finding{}, false
}

// has tells whether options hold a long one or the letter in a bundle such as -fsS.
func has(args []string, letter byte, long ...string) bool {
	_, ok := option(args, letter, long...)
	return ok
}

// option returns the value of an option: of "-m5", "-m 5", "-fsSm 5",
// "--max-time 5", "--max-time=5".
func option(args []string, letter byte, long ...string) (value string, ok bool) {
	for i, a := range args {
		next := ""
		if i+1 < len(args) {
			next = args[i+1]
		}
		for _, l := range long {
			if a == l {
				return next, true
			}
			if v, found := strings.CutPrefix(a, l+"="); found {
				return v, true
			}
		}
		if len(a) < 2 || a[0] != '-' || a[1] == '-' {
			continue
		}
		if at := strings.IndexByte(a, letter); at > 0 && letters(a[1:at]) {
			if rest := a[at+1:]; rest != "" {
				return rest, true
			}
			return next, true
		}
	}
	return "", false
}

// letters tells whether a bundle's part before the letter is letters only, and
// none of curl's that take a value (-o/dev/null, -Hfoo): what follows those is text.
func letters(s string) bool {
	for _, r := range s {
		if r < 'A' || r > 'z' || r > 'Z' && r < 'a' || strings.ContainsRune("oHdXuAewTOP", r) {
			return false
		}
	}
	return true
}

// headRequest: FastAPI and Starlette answer 405 to HEAD where only GET is
// declared (docs/notes/HEALTH.md, measured).
func headRequest(s configured) (Finding, bool) {
	for _, cmd := range s.check.Commands {
		name, args := cmd.Program()
		if name == "wget" && has(args, 0, "--spider") || name == "curl" && has(args, 'I', "--head") {
			return Finding{"head-request", severityWarning,
				"the check sends HEAD, which FastAPI answers with 405 unless the route declares it",
				"wget -qO /dev/null -T 3 -t 1 URL, or curl -fsS -o /dev/null --max-time 3 URL"}, true
		}
	}
	return Finding{}, false
}

var urlopen = lazyregexp.New(`urlopen\(|requests\.(?:get|head|request)\(`)

// ownLimit: the probe must give up before the engine kills it. The engine's KILL
// takes the first process only: a shell's children live on (health-zombies), and
// up to Engine 23 the output is lost with the kill.
func ownLimit(s configured) (Finding, bool) {
	for _, cmd := range s.check.Commands {
		if check.Base(cmd.Words[0]) == "timeout" {
			continue
		}
		if l, ok := s.limitOf(cmd); ok {
			return l, true
		}
	}
	return Finding{}, false
}

func (s configured) limitOf(cmd check.Command) (Finding, bool) {
	name, args := cmd.Program()
	switch {
	case name == "curl":
		return s.limitFrom(args, "curl", "--max-time", 'm', "--max-time")
	case name == "wget":
		return s.limitFrom(args, "wget", "-T", 'T', "--timeout")
	case name == "python" && urlopen().MatchString(strings.Join(args, " ")) &&
		!strings.Contains(strings.Join(args, " "), "timeout"):
		return Finding{"probe-without-time-limit", severityWarning,
			"the Python probe sets no timeout: a hanging service is seen only when the engine kills the probe",
			fmt.Sprintf("urlopen(URL, timeout=%s)", suggest(s.full.Timeout))}, true
	}
	return Finding{}, false
}

func (s configured) limitFrom(args []string, name, flag string, letter byte, long string) (Finding, bool) {
	value, ok := option(args, letter, long)
	fix := fmt.Sprintf("%s %s %s ...", name, flag, suggest(s.full.Timeout))
	if !ok {
		return Finding{"probe-without-time-limit", severityWarning,
			name + " has no time limit of its own: when the engine kills a hanging probe, its reason is lost, and " +
				"in a shell form the process lives on",
			fix}, true
	}
	limit, ok := seconds(value)
	if !ok || limit < s.full.Timeout {
		return Finding{}, false
	}
	return Finding{"probe-time-limit-not-below-timeout", severityWarning,
		fmt.Sprintf("%s may take %s, but the engine kills the probe after %s", name, words.Duration(limit),
			words.Duration(s.full.Timeout)),
		fix}, true
}

func seconds(value string) (time.Duration, bool) {
	f, err := strconv.ParseFloat(strings.TrimSuffix(value, "s"), 64)
	if err != nil || !(f > 0 && f < 1e6) { // NaN fails both
		return 0, false
	}
	return time.Duration(f * float64(time.Second)), true
}

// suggest is a limit in seconds that leaves the runtime's timeout some room: a fifth of it, a second at least. Below
// two seconds it has tenths.
func suggest(timeout time.Duration) string {
	if timeout < 2*time.Second {
		return strconv.FormatFloat((timeout * 4 / 5).Seconds(), 'g', 1, 64)
	}
	return strconv.Itoa(int((timeout - max(timeout/5, time.Second)).Seconds()))
}

// background: a probe ends when its output ends, so a child that keeps the pipe
// turns exit 0 into a timeout (docs/notes/HEALTH.md#b1, measured).
func background(s configured) (Finding, bool) {
	for _, cmd := range s.check.Commands {
		if s.check.Shell && cmd.After == "&" {
			return Finding{"background-process", severityWarning,
				"the check leaves a process behind with &: the probe ends only when that closes its output, and it " +
					"becomes an orphan",
				"run it in the foreground, or redirect its output to /dev/null"}, true
		}
	}
	return Finding{}, false
}

// timeoutNotBelowInterval also holds for the engine's own defaults, 30 s both: a
// note there, since nobody chose it.
func timeoutNotBelowInterval(s configured) (Finding, bool) {
	severity := severityWarning
	if s.Timeout <= 0 {
		severity = severityNote
	}
	apart := kept(s.full)
	return Finding{"timeout-not-below-interval", severity,
			fmt.Sprintf("the timeout (%s) is not below the interval (%s): a hanging service stays healthy for up to %s",
				words.Duration(s.full.Timeout), words.Duration(s.full.Interval), words.Duration(s.full.DetectionTime())),
			"timeout: " + words.Duration(apart.Timeout) + " with interval: " + words.Duration(apart.Interval)},
		s.full.Timeout >= s.full.Interval
}

func singleRetry(s configured) (Finding, bool) {
	return Finding{"single-retry", severityWarning,
		"one failed probe is enough: a single slow answer, or the container's own end, makes it unhealthy",
		"retries: 3"}, s.Retries == 1
}

// startIntervalAlone: the start interval is used only within the start period.
func startIntervalAlone(s configured) (Finding, bool) {
	return Finding{"start-interval-without-start-period", severityWarning,
		"start_interval has no effect without a start_period (and before Engine 25 none at all)",
		"add start_period: 30s, longer than a slow start takes"}, s.StartInterval > 0 && s.StartPeriod <= 0
}

var localhostURL = lazyregexp.New(`(?:https?://|\s)localhost[:/\s]`)

// localhostIPv6: busybox wget takes the first address only, ::1, while servers
// bind 0.0.0.0 by default. GNU wget and curl try both.
func localhostIPv6(s configured) (Finding, bool) {
	return Finding{"localhost-may-be-ipv6", severityNote,
		"busybox wget (Alpine) takes localhost for ::1 first, while most servers listen on IPv4 only",
		"write 127.0.0.1 instead of localhost"}, s.check.Tool() == "wget" && localhostURL().MatchString(s.check.Text)
}
