package redact

import "bytes"

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
func (r reader) rule(p *pass, at, n int) int {
	before := bytes.TrimRight(p.text[max(p.textStart(), at-longBefore):at], " ")
	piped := bytes.HasSuffix(bytes.TrimSuffix(bytes.TrimSuffix(before, []byte("sudo")), []byte(" ")), []byte("|"))
	rest := p.text[at+n : min(p.end, at+n+maxValue)]
	if !p.startsWord(at) || r.flag != "" && !holds(p.text[at+n-1:at+n+len(rest)], r.flag) {
		return at
	}
	if here := bytes.Index(rest, []byte("<<<")); here >= 0 && !bytes.ContainsAny(rest[:here], "|;") {
		return p.hereString(at+n+here, at)
	}
	if piped {
		return p.piped(at)
	}
	return at
}

// longBefore is how much of a line before a program is looked at for what tells that it stands in a pipe.
const longBefore = 16

// hereString masks the word after <<<, which stands at i.
func (p *pass) hereString(i, at int) int {
	if v, to := p.word(p.skipBlanks(i + len("<<<"))); to > v && !isReference(p.text[v:to]) {
		p.mask(v, to, KindArgument)
		return to
	}
	return at
}

// chpasswdRule masks user:password that is piped into chpasswd.
func chpasswdRule(p *pass, at, n int) int {
	words := p.spoken(at)
	if colon := bytes.IndexByte(p.text[words.from:words.to], ':'); colon >= 0 {
		p.mask(words.from+colon+1, words.to, KindArgument)
	}
	return at + n
}

// pipedRule masks what is piped into a program that takes a secret from its standard input: behind echo or printf, or
// in a here-string.
func pipedRule(p *pass, at, n int) int {
	if i := p.skipBlanks(at + n); p.hasAt(i, "<<<") {
		p.hereString(i, at)
		return at + n
	}
	p.piped(at)
	return at + n
}

// piped masks what an echo before position at says.
func (p *pass) piped(at int) int {
	words := p.spoken(at)
	if words.from == words.to || isReference(p.text[words.from:words.to]) {
		return at
	}
	p.mask(words.from, words.to, KindArgument)
	return at + 1
}

// spoken is what echo or printf says into the pipe before position at, without its flags, its format and its quotes.
func (p *pass) spoken(at int) span {
	start := max(p.textStart(), at-maxValue)
	line := p.text[start:at]
	p.m.work += len(line)
	pipe := bytes.LastIndexByte(line, '|')
	for _, says := range []string{"echo ", "printf "} {
		echo := lastWord(line, says)
		if pipe < 0 || echo < 0 || echo > pipe {
			continue
		}
		s := span{start + echo + len(says), start + pipe}
		for {
			s.from += len(p.text[s.from:s.to]) - len(bytes.TrimLeft(p.text[s.from:s.to], " "))
			first, _, more := bytes.Cut(p.text[s.from:s.to], []byte(" "))
			if !more || len(first) < 2 || first[0] != '-' && !isFormat(first) {
				break
			}
			s.from += len(first)
		}
		s.from += len(p.text[s.from:s.to]) - len(bytes.TrimLeft(p.text[s.from:s.to], " \"'"))
		s.to = s.from + len(bytes.TrimRight(p.text[s.from:s.to], " \"'"))
		return s
	}
	return span{at, at}
}

// lastWord is where a word stands last in a line; -1 = nowhere.
func lastWord(line []byte, word string) int {
	i := bytes.LastIndex(line, []byte(word))
	for i > 0 && isAlnum(line[i-1]) {
		i = bytes.LastIndex(line[:i], []byte(word))
	}
	return i
}

// isFormat tells printf's '%s\n'.
func isFormat(word []byte) bool {
	return isQuote(word[0]) && word[1] == '%' || word[0] == '%' && len(word) < len(`%s\r\n`)
}
