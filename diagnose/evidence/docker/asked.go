package docker

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Asked is a line of engine/asked.jsonl: a call by which a client had Podman stop or restart the container, or tried to
// start it in vain, from the journal of its API service. Up to 4.6 Podman keeps who asked nowhere else, and up to 4.3
// why it refused a start. That a call is missing proves nothing: the podman command makes none.
type Asked struct {
	Verb    string    `json:"verb"`  // stop, restart; start = in vain
	Begun   time.Time `json:"begun"` // to the second
	Done    time.Time `json:"done"`  // when the call had its answer: after the end
	By      string    `json:"by"`    // as the client calls itself: "Docker-Client/20.10.24 (linux)"
	Refused string    `json:"refused,omitempty"`
}

// The verbs of calls.
const (
	VerbStart   = "start"
	verbRestart = "restart"
)

// callSlack is how far the moments of a call and the end that it brought may lie apart: Begun is cut to the second.
const callSlack = time.Second

// readAsked reads them.
func readAsked(b *bundle.Bundle) []Asked {
	var calls []Asked
	data, _ := b.File(bundle.FileAsked)
	for line := range bytes.Lines(data) {
		var a Asked
		if len(calls) < maxEvents && json.Unmarshal(line, &a) == nil {
			calls = append(calls, a)
		}
	}
	return calls
}

// refusedCall is why the last call to start what has never run was refused; "" = not told.
func refusedCall(calls []Asked) string {
	words := ""
	for _, a := range calls {
		if a.Verb == VerbStart {
			words = a.Refused
		}
	}
	return words
}

// endedBy is the call that ended a life; nil = none is known to have.
func endedBy(calls []Asked, life *evidence.Life) *Asked {
	for i, a := range calls {
		if a.Verb != VerbStart && a.brought(life) {
			return &calls[i]
		}
	}
	return nil
}

// brought tells whether a call can have brought a life's end. In the second in which the call began it may have come
// behind it (`docker wait web; docker restart web`): then the code has to be one that a stop leaves.
func (a Asked) brought(life *evidence.Life) bool {
	if life.End == nil || life.End.Before(a.Begun) || life.End.After(a.Done.Add(callSlack)) {
		return false
	}
	return !life.End.Before(a.Begun.Add(callSlack)) || stopCode(life)
}

// callTold reads a call to stop or restart: the runtime sends the stop signal and, where that does not help, SIGKILL.
func (d dialect) callTold(life *evidence.Life, a Asked, signal string) *evidence.Request {
	kind := fact.RequestStop
	if a.Verb == verbRestart {
		kind = fact.RequestRestart
	}
	r := &evidence.Request{Kind: kind, Words: d.words(kind) + through(a.By), At: a.Begun, Signal: signalNumber(signal)}
	if r.Escalated = escalated(life, r); r.Escalated {
		r.Grace = max(life.End.Sub(a.Begun), 0)
	}
	return r
}

// through names the client as it calls itself, at most so much of it.
func through(client string) string {
	const longest = 60
	if client == "" {
		return " through its API"
	}
	return " through its API, by " + strings.ToValidUTF8(client[:min(len(client), longest)], "")
}
