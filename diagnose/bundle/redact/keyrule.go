package redact

import "bytes"

// keyLiterals begin or lie in the name of every key that keyClass knows.
func keyLiterals() []literal {
	var list []literal
	for _, word := range []string{"pass", "pwd", "secret", "token", "key", "credential", "auth", "cookie", "sess",
		"dsn", "jwt", "csrf", "xsrf", "signature", "otp", "sid", "connectionstring", "connection_string", "connection-string",
		"connstr", "conn_str", "bearer_"} {
		list = append(list, literal{word, keyRule})
	}
	for _, word := range []string{"?key=", "&key=", "?sig=", "&sig=", "?code=", "&code="} {
		list = append(list, literal{word, queryRule})
	}
	return list
}

// found is a key in a text, with the value behind it.
type found struct {
	class   class
	joint   joint
	key     []byte
	v, end  int  // the value, without quotes
	listed  bool // opened by a bracket: [a=b; c=d]
	quoted  bool
	quote   byte
	slashes int // before the quote
}

// keyRule masks the value of a key that names a secret, in any of the forms of
// logs, URLs, JSON, YAML, Python and Go dumps, command lines and SQL.
func keyRule(p *pass, at, n int) int {
	left, right := p.keySpan(at, n)
	if !p.mayJoin(left, right) {
		return right
	}
	f := found{key: p.text[left:right]}
	f.class = keyClass(f.key)
	if f.class == classNone || !p.findValue(&f, left, right) {
		return right
	}
	switch f.class {
	case classHeader:
		return p.header(f, right)
	case classCookie:
		return p.cookie(f, right)
	}
	if f.quoted && f.joint == jointLoose {
		f.joint = jointTight
	}
	if !f.quoted && (f.class == classStrong || f.class == classPwd) {
		f.end = p.callArgument(f)
	}
	if !isSecret(f.class, f.joint, p.text[f.v:f.end]) || !f.quoted && p.isCode(f) {
		return right
	}
	if f.joint == jointFlag {
		return p.hide(f, KindArgument)
	}
	return p.hide(f, KindKeyValue)
}

// hide masks a value, also where the decision looked only at its beginning.
func (p *pass) hide(f found, kind string) int {
	if f.end-f.v >= maxValue {
		f.end = max(f.end, p.valueEnd(&f, p.end))
	}
	p.mask(f.v, f.end, kind)
	return f.end
}

// mayJoin is the cheap test before the costly one: does anything like a separator
// follow? A part of a path (/etc/passwd) is no key.
func (p *pass) mayJoin(left, right int) bool {
	if left > p.start && p.text[left-1] == '/' {
		return false
	}
	for i := right; i < min(p.end, right+maxBlanks); i++ {
		switch c := p.text[i]; {
		case c == '=' || c == ':' || c == '>' || c == '\\' || isQuote(c):
			return true
		case c == ' ' || c == '\t':
		default:
			return p.text[left] == '-'
		}
	}
	return false
}

func isKeyByte(c byte) bool { return isAlnum(c) || c == '_' || c == '-' || c == '.' }

// keySpan widens a literal to the whole key, within its line.
func (p *pass) keySpan(at, n int) (left, right int) {
	floor := max(p.start, at-maxKey/2, p.last)
	for left = at; left > floor && isKeyByte(p.text[left-1]); left-- {
	}
	ceil := min(p.end, at+maxKey/2)
	for right = min(at+n, p.end); right < ceil && isKeyByte(p.text[right]); right++ {
	}
	if left > p.start && p.text[left-1] == '\\' && left < at { // the n of \n
		switch {
		case p.text[left] == 'u' && at-left >= 5:
			left += 5
		case bytes.IndexByte([]byte("nrt"), p.text[left]) >= 0:
			left++
		}
	}
	return left, right
}

// findValue finds the separator and the value; false = none is there.
func (p *pass) findValue(f *found, left, right int) bool {
	i, quoted := p.afterKey(right)
	flag := p.text[left] == '-'
	j := p.skipBlanks(i)
	if j >= p.end {
		return false
	}
	switch c := p.text[j]; {
	case c == '=' || c == ':':
		return p.afterSeparator(f, i, j, quoted)
	case c == ',' && quoted && flag: // ['--password', 'x']
		f.joint = jointFlag
		return p.value(f, p.skipBlanks(j+1))
	case c == '>' && left > p.start && p.text[left-1] == '<' && f.class == classStrong:
		f.joint = jointTight
		return p.value(f, j+1)
	case j > i && flag && c != '-':
		f.joint = jointFlag
		return p.value(f, j)
	case j > i && isQuote(c) && !quoted && bytes.Contains(bytes.ToLower(f.key), []byte("pass")):
		f.joint = jointQuote
		return p.value(f, j)
	}
	return false
}

// afterKey steps over the quote that closes a key, also \" and "].
func (p *pass) afterKey(i int) (next int, quoted bool) {
	j := i
	for j < p.end && p.text[j] == '\\' {
		j++
	}
	if j >= p.end || !isQuote(p.text[j]) {
		return i, false
	}
	j++
	if j < p.end && p.text[j] == ']' {
		j++
	}
	return j, true
}

// maxBlanks is how many blanks may stand around a separator.
const maxBlanks = 16

func (p *pass) skipBlanks(i int) int {
	for n := 0; i < p.end && n < maxBlanks && (p.text[i] == ' ' || p.text[i] == '\t'); n++ {
		i++
	}
	return i
}

// afterSeparator steps over = : => := == and blanks. blank is where the blanks
// before the separator began.
func (p *pass) afterSeparator(f *found, blank, sep int, keyQuoted bool) bool {
	i := sep + 1
	for i < p.end && i < sep+3 && (p.text[i] == '=' || p.text[i] == '>') {
		i++
	}
	if i < p.end && p.text[sep] == ':' && p.text[i] == ':' || bytes.HasPrefix(p.text[sep:p.end], []byte("://")) {
		return false
	}
	v := p.skipBlanks(i)
	if !keyQuoted && (v > i || sep > blank) {
		f.joint = jointLoose
	}
	return p.value(f, v)
}

// value sets the span of the value that begins at v.
func (p *pass) value(f *found, v int) bool {
	for v < p.end && (p.text[v] == '[' || p.text[v] == '{' && f.class == classCookie) {
		v++
		f.listed = true
	}
	quote := v
	for quote < p.end && quote < v+2 && bytes.IndexByte([]byte("bBuUrRfF"), p.text[quote]) >= 0 {
		quote++
	}
	slash := quote
	for quote < p.end && p.text[quote] == '\\' {
		quote++
	}
	f.v = v
	if quote < p.end && isQuote(p.text[quote]) {
		f.quoted, f.quote, f.slashes, f.v = true, p.text[quote], quote-slash, quote+1
	}
	limit := p.end
	if f.class != classStrong {
		limit = min(limit, f.v+maxValue)
	}
	f.end = p.valueEnd(f, limit)
	return f.end > f.v
}

func (p *pass) valueEnd(f *found, limit int) int {
	if f.quoted {
		return quotedEnd(p.text, f.v, limit, f.quote, f.slashes)
	}
	return plainEnd(p.text, f.v, limit)
}

// callArgument reaches through SecretStr('x') to the closing quote.
func (p *pass) callArgument(f found) int {
	if p.text[f.end-1] == '(' && f.end < p.end && isQuote(p.text[f.end]) {
		return quotedEnd(p.text, f.end+1, p.end, p.text[f.end], 0)
	}
	return f.end
}

// isCode tells whether the value is an expression of program text: the keyword
// argument auth=auth, or any name or call in the source line of a traceback, which
// follows a line `  File "app.py", line 33, in up`.
func (p *pass) isCode(f found) bool {
	v := p.text[f.v:f.end]
	if bytes.Equal(v, f.key) {
		return true
	}
	if f.joint == jointFlag || !isName(v[:min(len(v), nameLength(v))]) {
		return false
	}
	if n := nameLength(v); n < len(v) && v[n] != '(' && v[n] != '[' {
		return false
	}
	return p.belowFrame()
}

func nameLength(v []byte) int {
	n := 0
	for n < len(v) && (isAlnum(v[n]) || v[n] == '_' || v[n] == '.') {
		n++
	}
	return n
}

// belowFrame tells whether this is the source line of a Python traceback's frame:
// it is indented below the line before. Where the source is not in the image the
// exception's own message follows there, at the margin, and may hold a secret.
func (p *pass) belowFrame() bool {
	if p.start == 0 || !bytes.HasPrefix(p.text[p.textStart():p.end], []byte("    ")) {
		return false
	}
	from := max(0, p.start-1-maxValue)
	from += bytes.LastIndexByte(p.text[from:p.start-1], '\n') + 1
	before := p.text[from : p.start-1]
	file := bytes.Index(before, []byte(`  File "`))
	return file >= 0 && bytes.Contains(before[file:], []byte(", line "))
}

// queryRule masks ?key=…&sig=…: names that mean a secret only in a URL.
func queryRule(p *pass, at, n int) int {
	v := at + n
	end := plainEnd(p.text, v, min(p.end, v+maxValue))
	if end-v < 8 || !isSecret(classToken, jointTight, p.text[v:end]) {
		return v
	}
	end = plainEnd(p.text, v, p.end)
	p.mask(v, end, KindKeyValue)
	return end
}

// authSchemes begin the value of an Authorization header; one-word credentials
// follow the first ones, a list the others.
var (
	wordSchemes = words(`bearer basic token apikey api-key key`)
	listSchemes = words(`digest negotiate ntlm oauth signature hmac aws4-hmac-sha256 hawk`)
)

// header masks the credentials of an Authorization header.
func (p *pass) header(f found, right int) int {
	end := f.end
	word, _, spaced := bytes.Cut(p.text[f.v:min(p.end, f.v+32)], []byte(" "))
	scheme := lowered(string(word))
	v := p.skipBlanks(min(p.end, f.v+len(word)))
	switch {
	case spaced && wordSchemes[scheme]:
		if !f.quoted {
			end = plainEnd(p.text, v, p.end)
		}
	case spaced && listSchemes[scheme]:
		if !f.quoted {
			end = p.regionEnd(v)
		}
	case !isSecret(classHeader, f.joint, p.text[f.v:f.end]) || p.isCode(f):
		return right
	default:
		return p.hide(f, KindHeader)
	}
	p.mask(v, end, KindHeader)
	return max(end, right)
}

// maxRegion is the longest header that is masked whole; servers refuse longer ones.
const maxRegion = 16 << 10

// regionEnd returns the end of a header inside a line: a quote, a closing bracket
// or the end of the line.
func (p *pass) regionEnd(v int) int {
	end := min(p.end, v+maxRegion)
	if n := bytes.IndexAny(p.text[v:end], "\"'`]}\\\r"); n >= 0 {
		return v + n
	}
	return end
}

// cookie masks a header's whole list, or one value.
func (p *pass) cookie(f found, right int) int {
	if !f.quoted && (f.joint == jointLoose || f.listed) {
		if end := p.regionEnd(f.v); bytes.IndexByte(p.text[f.v:end], '=') > 0 {
			f.end, f.joint = end, jointTight
		}
	}
	if f.end <= f.v || !isSecret(classCookie, f.joint, p.text[f.v:f.end]) || !f.quoted && p.isCode(f) {
		return right
	}
	return p.hide(f, KindHeader)
}
