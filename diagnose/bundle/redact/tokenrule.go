package redact

import (
	"bytes"
	"encoding/base64"
	"strings"
)

func urlLiterals() []literal {
	return []literal{{"://", urlRule}, {`:\/\/`, urlRule}, {"@tcp(", mysqlRule}, {"@unix(", mysqlRule}}
}

// urlRule masks the user and password of scheme://user:password@host.
func urlRule(p *pass, at, n int) int {
	v := at + n
	authority := p.urlEnd(v, `/?#\`)
	mark := v + bytes.LastIndexByte(p.text[v:authority], '@')
	if mark < v {
		mark = p.lateMark(v, authority)
	}
	if mark <= v {
		return v
	}
	info := p.text[v:mark]
	user, password, two := bytes.Cut(info, []byte(":"))
	switch {
	case two && len(password) == 0, !two && !p.isWeb(at) && !looksSecret(user):
		return v
	case two && len(user) > 0 && isReference(user) && isReference(password):
		return v
	}
	if two {
		p.m.remember(password)
	}
	p.mask(v, mark, KindURL)
	return mark
}

// maxURL is how far a URL's user part is looked for.
const maxURL = 2 << 10

// urlEnd ends a URL at a blank, a quote, an angle bracket or one of stop. A URL
// without any @ in reach ends at once: most have none.
func (p *pass) urlEnd(v int, stop string) int {
	if p.nextAt < v {
		p.nextAt = len(p.text)
		if n := bytes.IndexByte(p.text[v:], '@'); n >= 0 {
			p.nextAt = v + n
		}
	}
	limit := min(p.end, v+maxURL)
	if p.nextAt >= limit {
		return v
	}
	for i := v; i < limit; i++ {
		switch c := p.text[i]; {
		case isSpace(c), isQuote(c), c == '<', c == '>', strings.IndexByte(stop, c) >= 0:
			return i
		case c == '\\' && i+1 < limit && bytes.IndexByte([]byte(`nrt"u`), p.text[i+1]) >= 0:
			return i
		}
	}
	return limit
}

// lateMark finds the @ of a password that holds a raw slash. "host:8080/@x" is no
// such thing: a port is a number.
func (p *pass) lateMark(v, authority int) int {
	_, port, two := bytes.Cut(p.text[v:authority], []byte(":"))
	if !two || len(bytes.Trim(port, "0123456789")) == 0 {
		return -1
	}
	return v + bytes.LastIndexByte(p.text[v:p.urlEnd(authority, "")], '@')
}

// isWeb tells whether the scheme before at is http or https, where a lone user is
// a key: https://KEY@sentry.example/1.
func (p *pass) isWeb(at int) bool {
	before := p.text[max(p.start, at-5):at]
	return hasFold(before, "https") || len(before) >= 4 && hasFold(before[len(before)-4:], "http")
}

// mysqlRule masks user:password@tcp(host:3306)/db, the form of Go's MySQL driver.
func mysqlRule(p *pass, at, n int) int {
	left := at
	for floor := max(p.start, at-maxKey); left > floor && !isSpace(p.text[left-1]) && !isQuote(p.text[left-1]) && p.text[left-1] != '='; left-- {
	}
	if bytes.IndexByte(p.text[left:at], ':') < 0 {
		return at + n
	}
	p.mask(left, at, KindURL)
	return at + n
}

// shape is a secret that its own look gives away.
type shape struct {
	prefix string // in its exact case
	least  int    // bytes that must follow
	set    func(byte) bool
}

func isBase62(c byte) bool   { return isAlnum(c) }
func isWordish(c byte) bool  { return isAlnum(c) || c == '_' || c == '-' }
func isTokenish(c byte) bool { return isAlnum(c) || c == '_' || c == '-' || c == '.' }
func isUpperNum(c byte) bool { return isUpper(c) || isDigit(c) }
func isBase64(c byte) bool {
	return isAlnum(c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '_'
}

// shapes follows what the issuers document of their tokens' prefixes.
var shapes = []shape{
	{"AKIA", 16, isUpperNum}, {"ASIA", 16, isUpperNum},
	{"ghp_", 20, isBase62}, {"gho_", 20, isBase62}, {"ghu_", 20, isBase62}, {"ghs_", 20, isTokenish}, {"ghr_", 20, isBase62}, {"github_pat_", 20, isWordish},
	{"glpat-", 16, isTokenish}, {"gldt-", 16, isTokenish}, {"glrt-", 16, isTokenish},
	{"xoxa-", 10, isWordish}, {"xoxb-", 10, isWordish}, {"xoxe-", 10, isWordish}, {"xoxo-", 10, isWordish}, {"xoxp-", 10, isWordish}, {"xoxr-", 10, isWordish}, {"xoxs-", 10, isWordish}, {"xapp-", 10, isWordish},
	{"AIza", 30, isWordish}, {"ya29.", 20, isTokenish}, {"GOCSPX-", 20, isWordish},
	{"sk_live_", 10, isWordish}, {"sk_test_", 10, isWordish}, {"rk_live_", 10, isWordish}, {"rk_test_", 10, isWordish}, {"whsec_", 16, isBase64},
	{"sk-", 20, isWordish}, {"npm_", 30, isBase62}, {"pypi-", 40, isWordish}, {"hf_", 30, isBase62},
	{"SG.", 40, isTokenish}, {"dop_v1_", 40, isBase62}, {"shpat_", 30, isBase62}, {"shpss_", 30, isBase62},
	{"dckr_pat_", 20, isWordish}, {"hvs.", 20, isWordish}, {"hvb.", 20, isWordish}, {"AGE-SECRET-KEY-1", 40, isUpperNum},
	// Webhook addresses are secrets in their path: who knows one may post.
	{"hooks.slack.com/services/", 20, isBase64}, {"discord.com/api/webhooks/", 20, isBase64},
	{"lin_api_", 30, isBase62}, {"sntrys_", 30, isBase64}, {"ATATT3", 40, isBase64}, {"NRAK-", 20, isBase62}, {"eyJ", 0, nil},
}

func tokenLiterals() []literal {
	list := []literal{{"bearer ", bearerRule}, {"basic ", basicRule}, {"-----begin", pemRule}}
	for _, s := range shapes {
		if s.set == nil {
			list = append(list, literal{lowered(s.prefix), jwtRule})
			continue
		}
		list = append(list, literal{lowered(s.prefix), s.rule})
	}
	return list
}

func (s shape) rule(p *pass, at, n int) int {
	if string(p.text[at:at+n]) != s.prefix || !p.startsWord(at) {
		return at + 1
	}
	end := p.runEnd(at+n, s.set)
	if end-at-n < s.least {
		return at + 1
	}
	// "sk-learn-compatible-estimator" is a name; a key has a digit.
	if !bytes.ContainsAny(p.text[at+n:end], "0123456789") {
		return at + 1
	}
	p.mask(at, end, KindToken)
	return end
}

// startsWord tells whether a word begins at i. After a backslash escape (\n) one
// does, too.
func (p *pass) startsWord(i int) bool {
	if i == p.start || !isAlnum(p.text[i-1]) {
		return true
	}
	return i-2 >= p.start && p.text[i-2] == '\\'
}

func (p *pass) runEnd(i int, set func(byte) bool) int {
	for i < p.end && set(p.text[i]) {
		i++
	}
	return i
}

// jwtRule masks a JSON web token: base64 of {" is eyJ, and dots join the parts.
func jwtRule(p *pass, at, n int) int {
	if string(p.text[at:at+n]) != "eyJ" || !p.startsWord(at) {
		return at + 1
	}
	end := p.runEnd(at, isTokenish)
	head, rest, dotted := bytes.Cut(p.text[at:end], []byte("."))
	if !dotted || len(head) < 10 || len(rest) < 6 {
		return max(at+1, end)
	}
	p.mask(at, end, KindToken)
	return end
}

// bearerRule masks the token of "Bearer eyJ…" wherever it stands.
func bearerRule(p *pass, at, n int) int {
	v := at + n
	end := p.runEnd(v, func(c byte) bool { return isBase64(c) || c == '.' || c == '~' })
	if !p.startsWord(at) || !looksSecret(p.text[v:end]) && end-v < 24 {
		return v
	}
	p.mask(v, end, KindHeader)
	return end
}

// basicRule masks what follows "Basic " when it is base64 of user:password.
func basicRule(p *pass, at, n int) int {
	const most = 1 << 10
	v := at + n
	end := p.runEnd(v, isBase64)
	if end-v < 4 || end-v > most || !p.startsWord(at) {
		return v
	}
	plain, err := base64.RawStdEncoding.DecodeString(string(bytes.TrimRight(p.text[v:end], "=")))
	if err != nil || bytes.IndexByte(plain, ':') < 0 {
		return v
	}
	p.mask(v, end, KindHeader)
	return end
}

// knownRule masks a secret met before, where it stands as a word of its own.
func knownRule(value string) rule {
	return func(p *pass, at, n int) int {
		end := at + n
		if string(p.text[at:end]) != value || at > 0 && isAlnum(p.text[at-1]) && isAlnum(value[0]) ||
			end < len(p.text) && isAlnum(p.text[end]) && isAlnum(value[n-1]) {
			return at
		}
		p.mask(at, end, KindRepeated)
		return end
	}
}

// maxPEMLines bounds a private key in lines; 16384-bit RSA needs 200.
const maxPEMLines = 400

// pemRule masks a private key up to its end mark: in the same line, with \n for
// line breaks, or over the lines that follow. Where the end mark is missing it
// stops at the first line that cannot belong to a key.
func pemRule(p *pass, at, n int) int {
	head := p.text[at:min(p.end, at+80)]
	if !bytes.Contains(head, []byte("PRIVATE KEY")) {
		return at + n
	}
	e := edit{start: at, kind: KindPrivateKey}
	for range maxPEMLines {
		if done := p.pemLine(&e); done {
			break
		}
		if p.end >= len(p.text) {
			break
		}
		p.start = p.end + 1
		p.end = lineEnd(p.text, p.start)
		e.start = p.textStart()
		if !pemText(p.text[e.start:p.end]) {
			break
		}
	}
	return max(p.last, at+n)
}

var pemEnd = []byte("-----END")

// pemLine masks the line's part of a key and tells whether the key ends in it.
func (p *pass) pemLine(e *edit) bool {
	e.end = p.end
	done := false
	if i := bytes.Index(p.text[e.start:p.end], pemEnd); i >= 0 {
		done = true
		tail := e.start + i + len(pemEnd)
		e.end = tail
		if j := bytes.Index(p.text[tail:p.end], []byte("-----")); j >= 0 && j < 40 {
			e.end = tail + j + 5
		}
	}
	if p.text[e.end-1] == '\r' && e.end-1 > e.start {
		e.end--
	}
	p.emit(*e)
	e.again = true
	return done
}

// pemText tells whether a line can be the inside of a PEM block: base64 as its
// last word, an end mark, a header such as "Proc-Type:", nothing, or our mask.
func pemText(line []byte) bool {
	line = bytes.TrimSpace(line)
	if len(line) == 0 || bytes.Contains(line, pemEnd) || bytes.HasSuffix(line, []byte(masked)) ||
		bytes.HasPrefix(line, []byte("Proc-Type:")) || bytes.HasPrefix(line, []byte("DEK-Info:")) {
		return true
	}
	if i := bytes.LastIndexByte(line, ' '); i >= 0 && len(line)-i-1 < 24 {
		return false
	} else if i >= 0 {
		line = line[i+1:]
	}
	line = bytes.TrimRight(line, `",'\n+`)
	for _, c := range bytes.TrimLeft(line, `"'`) {
		if !isBase64(c) {
			return false
		}
	}
	return true
}
