package place

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

// maxBound is how much of a statement beside its parameters is read.
const maxBound = 1 << 10

func isSecretColumn(p *page.Page, name []byte) bool {
	if len(name) == 0 || len(name) > keyname.MaxKey {
		return false
	}
	c := p.Class(name)
	return c == keyname.Strong || c == keyname.Token || c == keyname.Pwd
}

// argumentsRule masks what Python's logging shows of a message that it could not make:
//
//	Message: 'login with password %s'
//	Arguments: ('hunter2',)
func argumentsRule(p *page.Page, at, n int) int {
	above, ok := p.Preceding(at)
	if !ok {
		return at
	}
	message := p.Text[above.From:min(above.To, above.From+maxBound)]
	p.Looked(len(message))
	if !ascii.Holds(message, "Message: ") {
		return at
	}
	var room [8]glyph.Argument
	args := p.Arguments(room[:], at+n, at+n+glyph.MaxArguments)
	for _, a := range args {
		next := bytes.IndexByte(message, '%')
		if next < 0 {
			break
		}
		before := bytes.TrimRight(message[:next], " =:'\"")
		name := before[bytes.LastIndexAny(before, " ,('\"")+1:]
		if a.Quoted && len(name) > 0 && isSecretColumn(p, name) {
			p.Mask(a.V, a.End, page.KindKeyValue)
		}
		message = message[next+1:]
	}
	return at
}

// secretBelowRule masks the one word of base64 that kubectl answers when it is asked for a member of a Secret.
func secretBelowRule(p *page.Page, at, n int) int {
	below, ok := p.After(at)
	if !ok || !ascii.Holds(p.Text[at:min(p.End, at+look.MaxValue)], "jsonpath") {
		return at
	}
	text := bytes.TrimSpace(p.Text[below.From:below.To])
	for _, c := range text {
		if !ascii.IsBase64(c) {
			return at
		}
	}
	from := below.From + bytes.Index(p.Text[below.From:below.To], text)
	p.Mask(from, from+len(text), page.KindKeyValue)
	return at
}

// derivedRule masks the key that openssl derives from a password and prints above its iv.
func derivedRule(p *page.Page, at, n int) int {
	line := p.TextOf(p.Start, p.End)
	end := p.RunEnd(at+n, ascii.IsHexDigit)
	if at != line.From || end != line.To || end-at-n < 32 {
		return at
	}
	if below, ok := p.After(at); ok && p.Text[below.From] == 'i' && ascii.HasFold(p.Text[below.From:below.To], "iv") {
		p.Mask(at+n, end, page.KindPrivateKey)
	}
	return at
}
