package envelope

import (
	"bytes"
	"errors"
	"io"
)

const (
	firstRead = 16 << 10
	// MaxLine is how many bytes of a message are kept; what is longer is cut.
	MaxLine = 64 << 10
	// maxRaw is how many are kept of a line with what stands around its message.
	maxRaw = 3 * MaxLine
)

// lineReader cuts a stream at its line ends, in bounded memory.
type lineReader struct {
	r          io.Reader
	buf        []byte
	start, end int // buf[start:end] has been read and not given out
	searched   int // of these, bytes known to hold no line end
	err        error
	long       []byte // the line that did not fit, reused
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: r, buf: make([]byte, firstRead)}
}

// next returns a line without its end, valid until the next call. What a line has beyond maxRaw bytes is
// read and dropped, and cut is true. At the end of the input the last line comes with a nil error, then io.EOF.
func (l *lineReader) next() (line []byte, cut bool, err error) {
	for {
		window := l.buf[l.start:l.end]
		if i := bytes.IndexByte(window[l.searched:], '\n'); i >= 0 {
			line := window[: l.searched+i : l.searched+i]
			l.start += l.searched + i + 1
			l.searched = 0
			return line, false, nil
		}
		l.searched = len(window)
		if len(window) >= maxRaw {
			return l.overlong()
		}
		if l.err == nil {
			l.fill()
			continue
		}
		if errors.Is(l.err, ErrPause) {
			l.err = nil
			return nil, false, ErrPause
		}
		if len(window) > 0 {
			l.start, l.searched = l.end, 0
			return window, false, nil
		}
		return nil, false, l.err
	}
}

// overlong gives out the start of a line that is longer than we keep and skips to its end.
func (l *lineReader) overlong() (line []byte, cut bool, err error) {
	l.long = append(l.long[:0], l.buf[l.start:l.start+maxRaw]...)
	for {
		if i := bytes.IndexByte(l.buf[l.start:l.end], '\n'); i >= 0 {
			l.start += i + 1
			break
		}
		l.start = l.end
		if l.err != nil && !errors.Is(l.err, ErrPause) {
			break
		}
		l.err = nil
		l.fill()
	}
	l.searched = 0
	return l.long, true, nil
}

// fill reads once more, and moves what is left to the front to make room. A buffer that was filled grows, so that a
// short log takes little memory.
func (l *lineReader) fill() {
	buf := l.buf
	if l.end == len(buf) && len(buf) < readSize {
		buf = make([]byte, min(16*len(buf), readSize))
	}
	l.end = copy(buf, l.buf[l.start:l.end])
	l.buf, l.start = buf, 0
	for range maxEmptyReads {
		n, err := l.r.Read(l.buf[l.end:])
		l.end += n
		l.err = err
		if n > 0 || err != nil {
			return
		}
	}
	l.err = io.ErrNoProgress
}

// window returns what comes next, at least n bytes of it where the input has them now, without taking it.
func (l *lineReader) window(n int) []byte {
	for l.end-l.start < n && l.err == nil {
		l.fill()
	}
	return l.buf[l.start:l.end]
}

// peek returns up to n bytes of what comes next without taking them. What may be the start of a frame is waited for
// over pauses, text is not.
func (l *lineReader) peek(n int) []byte {
	for l.end-l.start < n {
		paused := errors.Is(l.err, ErrPause)
		if l.err != nil && !paused || paused && l.end > l.start && l.buf[l.start] >= ' ' {
			break
		}
		l.fill()
	}
	return l.buf[l.start:min(l.start+n, l.end)]
}

// take fills p and returns how much of it the input had. With wait it sits pauses out; without, a pause before the
// first byte is returned: in the middle of a frame there is nothing else to do than to wait.
func (l *lineReader) take(p []byte, wait bool) (n int, err error) {
	for n < len(p) {
		if l.start == l.end {
			if err := l.more(); err != nil && (!errors.Is(err, ErrPause) || !wait && n == 0) {
				return n, err
			}
			continue
		}
		copied := copy(p[n:], l.buf[l.start:l.end])
		l.start += copied
		n += copied
	}
	return n, nil
}

// skip drops n bytes.
func (l *lineReader) skip(n int64) error {
	for n > 0 {
		if l.start == l.end {
			if err := l.more(); err != nil && !errors.Is(err, ErrPause) {
				return err
			}
			continue
		}
		step := min(n, int64(l.end-l.start))
		l.start += int(step)
		n -= step
	}
	return nil
}

// more reads once into an empty buffer. A pause is told once, every other error for ever.
func (l *lineReader) more() error {
	if l.err == nil {
		l.fill()
	}
	err := l.err
	if errors.Is(err, ErrPause) {
		l.err = nil
	}
	if l.start < l.end {
		return nil
	}
	return err
}
