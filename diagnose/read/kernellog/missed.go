package kernellog

import (
	"bytes"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
)

// unmistakable are texts that nobody but a kernel prints, and those who copy it.
var unmistakable = [...][]byte{
	[]byte("oom-kill:constraint="), []byte(" invoked oom-killer: gfp_mask="), []byte(") total-vm:"),
	[]byte("]: segfault at "),
	[]byte(" killed as a result of limit of "), []byte("] general protection fault ip:"),
}

// killBeginning stands in a kill line, up to the digits of the victim.
var killBeginning = []byte("ut of memory: Killed process ")

// holdsKill tells where a kill line begins that has at least a digit of its victim: one that a terminal's width or
// the log's end cut off before the name is still no "nothing found".
func holdsKill(whole []byte) int {
	at := bytes.Index(whole, killBeginning)
	if end := at + len(killBeginning); at < 0 || end >= len(whole) || whole[end] < '0' || whole[end] > '9' {
		return -1
	}
	return at
}

// missed are lines that hold one of those and of which nothing was understood: silence
// about them would be a false "nothing found".
type missed struct {
	lines int
	first int    // number of the first one
	text  string // of it
}

// see counts a line that means nothing to any parser, if it should. One with nothing
// but the kernel's own stamp before it is of a form that is known: those are skipped by
// the thousand, unread, unless one of the log's head was such a line.
func (m *missed) see(l *line, whole []byte, head int) {
	if l.plain && l.no > head && m.lines == 0 && prefixClass(whole) != oomKilled {
		return
	}
	at := holdsKill(whole)
	for i := 0; at < 0 && i < len(unmistakable); i++ {
		at = bytes.Index(whole, unmistakable[i])
	}
	if at < 0 {
		return
	}
	if m.lines++; m.lines == 1 {
		m.first, m.text = l.no, around(whole, at)
	}
}

// around is an excerpt of a line that shows what it holds at a place.
func around(whole []byte, at int) string {
	const before, size = 60, 160
	from := max(at-before, 0)
	to := min(from+size, len(whole))
	text := excerptOf(whole[from:to])
	if from > 0 {
		text = "… " + text
	}
	if to < len(whole) {
		text += " …"
	}
	return text
}

// note is what is said of them.
func (m *missed) note(deep int) *Note {
	if m.lines == 0 {
		return nil
	}
	lines, look, such := fmt.Sprintf("%d lines", m.lines), "look like lines", "forms that I do not know"
	if m.lines == 1 {
		lines, look, such = "1 line", "looks like a line", "a form that I do not know"
	}
	if deep > 0 {
		such += fmt.Sprintf(", or stand in more than %d headers one in another, which are not opened further",
			envelope.MaxDepth)
	}
	return &Note{Kind: NoteNotUnderstood, Count: m.lines, Detail: fmt.Sprintf(
		"%s %s of the kernel about OOM kills or crashes, in %s; the first is line %d: %s", lines, look, such, m.first,
		m.text)}
}
