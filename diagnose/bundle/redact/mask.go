package redact

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// masker finds and masks secrets. Most of a log holds none, so a text is first
// searched for short literals ("pass", "token", "://", "eyj" …) by hashes of three
// bytes at a time; only around a literal does a rule look closer.
type masker struct {
	filter   [1 << filterBits]uint8 // 1 where the three bytes begin some literal
	literals [32][]literal          // by the low 5 bits of the first byte
	secrets  map[string]bool        // values that deserve a search in all files
	file     string                 // the file being masked, for counts
	counts   map[maskKey]int
}

const filterBits = 13

// literal is a text that a rule wants to look at, in lower case and matched in
// any case.
type literal struct {
	text string
	rule rule
}

// rule looks at the literal at text[at:at+n]. It masks through p.mask and returns
// where to go on, beyond at.
type rule func(p *pass, at, n int) int

func newMasker(known []string) *masker {
	m := &masker{secrets: map[string]bool{}, counts: map[maskKey]int{}}
	for _, l := range allLiterals() {
		m.watch(l)
	}
	for _, value := range known {
		m.watch(literal{lowered(value), knownRule(value)})
	}
	return m
}

// allLiterals lists what the rules want to see; each has three bytes or more.
func allLiterals() []literal {
	return slices.Concat(keyLiterals(), urlLiterals(), tokenLiterals(), toolLiterals())
}

func (m *masker) watch(l literal) {
	w := uint32(l.text[0]) | uint32(l.text[1])<<8 | uint32(l.text[2])<<16
	m.filter[filterHash(w)] = 1
	i := l.text[0] & 31
	m.literals[i] = append(m.literals[i], l)
}

// filterHash folds case by keeping five bits a byte: 'A' and 'a' differ in the
// sixth. Digits then look like letters; that costs a second look, no more.
func filterHash(w uint32) uint32 { return (w & 0x1f1f1f) * 0x9E3779B1 >> (32 - filterBits) }

// next returns the first position from i on where a literal may begin; len(text)
// or more = none. Six positions are tested per step.
func (m *masker) next(text []byte, i, to int) int {
	const ahead = 6
	for i < to && i+8 <= len(text) {
		w := binary.LittleEndian.Uint64(text[i:])
		hit := m.filter[filterHash(uint32(w))] | m.filter[filterHash(uint32(w>>8))] |
			m.filter[filterHash(uint32(w>>16))] | m.filter[filterHash(uint32(w>>24))] |
			m.filter[filterHash(uint32(w>>32))] | m.filter[filterHash(uint32(w>>40))]
		if hit != 0 {
			for m.filter[filterHash(uint32(w))] == 0 {
				w >>= 8
				i++
			}
			return i
		}
		i += ahead
	}
	for ; i < to && i+3 <= len(text); i++ {
		w := uint32(text[i]) | uint32(text[i+1])<<8 | uint32(text[i+2])<<16
		if m.filter[filterHash(w)] != 0 {
			return i
		}
	}
	return len(text)
}

// pass is one way through a text.
type pass struct {
	m          *masker
	text       []byte
	cri        bool // lines begin with a CRI header
	start, end int  // the current line, without its newline
	last       int  // end of the last masked span
	nextAt     int  // where the next '@' is, once urlEnd has looked
	out        func(edit)
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
	for i := p.m.next(p.text, from, to); i < to; i = p.m.next(p.text, i, to) {
		i = p.look(i)
	}
}

// look lets the first rule act whose literal stands at i.
func (p *pass) look(i int) int {
	for _, l := range p.m.literals[p.text[i]&31] {
		if hasFold(p.text[i:], l.text) {
			p.setLine(i)
			if next := l.rule(p, i, len(l.text)); next > i {
				return max(next, p.last)
			}
		}
	}
	return i + 1
}

// setLine makes the line of position i the current one. Lines are found once
// each, so one line of 16 MiB is no slower than many.
func (p *pass) setLine(i int) {
	if p.start <= i && i <= p.end && p.end >= 0 {
		return
	}
	from := max(p.end, 0)
	p.start = from + bytes.LastIndexByte(p.text[from:i], '\n') + 1
	p.end = lineEnd(p.text, i)
}

func lineEnd(text []byte, from int) int {
	if n := bytes.IndexByte(text[from:], '\n'); n >= 0 {
		return from + n
	}
	return len(text)
}

// mask hides text[start:end], unless it is hidden already.
func (p *pass) mask(start, end int, kind string) {
	p.emit(edit{start: start, end: end, kind: kind})
}

func (p *pass) emit(e edit) {
	e.start = max(e.start, p.last)
	if e.start >= e.end {
		return
	}
	p.last = e.end
	if e.drop || string(p.text[e.start:e.end]) != masked {
		p.out(e)
	}
}

func (m *masker) count(kind string) { m.counts[maskKey{m.file, kind}]++ }

// maskText masks a text of any lines; data itself comes back when nothing was
// found, so an ordinary log is never copied.
func (m *masker) maskText(data []byte) []byte {
	w := splice{m: m, in: data}
	p := pass{m: m, text: data, end: -1, out: w.replace}
	p.scan(0, len(data))
	return w.done()
}

// splice builds the masked text; it copies only once something changes.
type splice struct {
	m    *masker
	in   []byte
	out  []byte
	used int // bytes of in that are in out
}

func (s *splice) replace(e edit) {
	if s.out == nil {
		s.out = make([]byte, 0, len(s.in)+len(s.in)/32+64)
	}
	s.out = append(s.out, s.in[s.used:e.start]...)
	if !e.drop {
		s.out = append(s.out, masked...)
	}
	s.used = e.end
	if !e.again {
		s.m.count(e.kind)
	}
}

func (s *splice) done() []byte {
	if s.out == nil {
		return s.in
	}
	return append(s.out, s.in[s.used:]...)
}

func hasFold(text []byte, lower string) bool {
	if len(text) < len(lower) {
		return false
	}
	for i := range len(lower) {
		if lowerByte(text[i]) != lower[i] {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func lowered(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = lowerByte(b[i])
	}
	return string(b)
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isAlnum(c byte) bool { return isLower(c) || isUpper(c) || isDigit(c) }
func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == 0
}
func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }
