package docker

import (
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
)

// A program that handles its signal ends within its own shutdown time. Without a
// stop event to prove the connection, a signal older than this is not taken as
// what ended the life.
const signalReach = 30 * time.Second

// quitReach is how long the printing of stacks takes with which many answer SIGQUIT before they end.
const quitReach = 2 * time.Second

const (
	sigint  = 2
	sigquit = 3
	sigkill = 9
	sigterm = 15
)

// words are what a runtime's users call the requests.
func (d dialect) words(kind fact.Request) string {
	switch kind {
	case fact.RequestStop:
		return d.command + " stop"
	case fact.RequestSignal:
		return d.command + " kill"
	case fact.RequestRestart:
		return d.command + " restart"
	case fact.RequestRemoval:
		return d.command + " rm -f"
	}
	return d.anyRequest
}

// requested fills in for every life that ended what a client had asked. The state file's
// flag speaks of the newest life only.
func (d dialect) requested(lives []evidence.Life, events evidence.Events, signal string, asked *bool, calls []Asked) {
	for i := range lives {
		life := &lives[i]
		if life.Alive {
			continue
		}
		kills, ended := terminalKills(life, signal)
		switch {
		case len(kills) > 0:
			life.Request = d.requestOf(life, events, kills, ended)
		case d.podman && restartAsked(life) != nil:
			life.Request = d.restartTold(life, *restartAsked(life), signal)
		case d.podman && life.Has(fact.EventStopped):
			life.Request = d.stopTold(life, signal)
		case d.podman && endedBy(calls, life) != nil:
			life.Request = d.callTold(life, *endedBy(calls, life), signal)
		case i == len(lives)-1:
			life.Request = d.requestByFlag(life, events, asked)
		}
	}
}

// requestOf reads a request out of the kill events that can have ended a life; nil
// where they are too old for that.
func (d dialect) requestOf(life *evidence.Life, events evidence.Events, kills []evidence.Event,
	ended *evidence.Event) *evidence.Request {
	end := lastMoment(life, ended)
	first, last := kills[0], kills[len(kills)-1]
	stopped := followed(events, fact.EventStopped, last.At, lastTold(life, end))
	if !stopped && end.Sub(last.At) > signalReach {
		return nil
	}
	r := &evidence.Request{Kind: fact.RequestSignal, At: first.At, Signal: sigterm}
	if first.Signal != nil {
		r.Signal = *first.Signal
	}
	if len(kills) > 1 {
		r.Escalated, r.Grace = true, last.At.Sub(first.At)
	}
	switch {
	case followed(events, fact.EventRestarted, end, end):
		r.Kind = fact.RequestRestart
	case stopped:
		r.Kind = fact.RequestStop
	case followed(events, fact.EventRemoved, end, end):
		r.Kind = fact.RequestRemoval
	}
	r.Words = d.words(r.Kind)
	return r
}

// terminalKills returns the life's kill events that can have ended it, and the event
// of its end. A HUP or USR1 is a message, not an end, unless the exit code says
// that it killed.
func terminalKills(life *evidence.Life, stopSignal string) (kills []evidence.Event, ended *evidence.Event) {
	for i, ev := range life.Events {
		switch ev.Kind {
		case fact.EventEnded:
			return kills, &life.Events[i]
		case fact.EventSignalSent:
			if terminal(life, ev, stopSignal) {
				kills = append(kills, ev)
			}
		}
	}
	return kills, nil
}

func terminal(life *evidence.Life, ev evidence.Event, stopSignal string) bool {
	if ev.Signal == nil { // hidden by a label of that name
		return true
	}
	n := *ev.Signal
	if n == sigkill || n == sigterm || n == signalNumber(stopSignal) {
		return true
	}
	if n == sigquit && life.End != nil { // a JVM prints its threads, and goes on
		return life.End.Sub(ev.At) <= quitReach
	}
	return n == sigint || life.ExitCode != nil && *life.ExitCode == 128+n
}

func signalNumber(name string) int {
	if name == "" {
		return sigterm
	}
	n, _ := exitcode.SignalNumber(strings.ToUpper(name))
	return n
}

// lastTold is when the life's end was told for the last time: a busy engine may tell it twice.
func lastTold(life *evidence.Life, end time.Time) time.Time {
	for _, ev := range life.Events {
		if ev.Kind == fact.EventEnded && ev.At.After(end) {
			end = ev.At
		}
	}
	return end
}

func lastMoment(life *evidence.Life, ended *evidence.Event) time.Time {
	if ended != nil {
		return ended.At
	}
	if life.End != nil {
		return *life.End
	}
	return time.Time{}
}

// followed tells whether an event of that kind came from a moment on until 10 s after the end:
// restart follows the next start, stop the kill. Up to Engine 26 it follows die, too; on 28 it may come before.
func followed(events evidence.Events, kind fact.Event, from, end time.Time) bool {
	for _, ev := range events.Between(from, end.Add(10*time.Second)) {
		if ev.Kind == kind {
			return true
		}
	}
	return false
}

// requestByFlag uses the engine's state file where the ring has lost the
// events: somebody used the API on this container, and the exit code is one that
// a stop leaves. After another exit code the flag may speak of a harmless HUP.
func (d dialect) requestByFlag(life *evidence.Life, events evidence.Events, asked *bool) *evidence.Request {
	if asked == nil || !*asked || events.Witnessed(life) || !stopCode(life) || life.End == nil {
		return nil
	}
	return &evidence.Request{Kind: fact.RequestUnknown, Words: d.words(fact.RequestUnknown), At: *life.End,
		Signal: sigterm}
}

// stopCode tells whether a life ended with a code that a stop leaves.
func stopCode(life *evidence.Life) bool {
	return life.ExitCode != nil && slices.Contains([]int{0, 130, 137, 143}, *life.ExitCode)
}
