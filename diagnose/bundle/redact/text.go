package redact

import (
	"slices"
	"sync"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/place"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/search"
)

// masker finds and masks secrets. Most of a log holds none, so a text is first
// searched for short literals ("pass", "token", "://", "eyj" …) by hashes of three
// bytes at a time; only around a literal does a rule look closer. What a rule reads is
// bounded, or read once: the work grows with the text's length and no faster.
type masker struct {
	index   *search.Index[literal]
	classes map[string]keyname.Class // what keyClass said of names met before
	secrets map[string]bool          // values that deserve a search in all files
	file    string                   // the file being masked, for counts
	counts  map[maskKey]int
	depth   int // how many encoded texts the one that is read stands in
	work    int // bytes that rules looked at, for the test that it stays linear
}

// literal is a text that a rule wants to look at, in lower case and matched in
// any case; it has three bytes or more.
type literal struct {
	text string
	rule rule
}

// rule looks at the literal at text[at:at+n]. It masks through p.mask and returns
// where to go on, beyond at.
type rule func(p *pass, at, n int) int

// ruleIndex holds the literals of all rules; it is made once and only read.
var ruleIndex = sync.OnceValue(func() *search.Index[literal] { return newIndex(allLiterals()) })

func newIndex(list []literal) *search.Index[literal] {
	return search.New(list, func(l literal) string { return l.text })
}

// newMasker returns a masker that also looks for secrets that are known already.
func newMasker(known []string) *masker {
	m := &masker{index: ruleIndex(), classes: map[string]keyname.Class{}, secrets: map[string]bool{},
		counts: map[maskKey]int{}}
	if len(known) > 0 {
		list := allLiterals()
		for _, value := range known {
			list = append(list, literal{ascii.Lowered(value), knownRule(value)})
		}
		m.index = newIndex(list)
	}
	return m
}

// allLiterals lists what the rules want to see. Where several begin at one place, the
// first that finds something acts.
func allLiterals() []literal {
	return slices.Concat(urlLiterals(), tokenLiterals(), pemLiterals(), onPage(place.Commands()), sqlLiterals(),
		onPage(place.Calls()), onPage(place.Protocols()), loginLiterals(), manifestLiterals(), pathLiterals(),
		foreignLiterals(), drawnLiterals(), []literal{{escapedName, escapedRule}}, keyLiterals(), queryLiterals())
}

// onPage lets rules that need no more than a page work in a pass.
func onPage(list []page.Literal) []literal {
	all := make([]literal, len(list))
	for i, l := range list {
		all[i] = literal{l.Text, func(p *pass, at, n int) int { return l.Rule(&p.Page, at, n) }}
	}
	return all
}

// pass is one way through a text.
type pass struct {
	page.Page
	m          *masker
	edits      []edit
	sqlEnd     int  // … rows of statements
	pemEnd     int  // … private keys
	objectEnd  int  // … objects of Kubernetes
	nextAt     int  // where the next '@' is, once urlEnd has looked
	nearEnd    int  // … words near to names
	encodedEnd int  // … encoded texts
	netrcAt    int  // the line, plus one, of which netrc speaks
	netrc      bool // it begins as one of a .netrc
	withAt     int  // where the next " with value " is, once spokenValue has looked
	wordFrom   int  // where the word begins …
	wordSeen   int  // … in which this lies
	headAt     int  // the line, plus one, of which ruled speaks
	ruled      bool // a ruled line stands below it
}

func newPass(m *masker, text []byte) *pass {
	p := &pass{m: m}
	p.Page = page.Page{Reader: glyph.New(text, &m.work), Mask: p.mask, Class: m.class}
	return p
}

// edit is a span to be replaced by the mask.
type edit struct {
	start, end int
	kind       string
	again      bool // part of a secret that counts already
	drop       bool // replaced by nothing: the mask stands in an earlier piece
}

// scan runs the rules over text[from:to].
func (p *pass) scan(from, to int) {
	for i := p.m.index.Next(p.Text, from, to); i < to; i = p.m.index.Next(p.Text, i, to) {
		i = p.look(i)
	}
	p.alone(from, to)
}

// look lets the first rule act whose literal stands at i and that gets ahead.
func (p *pass) look(i int) int {
	for _, l := range p.m.index.At(p.Text[i:]) {
		if ascii.HasFold(p.Text[i:], l.text) {
			p.SetLine(i)
			p.m.work += len(l.text)
			if next := l.rule(p, i, len(l.text)); next > i {
				return next
			}
		}
	}
	return i + 1
}

// mask hides text[start:end], unless it is hidden already.
func (p *pass) mask(start, end int, kind string) {
	p.emit(edit{start: start, end: end, kind: kind})
}

func (p *pass) emit(e edit) {
	if e.start < e.end && (e.drop || string(p.Text[e.start:e.end]) != look.Mask) {
		p.edits = append(p.edits, e)
	}
}

func (m *masker) count(kind string) { m.counts[maskKey{m.file, kind}]++ }

// maskText masks a text of any lines; data itself comes back when nothing was
// found, so an ordinary log is never copied.
func (m *masker) maskText(data []byte) []byte {
	p := newPass(m, data)
	p.scan(0, len(data))
	return p.done()
}

// done writes the text with its edits; rules may have found them in any order, and
// two may have found the same secret.
func (p *pass) done() []byte {
	if len(p.edits) == 0 {
		return p.Text
	}
	list := merged(p.edits)
	out := make([]byte, 0, len(p.Text)+len(list)*len(look.Mask))
	used := 0
	for _, e := range list {
		out = append(out, p.Text[used:e.start]...)
		if !e.drop {
			out = append(out, look.Mask...)
		}
		used = e.end
		if !e.again {
			p.m.count(e.kind)
		}
	}
	return append(out, p.Text[used:]...)
}

// merged sorts edits and makes one of those that overlap.
func merged(edits []edit) []edit {
	slices.SortStableFunc(edits, func(a, b edit) int { return a.start - b.start })
	list := edits[:1]
	for _, e := range edits[1:] {
		top := &list[len(list)-1]
		if e.start >= top.end {
			list = append(list, e)
			continue
		}
		top.end = max(top.end, e.end)
		top.again = top.again && e.again
		top.drop = top.drop && e.drop
	}
	return list
}

// class returns what a name promises. A log says the same names again and again.
func (m *masker) class(name []byte) keyname.Class {
	if c, known := m.classes[string(name)]; known {
		return c
	}
	c := keyname.Of(name)
	if len(m.classes) < maxClasses {
		m.classes[string(name)] = c
	}
	return c
}

// maxClasses bounds the names that are remembered.
const maxClasses = 4096
