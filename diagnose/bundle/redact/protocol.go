package redact

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// protocolLiterals are words of protocols after which a secret stands bare: redis,
// SMTP, FTP, IMAP, POP3, IRC; and lines of .pgpass.
func protocolLiterals() []literal {
	return []literal{{"auth", authRule}, {"setuser", setUserRule}, {"config", configRule}, {"pass ", passRule},
		{"login ", loginRule},
		{"identify ", identifyRule}, {":5432:", pgpassRule}, {":5433:", pgpassRule}, {":5439:", pgpassRule},
		{":5555:", pgpassRule}, {":6432:", pgpassRule}, {":*:", pgpassRule}, {"user ", aclFileRule},
		{"client_random ", keyLogRule},
		{"_secret ", keyLogRule}, {"_secret_0 ", keyLogRule}, {"334 ugfzc3dvcmq6", smtpLoginRule},
		{"]:25 ", mapRule}, {"]:465 ", mapRule}, {"]:587 ", mapRule}, {"]:2525 ", mapRule},
		{"rocommunity ", nextWordRule}, {"rwcommunity ", nextWordRule}, {"snmp-server community ", nextWordRule},
		{"securestring ", nextWordRule}, {"--from-literal=", literalRule}, {"--value ", flagValueRule},
		{"--value=", flagValueRule}, {"--secret-string ", flagValueRule}, {" -u ", sambaRule}, {"send -- \"", sendRule},
		{"send \"", sendRule}, {"parameters: $1", parametersRule}, {"::add-mask::", restRule},
		{"issecret=true]", restRule},
		{" / ", slashRule}, {" -p ", loginFlagRule}, {"'-p'", loginFlagRule}, {`"-p"`, loginFlagRule},
		{"digest username=", digestRule},
		{"plain ", plainRule}, {"oper ", operRule}}
}

// keyLogRule masks the secret in a line of an SSLKEYLOGFILE, which opens a recorded TLS session: a label, the client's
// random of 32 bytes, the secret (draft-ietf-tls-keylogfile).
func keyLogRule(p *pass, at, n int) int {
	random := p.RunEnd(at+n, ascii.IsHexDigit)
	if random-at-n != 64 || !p.HasAt(random, " ") {
		return at
	}
	if end := p.RunEnd(random+1, ascii.IsHexDigit); end > random+8 {
		p.mask(random+1, end, KindArgument)
		return end
	}
	return at
}

// smtpLoginRule masks the answer to "Password:" of SMTP's AUTH LOGIN, which comes in base64 on this line or one of the
// next: send: 'eA==\r\n'.
func smtpLoginRule(p *pass, at, n int) int {
	if p.answer(at + n) {
		return at + n
	}
	for i, lines := at, 0; lines < glyph.Reach; lines++ {
		below, ok := p.After(i)
		if !ok {
			break
		}
		done := false
		p.Within(below, func() { done = p.answer(below.From) })
		if done {
			break
		}
		i = below.From
	}
	return at + n
}

// answer masks the base64 that is sent from i on in the current line: behind "send: ", or as all that a client said.
func (p *pass) answer(i int) bool {
	const sends = "send: "
	line := p.Text[i:min(p.End, i+look.MaxValue)]
	v := i
	if found := bytes.Index(line, []byte(sends)); found >= 0 {
		v += found + len(sends)
	} else if word := bytes.TrimRight(line, " \r"); i > p.TextStart() {
		return p.answerBehind(i)
	} else {
		v += bytes.LastIndexByte(word, ' ') + 1
	}
	return p.maskAnswer(v)
}

// answerBehind masks the answer that a session shows in the line of the question: 334 UGFzc3dvcmQ6\nC: eA==.
func (p *pass) answerBehind(i int) bool {
	for n := 0; n < 2 && i < p.End && p.At(i).C == '\n'; n++ {
		i += p.At(i).N
	}
	if p.HasAt(i, "C: ") || p.HasAt(i, "-> ") {
		i += len("C: ")
	} else if p.HasAt(i, "> ") {
		i += len("> ")
	}
	return p.maskAnswer(i)
}

func (p *pass) maskAnswer(v int) bool {
	for v < p.End && (p.Text[v] == 'b' && v+1 < p.End && ascii.IsQuote(p.Text[v+1]) || ascii.IsQuote(p.Text[v])) {
		v++
	}
	end := p.RunEnd(v, func(c byte) bool { return ascii.IsBase64(c) && c != '-' && c != '_' })
	if end-v < 4 {
		return false
	}
	p.mask(v, end, KindArgument)
	return true
}

// authRule masks redis' AUTH: as a command of its own, in HELLO and MIGRATE, in what
// MONITOR prints, in RESP, and SMTP's AUTH PLAIN.
func authRule(p *pass, at, n int) int {
	right := at + n
	if p.HasAt(right, "2") || p.HasAt(right, "2 ") {
		right++
	}
	if at > p.Start && ascii.IsKeyByte(p.Text[at-1]) && p.Before(at).N == 1 || right < p.End &&
		ascii.IsKeyByte(p.Text[right]) {
		return at
	}
	if right >= p.End {
		return at
	}
	upper := p.Text[at] == 'A' && p.Text[at+1] == 'U'
	if phrase := "', with args beginning with: "; right+len(phrase) < p.End && p.HasAt(right+1, phrase[1:]) {
		p.quotedWords(right+len(phrase)-1, 2)
		return at
	}
	switch next := p.At(right); {
	case upper && next.C == ',' && p.Before(at).C == '[': // [AUTH, x]
		v := p.SkipBlanks(right + 1)
		p.mask(v, p.PlainEnd(v, p.End, glyph.Glyph{}), KindArgument)
	case ascii.IsQuote(next.C) && ascii.IsQuote(p.Before(at).C):
		p.quotedWords(right, 2)
	case upper && next.C == '\n':
		p.resp(right)
	case upper && next.C == ' ':
		p.bareAuth(at, right)
	}
	return at
}

// quotedWords masks the last of up to n quoted words: "AUTH" "user" "x". Other words
// may follow a user and its password: "HELLO" "3" "AUTH" "user" "x" "SETNAME" "y".
func (p *pass) quotedWords(i, n int) {
	i += p.At(i).N
	var last glyph.Span
	for range n {
		i = p.SkipBlanks(i)
		if p.HasAt(i, ",") {
			i = p.SkipBlanks(i + 1)
		}
		if i >= p.End || !ascii.IsQuote(p.At(i).C) {
			break
		}
		g := p.At(i)
		end := p.QuotedEnd(i+g.N, min(p.End, i+glyph.MaxWord), g)
		if strings.EqualFold(string(p.Text[i+g.N:end]), "SETNAME") {
			break
		}
		last = glyph.Span{From: i + g.N, To: end}
		i = end + g.N
	}
	p.mask(last.From, last.To, KindArgument)
}

// resp masks the argument of AUTH in redis' wire format: AUTH\r\n$8\r\nx\r\n.
func (p *pass) resp(i int) {
	for range 2 {
		for i < p.End && p.At(i).C == '\n' {
			i += p.At(i).N
		}
		if !p.HasAt(i, "$") {
			return
		}
		for i < p.End && p.At(i).C != '\n' {
			i++
		}
		for i < p.End && p.At(i).C == '\n' {
			i += p.At(i).N
		}
		end := i
		for end < p.End && p.At(end).C != '\n' && end-i < glyph.MaxWord {
			end++
		}
		p.mask(i, end, KindArgument)
		i = end
	}
}

// bareAuth masks AUTH x and AUTH user x, and the base64 of SMTP's AUTH PLAIN. In
// prose ("Client sent AUTH, but no password is set") words follow.
func (p *pass) bareAuth(at, right int) {
	v, end := p.Word(p.SkipBlanks(right))
	first := string(p.Text[v:end])
	after := p.SkipBlanks(end)
	v2, end2 := p.Word(after)
	rest := p.SkipBlanks(end2)
	second := string(p.Text[v2:end2])
	switch {
	case first == "", first != "default" && look.IsProse([]byte(first)):
	case first == "PLAIN" || first == "LOGIN" || first == "CRAM-MD5" || first == "XOAUTH2":
		if end2-v2 >= 8 {
			p.mask(v2, end2, KindArgument)
		}
	case second == "" && (p.beginsCommand(at) || look.HoldsDigit([]byte(first)) || look.Mixed([]byte(first))):
		p.mask(v, end, KindArgument)
	case first == "default" && second != "" && !look.IsProse([]byte(second)):
		p.mask(v2, end2, KindArgument)
	case second != "" && (rest >= p.End || p.HasAt(rest, "SETNAME")) && p.beginsCommand(at) &&
		!look.IsProse([]byte(second)):
		p.mask(v2, end2, KindArgument)
	}
}

// beginsCommand tells whether a word is where a command may begin or go on: after
// nothing, a colon, a prompt or upper-case words and numbers.
func (p *pass) beginsCommand(at int) bool {
	before := bytes.TrimRight(p.Text[max(p.TextStart(), at-64):at], " ")
	if len(before) == 0 || ascii.OneOf(before[len(before)-1], `:>])"'`) {
		return true
	}
	word := before[bytes.LastIndexByte(before, ' ')+1:]
	for _, c := range word {
		if !ascii.IsUpper(c) && !ascii.IsDigit(c) {
			return false
		}
	}
	return true
}

// setUserRule masks passwords and their hashes in ACL SETUSER u on >x #hash ~* +@all.
func setUserRule(p *pass, at, n int) int {
	p.aclWords(at + n)
	return at + n
}

// aclFileRule masks them in lines of redis' users.acl: user u on #hash ~* +@all.
func aclFileRule(p *pass, at, n int) int {
	if at == p.TextStart() && ascii.Holds(p.Text[at:min(p.End, at+look.MaxValue)], " on ") {
		p.aclWords(at + n)
	}
	return at
}

func (p *pass) aclWords(i int) {
	for range 24 {
		for i < p.End && (ascii.IsBlank(p.Text[i]) || ascii.IsQuote(p.At(i).C) || p.Text[i] == ',') {
			i += p.At(i).N
		}
		end := i
		for end < min(p.End, i+look.MaxValue) && !ascii.IsSpace(p.Text[end]) && !ascii.IsQuote(p.At(end).C) {
			end++
		}
		if end == i {
			return
		}
		if c := p.Text[i]; (c == '>' || c == '<' || c == '#' || c == '!') && end-i > 1 {
			p.mask(i+1, end, KindArgument)
		}
		i = end
	}
}

// configRule masks CONFIG SET requirepass x, also quoted.
func configRule(p *pass, at, n int) int {
	i := at + n
	for range 2 {
		for i < p.End && (ascii.IsBlank(p.Text[i]) || ascii.IsQuote(p.At(i).C) || p.Text[i] == ',') {
			i += p.At(i).N
		}
		end := i
		for end < min(p.End, i+32) && ascii.IsKeyByte(p.Text[end]) {
			end++
		}
		switch word := ascii.Lowered(string(p.Text[i:end])); {
		case word == "set":
		case directives[word]:
			if end < p.End && ascii.IsQuote(p.At(end).C) {
				p.quotedWords(end, 1)
			}
			return at
		default:
			return at
		}
		i = end
	}
	return at
}

// passRule masks PASS x of FTP and POP3. A test runner's PASS has a path after it.
func passRule(p *pass, at, n int) int {
	v, end := p.Word(at + n)
	if !p.HasAt(at, "PASS") || at > p.Start && ascii.IsKeyByte(p.Text[at-1]) || end <= v || look.IsProse(p.Text[v:end]) {
		return at
	}
	before := bytes.TrimRight(p.Text[p.TextStart():at], " ")
	// ftplib's 'PASS x'
	quoted := at > p.Start && end < p.End && ascii.IsQuote(p.Text[at-1]) && p.Text[end] == p.Text[at-1]
	begins := len(before) == 0 || ascii.Holds(before, "USER ") || ascii.OneOf(before[len(before)-1], ">:")
	if quoted || begins && p.SkipBlanks(end) >= p.End && !bytes.ContainsAny(p.Text[v:end], "/.:") {
		p.mask(v, end, KindArgument)
	}
	return at
}

// loginRule masks IMAP's a1 LOGIN user x. The tag before it has a digit.
func loginRule(p *pass, at, n int) int {
	tag := p.Text[max(p.TextStart(), at-16):at]
	tag = bytes.TrimRight(tag[bytes.LastIndexAny(bytes.TrimRight(tag, " "), " '\"")+1:], " ")
	if p.Text[at] != 'L' || p.Text[at+1] != 'O' || len(tag) < 2 || !ascii.IsDigit(tag[len(tag)-1]) {
		return at
	}
	_, user := p.Word(at + n)
	if user < p.End && ascii.IsQuote(p.Text[user]) {
		user++
	}
	v, end := p.Word(p.SkipBlanks(user))
	rest := p.SkipBlanks(min(p.End, end+1))
	if end > v && (rest >= p.End || ascii.IsQuote(p.Text[rest])) && !look.IsProse(p.Text[v:end]) {
		p.mask(v, end, KindArgument)
	}
	return at
}

// identifyRule masks what IRC's NickServ is told.
func identifyRule(p *pass, at, n int) int {
	if v, end := p.Word(at + n); p.Text[at] == 'I' && p.Text[at+1] == 'D' && end > v && p.SkipBlanks(end) >= p.End {
		p.mask(v, end, KindArgument)
	}
	return at
}

// pgpassRule masks a row of .pgpass, wherever it stands: host:port:database:user:password.
func pgpassRule(p *pass, at, n int) int {
	isPart := func(c byte) bool { return !ascii.IsSpace(c) && !ascii.IsQuote(c) && c != '=' && c != '/' }
	from := at
	for from > max(p.TextStart(), at-maxHost) && isPart(p.Text[from-1]) {
		from--
	}
	end := at
	for end < min(p.End, at+look.MaxValue) && !ascii.IsSpace(p.Text[end]) && !ascii.IsQuote(p.Text[end]) {
		end++
	}
	p.m.work += end - from
	fields := bytes.SplitN(p.Text[from:end], []byte(":"), 5)
	if len(fields) < 5 || len(fields[4]) == 0 || len(bytes.Trim(fields[1], "0123456789*")) > 0 {
		return at
	}
	p.mask(end-len(fields[4]), end, KindKeyValue)
	return end
}

// maxHost is the longest name of a host in such a row that is looked for.
const maxHost = 64

// plainRule masks what SASL's mechanism PLAIN sends: base64 of an identity, a user and a password with NULs between.
func plainRule(p *pass, at, n int) int {
	v := at + n
	end := p.ShortRun(v, ascii.IsBase64)
	plain, err := base64.RawStdEncoding.DecodeString(string(bytes.TrimRight(p.Text[v:end], "=")))
	if err != nil || bytes.Count(plain, []byte{0}) != 2 {
		return at
	}
	p.mask(v, end, KindArgument)
	return end
}

// mapRule masks the password in a row of Postfix's sasl_passwd: [host]:587 user:x.
func mapRule(p *pass, at, n int) int {
	v, end := p.Word(at + n)
	colon := bytes.IndexByte(p.Text[v:end], ':')
	if colon <= 0 {
		return at
	}
	p.mask(v+colon+1, end, KindArgument)
	return end
}

// nextWordRule masks the word behind a directive whose name says nothing to others.
func nextWordRule(p *pass, at, n int) int {
	v, end := p.Word(p.SkipBlanks(at + n))
	if end <= v || p.Text[v] == '-' || look.IsProse(p.Text[v:end]) || look.IsReference(p.Text[v:end]) {
		return at
	}
	p.mask(v, end, KindArgument)
	return end
}

// literalRule masks the value of a member of a Secret that kubectl makes; its name may say nothing.
func literalRule(p *pass, at, n int) int {
	line := p.Text[max(p.TextStart(), at-look.MaxValue):at]
	v, end := p.Word(at + n)
	equals := bytes.IndexByte(p.Text[v:end], '=')
	if equals < 0 || !ascii.Holds(line, "secret") {
		return at
	}
	from := v + equals + 1
	if from < end && ascii.IsQuote(p.Text[from]) {
		from++
	}
	for end > from && ascii.IsQuote(p.Text[end-1]) {
		end--
	}
	p.mask(from, end, KindArgument)
	return max(end, at+n)
}

// flagValueRule masks the value that a command gives to a secret: az keyvault secret set --name db --value x.
func flagValueRule(p *pass, at, n int) int {
	line := bytes.ToLower(p.Text[max(p.TextStart(), at-look.MaxValue):at])
	p.m.work += len(line)
	v, end := p.Word(p.SkipBlanks(at + n))
	if end <= v || look.IsReference(p.Text[v:end]) || !ascii.Holds(line, "secret") && !ascii.Holds(line, "password") {
		return at
	}
	p.mask(v, end, KindArgument)
	return end
}

// sambaRule masks the password of -U user%x, which all programs of Samba take.
func sambaRule(p *pass, at, n int) int {
	v, end := p.Word(p.SkipBlanks(at + n))
	percent := bytes.IndexByte(p.Text[v:end], '%')
	if !p.HasAt(at, " -U ") || percent <= 0 || percent+1 >= end-v {
		return at
	}
	p.mask(v+percent+1, end, KindArgument)
	return end
}

// sendRule masks what a script of expect types, where it is one word that is none of a language: send "x\r".
func sendRule(p *pass, at, n int) int {
	v := at + n
	end := p.QuotedEnd(v, min(p.End, v+keyname.MaxKey), glyph.Glyph{C: '"', N: 1})
	end = v + len(bytes.TrimSuffix(p.Text[v:end], []byte(`\r`)))
	if prompted := ascii.Holds(p.Text[max(p.TextStart(), at-maxHost):at], "assword"); !prompted &&
		!look.IsOddWord(p.Text[v:end]) {
		return at
	}
	p.mask(v, end, KindArgument)
	return end
}

// restRule masks the rest of a line in which a CI is told a secret.
func restRule(p *pass, at, n int) int {
	v, end := at+n, p.TextOf(p.Start, p.End).To
	for end > v && (ascii.IsBlank(p.Text[end-1]) || ascii.IsQuote(p.Text[end-1])) {
		end--
	}
	p.mask(v, end, KindArgument)
	return max(end, at+n)
}

// operRule masks IRC's OPER user x.
func operRule(p *pass, at, n int) int {
	_, user := p.Word(at + n)
	v, end := p.Word(p.SkipBlanks(user))
	if !p.HasAt(at, "OPER ") || !p.beginsCommand(at) || end <= v || p.SkipBlanks(end) < p.TextOf(p.Start, p.End).To {
		return at
	}
	p.mask(v, end, KindArgument)
	return end
}
