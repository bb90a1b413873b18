package inside

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// libraries are parts of paths of what is not the program's own code.
var libraries = []string{"/site-packages/", "/dist-packages/", "/lib/python3", "/lib64/python3", "<frozen ",
	"/pyvenv/", "<string>"}

// Own tells whether a call is in the program's own code, not in a library's.
func Own(f evidence.Frame) bool {
	for _, part := range libraries {
		if strings.Contains(f.File, part) {
			return false
		}
	}
	return f.File != ""
}

// newestOwn is the program's own newest call; nil = there is none.
func NewestOwn(list []evidence.Frame) *evidence.Frame {
	for i := range list {
		if Own(list[i]) {
			return &list[i]
		}
	}
	return nil
}

func outermostOwn(list []evidence.Frame) evidence.Frame {
	for i := len(list) - 1; i >= 0; i-- {
		if Own(list[i]) {
			return list[i]
		}
	}
	return list[len(list)-1]
}

// placeOf is the program's own newest call; of none, the newest call.
func placeOf(frames []evidence.Frame) evidence.Frame {
	if own := NewestOwn(frames); own != nil {
		return *own
	}
	if len(frames) > 0 {
		return frames[0]
	}
	return evidence.Frame{}
}

// loops are the calls in which a thread waits for the next piece of work: what lies
// above them is that work. uvloop has none of its own in Python, so there it is the
// call that runs the loop.
var loops = []struct{ file, function string }{
	{"asyncio/base_events.py", "_run_once"},
	{"gunicorn/workers/sync.py", "run"},
	{"socketserver.py", "serve_forever"},
	{"asyncio/runners.py", "run"},
	{"asyncio/base_events.py", "run_until_complete"},
}

// aboveLoop returns the frames above a thread's loop, newest first.
func aboveLoop(frames []evidence.Frame) ([]evidence.Frame, bool) {
	for i, f := range frames {
		for _, l := range loops {
			if strings.HasSuffix(f.File, "/"+l.file) && lastName(f.Function) == l.function {
				return frames[:i], true
			}
		}
	}
	return nil, false
}

func lastName(function string) string { return function[strings.LastIndexByte(function, '.')+1:] }

// PlaceText says a call with its line.
func PlaceText(f evidence.Frame) string { return fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Function) }

// StackText quotes the newest calls.
func StackText(frames []evidence.Frame) string {
	var b strings.Builder
	const most = 12
	for _, f := range frames[:min(len(frames), most)] {
		fmt.Fprintln(&b, PlaceText(f))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
