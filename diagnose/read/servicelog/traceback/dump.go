package traceback

import (
	"bytes"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
)

// Dump reads what faulthandler and Py_FatalError print after their first line. Frames come innermost first, without
// the comma of a traceback (https://docs.python.org/3/library/faulthandler.html):
//
//	Fatal Python error: Segmentation fault
//
//	Current thread 0x00007f8f1ac6f040 (most recent call first):
//	  File "<string>", line 1 in <module>
type Dump struct {
	typ     string
	message string
	frames  []Frame
	current bool // inside the thread that counts
	done    bool // that thread has been read
	lines   int
}

// NewDump reads what follows the line that announces it.
func NewDump(msg []byte) *Dump {
	typ, text, _ := bytes.Cut(msg, []byte(": "))
	if !bytes.HasPrefix(msg, []byte("Fatal")) {
		typ, text = []byte("Timeout"), msg
	}
	return &Dump{typ: excerpt.Name(typ), message: excerpt.Message(text)}
}

var dumpLines = [][]byte{[]byte("Python runtime state:"), []byte("Extension modules:"), []byte("  ..."), []byte("  <"),
	[]byte("  Binary file "), []byte("Current thread's C stack trace"),
	[]byte("ModuleNotFoundError: No module named 'encodings'"),
	[]byte("RecursionError: "), []byte("MemoryError")}

// Feed offers the next line of the stream.
func (d *Dump) Feed(text []byte) Verdict {
	if d.lines++; d.lines > maxTracebackLines {
		return Closed
	}
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		d.done = d.done || d.current && len(d.frames) > 0
		d.current = d.current && !d.done
		return Taken
	case bytes.HasPrefix(text, []byte("Current thread 0x")):
		d.frames, d.current, d.done = nil, true, false
		return Taken
	case bytes.HasPrefix(text, []byte("Thread 0x")):
		d.done = d.done || d.current && len(d.frames) > 0
		d.current = !d.done && len(d.frames) == 0
		return Taken
	}
	if f, ok := ParseFrame(bytes.TrimLeft(text, " ")); ok && text[0] == ' ' {
		if d.current && len(d.frames) < MaxFrames {
			d.frames = append(d.frames, f)
		}
		return Taken
	}
	if HasAnyPrefix(text, dumpLines) {
		return Taken
	}
	return Closed
}

// Exception returns what was read.
func (d *Dump) Exception() *Exception {
	frames := slices.Clone(d.frames)
	slices.Reverse(frames)
	return &Exception{Type: d.typ, Message: d.message, Chain: []string{excerpt.Of(d.typ+": "+d.message, MaxChainEntry)},
		Frames: frames}
}
