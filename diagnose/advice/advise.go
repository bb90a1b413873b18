package advice

import (
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// When a piece of advice is for: the words of `advice.when` in the JSON contract.
const (
	Now  = "now"  // the first aid that stops the bleeding
	Then = "then" // the change in code or configuration that keeps it from coming back
)

// Advice is one thing to do in this very case. Command and Snippet hold nothing of a stranger's but plain words.
type Advice struct {
	When     string
	Title    string
	Detail   string
	Command  string // one line for a shell; "" = there is none
	Snippet  string // what to write; "" = there is nothing
	Language string // of the snippet
	Place    *Place // in the service's own code; nil = not known
}

// Place is a line of the service's own code.
type Place struct {
	File     string
	Line     int    // from 1; 0 = not known
	Function string // "" = not known
}

// Of returns what to do about a verdict (one of fact's kinds) and the cause or named other that it names: what is for
// now first. It is empty where nothing needs to be done, and where nothing is known that would help.
func Of(c inquest.Case, kind, reason string) []Advice {
	if c.Death.State == fact.StatePaused {
		return written(c, nil, []draft{{when: Now, title: "Let it go on: it is paused",
			command: "{cli} unpause {name}"}})
	}
	if kind == fact.NotAFailure && c.Death.State == fact.StateNeverStarted {
		return written(c, nil, []draft{{when: Now, title: "Start it", command: start.command}})
	}
	if kind == fact.VerdictUndetermined {
		return written(c, nil, append(slices.Concat(memoryInDoubt(c), awaitedAdvice(c), startPeriodAdvice(c)),
			ownLog, readStart))
	}
	if kind == fact.NotAFailure {
		return nil
	}
	f := telling(c, reason)
	drafts := slices.Concat(dependencyAid(c, reason, f), checkAdvice(c, reason), byReason(c, reason, f))
	if inPod(c) {
		drafts = podDrafts(c, reason, f)
	}
	list := written(c, f, drafts)
	if !slices.ContainsFunc(list, func(a Advice) bool { return a.When == Then }) {
		list = append(list, written(c, f, asSaid(c, reason, f))...)
	}
	list = placed(list, placeOf(c, reason, f), f)
	slices.SortStableFunc(list, func(a, b Advice) int { return order(a) - order(b) })
	return list
}

// asSaid is for what no advice is written for, or none that the case has the values of: what the log says is what is to
// be mended. Of a cause with a mechanism of its own (a limit, a signal) a line of the log may be a mere companion.
func asSaid(c inquest.Case, reason string, f *servicelog.Finding) []draft {
	said := ""
	switch w := c.FatalLastWords(); {
	case ofCause[reason] != nil && reason != fact.StartupFailure:
	case f != nil:
		said = exceptionText(f)
	case reason == fact.NotStarted:
		said = c.Refused()
	case reason == fact.FatalWords && w != nil:
		said = w.Text
	case reason == fact.FatalWords && c.OnlyErrors() != nil:
		said = c.OnlyErrors().Text
	case reason == fact.FatalWords && c.LastError() != nil:
		said = c.LastError().Text
	}
	if said == "" {
		return nil
	}
	return []draft{{when: Then, title: "Mend what it says", detail: literal(oneLine(said, longestSaid))}}
}

const longestSaid = 200 // characters of a stranger's words

func order(a Advice) int {
	if a.When == Now {
		return 0
	}
	return 1
}

func byReason(c inquest.Case, reason string, f *servicelog.Finding) []draft {
	if write := ofCause[reason]; write != nil {
		return write(c, f)
	}
	return slices.Concat(oneOff(c, reason), ofOther[reason])
}

// telling returns the finding of the log that says most of a reason: one with a line of the service's own before one
// without, roots before what follows from them, strong before weak; nil = the log says nothing of it.
func telling(c inquest.Case, reason string) *servicelog.Finding {
	list := slices.Concat(c.LogFindings(reason), c.OtherFindings(reason))
	if e := c.LastException(); e != nil && reason == fact.UncaughtException {
		list = append(list, *e)
	}
	if f := c.Awaits(); f != nil && len(list) == 0 && reason == fact.StartupFailure {
		return f // what the start hangs on, where it says so
	}
	if len(list) == 0 && reason == fact.StartupFailure {
		return c.LastException() // what ends every start, and no signature knows
	}
	if len(list) == 0 {
		return nil
	}
	best := slices.MaxFunc(list, func(a, b servicelog.Finding) int { return worth(a) - worth(b) })
	return &best
}

func worth(f servicelog.Finding) int {
	n := map[fact.Strength]int{fact.Conclusive: 4, fact.Strong: 2}[f.Strength]
	if f.Role == fact.RoleRoot {
		n++
	}
	if f.Object != "" {
		n++
	}
	if f.Exception != nil {
		if _, own := f.Exception.Own(); own {
			n += 3
		}
	}
	return n
}

// placeOf is where in the service's own code it happened, by its log, its memory or its core; nil = not known.
func placeOf(c inquest.Case, reason string, f *servicelog.Finding) *Place {
	if f != nil && refuserOf(c, f) != "" {
		return nil // no line of its own code is at fault
	}
	if f != nil && f.Exception != nil {
		if p := own(f.Exception.Frames); p != nil {
			return p
		}
	}
	if reason == fact.HealthcheckTimeout {
		return stuckPlace(c)
	}
	if reason == fact.DependencyDown && len(c.Stuck) > 0 {
		if place := c.Stuck[0].Wait.Place(); place != nil {
			return placeAt(*place)
		}
	}
	if reason != fact.InterpreterCrash && reason != fact.NativeCrash {
		return nil
	}
	return corePlace(c)
}

// corePlace is the newest own line of the thread that crashed.
func corePlace(c inquest.Case) *Place {
	for _, d := range c.LifeCores() {
		for _, t := range d.Threads {
			var frames []traceback.Frame
			for _, p := range slices.Backward(t.Python) {
				frames = append(frames, traceback.Frame{File: p.File, Line: p.Line, Function: p.Function})
			}
			if place := own(frames); t.Crashed && place != nil {
				return place
			}
		}
	}
	return nil
}

// own is the newest of frames, outermost first, that is of the service's own code.
func own(frames []traceback.Frame) *Place {
	f, ok := (&traceback.Exception{Frames: frames}).Own()
	if !ok {
		return nil
	}
	return &Place{File: f.File, Line: f.Line, Function: f.Function}
}

// placed says where the first change belongs; where none is known and the place is, looking there is the change.
func placed(list []Advice, place *Place, f *servicelog.Finding) []Advice {
	if place == nil {
		return list
	}
	for i := range list {
		if list[i].When == Then {
			list[i].Place = place
			return list
		}
	}
	detail := ""
	if f != nil {
		detail = exceptionText(f)
	}
	return append(list, Advice{When: Then, Title: "Handle it where it comes from", Detail: detail, Place: place})
}
