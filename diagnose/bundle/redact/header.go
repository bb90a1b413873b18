package redact

import (
	"bytes"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// authSchemes begin the value of an Authorization header; one-word credentials
// follow the first ones, a list the others.
var (
	wordSchemes = ascii.Words(`bearer basic token apikey api-key key`)
	listSchemes = ascii.Words(`digest negotiate ntlm oauth signature hmac aws4-hmac-sha256 hawk`)
)

// header masks the credentials of an Authorization header, whole or in a tree.
func (p *pass) header(f *found) int {
	if f.tree {
		f.v = p.intoTree(f.v)
		if f.v >= p.End {
			return f.right
		}
		if g := p.At(p.StringPrefix(f.v)); ascii.IsQuote(g.C) {
			p.quoted(f, p.StringPrefix(f.v), g)
		} else {
			f.end = p.PlainEnd(f.v, min(p.End, f.v+look.MaxValue), f.sep)
		}
	}
	v := f.v
	start := p.StringPrefix(v)
	if f.quote.N == 0 && start > v && start < p.End && ascii.IsQuote(p.At(start).C) { // f'Bearer …'
		v = start + 1
	}
	word, _, spaced := bytes.Cut(p.Text[v:min(p.End, v+32)], []byte(" "))
	scheme := ascii.Lowered(strings.Trim(string(word), `"'`))
	at := p.SkipBlanks(min(p.End, v+len(word)))
	switch {
	case spaced && wordSchemes[scheme] && f.quote.N == 0:
		return p.credentials(f, at, p.PlainEnd(at, p.End, f.sep))
	case spaced && wordSchemes[scheme]:
		return p.credentials(f, at, p.QuotedEnd(at, min(p.End, at+maxRegion), f.quote))
	case spaced && f.quote.N == 0 && !look.IsProse([]byte(scheme)) && keyname.IsName([]byte(scheme)) && p.holdsPair(at):
		return p.credentials(f, at, p.regionEnd(at, f.before)) // a scheme that nobody knows
	case spaced && listSchemes[scheme] && f.quote.N == 0:
		return p.credentials(f, at, p.regionEnd(at, f.before))
	case spaced && listSchemes[scheme]:
		return p.credentials(f, at, p.QuotedEnd(at, min(p.End, at+maxRegion), f.quote))
	case spaced && p.isOneWord(f, scheme, at):
		return p.credentials(f, at, p.PlainEnd(at, p.End, f.sep))
	case !p.isSecret(f) || f.quote.N == 0 && p.isCode(f):
		return f.right
	}
	return p.hide(f, KindHeader)
}

// isOneWord tells the credentials behind a scheme that nobody knows: SSWS x. A sentence has no digits there.
func (p *pass) isOneWord(f *found, scheme string, at int) bool {
	if look.IsProse([]byte(scheme)) || !keyname.IsName([]byte(strings.ReplaceAll(scheme, "-", "_"))) || at >= p.End {
		return false
	}
	word := p.Text[at:p.PlainEnd(at, min(p.End, at+look.MaxValue), f.sep)]
	return len(word) >= 8 && look.HoldsDigit(word)
}

// holdsPair tells whether name=value may follow soon.
func (p *pass) holdsPair(i int) bool { return ascii.Holds(p.Text[i:min(p.End, i+look.MaxValue)], "=") }

// intoTree steps over the brackets that open a list of one header's values.
func (p *pass) intoTree(i int) int {
	for n := 0; i < p.End && n < 4 && ascii.OneOf(p.Text[i], "[{("); n++ {
		i = p.SkipBlanks(i + 1)
	}
	return i
}

// credentials masks what follows the scheme, unless it names where it comes from.
func (p *pass) credentials(f *found, from, to int) int {
	if from < to && !look.IsReference(p.Text[from:to]) {
		p.mask(from, to, KindHeader)
	}
	return max(to, f.right)
}

// maxRegion is the longest header that is masked whole; servers refuse longer ones.
const maxRegion = 16 << 10

// regionEnd returns the end of a header inside a line: the quote around it, a closing
// bracket or the end of the line. Quotes of its own, as in nonce="x", are part of it.
func (p *pass) regionEnd(v int, around glyph.Glyph) int {
	end := min(p.End, v+maxRegion)
	i := v
	for i < end {
		g := p.At(i)
		switch {
		case g.C == '\n', g.C == '\r', g.C == ']', g.C == '}', g.C == ')', g.C == '\\':
			p.m.work += i - v
			return i
		case ascii.IsQuote(g.C) && (g == around || i == v || p.Text[i-1] != '='):
			p.m.work += i - v
			return i
		case ascii.IsQuote(g.C):
			i = p.QuotedEnd(i+g.N, end, g)
		}
		i = min(i+g.N, end)
	}
	p.m.work += i - v
	return i
}

// cookie masks a header's whole list, the values of a map, or one value.
func (p *pass) cookie(f *found) int {
	switch {
	case f.tree && (p.Text[f.v] == '{' || p.isListOfCookies(f)):
		return p.leaves(f)
	case f.tree:
		f.tree = false
		if f.v = p.intoTree(f.v); f.v < p.End && ascii.IsQuote(p.At(f.v).C) {
			p.quoted(f, f.v, p.At(f.v))
		} else {
			f.end = f.v
			f.joint = look.Loose
		}
	}
	equals := bytes.IndexByte(p.Text[f.v:min(p.End, f.v+look.MaxValue)], '=')
	switch {
	case f.quote.N > 0 || equals <= 0:
	case f.before.C == '<': // <Cookie sid=x for host>
		f.v += equals + 1
		f.end, f.joint = p.PlainEnd(f.v, min(p.End, f.v+look.MaxValue), glyph.Glyph{}), look.Tight
	case f.joint == look.Loose || f.end == f.v:
		if end := p.regionEnd(f.v, f.before); f.v+equals < end {
			f.end, f.joint = end, look.Tight
		}
	}
	single := f.joint == look.Loose && f.end-f.v >= 8 && p.onlyWord(f.v) && !look.IsProse(p.Text[f.v:f.end])
	if f.end <= f.v || !single && !p.isSecret(f) || f.quote.N == 0 && p.isCode(f) {
		return f.right
	}
	return p.hide(f, KindHeader)
}

// isListOfCookies tells [<Cookie …>] and ('sid', 'x') from ['sid=x; Path=/'].
func (p *pass) isListOfCookies(f *found) bool {
	return p.Text[f.v] == '(' || p.HasAt(f.v, "[<")
}
