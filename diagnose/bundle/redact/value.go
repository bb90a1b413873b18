package redact

import "bytes"

// How a value stands behind its key.
type joint int

const (
	jointTight joint = iota // password=x, "password": "x", password:x
	jointLoose              // password: x, password = x, where prose may stand as well
	jointFlag               // --password x
	jointQuote              // PASSWORD 'x', as in SQL
)

// proseWords follow "token: " and the like in messages.
var proseWords = words(`not is are was were must has have had required missing invalid incorrect expired failed failure wrong cannot could
 unable unset undefined empty ok on off error denied disabled enabled authentication and or for the a an to of in with from too
 none null nil true false yes no default unknown unauthorized forbidden basic bearer digest revoked rejected accepted refreshed created closed
 opened started ended found set provided given supplied changed updated deleted stored loaded`)

// emptyWords are values that say there is none.
var emptyWords = words(`none null nil true false undefined yes no "" ''`)

// isSecret tells whether the value behind a key of class c is to be masked.
func isSecret(c class, j joint, v []byte) bool {
	if len(v) == 0 || emptyWords[lowered(string(v[:min(len(v), 16)]))] || isReference(v) {
		return false
	}
	prose := j == jointLoose && proseWords[lowered(string(bytes.TrimRight(v[:min(len(v), 24)], ".,;:!")))]
	switch c {
	case classStrong:
		return !prose && !isSecretName(v)
	case classPwd:
		return !prose && v[0] != '/' && v[0] != '~'
	case classToken, classCookie, classHeader:
		if prose || v[0] == '<' || isShortNumber(v) || isSecretName(v) {
			return false
		}
		return j == jointTight || j == jointFlag || looksSecret(v)
	case classWeak:
		return looksSecret(v)
	}
	return false
}

// isReference tells whether v names where the value comes from: $DB_PASSWORD,
// ${TOKEN:-x}, %s, {password}, ****.
func isReference(v []byte) bool {
	switch {
	case len(bytes.Trim(v, "*")) == 0, string(v) == "%s", string(v) == "%r", bytes.HasPrefix(v, []byte("%(")) && bytes.HasSuffix(v, []byte(")s")):
		return true
	case v[0] == '{':
		return v[len(v)-1] == '}' && isName(v[1:len(v)-1])
	case v[0] == '$':
		name := bytes.TrimLeft(v, "$")
		if len(name) > 2 && name[0] == '{' && name[len(name)-1] == '}' {
			return isName(name[1 : len(name)-1])
		}
		return isSecretName(name)
	}
	return false
}

// isName tells whether v is an identifier, dots allowed.
func isName(v []byte) bool {
	for i, c := range v {
		if !isAlnum(c) && c != '_' && (c != '.' || i == 0) || i == 0 && isDigit(c) {
			return false
		}
	}
	return len(v) > 0
}

// isSecretName tells whether v is itself the name of a secret variable, as in
// "missing secret: DB_PASSWORD".
func isSecretName(v []byte) bool {
	if !bytes.ContainsRune(v, '_') {
		return false
	}
	for _, c := range v {
		if !isUpper(c) && c != '_' {
			return false
		}
	}
	return keyClass(v) != classNone
}

// isShortNumber tells counts from codes: "tokens: 512".
func isShortNumber(v []byte) bool {
	for _, c := range v {
		if !isDigit(c) && c != '.' {
			return false
		}
	}
	return len(v) < 6
}

// looksSecret tells whether v has the look of something random: eight bytes or
// more of the usual alphabets with letters and digits mixed, or a long run of
// mixed case. Hex addresses, paths, times and calls have not.
func looksSecret(v []byte) bool {
	if len(v) < 8 || v[0] == '<' || v[0] == '/' || bytes.HasPrefix(v, []byte("0x")) || bytes.ContainsAny(v, "()[] ") {
		return false
	}
	var upper, lower, digit, other int
	for _, c := range v {
		switch {
		case isUpper(c):
			upper++
		case isLower(c):
			lower++
		case isDigit(c):
			digit++
		default:
			other++
		}
	}
	letters := upper + lower
	switch {
	case other > len(v)/3 || letters == 0:
		return false
	case digit >= 2 && letters >= 2:
		return true
	}
	return len(v) >= 20 && upper >= 3 && lower >= 3 && other <= 3
}

// maxValue bounds how far a value is read before deciding, lest a hostile line
// make every one of its keys read on to its end.
const maxValue = 160

// plainEnd returns the end of an unquoted value that begins at v: whitespace, a
// quote, or a separator behind which something else begins.
func plainEnd(text []byte, v, end int) int {
	i := v
	switch {
	case bytes.HasPrefix(text[v:end], []byte(masked)):
		i += len(masked)
	case v < end && text[v] == '{', v+1 < end && text[v] == '$' && text[v+1] == '{':
		i += max(0, bytes.IndexByte(text[v:min(end, v+maxKey)], '}')+1)
	}
	for ; i < end; i++ {
		switch c := text[i]; c {
		case ' ', '\t', '\n', '\r', '\v', '\f', 0, '"', '\'', '`':
			return trimEscape(text, v, i)
		case ',', ';', '&', '|':
			if nextBegins(text[i+1 : end]) {
				return i
			}
		case ')', ']', '}', '>', '<':
			if c == '<' || closes(text[i+1:end]) {
				return i
			}
		case '\\':
			if i+1 < end && bytes.IndexByte([]byte(`nrtu"'`), text[i+1]) >= 0 {
				return i
			}
		}
	}
	return end
}

// trimEscape leaves the backslashes of an escaped quote to the quote.
func trimEscape(text []byte, v, i int) int {
	if i < len(text) && isQuote(text[i]) {
		for i > v && text[i-1] == '\\' {
			i--
		}
	}
	return i
}

// nextBegins tells whether a separator ends a value: what follows is blank or
// another name with a value of its own. Else it belongs to the value.
func nextBegins(rest []byte) bool {
	if len(rest) == 0 || isSpace(rest[0]) || isQuote(rest[0]) || bytes.HasPrefix(rest, []byte("amp;")) {
		return true
	}
	for i, c := range rest[:min(len(rest), 48)] {
		if c == '=' || c == ':' {
			return i > 0
		}
		if !isAlnum(c) && c != '_' && c != '-' && c != '.' && c != ' ' {
			return isSpace(c) || c == ')' || c == '}' || c == ']'
		}
	}
	return len(rest) < 48
}

// closes tells whether a bracket ends a value rather than being part of it.
func closes(rest []byte) bool {
	return len(rest) == 0 || !isAlnum(rest[0]) && bytes.IndexByte([]byte("!@#$%^*_+-=~"), rest[0]) < 0
}

// quotedEnd returns where a quoted value ends, at the backslashes before its
// closing quote. slashes is how many stood before the opening one: a JSON text
// inside another has one. Without a closing quote the value ends with the line.
func quotedEnd(text []byte, v, end int, quote byte, slashes int) int {
	run := 0
	for i := v; i < end; i++ {
		switch c := text[i]; {
		case c == '\\':
			run++
			continue
		case c == quote && (run <= slashes || slashes == 0 && run%2 == 0):
			if slashes == 0 {
				return i
			}
			return i - run
		}
		run = 0
	}
	return end
}
