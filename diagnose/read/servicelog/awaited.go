package servicelog

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// Awaited is the signature of a program whose last words are that it waits for a dependency.
const Awaited = "dependency-awaited"

const (
	// awaitTimes and awaitTime are how often, and for how long, it must have said so to wait in vain, as far as that can
	// be told: what starts beside its database waits for some seconds.
	awaitTimes = 3
	awaitTime  = 5 * time.Second
)

// What programs call a dependency: by an address, or by what it is. Of a bare name only the words around it tell.
const (
	awaitAddress = `(?:[a-z][a-z0-9+.-]*://[^\s'",;]+|(?:[a-z0-9][a-z0-9._-]*|\[[0-9a-f:]+\]):\d{2,5}\b)`
	awaitKind    = `(?:[\w.-]*(?:postgres|redis|rabbit|mysql|maria|mongo|kafka|zookeeper|elastic|opensearch|memcache|` +
		`consul|etcd|minio|cassandra|clickhouse|chroma|keycloak|database)[\w.-]*|` +
		`(?:[\w.]+[-_])?(?:db|pg|sql|broker|backend|upstream|cache|vault|nats|amqp|queue server|message queue|api server|` +
		`dependenc(?:y|ies))(?:[-_][\w.]+)?)`
	awaitObject  = `['"\x60(]?(` + awaitAddress + `|` + awaitKind + `)\b`
	awaitArticle = `(?:(?:the|a|an|our|host|server|service|connection to|access to|port|tcp) )*`
	notThere     = `(?:not (?:yet )?(?:up|ready|available|reachable|responding|answering|accepting|listening|there|running)|` +
		`unavailable|unreachable|down|offline)\b`
)

// awaitWords are how programs say that they wait for one, or try to reach it again.
var awaitWords = []func() *regexp.Regexp{
	lazyregexp.New(`(?i)\bwait(?:ing|s|ed)?(?: \d+ ?\w+)? (?:for|on|until) ` + awaitArticle + awaitObject),
	lazyregexp.New(`(?i)\bwait(?:ing|s)? (?:for|on|until) ` + awaitArticle + `['"\x60]?([a-z][\w.-]+)['"\x60]?(?: \w+){0,2} ` +
		`(?:to (?:be|become|come|get|start|accept|respond|answer|listen)|is|are) ?(?:\w+ )?(?:up|ready|available|reachable|` +
		`online|healthy|back|requests|connections)\b`),
	lazyregexp.New(`(?i)\bre-?(?:try(?:ing)?|connect(?:ing)?)(?: (?:the|to|in|with|a|connect(?:ing|ion)?|\d+ ?m?s|\w+ connection))* ` +
		awaitArticle + awaitObject),
	lazyregexp.New(`(?i)` + awaitObject + `['"\x60)]?(?: \w+){0,2}? (?:is |are |was )?(?:still )?` + notThere),
	lazyregexp.New(`(?i)\b(?:cannot|can't|could not|couldn't|unable to|failed to|trying to|attempt(?:ing)? to) ` +
		`(?:connect|reach|open a connection|establish a connection|ping)(?: to| with)? ` + awaitArticle + awaitObject),
	lazyregexp.New(`(?i)\b(?:no|connect(?:ing|ion)?)(?: \w+)? to ` + awaitArticle + awaitObject +
		`['"\x60)]?.{0,20}\b(?:attempt|try|retry|retries|failed|again)\b`),
}

// itsOwn are what a program waits for within itself, or as its work, however it is worded.
var itsOwn = lazyregexp.New(`(?i)^(?:application|startup|shutdown|workers?|child(?:ren)?|process(?:es)?|threads?|tasks?|jobs?|` +
	`locks?|leader(?:ship)?|messages?|requests?|connections?|clients?|input|events?|data|files?|changes|it|this|that|all|` +
	`everything|something|server|signal|lease|turn)$`)

// awaits returns what a line says that its program waits for; "" = nothing.
func awaits(text string) string {
	for _, words := range awaitWords {
		if m := words().FindStringSubmatch(text); m != nil && !itsOwn().MatchString(m[1]) {
			return sanitise(strings.TrimRight(m[1], ".:"), maxObject)
		}
	}
	return ""
}

// awaited reports a dependency of which the program says that it waits for it, and nothing else since. A signature that
// says more of it, as that it refuses connections, speaks for itself.
func (s *runScan) awaited() {
	t := s.awaiting()
	if t == nil || !s.lastTold(t) || slices.ContainsFunc(s.run.Findings, func(f Finding) bool {
		return slices.Contains(ofHosts, f.Other) && f.Strength != fact.Weak && f.LastLine >= t.line-tailLines
	}) {
		return
	}
	text := sanitise(t.text, maxExcerpt)
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
	f.Count, f.LastAt, f.Object = t.n, instant(t.last, true), cmp.Or(f.Object, awaits(text))
	f.Spell = Spell{At: f.At, Count: t.n, Within: lasted, Gaps: t.n - 1}
}

// awaiting is what the newest line is of that says that the program waits for a dependency; nil = there is none among
// the last.
func (s *runScan) awaiting() *template {
	for _, l := range slices.Backward(s.run.Tail) {
		if l.Quoted || awaits(l.Text) == "" {
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
		if l.Number <= t.line && l.At.Before(instant(t.first, true)) || Struggles(l.Text) || awaits(l.Text) != "" {
			continue
		}
		if a, ok := accessLine(parse([]byte(l.Text)).msg); ok && healthPath(a.path) {
			continue
		}
		return false
	}
	return true
}
