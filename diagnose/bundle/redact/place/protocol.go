package place

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

// protocolLiterals are words of protocols after which a secret stands bare: redis,
// SMTP, FTP, IMAP, POP3, IRC; and lines of .pgpass.
func protocolLiterals() []literal {
	return append(boundLiterals(), []literal{{"auth", authRule}, {"setuser", setUserRule}, {"config", configRule},
		{"pass ", passRule},
		{"login ", loginRule},
		{"identify ", identifyRule}, {":5432:", pgpassRule}, {":5433:", pgpassRule}, {":5439:", pgpassRule},
		{":5555:", pgpassRule}, {":6432:", pgpassRule}, {":*:", pgpassRule}, {"user ", aclFileRule},
		{"client_random ", keyLogRule},
		{"_secret ", keyLogRule}, {"_secret_0 ", keyLogRule}, {"334 ugfzc3dvcmq6", smtpLoginRule},
		{"]:25 ", mapRule}, {"]:465 ", mapRule}, {"]:587 ", mapRule}, {"]:2525 ", mapRule},
		{"rocommunity ", nextWordRule}, {"rwcommunity ", nextWordRule}, {"snmp-server community ", nextWordRule},
		{"securestring ", nextWordRule}, {"--from-literal=", literalRule}, {"--value ", flagValueRule},
		{"--value=", flagValueRule}, {"--secret-string ", flagValueRule}, {" -u ", sambaRule}, {"send -- \"", sendRule},
		{"send \"", sendRule}, {"::add-mask::", restRule},
		{"issecret=true]", restRule},
		{" -p ", loginFlagRule}, {"'-p'", loginFlagRule}, {`"-p"`, loginFlagRule},
		{`\x00`, nulRule}, {`\u0000`, nulRule}, {`: \0`, nulRule}, {"plain ", plainRule}, {"plain'>", plainRule},
		{`plain">`, plainRule}, {"oper ", operRule}, {"net use ", netRule}, {"net user ", netRule}, {`" "`, userListRule},
		{"user_", jaasRule}, {"arguments: (", argumentsRule}, {"get secret", secretBelowRule}, {"key=", derivedRule},
		{"ntlm", ntlmRule}, {" /p:", switchRule}, {" /pw:", switchRule}, {"at+cwjap=\"", modemRule}, {"at+cpin=", modemRule},
		{" key=", hotspotRule}, {" p=", shortRule}, {"input password  ", robotRule}}...)
}

// keyLogRule masks the secret in a line of an SSLKEYLOGFILE, which opens a recorded TLS session: a label, the client's
// random of 32 bytes, the secret (draft-ietf-tls-keylogfile).
func keyLogRule(p *page.Page, at, n int) int {
	random := p.RunEnd(at+n, ascii.IsHexDigit)
	if random-at-n != 64 || !p.HasAt(random, " ") {
		return at
	}
	if end := p.RunEnd(random+1, ascii.IsHexDigit); end > random+8 {
		p.Mask(random+1, end, page.KindArgument)
		return end
	}
	return at
}

// identifyRule masks what IRC's NickServ is told.
func identifyRule(p *page.Page, at, n int) int {
	if v, end := p.Word(at + n); p.Text[at] == 'I' && p.Text[at+1] == 'D' && end > v && p.SkipBlanks(end) >= p.End {
		p.Mask(v, end, page.KindArgument)
	}
	return at
}

// pgpassRule masks a row of .pgpass, wherever it stands: host:port:database:user:password.
func pgpassRule(p *page.Page, at, n int) int {
	isPart := func(c byte) bool { return !ascii.IsSpace(c) && !ascii.IsQuote(c) && c != '=' && c != '/' }
	from := at
	for from > max(p.TextStart(), at-maxHost) && isPart(p.Text[from-1]) {
		from--
	}
	end := at
	for end < min(p.End, at+look.MaxValue) && !ascii.IsSpace(p.Text[end]) && !ascii.IsQuote(p.Text[end]) {
		end++
	}
	p.Looked(end - from)
	fields := bytes.SplitN(p.Text[from:end], []byte(":"), 5)
	if len(fields) < 5 || len(fields[4]) == 0 || len(bytes.Trim(fields[1], "0123456789*")) > 0 {
		return at
	}
	p.Mask(end-len(fields[4]), end, page.KindKeyValue)
	return end
}

// maxHost is the longest name of a host in such a row that is looked for.
const maxHost = 64

// nextWordRule masks the word behind a directive whose name says nothing to others.
func nextWordRule(p *page.Page, at, n int) int {
	v, end := p.Word(p.SkipBlanks(at + n))
	if end <= v || p.Text[v] == '-' || look.IsProse(p.Text[v:end]) || look.IsReference(p.Text[v:end]) {
		return at
	}
	p.Mask(v, end, page.KindArgument)
	return end
}

// literalRule masks the value of a member of a Secret that kubectl makes; its name may say nothing.
func literalRule(p *page.Page, at, n int) int {
	line := p.LineBefore(at, look.MaxValue)
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
	p.Mask(from, end, page.KindArgument)
	return max(end, at+n)
}

// flagValueRule masks the value that a command gives to a secret: az keyvault secret set --name db --value x.
func flagValueRule(p *page.Page, at, n int) int {
	line := bytes.ToLower(p.LineBefore(at, look.MaxValue))
	p.Looked(len(line))
	v, end := p.Word(p.SkipBlanks(at + n))
	if end <= v || look.IsReference(p.Text[v:end]) || !ascii.Holds(line, "secret") && !ascii.Holds(line, "password") {
		return at
	}
	p.Mask(v, end, page.KindArgument)
	return end
}

// sambaRule masks the password of -U user%x, which all programs of Samba take.
func sambaRule(p *page.Page, at, n int) int {
	v, end := p.Word(p.SkipBlanks(at + n))
	percent := bytes.IndexByte(p.Text[v:end], '%')
	if !p.HasAt(at, " -U ") || percent <= 0 || percent+1 >= end-v {
		return at
	}
	p.Mask(v+percent+1, end, page.KindArgument)
	return end
}

// sendRule masks what a script of expect types, where it is one word that is none of a language: send "x\r".
func sendRule(p *page.Page, at, n int) int {
	v := at + n
	end := p.QuotedEnd(v, min(p.End, v+keyname.MaxKey), glyph.Glyph{C: '"', N: 1})
	end = v + len(bytes.TrimSuffix(p.Text[v:end], []byte(`\r`)))
	if prompted := ascii.Holds(p.LineBefore(at, maxHost), "assword"); !prompted &&
		!look.IsOddWord(p.Text[v:end]) {
		return at
	}
	p.Mask(v, end, page.KindArgument)
	return end
}

// restRule masks the rest of a line in which a CI is told a secret.
func restRule(p *page.Page, at, n int) int {
	v, end := at+n, p.TextOf(p.Start, p.End).To
	for end > v && (ascii.IsBlank(p.Text[end-1]) || ascii.IsQuote(p.Text[end-1])) {
		end--
	}
	p.Mask(v, end, page.KindArgument)
	return max(end, at+n)
}

// operRule masks IRC's OPER user x.
func operRule(p *page.Page, at, n int) int {
	_, user := p.Word(at + n)
	v, end := p.Word(p.SkipBlanks(user))
	if !p.HasAt(at, "OPER ") || !beginsCommand(p, at) || end <= v || p.SkipBlanks(end) < p.TextOf(p.Start, p.End).To {
		return at
	}
	p.Mask(v, end, page.KindArgument)
	return end
}
