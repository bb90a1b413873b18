package traceback

import (
	"bytes"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
)

const (
	maxSegments   = 16 // exceptions kept of one chain; Exception.Chain shows MaxChain of them
	MaxChain      = 8
	headFrames    = 8  // frames kept from the outside of a deep traceback …
	MaxFrames     = 32 // … and in all: the rest is what stands next to the fault
	MaxChainEntry = 200
)

// Exception is the effective exception of a traceback (docs/notes/PYTHON.md#4.3): the first of an explicit "direct
// cause" chain, the last of an implicit "During handling" chain, the first leaf of a group that is not a cancellation.
type Exception struct {
	Type, Message string
	Chain         []string // "Type: message", innermost first, at most 8
	Frames        []Frame  // outermost call first, at most 32: the first 8 and the last 24
	Direct        bool     // reached through an explicit "direct cause" link
}

// Frame is one call of a traceback.
type Frame struct {
	File     string
	Line     int
	Function string
}

// Link tells how an exception follows the one before it.
type Link uint8

// The links.
const (
	LinkNone    Link = iota
	LinkCause        // "The above exception was the direct cause …"
	LinkContext      // "During handling of the above exception …"
)

// Segment is one exception of a chain, as printed.
type Segment struct {
	Type, Message string
	Link          Link
	Group         bool // is a group's own header
	Handler       bool // an application's exception handler raised this

	head  []Frame // the first frames
	tail  []Frame // a ring of the last ones
	calls int     // frames seen
	leaf  bool    // starts a sub-exception of a group

	handlerNext bool // the next frame, if it is application code, is an exception handler
	handlerSeen bool // any later application frame is one
}

// Frames returns the kept frames, outermost first.
func (s *Segment) Frames() []Frame {
	out := append([]Frame(nil), s.head...)
	if n := s.calls - headFrames; n > len(s.tail) && len(s.tail) > 0 {
		at := n % len(s.tail)
		return append(append(out, s.tail[at:]...), s.tail[:at]...)
	}
	return append(out, s.tail...)
}

// Outermost returns the first frames, at most 8.
func (s *Segment) Outermost() []Frame { return s.head }

// Exception returns this one alone, whatever followed it.
func (s *Segment) Exception() *Exception {
	return &Exception{Type: excerpt.Name(s.Type), Message: excerpt.Message(s.Message),
		Frames: s.Frames()}
}

func (s *Segment) addFrame(f Frame) {
	if IsApp(f.File) && (s.handlerNext || s.handlerSeen) {
		s.Handler = true
	}
	s.handlerNext = isHandlerFile(f.File)
	if room := MaxFrames - headFrames; s.calls < headFrames {
		s.head = append(s.head, f)
	} else if len(s.tail) < room {
		s.tail = append(s.tail, f)
	} else {
		s.tail[(s.calls-headFrames)%room] = f
	}
	s.calls++
}

// completeFrame reads the rest of a frame line that fastapi-cli wrapped: `677, in lifespan`.
func (s *Segment) completeFrame(rest []byte) {
	if s.calls == 0 || s.calls > len(s.head) {
		return
	}
	f := &s.head[s.calls-1]
	no, name, ok := bytes.Cut(bytes.TrimRight(rest, " "), []byte(", in "))
	if n, numeric := lex.Number(no); ok && numeric && f.Function == "" {
		f.Line, f.Function = n, excerpt.Name(name)
	}
}

// addCode looks at the source line of the last frame. Starlette awaits a handler with "await handler(request, exc)",
// newer ones with "await handler(conn, exc)", and sends plain functions to a thread with "handler, request, exc"
// (starlette/_exception_handler.py, middleware/exceptions.py, middleware/errors.py).
func (s *Segment) addCode(code []byte) {
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

// IsApp tells the application's own code from libraries by where Python installs those.
func IsApp(file string) bool {
	for _, lib := range []string{"site-packages/", "dist-packages/", "/lib/python3", "<frozen ", "uvloop/"} {
		if strings.Contains(file, lib) {
			return false
		}
	}
	return file != ""
}

// short is the last component of the type.
func (s *Segment) short() string { return s.Type[strings.LastIndexByte(s.Type, '.')+1:] }

func (s *Segment) String() string {
	if s.Message == "" {
		return s.Type
	}
	return s.Type + ": " + s.Message
}

// wrapper types say that something failed, not what: the exception they were raised in the handling of is the
// effective one.
func (s *Segment) wrapper() bool {
	switch s.short() {
	case "LifespanFailureError", "HaltServer", "NoAppError":
		return true
	}
	return false
}

// validates tells pydantic's exceptions, whose text goes on at the left margin.
func (s *Segment) validates() bool {
	return s.short() == "ValidationError" && strings.Contains(s.Message, " validation error")
}

// cancelled exceptions are how asyncio stops a task: an artefact of wait_for where a chain begins with one.
func (s *Segment) cancelled() bool { return s.short() == "CancelledError" }

// ParseFrame reads `File "x", line 3, in f` and the form of faulthandler, `File "x", line 3 in f`.
func ParseFrame(text []byte) (Frame, bool) {
	text = bytes.TrimPrefix(text, []byte("> "))
	rest, ok := bytes.CutPrefix(text, []byte(`File "`))
	if !ok {
		return Frame{}, false
	}
	file, rest, ok := bytes.Cut(rest, []byte(`", line `))
	if !ok {
		// fastapi-cli wraps long frame lines: the file is all that is left.
		name, _, _ := bytes.Cut(rest, []byte(`"`))
		return Frame{File: excerpt.Name(name)}, true
	}
	f := Frame{File: excerpt.Name(file)}
	end := 0
	for end < len(rest) && lex.IsDigit(rest[end]) {
		end++
	}
	f.Line, _ = lex.Number(rest[:end])
	rest = bytes.TrimPrefix(rest[end:], []byte(","))
	if name, ok := bytes.CutPrefix(rest, []byte(" in ")); ok {
		f.Function = excerpt.Name(bytes.TrimSpace(name))
	}
	return f, true
}

// SplitException reads "pkg.Type: message" and the bare "pkg.Type". The type's last part starts with a capital or
// ends like an exception; builtins written in small letters do not exist.
func SplitException(text []byte) (typ, msg []byte, ok bool) {
	end, last := 0, 0
	for end < len(text) && (lex.IsWord(text[end]) || text[end] == '.' || text[end] == '<' || text[end] == '>') {
		if text[end] == '.' {
			last = end + 1
		}
		end++
	}
	if end == 0 || last >= end || lex.IsDigit(text[0]) || end > excerpt.MaxName {
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
func effective(segs []Segment, from, to int) (at int, direct bool) {
	at = to - 1
	for at > from {
		before := &segs[at-1]
		switch {
		case segs[at].Link == LinkCause && !before.cancelled():
			direct = true
		case segs[at].Link == LinkContext && segs[at].wrapper():
		default:
			return at, direct
		}
		at--
	}
	return at, direct
}

// Effective returns the effective exception of a whole traceback, nil where no exception line was seen.
func Effective(segs []Segment) *Exception {
	if len(segs) == 0 {
		return nil
	}
	from, to := leafBounds(segs)
	at, direct := effective(segs, from, to)
	s := &segs[at]
	return &Exception{Type: excerpt.Name(s.Type), Message: excerpt.Message(s.Message),
		Chain: chain(segs, from, to), Frames: s.Frames(), Direct: direct}
}

// leafBounds returns the chain of the first sub-exception that is not a cancellation; without a group, everything.
func leafBounds(segs []Segment) (from, to int) {
	for i := range segs {
		if !segs[i].leaf || segs[i].Group {
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
func chain(segs []Segment, from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, excerpt.Of(segs[i].String(), MaxChainEntry))
	}
	for i := from - 1; i >= 0; i-- {
		if segs[i].Group {
			out = append(out, excerpt.Of(segs[i].String(), MaxChainEntry))
		}
	}
	if len(out) > MaxChain {
		out = append(out[:MaxChain-1], out[len(out)-1])
	}
	return out
}
