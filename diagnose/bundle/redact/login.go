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
	return []literal{{" / ", slashRule}, {"digest username=", digestRule}}
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
	if !slices.ContainsFunc(loginPhrases, func(s string) bool { return bytes.HasSuffix(says, []byte(s)) }) {
		return at
	}
	p.mask(v, end, KindKeyValue)
	return end
}
