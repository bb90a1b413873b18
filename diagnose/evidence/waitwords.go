package evidence

import (
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Text says what a system call waits for.
func (w Wait) Text() string {
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
		text += " on a connection to " + p.Text()
	}
	if w.Connecting != nil {
		text += "; among what it waits for is a connection to " + w.Connecting.Text()
	}
	return text
}

// Text says who is at the other end of a connection, and what it does not do.
func (p *Peering) Text() string {
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
