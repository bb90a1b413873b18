package redact

import "bytes"

// linkWords may stand between a word that tells of a secret and the secret: "the
// password is x", "API key provided: x".
var linkWords = words(`is was are be set to as value provided given used using generated created here following
	temporary initial root admin new old current your my the a an invalid wrong incorrect and
	has been will now id with received got loaded found detected accepted rejected configured issued`)

// ownerWords lead to whose secret it is.
var ownerWords = words(`for of`)

// maxLinks is how many of them.
const maxLinks = 5

// prose finds a secret that stands in a sentence beside the word that tells of it, and
// has the look of one: long and random, or quoted. It returns where to go on.
func (p *pass) prose(f *found) int {
	variable := bytes.IndexByte(p.key(f), '_') >= 0 && isUpperName(p.key(f)) // Setting ROOT_PASSWORD to x
	if f.class < classLong || f.class == classWeak || f.class == classHeader || p.isProtocol(f) ||
		bytes.IndexByte(p.key(f), '_') >= 0 && !variable { // the name of a function

		return f.right
	}
	i := p.closeName(f)
	named := false // a colon or "is" promises the secret
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
			i = end
			continue
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
		if _, i = p.proseWord(i); i < p.end && (p.text[i-1] == ':' || p.hasAt(i, " is ")) {
			return i
		}
	}
	return 0
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
	case f.class == classStrong && quoted && isPassword(p.key(f)):
		return bytes.IndexByte(word, '/') < 0 && !isName(word) || named
	case f.class == classStrong && quoted && named:
		return holdsDigit(word)
	}
	return f.class == classStrong && named && isPassword(p.key(f)) && holdsDigit(word)
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
