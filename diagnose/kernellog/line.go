package kernellog

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"time"
)

// origin is who wrote a line, as far as its wrapping tells.
type origin uint8

const (
	fromUnknown origin = iota // the form has no facility: taken for the kernel's
	fromKernel
	fromAudit // the kernel's audit subsystem, by way of journald
	fromUser  // any facility but kern, any syslog program but "kernel"
)

// line is one physical line taken out of its wrappings.
type line struct {
	no     int
	msg    []byte // still escaped as esc says; valid until the next line is read
	esc    escaping
	origin origin
	ident  []byte // the syslog program of a fromUser line
	level  int    // syslog level 0..7; -1 = not told

	hasBoot bool
	boot    float64 // kernel clock, seconds
	fine    bool    // the stamp has microseconds
	wall    time.Time

	seq     int64 // of /dev/kmsg; -1 = not told
	joined  bool  // /dev/kmsg flag c or +: a piece of an earlier record
	indent  bool  // a later line of the record above, printed without a stamp
	bootID  []byte
	hidden  bool // the message was left out by the tool that wrote the log
	fromTab bool // journald JSON: boots are told by bootID, not by the clock
}

const maxLine = 256 << 10

// lineReader splits its input into lines of at most maxLine bytes.
type lineReader struct {
	in    *bufio.Reader
	bytes int64
	cut   int // lines that were longer
}

func newLineReader(r io.Reader) *lineReader {
	in := bufio.NewReaderSize(r, maxLine)
	if head, _ := in.Peek(2); len(head) == 2 && (head[0] == 0xff && head[1] == 0xfe || head[0] == 0xfe && head[1] == 0xff) {
		// PowerShell's > writes UTF-16.
		in = bufio.NewReaderSize(newUTF16Reader(in), maxLine)
	}
	if head, _ := in.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = in.Discard(3) // cannot fail: the bytes were peeked
	}
	return &lineReader{in: in}
}

// next returns the next line without its end. The bytes are overwritten by the
// following call. At the end of the input err is io.EOF, with the last line if it
// had no end.
func (r *lineReader) next() (text []byte, err error) {
	text, err = r.in.ReadSlice('\n')
	r.bytes += int64(len(text))
	if errors.Is(err, bufio.ErrBufferFull) {
		r.cut++
		text = bytes.Clone(text) // skipping the rest reuses the buffer
		for errors.Is(err, bufio.ErrBufferFull) {
			var rest []byte
			rest, err = r.in.ReadSlice('\n')
			r.bytes += int64(len(rest))
		}
	}
	return trimEnd(text), err
}

// trimEnd drops the line's end, and the NULs that pstore and serial consoles
// leave around it.
func trimEnd(b []byte) []byte {
	for len(b) > 0 {
		switch b[len(b)-1] {
		case '\n', '\r', 0:
			b = b[:len(b)-1]
			continue
		}
		break
	}
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return b
}
