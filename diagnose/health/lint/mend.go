package lint

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// menders take one fault out of a test and leave the rest as it was written: headers, paths and the words around it are
// its author's. One that cannot changes nothing.
var menders = map[string]func(test []string, limit string) []string{
	"curl-without-fail": func(test []string, _ string) []string { return withOption(test, "curl", "-f") },
	"probe-without-time-limit": func(test []string, limit string) []string {
		limited := withOption(slices.Clone(test), "curl", "--max-time", limit)
		if slices.Equal(limited, test) {
			return withOption(test, "wget", "-T", limit, "-t", "1")
		}
		return limited
	},
	"probe-time-limit-not-below-timeout": func(test []string, limit string) []string {
		return eachWord(test, func(before, word string) string { return otherLimit(before, word, limit) })
	},
	"localhost-may-be-ipv6": func(test []string, _ string) []string {
		return eachWord(test, func(_, word string) string { return strings.ReplaceAll(word, "localhost", "127.0.0.1") })
	},
	"always-passes": func(test []string, _ string) []string {
		return eachWord(test, func(_, word string) string {
			if line, ok := strings.CutSuffix(strings.TrimSpace(word), "|| true"); ok {
				return line + "|| exit 1"
			}
			return word
		})
	},
}

// ofTest names the faults that lie in the words of a test, and so are gone with other words.
var ofTest = map[string]bool{"exec-form-with-shell-syntax": true, "exec-form-with-variable": true, "head-request": true,
	"background-process": true}

// mended is a test with every fault taken out that a small change takes out, and whether one is left.
func mended(c check.Config) (test []string, faulty bool) {
	limit := suggest(c.Timeout)
	for _, f := range Settings(c) {
		mend := menders[f.ID]
		if mend == nil {
			faulty = faulty || ofTest[f.ID]
			continue
		}
		better := c
		better.Test = mend(slices.Clone(c.Test), limit)
		if hasFault(better, f.ID) {
			faulty = true
			continue
		}
		c = better
	}
	return c.Test, faulty
}

func hasFault(c check.Config, id string) bool {
	return slices.ContainsFunc(Settings(c), func(f Finding) bool { return f.ID == id })
}

// eachWord changes the words behind the test's form; before is the word before each.
func eachWord(test []string, change func(before, word string) string) []string {
	before := ""
	for i := 1; i < len(test); i++ {
		before, test[i] = test[i], change(before, test[i])
	}
	return test
}

// withOption puts options behind the first use of a program: as words of their own, or into a shell's line.
func withOption(test []string, program string, options ...string) []string {
	for i := 1; i < len(test); i++ {
		if check.Base(test[i]) == program {
			return slices.Insert(test, i+1, options...)
		}
		if at := programIn().FindAllStringSubmatchIndex(test[i], -1); at != nil {
			for _, m := range at {
				if check.Base(test[i][m[2]:m[3]]) == program {
					test[i] = test[i][:m[3]] + " " + strings.Join(options, " ") + test[i][m[3]:]
					return test
				}
			}
		}
	}
	return test
}

// programIn finds the programs of a shell's line: the first word, and the first behind an operator.
var programIn = lazyregexp.New(`(?:^|[;&|(!])\s*([\w./-]+)\s`)

var limitIn = lazyregexp.New(`((?:--max-time|--timeout)[ =]|(?:^|\s)-[a-zA-Z]*[mT] ?)[0-9.]+s?`)

// otherLimit puts a time limit in place of the one that a word has, of its own or as the value of the option before it.
func otherLimit(before, word, limit string) string {
	if _, ok := seconds(word); ok && limitIn().MatchString(before+" 1") {
		return limit
	}
	return limitIn().ReplaceAllString(word, "${1}"+limit)
}
