package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// keyLiterals begin or lie in every name that keyClass knows.
func keyLiterals() []literal {
	var list []literal
	for _, word := range []string{"pass", "pwd", "secret", "token", "key", "cred", "auth", "cookie", "sess",
		"kennwort", "contrase", "mot_de",
		"motde", "senha", "wachtwoord", "dsn", "jwt", "csrf", "xsrf", "signature", "otp", "sid", "psk", "pin=",
		"pin:", "pin>", "pin\"", "pin'", "pin ",
		"<pw", "_pw", "-pw", ".pw", " pw", "\npw", "pw=", "pw:", "pw ", "pw\"", "pw'",
		"pw\\", "connectionstring", "connection_string", "connection-string", "connection string",
		"connstr", "conn_str", "bearer_", "stringdata", " code", "_code", "-code", "oobcode", "relaystate", "magiclink",
		"magic_link", "verifier", "encrypt", "gossip", "_salt", "_pepper", "hmac",
		"phrase", "mnemonic", "pswd", "_pat", "heslo", "parola", "adgangskode", "salasana", "passe", "privkey",
		"samlresponse", "saml_response", "client_assertion", "pword", "mdp", "clave",
		"securestring", "haslo", "sifre", "geheim", "lozinka", "kodeord", "sonar.login"} {
		list = append(list, literal{word, keyRule})
	}
	return append(list, literal{"input_value=", inputRule},
		literal{`"kind":"secret"`, secretObjectRule}, literal{`"kind": "secret"`, secretObjectRule})
}

// found is a name in a text, with the value after it.
type found struct {
	class       keyname.Class
	joint       look.Joint
	left, right int         // the name
	before      glyph.Glyph // what stands before it
	closed      bool        // a quote or bracket closed the name
	v, end      int         // the value, without quotes
	quote       glyph.Glyph // what opened the value; n = 0: nothing
	tree        bool        // the value is a list, a map or a call
	sep         glyph.Glyph // = or : as it was written
}

// key is the name's text.
func (p *pass) key(f *found) []byte { return p.Text[f.left:f.right] }

// keyRule masks the value of a name that tells a secret, in any of the forms of
// logs, URLs, JSON, YAML, XML, dumps of programs, command lines and SQL.
func keyRule(p *pass, at, n int) int {
	f := p.named(at, n)
	if f.class == keyname.None {
		return p.codeAlone(&f)
	}
	f.before = p.Before(f.left)
	if p.changedTo(&f) || p.usage(&f) {
		return f.right
	}
	if f.before.C == '/' && f.before.Code == glyph.CodedRaw && !p.isSwitch(&f) && !p.isIntroduced(&f) && !p.isPut(&f) &&
		!p.isAssigned(&f) {
		return f.right // a part of a path: /etc/passwd
	}
	p.compared(&f)
	if p.alignedColumn(&f) {
		return f.right
	}
	if f.class >= keyname.Token && p.heads(&f) || f.class == keyname.Strong && p.headsCSV(&f) {
		return max(p.column(&f), f.right)
	}
	if p.pair(&f) || p.rejected(&f, p.closeName(&f)) || p.findValue(&f) || p.spokenValue(&f) ||
		p.isPut(&f) && p.valueAfter(&f) {
		return max(p.act(&f), f.right)
	}
	if next := p.prose(&f); next > f.right {
		return next
	}
	if !p.phrase(&f) {
		p.nearby(&f)
	}
	return f.right
}

// isAssigned tells a path that is the name of a setting: /shop/db_password => x.
func (p *pass) isAssigned(f *found) bool {
	i := p.SkipBlanks(p.closeName(f))
	return p.HasAt(i, "=") && !p.HasAt(i, "==")
}

// named is the name around the literal at text[at:at+n], and what it promises.
func (p *pass) named(at, n int) found {
	var f found
	f.left, f.right = p.keySpan(at, n)
	if f.right <= at { // the literal began with a blank
		f.right = at + n
		return f
	}
	f.class = p.m.class(p.key(&f))
	if left, ok := p.qualifier(&f); ok {
		if ascii.IsFold(p.key(&f), "code") {
			f.left, f.class = left, keyname.Code
		} else if c := p.m.class(bytes.ReplaceAll(p.Text[left:f.right], []byte(" "), []byte("_"))); c != keyname.None {
			f.left, f.class = left, c
		}
	}
	switch {
	case ascii.IsFold(p.key(&f), "session") && p.HasAt(f.right, " id "):
		f.right, f.class = f.right+len(" id"), keyname.Token
	case ascii.IsFold(p.key(&f), "key") && p.HasAt(f.right, " Content "): // netsh's
		f.right, f.class = f.right+len(" Content"), keyname.Strong
	case f.class >= keyname.Token && p.HasAt(f.right, " value") && p.IsName(f.right+len(" value")): // secret value = x
		f.right += len(" value")
	}
	if f.class == keyname.Long && p.isMemberOfSecret(&f) {
		f.class = keyname.Strong
	}
	if f.class == keyname.Token && p.isParsed(&f) {
		f.class = keyname.None
	}
	return f
}

// signers are objects whose member "key" signs or encrypts: "Jwt": {"Key": "x"}.
var signers = ascii.Words(`jwt jwtsettings jwtconfig jwtoptions signing encryption hmac cipher crypto jwtbearer jws jwe`)

// isMemberOfSecret tells whether the name "key" is the first member of an object that signs or encrypts.
func (p *pass) isMemberOfSecret(f *found) bool {
	if !ascii.IsFold(p.key(f), "key") {
		return false
	}
	before := bytes.TrimRight(p.LineBefore(f.left, maxOffer), "\"' {:=")
	name := before[bytes.LastIndexAny(before, "\"' {:.,")+1:]
	return len(before) < f.left-p.TextStart() && ascii.Among(signers, name)
}

// parserWords before "token" make it a word of a text that a program reads or writes: unexpected token: '}'.
var parserWords = ascii.Words(`unexpected expected syntax stop eos bos eof special illegal lookahead next previous first last
	reserved generated sampled`)

func (p *pass) isParsed(f *found) bool {
	i := p.BackBlanks(f.left)
	if name := p.key(f); i == f.left || !ascii.IsFold(name, "token") && !ascii.IsFold(name, "tokens") {
		return false
	}
	from := i
	for from > max(p.Start, i-16) && ascii.IsAlnum(p.Text[from-1]) {
		from--
	}
	return ascii.Among(parserWords, p.Text[from:i])
}

// qualifiers stand apart from the word that they make a secret of: "API key",
// "verification code".
var qualifiers = ascii.Words(`unlock activation invite invitation confirmation reset registration otp pass one-time device
	user authorization authentication join entry door api access secret private signing encryption license licence
	master account storage auth aes des rsa hmac kek dek wrapping cipher symmetric derived
	bot client connection subscription shared verification pairing security login recovery
	guard backup two-factor twofactor two-step 2-step 2fa mfa sms unseal seed scratch network link consumer`)

// qualified are the words that they stand before.
var qualified = ascii.Words(`key keys token phrase code codes string secret passe`)

// qualifier widens a name by the word before it.
func (p *pass) qualifier(f *found) (left int, ok bool) {
	floor := max(p.Start, f.left-24)
	i := f.left
	if i-1 <= floor || p.Text[i-1] != ' ' || !ascii.Among(qualified, p.Text[f.left:min(f.right, f.left+8)]) {
		return 0, false
	}
	i--
	for i > floor && (ascii.IsAlnum(p.Text[i-1]) || p.Text[i-1] == '-') {
		i--
	}
	word := p.Text[i : f.left-1]
	if ascii.IsFold(word, "de") && i-4 >= floor && ascii.HasFold(p.Text[i-4:i], "mot ") {
		return i - 4, true
	}
	if ascii.IsFold(word, "access") && i-7 >= floor && ascii.HasFold(p.Text[i-7:i], "secret ") {
		i -= 7
	}
	return i, ascii.Among(qualifiers, word)
}

// keySpan widens a literal to the whole name, within its line.
func (p *pass) keySpan(at, n int) (left, right int) {
	for n > 0 && !ascii.IsKeyByte(p.Text[at]) { // " pw"
		at, n = at+1, n-1
	}
	floor := max(p.Start, at-keyname.MaxKey/2)
	for left = at; left > floor && ascii.IsKeyByte(p.Text[left-1]); left-- {
	}
	ceil := min(p.End, at+keyname.MaxKey/2)
	for right = min(at, p.End); right < ceil; right++ {
		if c := p.Text[right]; c == 0xc3 || c == 0xc4 {
			right++ // é, ñ
		} else if !ascii.IsKeyByte(c) || c == '.' && p.HasAt(right, "..") {
			break
		}
	}
	right = min(right, ceil)
	for right > at && (p.Text[right-1] == '.' || p.Text[right-1] == '-') { // "Password ....", "password->"
		right--
	}
	return p.afterEscape(left, at), right
}

// afterEscape takes off what an escape before the name left to it: the n of \n, the
// 22 of %22, the u0022 of \u0022, and the m of a colour.
func (p *pass) afterEscape(left, at int) int {
	if left == p.Start || left >= at {
		return left
	}
	switch p.Text[left-1] {
	case '\\':
		switch c := p.Text[left]; {
		case c == 'u' && at-left >= 5 && p.Hex(left+1, 4) != 0:
			return left + 5
		case c == 'x' && at-left >= 3 && p.Hex(left+1, 2) != 0:
			return left + 3
		case c == 'n' || c == 'r' || c == 't':
			return left + 1
		}
	case '%':
		i := left
		for at-i >= 2 && p.Text[i] == '2' && p.Text[i+1] == '5' {
			i += 2
		}
		if at-i >= 2 && p.Hex(i, 2) != 0 {
			return i + 2
		}
	case '[', ';':
		for i := left; i < at; i++ {
			if p.Text[i] == 'm' && bytes.IndexByte(p.Text[max(p.Start, i-16):i], 0x1b) >= 0 {
				return i + 1
			}
			if !ascii.IsDigit(p.Text[i]) {
				break
			}
		}
	}
	return left
}

// act masks the value that was found; it returns where to go on.
func (p *pass) act(f *found) int {
	switch {
	case f.class == keyname.Header:
		return p.header(f)
	case f.class == keyname.Cookie:
		return p.cookie(f)
	case f.tree:
		return p.leaves(f)
	case !p.isSecret(f) || f.quote.N == 0 && (p.isCode(f) || p.isSentence(f) || p.isNamed(f) || p.isVersion(f)):
		return f.right
	case f.joint == look.Flag:
		return p.hide(f, KindArgument)
	}
	return p.hide(f, KindKeyValue)
}

// hide masks a value, also where the decision looked only at its beginning.
func (p *pass) hide(f *found, kind string) int {
	if f.end-f.v >= look.MaxValue {
		f.end = max(f.end, p.valueEnd(f, p.End))
	}
	p.mask(f.v, f.end, kind)
	p.dumpedBytes()
	if v := p.Text[f.v:f.end]; f.class == keyname.Strong && look.IsRandom(v[:min(len(v), maxKnownLen)]) {
		p.m.remember(v)
	}
	p.saidAgain(f, kind)
	p.renewed(f, kind)
	return f.end
}

// renewed masks the new value behind the old: "x" -> "y", "x" => "y".
func (p *pass) renewed(f *found, kind string) {
	p.instead(f.end, f.quote.N == 1)
	next := p.SkipBlanks(min(p.End, f.end+f.quote.N))
	if f.quote.N == 0 || !p.HasAt(next, "->") && !p.HasAt(next, "=>") {
		return
	}
	if next = p.SkipBlanks(next + 2); next < p.End && ascii.IsQuote(p.At(next).C) && p.quoted(f, next, p.At(next)) {
		p.mask(f.v, f.end, kind)
	}
}

// Limits of the search for a value that is said twice: its length, and how far behind.
const (
	minSaid = 6
	maxSaid = 200
)

// saidAgain masks a quoted value once more where it follows soon: new_password: 'x', confirm: 'x'.
func (p *pass) saidAgain(f *found, kind string) {
	v := p.Text[f.v:f.end]
	if f.quote.N == 0 || len(v) < minSaid || len(v) > look.MaxValue || f.class != keyname.Strong ||
		string(v) == look.Mask {
		return
	}
	behind := p.Text[f.end:min(p.End, f.end+maxSaid)]
	p.m.work += len(behind)
	if i := bytes.Index(behind, v); i > 0 && ascii.IsQuote(behind[i-1]) && i+len(v) < len(behind) &&
		ascii.IsQuote(behind[i+len(v)]) {
		p.mask(f.end+i, f.end+i+len(v), kind)
	}
}

// isCode tells whether the value is an expression of program text: the keyword
// argument auth=auth, or any name or call in the source line of a traceback, which
// follows a line `  File "app.py", line 33, in up`.
func (p *pass) isCode(f *found) bool {
	v := p.Text[f.v:f.end]
	if bytes.Equal(v, p.key(f)) {
		return true
	}
	n := keyname.NameLength(v)
	if f.joint == look.Flag || !keyname.IsName(v[:min(len(v), n)]) {
		return false
	}
	if n < len(v) && v[n] != '(' && v[n] != '[' {
		return false
	}
	return p.belowFrame()
}

// isSentence tells a message about an object from its value: "secret: rotation due", "creds": secret "db-creds". A
// password may be a word, and a passphrase several.
func (p *pass) isSentence(f *found) bool {
	if f.class != keyname.Strong || f.joint == look.Flag || f.joint == look.Tight && !f.closed ||
		keyname.IsPassword(p.key(f)) ||
		keyname.IsUpper(p.key(f)) || keyname.IsPhrase(p.key(f)) {
		return false
	}
	for _, c := range p.Text[f.v:f.end] {
		if !ascii.IsLower(c) {
			return false
		}
	}
	next := p.SkipBlanks(f.end)
	return next > f.end && next < p.End && (ascii.IsLower(p.Text[next]) || ascii.IsQuote(p.Text[next])) &&
		!p.IsName(p.RunEnd(next, ascii.IsKeyByte))
}

// tags follow the names of packages and images.
var tags = ascii.Words(`all any amd64 arm64 i386 armhf armel ppc64el s390x riscv64 x86_64 noarch latest stable edge main
	nightly
	alpine slim`)

// isVersion tells the architecture of a package and the tag of an image: libsecret-1-0:amd64, vault-secrets:v1.2.3.
func (p *pass) isVersion(f *found) bool {
	if f.sep.C != ':' || f.joint != look.Tight || f.closed || bytes.IndexByte(p.key(f), '-') < 0 {
		return false
	}
	v := bytes.TrimPrefix(p.Text[f.v:f.end], []byte("v"))
	return tags[string(p.Text[f.v:f.end])] || bytes.IndexByte(v, '.') > 0 && len(bytes.Trim(v, "0123456789.")) == 0
}

// isNamed tells a value that is a name with a value of its own: secrets: Jwt:SigningKey = x.
func (p *pass) isNamed(f *found) bool {
	if f.sep.C != ':' || f.closed || !p.HasAt(p.SkipBlanks(f.end), "= ") {
		return false
	}
	return keyname.IsName(bytes.ReplaceAll(p.Text[f.v:f.end], []byte(":"), nil))
}

// belowFrame tells whether this is the source line of a Python traceback's frame:
// it is indented below the line before. Where the source is not in the image the
// exception's own message follows there, at the margin, and may hold a secret.
func (p *pass) belowFrame() bool {
	if !p.HasAt(p.TextStart(), "    ") {
		return false
	}
	before, ok := p.Preceding(p.Start)
	if !ok {
		return false
	}
	line := p.Text[before.From:before.To]
	file := bytes.Index(line, []byte(`  File "`))
	return file >= 0 && ascii.Holds(line[file:], ", line ")
}
