package servicelog

import (
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
)

const (
	tailLines = 20
	tailBytes = 4 * excerpt.MaxLine // raw bytes kept of a line: an excerpt only ever shortens
)

// tail keeps the last lines of a run without keeping the reader's buffer.
type tail struct {
	lines [tailLines]logical
	next  int
	count int
}

func (t *tail) add(l *logical) {
	slot := &t.lines[t.next]
	buf := append(slot.text[:0], l.text[:min(len(l.text), tailBytes)]...)
	*slot = *l
	slot.text = buf
	t.next = (t.next + 1) % tailLines
	t.count++
}

func (t *tail) list() []Line {
	n := min(t.count, tailLines)
	out := make([]Line, 0, n)
	for i := range n {
		l := &t.lines[(t.next-n+i+tailLines)%tailLines]
		out = append(out, Line{Number: l.number, At: instant(l.at, l.timed), Stream: l.stream.String(),
			Text: excerpt.Line(l.text), Quoted: l.shipped, Level: l.gravity})
	}
	return out
}
