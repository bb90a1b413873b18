package redact

import (
	"bytes"
	"encoding/base64"
	"strings"
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
		{"plain ", plainRule}, {"oper ", operRule}}
}

// keyLogRule masks the secret in a line of an SSLKEYLOGFILE, which opens a recorded TLS session: a label, the client's
// random of 32 bytes, the secret (draft-ietf-tls-keylogfile).
func keyLogRule(p *pass, at, n int) int {
	random := p.runEnd(at+n, isHexDigit)
	if random-at-n != 64 || !p.hasAt(random, " ") {
		return at
	}
	if end := p.runEnd(random+1, isHexDigit); end > random+8 {
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
	for i, lines := at, 0; lines < reach; lines++ {
		below, ok := p.after(i)
		if !ok {
			break
		}
		done := false
		p.within(below, func() { done = p.answer(below.from) })
		if done {
			break
		}
		i = below.from
	}
	return at + n
}

// answer masks the base64 that is sent from i on in the current line: behind "send: ", or as all that a client said.
func (p *pass) answer(i int) bool {
	const sends = "send: "
	line := p.text[i:min(p.end, i+maxValue)]
	v := i
	if found := bytes.Index(line, []byte(sends)); found >= 0 {
		v += found + len(sends)
	} else if word := bytes.TrimRight(line, " \r"); i > p.textStart() {
		return p.answerBehind(i)
	} else {
		v += bytes.LastIndexByte(word, ' ') + 1
	}
	return p.maskAnswer(v)
}

// answerBehind masks the answer that a session shows in the line of the question: 334 UGFzc3dvcmQ6\nC: eA==.
func (p *pass) answerBehind(i int) bool {
	for n := 0; n < 2 && i < p.end && p.at(i).c == '\n'; n++ {
		i += p.at(i).n
	}
	if p.hasAt(i, "C: ") || p.hasAt(i, "-> ") {
		i += len("C: ")
	} else if p.hasAt(i, "> ") {
		i += len("> ")
	}
	return p.maskAnswer(i)
}

func (p *pass) maskAnswer(v int) bool {
	for v < p.end && (p.text[v] == 'b' && v+1 < p.end && isQuote(p.text[v+1]) || isQuote(p.text[v])) {
		v++
	}
	end := p.runEnd(v, func(c byte) bool { return isBase64(c) && c != '-' && c != '_' })
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
	if p.hasAt(right, "2") || p.hasAt(right, "2 ") {
		right++
	}
	if at > p.start && isKeyByte(p.text[at-1]) && p.before(at).n == 1 || right < p.end && isKeyByte(p.text[right]) {
		return at
	}
	if right >= p.end {
		return at
	}
	upper := p.text[at] == 'A' && p.text[at+1] == 'U'
	if phrase := "', with args beginning with: "; right+len(phrase) < p.end && p.hasAt(right+1, phrase[1:]) {
		p.quotedWords(right+len(phrase)-1, 2)
		return at
	}
	switch next := p.at(right); {
	case upper && next.c == ',' && p.before(at).c == '[': // [AUTH, x]
		v := p.skipBlanks(right + 1)
		p.mask(v, p.plainEnd(v, p.end, glyph{}), KindArgument)
	case isQuote(next.c) && isQuote(p.before(at).c):
		p.quotedWords(right, 2)
	case upper && next.c == '\n':
		p.resp(right)
	case upper && next.c == ' ':
		p.bareAuth(at, right)
	}
	return at
}

// quotedWords masks the last of up to n quoted words: "AUTH" "user" "x". Other words
// may follow a user and its password: "HELLO" "3" "AUTH" "user" "x" "SETNAME" "y".
func (p *pass) quotedWords(i, n int) {
	i += p.at(i).n
	var last span
	for range n {
		i = p.skipBlanks(i)
		if p.hasAt(i, ",") {
			i = p.skipBlanks(i + 1)
		}
		if i >= p.end || !isQuote(p.at(i).c) {
			break
		}
		g := p.at(i)
		end := p.quotedEnd(i+g.n, min(p.end, i+maxWord), g)
		if strings.EqualFold(string(p.text[i+g.n:end]), "SETNAME") {
			break
		}
		last = span{i + g.n, end}
		i = end + g.n
	}
	p.mask(last.from, last.to, KindArgument)
}

// resp masks the argument of AUTH in redis' wire format: AUTH\r\n$8\r\nx\r\n.
func (p *pass) resp(i int) {
	for range 2 {
		for i < p.end && p.at(i).c == '\n' {
			i += p.at(i).n
		}
		if !p.hasAt(i, "$") {
			return
		}
		for i < p.end && p.at(i).c != '\n' {
			i++
		}
		for i < p.end && p.at(i).c == '\n' {
			i += p.at(i).n
		}
		end := i
		for end < p.end && p.at(end).c != '\n' && end-i < maxWord {
			end++
		}
		p.mask(i, end, KindArgument)
		i = end
	}
}

// bareAuth masks AUTH x and AUTH user x, and the base64 of SMTP's AUTH PLAIN. In
// prose ("Client sent AUTH, but no password is set") words follow.
func (p *pass) bareAuth(at, right int) {
	v, end := p.word(p.skipBlanks(right))
	first := string(p.text[v:end])
	after := p.skipBlanks(end)
	v2, end2 := p.word(after)
	rest := p.skipBlanks(end2)
	second := string(p.text[v2:end2])
	switch {
	case first == "", first != "default" && isProse([]byte(first)):
	case first == "PLAIN" || first == "LOGIN" || first == "CRAM-MD5" || first == "XOAUTH2":
		if end2-v2 >= 8 {
			p.mask(v2, end2, KindArgument)
		}
	case second == "" && (p.beginsCommand(at) || holdsDigit([]byte(first)) || mixed([]byte(first))):
		p.mask(v, end, KindArgument)
	case second != "" && (rest >= p.end || p.hasAt(rest, "SETNAME")) && p.beginsCommand(at) && !isProse([]byte(second)):
		p.mask(v2, end2, KindArgument)
	}
}

// beginsCommand tells whether a word is where a command may begin or go on: after
// nothing, a colon, a prompt or upper-case words and numbers.
func (p *pass) beginsCommand(at int) bool {
	before := bytes.TrimRight(p.text[max(p.textStart(), at-64):at], " ")
	if len(before) == 0 || oneOf(before[len(before)-1], `:>])"'`) {
		return true
	}
	word := before[bytes.LastIndexByte(before, ' ')+1:]
	for _, c := range word {
		if !isUpper(c) && !isDigit(c) {
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
	if at == p.textStart() && holds(p.text[at:min(p.end, at+maxValue)], " on ") {
		p.aclWords(at + n)
	}
	return at
}

func (p *pass) aclWords(i int) {
	for range 24 {
		for i < p.end && (isBlank(p.text[i]) || isQuote(p.at(i).c) || p.text[i] == ',') {
			i += p.at(i).n
		}
		end := i
		for end < min(p.end, i+maxValue) && !isSpace(p.text[end]) && !isQuote(p.at(end).c) {
			end++
		}
		if end == i {
			return
		}
		if c := p.text[i]; (c == '>' || c == '<' || c == '#' || c == '!') && end-i > 1 {
			p.mask(i+1, end, KindArgument)
		}
		i = end
	}
}

// configRule masks CONFIG SET requirepass x, also quoted.
func configRule(p *pass, at, n int) int {
	i := at + n
	for range 2 {
		for i < p.end && (isBlank(p.text[i]) || isQuote(p.at(i).c) || p.text[i] == ',') {
			i += p.at(i).n
		}
		end := i
		for end < min(p.end, i+32) && isKeyByte(p.text[end]) {
			end++
		}
		switch word := lowered(string(p.text[i:end])); {
		case word == "set":
		case directives[word]:
			if end < p.end && isQuote(p.at(end).c) {
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
	v, end := p.word(at + n)
	if !p.hasAt(at, "PASS") || at > p.start && isKeyByte(p.text[at-1]) || end <= v || isProse(p.text[v:end]) {
		return at
	}
	before := bytes.TrimRight(p.text[p.textStart():at], " ")
	quoted := at > p.start && end < p.end && isQuote(p.text[at-1]) && p.text[end] == p.text[at-1] // ftplib's 'PASS x'
	begins := len(before) == 0 || bytes.HasPrefix(before, []byte("USER ")) || oneOf(before[len(before)-1], ">:")
	if quoted || begins && p.skipBlanks(end) >= p.end && !bytes.ContainsAny(p.text[v:end], "/.:") {
		p.mask(v, end, KindArgument)
	}
	return at
}

// loginRule masks IMAP's a1 LOGIN user x. The tag before it has a digit.
func loginRule(p *pass, at, n int) int {
	tag := p.text[max(p.textStart(), at-16):at]
	tag = bytes.TrimRight(tag[bytes.LastIndexAny(bytes.TrimRight(tag, " "), " '\"")+1:], " ")
	if p.text[at] != 'L' || p.text[at+1] != 'O' || len(tag) < 2 || !isDigit(tag[len(tag)-1]) {
		return at
	}
	_, user := p.word(at + n)
	if user < p.end && isQuote(p.text[user]) {
		user++
	}
	v, end := p.word(p.skipBlanks(user))
	rest := p.skipBlanks(min(p.end, end+1))
	if end > v && (rest >= p.end || isQuote(p.text[rest])) && !isProse(p.text[v:end]) {
		p.mask(v, end, KindArgument)
	}
	return at
}

// identifyRule masks what IRC's NickServ is told.
func identifyRule(p *pass, at, n int) int {
	if v, end := p.word(at + n); p.text[at] == 'I' && p.text[at+1] == 'D' && end > v && p.skipBlanks(end) >= p.end {
		p.mask(v, end, KindArgument)
	}
	return at
}

// pgpassRule masks a row of .pgpass, wherever it stands: host:port:database:user:password.
func pgpassRule(p *pass, at, n int) int {
	isPart := func(c byte) bool { return !isSpace(c) && !isQuote(c) && c != '=' && c != '/' }
	from := at
	for from > max(p.textStart(), at-maxHost) && isPart(p.text[from-1]) {
		from--
	}
	end := at
	for end < min(p.end, at+maxValue) && !isSpace(p.text[end]) && !isQuote(p.text[end]) {
		end++
	}
	p.m.work += end - from
	fields := bytes.SplitN(p.text[from:end], []byte(":"), 5)
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
	end := p.shortRun(v, isBase64)
	plain, err := base64.RawStdEncoding.DecodeString(string(bytes.TrimRight(p.text[v:end], "=")))
	if err != nil || bytes.Count(plain, []byte{0}) != 2 {
		return at
	}
	p.mask(v, end, KindArgument)
	return end
}

// mapRule masks the password in a row of Postfix's sasl_passwd: [host]:587 user:x.
func mapRule(p *pass, at, n int) int {
	v, end := p.word(at + n)
	colon := bytes.IndexByte(p.text[v:end], ':')
	if colon <= 0 {
		return at
	}
	p.mask(v+colon+1, end, KindArgument)
	return end
}

// nextWordRule masks the word behind a directive whose name says nothing to others.
func nextWordRule(p *pass, at, n int) int {
	v, end := p.word(p.skipBlanks(at + n))
	if end <= v || p.text[v] == '-' || isProse(p.text[v:end]) || isReference(p.text[v:end]) {
		return at
	}
	p.mask(v, end, KindArgument)
	return end
}

// literalRule masks the value of a member of a Secret that kubectl makes; its name may say nothing.
func literalRule(p *pass, at, n int) int {
	line := p.text[max(p.textStart(), at-maxValue):at]
	v, end := p.word(at + n)
	equals := bytes.IndexByte(p.text[v:end], '=')
	if equals < 0 || !holds(line, "secret") {
		return at
	}
	from := v + equals + 1
	if from < end && isQuote(p.text[from]) {
		from++
	}
	for end > from && isQuote(p.text[end-1]) {
		end--
	}
	p.mask(from, end, KindArgument)
	return max(end, at+n)
}

// flagValueRule masks the value that a command gives to a secret: az keyvault secret set --name db --value x.
func flagValueRule(p *pass, at, n int) int {
	line := bytes.ToLower(p.text[max(p.textStart(), at-maxValue):at])
	p.m.work += len(line)
	v, end := p.word(p.skipBlanks(at + n))
	if end <= v || isReference(p.text[v:end]) || !holds(line, "secret") && !holds(line, "password") {
		return at
	}
	p.mask(v, end, KindArgument)
	return end
}

// sambaRule masks the password of -U user%x, which all programs of Samba take.
func sambaRule(p *pass, at, n int) int {
	v, end := p.word(p.skipBlanks(at + n))
	percent := bytes.IndexByte(p.text[v:end], '%')
	if !p.hasAt(at, " -U ") || percent <= 0 || percent+1 >= end-v {
		return at
	}
	p.mask(v+percent+1, end, KindArgument)
	return end
}

// sendRule masks what a script of expect types, where it is one word that is none of a language: send "x\r".
func sendRule(p *pass, at, n int) int {
	v := at + n
	end := p.quotedEnd(v, min(p.end, v+maxKey), glyph{c: '"', n: 1})
	end = v + len(bytes.TrimSuffix(p.text[v:end], []byte(`\r`)))
	if !isOddWord(p.text[v:end]) {
		return at
	}
	p.mask(v, end, KindArgument)
	return end
}

// restRule masks the rest of a line in which a CI is told a secret.
func restRule(p *pass, at, n int) int {
	v, end := at+n, p.textOf(p.start, p.end).to
	for end > v && (isBlank(p.text[end-1]) || isQuote(p.text[end-1])) {
		end--
	}
	p.mask(v, end, KindArgument)
	return max(end, at+n)
}

// operRule masks IRC's OPER user x.
func operRule(p *pass, at, n int) int {
	_, user := p.word(at + n)
	v, end := p.word(p.skipBlanks(user))
	if !p.hasAt(at, "OPER ") || !p.beginsCommand(at) || end <= v || p.skipBlanks(end) < p.textOf(p.start, p.end).to {
		return at
	}
	p.mask(v, end, KindArgument)
	return end
}
