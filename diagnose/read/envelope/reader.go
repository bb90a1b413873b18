package envelope

import (
	"bytes"
	"errors"
	"io"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/document"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// Options tells a Reader what the log alone does not.
type Options struct {
	Clock stamp.Clock
	// Live: the log is followed, so what was read last is all that there is for a while.
	Live bool
	// Known is the Opener's.
	Known func(text []byte, inside bool) bool
}

// Message is one line of a record.
type Message struct {
	Line
	// Within: the line is not the first of its record. More: it is not the last.
	Within, More bool
	Cut          bool // it was longer than MaxLine
}

// Reader reads a log message by message: what a runtime cut in parts is joined, a record of several lines is dealt out
// line by line, and every line comes with its envelope.
type Reader struct {
	unfolded *Unfolded
	lines    *lineReader
	frames   *muxed
	opener   *Opener
	begun    bool
	ended    bool

	now    Message // whose remaining lines are rest
	rest   []byte
	parts  []part
	opened int // of parts that wait for more

	doc     *document.JSON // a JSON document in the middle of a log
	docText []byte         // what it gave and was not opened yet
	docBuf  []byte

	wrap    []byte  // the message of a line that the next may go on with
	stashed Message // read while looking for that, not given out
	stash   bool
}

// part is what came of a message whose last part has not.
type part struct {
	origin
	source []byte
	stream Stream
	text   []byte
	cut    bool
	open   bool
	line   Line
}

const maxParts = 32 // messages that are open at a time; the oldest is given out as it is

// NewReader returns a reader of r, whose errors it passes on, ErrPause among them.
func NewReader(r io.Reader, opts Options) *Reader {
	u := Unfold(r, opts.Clock, opts.Live)
	o := NewOpener(opts.Clock)
	o.Known = opts.Known
	return &Reader{unfolded: u, lines: newLineReader(u), opener: o}
}

// Bytes is how much of the log was read.
func (r *Reader) Bytes() int64 { return r.unfolded.Bytes() }

// Notes returns what is to be said of the log as a whole, once it was read.
func (r *Reader) Notes() []Note {
	return append(r.unfolded.Notes(), r.opener.Notes()...)
}

// Prefix is how all lines of the log begin, where that was not understood; empty otherwise.
func (r *Reader) Prefix() []byte { return r.opener.Prefix() }

// Next fills m with the next message. It returns io.EOF after the last one, ErrPause where the reader of the log did.
func (r *Reader) Next(m *Message) error {
	for {
		if len(r.rest) > 0 {
			r.deal(m)
			return nil
		}
		if r.ended {
			return r.flush(m)
		}
		err := r.record(m)
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			r.ended = true
			continue
		default:
			return err
		}
		if (m.Part || r.opened > 0) && !r.join(m) {
			continue
		}
		r.finish(m)
		return nil
	}
}

// finish bounds a message, and gives out the first line of one that has several.
func (r *Reader) finish(m *Message) {
	if len(m.Text) > MaxLine {
		m.Text, m.Cut = m.Text[:MaxLine], true
	}
	if !m.Stamp.Known {
		r.loggerTime(m)
	}
	if m.Depth > 0 && bytes.IndexByte(m.Text, '\n') >= 0 {
		r.now, r.rest = *m, m.Text
		r.now.Within = false
		r.deal(m)
	}
}

// loggerTime takes the time of the logger's own prefix, where nothing around the message has one.
func (r *Reader) loggerTime(m *Message) {
	if b := m.Text; len(b) > 19 && (b[0] == '[' || lex.IsDigit(b[0])) {
		if s, ok := r.opener.loggerTime(b); ok {
			m.Stamp = s
		}
	}
}

// deal gives out the next line of a record of several.
func (r *Reader) deal(m *Message) {
	line, rest, _ := bytes.Cut(r.rest, []byte("\n"))
	r.rest = rest
	*m = r.now
	m.Text = Clean(line)
	if m.More = len(rest) > 0; m.More {
		m.Exception = nil // it is told with the last line
	}
	r.now.Within = true
}

// record opens the next record.
func (r *Reader) record(m *Message) error {
	if !r.begun {
		head := r.lines.peek(frameHeader)
		if r.begun = true; isFrame(head) {
			r.frames = &muxed{in: r.lines, clock: r.opener.clock}
		}
	}
	if r.frames != nil {
		return r.frame(m)
	}
	if r.stash {
		*m, r.stash = r.stashed, false
		return nil
	}
	if err := r.open(m); err != nil || !m.wraps {
		return err
	}
	return r.unwrap(m)
}

// open opens the next line.
func (r *Reader) open(m *Message) error {
	for {
		text, cut, err := r.text()
		if err != nil {
			return err
		}
		text = Clean(text)
		if isFence(text) {
			text = text[:0]
		}
		m.Within, m.More, m.Cut = false, false, cut
		r.opener.joining = r.opened > 0
		r.opener.Open(text, &m.Line)
		if !m.dropped {
			return nil
		}
	}
}

// text returns the next line: of a JSON document that began in the middle of the log, or the log's.
func (r *Reader) text() (line []byte, cut bool, err error) {
	for {
		if end := bytes.IndexByte(r.docText, '\n'); end >= 0 {
			line, r.docText = r.docText[:end], r.docText[end+1:]
			return line, false, nil
		}
		if r.doc == nil && r.opener.Wants() {
			r.opener.Learn(r.lines.window(LearnBytes))
		}
		line, cut, err = r.lines.next()
		if r.doc == nil && !beginsDocument(line) {
			return line, cut, err
		}
		if r.doc == nil {
			r.doc = &document.JSON{}
		}
		if err != nil {
			if errors.Is(err, ErrPause) {
				return nil, false, err
			}
			r.docBuf = r.doc.End(r.docBuf[:0])
		} else {
			r.docBuf = r.doc.Feed(r.docBuf[:0], line)
			r.docBuf = r.doc.Feed(r.docBuf, []byte("\n"))
		}
		if r.docText = r.docBuf; err != nil || r.doc.Idle() {
			r.doc = nil
		}
		if len(r.docText) == 0 && err != nil {
			return nil, false, err
		}
	}
}

// beginsDocument knows the first line of JSON that goes on over lines.
func beginsDocument(line []byte) bool {
	if len(line) == 2 && line[1] == '\r' {
		line = line[:1]
	}
	return len(line) == 1 && (line[0] == '{' || line[0] == '[')
}

// frame opens the next line of the engine's frames.
func (r *Reader) frame(m *Message) error {
	text, part, err := r.frames.next()
	if err != nil {
		return err
	}
	m.Within, m.More, m.Cut = false, false, r.frames.cut
	if text = Clean(text); part || r.opened > 0 {
		m.reset(text) // it is opened once it is whole
	} else {
		r.opener.Open(text, &m.Line)
	}
	m.Part, m.Stream = part, r.frames.stream // the engine is outside of all
	if r.frames.stamp.Known {
		m.Stamp = r.frames.stamp
	}
	return nil
}

// join adds m to its message and tells whether that is complete, in m.
func (r *Reader) join(m *Message) bool {
	p := r.partOf(m)
	if p == nil {
		if !m.Part { // another stream's: what stayed closed since a message waits for its parts
			r.opener.reopen(&m.Line)
			return true
		}
		p = r.newPart(m)
	}
	room := max(maxRaw-len(p.text), 0)
	p.cut = p.cut || m.Cut || len(m.Text) > room
	p.text = append(p.text, m.Text[:min(room, len(m.Text))]...)
	if m.Part {
		return false
	}
	r.take(p, m)
	return true
}

// take makes a message of its parts.
func (r *Reader) take(p *part, m *Message) {
	p.open = false
	r.opened--
	*m = Message{Line: p.line, Cut: p.cut}
	m.Text = p.text
	r.opener.reopen(&m.Line)
}

// partOf returns the open message that m goes on with, nil where there is none.
func (r *Reader) partOf(m *Message) *part {
	var buf [maxName]byte
	source := m.AppendSource(buf[:0])
	for i := range r.parts {
		if p := &r.parts[i]; p.open && p.stream == m.Stream && bytes.Equal(p.source, source) {
			return p
		}
	}
	return nil
}

func (r *Reader) newPart(m *Message) *part {
	at := 0
	for at < len(r.parts) && r.parts[at].open {
		at++
	}
	if at == maxParts {
		at = 0 // the oldest is given up: its last part never came
		r.opened--
	} else if at == len(r.parts) {
		r.parts = append(r.parts, part{})
	}
	p := &r.parts[at]
	p.keep(&m.Line)
	p.line = p.origin.line
	p.line.Facility, p.line.Level, p.line.Depth = m.Facility, m.Level, m.Depth
	p.source, p.stream = m.AppendSource(p.source[:0]), m.Stream
	p.text, p.cut, p.open = p.text[:0], false, true
	r.opened++
	return p
}

// flush gives out the messages whose last part never came: a container's dying words often lack their line end.
func (r *Reader) flush(m *Message) error {
	for i := range r.parts {
		if p := &r.parts[i]; p.open {
			r.take(p, m)
			r.finish(m)
			return nil
		}
	}
	return io.EOF
}

// unwrap joins the lines below one whose column was full with the rest of its message.
func (r *Reader) unwrap(m *Message) error {
	var kept origin
	kept.keep(&m.Line)
	level, depth, cut := m.Level, m.Depth, m.Cut
	r.wrap = append(r.wrap[:0], m.Text...)
	for {
		err := r.open(m)
		if err == nil && m.continues {
			if len(r.wrap) < MaxLine {
				r.wrap = append(append(r.wrap, ' '), m.Text...)
			}
			continue
		}
		if err == nil {
			r.stashed, r.stash = *m, true
		} else if !errors.Is(err, ErrPause) && !errors.Is(err, io.EOF) {
			return err
		}
		*m = Message{Line: kept.line, Cut: cut}
		m.Level, m.Facility, m.Depth, m.Text = level, -1, depth, r.wrap
		return nil
	}
}
