package redact

import (
	"bytes"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/place"
)

// loginLiterals begin what a person or a client logs in with, where no name tells which part is the secret.
func loginLiterals() []literal {
	list := []literal{{" / ", slashRule}, {"digest username=", digestRule}, {"this may also be found at", jenkinsRule}}
	for _, says := range []string{"credentials", "log in with:", "login with:", "sign in with:", "log in as:",
		"default login:", "default account:", "initial login:"} {
		list = append(list, literal{says, loginBelowRule})
	}
	for _, says := range []string{"(default ", "(change ", "(please change"} {
		list = append(list, literal{says, loginBeforeRule})
	}
	return list
}

// maxDigest is how far the response of a digest may stand behind its beginning.
const maxDigest = 512

// digestRule masks the members of a digest that no header's name announces: digest username="b", response="x".
func digestRule(p *pass, at, n int) int {
	v := at + len("digest ")
	near := p.Text[v:min(p.End, v+maxDigest)]
	p.m.work += len(near)
	if !ascii.Holds(near, "response=") {
		return at
	}
	end := p.regionEnd(v, glyph.Glyph{})
	p.mask(v, end, KindHeader)
	return end
}

// loginPhrases come before a user and a password that a slash with blanks parts.
var loginPhrases = []string{"credentials are", "credentials", "creds", "login", "log in with", "login with",
	"logged in with",
	"log in as", "logged in as", "login as", "basic auth", "login is", "login attempt", "login for", "attempt by",
	"account created", "user created", "created account", "created user", "admin account", "admin user", "default user",
	"default account", "sign in with", "sign in as"}

// slashRule masks the second of the two: default credentials are admin / x.
func slashRule(p *pass, at, n int) int {
	before := p.LineBefore(at, maxHost)
	user := before[bytes.LastIndexAny(before, " (")+1:]
	says := bytes.TrimRight(bytes.ToLower(before[:len(before)-len(user)]), " :(")
	p.m.work += len(before)
	v, end := p.wordAt(at + n)
	word := p.Text[v:end]
	if !place.IsUser(bytes.ReplaceAll(user, []byte("@"), nil)) || len(word) < 4 || !look.HoldsLetter(word) ||
		look.IsPredicate(word) || look.IsReference(word) || bytes.ContainsAny(word, "/<>") {
		return at
	}
	if !endsInLogin(says) && !p.loginAbove(at-len(user)) && !p.loginBehind(end) {
		return at
	}
	p.mask(v, end, KindKeyValue)
	return end
}

func endsInLogin(says []byte) bool {
	return slices.ContainsFunc(loginPhrases, func(s string) bool { return bytes.HasSuffix(says, []byte(s)) })
}

// loginAbove tells whether a user's name at position from begins its line and the line above says what it is:
//
//	Default credentials:
//	admin / hunter2
func (p *pass) loginAbove(from int) bool {
	if len(bytes.TrimSpace(p.Text[p.TextStart():from])) > 0 {
		return false
	}
	above, ok := p.Preceding(p.Start)
	if !ok || above.To-above.From > maxWidth {
		return false
	}
	says := bytes.ToLower(bytes.TrimRight(p.Text[above.From:above.To], " :"))
	return endsInLogin(says) || ascii.Holds(says, "credentials")
}

// loginBehind tells whether what stands in brackets at position i is about logging in: (change after first login).
func (p *pass) loginBehind(i int) bool {
	if !p.HasAt(i, " (") {
		return false
	}
	says, _, closed := bytes.Cut(p.Text[i:min(p.End, i+maxRemark)], []byte(")"))
	says = bytes.ToLower(says)
	p.m.work += len(says)
	return closed && (ascii.Holds(says, "credential") || ascii.Holds(says, "login") || ascii.Holds(says, "password"))
}

// maxRemark is the longest remark about a login that is read.
const maxRemark = 80

// loginBeforeRule masks the password in user:password before such brackets: admin:x (default credentials).
func loginBeforeRule(p *pass, at, n int) int {
	before := p.LineBefore(at, look.MaxValue)
	word, ok := bytes.CutSuffix(before, []byte(" "))
	word = word[bytes.LastIndexAny(word, " \t\"'")+1:]
	if mark := place.PasswordIn(word); ok && mark > 0 && p.loginBehind(at-1) {
		p.mask(at-1-len(word)+mark, at-1, KindKeyValue)
	}
	return at
}

// loginBelowRule masks the password in user:password that stands alone in the line below what says so, or in the one
// after an empty line.
func loginBelowRule(p *pass, at, n int) int {
	own := p.TextOf(p.Start, p.End)
	if own.To-at > maxRemark {
		return at
	}
	rest := p.Text[at+n : max(at+n, own.To)]
	if !bytes.HasSuffix(rest, []byte(":")) && p.Text[at+n-1] != ':' && !bytes.HasPrefix(rest, []byte(" for ")) {
		return at
	}
	line := glyph.Span{From: at}
	for range 2 {
		below, ok := p.After(line.From)
		if !ok {
			return at
		}
		line = below
		if text := bytes.TrimSpace(p.Text[line.From:line.To]); len(text) > 0 {
			if mark := place.PasswordIn(text); mark > 0 && bytes.IndexByte(text, ' ') < 0 {
				from := line.From + glyph.Indent(p.Text[line.From:line.To])
				p.mask(from+mark, from+len(text), KindKeyValue)
			}
			return at
		}
	}
	return at
}

// jenkinsRule masks the first password of Jenkins, a number of 32 digits in base 16 above the words that tell of its
// file, or before them where the lines are one.
func jenkinsRule(p *pass, at, n int) int {
	const digits = 32
	from := max(0, at-2*look.MaxValue)
	text := p.Text[from:at]
	p.m.work += len(text)
	run := 0
	for i := len(text) - 1; i >= 0; i-- {
		if ascii.IsHexDigit(text[i]) {
			run++
			continue
		}
		if run == digits {
			p.mask(from+i+1, from+i+1+digits, KindKeyValue)
			return at
		}
		run = 0
	}
	return at
}
