package place

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

// reader is a program that takes a secret from its standard input: always, or with a flag.
type reader struct {
	name string
	flag string // "" = always
}

// readers follows their manuals. A flag that says so itself (--password-stdin) is known whatever program takes it.
var readers = []reader{
	{"su ", ""}, {"sudo ", " -S"}, {"sudo ", " --stdin"}, {"sudo ", " -kS"}, {"kinit", ""}, {"kadmin", ""},
	{"cryptsetup", ""}, {"smbpasswd", ""}, {"passwd ", ""}, {"keepassxc-cli", ""}, {"secret-tool", ""},
	{"ansible-vault", ""}, {"gnome-keyring-daemon", ""}, {"zfs load-key", ""}, {"htpasswd", " -"},
	{"vault login", ""}, {"realm join", ""}, {"adcli join", ""}, {"ssh-add", ""}, {"ecryptfs", ""}, {"encfs", ""},
	{"borg ", ""}, {"mosquitto_passwd", ""}, {"openssl", "stdin"}, {"gpg ", "--passphrase-fd 0"}, {"base64", ""},
}

// stdinFlags are the flags, in lower case, with which any program takes a secret from its standard input.
var stdinFlags = []string{"--password-stdin", "--passphrase-fd 0", "--with-token", "-pass stdin", "-passin stdin",
	"-passout stdin", "passwd --stdin", "--key-file=-", "--key-file -", "--token-stdin", "--stdin-password",
	"secret create", "secret set", "secret put", "secrets create", "secrets versions add"}

func pipedLiterals() []literal {
	list := []literal{{"chpasswd", chpasswdRule}}
	for _, flag := range stdinFlags {
		list = append(list, literal{flag, pipedRule})
	}
	for _, r := range readers {
		list = append(list, literal{r.name, r.rule})
	}
	return list
}

// rule looks whether the program is given its secret, in a pipe or a here-string.
func (r reader) rule(p *page.Page, at, n int) int {
	before := bytes.TrimRight(p.LineBefore(at, longBefore), " ")
	piped := bytes.HasSuffix(bytes.TrimSuffix(bytes.TrimSuffix(before, []byte("sudo")), []byte(" ")), []byte("|"))
	rest := p.Text[at+n : min(p.End, at+n+look.MaxValue)]
	if !p.StartsWord(at) || r.flag != "" && !ascii.Holds(p.Text[at+n-1:at+n+len(rest)], r.flag) {
		return at
	}
	if here := bytes.Index(rest, []byte("<<<")); here >= 0 && !bytes.ContainsAny(rest[:here], "|;") {
		return hereString(p, at+n+here, at)
	}
	if piped {
		return maskEchoed(p, at)
	}
	return at
}

// longBefore is how much of a line before a program is looked at for what tells that it stands in a pipe.
const longBefore = 16

// hereString masks the word after <<<, which stands at i.
func hereString(p *page.Page, i, at int) int {
	if v, to := p.Word(p.SkipBlanks(i + len("<<<"))); to > v && !look.IsReference(p.Text[v:to]) {
		p.Mask(v, to, page.KindArgument)
		return to
	}
	return at
}

// chpasswdRule masks user:password that is piped into chpasswd.
func chpasswdRule(p *page.Page, at, n int) int {
	if i := p.SkipBlanks(at + n); p.HasAt(i, "<<") {
		return maskUsers(p, i+len("<<"), at)
	}
	words := echoedBefore(p, at)
	if colon := bytes.IndexByte(p.Text[words.From:words.To], ':'); colon >= 0 {
		p.Mask(words.From+colon+1, words.To, page.KindArgument)
		return at + n
	}
	return at
}

// maxUsers is how many lines of users are read.
const maxUsers = 32

// maskUsers masks the passwords of a here-string or a here-document that begins at i: <<< 'bob:x', and bob:x in the
// lines below <<EOF.
func maskUsers(p *page.Page, i, at int) int {
	for range 2 { // of <<EOF bob:x
		v, end := p.Word(p.SkipBlanks(p.RunEnd(i, func(c byte) bool { return c == '<' || c == '-' })))
		maskUser(p, v, end)
		i = min(p.End, end+1)
	}
	below := glyph.Span{From: at}
	for range maxUsers {
		line, ok := p.After(below.From)
		if !ok || !maskUser(p, line.From, line.To) {
			break
		}
		below = line
	}
	return at + 1
}

// maskUser masks the password of user:password.
func maskUser(p *page.Page, from, to int) bool {
	user, password, two := bytes.Cut(p.Text[from:to], []byte(":"))
	if !two || !IsUser(user) || len(password) == 0 || bytes.ContainsAny(password, " \t") || look.IsReference(password) {
		return false
	}
	p.Mask(from+len(user)+1, to, page.KindArgument)
	return true
}

// pipedRule masks what is piped into a program that takes a secret from its standard input: behind echo or printf, or
// in a here-string.
func pipedRule(p *page.Page, at, n int) int {
	if i := p.SkipBlanks(at + n); p.HasAt(i, "<<<") {
		hereString(p, i, at)
		return at + n
	}
	maskEchoed(p, at)
	return at + n
}

// maskEchoed masks what an echo before position at says.
func maskEchoed(p *page.Page, at int) int {
	words := echoedBefore(p, at)
	if words.From == words.To || look.IsReference(p.Text[words.From:words.To]) {
		return at
	}
	p.Mask(words.From, words.To, page.KindArgument)
	return at + 1
}

// echoedBefore is what echo or printf says into the pipe before position at, without its flags, its format and its
// quotes.
func echoedBefore(p *page.Page, at int) glyph.Span {
	start := at - len(p.LineBefore(at, look.MaxValue))
	line := p.Text[start:at]
	p.Looked(len(line))
	pipe := bytes.LastIndexByte(line, '|')
	for _, says := range []string{"echo ", "printf "} {
		echo := lastWord(line, says)
		if pipe < 0 || echo < 0 || echo > pipe {
			continue
		}
		s := glyph.Span{From: start + echo + len(says), To: start + pipe}
		for {
			s.From += len(p.Text[s.From:s.To]) - len(bytes.TrimLeft(p.Text[s.From:s.To], " "))
			first, _, more := bytes.Cut(p.Text[s.From:s.To], []byte(" "))
			if !more || len(first) < 2 || first[0] != '-' && !isFormat(first) {
				break
			}
			s.From += len(first)
		}
		s.From += len(p.Text[s.From:s.To]) - len(bytes.TrimLeft(p.Text[s.From:s.To], " \"'"))
		s.To = s.From + len(bytes.TrimRight(p.Text[s.From:s.To], " \"'"))
		return s
	}
	return glyph.Span{From: at, To: at}
}

// lastWord is where a word stands last in a line; -1 = nowhere.
func lastWord(line []byte, word string) int {
	i := bytes.LastIndex(line, []byte(word))
	for i > 0 && ascii.IsAlnum(line[i-1]) {
		i = bytes.LastIndex(line[:i], []byte(word))
	}
	return i
}

// isFormat tells printf's '%s\n'.
func isFormat(word []byte) bool {
	return ascii.IsQuote(word[0]) && word[1] == '%' || word[0] == '%' && len(word) < len(`%s\r\n`)
}
