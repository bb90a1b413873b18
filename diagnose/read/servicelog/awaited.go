package servicelog

import (
	"cmp"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/phrase"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
)

// Awaited is the signature of a program whose last words are that it waits for a dependency.
const Awaited = "dependency-awaited"

const (
	// awaitTimes and awaitTime are how often, and for how long, it must have said so to wait in vain, as far as that can
	// be told: what starts beside its database waits for some seconds.
	awaitTimes = 3
	awaitTime  = 5 * time.Second
)

// awaited reports a dependency of which the program says that it waits for it, and nothing else since. A signature that
// says more of it, as that it refuses connections, speaks for itself.
func (s *runScan) awaited() {
	t := s.awaiting()
	if t == nil || !s.lastTold(t) || slices.ContainsFunc(s.run.Findings, func(f Finding) bool {
		return slices.Contains(ofHosts, f.Other) && f.Strength != fact.Weak && f.LastLine >= t.line-tailLines
	}) {
		return
	}
	text := excerpt.Line(t.text)
	g := s.derive(Awaited, instant(t.first, true), t.line, text, nil)
	lasted := time.Duration(t.last - t.first)
	if t.n < awaitTimes || lasted < awaitTime {
		g.strength = fact.Weak
	}
	before := len(s.run.Findings)
	s.commit(g)
	if len(s.run.Findings) == before {
		return
	}
	f := &s.run.Findings[before]
	f.Count, f.LastAt, f.Object = t.n, instant(t.last, true), cmp.Or(f.Object, excerpt.Of(phrase.Awaited(text), maxObject))
	f.Spell = Spell{At: f.At, Count: t.n, Within: lasted, Gaps: t.n - 1}
}

// awaiting is what the newest line is of that says that the program waits for a dependency; nil = there is none among
// the last.
func (s *runScan) awaiting() *template {
	for _, l := range slices.Backward(s.run.Tail) {
		if l.Quoted || phrase.Awaited(l.Text) == "" {
			continue
		}
		for _, t := range s.templates.byHash {
			if t.line == l.Number {
				return t
			}
		}
	}
	return nil
}

// lastTold tells whether the program has printed nothing but of waiting since it first printed a line: no work, and of
// requests those of health checks at most.
func (s *runScan) lastTold(t *template) bool {
	for _, l := range s.run.Tail {
		if l.Number <= t.line && l.At.Before(instant(t.first, true)) || Struggles(l.Text) || phrase.Awaited(l.Text) != "" {
			continue
		}
		if a, ok := accessLine(prefix.Parse([]byte(l.Text)).Msg); ok && healthPath(a.path) {
			continue
		}
		return false
	}
	return true
}
