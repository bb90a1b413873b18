package servicelog

import (
	"bytes"
	"errors"
	"io"
)

const (
	maxLine   = 64 << 10 // bytes of one logical line; what is longer is cut
	maxHeader = 128      // room for the CRI header of a full line
)

// stream is where a line was written.
type stream uint8

const (
	streamUnknown stream = iota
	streamOut
	streamErr
	streams
)

func (s stream) String() string { return [...]string{"", "stdout", "stderr"}[s] }

// streamOf reads a stream's name.
func streamOf(name []byte) (stream, bool) {
	switch string(name) {
	case "stdout":
		return streamOut, true
	case "stderr":
		return streamErr, true
	}
	return streamUnknown, false
}

// record is one logical line. Its text is valid until the next call of next.
type record struct {
	at        int64 // Unix ns; meaningless unless timed
	timed     bool
	stream    stream
	text      []byte
	truncated bool
}

// partial is what came of a line whose last part has not.
type partial struct {
	record
	open bool
}

// pieces yields what the log's form makes of one line or frame: a whole line, or a part of one.
type pieces interface {
	next() (rec record, part bool, err error)
	read() int64 // bytes so far
}

// framer joins parts to logical lines, with at most maxLine bytes a stream in memory.
type framer struct {
	pieces
	parts [streams]partial
	ended bool
}

func newFramer(r io.Reader) *framer {
	lines := newLineReader(r)
	if isFrame(lines.peek(frameHeader)) {
		return &framer{pieces: &muxed{in: lines}}
	}
	return &framer{pieces: &textual{lines: lines}}
}

// next returns the next logical line, io.EOF after the last one, ErrPause where the reader did.
func (f *framer) next() (record, error) {
	for !f.ended {
		rec, part, err := f.pieces.next()
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			f.ended = true
			continue
		default:
			return record{}, err
		}
		if whole, done := f.join(rec, part); done {
			return whole, nil
		}
	}
	return f.flush()
}

// join adds a piece to its stream; done means that a logical line is complete.
func (f *framer) join(rec record, part bool) (whole record, done bool) {
	if len(rec.text) > maxLine {
		rec.text, rec.truncated = rec.text[:maxLine], true
	}
	open := &f.parts[rec.stream]
	if !open.open {
		if !part {
			return rec, true
		}
		buf := append(open.text[:0], rec.text...)
		open.record, open.open = rec, true
		open.text = buf
		return record{}, false
	}
	if room := maxLine - len(open.text); len(rec.text) > room {
		rec.text, rec.truncated = rec.text[:room], true
	}
	open.text = append(open.text, rec.text...)
	open.truncated = open.truncated || rec.truncated
	if part {
		return record{}, false
	}
	open.open = false
	return open.record, true
}

// flush returns the lines whose last part never came: the container's dying words often lack their line end.
func (f *framer) flush() (record, error) {
	for i := range f.parts {
		if f.parts[i].open {
			f.parts[i].open = false
			return f.parts[i].record, nil
		}
	}
	return record{}, io.EOF
}

// textual reads the forms that have a line for each piece; each line may be of another form.
type textual struct {
	lines *lineReader
	clock clock
	plain []byte // the unescaped text of a json-file line, reused
}

func (t *textual) read() int64 { return t.lines.bytes }

func (t *textual) next() (rec record, part bool, err error) {
	line, cut, err := t.lines.next()
	if err != nil {
		return record{}, false, err
	}
	rec, part = t.header(line)
	rec.truncated = cut
	return rec, part, nil
}

// header takes off what the runtime put around a line. A line without it is its own text.
func (t *textual) header(line []byte) (rec record, part bool) {
	switch {
	case len(line) < 30:
	case line[4] == '-' && line[10] == 'T':
		if rec, part, ok := t.cri(line); ok {
			return rec, part
		}
	case line[0] == '{':
		if rec, part, ok := t.jsonFile(line); ok {
			return rec, part
		}
	}
	return record{text: line}, false
}

// cri reads "<RFC 3339 time> <stream> <P|F>[:tag] text", and what `docker logs -t` and `kubectl logs --timestamps`
// leave of it: "<RFC 3339 time with nine digits> text".
func (t *textual) cri(line []byte) (rec record, part, ok bool) {
	end := bytes.IndexByte(line[:min(len(line), 40)], ' ')
	if end < 0 {
		return rec, false, false
	}
	at, ok := t.clock.parse(line[:end])
	if !ok {
		return rec, false, false
	}
	rec = record{at: at, timed: true}
	rest := line[end+1:]
	if len(rest) >= 8 && rest[6] == ' ' {
		if s, named := streamOf(rest[:6]); named {
			rec.stream = s
			if rec.text, part, ok = tagged(rest[7:]); ok {
				return rec, part, true
			}
			return rec, false, false
		}
	}
	const nineDigits = len("2026-11-23T19:14:00.123456789Z")
	rec.text = rest
	return rec, false, end >= nineDigits && line[19] == '.' && (line[29] == 'Z' || line[29] == '+' || line[29] == '-')
}

// tagged reads the tag of a CRI line, P for a part and F for the last one, and what follows it.
func tagged(rest []byte) (text []byte, part, ok bool) {
	tag := rest[0]
	if tag != 'P' && tag != 'F' {
		return nil, false, false
	}
	rest = rest[1:]
	if len(rest) > 0 && rest[0] == ':' {
		rest = rest[max(bytes.IndexByte(rest, ' '), 0):]
	}
	if len(rest) > 0 {
		if rest[0] != ' ' {
			return nil, false, false
		}
		rest = rest[1:]
	}
	return rest, tag == 'P', true
}
