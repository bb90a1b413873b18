package servicelog

import "bytes"

// logBlock reads the block that logging prints about its own failure, from "--- Logging error ---" to "Arguments:",
// or loguru's, to "--- End of logging error ---". Nothing in it is matched but its exception: "Message:",
// "Arguments:" and "Record was:" echo the application's own text.
type logBlock struct {
	head   *sighting
	tb     *traceback
	loguru bool
	tail   bool // past the traceback
	lines  int
	stray  int // lines that fit nowhere: the block was cut off
}

const (
	maxLogBlock = 600 // lines after the traceback: a call stack is deep
	maxStray    = 12
)

func newLogBlock(head *sighting, msg []byte) *logBlock {
	return &logBlock{head: head, loguru: bytes.Contains(msg, []byte("in Loguru Handler"))}
}

func (b *logBlock) feed(l *logical) verdict {
	text := l.text
	if b.lines++; b.lines > maxTracebackLines || bytes.HasPrefix(text, []byte("--- Logging error")) {
		return closed
	}
	if b.loguru && bytes.HasPrefix(text, []byte("--- End of logging error ---")) {
		b.lines = maxTracebackLines
		return taken
	}
	if b.tb == nil {
		if group, ok := tracebackHeader(text); ok {
			b.tb = newTraceback(l, group, false)
			return taken
		}
		return b.strayLine(text)
	}
	if !b.tail && !bytes.HasPrefix(text, []byte("Call stack:")) {
		// Between the traceback and the call stack stand at most further lines of the exception's text.
		if v := b.tb.feed(l); v != closed {
			return v
		}
		return b.strayLine(text)
	}
	if !b.tail {
		b.tail, b.lines = true, maxTracebackLines-maxLogBlock
		return taken
	}
	if bytes.HasPrefix(text, []byte("Arguments: ")) {
		b.lines = maxTracebackLines
		return taken
	}
	if text := bytes.TrimSpace(text); len(text) > 0 && !parse(text).bare && l.text[0] != ' ' {
		return foreign
	}
	return taken
}

// strayLine bounds what an unfinished block may swallow.
func (b *logBlock) strayLine(text []byte) verdict {
	if b.stray++; b.stray > maxStray {
		return closed
	}
	if parse(text).level != levelNone {
		return foreign
	}
	return taken
}

// over tells that the last line of the block has been seen.
func (b *logBlock) over() bool { return b.lines >= maxTracebackLines }

// loggingKinds tell the blocks apart by their effective exception; the first that fits wins.
var loggingKinds = []struct {
	id, typ, text string
}{
	{"logging-disk-full", "", "[Errno 28]"},
	{"logging-read-only", "", "[Errno 30]"},
	{"logging-permission-denied", "", "[Errno 13]"},
	{"fd-exhausted", "", "[Errno 24]"},
	{"logging-closed-file", "ValueError", "I/O operation on closed file"},
	{"logging-broken-pipe", "BrokenPipeError", ""},
	{"logging-stream-blocked", "BlockingIOError", ""},
	{"logging-queue-full", "queue.Full", ""},
	{"logging-format-error", "TypeError", ""},
	{"logging-format-error", "KeyError", ""},
	{"logging-format-error", "ValueError", "Formatting field not found in record"},
	{"logging-format-error", "ValueError", "unsupported format character"},
	{"logging-format-error", "ValueError", "incomplete format"},
}

// loggingKind returns the ID for a block's exception.
func loggingKind(e *Exception) string {
	if e == nil {
		return "logging-error-block"
	}
	for _, k := range loggingKinds {
		if (k.typ == "" || k.typ == e.Type) && bytes.Contains([]byte(e.Message), []byte(k.text)) {
			return k.id
		}
	}
	return "logging-error-block"
}
