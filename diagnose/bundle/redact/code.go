package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// codeAlone masks a one-time code that a message tells a person (Use code 123456, and G-123456 is your code), and one
// that OAuth exchanges. Codes of errors and of countries have no such words around them.
func (p *pass) codeAlone(f *found) int {
	if !ascii.IsFold(p.key(f), "code") {
		return f.right
	}
	v, end, ok := p.offeredCode(f)
	if !ok {
		v, end, ok = p.grantedCode(f)
	}
	if ok {
		p.mask(v, end, KindKeyValue)
		return end
	}
	p.codeBefore(f)
	return f.right
}

// offeredCode finds the code behind what tells a person of it.
func (p *pass) offeredCode(f *found) (v, end int, ok bool) {
	before := bytes.TrimRight(p.Text[max(p.TextStart(), f.left-maxOffer):f.left], " ")
	switch last := before[bytes.LastIndexAny(before, " \"'")+1:]; {
	case ascii.Among(offers, last) && !p.HasAt(f.right, " is "):
		v = p.SkipBlanks(f.right)
	case ascii.IsFold(last, "your") && p.HasAt(f.right, " is "):
		v = p.SkipBlanks(f.right + len(" is "))
	default:
		return 0, 0, false
	}
	end = p.RunEnd(v, ascii.IsWordish)
	return v, end, look.IsOneTime(p.Text[v:end])
}

// grantedCode finds the code of an authorization: exchanging code x, code=0.ASoA81kkqLmz.
func (p *pass) grantedCode(f *found) (v, end int, ok bool) {
	before := bytes.ToLower(bytes.TrimRight(p.Text[max(p.TextStart(), f.left-maxOffer):f.left], " "))
	exchanged := bytes.HasSuffix(before, []byte("exchanging")) || bytes.HasSuffix(before, []byte("redeeming"))
	if j := p.SkipBlanks(f.right); exchanged && j < p.End {
		if v, end = p.proseWord(j); end > j && look.LikeSecret(p.Text[v:end]) {
			return v, end, true
		}
	}
	i := p.closeName(f)
	if !p.HasAt(i, "=") && !p.HasAt(i, ": ") {
		return 0, 0, false
	}
	v = p.SkipBlanks(i + 1)
	end = p.RunEnd(v, ascii.IsTokenish)
	word := p.Text[v:end]
	random := len(word) >= 12 && look.IsRandom(word) && look.Mixed(word) && look.Capitals(word) < 4
	return v, end, random || len(word) >= 6 && look.IsOddWord(word) && p.isExchange(f)
}

// isExchange tells whether a code stands beside what OAuth sends with it.
func (p *pass) isExchange(f *found) bool {
	around := p.Text[max(p.TextStart(), f.left-2*maxOffer):min(p.End, f.right+2*maxOffer)]
	p.m.work += len(around)
	return ascii.Holds(around, "redirect_uri") || ascii.Holds(around, "authorization_code") ||
		ascii.Holds(around, "state=") && ascii.Holds(around, "callback")
}

// codeBefore masks the code in what comes before: 123456 is your Shop code.
func (p *pass) codeBefore(f *found) {
	from := max(p.TextStart(), f.left-maxOffer)
	before := p.Text[from:f.left]
	is := bytes.LastIndex(before, []byte(" is your "))
	if is < 0 {
		return
	}
	v := is
	for v > 0 && ascii.IsWordish(before[v-1]) {
		v--
	}
	if look.IsOneTime(before[v:is]) {
		p.mask(from+v, from+is, KindKeyValue)
	}
}

// offers are words before a code for a person; maxOffer is how far they are looked for.
var offers = ascii.Words(`use enter using with type your`)
