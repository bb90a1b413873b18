package redact

import (
	"bytes"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// phraseStarts go on with a phrase about a secret that a colon and the secret may end: password for the elastic user:
// x. A phrase that tells what failed has other words.
var phraseStarts = ascii.Words(`for of to on at generated created below für pour para de del di van voor`)

// maxPhraseBytes is how far the colon may stand behind the name.
const maxPhraseBytes = 100

// phrase masks what stands behind the colon that ends a phrase about a secret, in the same line or alone in the next:
//
//	Initial password (without the quotes): "hunter2"
//	Password for the elastic user (reset with `bin/x`):
//	  hunter2
func (p *pass) phrase(f *found) bool {
	key := p.key(f)
	if f.class != keyname.Strong || !keyname.IsPassword(key) && bytes.IndexByte(key, ' ') < 0 || bytes.IndexByte(key,
		'_') >= 0 {
		return false
	}
	rest := p.Text[f.right:min(p.TextOf(p.Start, p.End).To, f.right+maxPhraseBytes)]
	p.m.work += len(rest)
	n := phraseEnd(rest)
	switch {
	case n < 0:
		return false
	case n+1 == len(rest):
		return p.phraseBelow(f)
	}
	v := p.SkipBlanks(f.right + n + 1)
	if v >= p.End {
		return false
	}
	from, end := p.proseWord(v)
	word := p.Text[from:end]
	alone := from > v || len(bytes.Trim(p.Text[end:p.TextOf(p.Start, p.End).To], " .*!'\"`)")) == 0
	if !alone || len(word) < 4 || look.IsPredicate(word) || look.IsReference(word) || bytes.HasPrefix(word,
		[]byte(look.Mask)) {
		return false
	}
	p.mask(from, end, KindKeyValue)
	return true
}

// phraseEnd is where the colon of a phrase stands that begins behind the name; -1 = the text is no such phrase.
func phraseEnd(rest []byte) int {
	text := bytes.TrimLeft(rest, " ")
	first, _, _ := bytes.Cut(text, []byte(" "))
	if len(text) == len(rest) || len(first) == 0 || first[0] != '(' && !ascii.Among(phraseStarts, first) {
		return -1
	}
	from := 0
	if first[0] == '(' {
		if from = bytes.IndexByte(rest, ')'); from < 0 {
			return -1
		}
	}
	for i := from; i < len(rest); i++ {
		switch {
		case rest[i] == ':' && (i+1 == len(rest) || rest[i+1] == ' '):
			if among := bytes.FieldsFunc(rest[:i], func(r rune) bool { return !isLetter(r) }); holdsFailure(among) {
				return -1
			}
			return i
		case ascii.OneOf(rest[i], ";=,"):
			return -1
		}
	}
	return -1
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0x80 }

// failures are words of a phrase that tells what went wrong; behind its colon stands why.
var failures = ascii.Words(`failed fails failure error errors invalid wrong mismatch denied rejected not missing cannot
	expired incorrect required refused unable exception`)

func holdsFailure(list [][]byte) bool {
	for _, word := range list {
		if ascii.Among(failures, word) {
			return true
		}
	}
	return false
}

// phraseBelow masks the one word of the next line, where it is none of a language.
func (p *pass) phraseBelow(f *found) bool {
	below, ok := p.After(f.left)
	if !ok {
		return false
	}
	head, _ := p.head(p.TextStart())
	if rest, ok := p.behind(below, head); ok {
		below = rest
	}
	text := bytes.TrimSpace(p.Text[below.From:below.To])
	odd := look.IsOddWord(text) || bytes.ContainsAny(text, "!#$%&*+?@^~=") && look.HoldsDigit(text)
	if len(text) < 6 || bytes.IndexByte(text, ' ') >= 0 || !odd || look.IsReference(text) {
		return false
	}
	from := below.From + bytes.Index(p.Text[below.From:below.To], text)
	p.mask(from, from+len(text), KindKeyValue)
	return true
}

// listed masks what follows a secret of several: recovery codes are: x, y.
func (p *pass) listed(f *found, end int) int {
	if key := p.key(f); key[len(key)-1] != 's' && key[len(key)-1] != 'S' {
		return end
	}
	for range maxPhrase {
		i := p.SkipBlanks(end)
		if !p.HasAt(i, ",") {
			break
		}
		if i = p.SkipBlanks(i + 1); i >= p.End {
			break
		}
		v, to := p.proseWord(i)
		if !look.IsOddWord(p.Text[v:to]) {
			break
		}
		p.mask(v, to, KindKeyValue)
		end = to
	}
	return end
}

// changedTo masks both secrets of a change: password: changed 'x' to 'y', and changed the password from x to y.
func (p *pass) changedTo(f *found) bool {
	if f.class != keyname.Strong || !keyname.IsPassword(p.key(f)) {
		return false
	}
	for _, says := range []string{": changed ", " changed from ", " from "} {
		if !p.HasAt(f.right, says) {
			continue
		}
		i := f.right + len(says)
		v, end := p.wordAt(i)
		next := end
		if next < p.End && ascii.IsQuote(p.Text[next]) {
			next++
		}
		if end <= v || !p.HasAt(next, " to ") || v == i && !(look.IsOddWord(p.Text[v:end]) && p.saysChanged(f)) {
			return false
		}
		w, to := p.wordAt(next + len(" to "))
		p.mask(v, end, KindKeyValue)
		p.mask(w, to, KindKeyValue)
		return true
	}
	return false
}

// wordAt is the word of a sentence at i, or none at the line's end.
func (p *pass) wordAt(i int) (v, end int) {
	if i >= p.End {
		return i, i
	}
	return p.proseWord(i)
}

// saysChanged tells whether a sentence says that somebody changed what it names.
func (p *pass) saysChanged(f *found) bool {
	for word := range bytes.FieldsSeq(p.Text[max(p.TextStart(), f.left-maxOffer):f.left]) {
		if ascii.Among(changeWords, word) {
			return true
		}
	}
	return false
}

// foreignNames are words for a password in other scripts, in the cases in which a line has them.
var foreignNames = []string{"пароль", "Пароль", "ПАРОЛЬ", "密码", "密碼", "口令", "パスワード", "暗証番号", "비밀번호", "κωδικός",
	"كلمة المرور", "סיסמה", "mật khẩu", "hasło", "Hasło", "şifre", "Şifre", "lösenord", "jelszó", "รหัสผ่าน", "पासवर्ड"}

func foreignLiterals() []literal {
	var list []literal
	for _, name := range foreignNames {
		list = append(list, literal{ascii.Lowered(name), foreignRule})
	}
	return list
}

// foreignRule masks the value behind such a name.
func foreignRule(p *pass, at, n int) int {
	f := found{class: keyname.Strong, left: at, right: at + n, before: p.Before(at)}
	if j := p.SkipBlanks(p.closeName(&f)); j+3 <= p.End && string(p.Text[j:j+3]) == "：" { // full-width
		f.joint = look.Loose
		if v := p.SkipBlanks(j + 3); p.value(&f, v) {
			return max(p.act(&f), f.right)
		}
	}
	if p.findValue(&f) {
		return max(p.act(&f), f.right)
	}
	return f.right
}

// logsIn are flags before a user's name; behind them -p takes the password of most programs.
var logsIn = ascii.Words(`-u -U --user --username --login -l`)

// loginFlagRule masks what -p takes behind such a flag and its word: tool -u bob -p x, ['tool', '-u', 'bob', '-p',
// 'x']. A port is a number, a path has a slash.
func loginFlagRule(p *pass, at, n int) int {
	before := bytes.FieldsFunc(p.Text[max(p.TextStart(), at-keyname.MaxKey):at], isListBreak)
	if len(before) < 2 || !ascii.Among(logsIn, before[len(before)-2]) || !look.HoldsLetter(before[len(before)-1]) {
		return at
	}
	i := at + n
	for i < p.End && isListBreak(rune(p.Text[i])) {
		i++
	}
	end := p.RunEnd(i, func(c byte) bool { return !isListBreak(rune(c)) })
	if word := p.Text[i:end]; len(word) < 3 || word[0] == '-' || !look.HoldsLetter(word) || bytes.ContainsAny(word,
		"/:") ||
		look.IsReference(word) {
		return at
	}
	p.mask(i, end, KindArgument)
	return end
}

// isListBreak parts the words of a command line, also as a list of quoted words.
func isListBreak(r rune) bool { return r == ' ' || r == ',' || r == '\'' || r == '"' || r == '\n' }

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
var loginPhrases = []string{"credentials are", "credentials", "login", "log in with", "login with", "logged in with",
	"log in as", "logged in as", "login as", "basic auth", "login is"}

// slashRule masks the second of the two: default credentials are admin / x.
func slashRule(p *pass, at, n int) int {
	before := p.Text[max(p.TextStart(), at-maxHost):at]
	user := before[bytes.LastIndexByte(before, ' ')+1:]
	says := bytes.TrimRight(bytes.ToLower(before[:len(before)-len(user)]), " :")
	p.m.work += len(before)
	v, end := p.wordAt(at + n)
	word := p.Text[v:end]
	if !isUser(bytes.ReplaceAll(user, []byte("@"), nil)) || len(word) < 4 || !look.HoldsLetter(word) ||
		look.IsPredicate(word) || look.IsReference(word) || bytes.ContainsAny(word, "/<>") {
		return at
	}
	if !slices.ContainsFunc(loginPhrases, func(s string) bool { return bytes.HasSuffix(says, []byte(s)) }) {
		return at
	}
	p.mask(v, end, KindKeyValue)
	return end
}

// placeWords come before the names of users, hosts and databases.
var placeWords = ascii.Words(`user username role account for host on at db database server from by named port version line
	pid id container pod node file module`)

// nearby masks words behind a password's name that have the look of one, where the sentence gives none a better place:
// password mismatch, expected hunter22. What stands behind "user" or "host" is the name of one.
func (p *pass) nearby(f *found) {
	if f.class != keyname.Strong || !p.HasAt(f.right, " ") || !keyname.IsPassword(p.key(f)) ||
		bytes.IndexByte(p.key(f), '_') >= 0 {
		return
	}
	var last []byte
	i, limit := max(f.right, p.nearEnd), min(p.End, f.right+maxPhraseBytes)
	p.nearEnd = limit
	for n := 0; n < maxWords && i < limit; n++ {
		if i = p.SkipBlanks(i); i >= limit {
			return
		}
		v, end := p.proseWord(i)
		if word := p.Text[v:end]; len(word) <= maxPassword && isNearby(word) && !ascii.Among(placeWords, last) {
			p.mask(v, end, KindKeyValue)
		}
		last = p.Text[v:end]
		if i = max(end, i+1); i < limit && !ascii.IsSpace(p.Text[i]) {
			i++ // the mark or quote behind it
		}
	}
}

// maxPassword is the longest password that people type.
const maxPassword = 32

// isNearby tells the look: letters and digits, and nothing of an address, a path, a version or an id.
func isNearby(word []byte) bool {
	const acronym = 3 // capitals in a row, as in the names of algorithms: PBKDF2WithHmacSHA256
	return look.IsRandom(word) && look.Capitals(word) < acronym && !bytes.ContainsAny(word, "./:=<>{}[]\\|") &&
		!look.IsHex(word) && !look.IsID(word) &&
		bytes.Count(word, []byte("-")) < 2 && !ascii.IsDigit(word[0])
}

// moreWords is how many words a password may have after its first, where nothing quotes it.
const moreWords = 3

// wordsEnd goes on over the words of a passphrase that ends the line: password: open sesame. A word of a message, a
// name and a mark show that a sentence follows.
func (p *pass) wordsEnd(f *found, end int) int {
	if f.sep.C != ':' || f.class != keyname.Strong || !keyname.IsPassword(p.key(f)) || f.closed {
		return end
	}
	line := p.TextOf(p.Start, p.End)
	rest := p.Text[end:max(end, min(line.To, end+maxPhraseBytes+1))]
	words := bytes.Fields(rest)
	if len(rest) > maxPhraseBytes || len(words) == 0 || len(words) > moreWords || look.IsPredicate(p.Text[f.v:end]) {
		return end
	}
	p.m.work += len(rest)
	for _, word := range words {
		if look.IsPredicate(word) || bytes.ContainsAny(word, "=:()[]{}<>,;\"'/|`") {
			return end
		}
	}
	return end + len(bytes.TrimRight(rest, " \t"))
}
