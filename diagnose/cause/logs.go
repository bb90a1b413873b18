package cause

import (
	"cmp"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// logLevels are what a line of the service's log weighs, by its role and strength. A root line names the failure
// itself;
// a mechanism line says how the failure ended the process; a symptom is printed by others who suffered. Conclusive
// lines are printed by one emitter for one reason (docs/notes/PYTHON.md's C rows: a thousand to one); strong ones have
// a known second reading (S rows: about twenty to one); weak ones are only support.
var logLevels = map[fact.Role]map[fact.Strength]Level{
	fact.RoleRoot: {
		fact.Conclusive: {"", 30, "the failure itself, printed by the service, in words that one emitter prints for " +
			"one reason"},
		fact.Strong: {"root, strong", 14, "the failure itself, in words with a known second reading"},
		fact.Weak:   {"root, weak", 4, "perhaps the failure itself: support, no more"},
	},
	fact.RoleMechanism: {
		fact.Conclusive: {"mechanism, conclusive", 18, "how the failure ended the process; it adds nothing to a " +
			"known root"},
		fact.Strong: {"mechanism, strong", 9, "how the failure ended the process, in words with a known second " +
			"reading"},
		fact.Weak: {"mechanism, weak", 3, "perhaps how the failure ended the process"},
	},
	fact.RoleSymptom: {
		fact.Conclusive: {"symptom, conclusive", 10, "printed by what suffered from the failure"},
		fact.Strong:     {"symptom, strong", 6, "printed by what suffered, in words with a known second reading"},
		fact.Weak:       {"symptom, weak", 2, "perhaps printed by what suffered"},
	},
}

// The most that a line weighs in circumstances that make it say less.
var (
	gotOver = Level{"got over", 5, "an episode that the service got over; or one start of a restart loop showed it " +
		"beside the reason that all of them show"}
	outlived = Level{"outlived", 14, "the run did good work after it, and was stopped on request with success or " +
		"ended later by itself: it may be anything from the reason to a side show"}
	besideWork = Level{"beside work", 6, "it lives, and its work goes on between the sightings: what fails is " +
		"something that it does without"}
	onceOnly = Level{"once, and it lives", 9, "one line, in words with a known second reading, of something that comes " +
		"and goes; it lives, and nothing else shows that it suffers"}
)

// logLevel is what a line weighs that nothing came after.
func logLevel(f servicelog.Finding) Level { return logLevels[f.Role][f.Strength] }

// lesserLevels lists all levels of a log rule but the first, which is its own weight, in order.
func lesserLevels() []Level {
	var list []Level
	for _, role := range []fact.Role{fact.RoleRoot, fact.RoleMechanism, fact.RoleSymptom} {
		for _, strength := range []fact.Strength{fact.Conclusive, fact.Strong, fact.Weak} {
			if l := logLevels[role][strength]; l.Name != "" {
				list = append(list, l)
			}
		}
	}
	return append(list, gotOver, outlived, besideWork, onceOnly)
}

// lesser returns the level that weighs less; where both weigh the same, the first.
func lesser(a, b Level) Level {
	if b.Weight < a.Weight {
		return b
	}
	return a
}

// logRules are in what the log rule of a cause differs from the others'.
type logRules struct {
	fact string // shared with rules that see the same fact elsewhere; "" = one a role
	// when a line weighs no more than level; nil = never
	mild func(c inquest.Case, f servicelog.Finding) bool
	// when a line is not of this cause after all; nil = never
	unless func(c inquest.Case, f servicelog.Finding) bool
	level  Level
	names  func(c inquest.Case) bool // when a root's line is the headline; nil = never
}

// logRule sees what the service itself printed about a cause. Findings of one
// role are one fact: a flood of the same line, or three libraries complaining of
// one empty pool, is not three proofs.
func logRule(cause string) Rule { return logRules{}.of(cause) }

func (l logRules) of(cause string) Rule {
	own := logLevels[fact.RoleRoot][fact.Conclusive]
	rule := Rule{
		ID: "log-" + cause, Weight: own.Weight, Source: fact.SourceLogs, Why: own.Why, Levels: lesserLevels(),
		See: func(c inquest.Case) []Observation {
			var seen []Observation
			for _, f := range c.LogFindings(cause) {
				if l.unless == nil || !l.unless(c, f) {
					seen = append(seen, l.observe(c, f))
				}
			}
			return seen
		},
	}
	if l.mild != nil {
		rule.Levels = append(rule.Levels, l.level)
	}
	return rule
}

func (l logRules) observe(c inquest.Case, f servicelog.Finding) Observation {
	o := Observation{ID: f.ID, Fact: cmp.Or(l.fact, "log-"+string(f.Role)), Level: l.levelOf(c, f).Name,
		Excerpt: f.Excerpt, Line: f.Line}
	if o.Level == behindNeighbour.Name {
		o.Fact = behindNeighbour.Name
	}
	if !f.At.IsZero() {
		moment := inquest.Began(f)
		o.At = &moment
	}
	o.Names = l.names != nil && f.Role == fact.RoleRoot && l.names(c)
	o.Summary = logSummary(f)
	if in, of, loop := c.Recurs(f.ID); loop {
		o.Summary += fmt.Sprintf(", in %d of %d starts", in, of)
	}
	if e := f.Exception; e != nil {
		if e.Type != "" {
			o.Summary += "; " + exceptionSummary(e.Type, e.Message)
		}
		if e.Direct && len(e.Chain) > 1 {
			o.Summary += "; it began with " + clip(e.Chain[0], longestMessage)
		}
		if place := e.Place(); place != "" {
			o.Summary += ", at " + place
		}
	}
	if c.Over(f) {
		o.Summary += overText(c, f)
	}
	return o
}

// overText says by what it is known that a finding is over.
func overText(c inquest.Case, f servicelog.Finding) string {
	back := c.Back(f)
	if back == "" {
		back = "the service went on for " + words.Duration(c.Log.LastAt.Sub(f.LastAt)) + " without it"
	}
	return "; " + back
}

// levelOf lowers a line's weight by what came after it.
func (l logRules) levelOf(c inquest.Case, f servicelog.Finding) Level {
	level := logLevel(f)
	switch {
	case c.Over(f):
		level = lesser(level, gotOver)
	case survived(c) && c.WentOn(f), c.Death.EndedBy == fact.EndedByOwnExit && c.Outlived(f):
		level = lesser(level, outlived)
	case c.WorksBeside(f):
		level = lesser(level, besideWork)
	case c.Lone(f):
		level = lesser(level, onceOnly)
	}
	if in, _, loop := c.Recurs(f.ID); loop && in == 1 && c.LoopReason() {
		level = lesser(level, gotOver)
	}
	if l.mild != nil && l.mild(c, f) {
		level = lesser(level, l.level)
	}
	return level
}

// silentRule speaks against a cause that shows itself in the service's log, when
// the whole log of the run was read and holds no line of it. A cause whose usual form
// prints nothing has none: a task that is kept, a worker of uvicorn up to 0.29.
func silentRule(cause string, weight float64) Rule {
	return Rule{
		ID: "log-silent-" + cause, Weight: weight, Source: fact.SourceLogs,
		Why: "the run's whole log was read and has no line of this cause; logs do lose last words (buffering, " +
			"SIGKILL), so this is mild",
		See: func(c inquest.Case) []Observation {
			if c.Log == nil || c.Log.Lines == 0 || len(c.LogFindings(cause)) > 0 ||
				c.Source(fact.SourceLogs).Status != fact.StatusCollected || shownOtherwise(c, cause) {
				return nil
			}
			return saw(nil, fmt.Sprintf("the service's log (%s) has no line of it", words.Count(c.Log.Lines, "line")),
				"")
		},
	}
}

// shownOtherwise tells whether the memory of the processes, or their connections, show the cause at work: who waits for
// a pool or a lock without end logs nothing, and nor does a redis that refuses clients, so the silence is part of it.
// Threads that were refused are told under a name of their own.
func shownOtherwise(c inquest.Case, cause string) bool {
	switch cause {
	case fact.PoolExhaustion:
		return len(c.Full) > 0 || c.ClientLimit() != nil || len(c.OtherFindings(fact.ThreadsRefused)) > 0
	case fact.LoggingFailure:
		return c.LogLock != nil
	case fact.StartupFailure:
		return c.Awaits() != nil // it is what a start hangs on
	}
	return false
}

// survived tells whether the run was stopped on request, ended with success and was
// never unhealthy: then a failure in its log that it outlived may be anything from
// the reason to a side show, and weighs no more than a strong hint.
func survived(c inquest.Case) bool {
	code, known := c.Exit()
	return c.Death.Request != nil && known && code == 0 && c.Unhealthy == nil
}

// logSummary says what a signature's line means, where it stands and how often.
func logSummary(f servicelog.Finding) string {
	summary := fmt.Sprintf("the service's log says so (line %d)", f.Line)
	if meaning := f.Meaning(); meaning != "" {
		summary = fmt.Sprintf("%s (log line %d)", meaning, f.Line)
	}
	if f.Count > 1 {
		summary += fmt.Sprintf(", %d times", f.Count)
	}
	return summary
}

// longestMessage bounds an exception's text in a summary; the excerpt has more.
const longestMessage = 160

// exceptionSummary names an exception. The root of its chain is told only where
// the program chained it on purpose ("direct cause"): what merely happened during
// the handling is often plumbing, as redis' IndexError from an empty pool.
func exceptionSummary(kind, message string) string {
	if message == "" {
		return kind
	}
	return kind + ": " + clip(message, longestMessage)
}

func clip(s string, most int) string {
	for i, r := range s {
		if i >= most || r == '\n' {
			return s[:i] + "…"
		}
	}
	return s
}
