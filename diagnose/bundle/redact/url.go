package redact

import (
	"bytes"
	"strings"
)

func urlLiterals() []literal {
	return []literal{{"://", urlRule}, {`:\/\/`, urlRule}, {"%3a%2f%2f", encodedURLRule}, {"@tcp(", mysqlRule},
		{"@unix(", mysqlRule},
		{"oracle:thin:", oracleRule}, {"proxy=", bareURLRule}, {"proxy: ", bareURLRule}, {"url=", bareURLRule},
		{"url: ", bareURLRule}}
}

// queryLiterals are names that mean a secret only in a URL.
func queryLiterals() []literal {
	var list []literal
	for _, word := range []string{"?key=", "&key=", "?sig=", "&sig=", "?code=", "&code=", "?state=", "&state=",
		"x-amz-credential="} {
		list = append(list, literal{word, queryRule})
	}
	return list
}

// queryRule masks the values of those names, where they are long enough.
func queryRule(p *pass, at, n int) int {
	v := at + n
	end := p.plainEnd(v, min(p.end, v+maxValue), glyph{})
	if n := bytes.IndexByte(p.text[v:end], '&'); n >= 0 {
		end = v + n
	}
	if end-v < 8 || !isSecret(classToken, jointTight, p.text[v:end]) {
		return v
	}
	p.mask(v, p.plainEnd(v, p.end, glyph{}), KindKeyValue)
	return v
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
	case two && isReference(password) && (len(user) == 0 || isReference(user) || password[0] == '*'):
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
		case c == '\\' && i+1 < limit && oneOf(p.text[i+1], `nrt"u`):
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
	if port, _, _ := bytes.Cut(port, []byte("/")); len(bytes.Trim(port, "0123456789")) == 0 {
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
	for floor := max(p.textStart(), at-maxKey); left > floor; left-- {
		if c := p.text[left-1]; isSpace(c) || isQuote(c) || c == '=' {
			break
		}
	}
	if bytes.IndexByte(p.text[left:at], ':') < 0 {
		return at + n
	}
	p.mask(left, at, KindURL)
	return at + n
}

// encodedURLRule masks the password of https%3A%2F%2Fuser%3Apassword%40host.
func encodedURLRule(p *pass, at, n int) int {
	v := at + n
	limit := min(p.end, v+maxKey)
	mark := bytes.Index(p.text[v:limit], []byte("%40"))
	if mark < 0 || bytes.ContainsAny(p.text[v:v+mark], "/ \"'&") || !holds(bytes.ToLower(p.text[v:v+mark]), "%3a") {
		return v
	}
	p.mask(v, v+mark, KindURL)
	return v + mark
}

// oracleRule masks the password of jdbc:oracle:thin:user/password@host.
func oracleRule(p *pass, at, n int) int {
	v := at + n
	word := p.text[v:min(p.end, v+maxKey)]
	slash, mark := bytes.IndexByte(word, '/'), bytes.IndexByte(word, '@')
	if slash < 0 || mark <= slash+1 || bytes.IndexByte(word[:mark], ' ') >= 0 {
		return v
	}
	p.mask(v+slash+1, v+mark, KindURL)
	return v
}

// bareURLRule masks user:password@host:port, a URL without its scheme.
func bareURLRule(p *pass, at, n int) int {
	v := at + n
	for v < p.end && isQuote(p.at(v).c) {
		v += p.at(v).n
	}
	mark := bareUserinfo(p.text[v:min(p.end, v+maxKey)])
	if mark <= 0 {
		return at
	}
	p.mask(v, v+mark, KindURL)
	return at
}

// bareUserinfo returns where the @ stands that ends user:password; 0 = none does.
func bareUserinfo(word []byte) int {
	colon := -1
	for i, c := range word {
		switch {
		case c == '@' && colon > 0 && i > colon+1:
			return i
		case c == ':' && colon < 0:
			colon = i
		case isSpace(c), isQuote(c), c == '/', c == '@', c == '<':
			return 0
		}
	}
	return 0
}
