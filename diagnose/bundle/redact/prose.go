package redact

import (
	"bytes"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// linkWords may stand between a word that tells of a secret and the secret: "the
// password is x", "API key provided: x".
var linkWords = ascii.Words(`is was are be set to as value provided given used using generated created here following
	temporary initial root admin new old current your my the a an invalid wrong incorrect and
	has been will now id with received got loaded found detected accepted rejected configured issued not default from`)

// givenWords say that what is in quotes behind them is the value itself: using default "x".
var givenWords = ascii.Words(`default value using`)

// ownerWords lead to whose secret it is.
var ownerWords = ascii.Words(`for of`)

// maxLinks is how many of them.
const maxLinks = 7

// prose finds a secret that stands in a sentence beside the word that tells of it, and
// has the look of one: long and random, or quoted. It returns where to go on.
func (p *pass) prose(f *found) int {
	variable := bytes.IndexByte(p.key(f), '_') >= 0 && keyname.IsUpper(p.key(f)) // Setting ROOT_PASSWORD to x
	if f.class < keyname.Long || f.class == keyname.Weak || f.class == keyname.Header || p.isProtocol(f) ||
		bytes.IndexByte(p.key(f), '_') >= 0 && !variable { // the name of a function

		return f.right
	}
	switch {
	case f.class == keyname.Code:
		p.codeBefore(f)
	case f.class == keyname.Strong && p.valueBeforeAs(f):
		return f.right
	}
	i := p.closeName(f)
	named, given := false, false // a colon or "is" promises the secret; "default" gives it
	if p.newParagraph(f) {
		return f.right
	}
	for range maxLinks {
		j := p.SkipBlanks(i)
		if j >= p.End || j == i && !named {
			break
		}
		v, end := p.proseWord(j)
		if end <= v {
			break
		}
		word := p.Text[v:end]
		trimmed := ascii.Lowered(string(bytes.TrimRight(word, ":,=")))
		switch {
		case ownerWords[trimmed]: // for root@localhost: x, for db is x
			named = true
			if i = p.owner(end); i == 0 {
				return f.right
			}
			continue
		case len(trimmed) == 1 && ascii.IsDigit(trimmed[0]) && i > f.right-1 && !named: // Cisco's password 7 x
			named = true
			i = end
			continue
		case linkWords[trimmed] || trimmed == "":
			named = named || trimmed == "is" || trimmed == "was" || variable && trimmed == "to" ||
				word[len(word)-1] == ':'
			given = givenWords[trimmed] || trimmed == "from" && p.changesTo(end)
			if i = end; p.HasAt(i, ", ") {
				i++
			}
			continue
		case given && v > j && f.class == keyname.Strong && !look.IsProse(word), p.endsPrompt(f, i, v, end, named):
			p.mask(v, end, KindKeyValue)
			if p.HasAt(end+1, " to ") && end+5 < p.End && ascii.IsQuote(p.At(end+5).C) { // from 'x' to 'y'
				v, end = p.proseWord(end + 5)
				p.mask(v, end, KindKeyValue)
			}
			return end
		case p.tellsItself(f, word, v > j, named):
			p.mask(v, end, KindKeyValue)
			return end
		}
		break
	}
	return f.right
}

// owner steps over whose secret it is, up to the colon or the verb: for user root: x.
func (p *pass) owner(i int) int {
	for range 2 {
		if i = p.SkipBlanks(i); i >= p.End {
			return 0
		}
		var v int
		if v, i = p.proseWord(i); i < p.End && v > 0 && ascii.IsQuote(p.Text[v-1]) && i-v < keyname.MaxKey {
			i += p.At(i).N // key '/root/.ssh/id_rsa':
		}
		if p.HasAt(i, ":") {
			return i + 1
		}
		for _, says := range []string{" is ", " set to ", " changed to ", " reset to "} {
			if p.HasAt(i, says) {
				return i + len(says) - 1
			}
		}
		if i < p.End && p.Text[i-1] == ':' {
			return i
		}
	}
	return 0
}

// changesTo tells whether one quoted text follows and then another: from 'x' to 'y'.
func (p *pass) changesTo(i int) bool {
	if i = p.SkipBlanks(i); i >= p.End || !ascii.IsQuote(p.At(i).C) {
		return false
	}
	_, end := p.proseWord(i)
	return p.HasAt(end+1, " to ") && end+5 < p.End && ascii.IsQuote(p.At(end+5).C)
}

// codeAlone masks a one-time code that a message tells a person: Use code 123456, and G-123456 is your code. Codes of
// errors and of countries have no such words around them.
func (p *pass) codeAlone(f *found) int {
	if !ascii.IsFold(p.key(f), "code") {
		return f.right
	}
	before := ascii.Lowered(string(p.Text[max(p.TextStart(), f.left-maxOffer):f.left]))
	before = strings.TrimRight(before, " ")
	if offers[before[strings.LastIndexByte(before, ' ')+1:]] {
		v := p.SkipBlanks(f.right)
		end := p.RunEnd(v, ascii.IsWordish)
		if look.IsOneTime(p.Text[v:end]) {
			p.mask(v, end, KindKeyValue)
			return end
		}
	}
	if strings.HasSuffix(before, "exchanging") || strings.HasSuffix(before, "redeeming") { // OAuth's
		if j := p.SkipBlanks(f.right); j < p.End {
			if v, end := p.proseWord(j); end > j && look.LikeSecret(p.Text[v:end]) {
				p.mask(v, end, KindToken)
				return end
			}
		}
	}
	p.codeBefore(f)
	return f.right
}

// valueBeforeAs masks the word that a sentence uses as a secret: logging in with x as password.
func (p *pass) valueBeforeAs(f *found) bool {
	from := max(p.TextStart(), f.left-maxOffer)
	before := bytes.TrimSuffix(bytes.TrimRight(p.Text[from:f.left], " "), []byte(" the"))
	before, found := bytes.CutSuffix(before, []byte(" as"))
	if !found {
		return false
	}
	end := from + len(bytes.TrimRight(before, "\"' "))
	v := from + bytes.LastIndexAny(p.Text[from:end], "\"' ") + 1
	if word := p.Text[v:end]; len(word) < 4 || !look.IsOddWord(word) && !ascii.IsQuote(p.Text[max(v-1, 0)]) {
		return false
	}
	p.mask(v, end, KindKeyValue)
	return true
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

const maxOffer = 64

// endsPrompt tells what a person typed behind a prompt that names whose secret it asks for, as the line's last word:
// Enter passphrase for key 'k': x.
func (p *pass) endsPrompt(f *found, i, v, end int, named bool) bool {
	telling := keyname.IsPassword(p.key(f)) || look.LikeSecret(p.Text[v:end])
	return named && f.class == keyname.Strong && telling && p.Text[i-1] == ':' && v == p.SkipBlanks(i) &&
		p.SkipBlanks(end) >= p.TextOf(p.Start, p.End).To && !look.IsProse(p.Text[v:end]) && !look.IsReference(p.Text[v:end])
}

// spokenValue finds a value that the sentence gives to a name of a setting: key 'db.password' in x with value y, and
// db_password is "y".
func (p *pass) spokenValue(f *found) bool {
	if f.class < keyname.Token || f.class == keyname.Header || f.class == keyname.Cookie {
		return false
	}
	i := p.closeName(f)
	rest := p.Text[i:min(p.End, i+look.MaxValue)]
	p.m.work += len(rest)
	for _, says := range []string{" is ", " was ", " equals ", " set to "} {
		if v := i + len(says); p.HasAt(i, says) && v < p.End && ascii.IsQuote(p.At(v).C) {
			return p.value(f, v) && !look.IsProse(p.Text[f.v:f.end]) && bytes.IndexByte(p.Text[f.v:f.end], ' ') < 0
		}
	}
	const with = " with value "
	n := bytes.Index(rest, []byte(with))
	if n < 0 || !f.closed && n > 0 || i+n+len(with) >= p.End {
		return false
	}
	f.joint = look.Tight
	return p.value(f, i+n+len(with)) && !look.IsProse(p.Text[f.v:f.end])
}

// newParagraph masks a random word that stands alone below a line such as "use the
// following password to proceed:".
func (p *pass) newParagraph(f *found) bool {
	line := p.TextOf(p.Start, p.End)
	if !keyname.IsPassword(p.key(f)) || line.To == line.From || p.Text[line.To-1] != ':' ||
		line.To-f.right > look.MaxValue {
		return false
	}
	at := f.left
	for range 3 {
		below, ok := p.After(at)
		if !ok {
			return false
		}
		at = below.From
		word := bytes.TrimSpace(p.Text[below.From:below.To])
		if len(word) == 0 {
			continue
		}
		if len(word) < 16 || bytes.IndexByte(word, ' ') >= 0 || !look.IsRandom(word) {
			return false
		}
		from := below.From + bytes.Index(p.Text[below.From:below.To], word)
		p.mask(from, from+len(word), KindKeyValue)
		return true
	}
	return false
}

// proseWord is the next word of a sentence, or what is in quotes there, without the
// sentence's own marks.
func (p *pass) proseWord(j int) (v, end int) {
	limit := min(p.End, j+look.MaxValue)
	if g := p.At(j); ascii.IsQuote(g.C) {
		v = j + g.N
		if end = p.QuotedEnd(v, limit, g); end < limit {
			return v, end
		}
		return v, v
	}
	end = j
	for end < limit && !ascii.IsSpace(p.Text[end]) && p.Text[end] != 0x1b && p.Text[end] != '"' && p.Text[end] != '\\' {
		end++
	}
	for end > j && ascii.OneOf(p.Text[end-1], ".,;!?)]}>'") {
		end--
	}
	p.m.work += end - j
	return j, end
}

// tellsItself tells whether a word of a sentence is a secret by its look.
func (p *pass) tellsItself(f *found, word []byte, quoted, named bool) bool {
	if look.IsReference(word) || look.IsProse(word) || look.IsSecretName(word) || bytes.HasPrefix(word,
		[]byte(look.Mask)) {
		return false
	}
	switch {
	case f.class == keyname.Long:
		return look.IsLongRandom(word) && !look.IsID(word) && look.Mixed(word)
	case f.class == keyname.Cookie:
		return look.IsLongRandom(word)
	case f.class == keyname.Code:
		return look.IsCodeWord(word)
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
func (p *pass) isProtocol(f *found) bool { return len(p.key(f)) == 4 && keyname.IsUpper(p.key(f)) }
