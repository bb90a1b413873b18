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

// parametersRule masks the parameters that PostgreSQL logs apart from their statement, which stands in the same line,
// above or below:
//
//	LOG:  execute <unnamed>: UPDATE users SET password = $2 WHERE login = $1
//	DETAIL:  parameters: $1 = 'bob', $2 = 'hunter2'
func parametersRule(p *page.Page, at, n int) int {
	secret := map[string]bool{}
	placeholders(p, glyph.Span{From: p.TextStart(), To: p.End}, secret)
	for _, step := range []func(int) (glyph.Span, bool){p.Preceding, p.After} {
		if line, ok := step(at); ok {
			placeholders(p, line, secret)
		}
	}
	i := at + n - len("$1")
	for i < p.End && p.HasAt(i, "$") && len(secret) > 0 {
		name := p.RunEnd(i+1, ascii.IsDigit)
		if !p.HasAt(name, " = '") {
			break
		}
		v := name + len(" = '")
		end := p.QuotedEnd(v, min(p.End, v+glyph.MaxWord), glyph.Glyph{C: '\'', N: 1})
		if secret[string(p.Text[i:name])] {
			p.Mask(v, end, page.KindKeyValue)
		}
		if !p.HasAt(end, "', ") {
			break
		}
		i = end + len("', ")
	}
	return at + n
}

// placeholders notes which placeholders of a statement stand for a secret: password = $2, and those of the columns of
// an INSERT.
func placeholders(p *page.Page, line glyph.Span, secret map[string]bool) {
	text := p.Text[line.From:min(line.To, line.From+maxBound)]
	p.Looked(len(text))
	for i := 1; i < len(text); i++ {
		if text[i] != '$' || i+1 >= len(text) || !ascii.IsDigit(text[i+1]) {
			continue
		}
		before, equals := bytes.CutSuffix(bytes.TrimRight(text[:i], " "), []byte("="))
		name := bytes.TrimRight(before, " \"")
		name = name[bytes.LastIndexAny(name, " ,(.\"")+1:]
		if equals && isSecretColumn(p, name) {
			secret[string(text[i:placeholderEnd(text, i)])] = true
		}
	}
	insertPlaceholders(p, text, secret)
}

func placeholderEnd(text []byte, i int) int {
	for i++; i < len(text) && ascii.IsDigit(text[i]); i++ {
	}
	return i
}

func isSecretColumn(p *page.Page, name []byte) bool {
	if len(name) == 0 || len(name) > keyname.MaxKey {
		return false
	}
	c := p.Class(name)
	return c == keyname.Strong || c == keyname.Token || c == keyname.Pwd
}

// insertPlaceholders reads INSERT INTO users (login, password) VALUES ($1, $2).
func insertPlaceholders(p *page.Page, text []byte, secret map[string]bool) {
	open := bytes.IndexByte(text, '(')
	values := bytes.Index(bytes.ToLower(text), []byte("values"))
	if open < 0 || values < open || !ascii.Holds(bytes.ToLower(text[:open]), "insert into") {
		return
	}
	columns := bytes.Split(bytes.TrimRight(text[open+1:values], " )"), []byte(","))
	places := bytes.Split(bytes.TrimLeft(text[values+len("values"):], " ("), []byte(","))
	for i := range min(len(columns), len(places)) {
		place := bytes.Trim(places[i], " )")
		if isSecretColumn(p, bytes.Trim(columns[i], " \"`")) && len(place) > 1 && place[0] == '$' {
			secret[string(place[:placeholderEnd(place, 0)])] = true
		}
	}
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
