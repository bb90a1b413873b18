package cause

import (
	"fmt"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// fatalLastWords is for what no signature knows: that the program itself called it fatal is enough to know that it
// failed, not enough to say by what.
var fatalLastWords = Rule{
	ID: fact.FatalWords, Weight: 18, Source: fact.SourceLogs,
	Why: "the last line that tells anything is of level CRITICAL or FATAL, a panic or an uncaught exception; no " +
		"signature claims it",
	Levels: []Level{{"ended with success", 12, "it ended with success all the same: main programs that catch " +
		"everything do that, and so do tests of their error handling"},
		{"goes on", 10, "it lives on after such words: a worker's, a thread's, or a request's"},
		{onlyErrors, 16, "it lives, has told of this error again and again until now, and of nothing else since"},
		{anError, 14, "its last line is of an error, and in the same second it left with a code that it chose itself: " +
			"what it ended for, unless it logs such and ends for another reason that it does not tell"}},
	See: func(c inquest.Case) []Observation {
		if l := c.OnlyErrors(); l != nil {
			return onLine(l.Number, at(onlyErrors, saw(&l.At, "its last words tell of a failure, again and again, and it tells "+
				"of nothing else: "+clip(l.Text, longestMessage), l.Text)))
		}
		if w := lastError(c); w != nil {
			code, _ := c.Exit()
			return onLine(w.Number, at(anError, saw(c.Death.At, fmt.Sprintf("it left with code %d right after an error: %s",
				code, clip(w.Text, longestMessage)), w.Text)))
		}
		code, known := c.Exit()
		w := c.FatalLastWords()
		if w == nil || c.LastException() != nil && (!known || code != 0) || claimed(c, *w) {
			return nil
		}
		level := ""
		switch {
		case c.Alive():
			level = "goes on"
		case known && code == 0:
			level = "ended with success"
		}
		return onLine(w.Number, at(level, saw(c.Death.At, "its last words tell of a failure: "+
			clip(w.Text, longestMessage), w.Text)))
	},
}

// onlyErrors is the level of an error that a living service tells again and again, and nothing else.
const onlyErrors = "nothing but errors"

// anError is the level of a last line that tells of an error.
const anError = "an error"

// lastError is the error that a program told as it left, where nothing else is known to be wrong, and no signature says
// more of it; nil = there is none.
func lastError(c inquest.Case) *servicelog.LastWords {
	w := c.LastError()
	if w == nil || c.Troubled() || memoryTrouble(c) || c.LastException() != nil || toldThere(c, w.Number) {
		return nil
	}
	return w
}

// toldThere tells whether a signature of some weight, or what it got over, stands on the very line.
func toldThere(c inquest.Case, line int) bool {
	return slices.ContainsFunc(c.Log.Findings, func(f servicelog.Finding) bool {
		named := f.Strength != fact.Weak && (f.Cause != "" || f.Other != "")
		return (f.Line == line || f.LastLine == line) && (named || c.Over(f))
	})
}

// blockLines is how far the head of a traceback or stack, where its signature stands, may be above its last line.
const blockLines = 60

// claimed tells whether a signature of some weight stands at a line, or in the block that ends there: then its own rule
// speaks.
func claimed(c inquest.Case, w servicelog.LastWords) bool {
	for _, f := range c.Log.Findings {
		if f.Strength == fact.Weak || f.Cause == "" && f.Other == "" {
			continue
		}
		above := w.Number - f.Line
		again := f.Count > 1 && !w.At.IsZero() && w.At.Sub(f.LastAt).Abs() <= time.Second
		if above >= 0 && above <= blockLines || again {
			return true
		}
	}
	return false
}
