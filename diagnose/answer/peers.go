package answer

import (
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/advice"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

const (
	maxPeerErrors = 20
	maxPeerLines  = 400 // lines and excerpts looked at
	maxPeerText   = 400 // bytes of an excerpt
	maxHost       = 253 // bytes of a name (RFC 1035)
)

// One of trouble is in a text that speaks of a service which cannot be reached or went
// away. A host named beside other words (an access line, a banner) says nothing of it.
var trouble = []string{"refused", "timeout", "timed out", "time out", "timedout", "unreachable", "no route to host",
	"reset by peer", "closed", "broken pipe", "not known", "resolution", "resolve", "no such host", "enotfound",
	"eai_again", "translate host", "fail", "cannot connect", "connecting to", "lost connection", "disconnected",
	"unavailable"}

// tellsTrouble looks for one of them, in whatever case.
func tellsTrouble(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(trouble, func(word string) bool { return strings.Contains(text, word) })
}

// peers are the ways in which clients name whom they talk to:
//
//	Error 111 connecting to redis:6379. Connection refused.            redis-py
//	dial tcp 172.18.0.3:6379: connect: connection refused              Go
//	connect ECONNREFUSED redis:6379                                    node
//	HTTPConnectionPool(host='chroma', port=8000): Max retries          urllib3
//	connection to server at "db" (172.18.0.3), port 5432 failed        libpq
//	could not translate host name "db" to address                      libpq
//	getaddrinfo ENOTFOUND redis                                        node
//	Connect call failed ('172.18.0.3', 6379)                           asyncio
//	lookup redis on 127.0.0.11:53: no such host                        Go
//
// They bound no lengths: a counted repetition is compiled as so many copies. maxHost
// does.
var peers = []func() *regexp.Regexp{
	lazyregexp.New(`host='([^']+)', port=(\d{1,5})`),
	lazyregexp.New(`server at "([^"]+)"(?: \([^)]+\))?, port (\d{1,5})`),
	lazyregexp.New(`\('([^']+)', (\d{1,5})\)`),
	lazyregexp.New(`host name "([^"]+)"()`),
	lazyregexp.New(`(?:ENOTFOUND|EAI_AGAIN) ([A-Za-z0-9][A-Za-z0-9_.-]*)()`),
	lazyregexp.New(`lookup ([A-Za-z0-9][A-Za-z0-9_.-]*)(?: on \S+)?: ()`),
	lazyregexp.New(`(?:^|[\s/@('"=\[])([A-Za-z0-9][A-Za-z0-9_.-]*):(\d{1,5})(?:$|[^\w:]|:(?:\s|$))`),
}

// peerErrorsOf gathers what the log and the probes of the examined run say about
// other services, oldest first.
func peerErrorsOf(c inquest.Case) []PeerError {
	list := []PeerError{}
	if c.Life == nil {
		return list
	}
	seen := 0
	add := func(at, last time.Time, count int, source string, texts ...string) {
		if seen++; at.IsZero() || seen > maxPeerLines {
			return
		}
		for _, p := range peersIn(strings.Join(texts, " ")) {
			list = counted(list, PeerError{Host: p.host, Port: p.port, At: at, LastAt: last, Count: count, Source: source,
				Excerpt: brief(naming(p, texts))})
		}
	}
	if c.Log != nil {
		for _, f := range c.Log.Findings {
			texts := []string{f.Excerpt}
			if f.Exception != nil {
				texts = append(append(texts, f.Exception.Type+": "+f.Exception.Message), f.Exception.Chain...)
			}
			add(inquest.Began(f), f.LastAt, f.Count, fact.SourceLogs, texts...)
			if n := advice.Refuser(c, f); n != nil && len(list) < maxPeerErrors {
				list = append(list, PeerError{Host: n.Service, At: inquest.Began(f), LastAt: f.LastAt, Count: f.Count,
					Source: fact.SourceLogs, Excerpt: brief(exceptionOr(f)), Refused: true})
			}
		}
		for _, line := range c.Log.Tail {
			add(line.At, line.At, 1, fact.SourceLogs, line.Text)
		}
	}
	for _, p := range c.Probes {
		if p.Failed() {
			add(p.Start, p.Start, 1, fact.SourceHealth, p.Output)
		}
	}
	slices.SortStableFunc(list, func(a, b PeerError) int { return a.At.Compare(b.At) })
	return list
}

// exceptionOr is what a finding's exception says, where it has one; else its excerpt.
func exceptionOr(f servicelog.Finding) string {
	if f.Exception != nil && f.Exception.Message != "" {
		return f.Exception.Message
	}
	return f.Excerpt
}

// naming is the first of the texts that names a peer by itself, else all of them.
func naming(p peer, texts []string) string {
	for _, text := range texts {
		if slices.Contains(peersIn(text), p) {
			return text
		}
	}
	return strings.Join(texts, " ")
}

type peer struct {
	host string
	port int
}

// peersIn returns whom a text says it cannot reach, each once. Its own loopback is
// nobody else.
func peersIn(text string) []peer {
	if len(text) > maxPeerLines*maxPeerText || !tellsTrouble(text) {
		return nil
	}
	var list []peer
	for _, form := range peers {
		for _, m := range form().FindAllStringSubmatch(text, 8) {
			port, _ := strconv.Atoi(m[2])
			p := peer{strings.ToLower(m[1]), port}
			if another(p.host) && !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
	}
	return list
}

// sourceFiles end a name in front of a line number, not of a port.
var sourceFiles = []string{".py", ".pyx", ".go", ".js", ".ts", ".java", ".kt", ".rb", ".php", ".c", ".cc", ".cpp",
	".h", ".rs", ".so"}

// another tells whether a text before a colon and a number can be the name or
// address of another machine: no clock time, no source file, not itself.
func another(host string) bool {
	if len(host) > maxHost {
		return false
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return !ip.IsLoopback() && !ip.IsUnspecified()
	}
	return host != "localhost" && strings.ContainsAny(host, "abcdefghijklmnopqrstuvwxyz") &&
		!slices.Contains(sourceFiles, path.Ext(host))
}

// newOutage is how long nothing was said of a peer before what is said next is of another outage.
const newOutage = 30 * time.Second

// counted adds an error, or counts it where the same peer was named before.
func counted(list []PeerError, c PeerError) []PeerError {
	for i := range list {
		if old := &list[i]; old.Host == c.Host && old.Port == c.Port && old.Source == c.Source {
			switch {
			case c.LastAt.Before(old.At.Add(-newOutage)):
				return list // of an outage that is over
			case c.At.After(old.LastAt.Add(newOutage)):
				*old = c
				return list
			}
			if c.At.Before(old.At) {
				old.At, old.Excerpt = c.At, c.Excerpt
			}
			if c.LastAt.After(old.LastAt) {
				old.LastAt = c.LastAt
			}
			old.Count += c.Count
			return list
		}
	}
	if len(list) < maxPeerErrors {
		list = append(list, c)
	}
	return list
}

// brief cuts a text to one short line.
func brief(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxPeerText {
		text = strings.ToValidUTF8(text[:maxPeerText], "") + "…"
	}
	return text
}
