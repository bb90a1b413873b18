package place

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

// pairWords come before a user and a password, whatever program they are for: stats auth admin:x, -auth admin:x,
// Default login: admin:x, addauth digest bob:x, login bob x.
var pairWords = []string{"auth", "login", "logon", "credential", "userpwd", "digest ", "denied for ", "admins: ",
	"chpasswd: "}

func pairLiterals() []literal {
	list := []literal{{"connect ", connectRule}, {"conn ", connectRule}}
	for _, word := range pairWords {
		list = append(list, literal{word, pairRule})
	}
	return list
}

// pairLinks may stand between the two.
var pairLinks = ascii.Words(`for as with user users is are list attempt failed denied by using default digest basic plain
	scheme account name of | - -> =`)

// maxPairLinks is how many of them.
const maxPairLinks = 4

// pairRule masks the second of the two.
func pairRule(p *page.Page, at, n int) int {
	i := p.ShortRun(at+n, ascii.IsKeyByte)
	told := i == at+n && at > p.Start && p.Text[at] != 'l' || n > len("login") // addauth bob:x, not login bob:x
	if at > p.Start && (p.Text[at-1] == '-' || p.Text[at-1] == '+') && p.HasAt(i, " ") &&
		(at-1 == p.TextStart() || ascii.IsBlank(p.Text[at-2])) && maskSecond(p, i) {
		return at
	}
	for range maxPairLinks {
		for i < p.End && ascii.OneOf(p.Text[i], " \t:=|\"'") {
			i++
		}
		end := i
		for limit := min(p.End, i+look.MaxValue); end < limit && !ascii.IsSpace(p.Text[end]) &&
			!ascii.OneOf(p.Text[end], `"',;)]}>\`); end++ {
		}
		p.Looked(end - i)
		word := p.Text[i:end]
		if mark := pairMark(word, told); mark > 0 {
			p.Mask(i+mark, end, page.KindArgument)
			return at
		}
		if len(word) == 0 || maskQuotedSecond(p, end+1) ||
			!ascii.Among(pairLinks, bytes.TrimRight(word, ":=")) && !isPattern(word) {
			return at
		}
		i = end
	}
	return at
}

// isPattern tells the pattern of a path, as a server's settings have it before a user: basicauth /* bob:x.
func isPattern(word []byte) bool { return word[0] == '/' && len(word) <= 2 || string(word) == "*" }

// connectRule masks the password of what SQL*Plus connects with: connect scott/tiger@XE.
func connectRule(p *page.Page, at, n int) int {
	v, end := p.Word(at + n)
	user, rest, two := bytes.Cut(p.Text[v:end], []byte("/"))
	password, _, named := bytes.Cut(rest, []byte("@"))
	if !two || !named || len(password) < 3 || !IsUser(user) || bytes.IndexByte(password, '/') >= 0 {
		return at
	}
	p.Mask(v+len(user)+1, v+len(user)+1+len(password), page.KindArgument)
	return end
}

// shortNames begin a user's name that a password with as short a name follows: u=bob p=x.
var shortNames = []string{"u=", "user=", "login=", "usr="}

// shortRule masks the password.
func shortRule(p *page.Page, at, n int) int {
	line := bytes.TrimRight(p.LineBefore(at, maxHost), ",; ")
	user := line[bytes.LastIndexAny(line, " \t,;([{")+1:]
	v, end := p.Word(at + n)
	if end-v < 3 || look.IsReference(p.Text[v:end]) {
		return at
	}
	for _, name := range shortNames {
		if ascii.HasFold(user, name) && IsUser(user[len(name):]) {
			p.Mask(v, end, page.KindKeyValue)
			return end
		}
	}
	return at
}

// knownUsers are users whose names tell that a password follows.
var knownUsers = ascii.Words(`admin administrator root user guest test postgres elastic default operator support sa system
	api apikey anonymous ubuntu ec2-user pi oracle mysql`)

// PasswordIn is where the password begins in user:password and user/password that something before or behind says to
// be such; 0 = it is none.
func PasswordIn(word []byte) int { return pairMark(word, true) }

// pairMark is where the password begins in user:password; 0 = the word is no such pair. told: the word before says so.
func pairMark(word []byte, told bool) int {
	for _, mark := range []string{":", "/"} {
		user, password, two := bytes.Cut(word, []byte(mark))
		if !two || len(password) < 4 || !IsUser(user) || !look.IsUserLike(user) || bytes.ContainsAny(password, "/<{(") ||
			ascii.IsNumber(password) || look.IsReference(password) || look.IsPredicate(password) ||
			password[len(password)-1] == ':' || bytes.Count(password, []byte(":")) > 1 {
			continue
		}
		known := ascii.Among(knownUsers, user)
		odd := look.IsOddWord(password) && bytes.IndexByte(password, '.') < 0
		if mark == ":" && (told || known || odd) || mark == "/" && known && odd {
			return len(user) + 1
		}
	}
	return 0
}

// notUsers stand before a colon and are no user's name.
var notUsers = ascii.Words(`npm mailto sip sips xmpp git ssh workspace file docker image http https from to cc bcc by
	user mail email`)

// IsUser tells a user's name, which has a letter in it.
func IsUser(name []byte) bool {
	letters := false
	for _, c := range name {
		letters = letters || ascii.IsLower(c) || ascii.IsUpper(c)
		if !ascii.IsTokenish(c) && c != '%' && c != '+' && c != '#' {
			return false
		}
	}
	return letters && !ascii.Among(notUsers, name)
}

// maskSecond masks the second of two bare words behind a flag: steamcmd +login bob x.
func maskSecond(p *page.Page, i int) bool {
	v, end := p.Word(p.SkipBlanks(i))
	w, to := p.Word(p.SkipBlanks(end))
	if end == v || to-w < 4 || !IsUser(p.Text[v:end]) || ascii.OneOf(p.Text[w], "-+/.\\|>&") ||
		look.IsProse(p.Text[w:to]) {
		return false
	}
	p.Mask(w, to, page.KindArgument)
	return true
}

// maskQuotedSecond masks the second of two quoted words: sp_addlogin 'bob', 'x'.
func maskQuotedSecond(p *page.Page, i int) bool {
	if i == 0 || i >= p.End || p.Text[i] != ',' || !ascii.IsQuote(p.Text[i-1]) {
		return false
	}
	v := p.SkipBlanks(i + 1)
	if v >= p.End || p.Text[v] != p.Text[i-1] {
		return false
	}
	g := p.At(v)
	end := p.QuotedEnd(v+1, min(p.End, v+look.MaxValue), g)
	p.Mask(v+1, end, page.KindArgument)
	return true
}

// peerWords come before the key that two machines share in the settings of routers; kinds of it may stand between.
var (
	peerWords = []string{"tacacs", "radius", "pre-shared-key", "isakmp key", "message-digest-key", "key-string",
		"psksecret", "ppp chap", "ppp pap", "snmp-server user", "createuser ", "standby ", "vrrp "}
	peerNames = ascii.Words(`key md5 sha sha-256 sha-512 aes des key-string psksecret secret password authentication pre-shared-key text`)
	keyKinds  = ascii.Words(`0 1 5 6 7 8 9 enc encrypted clear simple cipher plaintext hex ascii-text md5 sha key address
		host hostname`)
)

// peerRule masks the key that such a line holds.
func peerRule(p *page.Page, at, n int) int {
	i, named := at, false
	begins := n > len("standby ") || p.HasAt(at+n, "-server") // the others are words of sentences, too
	for words := 0; words < 14 && i < p.End; words++ {
		i = p.SkipBlanks(i)
		v, end := p.Word(i)
		word := p.Text[v:end]
		switch {
		case end <= v:
			return at
		case ascii.Among(peerNames, word):
			named = true
		case named && len(word) >= 4 && !ascii.Among(keyKinds, word) && !isAddress(word):
			if !look.IsProse(word) && !look.IsReference(word) && look.HoldsLetter(word) && (look.IsOddWord(word) || begins) {
				p.Mask(v, end, page.KindArgument)
			}
			if word := p.Text[at : at+n]; word[0]|0x20 != 'c' { // createUser has one of each kind
				return at
			}
			named = false
		}
		if i = max(end, i+1); i < p.End && ascii.IsQuote(p.Text[i]) {
			i++
		}
	}
	return at
}

// isAddress tells numbers with dots: 10.0.0.1.
func isAddress(word []byte) bool { return len(bytes.Trim(word, "0123456789./:")) == 0 }

// ntlmRule masks a hash of NT, and the answer to a challenge, from which a password is guessed at leisure.
func ntlmRule(p *page.Page, at, n int) int {
	near := p.Text[at:min(p.End, at+look.MaxValue)]
	p.Looked(len(near))
	if two := bytes.Index(near, []byte("::")); two > 0 && bytes.Count(near[two:], []byte{':'}) >= 5 {
		parts := bytes.SplitAfterN(near[two+2:], []byte{':'}, 3)
		from := at + two + 2 + len(parts[0]) + len(parts[1])
		p.Mask(from, p.RunEnd(from, func(c byte) bool { return ascii.IsHexDigit(c) || c == ':' }), page.KindToken)
		return at
	}
	i := p.SkipBlanks(p.ShortRun(at, ascii.IsKeyByte))
	if !p.HasAt(i, ":") && !p.HasAt(i, "=") {
		return at
	}
	v := p.SkipBlanks(i + 1)
	if end := p.ShortRun(v, ascii.IsHexDigit); end-v == 32 {
		p.Mask(v, end, page.KindToken)
	}
	return at
}

// switchRule masks the password of Windows' /u:bob /p:x.
func switchRule(p *page.Page, at, n int) int {
	line := bytes.ToLower(p.Text[at-len(p.LineBefore(at, look.MaxValue)) : min(p.End, at+look.MaxValue)])
	p.Looked(len(line))
	v, end := p.Word(at + n)
	if end-v < 3 || !ascii.Holds(line, " /u") || look.IsReference(p.Text[v:end]) {
		return at
	}
	p.Mask(v, end, page.KindArgument)
	return at
}

// modemRule masks what a modem is told to join a network: AT+CWJAP="home","x", AT+CPIN=1234.
func modemRule(p *page.Page, at, n int) int {
	end := p.RunEnd(at, func(c byte) bool { return !ascii.IsSpace(c) })
	from := at + n
	if second := bytes.Index(p.Text[from:end], []byte(`","`)); second >= 0 {
		from += second + len(`","`)
	}
	v, stop := p.Word(from)
	if stop > v && p.Text[v] != '-' && p.Text[v] != '?' {
		p.Mask(v, min(end, stop), page.KindArgument)
	}
	return at
}

// hotspotRule masks the key of a network whose name stands in the same line: ssid=x key=y.
func hotspotRule(p *page.Page, at, n int) int {
	line := bytes.ToLower(p.LineBefore(at, look.MaxValue))
	p.Looked(len(line))
	v, end := p.Word(at + n)
	if end-v < 8 || !ascii.Holds(line, "ssid=") || look.IsReference(p.Text[v:end]) {
		return at
	}
	p.Mask(v, end, page.KindArgument)
	return at
}

// robotRule masks the last column of Robot Framework's Input Password    id=pw    x.
func robotRule(p *page.Page, at, n int) int {
	line := p.TextOf(p.Start, p.End)
	rest := bytes.TrimRight(p.Text[at+n:max(at+n, line.To)], " \t")
	last := bytes.LastIndex(rest, []byte("  "))
	if last <= 0 || len(bytes.TrimSpace(rest[:last])) == 0 || look.IsReference(rest[last+2:]) {
		return at
	}
	p.Mask(at+n+last+2, at+n+len(rest), page.KindArgument)
	return at
}

// netRule masks the password of Windows' net use and net user.
func netRule(p *page.Page, at, n int) int {
	var last [2]int
	i := at + n
	for words := 0; words < 6; words++ {
		v, end := p.Word(p.SkipBlanks(i))
		if end <= v || p.Text[v] == '/' {
			break
		}
		i = end
		if word := p.Text[v:end]; word[0] != '\\' && word[0] != '*' && word[len(word)-1] != ':' {
			last = [2]int{v, end}
			continue
		}
		last = [2]int{}
	}
	if user := p.HasAt(at+n-len("user "), "user "); user && last[0] == p.SkipBlanks(at+n) || last[1]-last[0] < 4 {
		return at
	}
	p.Mask(last[0], last[1], page.KindArgument)
	return at
}

// userListRule masks the second of two quoted words that are all of a line, as in pgbouncer's list of users.
func userListRule(p *page.Page, at, n int) int {
	line := p.TextOf(p.Start, p.End)
	text := bytes.TrimSpace(p.Text[line.From:line.To])
	if len(text) > look.MaxValue || bytes.Count(text, []byte{'"'}) != 4 || text[len(text)-1] != '"' {
		return at
	}
	end := line.From + bytes.LastIndexByte(p.Text[line.From:line.To], '"')
	if first := bytes.Trim(p.Text[line.From:at], `" `); !IsUser(first) || !look.IsOddWord(p.Text[at+n:end]) {
		return at
	}
	p.Mask(at+n, end, page.KindArgument)
	return at
}

// jaasRule masks the users that a login module of Java's Kafka knows: user_alice="x".
func jaasRule(p *page.Page, at, n int) int {
	v := p.ShortRun(at+n, ascii.IsKeyByte)
	if !p.HasAt(v, `="`) {
		return at
	}
	module := ascii.Holds(p.LineBefore(at, 4*look.MaxValue), "LoginModule")
	for i, lines := at, 0; !module && lines < 8; lines++ {
		above, ok := p.Preceding(i)
		if !ok {
			break
		}
		i = above.From
		module = ascii.Holds(p.Text[above.From:above.To], "LoginModule")
	}
	if module {
		v += len(`="`)
		p.Mask(v, p.QuotedEnd(v, min(p.End, v+look.MaxValue), p.At(v-1)), page.KindKeyValue)
	}
	return at
}
