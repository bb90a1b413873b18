package servicelog

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

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
func loggingKind(e *traceback.Exception) string {
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
