package servicelog

import "bytes"

// verdict is what a block says to the next line.
type verdict uint8

const (
	taken   verdict = iota // the line belongs to the block
	foreign                // it does not, but the block may go on after it
	closed                 // it does not, and the block is over
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

// traceback reads one stdlib traceback with its chain (docs/notes/PYTHON.md#4.3):
//
//	Traceback (most recent call last):
//	  File "/srv/app/apps.py", line 8, in lifespan
//	    raise RuntimeError('cannot reach redis at redis:6379')
//	RuntimeError: cannot reach redis at redis:6379
type traceback struct {
	segs     []segment
	cur      segment
	state    tbState
	base     int // indentation of header and exception line; -1: not known yet
	group    bool
	lines    int
	foreign  int
	cont     int
	blanks   int
	fenced   bool // inside the quotes that billiard and multiprocessing put around a child's traceback
	mixed    bool // calls stand behind the exception: of another process that printed at the same time
	prefixed bool // the header carried a level: the traceback is a log message
	quoted   bool // a line of level INFO announced it: a report of something that ended nothing
	line     int
	at       int64
	timed    bool
	excerpt  string // of the last exception line
	excLine  int
}

var (
	tbHead      = []byte("Traceback (most recent call last):")
	tbGroupHead = []byte("Exception Group Traceback (most recent call last):")
	causeText   = []byte("The above exception was the direct cause of the following exception:")
	contextText = []byte("During handling of the above exception, another exception occurred:")
)

// tracebackHeader tells whether msg begins a traceback.
func tracebackHeader(msg []byte) (group, ok bool) {
	if len(msg) < len(tbHead) {
		return false, false
	}
	msg = bytes.TrimLeft(msg, " |+")
	if bytes.HasPrefix(msg, tbHead) {
		return false, true
	}
	return true, bytes.HasPrefix(msg, tbGroupHead)
}

func newTraceback(l *logical, group, prefixed bool) *traceback {
	t := &traceback{base: -1, group: group, prefixed: prefixed, line: l.number, at: l.at, timed: l.timed}
	t.cur.group = group
	return t
}

// feed offers the next line of the stream.
func (t *traceback) feed(l *logical) verdict {
	if t.lines++; t.lines > maxTracebackLines {
		return closed
	}
	text := l.text
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
		return t.inFrames(text, l)
	case tbHeader:
		return t.expectHeader(text, l)
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
func (t *traceback) separator(text []byte) verdict {
	t.push()
	t.base = -1
	if bytes.ContainsAny(text, "0123456789") {
		t.cur, t.state = segment{leaf: true}, tbHeader
		return taken
	}
	t.cur, t.state = segment{}, tbBlank
	return taken
}

func (t *traceback) blank() verdict {
	if t.blanks++; t.blanks > maxContinuation {
		return closed
	}
	if t.state == tbAfter {
		t.state = tbBlank
	}
	return taken
}

func (t *traceback) inFrames(text []byte, l *logical) verdict {
	trimmed := bytes.TrimLeft(text, " \t")
	indent := len(text) - len(trimmed)
	if f, ok := frame(trimmed); ok {
		if t.base < 0 {
			t.base = max(indent-2, 0)
		}
		t.cur.addFrame(f)
		return taken
	}
	if _, ok := tracebackHeader(text); ok && t.cur.calls > 0 {
		return closed
	}
	if indent > max(t.base, 0) || t.base < 0 && indent > 0 {
		if !carets(trimmed) {
			t.cur.addCode(trimmed)
		}
		return taken
	}
	if t.base > 0 && indent == t.base && carets(trimmed) {
		return taken
	}
	if indent == max(t.base, 0) && (t.base > 0 || parse(text).bare) {
		if typ, msg, ok := splitException(bytes.TrimRight(trimmed, " ")); ok {
			t.setException(typ, msg, l)
			return taken
		}
		if t.wrapped() {
			t.cur.completeFrame(trimmed)
			return taken // the end of a wrapped line
		}
	}
	if t.foreign++; t.foreign > maxForeign {
		return closed
	}
	return foreign
}

func (t *traceback) wrapped() bool { return t.base >= wrappedIndent }

// carets tells a line of carets under a source line.
func carets(b []byte) bool { return len(bytes.Trim(b, "^~ ")) == 0 }

func (t *traceback) setException(typ, msg []byte, l *logical) {
	t.cur.typ, t.cur.msg = string(typ), string(msg[:min(len(msg), maxMessage)])
	t.state, t.cont, t.mixed = tbAfter, 0, false
	t.excerpt, t.excLine = sanitise(bytes.TrimLeft(l.text, " |"), maxExcerpt), l.number
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
func (t *traceback) fence() verdict {
	if t.fenced = !t.fenced; t.fenced {
		t.cur = segment{link: t.cur.link}
		t.state, t.base, t.blanks = tbHeader, -1, 0
		return taken
	}
	t.state = tbAfter
	return taken
}

var fenceText = []byte(`"""`)

func (t *traceback) afterException(text []byte) verdict {
	trimmed := bytes.TrimSpace(text)
	if bytes.Equal(trimmed, fenceText) {
		return t.fence()
	}
	if next := linkOf(trimmed); next != linkNone {
		t.push()
		t.cur = segment{link: next}
		t.state, t.base, t.blanks = tbHeader, -1, 0
		return taken
	}
	more := text[0] == ' ' || text[0] == '\t' || hasAnyPrefix(trimmed, continuations) || t.cur.validates() &&
		location(trimmed)
	if t.wrapped() {
		indent := len(text) - len(bytes.TrimLeft(text, " "))
		more = indent == t.base
	}
	if !more || t.state == tbBlank && text[0] == ' ' {
		return closed
	}
	if t.cont++; t.cont > maxContinuation {
		return closed
	}
	if _, ok := frame(trimmed); ok && !t.fenced {
		t.mixed = true
	}
	if t.mixed {
		return taken
	}
	if room := maxMessage - len(t.cur.msg) - 1; room > 0 {
		t.cur.msg += " " + string(trimmed[:min(len(trimmed), room)])
	}
	return taken
}

// location tells the line with which pydantic names a field, at the very left:
//
//	pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings
//	rag.rerank
//	  Field required [type=missing, input_value={}, input_type=dict]
func location(text []byte) bool {
	for _, c := range text {
		if !isWord(c) && bytes.IndexByte([]byte(".->[]` "), c) < 0 {
			return false
		}
	}
	return len(text) <= maxName
}

func (t *traceback) expectHeader(text []byte, l *logical) verdict {
	if group, ok := tracebackHeader(text); ok {
		t.cur.group = t.cur.group || group
		t.group = t.group || group
		t.state = tbFrames
		return taken
	}
	if !parse(text).bare {
		if t.foreign++; t.foreign > maxForeign {
			return closed
		}
		return foreign
	}
	if typ, msg, ok := splitException(bytes.TrimRight(text, " ")); ok && t.group {
		t.setException(typ, msg, l)
		return taken
	}
	return closed
}

func linkOf(text []byte) link {
	switch {
	case bytes.Equal(text, causeText):
		return linkCause
	case bytes.Equal(text, contextText):
		return linkContext
	}
	return linkNone
}

// push keeps the current segment if it got its exception line.
func (t *traceback) push() {
	if t.cur.typ == "" {
		return
	}
	if len(t.segs) == maxSegments {
		t.segs = append(t.segs[:maxSegments/2], t.segs[maxSegments/2+1:]...)
	}
	t.segs = append(t.segs, t.cur)
	t.cur = segment{}
}

// finish returns everything read; a traceback without its exception line yields what came before it.
func (t *traceback) finish() []segment {
	t.push()
	return t.segs
}

func hasAnyPrefix(b []byte, list [][]byte) bool {
	for _, p := range list {
		if bytes.HasPrefix(b, p) {
			return true
		}
	}
	return false
}
