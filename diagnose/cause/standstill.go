package cause

import (
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The rules below see a part of a service stand still while the rest goes on, and its health checks pass.

var lockCircle = Rule{
	ID: "locks-in-a-circle", Weight: 28, Source: fact.SourceInside,
	Why: "each of them stands in a with of one lock and waits without a time limit for the next one's: nothing but " +
		"the end of one of them lets the others go on",
	See: func(c inquest.Case) []Observation {
		if !c.Alive() || len(c.Circles) == 0 {
			return nil
		}
		circle := c.Circles[0]
		return saw(since(c, inside.Standing{For: circle.For}), circleText(circle),
			inside.StackText(circle.Members[0].Frames))
	},
}

func circleText(circle inside.Circle) string {
	kind := "task"
	if circle.Threads {
		kind = "thread"
	}
	first := circle.Members[0]
	if len(circle.Members) == 1 {
		return fmt.Sprintf("%s %s waits in %s for a lock that it holds itself", kind, first.Name,
			inside.PlaceText(first.Place))
	}
	parts := make([]string, 0, len(circle.Members))
	for i, m := range circle.Members {
		parts = append(parts, fmt.Sprintf("%s waits in %s for %s", m.Name, inside.PlaceText(m.Place),
			circle.Members[(i+1)%len(circle.Members)].Name))
	}
	text := fmt.Sprintf("%d %ss hold each other's locks: %s", len(circle.Members), kind, strings.Join(parts, ", "))
	return text + standsText(circle.For)
}

// standsText says for how long, where that is more than a moment.
func standsText(seconds float64) string {
	if seconds < 1 {
		return ""
	}
	return ", for " + words.Seconds(seconds) + " at least"
}

// Levels of a lock that nobody is seen to hold.
const (
	oneWaits   = "one waits"
	mainParked = "the main thread alone waits"
)

var lockOrphaned = Rule{
	ID: "lock-not-given-back", Weight: 20, Source: fact.SourceInside,
	Why: "two or more wait for a lock that is taken, and no thread or task that is there stands in a with of it: " +
		"whoever took it has ended or forgotten it, or holds it without a with",
	Levels: []Level{
		{oneWaits, 14, "one waits: a lock may serve as a signal that is still to come"},
		{mainParked, 6, "a main thread that has started others may park itself so until the end"},
		{evidence.EndedThread, 28, "the lock itself says that a thread took it that is not there any more"},
	},
	See: func(c inquest.Case) []Observation {
		if !c.Alive() || len(c.Orphans) == 0 {
			return nil
		}
		o := c.Orphans[0]
		seen := saw(since(c, inside.Standing{For: o.For}), orphanText(o), inside.StackText(o.First.Frames))
		switch {
		case o.Ended:
			return at(evidence.EndedThread, seen)
		case o.Waiting == 1 && o.First.Name == mainThread:
			return at(mainParked, seen)
		case o.Waiting == 1:
			return at(oneWaits, seen)
		}
		return seen
	},
}

// mainThread is threading's name of the thread that the program begins with.
const mainThread = "MainThread"

func orphanText(o inside.Orphan) string {
	who := o.First.Name + " waits"
	if o.Waiting > 1 {
		who = fmt.Sprintf("%d wait", o.Waiting)
	}
	holder := "nobody is seen to hold"
	if o.Ended {
		holder = "a thread holds that has ended"
	}
	return fmt.Sprintf("%s in %s for a lock that %s%s", who, inside.PlaceText(o.First.Place), holder, standsText(o.For))
}

var requestsStalled = Rule{
	ID: "requests-stand-alike", Weight: 16, Source: fact.SourceInside,
	Why: "three or more requests have stood for 5 s and more at one line, without a time limit, waiting for what only " +
		"the program itself can give; long polls are made to wait so",
	Levels: []Level{{shortStand, 11, "they were seen to stand there for a second or two: a busy service looks the same"},
		{sameStand, 14, "the same ones stood there at both looks, more than a second apart: what is merely busy answers " +
			"some of them in between"}},
	See: func(c inquest.Case) []Observation {
		if !c.Alive() || len(c.Stalled) == 0 || !c.Stalled[0].Lasts() {
			return nil
		}
		s := c.Stalled[0]
		seen := saw(since(c, inside.Standing{For: s.For}), stalledText(s), inside.StackText(s.Frames))
		switch {
		case s.For >= inside.LongStand:
			return seen
		case s.Same:
			return at(sameStand, seen)
		}
		return at(shortStand, seen)
	},
}

// sameStand is the level of requests that are seen to be the same at both looks.
const sameStand = "the same ones"

func stalledText(s inside.Stalled) string {
	return fmt.Sprintf("%d requests wait in %s for %s%s", s.Count, inside.PlaceText(s.Place), s.What, standsText(s.For))
}
