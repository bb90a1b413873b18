package servicelog

import (
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"
)

// Unread counts lines that hold what nobody but an emitter of failures prints, in a form that was not understood:
// behind a prefix that is not known, or quoted by somebody. They are no findings, but a report must not say either
// that there was nothing.
type Unread struct {
	Count   int
	Line    int    // of the first
	Excerpt string // of the first, at most 400 bytes, sanitised
}

func (u *Unread) add(other Unread) {
	if other.Count > 0 && (u.Count == 0 || other.Line < u.Line) {
		u.Line, u.Excerpt = other.Line, other.Excerpt
	}
	u.Count += other.Count
}

// telltales are such texts of servers and supervisors, beside those of the interpreters (unmistakable).
var telltales = []string{"WORKER TIMEOUT (pid:", ") was sent SIGKILL! Perhaps out of memory?",
	") was sent SIGSEGV!", ") was sent SIGABRT!", "Application startup failed. Exiting.",
	"Worker failed to boot.", "Exception in ASGI application", "--- Logging error ---",
	"Worker exited prematurely: signal ", "HARAKIRI ON WORKER ", "java.lang.OutOfMemoryError: ",
	"JavaScript heap out of memory", "FATAL ERROR: Reached heap limit"}

// kernelTelltales are the kernel's, whose lines this package does not read.
var kernelTelltales = []string{" invoked oom-killer: gfp_mask=", "oom-kill:constraint=",
	"emory cgroup out of memory: Killed process ", "Out of memory: Killed process ", "]: segfault at "}

// The forms of the finder's texts that are no signatures.
const (
	formTelltale signature.Form = "telltale"
	formKernel   signature.Form = "kernel"
)

// telltaleMatchers have the finder look for the telltales on the same walk.
func telltaleMatchers() []*matcher {
	var list []*matcher
	for _, text := range telltales {
		list = append(list, &matcher{sig: &signature.Row{Form: formTelltale}, anchors: [][]byte{[]byte(text)}})
	}
	list = append(list, &matcher{sig: &signature.Row{Form: formTelltale}, anchors: [][]byte{[]byte(signature.Exited)},
		anyOf: new(buffer).copied(signature.ExitedBadly)})
	for _, text := range kernelTelltales {
		list = append(list, &matcher{sig: &signature.Row{Form: formKernel}, anchors: [][]byte{[]byte(text)}})
	}
	return list
}

// unread counts a line of which nothing was told though it holds a telltale. Where a logger's level says what the
// line is worth, it was understood.
func (s *runScan) unread(p prefix.Line, l *logical) {
	if p.Level != prefix.None || s.toldLine == l.number {
		return
	}
	for _, n := range s.find(l.text) {
		if n.m.sig.ID != "" {
			continue
		}
		u := &s.run.Unread
		if n.m.sig.Form == formKernel {
			u = &s.run.Kernel
		}
		if u.add(Unread{1, l.number, ""}); u.Count == 1 {
			u.Excerpt = excerpt.Line(l.text)
		}
		return
	}
}
