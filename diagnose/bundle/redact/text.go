package redact

import (
	"encoding/binary"
	"slices"
	"sync"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// masker finds and masks secrets. Most of a log holds none, so a text is first
// searched for short literals ("pass", "token", "://", "eyj" …) by hashes of three
// bytes at a time; only around a literal does a rule look closer. What a rule reads is
// bounded, or read once: the work grows with the text's length and no faster.
type masker struct {
	*index
	classes map[string]keyname.Class // what keyClass said of names met before
	secrets map[string]bool          // values that deserve a search in all files
	file    string                   // the file being masked, for counts
	counts  map[maskKey]int
	work    int // bytes that rules looked at, for the test that it stays linear
}

// index finds the literals that rules want to look at.
type index struct {
	filter   [1 << filterBits]uint8  // 1 where the three bytes begin some literal
	fourth   [1 << filterBits]uint64 // and where they do, which fourth bytes go on with one, of 64 kinds
	group    [1 << filterBits]uint16 // and which, as a place in literals, plus one
	literals [][]literal
}

const filterBits = 15

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
var ruleIndex = sync.OnceValue(func() *index { return newIndex(allLiterals()) })

func newIndex(list []literal) *index {
	x := &index{}
	for _, l := range list {
		x.watch(l)
	}
	return x
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
	return slices.Concat(urlLiterals(), tokenLiterals(), pemLiterals(), shellLiterals(), sqlLiterals(), callLiterals(),
		protocolLiterals(), manifestLiterals(), pathLiterals(), foreignLiterals(),
		drawnLiterals(), keyLiterals(), queryLiterals())
}

func (x *index) watch(l literal) {
	w := uint32(l.text[0]) | uint32(l.text[1])<<8 | uint32(l.text[2])<<16
	h := filterHash(w)
	x.filter[h] = 1
	if len(l.text) == 3 {
		x.fourth[h] = ^uint64(0)
	} else {
		x.fourth[h] |= 1 << fourthKind(l.text[3])
	}
	if x.group[h] == 0 {
		x.literals = append(x.literals, nil)
		x.group[h] = uint16(len(x.literals))
	}
	i := x.group[h] - 1
	x.literals[i] = append(x.literals[i], l)
}

// filterHash folds case by setting the bit in which 'A' and 'a' differ. A few other
// bytes then look alike; that costs a second look, no more.
func filterHash(w uint32) uint32 { return (w&0xffffff | 0x202020) * 0x9E3779B1 >> (32 - filterBits) }

// next returns the first position from i on where a literal may begin; len(text)
// or more = none. Six positions are tested per step.
func (x *index) next(text []byte, i, to int) int {
	const ahead = 6
	for i < to && i+8 <= len(text) {
		w := binary.LittleEndian.Uint64(text[i:])
		hit := x.filter[filterHash(uint32(w))] | x.filter[filterHash(uint32(w>>8))] |
			x.filter[filterHash(uint32(w>>16))] | x.filter[filterHash(uint32(w>>24))] |
			x.filter[filterHash(uint32(w>>32))] | x.filter[filterHash(uint32(w>>40))]
		if hit != 0 {
			for step := i + ahead; i < step; i++ {
				if x.filter[filterHash(uint32(w))] != 0 && x.begins(text[i:]) {
					return i
				}
				w >>= 8
			}
			continue
		}
		i += ahead
	}
	for ; i < to && i+3 <= len(text); i++ {
		if x.begins(text[i:]) {
			return i
		}
	}
	return len(text)
}

// begins tells whether four bytes, or the three that are left, may begin a literal.
func (x *index) begins(text []byte) bool {
	h := filterHash(uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16)
	return x.filter[h] != 0 && (len(text) == 3 || x.fourth[h]>>fourthKind(text[3])&1 != 0)
}

// fourthKind folds case as filterHash does.
func fourthKind(c byte) byte { return (c | 0x20) & 63 }

// pass is one way through a text.
type pass struct {
	glyph.Reader
	m         *masker
	edits     []edit
	shellEnd  int  // up to where the words of command lines were read
	sqlEnd    int  // … rows of statements
	pemEnd    int  // … private keys
	objectEnd int  // … objects of Kubernetes
	nextAt    int  // where the next '@' is, once urlEnd has looked
	headAt    int  // the line, plus one, of which ruled speaks
	ruled     bool // a ruled line stands below it
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
	for i := p.m.next(p.Text, from, to); i < to; i = p.m.next(p.Text, i, to) {
		i = p.look(i)
	}
	p.alone(from, to)
}

// look lets the first rule act whose literal stands at i and that gets ahead.
func (p *pass) look(i int) int {
	w := uint32(p.Text[i]) | uint32(p.Text[i+1])<<8 | uint32(p.Text[i+2])<<16
	for _, l := range p.m.literals[p.m.group[filterHash(w)]-1] {
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
	p := pass{Reader: glyph.New(data, &m.work), m: m}
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
