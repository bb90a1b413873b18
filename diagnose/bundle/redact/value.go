package redact

import (
	"bytes"
	"unicode"
)

// maxValue bounds how far a value is read before deciding, lest a hostile line
// make every one of its names read on to its end.
const maxValue = 160

// value sets the span of the value that begins at v: a quoted text, a list, map or
// call of such, or a word.
func (p *pass) value(f *found, v int) bool {
	for v < p.end && p.at(v).c == glyphCSI {
		v += p.at(v).n
	}
	if v >= p.end {
		return false
	}
	f.v, f.end, f.quote, f.tree = v, v, glyph{}, false
	if p.isTree(v) {
		f.tree = true
		f.end = v + 1
		return true
	}
	if c := p.text[v]; c == '[' || c == '(' { // password [x]
		v++
		f.v, f.end = v, v
	}
	start := p.stringPrefix(v)
	if start >= p.end {
		return false
	}
	if g := p.at(start); isQuote(g.c) {
		return p.quoted(f, start, g)
	}
	f.end = p.valueEnd(f, p.limit(f))
	return f.end > f.v
}

// limit is how far a value is read before it is known to be a secret.
func (p *pass) limit(f *found) int {
	if f.class == classStrong {
		return p.end
	}
	return min(p.end, f.v+maxValue)
}

// quoted reads a quoted value whose opening quote g stands at start.
func (p *pass) quoted(f *found, start int, g glyph) bool {
	f.quote, f.v = g, start+g.n
	if p.isTriple(f.v, g) {
		f.v += 2 * g.n
		f.end = p.tripleEnd(f.v, g)
		return f.end > f.v
	}
	f.end = p.quotedEnd(f.v, p.limit(f), g)
	return f.end > f.v
}

func (p *pass) valueEnd(f *found, limit int) int {
	if f.quote.n > 0 {
		return p.quotedEnd(f.v, limit, f.quote)
	}
	if key := bytes.ToLower(p.key(f)); holds(key, "conn") && holds(key, "str") { // A=b;C=d
		return p.runEnd(f.v, func(c byte) bool { return !isSpace(c) && !isQuote(c) && c != '<' && c != '\\' })
	}
	end := p.plainEnd(f.v, limit, f.sep)
	if isPhrase(p.key(f)) {
		end = p.phraseEnd(f.v, end)
	}
	return end
}

// isPhrase tells the names of secrets of several words.
func isPhrase(name []byte) bool {
	lower := bytes.ToLower(name)
	return holds(lower, "phrase") || holds(lower, "mnemonic") || holds(lower, "codes")
}

// maxPhrase is how many words such a secret has: a seed has 24.
const maxPhrase = 32

// phraseEnd goes on over the words that follow a value, where they look like it: small letters and digits, with a blank
// or a comma between them. Fewer than three words are no phrase, and a word with a value of its own ends it.
func (p *pass) phraseEnd(v, end int) int {
	to, n := end, 1
	for n < maxPhrase {
		i := p.skipBlanks(to)
		if p.hasAt(i, ",") {
			i = p.skipBlanks(i + len(","))
		}
		if i == to {
			break
		}
		next := p.runEnd(i, func(c byte) bool { return isLower(c) || isDigit(c) || c == '-' })
		if next-i < 3 || next < p.end && !isSpace(p.text[next]) && p.text[next] != ',' && p.text[next] != '.' ||
			proseWords[string(p.text[i:next])] {
			break
		}
		to = next
		n++
	}
	if n < 3 && !holds(bytes.ToLower(p.text[v:end]), "-") {
		return end
	}
	return to
}

// stringPrefix steps over what may stand before a quote: b'x', N'x', string(9) "x",
// <<"x">>.
func (p *pass) stringPrefix(v int) int {
	i := v
	for i < p.end && i < v+2 && oneOf(p.text[i], "bBuUrRfFNn@$") {
		i++
	}
	switch {
	case i < p.end && isQuote(p.at(i).c):
		return i
	case p.hasAt(v, `<<"`):
		return v + 2
	case p.hasAt(v, "string '"):
		return v + len("string ")
	case p.hasAt(v, "string("):
		if n := bytes.IndexByte(p.text[v:min(p.end, v+24)], ')'); n > 0 && p.hasAt(v+n, `) "`) {
			return v + n + 2
		}
	}
	return v
}

// isTree tells whether a list, map or call with quoted texts or pairs in it begins at v.
func (p *pass) isTree(v int) bool {
	switch p.at(v).c {
	case '[', '{', '(':
	default:
		n := nameLength(p.text[v:min(p.end, v+64)])
		if n == 0 || v+n >= p.end || p.at(v+n).c != '(' || p.stringPrefix(v) != v {
			return false
		}
		v += n
	}
	for i, n := v+1, 0; i < p.end && n < 48; n++ {
		g := p.at(i)
		switch {
		case isQuote(g.c), (g.c == ':' || g.c == '=') && n > 0:
			return true
		case g.c == ')', g.c == '}', g.c == ']', g.c == '\n':
			return false
		}
		i += g.n
	}
	return false
}

// maxTree bounds a list or map whose leaves are masked, in bytes.
const maxTree = 8 << 10

// leaves masks what the list, map or call at f.v holds: the values, not the names.
func (p *pass) leaves(f *found) int {
	code := p.belowFrame()
	f.tree = false
	limit, depth, index := min(p.end, f.v+p.treeLimit(f)), 0, 0
	i := f.v
	for i < limit {
		g := p.at(i)
		switch {
		case g.c == '<' && p.hasAt(i, masked):
			i += len(masked)
		case g.c == '[' || g.c == '{' || g.c == '(':
			depth++
			i += g.n
		case g.c == ']' || g.c == '}' || g.c == ')':
			if depth--; depth <= 0 {
				limit = i
			}
			i += g.n
		case isQuote(g.c):
			i = p.quotedLeaf(f, i, g, &index)
		case isAlnum(g.c) || g.c >= 0x80 || g.c == '$' || g.c == '+' || g.c == '/':
			i = p.plainLeaf(f, i, limit, code)
		default:
			i += g.n
		}
	}
	if p.hidesAll(f) {
		return max(i, f.right)
	}
	return f.right // other names in there may tell of a secret
}

// hidesAll tells whether all leaves of the tree after a name are masked.
func (p *pass) hidesAll(f *found) bool { return f.class == classStrong || f.class == classCookie }

// treeLimit is how many bytes of a tree are read.
func (p *pass) treeLimit(f *found) int {
	if p.hidesAll(f) {
		return maxTree
	}
	return maxTree / 16
}

// quotedLeaf masks a quoted text of a tree, unless it is a name; it returns where to
// go on.
func (p *pass) quotedLeaf(f *found, i int, g glyph, index *int) int {
	leaf := *f
	if !p.quoted(&leaf, i, g) {
		return i + g.n
	}
	next := min(p.end, leaf.end+g.n)
	if p.isName(next) {
		return next
	}
	*index++
	if p.isLeafSecret(f, &leaf, *index) {
		p.hide(&leaf, kindOf(f))
	}
	return next
}

// isLeafSecret tells whether a quoted text of the tree at f.v is a secret. Of
// auth=('user', 'x') the second is; a map below a token's name may hold anything.
func (p *pass) isLeafSecret(f, leaf *found, index int) bool {
	v := p.text[leaf.v:leaf.end]
	switch {
	case len(v) == 0, among(emptyWords, v[:min(len(v), 16)]), isReference(v):
		return false
	case f.class == classCookie:
		return true
	case f.class == classWeak && bytes.HasSuffix(bytes.ToLower(p.key(f)), []byte("auth")):
		return index == 2
	case f.class == classToken && (p.text[f.v] == '{' || oneOf(p.text[f.right-1], "sS")): // tokens: ["the", "quick"]
		return isSecret(f.class, jointLoose, v)
	}
	return p.isSecret(leaf)
}

func kindOf(f *found) string {
	if f.class == classCookie || f.class == classHeader {
		return KindHeader
	}
	return KindKeyValue
}

// plainLeaf masks a bare word of a tree; in program text such are names and calls.
func (p *pass) plainLeaf(f *found, i, limit int, code bool) int {
	end := i
	for end < limit && !isSpace(p.text[end]) && !oneOf(p.text[end], `,;:=()[]{}"'`) {
		if p.text[end] == '\\' && p.at(end).c != '\\' { // an escape
			break
		}
		end++
	}
	end = max(end, i+1)
	leaf := *f
	leaf.v, leaf.end = i, end
	called := end < limit && (p.text[end] == '(' || isQuote(p.text[end]))
	if code || called || p.isName(end) || f.class == classWeak {
		return end
	}
	if p.isSecret(&leaf) && !(f.class == classCookie && end-i < 4) {
		p.mask(i, end, kindOf(f))
	}
	return end
}

// isName tells whether what ends at i is a name: = : or => follows, but not ==.
func (p *pass) isName(i int) bool {
	if i = p.skipBlanks(i); i >= p.end {
		return false
	}
	g := p.at(i)
	return g.c == ':' || g.c == '=' && !p.hasAt(i, "==")
}

// proseWords follow "token: " and the like in messages.
var proseWords = words(`not is are was were must has have had required missing invalid incorrect expired failed
	failure wrong cannot could unable unset undefined empty ok on off error denied disabled
	enabled authentication and or for the a an to of in with from too none null nil true false
	yes no default unknown unauthorized forbidden basic bearer digest revoked rejected
	accepted refreshed created closed opened started ended found set provided given supplied
	changed updated deleted stored loaded when if unless while because as by it this that
	these those option options remains works used specified`)

// emptyWords are values that say there is none.
var emptyWords = words(`none null nil true false undefined yes no "" '' *** ***** redacted [redacted] [filtered]
	<redacted> hidden masked ... {} [] {}, [],`)

// isSecret tells whether the value that was found is to be masked.
func (p *pass) isSecret(f *found) bool {
	v := p.text[f.v:f.end]
	j := f.joint
	if f.quote.n > 0 && j == jointLoose {
		j = jointTight
	}
	if j == jointLoose && p.isShellsComplaint(f) {
		return false
	}
	return len(v) > 0 && isSecret(f.class, j, v)
}

// isSecret tells whether the value v after a name of class c is to be masked.
func isSecret(c class, j joint, v []byte) bool {
	if len(v) == 0 || string(v) == masked {
		return false
	}
	if c != classLong && c != classWeak && len(v) >= maxValue {
		return true
	}
	if among(emptyWords, v[:min(len(v), 16)]) || isReference(v) {
		return false
	}
	prose := j != jointTight && isProse(v)
	switch c {
	case classStrong:
		return !prose && !isSecretName(v)
	case classPwd:
		return !prose && v[0] != '/' && v[0] != '~'
	case classCode:
		return !prose && (isCodeWord(v) || isUpperCode(v) || looksSecret(v))
	case classToken, classCookie, classHeader:
		if prose || !bytes.ContainsFunc(v, isLetterOrDigit) || v[0] == '<' || isShortNumber(v) || isSecretName(v) {
			return false
		}
		return j == jointTight || j == jointFlag || looksSecret(v)
	case classWeak:
		return looksSecret(v)
	case classLong:
		return len(v) >= 16 && looksSecret(v) && !isID(v) && !isHex(v)
	}
	return false
}

// isProse tells whether a value is a word of a message: "token: expired".
func isProse(v []byte) bool {
	return proseWords[lowered(string(bytes.TrimRight(v[:min(len(v), 24)], ".,;:!")))]
}

// isCodeWord tells a PIN or one-time password from other numbers: four to ten digits,
// or something random.
func isCodeWord(v []byte) bool {
	digits := 0
	for _, c := range v {
		if isDigit(c) {
			digits++
		}
	}
	return digits == len(v) && digits >= 4 && digits <= 10 || digits >= 2 && looksSecret(v)
}

// isUpperCode tells what people type from a letter or a screen: WDJB-MJHT.
func isUpperCode(v []byte) bool {
	for _, c := range v {
		if !isUpper(c) && !isDigit(c) && c != '-' {
			return false
		}
	}
	return len(v) >= 8 && bytes.IndexByte(v, '-') > 0
}

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isHex tells digests and ids of containers.
func isHex(v []byte) bool {
	for _, c := range v {
		if hexDigit(c) < 0 {
			return false
		}
	}
	return true
}

// isID tells the ids of things: UUIDs and names with a colon or a slash.
func isID(v []byte) bool {
	uuid := len(v) == 36 && v[8] == '-' && v[13] == '-' && v[18] == '-'
	return uuid || holds(v, ":") || bytes.Count(v, []byte("/")) > 1
}

// isReference tells whether v names where the value comes from: $DB_PASSWORD,
// ${TOKEN:-x}, %s, {password}, ****.
func isReference(v []byte) bool {
	switch {
	case len(bytes.Trim(v, "*")) == 0, string(v) == "%s", string(v) == "%r",
		bytes.HasPrefix(v, []byte("%(")) && bytes.HasSuffix(v, []byte(")s")):
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
