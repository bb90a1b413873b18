// Package phrase tells what the words of a single log line say, whoever printed it: that a child ended and what it
// left, that a fault or SIGKILL ended it, that a dependency is awaited. No row of the signatures knows such lines, for
// each program has words of its own.
//
//	worker 12 ended with -6                ChildEnd: -6
//	waiting for db:5432 (attempt 3)        Awaited: db:5432
//
// Contract: pure; a line that says nothing of it is no error. Whether a line is the service's own, and how often it
// came, is the caller's.
package phrase

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// childEndWords are how supervisors of one's own tell that a child ended, with what it left: subprocess' returncode
// ("worker 12 ended with -6"), a shell's $? ("process exited with code 1"), wait's signal ("child died (signal 11)").
// What counts things ("the job ended with 3 warnings") has a word behind the number.
var childEndWords = lazyregexp.New(`(?i)\b(?:child|worker|process|subprocess|program|job|service|command|server|pid|thread)\b` +
	`.*\b(?:exit(?:ed|s)?|ended|died|terminated|quit|crashed)\b.{0,24}?` +
	`(?:\b(?:(?:exit ?)?(?:code|status)|rc|return ?code|with|signal|sig)\b[ :=(]*|[:=] *)(-?\d{1,3})` +
	`(?:[).,;:!\]}]|\s*$|\s+(?:after|again|re\w+|at|in|\()\b?)`)

// ChildEnd returns what a line says that a child left as it ended; ok = it says so. Numbers from 200 on are answers of
// HTTP.
func ChildEnd(text string) (code int, ok bool) {
	m := childEndWords().FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	code, err := strconv.Atoi(m[1])
	return code, err == nil && code < 200 && code > -65
}

// killedWords are those of who lost a child by SIGKILL: its name, its number, subprocess' returncode, a shell's $?.
var killedWords = lazyregexp.New(`\b(?:SIGKILL|[Kk]illed|[Ss]ignal[ :=]*9|137)\b|(?:^|[ =(])-9\b`)

// faultWords are the same of a child that a fault of its own ended, by the fault's signal. The status of wait() is the
// bare number.
var faultWords = map[string]func() *regexp.Regexp{
	"SIGSEGV": ofFault("SIGSEGV|[Ss]egmentation fault", 11), "SIGBUS": ofFault("SIGBUS|[Bb]us error", 7),
	"SIGILL": ofFault("SIGILL|[Ii]llegal instruction", 4), "SIGFPE": ofFault("SIGFPE|[Ff]loating point exception", 8),
	"SIGABRT": ofFault("SIGABRT|[Aa]borted", 6),
}

func ofFault(names string, number int) func() *regexp.Regexp {
	return lazyregexp.New(fmt.Sprintf(`\b(?:%s|core dumped|(?:[Ss]ignal|[Ss]tatus)[ :=]*%d|%d)\b|(?:^|[ =(])-%d\b`,
		names, number, 128+number, number))
}

// Fault tells whether a line may report a process that a fault of its own ended; signal = the fault's, "" = any.
func Fault(text, signal string) bool {
	for name, words := range faultWords {
		if (signal == "" || name == signal) && words().MatchString(text) {
			return true
		}
	}
	return false
}

// Kill tells whether a line may report a process that SIGKILL took.
func Kill(text string) bool { return killedWords().MatchString(text) }
