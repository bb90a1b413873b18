package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/place"
)

// beside finds a value that only blanks part from its name: --password x,
// PASSWORD 'x', requirepass x, or a column of blanks.
func (p *pass) beside(f *found, i, j int) bool {
	name := ascii.Lowered(string(p.Text[f.left:min(f.right, f.left+32)]))
	quoted := ascii.IsQuote(p.At(p.StringPrefix(j)).C) || p.HasAt(j, "$$")
	switch c := p.Text[f.left]; {
	case j == i && !(quoted && f.closed):
		return false
	case c == '-' && p.Text[j] != '-':
		f.joint = look.Flag
		return p.value(f, p.echoed(j))
	case p.echoed(j) > j && f.class >= keyname.Token: // private-key <(echo x)
		return p.value(f, p.echoed(j))
	case name == "auth-pass": // redis' sentinel auth-pass MASTER x
		i := p.SkipBlanks(p.RunEnd(j, ascii.IsKeyByte))
		return i < p.End && p.value(f, i)
	case place.Directives[name], p.isNetrc(f, name), f.class == keyname.Strong && p.isDirective(f, j):
		return p.value(f, j)
	case name == "pass" && p.afterUser(f): // user "bob", pass x
		f.class = keyname.Strong
		return p.value(f, j)
	case f.class == keyname.Weak && quoted && p.value(f, j) && look.IsUserinfo(p.Text[f.v:f.end]):
		return true
	case quoted && !f.closed && keyname.IsPassword(p.key(f)) && p.quotesTwo(f, j):
		return true
	case quoted && f.class >= keyname.Strong && (f.closed || p.namesPassword(f, j)):
		return p.value(f, j) && !p.opensBlock(f)
	case f.class >= keyname.Strong && p.isColumn(f, i, j) && p.beginsCell(f.left):
		f.joint = look.Cell
		return p.value(f, j)
	case keyname.IsUpper(p.key(f)) && f.class == keyname.Strong && p.labelled(f, j): // PASSWORD elastic = x
		return true
	case f.class == keyname.Cookie && f.before.C == '<': // <Cookie sid=x for host>
		return p.value(f, j)
	case f.class == keyname.Strong && p.isTag(f.left): // <password type="plain">x
		return p.attributes(f, j)
	}
	return false
}

// opensBlock tells the label of a block from a value: resource "random_password" "db" {.
func (p *pass) opensBlock(f *found) bool {
	return f.closed && p.HasAt(min(p.End, f.end+f.quote.N), " {")
}

// isColumn tells the blanks between two columns from that between two words.
func (p *pass) isColumn(f *found, i, j int) bool {
	return j-i >= 3 || p.Text[i] == '\t' || j-i == 2 && keyname.IsUpper(p.key(f)) && p.onlyWord(j)
}

// isDirective tells a setting that only a blank parts from its value: auth_pass x, ENV API_KEY x. The name has two
// words and more, the value is the last word of its line, or in brackets with the name, and no word of a sentence.
func (p *pass) isDirective(f *found, j int) bool {
	if bytes.IndexAny(p.key(f), "_-") <= 0 && !p.isPut(f) {
		return false
	}
	v, end := p.Word(j)
	if v > j {
		end = min(p.End, end+p.At(j).N)
	}
	for end > v && ascii.OneOf(p.Text[end-1], ";)") {
		end--
	}
	rest := p.Text[end:p.TextOf(p.Start, p.End).To]
	closes := f.before.C == '(' && len(rest) > 0 && rest[0] == ')' || bytes.HasPrefix(rest, []byte(" </"))
	if end <= v || !closes && len(bytes.Trim(rest, " ;\"'`)")) > 0 {
		return false
	}
	word := p.Text[v:end]
	if v > j {
		return p.isPut(f) || !look.IsProse(word) && bytes.IndexByte(word, ' ') < 0
	}
	return look.IsOddWord(word) || p.isPut(f) && !look.IsProse(word)
}

// putWords come before the name of a setting and its value: etcdctl put /shop/db/password x.
var putWords = ascii.Words(`put set setx env export`)

// wordStart is where the word begins in which i lies. Where one without blanks goes on, it is asked again and again.
func (p *pass) wordStart(i int) int {
	known := i
	if p.Start <= p.wordFrom && p.wordFrom <= p.wordSeen && p.wordSeen <= i {
		known = p.wordSeen
	} else {
		p.wordFrom, known = p.Start, p.Start
	}
	if far := i - keyname.MaxKey; known < far {
		p.wordFrom, known = far, far
	}
	if n := bytes.LastIndexAny(p.Text[known:i], " \t"); n >= 0 {
		p.wordFrom = known + n + 1
	}
	p.m.work += i - known
	p.wordSeen = i
	return p.wordFrom
}

func (p *pass) isPut(f *found) bool {
	i := p.wordStart(f.left)
	word := p.BackBlanks(i)
	from := word
	for from > max(p.Start, word-8) && ascii.IsAlnum(p.Text[from-1]) {
		from--
	}
	return word < i && ascii.Among(putWords, p.Text[from:word])
}

// quotesTwo masks both of two quoted words: OpenVPN's password 'Auth' 'x'.
func (p *pass) quotesTwo(f *found, j int) bool {
	g := p.At(j)
	end := p.QuotedEnd(j+g.N, min(p.End, j+keyname.MaxKey), g) + g.N
	i := p.SkipBlanks(min(p.End, end))
	if i <= end || i >= p.End || p.At(i) != g {
		return false
	}
	return p.value(f, i)
}

// echoed steps over a process that prints the value: <(echo x), $(printf %s x).
func (p *pass) echoed(i int) int {
	if !p.HasAt(i, "<(") && !p.HasAt(i, "$(") {
		return i
	}
	for _, says := range []string{"echo -n ", "echo ", "printf %s ", "printf '%s' "} {
		if p.HasAt(i+2, says) && i+2+len(says) < p.End {
			return i + 2 + len(says)
		}
	}
	return i
}

// labelled finds the value after a word that says whose it is: PASSWORD elastic = x.
func (p *pass) labelled(f *found, j int) bool {
	i := p.RunEnd(j, ascii.IsWordish)
	if i == j || !p.HasAt(i, " = ") {
		return false
	}
	f.joint = look.Tight
	return p.value(f, p.SkipBlanks(i+3))
}

// namesPassword tells whether a quoted text after the name is the secret itself:
// SQL's PASSWORD 'x', Clojure's :password "x", and wrong password 'x'. A
// secret "db-creds" is an object's name.
func (p *pass) namesPassword(f *found, j int) bool {
	key := p.key(f)
	return p.followsUser(f) || ascii.Holds(bytes.ToLower(key), "pass") || keyname.IsUpper(key) &&
		ascii.IsQuote(p.Text[j]) ||
		f.before.C == ':'
}

// userWords are names beside which a quoted text is a user's: user "bob", secret "x".
var userWords = ascii.Words(`user username login account principal client id`)

// followsUser tells whether a user stands before the name as a secret would behind it.
func (p *pass) followsUser(f *found) bool {
	before := bytes.TrimRight(p.Text[max(p.TextStart(), f.left-keyname.MaxKey):f.left], " ,;")
	if len(before) == 0 || !ascii.IsQuote(before[len(before)-1]) {
		return false
	}
	quote := before[len(before)-1]
	before = before[:len(before)-1]
	before = bytes.TrimRight(before[:max(0, bytes.LastIndexByte(before, quote))], " =:")
	return ascii.Among(userWords, before[bytes.LastIndexAny(before, " ,;(")+1:])
}

// afterUser tells whether a user is named before, with a comma behind.
func (p *pass) afterUser(f *found) bool {
	before := bytes.TrimRight(p.Text[max(p.TextStart(), f.left-maxOffer):f.left], " ")
	before, comma := bytes.CutSuffix(before, []byte(","))
	return comma && (ascii.Holds(before, "user ") || ascii.Holds(before, "login ")) && !bytes.ContainsAny(before, ";:|")
}

// isNetrc tells the words of a .netrc: machine h login u password x.
func (p *pass) isNetrc(f *found, name string) bool {
	if name != "password" {
		return false
	}
	if start := p.TextStart(); len(bytes.TrimSpace(p.Text[start:min(f.left, start+keyname.MaxKey)])) > 0 {
		if p.netrcAt != p.Start+1 {
			line := p.Text[start:min(p.End, start+2*keyname.MaxKey)]
			p.m.work += len(line)
			p.netrcAt = p.Start + 1
			p.netrc = ascii.Holds(line, "machine ") || ascii.Holds(line, "default login ") ||
				bytes.HasPrefix(bytes.TrimSpace(line), []byte("login ")) ||
				ascii.Holds(line, " connect ") // nmcli dev wifi connect home password x
		}
		return p.netrc
	}
	above, ok := p.Preceding(p.Start)
	if !ok {
		return false
	}
	before := bytes.TrimSpace(p.Text[above.From:above.To])
	for _, word := range []string{"login ", "machine ", "user ", "username ", "host "} { // of msmtp and fetchmail, too
		if rest, ok := bytes.CutPrefix(before, []byte(word)); ok && len(rest) > 0 && bytes.IndexByte(rest, ' ') < 0 {
			return true
		}
	}
	return bytes.HasPrefix(before, []byte("login ")) || bytes.HasPrefix(before, []byte("machine "))
}
