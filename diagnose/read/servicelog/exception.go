package servicelog

import (
	"bytes"
	"strings"
)

const (
	maxSegments   = 16 // exceptions kept of one chain; Exception.Chain shows maxChain of them
	maxChain      = 8
	headFrames    = 8  // frames kept from the outside of a deep traceback …
	maxFrames     = 32 // … and in all: the rest is what stands next to the fault
	maxMessage    = 1024
	maxChainEntry = 200
	maxName       = 256
)

// link tells how an exception follows the one before it.
type link uint8

const (
	linkNone    link = iota
	linkCause        // "The above exception was the direct cause …"
	linkContext      // "During handling of the above exception …"
)

// segment is one exception of a chain, as printed.
type segment struct {
	typ, msg string
	head     []Frame // the first frames
	tail     []Frame // a ring of the last ones
	calls    int     // frames seen
	link     link
	leaf     bool // starts a sub-exception of a group
	group    bool // is a group's own header

	handlerNext bool // the next frame, if it is application code, is an exception handler
	handlerSeen bool // any later application frame is one
	handler     bool // an application's exception handler raised this
}

// frames returns the kept frames, outermost first.
func (s *segment) frames() []Frame {
	out := append([]Frame(nil), s.head...)
	if n := s.calls - headFrames; n > len(s.tail) && len(s.tail) > 0 {
		at := n % len(s.tail)
		return append(append(out, s.tail[at:]...), s.tail[:at]...)
	}
	return append(out, s.tail...)
}

func (s *segment) addFrame(f Frame) {
	if isAppFile(f.File) && (s.handlerNext || s.handlerSeen) {
		s.handler = true
	}
	s.handlerNext = isHandlerFile(f.File)
	if room := maxFrames - headFrames; s.calls < headFrames {
		s.head = append(s.head, f)
	} else if len(s.tail) < room {
		s.tail = append(s.tail, f)
	} else {
		s.tail[(s.calls-headFrames)%room] = f
	}
	s.calls++
}

// completeFrame reads the rest of a frame line that fastapi-cli wrapped: `677, in lifespan`.
func (s *segment) completeFrame(rest []byte) {
	if s.calls == 0 || s.calls > len(s.head) {
		return
	}
	f := &s.head[s.calls-1]
	no, name, ok := bytes.Cut(bytes.TrimRight(rest, " "), []byte(", in "))
	if n, numeric := number(no); ok && numeric && f.Function == "" {
		f.Line, f.Function = n, sanitise(name, maxName)
	}
}

// addCode looks at the source line of the last frame. Starlette awaits a handler with "await handler(request, exc)",
// newer ones with "await handler(conn, exc)", and sends plain functions to a thread with "handler, request, exc"
// (starlette/_exception_handler.py, middleware/exceptions.py, middleware/errors.py).
func (s *segment) addCode(code []byte) {
	if !s.handlerNext {
		return
	}
	s.handlerNext = false
	if bytes.Contains(code, []byte("handler")) && bytes.Contains(code, []byte(", exc)")) {
		s.handlerSeen = true
	}
}

func isHandlerFile(file string) bool {
	return strings.Contains(file, "starlette/") && (strings.HasSuffix(file, "/_exception_handler.py") ||
		strings.HasSuffix(file, "/middleware/exceptions.py") || strings.HasSuffix(file, "/middleware/errors.py") ||
		strings.HasSuffix(file, "starlette/exceptions.py"))
}

// isAppFile tells the application's own code from libraries by where Python installs those.
func isAppFile(file string) bool {
	for _, lib := range []string{"site-packages/", "dist-packages/", "/lib/python3", "<frozen ", "uvloop/"} {
		if strings.Contains(file, lib) {
			return false
		}
	}
	return file != ""
}

// short is the last component of the type.
func (s *segment) short() string { return s.typ[strings.LastIndexByte(s.typ, '.')+1:] }

func (s *segment) String() string {
	if s.msg == "" {
		return s.typ
	}
	return s.typ + ": " + s.msg
}

// wrapper types say that something failed, not what: the exception they were raised in the handling of is the
// effective one.
func (s *segment) wrapper() bool {
	switch s.short() {
	case "LifespanFailureError", "HaltServer", "NoAppError":
		return true
	}
	return false
}

// validates tells pydantic's exceptions, whose text goes on at the left margin.
func (s *segment) validates() bool {
	return s.short() == "ValidationError" && strings.Contains(s.msg, " validation error")
}

// cancelled exceptions are how asyncio stops a task: an artefact of wait_for where a chain begins with one.
func (s *segment) cancelled() bool { return s.short() == "CancelledError" }

// frame reads `File "x", line 3, in f` and the form of faulthandler, `File "x", line 3 in f`.
func frame(text []byte) (Frame, bool) {
	text = bytes.TrimPrefix(text, []byte("> "))
	rest, ok := bytes.CutPrefix(text, []byte(`File "`))
	if !ok {
		return Frame{}, false
	}
	file, rest, ok := bytes.Cut(rest, []byte(`", line `))
	if !ok {
		// fastapi-cli wraps long frame lines: the file is all that is left.
		name, _, _ := bytes.Cut(rest, []byte(`"`))
		return Frame{File: sanitise(name, maxName)}, true
	}
	f := Frame{File: sanitise(file, maxName)}
	end := 0
	for end < len(rest) && isDigit(rest[end]) {
		end++
	}
	f.Line, _ = number(rest[:end])
	rest = bytes.TrimPrefix(rest[end:], []byte(","))
	if name, ok := bytes.CutPrefix(rest, []byte(" in ")); ok {
		f.Function = sanitise(bytes.TrimSpace(name), maxName)
	}
	return f, true
}

// splitException reads "pkg.Type: message" and the bare "pkg.Type". The type's last part starts with a capital or
// ends like an exception; builtins written in small letters do not exist.
func splitException(text []byte) (typ, msg []byte, ok bool) {
	end, last := 0, 0
	for end < len(text) && (isWord(text[end]) || text[end] == '.' || text[end] == '<' || text[end] == '>') {
		if text[end] == '.' {
			last = end + 1
		}
		end++
	}
	if end == 0 || last >= end || isDigit(text[0]) || end > maxName {
		return nil, nil, false
	}
	if c := text[last]; (c < 'A' || c > 'Z') && c != '_' && !bytes.HasSuffix(text[:end], []byte("rror")) &&
		!bytes.HasSuffix(text[:end], []byte("timeout")) {
		return nil, nil, false
	}
	if end == len(text) {
		return text, nil, true
	}
	if text[end] != ':' || end+1 < len(text) && text[end+1] != ' ' {
		return nil, nil, false
	}
	return text[:end], bytes.TrimSpace(text[end+1:]), true
}

// effective returns the index of the exception that counts within segs[from:to], and whether an explicit link led
// to it (docs/notes/PYTHON.md#4.3).
func effective(segs []segment, from, to int) (at int, direct bool) {
	at = to - 1
	for at > from {
		before := &segs[at-1]
		switch {
		case segs[at].link == linkCause && !before.cancelled():
			direct = true
		case segs[at].link == linkContext && segs[at].wrapper():
		default:
			return at, direct
		}
		at--
	}
	return at, direct
}

// exceptionOf returns the effective exception of a whole traceback, nil where no exception line was seen.
func exceptionOf(segs []segment) *Exception {
	if len(segs) == 0 {
		return nil
	}
	from, to := leafBounds(segs)
	at, direct := effective(segs, from, to)
	s := &segs[at]
	return &Exception{Type: sanitise(s.typ, maxName), Message: sanitise(s.msg, maxMessage),
		Chain: chain(segs, from, to), Frames: s.frames(), Direct: direct}
}

// leafBounds returns the chain of the first sub-exception that is not a cancellation; without a group, everything.
func leafBounds(segs []segment) (from, to int) {
	for i := range segs {
		if !segs[i].leaf || segs[i].group {
			continue
		}
		end := i + 1
		for end < len(segs) && !segs[end].leaf {
			end++
		}
		if at, _ := effective(segs, i, end); !segs[at].cancelled() {
			return i, end
		}
	}
	return 0, len(segs)
}

// chain lists the exceptions innermost first: those of the chosen leaf, then the groups around it.
func chain(segs []segment, from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, sanitise(segs[i].String(), maxChainEntry))
	}
	for i := from - 1; i >= 0; i-- {
		if segs[i].group {
			out = append(out, sanitise(segs[i].String(), maxChainEntry))
		}
	}
	if len(out) > maxChain {
		out = append(out[:maxChain-1], out[len(out)-1])
	}
	return out
}
