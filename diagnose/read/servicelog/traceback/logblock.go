package traceback

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
)

// LogBlock reads the block that logging prints about its own failure, from "--- Logging error ---" to "Arguments:",
// or loguru's, to "--- End of logging error ---". Nothing in it is matched but its exception: "Message:",
// "Arguments:" and "Record was:" echo the application's own text.
type LogBlock struct {
	tb     *Reader
	loguru bool
	tail   bool // past the traceback
	lines  int
	stray  int // lines that fit nowhere: the block was cut off
}

const (
	maxLogBlock = 600 // lines after the traceback: a call stack is deep
	maxStray    = 12
)

// NewLogBlock reads what follows the line that announces it.
func NewLogBlock(msg []byte) *LogBlock {
	return &LogBlock{loguru: bytes.Contains(msg, []byte("in Loguru Handler"))}
}

// Feed offers the next line of the stream, and its number.
func (b *LogBlock) Feed(text []byte, number int) Verdict {
	if b.lines++; b.lines > maxTracebackLines || bytes.HasPrefix(text, []byte("--- Logging error")) {
		return Closed
	}
	if b.loguru && bytes.HasPrefix(text, []byte("--- End of logging error ---")) {
		b.lines = maxTracebackLines
		return Taken
	}
	if b.tb == nil {
		if group, ok := Header(text); ok {
			b.tb = NewReader(group)
			return Taken
		}
		return b.strayLine(text)
	}
	if !b.tail && !bytes.HasPrefix(text, []byte("Call stack:")) {
		// Between the traceback and the call stack stand at most further lines of the exception's text.
		if v := b.tb.Feed(text, number); v != Closed {
			return v
		}
		return b.strayLine(text)
	}
	if !b.tail {
		b.tail, b.lines = true, maxTracebackLines-maxLogBlock
		return Taken
	}
	if bytes.HasPrefix(text, []byte("Arguments: ")) {
		b.lines = maxTracebackLines
		return Taken
	}
	if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && !prefix.Parse(trimmed).Bare && text[0] != ' ' {
		return Foreign
	}
	return Taken
}

// strayLine bounds what an unfinished block may swallow.
func (b *LogBlock) strayLine(text []byte) Verdict {
	if b.stray++; b.stray > maxStray {
		return Closed
	}
	if prefix.Parse(text).Level != prefix.None {
		return Foreign
	}
	return Taken
}

// Over tells that the last line of the block has been seen.
func (b *LogBlock) Over() bool { return b.lines >= maxTracebackLines }

// Exception returns the one that the block tells of; nil = it was cut off before.
func (b *LogBlock) Exception() *Exception {
	if b.tb == nil {
		return nil
	}
	return Effective(b.tb.Finish())
}
