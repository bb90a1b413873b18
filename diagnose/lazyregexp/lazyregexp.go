// Package lazyregexp keeps regular expressions from being compiled before they are
// needed. Most commands need few of them, and each costs the start of the program
// 10 to 60 µs and some KB: together they were a seventh of it (docs/performance.md).
//
//	var curlStatus = lazyregexp.New(`returned error: (\d{3})`)
//	…
//	curlStatus().FindStringSubmatch("curl: (22) The requested URL returned error: 503")
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that compiles an expression with its first call. That
// panics where it is none, as [regexp.MustCompile] does; it may be called by several
// goroutines.
func New(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
