package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/place"
)

// alone masks what no name, no form and no protocol gives away, and what looks like nothing but a secret: long words
// that chance has made, and a user and a password before a host.
func (p *pass) alone(from, to int) {
	p.randomWords(from, to)
	p.userinfos(from, to)
}

// leastRandom is the length of a random word that needs no name beside it: the ids of Kafka and Elasticsearch, which
// have 22 characters, are no secrets.
const leastRandom = 24

// randomWords looks at one byte in leastRandom: each word that is long enough holds one of them.
func (p *pass) randomWords(from, to int) {
	isPart := func(c byte) bool { return ascii.IsWordish(c) || c == '+' }
	for i := from; i < to; i += leastRandom {
		if !isPart(p.Text[i]) {
			continue
		}
		left, right := i, i
		for floor := max(from, i-maxWord); left > floor && isPart(p.Text[left-1]); left-- {
		}
		for ceil := min(to, i+maxWord); right < ceil && isPart(p.Text[right]); right++ {
		}
		p.m.work += right - left
		p.encodedText(i, to)
		if word := p.Text[left:right]; look.IsChance(word) && !isMangled(word) && !isFingerprint(p.Text[from:left]) {
			p.mask(left, right, KindToken)
		}
		i = max(i, right-leastRandom+1)
	}
}

// maxWord bounds a random word to each side of the byte by which it is met.
const maxWord = 256

// isFingerprint tells from what stands before a word that it is the digest of a public key, as OpenSSH shows it.
func isFingerprint(before []byte) bool { return bytes.HasSuffix(before, []byte("SHA256:")) }

// isMangled tells the names of functions as linkers know them: _ZNSt6vectorIiSaIiEE9push_back.
func isMangled(word []byte) bool {
	word = bytes.TrimLeft(word, "_-")
	return len(word) > 2 && (word[0] == 'Z' || word[0] == 'R') && (ascii.IsUpper(word[1]) || ascii.IsDigit(word[1]))
}

// userinfos masks user:password@host:port, and a database's user/password@//host, wherever they stand.
func (p *pass) userinfos(from, to int) {
	for i := from; i < to; i++ {
		n := bytes.IndexByte(p.Text[i:to], '@')
		if n < 0 {
			return
		}
		if i += n; isHost(p.Text[i+1 : min(to, i+1+maxHost)]) {
			p.userinfo(max(from, i-2*maxHost), i)
		}
	}
}

// maxHost is the longest name of a host that is looked for.
const maxHost = 64

// isHost tells a host with a port or a path behind it. What has neither may belong to an address of mail.
func isHost(text []byte) bool {
	if bytes.HasPrefix(text, []byte("//")) {
		return true
	}
	n := 0
	for n < len(text) && (ascii.IsAlnum(text[n]) || text[n] == '.' || text[n] == '-') {
		n++
	}
	if n == 0 || n+1 >= len(text) || ascii.HasFold(text, "sha256:") {
		return false
	}
	return text[n] == ':' && ascii.IsDigit(text[n+1]) || text[n] == '/' && ascii.IsAlnum(text[n+1])
}

// userinfo masks the user and the password that end at the @ at i.
func (p *pass) userinfo(floor, i int) {
	left := i
	for left > floor && !ascii.IsSpace(p.Text[left-1]) && !ascii.IsQuote(p.Text[left-1]) &&
		!ascii.OneOf(p.Text[left-1], "<>()[]{},;=@") {
		left--
	}
	p.m.work += i - left
	word := p.Text[left:i]
	mark := ":"
	if p.Text[i+1] == '/' {
		mark = "/"
	}
	word = word[bytes.LastIndex(word, []byte("//"))+1:]
	word = bytes.TrimLeft(word, "/")
	user, password, two := bytes.Cut(word, []byte(mark))
	if !two || len(password) < 3 || !place.IsUser(user) || look.IsReference(password) ||
		bytes.IndexByte(password, '/') >= 0 {
		return
	}
	p.mask(i-len(word), i, KindURL)
}
