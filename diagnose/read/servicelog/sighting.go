package servicelog

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// sighting is one appearance of a signature, before it is added to its finding.
type sighting struct {
	sig      *signature.Row
	strength fact.Strength
	at       time.Time
	line     int
	excerpt  string
	exc      *traceback.Exception
	torn     []traceback.Frame // of a traceback that another process's lines cut off before its exception
	named    string            // the type of a task's exception, as asyncio's line of the task has it
	after    bool
	pid      int
	returns  bool // a carriage return stands in the middle of the line
}

// sight makes the sighting of a signature on a line.
func (s *runScan) sight(id string, p prefix.Line, l *logical) *sighting {
	sg := &sighting{at: instant(l.at, l.timed), line: l.number, after: s.life.stopped, pid: messagePID(p)}
	sg.excerpt = excerpt.Line(l.text)
	sg.returns = bytes.IndexByte(l.text, '\r') >= 0
	sg.become(id)
	return sg
}

// derive makes a sighting that stands where another block ends.
func (s *runScan) derive(id string, at time.Time, line int, excerpt string, exc *traceback.Exception) *sighting {
	sg := &sighting{at: at, line: line, excerpt: excerpt, exc: exc, after: s.life.stopped}
	sg.become(id)
	return sg
}

// become turns the sighting into one of another signature. After a requested stop, what is normal then is weak.
func (g *sighting) become(id string) {
	g.sig = signature.ByID()[id]
	g.strength = g.sig.Strength
	if g.after && g.sig.StopNoise {
		g.strength = fact.Weak
	}
}

// commit adds a sighting to its finding. A nil sighting was taken back by a rule.
func (s *runScan) commit(g *sighting) {
	if g != nil && g.exc == nil && strings.HasPrefix(g.sig.ID, "guard-") {
		g.exc = guardException(g.excerpt)
	}
	if g = s.judge(g); g != nil && !s.tearThread(g) {
		s.keep(g)
	}
}

// keep adds what was judged.
func (s *runScan) keep(g *sighting) {
	s.toldLine = g.line
	key := g.sig.ID + "\x00" + string(g.strength)
	if g.after {
		key += "+"
	}
	if g.exc != nil {
		key += "\x00" + g.exc.Type
	}
	object, place := s.objectOf(g, key)
	if place >= 0 {
		s.run.Findings[place].again(g.at, g.line)
		return
	}
	if len(s.run.Findings) == maxFindings {
		s.run.DroppedFindings++
		return
	}
	s.found[key] = append(s.found[key], len(s.run.Findings))
	f := Finding{ID: g.sig.ID, Service: s.run.Service, Cause: g.sig.Cause, Other: g.sig.Other, Object: object,
		Role: g.sig.Role, Strength: g.strength,
		At: g.at, LastAt: g.at, Line: g.line, LastLine: g.line, Count: 1, Spell: Spell{At: g.at, Count: 1},
		Excerpt: g.excerpt, Exception: g.exc,
		AfterShutdown: g.after, PID: g.pid}
	s.run.Findings = append(s.run.Findings, f)
	if s.tell != nil {
		s.tell(f)
	}
}

// maxHosts is how many hosts one complaint may be told of apart, and maxUnnamed how often a host is looked for in vain:
// finding it costs far more than reading the line.
const (
	maxHosts   = 8
	maxUnnamed = 64
)

// objectOf returns what a sighting is about, and the place of the finding that it belongs to; -1 = it is a new one. The
// same complaint of two hosts is two findings: one of them may be back, and the other not.
func (s *runScan) objectOf(g *sighting, key string) (object string, place int) {
	list := s.found[key]
	if len(list) == 0 {
		return g.object(), -1
	}
	if !slices.Contains(ofHosts, g.sig.Other) || g.sig.Cause != "" {
		return "", list[0]
	}
	for _, i := range list {
		if f := &s.run.Findings[i]; f.Object != "" && g.names(f.Object) {
			return "", i
		}
	}
	if len(list) >= maxHosts || s.unnamed >= maxUnnamed {
		return "", list[0]
	}
	if object = g.object(); object == "" || s.run.Findings[list[0]].Object == "" || sourceLine().MatchString(object) {
		s.unnamed++
		return "", list[0]
	}
	return object, -1
}

// sourceLine is a place in code, which stands in lines as host and port do.
var sourceLine = lazyregexp.New(`\.(?:py|js|mjs|ts|go|java|kt|rb|php|rs|c|cc|cpp|cs|scala|ex|exs):\d+$`)

// ofHosts are the named others whose object is a host.
var ofHosts = []string{fact.DependencyDown, fact.DependencyLost, fact.DependencyRefuses}

// names tells whether the texts of a sighting name a host, with its port where one is told: "redis" is not in
// "redis-2:6379".
func (g *sighting) names(object string) bool {
	host, _, _ := strings.Cut(object, ":")
	for _, text := range g.texts() {
		for i := strings.Index(text, host); i >= 0; {
			end := i + len(host)
			if (i == 0 || !hostByte(text[i-1])) && (end == len(text) || !hostByte(text[end])) {
				return true
			}
			next := strings.Index(text[end:], host)
			if next < 0 {
				break
			}
			i = end + next
		}
	}
	return false
}

func hostByte(b byte) bool {
	return b == '-' || b == '_' || b == '.' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// finding returns the run's first finding of an ID, nil if there is none.
func (s *runScan) finding(id string) *Finding {
	for i := range s.run.Findings {
		if s.run.Findings[i].ID == id {
			return &s.run.Findings[i]
		}
	}
	return nil
}
