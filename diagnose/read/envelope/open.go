package envelope

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// MaxDepth bounds the envelopes that are taken off one line: a node's syslog in a container's log in an export … Deeper
// ones are somebody's joke, and stay part of the message.
const MaxDepth = 8

// Opener opens the lines of one log. The zero value knows nothing of the log yet.
type Opener struct {
	// Known tells whether a text begins with a message that the reader of the log knows, or, where inside is true, has
	// one anywhere; nil: none is known. In a text that a person put together it parts messages from marks and prose.
	Known func(text []byte, inside bool) bool

	clock   stamp.Clock
	scratch [MaxDepth][]byte // decoded texts, one for each depth, reused

	learned learned
	dateBuf [32]byte
	last    origin  // of the line before, for lines that go on with its record
	bare    int     // lines in a row without an envelope
	deep    int     // lines of which not all envelopes were taken off
	joining bool    // a message waits for its last part, so what the runtime wrapped is not opened further
	blind   int     // records in a row without a text
	traced  bool    // the last record was a line of a traceback that goes on
	columns columns // of rich, in the lines before
}

// NewOpener returns an opener that reads stamps as clock says.
func NewOpener(clock stamp.Clock) *Opener { return &Opener{clock: clock} }

// Open fills l from one line without its end. What it does not know stays part of the message: it never fails.
func (o *Opener) Open(text []byte, l *Line) {
	l.reset(text)
	if len(text) == 0 {
		return
	}
	o.learned.strip(o, l)
	o.reopen(l)
	if o.learned.pasted && o.pasted(l) {
		o.reopen(l)
	}
	if l.Depth == MaxDepth && o.begins(l.Text) {
		o.deep++
	}
	o.lastly(l, len(text))
}

// Notes returns what is to be said of the log as a whole, of what was read until now.
func (o *Opener) Notes() (notes []Note) {
	if o.deep > 0 {
		notes = append(notes, NoteDeep)
	}
	if order := o.clock.Order; order != stamp.OrderUnknown {
		notes = append(notes, [...]Note{stamp.DayFirst: NoteDayFirst, stamp.MonthFirst: NoteMonthFirst,
			stamp.OrderGuessed: NoteDayGuessed}[order])
	}
	return notes
}

// Date reads a date in digits at the start of b (Clock.Date).
func (o *Opener) Date(b []byte) (stamp.Time, int) { return o.clock.Date(b) }

// Deep is how many lines stood in more envelopes than MaxDepth, the innermost of which are part of their message.
func (o *Opener) Deep() int { return o.deep }

// reopen takes off what envelopes are left, also of a message that was joined from its parts.
func (o *Opener) reopen(l *Line) {
	for l.Depth < MaxDepth && len(l.Text) > 0 && !l.Part && !(l.piece && o.joining) && o.evident(l) {
		l.Depth++
	}
}

// evident takes one envelope off that shows by its own shape, whatever the log is, and tells whether there was one.
func (o *Opener) evident(l *Line) bool {
	if l.Record {
		return false // what an application's logger wrote is message
	}
	switch c := l.Text[0]; {
	case c >= '0' && c <= '9':
		return o.dated(l) || piped(l) || addressed(l)
	case lex.IsLetter(c):
		return o.lettered(l)
	case c == '{':
		return o.object(l)
	case c == '[':
		return o.bracketed(l)
	case c == '<':
		return o.prioritised(l)
	case c == '"':
		return o.text(l)
	case c == '(':
		return workerPrefix(l)
	case c == 0x1e: // RFC 7464
		l.Text = l.Text[1:]
		return true
	case c == ' ' || c == '\t':
		return o.indented(l)
	case c == 0xe2:
		return o.boxed(l) || o.worded(l)
	case c >= 0x80:
		return o.worded(l)
	}
	return false
}

// text opens a whole text that was pasted as one JSON string, with the ends of its lines escaped.
func (o *Opener) text(l *Line) bool {
	b := bytes.TrimRight(l.Text, " ,")
	if jsontext.StringEnd(b) != len(b) || !bytes.Contains(b, []byte(`\n`)) {
		return false
	}
	n := l.Depth % MaxDepth
	o.scratch[n] = jsontext.AppendString(o.scratch[n][:0], b[1:len(b)-1])
	l.Text = bytes.TrimRight(o.scratch[n], "\n")
	return true
}

// lettered opens what begins with a letter. Few lines have more than a look at their first word.
func (o *Opener) lettered(l *Line) bool {
	b := l.Text
	end := 0
	for end < len(b) && nameByte[b[end]] {
		end++
	}
	if end == len(b) {
		return false
	}
	switch c := b[end]; {
	case c == ' ' || c == '|':
		return piped(l) || b[0] == 'm' && repeated(l) || o.worded(l)
	case c == '=':
		return o.logfmt(l)
	case c == ':':
		return string(b[:end]) == "data" && bytes.HasPrefix(b[end:], []byte(": {")) && l.cut(end+2)
	case c == ',' || c >= 0x80:
		return o.worded(l)
	}
	return false
}

// nameByte are the bytes of the names of containers, replicas and processes.
var nameByte = func() (t [256]bool) {
	for c := range t {
		t[c] = lex.IsWord(byte(c)) || bytes.IndexByte([]byte(".-@/"), byte(c)) >= 0
	}
	return t
}()

// cut takes n bytes off the front of the text.
func (l *Line) cut(n int) bool {
	l.Text = l.Text[n:]
	return true
}

// worded opens what begins with a date that names its month.
func (o *Opener) worded(l *Line) bool {
	s, n := o.clock.Words(l.Text)
	if n == 0 || n == len(l.Text) || l.Text[n] != ' ' && l.Text[n] != ':' {
		return false
	}
	rest := bytes.TrimPrefix(l.Text[n:], []byte(":"))
	rest = bytes.TrimPrefix(rest, []byte(" "))
	return o.afterTime(l, s, rest, true)
}

// dated opens what begins with a time in digits.
func (o *Opener) dated(l *Line) bool {
	b := l.Text
	if s, n := o.clock.Date(b); n > 0 {
		if n == len(b) {
			return false
		}
		if b[n] == '{' { // logcli and promtail put labels right behind it
			return o.afterTime(l, s, b[n:], false)
		}
		if b[n] != ' ' && b[n] != '\t' {
			return false
		}
		return o.afterTime(l, s, b[n+1:], false) || nineDigits(b[:n]) && timeOnly(l, s, n)
	}
	if stamp.IsClock(b) { // honcho and foreman print the time of day alone
		_, n := stamp.Fraction(b, 8)
		rest := b[n:]
		if len(rest) < 2 || rest[0] != ' ' {
			return o.worded(l)
		}
		whole := l.Text
		if l.Text = rest[1:]; piped(l) {
			return true
		}
		l.Text = whole
		return false
	}
	if n := bytes.IndexByte(b[:min(len(b), 24)], ' '); n >= 9 {
		if s, ok := stamp.Unix(b[:n]); ok {
			return o.afterTime(l, s, b[n+1:], false)
		}
	}
	return o.worded(l)
}

// nineDigits tells whether b is a time as runtimes write it: a date with 'T', nine digits and a zone. No logger does.
func nineDigits(b []byte) bool {
	const n = len("2026-11-23T09:06:15.123456789")
	return len(b) > n && b[10] == 'T' && b[19] == '.' && !lex.IsDigit(b[n])
}

// timeOnly takes a time off behind which the message begins. A stream behind it would be the CRI's, whose tag is
// missing.
func timeOnly(l *Line, s stamp.Time, n int) bool {
	if rest := l.Text[n+1:]; len(rest) > 6 && rest[6] == ' ' {
		if _, ok := streamOf(rest[:6]); ok {
			return false
		}
	}
	l.stamped(s)
	return l.cut(n + 1)
}

// origin is what a line of its own would inherit from the one above.
type origin struct {
	known bool
	width int // of the header
	line  Line
	names []byte // what the slices of line point into
}

// forget is how many lines without an envelope, one after the other, are believed to go on with a record.
const forget = 2000

// minHeader is how wide a header is at least, to be told from the indentation of a message.
const minHeader = 16

// lastly lets a line that has no envelope go on with the record above it: a traceback that a shipper prints as it
// came, a message of several lines, the output below supervisord's header.
func (o *Opener) lastly(l *Line, whole int) {
	if l.Depth > 0 {
		o.bare = 0
		o.last.keep(l)
		o.last.width = whole - len(l.Text)
		return
	}
	if !o.last.known {
		return
	}
	if o.bare++; o.bare > forget {
		o.last.known = false
		return
	}
	from := &o.last.line
	l.Continued = true
	if n := o.last.width; n > minHeader && lex.Blanks(l.Text) >= n {
		l.Text = l.Text[n:] // journalctl sets the further lines of a message below its first
	}
	l.Stamp, l.Stream, l.PID = from.Stamp, from.Stream, from.PID
	l.Host, l.Service, l.Pod, l.Container, l.Program = from.Host, from.Service, from.Pod, from.Container, from.Program
}

// keep remembers a line's origin beyond the buffer that it points into.
func (g *origin) keep(l *Line) {
	same := g.known && bytes.Equal(g.line.Service, l.Service) && bytes.Equal(g.line.Pod, l.Pod) &&
		bytes.Equal(g.line.Container, l.Container) &&
		bytes.Equal(g.line.Host, l.Host) && bytes.Equal(g.line.Program, l.Program)
	g.known = true
	if same {
		g.line.Stamp, g.line.Stream, g.line.PID = l.Stamp, l.Stream, l.PID
		return
	}
	g.names = g.names[:0]
	for _, name := range [...][]byte{l.Service, l.Pod, l.Container, l.Host, l.Program} {
		g.names = append(g.names, name[:min(len(name), maxName)]...)
	}
	rest := g.names
	take := func(name []byte) []byte {
		n := min(len(name), maxName)
		part := rest[:n:n]
		rest = rest[n:]
		return part
	}
	g.line = Line{Stamp: l.Stamp, Stream: l.Stream, PID: l.PID}
	g.line.Service, g.line.Pod, g.line.Container, g.line.Host, g.line.Program = take(l.Service), take(l.Pod),
		take(l.Container), take(l.Host), take(l.Program)
}

// maxName bounds what is kept of a name.
const maxName = 256
