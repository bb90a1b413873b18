package inquest

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// OtherFindings returns what speaks of one named other: lines of the service's log, without what an orderly stop brings
// with it, and the runtime's own words where it could not start the container. A line that also shows one of the ten
// causes speaks for that cause and says more closely what failed.
func (c Case) OtherFindings(id string) []servicelog.Finding {
	var list []servicelog.Finding
	for _, f := range c.Refusal {
		if f.Other == id {
			list = append(list, f)
		}
	}
	if c.Log == nil {
		return list
	}
	for _, f := range c.Log.Findings {
		if f.Other == id && f.Cause == "" && !ofShutdown(f, c.Death.Request != nil) {
			list = append(list, f)
		}
	}
	return list
}

// Failed tells whether the container is down or does not do its work: it ended with an error or in a way that nobody
// knows, was never got to run, is stopped by a signal, or is unhealthy. One that lives, or ended with success, may be
// in trouble, but has not failed.
func (c Case) Failed() bool {
	if c.Unhealthy != nil || c.Halted() || c.Severed() || c.CutOff() || len(c.Told) > 0 {
		return true
	}
	switch c.Death.EndedBy {
	case fact.EndedByNone:
		return c.Death.State == fact.StateNeverStarted && !c.neverAsked()
	case fact.EndedByEngineRequest:
		return false
	}
	code, known := c.Exit()
	return !known || code != 0 || c.EndlessSuccess() || c.LeftForeground() != ""
}

// neverAsked tells whether nobody is known to have tried to start it.
func (c Case) neverAsked() bool {
	return c.Status == nil || c.Status.Error == "" && c.Status.ExitCode == 0 && c.Status.StartTried == nil
}

// StartRefused tells whether the runtime tried to start what has never run, and could not.
func (c Case) StartRefused() bool {
	return c.Death.State == fact.StateNeverStarted && c.Spec != nil && !c.neverAsked()
}

// EndlessSuccess tells whether a restart policy keeps starting a program that ends with 0: daemons that fork into the
// background do that.
func (c Case) EndlessSuccess() bool {
	code, known := c.Exit()
	if !known || code != 0 || c.Spec == nil || c.Death.EndedBy != fact.EndedByOwnExit {
		return false
	}
	if limit, _ := c.OwnLimit(); limit != "" {
		return false // it is to begin anew each time
	}
	policy := c.Spec.RestartPolicy
	again := c.Status.State == fact.StateRestarting || c.Status.Restarts >= 2 || len(c.EarlierEnds) >= 2
	for _, earlier := range c.EarlierEnds {
		again = again && earlier == 0
	}
	return (policy == "always" || policy == "unless-stopped") && again
}

// LoopsOnSuccess tells whether a run that has just begun is one of several whose policy starts them anew, though each
// before ended with success: looked at a moment earlier, it would have been [Case.EndlessSuccess].
func (c Case) LoopsOnSuccess() bool {
	if !c.Alive() || c.StartedAfterSuccess() == "" || c.Status.Restarts < 2 {
		return false
	}
	length, known := c.Life.Length(c.Now)
	return known && length < recoveryTime && !slices.ContainsFunc(c.EarlierEnds, func(code int) bool { return code != 0 })
}

// StartedAfterSuccess is the restart policy that starts the program again though it ended with success, or has done so
// for the life before; "" = none does. What is to end needs another policy.
func (c Case) StartedAfterSuccess() string {
	if c.Spec == nil || c.Status == nil || c.Spec.RestartPolicy != "always" && c.Spec.RestartPolicy != "unless-stopped" {
		return ""
	}
	code, known := c.Exit()
	ended := known && code == 0 && c.Death.EndedBy == fact.EndedByOwnExit && c.Status.State == fact.StateRestarting
	n := len(c.EarlierEnds)
	before := c.Alive() && c.Status.Restarts > 0 && n > 0 && c.EarlierEnds[n-1] == 0
	if !ended && !before {
		return ""
	}
	return c.Spec.RestartPolicy
}

// NoInput is the shell or interpreter that ended with success as it had nothing to read; "" = it is not so. One that
// printed something had got work from somewhere.
func (c Case) NoInput() string {
	code, known := c.Exit()
	if !known || code != 0 || c.Spec == nil || c.Death.EndedBy != fact.EndedByOwnExit || c.Log != nil && c.Log.Lines > 0 {
		return ""
	}
	return c.Spec.NoInput()
}

// Severed tells whether it lives in no network, though it was started in one.
func (c Case) Severed() bool { return c.Alive() && c.Status != nil && c.Status.NoNetwork != "" }

// Halted tells whether PID 1 is in state T or t: stopped by a signal or a tracer.
func (c Case) Halted() bool {
	if c.Process == nil || !c.Alive() {
		return false
	}
	for _, t := range c.Process.Tasks {
		if t.TID == c.Process.PID {
			return t.State == "T" || t.State == "t"
		}
	}
	return false
}

// knownWeak tells whether a line was lowered to a hint: a database's word of one client's trouble is not of its own.
func (c Case) knownWeak(line int) bool {
	return slices.ContainsFunc(c.Log.Findings, func(f servicelog.Finding) bool {
		return f.LastLine == line && f.Other != "" && f.Strength == fact.Weak && f.Signature().Strength != fact.Weak
	})
}

// goodLinesAfter tells whether it did good work after a line of its log.
func (c Case) goodLinesAfter(line int) bool {
	return slices.ContainsFunc(c.Log.Tail, func(l servicelog.Line) bool {
		return l.Number > line && !servicelog.Struggles(l.Text)
	})
}

// lastWordsReach is how long before its end a program says why it ends.
const lastWordsReach = 3 * time.Second

// GraveLastWords returns the words in which an ended life told of an error right before its end, which nobody asked the
// engine for; nil = it did not.
func (c Case) GraveLastWords() *servicelog.LastWords {
	if c.Log == nil || c.Log.LastWords == nil || c.Log.LastWords.Gravity == servicelog.Plain || c.Death.At == nil ||
		c.Death.Request != nil || c.Log.Lifecycle.StopRequested {
		return nil
	}
	words := c.Log.LastWords
	if words.At.IsZero() || c.Death.At.Sub(words.At).Abs() > lastWordsReach {
		return nil
	}
	return words
}

// lastErrorReach is how long before its end a program tells the error that it ends for: it logs it, and leaves.
const lastErrorReach = time.Second

// LastError returns the words of an error that a life told, and left right after with a code that it chose itself; nil
// = it did not. An error after which it went on with its work, now or when it told the same before, is not why it left.
func (c Case) LastError() *servicelog.LastWords {
	code, known := c.Exit()
	w := c.GraveLastWords()
	if w == nil || w.Gravity != servicelog.Grave || !known || code == 0 || c.Death.EndedBy != fact.EndedByOwnExit ||
		c.Death.At.Sub(w.At).Abs() > lastErrorReach || servicelog.Warns(w.Text) {
		return nil
	}
	if c.goodLinesAfter(w.Number) || c.toldBefore(*w) {
		return nil
	}
	return w
}

// toldBefore tells whether a program told the same error before, and did good work since.
func (c Case) toldBefore(w servicelog.LastWords) bool {
	told := false
	for _, l := range c.Log.Tail {
		switch {
		case l.Number >= w.Number:
			return false
		case servicelog.SameBut(l.Text, w.Text):
			told = true
		case told && !servicelog.Struggles(l.Text):
			return true
		}
	}
	return false
}

// FatalLastWords returns the words with which the life ended, where they are of something that fails; nil = they are
// not, are the noise of a stop that was asked for, or it has got over what they tell of.
func (c Case) FatalLastWords() *servicelog.LastWords {
	if c.Log == nil || c.Log.LastWords == nil || c.Log.LastWords.Gravity != servicelog.Fatal || c.Death.Request != nil {
		return nil
	}
	words := c.Log.LastWords
	if c.Alive() && c.Streak == 0 && !words.At.IsZero() && c.passedSince(words.At) >= minPassed {
		return nil
	}
	code, known := c.Exit()
	if known && code == 0 && !words.CallsFatal() && c.goodLinesAfter(words.Number) {
		return nil // an exception that was printed, and not the end
	}
	if c.knownWeak(words.Number) {
		return nil
	}
	if e := c.GotOver(); e != nil && !words.At.After(e.To.Add(time.Second)) {
		return nil // they are of what it got over
	}
	return words
}
