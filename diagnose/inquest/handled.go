package inquest

import (
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// handled says by what a program that has ended shows that it had coped with a finding: it did the same work after it
// as always, or what it told last it had told before, with much work between. An error that did not end it then does
// not explain why it ended now. A client that tries again prints lines, too; they are no work, or come with each try.
// Nor is a dependency a reason that it called a warning, and did not name again. Runtimes warn of more: a JVM of the
// thread that it could not start, before it ends for lack of it. "" = nothing shows it.
func (c Case) handled(f servicelog.Finding) string {
	if c.Log == nil || c.Alive() || f.LastAt.IsZero() {
		return ""
	}
	good, went := c.routineSince(f)
	if good >= 2 || good == 1 && servicelog.Warns(f.Excerpt) {
		return "it went on with its work for " + words.Duration(went) + " after it had said so"
	}
	if f.Count == 1 && ofDependency(f) && servicelog.Warns(f.Excerpt) {
		return "it called it a warning, once"
	}
	if c.toldAmidWork(f) {
		return fmt.Sprintf("it had said so %s before, and went on with its work", words.Count(f.Count-1, "time"))
	}
	return ""
}

// routineSince counts the lines of routine since a finding, if they came for longer than what other threads had at
// hand, and tells for how long they came. Routine is good work that comes again: what is put away before an end comes
// once.
func (c Case) routineSince(f servicelog.Finding) (lines int, went time.Duration) {
	for i, l := range c.Log.Tail {
		if l.At.Sub(f.LastAt) < goodMoment || !c.routine(i) {
			continue
		}
		lines, went = lines+1, l.At.Sub(f.LastAt)
	}
	return lines, went
}

// routine tells whether a line of the tail is good work, and another one like it is there.
func (c Case) routine(i int) bool {
	l := c.Log.Tail[i]
	if servicelog.Struggles(l.Text) || servicelog.Warns(l.Text) {
		return false
	}
	for j, other := range c.Log.Tail {
		if i != j && servicelog.SameBut(l.Text, other.Text) {
			return true
		}
	}
	return false
}

// WorksBeside tells whether a living service does its work between the sightings of a finding. What its newest
// requests fail with is told amid health checks that pass, and is no trouble that it does without.
func (c Case) WorksBeside(f servicelog.Finding) bool {
	return c.Alive() && c.Log != nil && c.Unhealthy == nil && episodic(f) && c.toldAmidWork(f) && !c.failsRequests(f)
}

// failsRequests tells whether all or most of the newest requests were answered with an error, and a finding's exception
// is what was printed meanwhile.
func (c Case) failsRequests(f servicelog.Finding) bool {
	for _, other := range c.Log.Findings {
		if e := other.Exception; other.Other == fact.RequestsFail && e != nil && f.Exception != nil {
			return e.Type == f.Exception.Type && e.Place() == f.Exception.Place()
		}
	}
	return false
}

// toldAmidWork tells whether a finding that came at least twice before came as one line among several of routine each
// time. Its last line must be of the same client as its first.
func (c Case) toldAmidWork(f servicelog.Finding) bool {
	routine, told, same := 0, 0, false
	for i, l := range c.Log.Tail {
		switch {
		case servicelog.SameBut(l.Text, f.Excerpt):
			if l.Number > f.Line {
				told++
			}
			same = same || l.Number == f.LastLine
		case l.At.After(f.At) && c.routine(i):
			routine++
		}
	}
	return f.Count > 2 && same && told > 0 && routine >= fewGoodLines*told
}

// Lone tells whether a single line, in words with a known second reading, is all that shows a trouble of a living
// service that comes and goes: no probe fails, nobody that it needs is seen to be away, and no other start told
// the same.
func (c Case) Lone(f servicelog.Finding) bool {
	if !c.Alive() || f.Count > 1 || f.Strength == fact.Conclusive || f.Exception != nil || !episodic(f) {
		return false
	}
	again, _, _ := c.Recurs(f.ID)
	return again < 2 && c.Unhealthy == nil && c.Streak == 0 && len(c.Stuck) == 0
}
