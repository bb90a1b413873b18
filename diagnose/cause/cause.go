// Package cause holds the ten root causes of silent death, a file each, and the
// two honest alternatives. A cause is data: its name, its prior, the rules that
// speak for and against it, what it can explain, and its fixes.
//
// A rule is a pure function from a case to seen. Its weight is in decibans,
// 10·log10 of how much more often the fact is seen when the cause is true than
// when it is not: +10 is ten to one, +20 a hundred to one, −20 the reverse. The
// Why of each rule is the reason for its weight; the docs page of a cause is
// generated from it. Contract:
//
//   - A rule that cannot see (the source was not read, the run's end is unknown)
//     returns nothing. Silence of a source speaks against a cause only where that
//     source was read over the time in question.
//   - Observations that say one fact twice share the rule's Fact; only the strongest
//     counts (OOMKilled, the kernel's line and the oom event are one fact).
//   - No rule looks at another cause's score; that a cause explains another one
//     is said by Explains and worked out in package diagnose (rank.go).
package cause

import (
	"cmp"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// Priors in decibans, from the likelihood words of the source document
// (silent-service-failure-analysis.md). They are small beside any evidence, on
// purpose: they order the list when nothing was seen.
const (
	priorMostLikely = 0
	priorHigh       = -2
	priorMedium     = -6
	priorLowMedium  = -9
	priorLow        = -12
)

// Cause is one hypothesis about why a container failed.
type Cause struct {
	Number   int // 1 to 10; 0 for the alternatives
	ID       string
	Title    string
	Titled   func(c inquest.Case) string // the title by what was seen, where that says more closely; nil, "" = Title
	Prior    float64                     // decibans
	Symptom  string
	Reason   string // how it comes about
	Rules    []Rule
	Explains []string // causes whose evidence this one can bring about
	Needs    []string // sources without which it cannot be told
}

// Rule yields at most a few findings for or against one cause.
type Rule struct {
	ID     string
	Fact   string  // shared by rules that see the same fact; "" = the ID
	Weight float64 // decibans; negative speaks against
	Source string
	Why    string  // the reason for the weight
	Levels []Level // what it weighs in other circumstances, each with its own reason
	Names  bool    // what it sees names the thing that failed: a headline says that before how it was found out
	See    func(c inquest.Case) []Observation
}

// Level is what a rule weighs in circumstances that are not its usual ones.
type Level struct {
	Name   string // the circumstances
	Weight float64
	Why    string
}

// Level returns one of the rule's levels by its name; "" is the rule's own weight.
func (r Rule) Level(name string) (Level, bool) {
	if name == "" {
		return Level{Weight: r.Weight, Why: r.Why}, true
	}
	for _, l := range r.Levels {
		if l.Name == name {
			return l, true
		}
	}
	return Level{}, false
}

// Observation is what a rule saw.
type Observation struct {
	ID      string // replaces the rule's ID, for rules over a table of signatures
	Fact    string // replaces the rule's Fact
	Level   string // the name of one of the rule's levels; "" = its own weight
	At      *time.Time
	Summary string // one sentence
	Excerpt string // what the source said, word for word
	Source  string // replaces the rule's Source
	Line    int    // where it stands in that source, from 1; 0 = not known
	Names   bool   // as the rule's, where that depends on the case
}

// Finding is an observation with its weight: a fact for or against a cause.
type Finding struct {
	ID      string
	Fact    string
	Weight  float64
	Source  string
	At      *time.Time
	Summary string
	Excerpt string
	Line    int
	Names   bool // of its rule, or of what it saw
}

// Missing is a source that could not be seen and would have told something.
type Missing struct{ Source, Why, Command string }

// All lists the ten causes in the order of the source document.
func All() []Cause {
	return []Cause{
		oomKill, healthcheckTimeout, loggingFailure, workerCrash, startupFailure,
		backgroundTaskFailure, exceptionHandlerFailure, poolExhaustion, healthcheckFailure, interpreterCrash,
	}
}

// Alternatives lists the two hypotheses beside the ten.
func Alternatives() []Cause { return []Cause{notAFailure, somethingElse} }

// ByID returns a cause or alternative.
func ByID(id string) (Cause, bool) {
	for _, c := range append(All(), Alternatives()...) {
		if c.ID == id {
			return c, true
		}
	}
	return Cause{}, false
}

// Findings runs a cause's rules over a case.
func (cause Cause) Findings(c inquest.Case) []Finding {
	findings := []Finding{}
	for _, rule := range cause.Rules {
		for _, o := range rule.See(c) {
			f := rule.finding(o)
			switch {
			case f.Source == fact.SourceEvents && eventsBeginLater(c):
				f.Source = fact.SourceInspect
			case f.Source == fact.SourceInspect && c.Death.State == fact.StateGone:
				f.Source = fact.SourceEvents // nothing else is left of it
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// faults are the hypotheses of a process that ended by a fault of its own.
var faults = []string{fact.InterpreterCrash, fact.NativeCrash}

// tellsOfFault are the causes whose lines a program prints that is about to leave by a fault; servers print those of
// the others, and live on.
var tellsOfFault = []string{fact.PoolExhaustion, fact.StartupFailure}

// TitleIn is the cause's title in a case.
func (cause Cause) TitleIn(c inquest.Case) string {
	if cause.Titled == nil {
		return cause.Title
	}
	return cmp.Or(cause.Titled(c), cause.Title)
}

// ExplainedIn lists what the cause can bring about in a case: a program that says what failed, and is ended by its own
// fault right after, ended because of that.
func (cause Cause) ExplainedIn(c inquest.Case) []string {
	list := c.OtherFindings(cause.ID)
	if slices.Contains(tellsOfFault, cause.ID) {
		list = c.LogFindings(cause.ID)
	}
	if e := c.LastException(); e != nil && cause.ID == fact.UncaughtException {
		list = []servicelog.Finding{*e}
	}
	if slices.Contains(faults, cause.ID) || !slices.ContainsFunc(list, c.ToldBeforeFault) {
		return cause.Explains
	}
	return slices.Concat(cause.Explains, faults)
}

// eventsBeginLater tells whether the engine's events that were read begin after the end: what is known of the end, and
// of before, is from the engine's own record then.
func eventsBeginLater(c inquest.Case) bool {
	s := c.Source(fact.SourceEvents)
	return c.Death.At != nil && s.From != nil && s.From.After(*c.Death.At) && c.Target.Runtime != "kubernetes"
}

func (r Rule) finding(o Observation) Finding {
	level, _ := r.Level(o.Level)
	return Finding{
		ID: cmp.Or(o.ID, r.ID), Fact: cmp.Or(o.Fact, r.Fact, o.ID, r.ID), Weight: level.Weight,
		Source: cmp.Or(o.Source, r.Source),
		At:     o.At, Summary: o.Summary, Excerpt: o.Excerpt, Line: o.Line,
		Names: r.Names || o.Names,
	}
}

// Missing lists the sources that this cause needed and that were not read.
func (cause Cause) Missing(c inquest.Case) []Missing {
	list := []Missing{}
	for _, name := range cause.Needs {
		s := c.Source(name)
		if c.Read(name) && !tooShort(c, name, s.Command) || !applies(c, name) {
			continue
		}
		list = append(list, Missing{Source: name, Why: s.Detail, Command: s.Command})
	}
	return list
}

// tooShort tells whether a kernel log was read that does not hold the moment of the end, and where another may.
func tooShort(c inquest.Case, source, command string) bool {
	return source == fact.SourceKernelLog && command != "" && c.Death.At != nil && !c.Kernel.Covers(*c.Death.At)
}

// applies leaves out what a dead container cannot have: its /proc and cgroup are
// gone with it (docs/notes/DOCKER.md#a5), and no privilege brings them back.
func applies(c inquest.Case, source string) bool {
	if source == fact.SourceInside && c.Source(source).Status == fact.StatusNotAsked {
		return false // recorded before that was looked at, or not wanted
	}
	live := source == fact.SourceProcess || source == fact.SourceCgroup || source == fact.SourceInside
	return !live || c.Spec == nil || c.Status.State == fact.StateRunning
}

// saw is the result of a rule that saw one thing.
func saw(at *time.Time, summary, excerpt string) []Observation {
	return []Observation{{At: at, Summary: summary, Excerpt: excerpt}}
}

// onLine says where in their source seen stand.
func onLine(line int, seen []Observation) []Observation {
	for i := range seen {
		seen[i].Line = line
	}
	return seen
}

// at says on which of the rule's levels observations are.
func at(level string, seen []Observation) []Observation {
	for i := range seen {
		seen[i].Level = level
	}
	return seen
}
