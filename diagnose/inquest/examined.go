package inquest

import (
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Examined is the life that is explained, and its place among the container's others.
type Examined struct {
	Life        *evidence.Life // one of the evidence's lives; nil = none is known
	LaterLives  int            // that began after it
	Restarted   bool           // a later one goes on
	EarlierEnds []int          // exit codes of earlier lives, oldest first
}

func examined(lives []evidence.Life, i int) Examined {
	if i < 0 {
		return Examined{}
	}
	x := Examined{Life: &lives[i], LaterLives: len(lives) - 1 - i}
	x.Restarted = x.LaterLives > 0 && lives[len(lives)-1].Alive
	for _, l := range lives[:i] {
		if l.ExitCode != nil {
			x.EarlierEnds = append(x.EarlierEnds, *l.ExitCode)
		}
	}
	return x
}

// Alive tells whether the examined life goes on.
func (x Examined) Alive() bool { return x.Life != nil && x.Life.Alive }

// Marked tells whether the runtime marked the examined life as one in which memory ran out. A mark of the container
// speaks of its newest life only.
func (x Examined) Marked(e *evidence.Evidence) bool {
	return x.Life != nil && flagged(e, x.Life) && (x.Life.OOM != nil || x.LaterLives == 0)
}

// toExplain picks the life to explain. A dead container's is its last, unless that one was only the last round of a
// restart loop, stopped by somebody who had seen enough. A living one's is the present, unless the one before it ended
// badly and nothing is wrong now.
func toExplain(lives []evidence.Life, troubledNow bool) int {
	last := len(lives) - 1
	if loopStopped(lives) {
		return last - 1
	}
	if last < 1 || !lives[last].Alive || troubledNow || !endedBadly(&lives[last-1]) {
		return last
	}
	return last - 1
}

// quickEnd is how long a life may have lasted at most for the next one to be the next round of the same loop.
const quickEnd = 10 * time.Second

// sameRound tells whether the present life is the next round of a loop of quick ends, looked at before it ends: it
// began
// right after one, and has lasted no longer. What it has said until now it said the times before, too; those ended.
func sameRound(lives []evidence.Life, now time.Time) bool {
	last := len(lives) - 1
	if last < 1 || !lives[last].Alive || lives[last-1].End == nil ||
		lives[last].Start.Sub(*lives[last-1].End) > backOff {
		return false
	}
	before, ended := lives[last-1].Length(now)
	age, began := lives[last].Length(now)
	return ended && began && before <= quickEnd && age <= 2*max(before, time.Second)
}

// backOff is how long a restart policy waits at most before the next start, with some room for a slow engine.
const backOff = 70 * time.Second

// loopStopped tells whether the last life was stopped on request, after at least two in a row had ended badly and been
// restarted at once, and was not longer than they had been: it had not got over what ended them.
func loopStopped(lives []evidence.Life) bool {
	last := len(lives) - 1
	if last < loopStarts-1 || lives[last].Alive || lives[last].Request == nil {
		return false
	}
	longest := time.Second
	for i := last - 1; i > last-loopStarts; i-- {
		l := &lives[i]
		if !endedBadly(l) || l.Request != nil || l.End == nil || lives[i+1].Start.Sub(*l.End) > backOff {
			return false
		}
		if length, ok := l.Length(*l.End); ok {
			longest = max(longest, length)
		}
	}
	length, ok := lives[last].Length(time.Time{})
	return ok && length <= 2*longest
}

// endedBadly tells whether a life ended with an error or was killed, or was
// restarted while unhealthy. A plain restart of a healthy container ends
// with 0 or 143 and is no failure; 137 by escalation is looked at again in
// cleanly, which sees the request.
func endedBadly(l *evidence.Life) bool {
	if l.ExitCode != nil && *l.ExitCode != 0 && *l.ExitCode != 143 {
		return true
	}
	for _, ev := range l.Events {
		if ev.Kind == fact.EventOOMTold || ev.Kind == fact.EventHealthTurned && ev.Health == fact.HealthUnhealthy {
			return true
		}
	}
	return false
}
