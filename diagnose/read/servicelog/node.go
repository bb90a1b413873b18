package servicelog

import (
	"bytes"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"strings"
)

// script follows the three lines with which Node.js begins to tell of what ended it. The first alone may be anybody's;
// the caret under the source line makes it unmistakable:
//
//	/srv/app/server.js:12
//	  const total = order.total();
//	                      ^
//
//	TypeError: Cannot read properties of undefined (reading 'total')
type script struct {
	place *sighting // of the first line; nil = none is awaited
	lines int       // that came after it
}

// nodeThrow reads a line as one of the three, and opens the stack at the caret.
func (s *runScan) nodeThrow(ln *lane, p prefix.Line, l *logical) bool {
	if ln.script.place != nil {
		if ln.script.lines++; ln.script.lines == 1 {
			return false // the source line
		}
		place := ln.script.place
		ln.script = script{}
		if text := bytes.TrimSpace(l.text); len(text) > 0 && len(bytes.Trim(text, "^")) == 0 {
			s.openStack(ln, place)
			return true
		}
	}
	if p.Bare && scriptPlace(l.text) {
		ln.script = script{place: s.sight("node-uncaught", p, l)}
	}
	return false
}

// scriptPlace tells a line that is nothing but a script's path and a line in it.
func scriptPlace(line []byte) bool {
	if len(line) == 0 || len(line) > excerpt.MaxName || !lex.IsDigit(line[len(line)-1]) ||
		bytes.IndexByte(line, ' ') >= 0 {
		return false
	}
	text := string(line)
	for _, start := range []string{"/", "file:///", "node:", "evalmachine.", "[eval]", "[stdin]"} {
		if _, ok := sourcePlace(text); ok && strings.HasPrefix(text, start) {
			return true
		}
	}
	return false
}
