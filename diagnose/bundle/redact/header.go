package redact

import (
	"bytes"
	"strings"
)

// authSchemes begin the value of an Authorization header; one-word credentials
// follow the first ones, a list the others.
var (
	wordSchemes = words(`bearer basic token apikey api-key key`)
	listSchemes = words(`digest negotiate ntlm oauth signature hmac aws4-hmac-sha256 hawk`)
)

// header masks the credentials of an Authorization header, whole or in a tree.
func (p *pass) header(f *found) int {
	if f.tree {
		f.v = p.intoTree(f.v)
		if f.v >= p.end {
			return f.right
		}
		if g := p.at(p.stringPrefix(f.v)); isQuote(g.c) {
			p.quoted(f, p.stringPrefix(f.v), g)
		} else {
			f.end = p.plainEnd(f.v, min(p.end, f.v+maxValue), f.sep)
		}
	}
	v := f.v
	start := p.stringPrefix(v)
	if f.quote.n == 0 && start > v && start < p.end && isQuote(p.at(start).c) { // f'Bearer …'
		v = start + 1
	}
	word, _, spaced := bytes.Cut(p.text[v:min(p.end, v+32)], []byte(" "))
	scheme := lowered(strings.Trim(string(word), `"'`))
	at := p.skipBlanks(min(p.end, v+len(word)))
	switch {
	case spaced && wordSchemes[scheme] && f.quote.n == 0:
		return p.credentials(f, at, p.plainEnd(at, p.end, f.sep))
	case spaced && wordSchemes[scheme]:
		return p.credentials(f, at, p.quotedEnd(at, min(p.end, at+maxRegion), f.quote))
	case spaced && f.quote.n == 0 && !isProse([]byte(scheme)) && isName([]byte(scheme)) && p.holdsPair(at):
		return p.credentials(f, at, p.regionEnd(at, f.before)) // a scheme that nobody knows
	case spaced && listSchemes[scheme] && f.quote.n == 0:
		return p.credentials(f, at, p.regionEnd(at, f.before))
	case spaced && listSchemes[scheme]:
		return p.credentials(f, at, p.quotedEnd(at, min(p.end, at+maxRegion), f.quote))
	case spaced && p.isOneWord(f, scheme, at):
		return p.credentials(f, at, p.plainEnd(at, p.end, f.sep))
	case !p.isSecret(f) || f.quote.n == 0 && p.isCode(f):
		return f.right
	}
	return p.hide(f, KindHeader)
}

// isOneWord tells the credentials behind a scheme that nobody knows: SSWS x. A sentence has no digits there.
func (p *pass) isOneWord(f *found, scheme string, at int) bool {
	if isProse([]byte(scheme)) || !isName([]byte(strings.ReplaceAll(scheme, "-", "_"))) || at >= p.end {
		return false
	}
	word := p.text[at:p.plainEnd(at, min(p.end, at+maxValue), f.sep)]
	return len(word) >= 8 && holdsDigit(word)
}

// holdsPair tells whether name=value may follow soon.
func (p *pass) holdsPair(i int) bool { return holds(p.text[i:min(p.end, i+maxValue)], "=") }

// intoTree steps over the brackets that open a list of one header's values.
func (p *pass) intoTree(i int) int {
	for n := 0; i < p.end && n < 4 && oneOf(p.text[i], "[{("); n++ {
		i = p.skipBlanks(i + 1)
	}
	return i
}

// credentials masks what follows the scheme, unless it names where it comes from.
func (p *pass) credentials(f *found, from, to int) int {
	if from < to && !isReference(p.text[from:to]) {
		p.mask(from, to, KindHeader)
	}
	return max(to, f.right)
}

// maxRegion is the longest header that is masked whole; servers refuse longer ones.
const maxRegion = 16 << 10

// regionEnd returns the end of a header inside a line: the quote around it, a closing
// bracket or the end of the line. Quotes of its own, as in nonce="x", are part of it.
func (p *pass) regionEnd(v int, around glyph) int {
	end := min(p.end, v+maxRegion)
	i := v
	for i < end {
		g := p.at(i)
		switch {
		case g.c == '\n', g.c == '\r', g.c == ']', g.c == '}', g.c == ')', g.c == '\\':
			p.m.work += i - v
			return i
		case isQuote(g.c) && (g == around || i == v || p.text[i-1] != '='):
			p.m.work += i - v
			return i
		case isQuote(g.c):
			i = p.quotedEnd(i+g.n, end, g)
		}
		i = min(i+g.n, end)
	}
	p.m.work += i - v
	return i
}

// cookie masks a header's whole list, the values of a map, or one value.
func (p *pass) cookie(f *found) int {
	switch {
	case f.tree && (p.text[f.v] == '{' || p.isListOfCookies(f)):
		return p.leaves(f)
	case f.tree:
		f.tree = false
		if f.v = p.intoTree(f.v); f.v < p.end && isQuote(p.at(f.v).c) {
			p.quoted(f, f.v, p.at(f.v))
		} else {
			f.end = f.v
			f.joint = jointLoose
		}
	}
	equals := bytes.IndexByte(p.text[f.v:min(p.end, f.v+maxValue)], '=')
	switch {
	case f.quote.n > 0 || equals <= 0:
	case f.before.c == '<': // <Cookie sid=x for host>
		f.v += equals + 1
		f.end, f.joint = p.plainEnd(f.v, min(p.end, f.v+maxValue), glyph{}), jointTight
	case f.joint == jointLoose || f.end == f.v:
		if end := p.regionEnd(f.v, f.before); f.v+equals < end {
			f.end, f.joint = end, jointTight
		}
	}
	single := f.joint == jointLoose && f.end-f.v >= 8 && p.onlyWord(f.v) && !isProse(p.text[f.v:f.end])
	if f.end <= f.v || !single && !p.isSecret(f) || f.quote.n == 0 && p.isCode(f) {
		return f.right
	}
	return p.hide(f, KindHeader)
}

// isListOfCookies tells [<Cookie …>] and ('sid', 'x') from ['sid=x; Path=/'].
func (p *pass) isListOfCookies(f *found) bool {
	return p.text[f.v] == '(' || p.hasAt(f.v, "[<")
}
