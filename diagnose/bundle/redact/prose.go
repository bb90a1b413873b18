package redact

import (
	"bytes"
	"strings"
)

// linkWords may stand between a word that tells of a secret and the secret: "the
// password is x", "API key provided: x".
var linkWords = words(`is was are be set to as value provided given used using generated created here following
	temporary initial root admin new old current your my the a an invalid wrong incorrect and
	has been will now id with received got loaded found detected accepted rejected configured issued not default from`)

// givenWords say that what is in quotes behind them is the value itself: using default "x".
var givenWords = words(`default value using`)

// ownerWords lead to whose secret it is.
var ownerWords = words(`for of`)

// maxLinks is how many of them.
const maxLinks = 7

// prose finds a secret that stands in a sentence beside the word that tells of it, and
// has the look of one: long and random, or quoted. It returns where to go on.
func (p *pass) prose(f *found) int {
	variable := bytes.IndexByte(p.key(f), '_') >= 0 && isUpperName(p.key(f)) // Setting ROOT_PASSWORD to x
	if f.class < classLong || f.class == classWeak || f.class == classHeader || p.isProtocol(f) ||
		bytes.IndexByte(p.key(f), '_') >= 0 && !variable { // the name of a function

		return f.right
	}
	switch {
	case f.class == classCode:
		p.codeBefore(f)
	case f.class == classStrong && p.valueBeforeAs(f):
		return f.right
	}
	i := p.closeName(f)
	named, given := false, false // a colon or "is" promises the secret; "default" gives it
	if p.newParagraph(f) {
		return f.right
	}
	for range maxLinks {
		j := p.skipBlanks(i)
		if j >= p.end || j == i && !named {
			break
		}
		v, end := p.proseWord(j)
		if end <= v {
			break
		}
		word := p.text[v:end]
		trimmed := lowered(string(bytes.TrimRight(word, ":,=")))
		switch {
		case ownerWords[trimmed]: // for root@localhost: x, for db is x
			named = true
			if i = p.owner(end); i == 0 {
				return f.right
			}
			continue
		case len(trimmed) == 1 && isDigit(trimmed[0]) && i > f.right-1 && !named: // Cisco's password 7 x
			named = true
			i = end
			continue
		case linkWords[trimmed] || trimmed == "":
			named = named || trimmed == "is" || trimmed == "was" || variable && trimmed == "to" ||
				word[len(word)-1] == ':'
			given = givenWords[trimmed] || trimmed == "from" && p.changesTo(end)
			if i = end; p.hasAt(i, ", ") {
				i++
			}
			continue
		case given && v > j && f.class == classStrong && !isProse(word), p.endsPrompt(f, i, v, end, named):
			p.mask(v, end, KindKeyValue)
			if p.hasAt(end+1, " to ") && end+5 < p.end && isQuote(p.at(end+5).c) { // from 'x' to 'y'
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
		if i = p.skipBlanks(i); i >= p.end {
			return 0
		}
		var v int
		if v, i = p.proseWord(i); i < p.end && v > 0 && isQuote(p.text[v-1]) && i-v < maxKey {
			i += p.at(i).n // key '/root/.ssh/id_rsa':
		}
		if p.hasAt(i, ":") {
			return i + 1
		}
		for _, says := range []string{" is ", " set to ", " changed to ", " reset to "} {
			if p.hasAt(i, says) {
				return i + len(says) - 1
			}
		}
		if i < p.end && p.text[i-1] == ':' {
			return i
		}
	}
	return 0
}

// changesTo tells whether one quoted text follows and then another: from 'x' to 'y'.
func (p *pass) changesTo(i int) bool {
	if i = p.skipBlanks(i); i >= p.end || !isQuote(p.at(i).c) {
		return false
	}
	_, end := p.proseWord(i)
	return p.hasAt(end+1, " to ") && end+5 < p.end && isQuote(p.at(end+5).c)
}

// codeAlone masks a one-time code that a message tells a person: Use code 123456, and G-123456 is your code. Codes of
// errors and of countries have no such words around them.
func (p *pass) codeAlone(f *found) int {
	if !isFold(p.key(f), "code") {
		return f.right
	}
	before := lowered(string(p.text[max(p.textStart(), f.left-maxOffer):f.left]))
	before = strings.TrimRight(before, " ")
	if offers[before[strings.LastIndexByte(before, ' ')+1:]] {
		v := p.skipBlanks(f.right)
		end := p.runEnd(v, isWordish)
		if isOneTime(p.text[v:end]) {
			p.mask(v, end, KindKeyValue)
			return end
		}
	}
	if strings.HasSuffix(before, "exchanging") || strings.HasSuffix(before, "redeeming") { // OAuth's
		if j := p.skipBlanks(f.right); j < p.end {
			if v, end := p.proseWord(j); end > j && looksSecret(p.text[v:end]) {
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
	from := max(p.textStart(), f.left-maxOffer)
	before := bytes.TrimSuffix(bytes.TrimRight(p.text[from:f.left], " "), []byte(" the"))
	before, found := bytes.CutSuffix(before, []byte(" as"))
	if !found {
		return false
	}
	end := from + len(bytes.TrimRight(before, "\"' "))
	v := from + bytes.LastIndexAny(p.text[from:end], "\"' ") + 1
	if word := p.text[v:end]; len(word) < 4 || !isOddWord(word) && !isQuote(p.text[max(v-1, 0)]) {
		return false
	}
	p.mask(v, end, KindKeyValue)
	return true
}

// codeBefore masks the code in what comes before: 123456 is your Shop code.
func (p *pass) codeBefore(f *found) {
	from := max(p.textStart(), f.left-maxOffer)
	before := p.text[from:f.left]
	is := bytes.LastIndex(before, []byte(" is your "))
	if is < 0 {
		return
	}
	v := is
	for v > 0 && isWordish(before[v-1]) {
		v--
	}
	if isOneTime(before[v:is]) {
		p.mask(from+v, from+is, KindKeyValue)
	}
}

// offers are words before a code for a person; maxOffer is how far they are looked for.
var offers = words(`use enter using with type your`)

const maxOffer = 64

// isOneTime tells a code of four to eight digits, also with a letter before them.
func isOneTime(v []byte) bool {
	if len(v) > 2 && isUpper(v[0]) && v[1] == '-' {
		v = v[2:]
	}
	return len(v) >= 4 && len(v) <= 8 && len(bytes.Trim(v, "0123456789")) == 0
}

// endsPrompt tells what a person typed behind a prompt that names whose secret it asks for, as the line's last word:
// Enter passphrase for key 'k': x.
func (p *pass) endsPrompt(f *found, i, v, end int, named bool) bool {
	telling := isPassword(p.key(f)) || looksSecret(p.text[v:end])
	return named && f.class == classStrong && telling && p.text[i-1] == ':' && v == p.skipBlanks(i) &&
		p.skipBlanks(end) >= p.textOf(p.start, p.end).to && !isProse(p.text[v:end]) && !isReference(p.text[v:end])
}

// spokenValue finds a value that the sentence gives to a name of a setting: key 'db.password' in x with value y, and
// db_password is "y".
func (p *pass) spokenValue(f *found) bool {
	if f.class < classToken || f.class == classHeader || f.class == classCookie {
		return false
	}
	i := p.closeName(f)
	rest := p.text[i:min(p.end, i+maxValue)]
	p.m.work += len(rest)
	for _, says := range []string{" is ", " was ", " equals ", " set to "} {
		if v := i + len(says); p.hasAt(i, says) && v < p.end && isQuote(p.at(v).c) {
			return p.value(f, v) && !isProse(p.text[f.v:f.end]) && bytes.IndexByte(p.text[f.v:f.end], ' ') < 0
		}
	}
	const with = " with value "
	n := bytes.Index(rest, []byte(with))
	if n < 0 || !f.closed && n > 0 || i+n+len(with) >= p.end {
		return false
	}
	f.joint = jointTight
	return p.value(f, i+n+len(with)) && !isProse(p.text[f.v:f.end])
}

// newParagraph masks a random word that stands alone below a line such as "use the
// following password to proceed:".
func (p *pass) newParagraph(f *found) bool {
	line := p.textOf(p.start, p.end)
	if !isPassword(p.key(f)) || line.to == line.from || p.text[line.to-1] != ':' || line.to-f.right > maxValue {
		return false
	}
	at := f.left
	for range 3 {
		below, ok := p.after(at)
		if !ok {
			return false
		}
		at = below.from
		word := bytes.TrimSpace(p.text[below.from:below.to])
		if len(word) == 0 {
			continue
		}
		if len(word) < 16 || bytes.IndexByte(word, ' ') >= 0 || !isRandom(word) {
			return false
		}
		from := below.from + bytes.Index(p.text[below.from:below.to], word)
		p.mask(from, from+len(word), KindKeyValue)
		return true
	}
	return false
}

// proseWord is the next word of a sentence, or what is in quotes there, without the
// sentence's own marks.
func (p *pass) proseWord(j int) (v, end int) {
	limit := min(p.end, j+maxValue)
	if g := p.at(j); isQuote(g.c) {
		v = j + g.n
		if end = p.quotedEnd(v, limit, g); end < limit {
			return v, end
		}
		return v, v
	}
	end = j
	for end < limit && !isSpace(p.text[end]) && p.text[end] != 0x1b && p.text[end] != '"' && p.text[end] != '\\' {
		end++
	}
	for end > j && oneOf(p.text[end-1], ".,;!?)]}>'") {
		end--
	}
	p.m.work += end - j
	return j, end
}

// tellsItself tells whether a word of a sentence is a secret by its look.
func (p *pass) tellsItself(f *found, word []byte, quoted, named bool) bool {
	if isReference(word) || isProse(word) || isSecretName(word) || bytes.HasPrefix(word, []byte(masked)) {
		return false
	}
	switch {
	case f.class == classLong:
		return isLongRandom(word) && !isID(word) && mixed(word)
	case f.class == classCookie:
		return isLongRandom(word)
	case f.class == classCode:
		return isCodeWord(word)
	case isRandom(word):
		return true
	case f.class == classStrong && isPassword(p.key(f)) && isOddPassword(word):
		return true
	case f.class == classStrong && quoted && isPassword(p.key(f)):
		return bytes.IndexByte(word, '/') < 0 && !isName(word) || named
	case f.class == classStrong && quoted && named:
		return holdsDigit(word)
	}
	return f.class == classStrong && named && isPassword(p.key(f)) && holdsDigit(word)
}

// isOddPassword tells what nobody writes in a sentence: capital and small letters, digits and another mark.
func isOddPassword(v []byte) bool {
	return len(v) >= 6 && mixed(v) && holdsDigit(v) && bytes.ContainsAny(v, "!#$%&*+?@^~") && !isReference(v)
}

// isRandom tells a random word from a name with a number in it: x509_verify_v2.
func isRandom(word []byte) bool {
	digits := 0
	for _, c := range word {
		if isDigit(c) {
			digits++
		}
	}
	return looksSecret(word) && (digits*7 >= len(word) || mixed(word)) && !bytes.ContainsAny(word, "()/\\,")
}

// isPassword tells whether a name is one of words for people, rather than of objects:
// a secret "db-creds" and a credential are objects.
func isPassword(name []byte) bool {
	lower := bytes.ToLower(name)
	return holds(lower, "pass") || holds(lower, "pin")
}

func holdsDigit(word []byte) bool { return bytes.ContainsAny(word, "0123456789") }

// mixed tells upper and lower case in one word.
func mixed(word []byte) bool {
	var upper, lower bool
	for _, c := range word {
		upper = upper || isUpper(c)
		lower = lower || isLower(c)
	}
	return upper && lower
}

// isProtocol tells words of protocols, whose own rules read what follows.
func (p *pass) isProtocol(f *found) bool { return len(p.key(f)) == 4 && isUpperName(p.key(f)) }
