package place

import (
	"bytes"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

// authRule masks redis' AUTH: as a command of its own, in HELLO and MIGRATE, in what
// MONITOR prints, in RESP, and SMTP's AUTH PLAIN.
func authRule(p *page.Page, at, n int) int {
	right := at + n
	if p.HasAt(right, "2") || p.HasAt(right, "2 ") {
		right++
	}
	if at > p.Start && ascii.IsKeyByte(p.Text[at-1]) && p.Before(at).N == 1 || right < p.End &&
		ascii.IsKeyByte(p.Text[right]) {
		return at
	}
	if right >= p.End {
		return at
	}
	upper := p.Text[at] == 'A' && p.Text[at+1] == 'U'
	if phrase := "', with args beginning with: "; right+len(phrase) < p.End && p.HasAt(right+1, phrase[1:]) {
		quotedWords(p, right+len(phrase)-1, 2)
		return at
	}
	switch next := p.At(right); {
	case upper && next.C == ',' && p.Before(at).C == '[': // [AUTH, x]
		v := p.SkipBlanks(right + 1)
		p.Mask(v, p.PlainEnd(v, p.End, glyph.Glyph{}), page.KindArgument)
	case ascii.IsQuote(next.C) && ascii.IsQuote(p.Before(at).C):
		quotedWords(p, right, 2)
	case upper && next.C == '\n':
		resp(p, right)
	case upper && next.C == ' ':
		bareAuth(p, at, right)
	}
	return at
}

// quotedWords masks the last of up to n quoted words: "AUTH" "user" "x". Other words
// may follow a user and its password: "HELLO" "3" "AUTH" "user" "x" "SETNAME" "y".
func quotedWords(p *page.Page, i, n int) {
	i += p.At(i).N
	var last glyph.Span
	for range n {
		i = p.SkipBlanks(i)
		if p.HasAt(i, ",") {
			i = p.SkipBlanks(i + 1)
		}
		if i >= p.End || !ascii.IsQuote(p.At(i).C) {
			break
		}
		g := p.At(i)
		end := p.QuotedEnd(i+g.N, min(p.End, i+glyph.MaxWord), g)
		if strings.EqualFold(string(p.Text[i+g.N:end]), "SETNAME") || p.IsName(min(p.End, end+g.N)) {
			break
		}
		last = glyph.Span{From: i + g.N, To: end}
		i = end + g.N
	}
	p.Mask(last.From, last.To, page.KindArgument)
}

// resp masks the argument of AUTH in redis' wire format: AUTH\r\n$8\r\nx\r\n.
func resp(p *page.Page, i int) {
	for range 2 {
		for i < p.End && p.At(i).C == '\n' {
			i += p.At(i).N
		}
		if !p.HasAt(i, "$") {
			return
		}
		for i < p.End && p.At(i).C != '\n' {
			i++
		}
		for i < p.End && p.At(i).C == '\n' {
			i += p.At(i).N
		}
		end := i
		for end < p.End && p.At(end).C != '\n' && end-i < glyph.MaxWord {
			end++
		}
		p.Mask(i, end, page.KindArgument)
		i = end
	}
}

// bareAuth masks AUTH x and AUTH user x, and the base64 of SMTP's AUTH PLAIN. In
// prose ("Client sent AUTH, but no password is set") words follow.
func bareAuth(p *page.Page, at, right int) {
	v, end := p.Word(p.SkipBlanks(right))
	first := string(p.Text[v:end])
	after := p.SkipBlanks(end)
	v2, end2 := p.Word(after)
	rest := p.SkipBlanks(end2)
	second := string(p.Text[v2:end2])
	switch {
	case first == "", first != "default" && look.IsProse([]byte(first)):
	case first == "PLAIN" || first == "LOGIN" || first == "CRAM-MD5" || first == "XOAUTH2":
		if end2-v2 >= 8 {
			p.Mask(v2, end2, page.KindArgument)
		}
	case second == "" && (beginsCommand(p, at) || look.HoldsDigit([]byte(first)) || look.Mixed([]byte(first))):
		p.Mask(v, end, page.KindArgument)
	case first == "default" && second != "" && !look.IsProse([]byte(second)):
		p.Mask(v2, end2, page.KindArgument)
	case second != "" && (rest >= p.End || p.HasAt(rest, "SETNAME")) && beginsCommand(p, at) &&
		!look.IsProse([]byte(second)):
		p.Mask(v2, end2, page.KindArgument)
	}
}

// beginsCommand tells whether a word is where a command may begin or go on: after
// nothing, a colon, a prompt or upper-case words and numbers.
func beginsCommand(p *page.Page, at int) bool {
	before := bytes.TrimRight(p.LineBefore(at, 64), " ")
	if len(before) == 0 || ascii.OneOf(before[len(before)-1], `:>])"'`) {
		return true
	}
	word := before[bytes.LastIndexByte(before, ' ')+1:]
	for _, c := range word {
		if !ascii.IsUpper(c) && !ascii.IsDigit(c) {
			return false
		}
	}
	return true
}

// setUserRule masks passwords and their hashes in ACL SETUSER u on >x #hash ~* +@all.
func setUserRule(p *page.Page, at, n int) int {
	aclWords(p, at+n)
	return at + n
}

// aclFileRule masks them in lines of redis' users.acl: user u on #hash ~* +@all.
func aclFileRule(p *page.Page, at, n int) int {
	if at == p.TextStart() && ascii.Holds(p.Text[at:min(p.End, at+look.MaxValue)], " on ") {
		aclWords(p, at+n)
	}
	return at
}

func aclWords(p *page.Page, i int) {
	for range 24 {
		for i < p.End && (ascii.IsBlank(p.Text[i]) || ascii.IsQuote(p.At(i).C) || p.Text[i] == ',') {
			i += p.At(i).N
		}
		end := i
		for end < min(p.End, i+look.MaxValue) && !ascii.IsSpace(p.Text[end]) && !ascii.IsQuote(p.At(end).C) {
			end++
		}
		if end == i {
			return
		}
		if c := p.Text[i]; (c == '>' || c == '<' || c == '#' || c == '!') && end-i > 1 {
			p.Mask(i+1, end, page.KindArgument)
		}
		i = end
	}
}

// configRule masks CONFIG SET requirepass x, also quoted.
func configRule(p *page.Page, at, n int) int {
	i := at + n
	for range 2 {
		for i < p.End && (ascii.IsBlank(p.Text[i]) || ascii.IsQuote(p.At(i).C) || p.Text[i] == ',') {
			i += p.At(i).N
		}
		end := i
		for end < min(p.End, i+32) && ascii.IsKeyByte(p.Text[end]) {
			end++
		}
		switch word := ascii.Lowered(string(p.Text[i:end])); {
		case word == "set":
		case Directives[word]:
			if end < p.End && ascii.IsQuote(p.At(end).C) {
				quotedWords(p, end, 1)
			}
			return at
		default:
			return at
		}
		i = end
	}
	return at
}
