package servicelog

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"
)

// matcher is a signature made ready for bytes.
type matcher struct {
	sig     *signature.Row
	anchors [][]byte
	anyOf   [][]byte
}

// starter is one text that a message may begin with.
type starter struct {
	text string
	m    *matcher
}

// index is the table arranged for one look at a line: by the first byte of the message for what starts it, plain
// lists for the few that may stand elsewhere, and by the last component of the type for exceptions.
type index struct {
	starts   [256][]starter
	inside   []*matcher
	byType   map[string][]*matcher
	anyType  *finder
	quotable *finder
}

// signatures is the compiled table, read-only.
var signatures = sync.OnceValue(func() *index { return compile(signature.All()) })

func compile(table []signature.Row) *index {
	ix := &index{byType: make(map[string][]*matcher)}
	var quotable, anyType []*matcher
	matchers := make([]matcher, len(table))
	texts := buffer{make([]byte, 0, 32<<10), make([][]byte, 0, 4*len(table))}
	for i := range table {
		m := &matchers[i]
		*m = matcher{&table[i], texts.copied(table[i].Anchors), texts.copied(table[i].AnyOf)}
		switch m.sig.Form {
		case signature.FormMessage, signature.FormBare:
			for _, s := range m.sig.Openings() {
				ix.starts[s[0]] = append(ix.starts[s[0]], starter{s, m})
			}
		case signature.FormInside:
			ix.inside = append(ix.inside, m)
		case signature.FormException:
			ix.addException(m)
			if m.sig.Quotable {
				quotable = append(quotable, m)
			}
			if len(m.sig.Types) == 0 {
				anyType = append(anyType, m)
			}
		}
	}
	ix.anyType = newFinder(anyType)
	ix.quotable = newFinder(slices.Concat(quotable, glueMatchers(), telltaleMatchers()))
	return ix
}

// buffer holds the texts of the whole table in two pieces of memory: a small incident costs little else than this.
type buffer struct {
	bytes []byte
	views [][]byte
}

// copied returns the texts as bytes of the buffer.
func (b *buffer) copied(texts []string) [][]byte {
	first := len(b.views)
	for _, t := range texts {
		start := len(b.bytes)
		b.bytes = append(b.bytes, t...)
		b.views = append(b.views, b.bytes[start:len(b.bytes):len(b.bytes)])
	}
	return b.views[first:len(b.views):len(b.views)]
}

func (ix *index) addException(m *matcher) {
	for _, t := range m.sig.Types {
		key := t[strings.LastIndexByte(t, '.')+1:]
		ix.byType[key] = append(ix.byType[key], m)
	}
}

// message returns the signature whose anchors start the message, nil if there is none.
func (ix *index) message(p prefix.Line) *matcher {
	if len(p.Msg) == 0 {
		return nil
	}
	for _, s := range ix.starts[p.Msg[0]] {
		if len(p.Msg) < len(s.text) || string(p.Msg[:len(s.text)]) != s.text {
			continue
		}
		sig := s.m.sig
		if sig.Form == signature.FormBare && !p.Bare || sig.Exact && len(p.Msg) != len(s.text) {
			continue
		}
		if s.m.text(p.Msg) {
			return s.m
		}
	}
	return nil
}

// within returns the signature that stands anywhere in a line without a prefix.
func (ix *index) within(line []byte) *matcher {
	for _, m := range ix.inside {
		if m.text(line) {
			return m
		}
	}
	return nil
}

// exceptions calls yield for every signature of the exception.
func (ix *index) exceptions(typ, msg []byte, yield func(*matcher)) {
	for _, m := range ix.byType[string(typ[bytes.LastIndexByte(typ, '.')+1:])] {
		if m.hasType(typ) && m.text(msg) {
			yield(m)
		}
	}
	for _, n := range ix.anyType.find(msg, nil) {
		yield(n.m)
	}
}

// hasType tells whether one of the signature's types is typ or its dotted end.
func (m *matcher) hasType(typ []byte) bool {
	for _, t := range m.sig.Types {
		if before, ok := bytes.CutSuffix(typ, []byte(t)); ok && (len(before) == 0 || before[len(before)-1] == '.') {
			return true
		}
	}
	return false
}

// text tells whether all anchors, and one of AnyOf if there are any, are in b.
func (m *matcher) text(b []byte) bool {
	for _, a := range m.anchors {
		if !bytes.Contains(b, a) {
			return false
		}
	}
	switch {
	case m.sig.Named && !nameBefore(b, m.anchors[0]):
		return false
	case len(m.anyOf) == 0:
		return true
	}
	for _, a := range m.anyOf {
		if containsWhole(b, a) {
			return true
		}
	}
	return false
}

// nameBefore tells whether a name ends before the first a in b: of letters and what stands between them.
func nameBefore(b, a []byte) bool {
	before := bytes.TrimRight(b[:bytes.Index(b, a)], `"'`)
	name := before[bytes.LastIndexAny(before, " \t|>\"'/")+1:]
	letter := false
	for _, c := range name {
		isLetter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !isLetter && !lex.IsDigit(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
		letter = letter || isLetter
	}
	return letter
}

// containsWhole finds a in b where a's last digit is not followed by another one: signal 1 is not signal 11.
func containsWhole(b, a []byte) bool {
	for {
		i := bytes.Index(b, a)
		if i < 0 {
			return false
		}
		end := i + len(a)
		if end == len(b) || !lex.IsDigit(a[len(a)-1]) || !lex.IsDigit(b[end]) {
			return true
		}
		b = b[i+1:]
	}
}
