package servicelog

import (
	"bytes"
	"slices"
)

// dump reads what faulthandler and Py_FatalError print after their first line. Frames come innermost first, without
// the comma of a traceback (https://docs.python.org/3/library/faulthandler.html):
//
//	Fatal Python error: Segmentation fault
//
//	Current thread 0x00007f8f1ac6f040 (most recent call first):
//	  File "<string>", line 1 in <module>
type dump struct {
	head    *sighting
	typ     string
	message string
	frames  []Frame
	current bool // inside the thread that counts
	done    bool // that thread has been read
	lines   int
}

func newDump(head *sighting, msg []byte) *dump {
	typ, text, _ := bytes.Cut(msg, []byte(": "))
	if !bytes.HasPrefix(msg, []byte("Fatal")) {
		typ, text = []byte("Timeout"), msg
	}
	return &dump{head: head, typ: sanitise(typ, maxName), message: sanitise(text, maxMessage)}
}

var dumpLines = [][]byte{[]byte("Python runtime state:"), []byte("Extension modules:"), []byte("  ..."), []byte("  <"),
	[]byte("  Binary file "), []byte("Current thread's C stack trace"),
	[]byte("ModuleNotFoundError: No module named 'encodings'"),
	[]byte("RecursionError: "), []byte("MemoryError")}

func (d *dump) feed(text []byte) verdict {
	if d.lines++; d.lines > maxTracebackLines {
		return closed
	}
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		d.done = d.done || d.current && len(d.frames) > 0
		d.current = d.current && !d.done
		return taken
	case bytes.HasPrefix(text, []byte("Current thread 0x")):
		d.frames, d.current, d.done = nil, true, false
		return taken
	case bytes.HasPrefix(text, []byte("Thread 0x")):
		d.done = d.done || d.current && len(d.frames) > 0
		d.current = !d.done && len(d.frames) == 0
		return taken
	}
	if f, ok := frame(bytes.TrimLeft(text, " ")); ok && text[0] == ' ' {
		if d.current && len(d.frames) < maxFrames {
			d.frames = append(d.frames, f)
		}
		return taken
	}
	if hasAnyPrefix(text, dumpLines) {
		return taken
	}
	return closed
}

func (d *dump) exception() *Exception {
	frames := slices.Clone(d.frames)
	slices.Reverse(frames)
	return &Exception{Type: d.typ, Message: d.message, Chain: []string{sanitise(d.typ+": "+d.message, maxChainEntry)},
		Frames: frames}
}
