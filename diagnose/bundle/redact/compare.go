package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// What checks a secret shows it on the other side of a sign, or both as they differ:
//
//	assert 'hunter2' == user.password
//	assertEquals("hunter2", user.getPassword())
//	AssertionError: 'hunter2' != 'hunter3' : passwords differ
//	expected password 'hunter2', got 'hunter3'

// comparisons stand between two that are compared, the longer first.
var comparisons = []string{"===", "!==", "==", "!=", "<>", " is not", " equals", " vs", " vs."}

// compared masks quoted texts that are compared with the name before it, or with each other.
func (p *pass) compared(f *found) {
	if f.class != keyname.Strong || f.left == p.TextStart() || !ascii.OneOf(p.Text[f.left-1], " (:") {
		return
	}
	before := p.LineBefore(f.left, look.MaxValue)
	from := f.left - len(before)
	rest := bytes.TrimRight(before, " ([:-,")
	signed, compares := cutComparison(bytes.TrimRight(before, " "))
	switch asserted := bytes.HasSuffix(before, []byte(", ")); {
	case compares, asserted && isAssertion(rest):
		if !compares {
			signed = rest
		}
		p.maskQuotedLast(from, signed)
	case len(rest) > 0 && ascii.IsQuote(rest[len(rest)-1]): // 'a' != 'b' : passwords differ
		second := quotedLast(rest)
		if first, ok := cutComparison(bytes.TrimRight(rest[:second], " ")); second > 0 && ok {
			p.maskQuotedLast(from, rest)
			p.maskQuotedLast(from, first)
		}
	}
}

// cutComparison takes a comparison off the end of a text.
func cutComparison(text []byte) (before []byte, ok bool) {
	for _, sign := range comparisons {
		if before, ok = bytes.CutSuffix(text, []byte(sign)); ok {
			return bytes.TrimRight(before, " "), true
		}
	}
	return text, false
}

// isAssertion tells whether a text ends in the first argument of a call that asserts.
func isAssertion(text []byte) bool {
	open := quotedLast(text)
	call, ok := bytes.CutSuffix(text[:open], []byte("("))
	name := bytes.ToLower(call[max(0, len(call)-keyname.MaxKey/4):])
	return ok && (ascii.Holds(name, "assert") || ascii.Holds(name, "equal") || ascii.Holds(name, "expect"))
}

// quotedLast is where the quoted text begins that ends a text, with its quote; 0 = none does.
func quotedLast(text []byte) int {
	end := len(text) - 1
	if end < 2 || !ascii.IsQuote(text[end]) {
		return 0
	}
	return max(0, bytes.LastIndexByte(text[:end], text[end]))
}

// maskQuotedLast masks the quoted text that ends a text which begins at position from.
func (p *pass) maskQuotedLast(from int, text []byte) {
	open := quotedLast(text)
	if end := len(text) - 1; end-open > 2 && ascii.IsQuote(text[end]) && text[open] == text[end] &&
		!look.IsReference(text[open+1:end]) {
		p.mask(from+open+1, from+end, KindKeyValue)
	}
}

// insteadOf stand between a secret and the one that was there in its place; the last of them change it.
var insteadOf = []string{" != ", " == ", " !== ", " === ", " <> ", " vs ", ", got ", ", but got ", " but got ",
	", but was: ", " but was: ", ", but was ", " but was ", ", actual ", ", actual: ", ", received ", ", found ",
	", expected ", " -> ", " => ", " → "}

// instead masks the quoted text that stands for the other side of what was masked, which ends at i.
func (p *pass) instead(i int, quoted bool) {
	if quoted {
		i++
	}
	if i >= p.End || p.Text[i] != ' ' && p.Text[i] != ',' {
		return
	}
	for _, says := range insteadOf {
		v := i + len(says)
		if !p.HasAt(i, says) || v >= p.End {
			continue
		}
		if w, end := p.proseWord(v); w > v && quoted || w == v && !quoted && look.IsOddWord(p.Text[w:end]) {
			p.mask(w, end, KindKeyValue)
		}
		return
	}
}
