package redact

import (
	"bytes"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

func urlLiterals() []literal {
	return []literal{{"://", urlRule}, {`:\/\/`, urlRule}, {"%3a%2f%2f", encodedURLRule}, {"@tcp(", mysqlRule},
		{"@unix(", mysqlRule},
		{"oracle:thin:", oracleRule}, {"proxy=", bareURLRule}, {"proxy: ", bareURLRule}, {"url=", bareURLRule},
		{"url: ", bareURLRule}}
}

// queryNames mean a secret only in a URL; the others do where the value is no word: ?session=open.
var (
	queryNames = []string{"?key=", "&key=", "?sig=", "&sig=", "?code=", "&code=", "?state=", "&state=",
		"x-amz-credential="}
	wordyNames = []string{"auth", "hmac", "ticket", "nonce", "hash", "invite", "invitation", "magic", "verify", "confirm",
		"reset", "session", "assertion"}
)

func queryLiterals() []literal {
	var list []literal
	for _, name := range queryNames {
		list = append(list, literal{name, queryRule})
	}
	for _, name := range wordyNames {
		list = append(list, literal{"?" + name + "=", wordyQueryRule}, literal{"&" + name + "=", wordyQueryRule})
	}
	return list
}

// queryRule masks the values of those names, where they are long enough.
func queryRule(p *pass, at, n int) int {
	v := at + n
	end := p.PlainEnd(v, min(p.End, v+look.MaxValue), glyph.Glyph{})
	if n := bytes.IndexByte(p.Text[v:end], '&'); n >= 0 {
		end = v + n
	}
	if end-v < 8 || !look.IsSecret(keyname.Token, look.Tight, p.Text[v:end]) {
		return v
	}
	p.mask(v, p.PlainEnd(v, p.End, glyph.Glyph{}), KindKeyValue)
	return v
}

func wordyQueryRule(p *pass, at, n int) int {
	if v := at + n; !look.HoldsDigit(p.Text[v:p.RunEnd(v, ascii.IsWordish)]) {
		return at
	}
	return queryRule(p, at, n)
}

// urlRule masks the user and password of scheme://user:password@host.
func urlRule(p *pass, at, n int) int {
	v := at + n
	if p.isWeb(at) && p.Text[at] == ':' {
		host := p.RunEnd(v, func(c byte) bool { return ascii.IsTokenish(c) || c == ':' })
		if p.HasAt(host, "/") {
			p.randomParts(host + 1)
		}
	}
	authority := p.urlEnd(v, `/?#\`)
	mark := v + bytes.LastIndexByte(p.Text[v:authority], '@')
	if mark < v {
		mark = p.lateMark(v, authority)
	}
	if mark <= v {
		return v
	}
	info := p.Text[v:mark]
	user, password, two := bytes.Cut(info, []byte(":"))
	switch {
	case two && len(password) == 0, !two && !p.isWeb(at) && !look.LikeSecret(user):
		return v
	case two && look.IsReference(password) && (len(user) == 0 || look.IsReference(user) || password[0] == '*'):
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
		p.nextAt = len(p.Text)
		if n := bytes.IndexByte(p.Text[v:], '@'); n >= 0 {
			p.nextAt = v + n
		}
	}
	limit := min(p.End, v+maxURL)
	if p.nextAt >= limit {
		return v
	}
	for i := v; i < limit; i++ {
		switch c := p.Text[i]; {
		case ascii.IsSpace(c), ascii.IsQuote(c), c == '<', c == '>', strings.IndexByte(stop, c) >= 0:
			return i
		case c == '\\' && i+1 < limit && ascii.OneOf(p.Text[i+1], `nrt"u`):
			return i
		}
	}
	return limit
}

// lateMark finds the @ of a password that holds a raw slash. "host:8080/@x" is no
// such thing: a port is a number.
func (p *pass) lateMark(v, authority int) int {
	_, port, two := bytes.Cut(p.Text[v:authority], []byte(":"))
	if !two || len(bytes.Trim(port, "0123456789")) == 0 {
		return -1
	}
	if port, _, _ := bytes.Cut(port, []byte("/")); len(bytes.Trim(port, "0123456789")) == 0 {
		return -1
	}
	return v + bytes.LastIndexByte(p.Text[v:p.urlEnd(authority, "")], '@')
}

// isWeb tells whether the scheme before at is http or https, where a lone user is
// a key: https://KEY@sentry.example/1.
func (p *pass) isWeb(at int) bool {
	before := p.Text[max(p.Start, at-5):at]
	return ascii.HasFold(before, "https") || len(before) >= 4 && ascii.HasFold(before[len(before)-4:], "http")
}

// mysqlRule masks user:password@tcp(host:3306)/db, the form of Go's MySQL driver.
func mysqlRule(p *pass, at, n int) int {
	left := at
	for floor := max(p.TextStart(), at-keyname.MaxKey); left > floor; left-- {
		if c := p.Text[left-1]; ascii.IsSpace(c) || ascii.IsQuote(c) || c == '=' {
			break
		}
	}
	if bytes.IndexByte(p.Text[left:at], ':') < 0 {
		return at + n
	}
	p.mask(left, at, KindURL)
	return at + n
}

// encodedURLRule masks the password of https%3A%2F%2Fuser%3Apassword%40host.
func encodedURLRule(p *pass, at, n int) int {
	v := at + n
	limit := min(p.End, v+keyname.MaxKey)
	mark := bytes.Index(p.Text[v:limit], []byte("%40"))
	if mark < 0 || bytes.ContainsAny(p.Text[v:v+mark], "/ \"'&") || !ascii.Holds(bytes.ToLower(p.Text[v:v+mark]), "%3a") {
		return v
	}
	p.mask(v, v+mark, KindURL)
	return v + mark
}

// oracleRule masks the password of jdbc:oracle:thin:user/password@host.
func oracleRule(p *pass, at, n int) int {
	v := at + n
	word := p.Text[v:min(p.End, v+keyname.MaxKey)]
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
	for v < p.End && ascii.IsQuote(p.At(v).C) {
		v += p.At(v).N
	}
	mark := bareUserinfo(p.Text[v:min(p.End, v+keyname.MaxKey)])
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
		case ascii.IsSpace(c), ascii.IsQuote(c), c == '/', c == '@', c == '<':
			return 0
		}
	}
	return 0
}

// linkParts are parts of a path behind which a link that was sent to one person carries its secret: /reset/x.
var linkParts = []string{"reset", "verify", "verification", "invite", "invites", "invitation", "invitations", "magic",
	"magic-link", "confirm", "confirmation", "activate", "activation", "unsubscribe", "optout", "opt-out", "share",
	"shared", "login", "signin", "sso", "auth", "token", "password", "passwd", "recover", "recovery", "unlock", "accept",
	"join", "session", "sessions", "signup", "register", "onboard", "link", "secret", "email-verify", "verify-email",
	"set-password", "reset-password", "password-reset", "api-key", "apikey", "key", "webhook", "callback"}

func pathLiterals() []literal {
	var list []literal
	for _, verb := range []string{"get /", "post /", "put /", "patch /", "head /", "delete /", "options /"} {
		list = append(list, literal{verb, requestRule})
	}
	for _, part := range linkParts {
		list = append(list, literal{"/" + part + "/", pathRule})
	}
	return list
}

// maxParts is how many parts of a path behind a telling one are looked at: Django puts the user's number first.
const maxParts = 2

// pathRule masks the random part of a path behind one that tells of a link for one person.
func pathRule(p *pass, at, n int) int {
	v := at + n
	for range maxParts {
		end := p.RunEnd(v, func(c byte) bool { return ascii.IsWordish(c) || c == '.' || c == '~' || c == '=' })
		if look.IsLinkSecret(p.Text[v:end]) {
			p.mask(v, end, KindToken)
			return end
		}
		if !p.HasAt(end, "/") {
			break
		}
		v = end + 1
	}
	return at
}

// requestRule masks the long random parts of a request's path: whose names are long and random open something, and
// those of files have an ending.
func requestRule(p *pass, at, n int) int {
	p.randomParts(at + n)
	return at + n - 1
}

// randomParts masks them from i on, to the end of the path.
func (p *pass) randomParts(i int) {
	const least = 20
	for limit := min(p.End, i+maxURL); i < limit; i++ {
		from := i
		for i < limit && (ascii.IsWordish(p.Text[i]) || ascii.OneOf(p.Text[i], ".~=")) {
			i++
		}
		part := p.Text[from:i]
		if len(part) >= least && look.Mixed(part) && look.IsLinkSecret(part) && look.HoldsDigit(part) {
			p.mask(from, i, KindToken)
		}
		if i >= limit || p.Text[i] != '/' {
			p.m.work += i - from
			return
		}
	}
}
