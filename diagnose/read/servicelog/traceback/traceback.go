package traceback

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
)

// Verdict is what a block says to the next line.
type Verdict uint8

// The verdicts.
const (
	Taken   Verdict = iota // the line belongs to the block
	Foreign                // it does not, but the block may go on after it
	Closed                 // it does not, and the block is over
)

const (
	maxTracebackLines = 5000
	maxForeign        = 24 // lines of other threads inside one traceback
	maxContinuation   = 40 // further lines of one exception's text
	wrappedIndent     = 10 // fastapi-cli hangs everything at 13 columns
)

type tbState uint8

const (
	tbFrames tbState = iota // between a header and its exception line
	tbAfter                 // after an exception line
	tbBlank                 // after the blank line that follows it
	tbHeader                // a chain sentence or a group separator announced another one
)

// Reader reads one stdlib traceback with its chain (docs/notes/PYTHON.md#4.3):
//
//	Traceback (most recent call last):
//	  File "/srv/app/apps.py", line 8, in lifespan
//	    raise RuntimeError('cannot reach redis at redis:6379')
//	RuntimeError: cannot reach redis at redis:6379
type Reader struct {
	segs    []Segment
	cur     Segment
	state   tbState
	base    int // indentation of header and exception line; -1: not known yet
	group   bool
	lines   int
	foreign int
	cont    int
	blanks  int
	fenced  bool // inside the quotes that billiard and multiprocessing put around a child's traceback
	mixed   bool // calls stand behind the exception: of another process that printed at the same time

	Excerpt string // of the last exception line
	ExcLine int    // its number
}

var (
	tbHead      = []byte("Traceback (most recent call last):")
	tbGroupHead = []byte("Exception Group Traceback (most recent call last):")
	causeText   = []byte("The above exception was the direct cause of the following exception:")
	contextText = []byte("During handling of the above exception, another exception occurred:")
)

// Header tells whether msg begins a traceback.
func Header(msg []byte) (group, ok bool) {
	if len(msg) < len(tbHead) {
		return false, false
	}
	msg = bytes.TrimLeft(msg, " |+")
	if bytes.HasPrefix(msg, tbHead) {
		return false, true
	}
	return true, bytes.HasPrefix(msg, tbGroupHead)
}

// HeaderEnds tells whether a traceback begins behind what else stands in msg: gunicorn -k asgi puts both on one line.
func HeaderEnds(msg []byte) bool { return bytes.HasSuffix(msg, tbHead) }

// NewReader reads what follows a header; group = that of an exception group.
func NewReader(group bool) *Reader {
	t := &Reader{base: -1, group: group}
	t.cur.Group = group
	return t
}

// Feed offers the next line of the stream, and its number.
func (t *Reader) Feed(text []byte, number int) Verdict {
	if t.lines++; t.lines > maxTracebackLines {
		return Closed
	}
	whole := text
	if t.group {
		if sep, rest := margin(text); sep {
			return t.separator(text)
		} else if rest != nil {
			text = rest
		}
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return t.blank()
	}
	switch t.state {
	case tbFrames:
		return t.inFrames(text, whole, number)
	case tbHeader:
		return t.expectHeader(text, whole, number)
	}
	return t.afterException(text)
}

// margin takes "  | " off a line of an exception group; sep is true for the "+---- 1 ----" between sub-exceptions.
func margin(line []byte) (sep bool, rest []byte) {
	b := bytes.TrimLeft(line, " ")
	switch {
	case len(b) == 0 || len(b) == len(line) && b[0] != '|':
		return false, nil
	case b[0] == '+' && len(b) > 1 && (b[1] == '-'):
		return true, nil
	case b[0] == '+':
		return false, bytes.TrimLeft(b[1:], " ")
	case b[0] == '|' && len(b) > 1 && b[1] == ' ':
		return false, b[2:]
	case b[0] == '|':
		return false, b[1:]
	}
	return false, nil
}

// separator handles the lines of dashes: with a number the next sub-exception begins, without one the group ends.
func (t *Reader) separator(text []byte) Verdict {
	t.push()
	t.base = -1
	if bytes.ContainsAny(text, "0123456789") {
		t.cur, t.state = Segment{leaf: true}, tbHeader
		return Taken
	}
	t.cur, t.state = Segment{}, tbBlank
	return Taken
}

func (t *Reader) blank() Verdict {
	if t.blanks++; t.blanks > maxContinuation {
		return Closed
	}
	if t.state == tbAfter {
		t.state = tbBlank
	}
	return Taken
}

func (t *Reader) inFrames(text, whole []byte, number int) Verdict {
	trimmed := bytes.TrimLeft(text, " \t")
	indent := len(text) - len(trimmed)
	if f, ok := ParseFrame(trimmed); ok {
		if t.base < 0 {
			t.base = max(indent-2, 0)
		}
		t.cur.addFrame(f)
		return Taken
	}
	if _, ok := Header(text); ok && t.cur.calls > 0 {
		return Closed
	}
	if indent > max(t.base, 0) || t.base < 0 && indent > 0 {
		if !carets(trimmed) {
			t.cur.addCode(trimmed)
		}
		return Taken
	}
	if t.base > 0 && indent == t.base && carets(trimmed) {
		return Taken
	}
	if indent == max(t.base, 0) && (t.base > 0 || prefix.Parse(text).Bare) {
		if typ, msg, ok := SplitException(bytes.TrimRight(trimmed, " ")); ok {
			t.setException(typ, msg, whole, number)
			return Taken
		}
		if t.wrapped() {
			t.cur.completeFrame(trimmed)
			return Taken // the end of a wrapped line
		}
	}
	if t.foreign++; t.foreign > maxForeign {
		return Closed
	}
	return Foreign
}

func (t *Reader) wrapped() bool { return t.base >= wrappedIndent }

// carets tells a line of carets under a source line.
func carets(b []byte) bool { return len(bytes.Trim(b, "^~ ")) == 0 }

func (t *Reader) setException(typ, msg, whole []byte, number int) {
	t.cur.Type, t.cur.Message = string(typ), string(msg[:min(len(msg), excerpt.MaxMessage)])
	t.state, t.cont, t.mixed = tbAfter, 0, false
	t.Excerpt, t.ExcLine = excerpt.Line(bytes.TrimLeft(whole, " |")), number
}

// continuations are the further lines that libraries put into an exception's text.
var continuations = [][]byte{[]byte("[SQL: "), []byte("[parameters: "), []byte("(Background on this error at: "),
	[]byte("DETAIL:"), []byte("HINT:"),
	[]byte("CONTEXT:"), []byte("LINE "), []byte("For further information visit ")}

// fence reads the quotes around the traceback of a child process. What announced it is only its envelope:
//
//	billiard.einfo.ExceptionWithTraceback:
//	"""
//	Traceback (most recent call last):
func (t *Reader) fence() Verdict {
	if t.fenced = !t.fenced; t.fenced {
		t.cur = Segment{Link: t.cur.Link}
		t.state, t.base, t.blanks = tbHeader, -1, 0
		return Taken
	}
	t.state = tbAfter
	return Taken
}

var fenceText = []byte(`"""`)

func (t *Reader) afterException(text []byte) Verdict {
	trimmed := bytes.TrimSpace(text)
	if bytes.Equal(trimmed, fenceText) {
		return t.fence()
	}
	if next := linkOf(trimmed); next != LinkNone {
		t.push()
		t.cur = Segment{Link: next}
		t.state, t.base, t.blanks = tbHeader, -1, 0
		return Taken
	}
	more := text[0] == ' ' || text[0] == '\t' || HasAnyPrefix(trimmed, continuations) || t.cur.validates() &&
		location(trimmed)
	if t.wrapped() {
		indent := len(text) - len(bytes.TrimLeft(text, " "))
		more = indent == t.base
	}
	if !more || t.state == tbBlank && text[0] == ' ' {
		return Closed
	}
	if t.cont++; t.cont > maxContinuation {
		return Closed
	}
	if _, ok := ParseFrame(trimmed); ok && !t.fenced {
		t.mixed = true
	}
	if t.mixed {
		return Taken
	}
	if room := excerpt.MaxMessage - len(t.cur.Message) - 1; room > 0 {
		t.cur.Message += " " + string(trimmed[:min(len(trimmed), room)])
	}
	return Taken
}

// location tells the line with which pydantic names a field, at the very left:
//
//	pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings
//	rag.rerank
//	  Field required [type=missing, input_value={}, input_type=dict]
func location(text []byte) bool {
	for _, c := range text {
		if !lex.IsWord(c) && bytes.IndexByte([]byte(".->[]` "), c) < 0 {
			return false
		}
	}
	return len(text) <= excerpt.MaxName
}

func (t *Reader) expectHeader(text, whole []byte, number int) Verdict {
	if group, ok := Header(text); ok {
		t.cur.Group = t.cur.Group || group
		t.group = t.group || group
		t.state = tbFrames
		return Taken
	}
	if !prefix.Parse(text).Bare {
		if t.foreign++; t.foreign > maxForeign {
			return Closed
		}
		return Foreign
	}
	if typ, msg, ok := SplitException(bytes.TrimRight(text, " ")); ok && t.group {
		t.setException(typ, msg, whole, number)
		return Taken
	}
	return Closed
}

func linkOf(text []byte) Link {
	switch {
	case bytes.Equal(text, causeText):
		return LinkCause
	case bytes.Equal(text, contextText):
		return LinkContext
	}
	return LinkNone
}

// push keeps the current exception if it got its exception line.
func (t *Reader) push() {
	if t.cur.Type == "" {
		return
	}
	if len(t.segs) == maxSegments {
		t.segs = append(t.segs[:maxSegments/2], t.segs[maxSegments/2+1:]...)
	}
	t.segs = append(t.segs, t.cur)
	t.cur = Segment{}
}

// Unfinished returns the calls of the exception whose own line did not come.
func (t *Reader) Unfinished() []Frame { return t.cur.Frames() }

// Finish returns everything read; a traceback without its exception line yields what came before it.
func (t *Reader) Finish() []Segment {
	t.push()
	return t.segs
}

// HasAnyPrefix tells whether b begins with one of some texts.
func HasAnyPrefix(b []byte, list [][]byte) bool {
	for _, p := range list {
		if bytes.HasPrefix(b, p) {
			return true
		}
	}
	return false
}
