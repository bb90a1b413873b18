package cause

import (
	"cmp"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Levels of what ties a container to a neighbour that does not answer.
const (
	connected   = "only connections are seen"
	needed      = "only the configuration names it"
	neededEnded = "only the configuration names it, and it does not run"
	mute        = "it runs, and reads what it is sent"
	presumed    = "their networks are not known"
	broke       = "its connection broke"
)

func levelOf(d inquest.Dependency) string {
	switch {
	case d.Silence == inquest.SilenceMute:
		return mute
	case d.Broke != "" && d.Said == "":
		return broke
	case d.Tie == inquest.TieOpen:
		return connected
	case d.Tie == inquest.TieNeeded && d.Silence == inquest.SilenceEnded:
		return neededEnded
	case d.Tie == inquest.TieNeeded:
		return needed
	}
	return ""
}

// waitsFor names the neighbour behind failing probes: those that hung, or those that were answered with a no. It needs
// no complaint in the log, because a client without a time limit makes none.
func waitsFor(id string, hung bool) Rule {
	return Rule{
		ID: id, Fact: "dependency", Weight: 16, Source: fact.SourceNeighbours, Names: true,
		Why: "its probes fail, and a thread of it waits for a neighbour that does not answer, or that has not read " +
			"what it was sent: the check waits for the same, though another thread could be meant",
		Levels: []Level{
			{connected, 12, "it has connections to a neighbour that does not answer; that the check uses them is " +
				"likely"},
			{needed, 10, "what it is said to need was frozen before the first failed probe, and nothing else of " +
				"their tie is seen"},
			{neededEnded, 6, "what it is said to need had ended before the first failed probe; programs mostly say that " +
				"they miss it"},
			{broke, 14, "an exception of a connection does not say whose it was"},
			{mute, 14, "a neighbour that reads and does not answer may be slow, or have nothing to say to this thread"},
		},
		See: func(c inquest.Case) []Observation {
			if len(mostly(c, hung)) == 0 && !(hung && (c.ReplayedAs("hanging") || standsBeforeNeighbour(c))) {
				return nil
			}
			return seeStuck(c)
		},
	}
}

// dependencyStuck sees the same where nobody probes.
var dependencyStuck = Rule{
	ID: "dependency-does-not-answer", Fact: "dependency", Weight: 26, Source: fact.SourceNeighbours, Names: true,
	Why: "a thread of it waits for a neighbour that is paused, stopped or hangs, or that has not read what it was " +
		"sent: whoever asks for what needs that neighbour waits, too",
	Levels: []Level{
		{connected, 14, "it has connections to a neighbour that is paused, stopped or hangs; it may not need them now"},
		{needed, 12, "it runs, and what it is said to need is paused or hangs; that it misses it is not seen"},
		{neededEnded, 12, "it runs, and what it is said to need has ended; that it misses it is not seen"},
		{mute, 20, "it reads and does not answer: it may be slow, or hang"},
		{broke, 20, "it ended by an exception of a connection, which does not say whose: it had connected to a " +
			"neighbour that has fallen silent"},
	},
	See: func(c inquest.Case) []Observation {
		if len(c.Stuck) > 0 && c.Stuck[0].Tie == inquest.TieNeeded && !c.Alive() {
			return nil // what is down together was mostly taken down together
		}
		if len(c.Stuck) > 0 && c.Stuck[0].Silence == inquest.SilenceAlarm {
			return nil // it can be reached, and refuses
		}
		return seeStuck(c)
	},
}

// dependencyApart sees a neighbour that runs, and that this container cannot know by its name.
var dependencyApart = Rule{
	ID: "dependency-in-another-network", Fact: "dependency", Weight: 16, Source: fact.SourceNeighbours, Names: true,
	Why: "the name that does not resolve is a neighbour's that ran by then: the engine's resolver knows whoever runs in " +
		"a network of the one who asks, and they share none; two that share one are kept from each other by something else",
	Levels: []Level{{presumed, 12, "the networks of one of them are not told: a resolver that was down for a moment is " +
		"the other reading"}},
	See: func(c inquest.Case) []Observation {
		n := c.Unresolved()
		if n == nil || n.Shared != "" {
			return nil
		}
		conclusion, level := "the two are in no common network where names are known", ""
		if !n.Known {
			conclusion, level = "the two are likely in no common network", presumed
		}
		return at(level, saw(n.StartedAt, fmt.Sprintf("%s runs since %s, and its name does not resolve in this "+
			"container: %s", inquest.Dependency{Neighbour: n.Neighbour}.Called(), n.StartedAt.Format(clock), conclusion), ""))
	},
}

// brokerAlarmed sees a broker that can be reached and takes nothing more.
var brokerAlarmed = Rule{
	ID: "broker-has-an-alarm", Fact: "dependency", Weight: 26, Source: fact.SourceNeighbours, Names: true,
	Why: "a broker that it uses has an alarm and has not read what it was sent: who publishes waits for ever, and is " +
		"told only where it asks",
	Levels: []Level{
		{connected, 14, "it has connections to a broker with an alarm; that it publishes is not seen"},
		{needed, 12, "it is said to need a broker with an alarm; that it uses it is not seen"},
	},
	See: func(c inquest.Case) []Observation {
		if len(c.Stuck) == 0 || c.Stuck[0].Silence != inquest.SilenceAlarm {
			return nil
		}
		return seeStuck(c)
	},
}

// standsBeforeNeighbour tells whether the thread that serves stands in a wait for a neighbour that does not answer: it
// hangs, although before it came to listen its probes were refused at once.
func standsBeforeNeighbour(c inquest.Case) bool {
	return c.Alive() && len(c.StuckLoops) > 0 && len(c.Stuck) > 0 && c.Stuck[0].Tie == inquest.TieWaits &&
		c.Stuck[0].Wait != nil && c.Stuck[0].Wait.Main
}

func seeStuck(c inquest.Case) []Observation {
	if len(c.Stuck) == 0 {
		return nil
	}
	d := c.Stuck[0]
	if first := c.FirstTrouble(); first != nil && d.Since != nil && d.Since.After(*first) {
		return nil // it came later
	}
	return at(levelOf(d), saw(d.Since, stuckText(d), ""))
}

// stuckText says who waits for whom, and what ties them.
func stuckText(d inquest.Dependency) string {
	switch {
	case d.Wait != nil:
		return fmt.Sprintf("it waits for %s, which %s: %s", d.Called(), silenceText(d), waitText(*d.Wait))
	case d.Pending > 0:
		return fmt.Sprintf("it waits for %s, which %s: %s from here are unread there", d.Called(), silenceText(d),
			words.Size(int64(d.Pending)))
	case d.Said != "":
		return fmt.Sprintf("%s, which its log calls unreachable (%s), %s", d.Called(), d.Said, silenceText(d))
	case d.Broke != "":
		return fmt.Sprintf("%s, to which its log says that it was connected, %s: it ended by %s", d.Called(),
			silenceText(d), clip(d.Broke, longestMessage))
	case d.Open > 0:
		return fmt.Sprintf("%s, to which it has %s, %s", d.Called(), words.Count(d.Open, "connection"), silenceText(d))
	}
	return fmt.Sprintf("%s, which it is said to need, %s", d.Called(), silenceText(d))
}

func silenceText(d inquest.Dependency) string {
	switch d.Silence {
	case inquest.SilencePaused:
		return "is paused"
	case inquest.SilenceHalted:
		return "is stopped by a signal (state T)"
	case inquest.SilenceUnread:
		return "runs and does not read"
	case inquest.SilenceAlarm:
		return "has a " + d.Alarm + " alarm and reads nothing of who publishes"
	case inquest.SilenceCut:
		return "gets nothing of what is sent to it"
	case inquest.SilenceMute:
		return "has not answered for " + words.Seconds(d.Wait.For)
	}
	if d.Down != "" {
		return d.Down
	}
	if d.ExitCode != nil {
		return fmt.Sprintf("does not run (exit code %d)", *d.ExitCode)
	}
	return "does not run"
}

// waitText says what a thread does: "its main thread is in recvfrom() on 192.168.80.2:6379".
func waitText(w inquest.Wait) string {
	who := fmt.Sprintf("thread %d", w.Thread)
	if w.Main {
		who = "its main thread"
	}
	text := fmt.Sprintf("%s is in %s() on %s", who, w.Call, w.Address)
	switch {
	case w.Tasks == 1:
		text = "a task waits on a connection to " + w.Address
	case w.Tasks > 1:
		text = fmt.Sprintf("%d tasks wait on connections to %s", w.Tasks, w.Address)
	}
	if place := w.Place(); place != nil {
		text += ", called at " + inside.PlaceText(*place)
	}
	return text
}

// waitsElsewhere sees a main thread that waits for a connection of its own while probes hang. The other end seems well,
// or is nobody that was looked at: it may be slow, or have nothing to say.
var waitsElsewhere = Rule{
	ID: "main-thread-waits", Fact: "dependency", Weight: 10, Source: fact.SourceInside, Names: true,
	Why: "probes hang, and the main thread waits in a system call for the other end of a connection that it opened: " +
		"while it does it serves nobody; a program that serves from other threads may wait so at all times",
	See: func(c inquest.Case) []Observation {
		w := c.MainWait()
		if w == nil || len(c.Stuck) > 0 || len(mostly(c, true)) == 0 && !c.ReplayedAs("hanging") {
			return nil
		}
		called := cmp.Or(w.Called, w.Address+", which is no container of its project")
		return saw(&c.Inside.At, fmt.Sprintf("it waits for %s: %s", called, waitText(*w)), "")
	},
}
