package servicelog

import (
	"bufio"
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

// framer turns the CRI form into logical lines with at most maxLine bytes a stream in memory.
type framer struct {
	r     *bufio.Reader
	clock clock
	parts [streams]partial
	long  []byte
	bytes int64
	ended bool
}

func newFramer(r io.Reader) *framer {
	return &framer{r: bufio.NewReaderSize(r, maxLine+maxHeader)}
}

// next returns the next logical line, io.EOF after the last one.
func (f *framer) next() (record, error) {
	for !f.ended {
		line, cut, err := f.physical()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				return record{}, err
			}
			f.ended = true
		}
		if err != nil && len(line) == 0 {
			break
		}
		if rec, done := f.join(line, cut); done {
			return rec, nil
		}
	}
	return f.flush()
}

// physical returns one line without its end. A line that does not fit the buffer is cut to it, the rest is read
// and dropped.
func (f *framer) physical() (line []byte, cut bool, err error) {
	line, err = f.r.ReadSlice('\n')
	f.bytes += int64(len(line))
	if errors.Is(err, bufio.ErrBufferFull) {
		f.long = append(f.long[:0], line...)
		line, cut = f.long, true
		for errors.Is(err, bufio.ErrBufferFull) {
			var rest []byte
			rest, err = f.r.ReadSlice('\n')
			f.bytes += int64(len(rest))
		}
	}
	return bytes.TrimRight(line, "\r\n"), cut, err
}

// join adds a physical line to its stream; done means that a logical line is complete.
func (f *framer) join(line []byte, cut bool) (rec record, done bool) {
	rec, part := f.header(line)
	rec.truncated = cut
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

// header takes the CRI header off: "<RFC 3339 time> <stream> <P|F>[:tag] text". A line without one is its own text.
func (f *framer) header(line []byte) (rec record, part bool) {
	plain := record{text: line}
	if len(line) < 30 || line[4] != '-' || line[10] != 'T' {
		return plain, false
	}
	end := bytes.IndexByte(line[:min(len(line), 40)], ' ')
	if end < 0 {
		return plain, false
	}
	at, ok := f.clock.parse(line[:end])
	rest := line[end+1:]
	if !ok || len(rest) < 8 || rest[6] != ' ' {
		return plain, false
	}
	rec = record{at: at, timed: true}
	switch string(rest[:6]) {
	case "stdout":
		rec.stream = streamOut
	case "stderr":
		rec.stream = streamErr
	default:
		return plain, false
	}
	tag := rest[7]
	if tag != 'P' && tag != 'F' {
		return plain, false
	}
	rest = rest[8:]
	if len(rest) > 0 && rest[0] == ':' {
		rest = rest[max(bytes.IndexByte(rest, ' '), 0):]
	}
	if len(rest) > 0 {
		if rest[0] != ' ' {
			return plain, false
		}
		rest = rest[1:]
	}
	rec.text = rest
	return rec, tag == 'P'
}
