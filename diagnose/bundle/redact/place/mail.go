package place

import (
	"bytes"
	"encoding/base64"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

// smtpLoginRule masks the answer to "Password:" of SMTP's AUTH LOGIN, which comes in base64 on this line or one of the
// next: send: 'eA==\r\n'.
func smtpLoginRule(p *page.Page, at, n int) int {
	if answer(p, at+n) {
		return at + n
	}
	for i, lines := at, 0; lines < glyph.Reach; lines++ {
		below, ok := p.After(i)
		if !ok {
			break
		}
		done := false
		p.Within(below, func() { done = answer(p, below.From) })
		if done {
			break
		}
		i = below.From
	}
	return at + n
}

// answer masks the base64 that is sent from i on in the current line: behind "send: ", or as all that a client said.
func answer(p *page.Page, i int) bool {
	const sends = "send: "
	line := p.Text[i:min(p.End, i+look.MaxValue)]
	v := i
	if found := bytes.Index(line, []byte(sends)); found >= 0 {
		v += found + len(sends)
	} else if word := bytes.TrimRight(line, " \r"); i > p.TextStart() {
		return answerBehind(p, i)
	} else {
		v += bytes.LastIndexByte(word, ' ') + 1
	}
	return maskAnswer(p, v)
}

// answerBehind masks the answer that a session shows in the line of the question: 334 UGFzc3dvcmQ6\nC: eA==.
func answerBehind(p *page.Page, i int) bool {
	for n := 0; n < 2 && i < p.End && p.At(i).C == '\n'; n++ {
		i += p.At(i).N
	}
	if p.HasAt(i, "C: ") || p.HasAt(i, "-> ") {
		i += len("C: ")
	} else if p.HasAt(i, "> ") {
		i += len("> ")
	}
	return maskAnswer(p, i)
}

func maskAnswer(p *page.Page, v int) bool {
	for v < p.End && (p.Text[v] == 'b' && v+1 < p.End && ascii.IsQuote(p.Text[v+1]) || ascii.IsQuote(p.Text[v])) {
		v++
	}
	end := p.RunEnd(v, func(c byte) bool { return ascii.IsBase64(c) && c != '-' && c != '_' })
	if end-v < 4 {
		return false
	}
	p.Mask(v, end, page.KindArgument)
	return true
}

// passRule masks PASS x of FTP and POP3. A test runner's PASS has a path after it.
func passRule(p *page.Page, at, n int) int {
	v, end := p.Word(at + n)
	if !p.HasAt(at, "PASS") || at > p.Start && ascii.IsKeyByte(p.Text[at-1]) || end <= v || look.IsProse(p.Text[v:end]) {
		return at
	}
	before := bytes.TrimRight(p.Text[p.TextStart():at], " ")
	// ftplib's 'PASS x'
	quoted := at > p.Start && end < p.End && ascii.IsQuote(p.Text[at-1]) && p.Text[end] == p.Text[at-1]
	begins := len(before) == 0 || bytes.HasSuffix(before, []byte("quote")) || ascii.Holds(before, "USER ") ||
		ascii.OneOf(before[len(before)-1], ">:")
	if quoted || begins && p.SkipBlanks(end) >= p.End && !bytes.ContainsAny(p.Text[v:end], "/.:") {
		p.Mask(v, end, page.KindArgument)
	}
	return at
}

// loginRule masks IMAP's a1 LOGIN user x. The tag before it has a digit.
func loginRule(p *page.Page, at, n int) int {
	tag := p.LineBefore(at, 16)
	tag = bytes.TrimRight(tag[bytes.LastIndexAny(bytes.TrimRight(tag, " "), " '\"")+1:], " ")
	name, user := p.Word(at + n)
	tagged := len(tag) >= 2 && ascii.IsDigit(tag[len(tag)-1]) || string(tag) == "*" && name > at+n
	if p.Text[at] != 'L' || p.Text[at+1] != 'O' || !tagged {
		return at
	}
	if user < p.End && ascii.IsQuote(p.Text[user]) {
		user++
	}
	v, end := p.Word(p.SkipBlanks(user))
	rest := p.SkipBlanks(min(p.End, end+1))
	if end > v && (rest >= p.End || ascii.IsQuote(p.Text[rest])) && !look.IsProse(p.Text[v:end]) {
		p.Mask(v, end, page.KindArgument)
	}
	return at
}

// plainRule masks what SASL's mechanism PLAIN sends: base64 of an identity, a user and a password with NULs between.
func plainRule(p *page.Page, at, n int) int {
	v := at + n
	end := p.ShortRun(v, ascii.IsBase64)
	plain, err := base64.RawStdEncoding.DecodeString(string(bytes.TrimRight(p.Text[v:end], "=")))
	if err != nil || bytes.Count(plain, []byte{0}) != 2 {
		return at
	}
	p.Mask(v, end, page.KindArgument)
	return end
}

// nulRule masks the password in what SASL's PLAIN sends, where a program shows it decoded: \x00bob\x00hunter2.
func nulRule(p *page.Page, at, n int) int {
	mark := bytes.TrimPrefix(p.Text[at:at+n], []byte(": "))
	line := p.Text[at+n : min(p.End, at+n+look.MaxValue)]
	p.Looked(len(line))
	user, rest, two := bytes.Cut(line, mark)
	end := bytes.IndexFunc(rest, func(r rune) bool { return r == '\\' || r == ' ' || r == '\'' || r == '"' || r == ',' })
	if end < 0 {
		end = len(rest)
	}
	if !two || len(user) > maxHost || end < 3 || !IsUser(bytes.ReplaceAll(user, []byte("@"), nil)) {
		return at
	}
	v := at + n + len(user) + len(mark)
	p.Mask(v, v+end, page.KindArgument)
	return v + end
}

// mapRule masks the password in a row of Postfix's sasl_passwd: [host]:587 user:x.
func mapRule(p *page.Page, at, n int) int {
	v, end := p.Word(at + n)
	colon := bytes.IndexByte(p.Text[v:end], ':')
	if colon <= 0 {
		return at
	}
	p.Mask(v+colon+1, end, page.KindArgument)
	return end
}
