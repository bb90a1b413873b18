package redact

import (
	"bytes"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/place"
)

// tellsItself tells whether a word of a sentence is a secret by its look.
func (p *pass) tellsItself(f *found, word []byte, quoted, named bool) bool {
	if look.IsReference(word) || look.IsProse(word) || look.IsSecretName(word) || p.isTellingName(word) ||
		look.IsAlgorithm(word) ||
		bytes.HasPrefix(word, []byte(look.Mask)) {
		return false
	}
	switch {
	case f.class == keyname.Long:
		return look.IsLongRandom(word) && !look.IsID(word) && (look.Mixed(word) || p.isCrypto(f))
	case f.class == keyname.Cookie:
		return look.IsLongRandom(word)
	case f.class == keyname.Token && quoted && len(word) >= 6 && !named:
		return look.IsRandom(word) || bytes.IndexAny(word, "_-") > 0 && keyname.IsName(bytes.ReplaceAll(word, []byte("-"),
			nil))
	case p.isQualified(f) && (len(word) >= 8 && look.IsOddWord(word) || quoted && !bytes.ContainsAny(word, " /.")):
		return true
	case f.class == keyname.Strong && keyname.IsPassword(p.key(f)) && look.IsOneTime(word):
		return true
	case f.class == keyname.Code:
		return look.IsCodeWord(word) || look.IsTyped(word) || look.IsUpperCode(word) || look.IsLongRandom(word)
	case look.IsRandom(word):
		return true
	case f.class == keyname.Strong && keyname.IsPassword(p.key(f)) && look.IsOddPassword(word):
		return true
	case f.class == keyname.Strong && quoted && keyname.IsPassword(p.key(f)):
		return bytes.IndexByte(word, '/') < 0 && !keyname.IsName(word) || named
	case f.class == keyname.Strong && quoted && named:
		return look.HoldsDigit(word)
	}
	return f.class == keyname.Strong && named && keyname.IsPassword(p.key(f)) && look.HoldsDigit(word)
}

// isProtocol tells words of protocols, whose own rules read what follows.
func (p *pass) isProtocol(f *found) bool {
	return len(p.key(f)) == 4 && keyname.IsUpper(p.key(f)) && f.class != keyname.Code
}

// isQualified tells a name of two words, which is no object's: API key.
func (p *pass) isQualified(f *found) bool {
	return f.class == keyname.Strong && bytes.IndexByte(p.key(f), ' ') > 0
}

// isTellingName tells the name of a secret from a secret: set "Movies:ServiceApiKey" "x".
func (p *pass) isTellingName(word []byte) bool {
	return len(word) <= keyname.MaxKey && !look.HoldsDigit(word) && p.m.class(word) >= keyname.Token
}

// isSaid tells whether the word at v is what a sentence says the secret is: its last word, which says nothing of a
// secret. A secret of which only that word is known may be an object: the secret is db-creds.
func (p *pass) isSaid(f *found, v, end int) bool {
	key := p.key(f)
	word, line := p.Text[v:end], p.TextOf(p.Start, p.End)
	odd := f.class == keyname.Token && len(word) >= 8 && look.IsOddWord(word) && bytes.IndexByte(word, '.') < 0
	if !odd && (f.class != keyname.Strong || !keyname.IsPassword(key) && !bytes.ContainsAny(key, " _-")) {
		return false
	}
	rest := bytes.Trim(p.Text[min(end, line.To):line.To], " .,;!?)\"'`")
	return len(word) >= 4 && len(rest) == 0 && !look.IsPredicate(word) && !look.IsReference(word) &&
		!bytes.HasPrefix(word, []byte(look.Mask))
}

// isUsed tells whether somebody uses the secret: logging in with password x.
func (p *pass) isUsed(f *found) bool {
	before := bytes.TrimRight(p.Text[max(p.TextStart(), f.left-maxOffer):f.left], " ")
	return f.class >= keyname.Token && ascii.Among(useWords, before[bytes.LastIndexByte(before, ' ')+1:])
}

var (
	useWords    = ascii.Words(`with using via found trying tried got received typed entered sent new`)
	changeWords = ascii.Words(`set changed reset rotated`)
)

// isChanged tells whether the sentence changes the secret to the odd word behind position end: set the passphrase to x.
// What people are asked to do has small words there: reset your password to continue.
func (p *pass) isChanged(f *found, end int) bool {
	i := p.SkipBlanks(end)
	if i >= p.End {
		return false
	}
	v, to := p.proseWord(i)
	if word := p.Text[v:to]; !look.IsOddWord(word) && bytes.Count(word, []byte("-")) < 2 {
		return false
	}
	return p.saysChanged(f)
}

// isGiven tells a password right behind its name: as people type one, or as the last word of the line, behind a user or
// odd in itself.
func (p *pass) isGiven(f *found, s sentence, v, end int) bool {
	if !keyname.IsPassword(p.key(f)) || s.at != f.right {
		return false
	}
	if look.IsTyped(p.Text[v:end]) {
		return true
	}
	if !p.isSaid(f, v, end) {
		return false
	}
	before := bytes.Fields(p.Text[max(p.TextStart(), f.left-maxOffer):f.left])
	return look.IsOddWord(p.Text[v:end]) || len(before) >= 2 && ascii.Among(userWords, before[len(before)-2])
}

// isCrypto tells whether a line is about the encryption in which a key is used.
func (p *pass) isCrypto(f *found) bool {
	around := bytes.ToLower(p.Text[max(p.TextStart(), f.left-maxOffer):min(p.End, f.right+2*maxOffer)])
	p.m.work += len(around)
	return ascii.Holds(around, "crypt") || ascii.Holds(around, "cipher") || ascii.Holds(around, "hmac")
}

// refusedBehind stand behind a key that nobody accepts.
var refusedBehind = []string{" is not valid", " is invalid", " is malformed", " not valid", " rejected", " revoked",
	" was rejected", " was revoked", " is revoked", " has been revoked", " expired", " has expired", ": 401", ": 403",
	": unauthorized", ": forbidden", ": invalid", " unauthorized"}

// isRefusedKey tells a key that somebody tried from the name of a setting, which is a word:
//
//	key "x1y2z3ab" is not valid
func (p *pass) isRefusedKey(f *found, word []byte, v, end int) bool {
	if f.class != keyname.Long || !ascii.IsFold(p.key(f), "key") || len(word) > maxPassword {
		return false
	}
	word, colon := bytes.CutSuffix(word, []byte(":"))
	if !look.LikeSecret(word) || bytes.ContainsAny(word, "_./:-") || look.IsHex(word) {
		return false
	}
	if colon {
		end--
	} else if ascii.IsQuote(p.Text[v-1]) {
		end++
	}
	behind := p.Text[min(end, p.End):p.End]
	return slices.ContainsFunc(refusedBehind, func(s string) bool { return ascii.HasFold(behind, s) })
}

// isPair tells a user and a password: credentials bob:x.
func (p *pass) isPair(f *found, word []byte) bool {
	user, password, two := bytes.Cut(word, []byte(":"))
	return two && len(password) >= 4 && place.IsUser(user) && ascii.Holds(bytes.ToLower(p.key(f)), "cred") &&
		!bytes.ContainsAny(password, "/:<") && !look.IsReference(password)
}
