package phrase

import (
	"regexp"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
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

// Awaited returns what a line says that its program waits for; "" = nothing.
func Awaited(text string) string {
	for _, words := range awaitWords {
		if m := words().FindStringSubmatch(text); m != nil && !itsOwn().MatchString(m[1]) {
			return strings.TrimRight(m[1], ".:")
		}
	}
	return ""
}
