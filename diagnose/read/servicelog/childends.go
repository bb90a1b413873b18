package servicelog

import (
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/phrase"
)

// childTimes is how often a program must have told of children that end badly: of one or two it may do without.
const childTimes = 3

// asked are what ends on request leave: SIGTERM and SIGINT as a returncode, as a signal's number, as a shell's $?.
var asked = []int{-15, -2, 15, 2, 143, 130}

// childEnds reports children that end with an error again and again, in most of the ends that the log's last lines tell
// of, where no signature knows who tells it.
func (s *runScan) childEnds() {
	if slices.ContainsFunc(s.run.Findings, func(f Finding) bool {
		return f.Cause == fact.WorkerCrash || f.Other == fact.ChildrenDie || f.Cause == fact.StartupFailure
	}) {
		return
	}
	bad, ends := s.badEnds()
	if len(bad) < childTimes || len(bad)*2 <= ends {
		return
	}
	first, last := bad[0], bad[len(bad)-1]
	before := len(s.run.Findings)
	s.commit(s.derive("child-ends-badly", first.At, last.Number, last.Text, nil))
	if len(s.run.Findings) == before {
		return
	}
	f := &s.run.Findings[before]
	f.Count, f.LastAt, f.LastLine = len(bad), last.At, last.Number
	f.Spell = Spell{At: first.At, Count: len(bad), Within: last.At.Sub(first.At), Gaps: len(bad) - 1}
}

// badEnds are the lines of the tail that tell of a child that ended with an error; ends counts those that ended well,
// too.
func (s *runScan) badEnds() (bad []Line, ends int) {
	for _, l := range s.run.Tail {
		code, ok := phrase.ChildEnd(l.Text)
		if !ok || l.Quoted || slices.Contains(asked, code) {
			continue
		}
		ends++
		if code != 0 {
			bad = append(bad, l)
		}
	}
	return bad, ends
}
