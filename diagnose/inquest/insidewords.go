package inquest

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Text says where a thread stands, and what for.
func (s Standing) Text() string {
	text := fmt.Sprintf("the event loop's thread stands in %s", PlaceText(s.Place))
	if s.Spins {
		return text + " and computes: it was there at both looks"
	}
	if s.For >= 1 {
		text += ", for " + words.Seconds(s.For) + " at least"
	}
	if s.Wait != nil {
		text += "; it waits in " + WaitText(*s.Wait)
	}
	return text
}

// PlaceText says a call with its line.
func PlaceText(f evidence.Frame) string { return fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Function) }

// WaitText says what a system call waits for.
func WaitText(w evidence.Wait) string {
	text := w.Call
	switch p := w.Socket; {
	case p == nil && w.Lock != "":
		text += " for the " + w.Lock
		if w.Owner != "" {
			text += ", which thread " + w.Owner + " holds"
		}
	case p == nil && w.Target != "":
		text += " on " + w.Target
	case p != nil && p.Remote != "":
		text += " on a connection to " + PeerText(p)
	}
	if w.Connecting != nil {
		text += "; among what it waits for is a connection to " + PeerText(w.Connecting)
	}
	return text
}

// PeerText says who is at the other end of a connection, and what it does not do.
func PeerText(p *evidence.Peering) string {
	text := p.Remote
	if p.Name != "" {
		text = "container " + p.Name + " (" + p.Remote + ")"
		if p.Condition != "" && p.Condition != fact.StateRunning {
			text += ", which is " + p.Condition
		}
	}
	switch {
	case p.State == "SYN_SENT":
		text += ", which has not answered the attempt to connect"
		if p.Unanswered >= 1 {
			text += " for " + words.Seconds(p.Unanswered) + " at least"
		}
	case p.PeerUnread != nil && *p.PeerUnread > 0:
		text += fmt.Sprintf(", which has not read %s that were sent to it", words.Count(*p.PeerUnread, "byte"))
	}
	return text
}

// StackText quotes the newest calls.
func StackText(frames []evidence.Frame) string {
	var b strings.Builder
	const most = 12
	for _, f := range frames[:min(len(frames), most)] {
		fmt.Fprintln(&b, PlaceText(f))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// WritesLog tells whether it stands in a write to stdout, stderr or a pipe.
func (s Standing) WritesLog() bool {
	w := s.Wait
	if w == nil || !strings.HasPrefix(w.Call, "write") {
		return false
	}
	return w.FD != nil && (*w.FD == 1 || *w.FD == 2) || strings.HasPrefix(w.Target, "pipe:")
}
