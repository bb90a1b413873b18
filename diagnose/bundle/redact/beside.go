package redact

import (
	"bytes"
)

// directives are names in files of settings and in commands whose value is the next
// word, whatever it is.
var directives = words(`requirepass masterauth rootpw bindpw storepass keypass`)

// beside finds a value that only blanks part from its name: --password x,
// PASSWORD 'x', requirepass x, or a column of blanks.
func (p *pass) beside(f *found, i, j int) bool {
	name := lowered(string(p.text[f.left:min(f.right, f.left+32)]))
	quoted := isQuote(p.at(p.stringPrefix(j)).c) || p.hasAt(j, "$$")
	switch c := p.text[f.left]; {
	case j == i && !(quoted && f.closed):
		return false
	case c == '-' && p.text[j] != '-':
		f.joint = jointFlag
		return p.value(f, p.echoed(j))
	case p.echoed(j) > j && f.class >= classToken: // private-key <(echo x)
		return p.value(f, p.echoed(j))
	case name == "auth-pass": // redis' sentinel auth-pass MASTER x
		i := p.skipBlanks(p.runEnd(j, isKeyByte))
		return i < p.end && p.value(f, i)
	case directives[name], p.isNetrc(f, name), f.class == classStrong && p.isDirective(f, j):
		return p.value(f, j)
	case f.class == classWeak && quoted && p.value(f, j) && isUserinfo(p.text[f.v:f.end]):
		return true
	case quoted && !f.closed && isPassword(p.key(f)) && p.quotesTwo(f, j):
		return true
	case quoted && f.class >= classStrong && (f.closed || p.namesPassword(f, j)):
		return p.value(f, j)
	case f.class >= classStrong && (j-i >= 3 || p.text[i] == '\t') && p.beginsCell(f.left):
		f.joint = jointCell
		return p.value(f, j)
	case isUpperName(p.key(f)) && f.class == classStrong && p.labelled(f, j): // PASSWORD elastic = x
		return true
	case f.class == classCookie && f.before.c == '<': // <Cookie sid=x for host>
		return p.value(f, j)
	case f.class == classStrong && p.isTag(f.left): // <password type="plain">x
		return p.attributes(f, j)
	}
	return false
}

// isDirective tells a setting that only a blank parts from its value: auth_pass x, ENV API_KEY x. The name has two
// words and more, the value is the last word of its line, or in brackets with the name, and no word of a sentence.
func (p *pass) isDirective(f *found, j int) bool {
	if bytes.IndexAny(p.key(f), "_-") <= 0 && !p.isPut(f) {
		return false
	}
	v, end := p.word(j)
	if v > j {
		end = min(p.end, end+p.at(j).n)
	}
	for end > v && oneOf(p.text[end-1], ";)") {
		end--
	}
	rest := p.text[end:p.textOf(p.start, p.end).to]
	closes := f.before.c == '(' && len(rest) > 0 && rest[0] == ')'
	if end <= v || !closes && len(bytes.Trim(rest, " ;\"'`)")) > 0 {
		return false
	}
	word := p.text[v:end]
	if v > j {
		return p.isPut(f) || !isProse(word) && bytes.IndexByte(word, ' ') < 0
	}
	return isOddWord(word) || p.isPut(f) && !isProse(word)
}

// isOddWord tells a value from a word, a path and a file.
func isOddWord(v []byte) bool {
	if len(v) < 4 || v[0] == '/' || v[0] == '-' || bytes.ContainsAny(v, "()[]{}<>=:,") || isProse(v) {
		return false
	}
	if dot := bytes.LastIndexByte(v, '.'); dot >= 0 && among(suffixes, v[dot+1:]) {
		return false
	}
	return holdsDigit(v) && len(bytes.Trim(v, "0123456789.")) > 0 || mixed(v[1:])
}

// putWords come before the name of a setting and its value: etcdctl put /shop/db/password x.
var putWords = words(`put set setx env export`)

func (p *pass) isPut(f *found) bool {
	i := f.left
	for i > max(p.start, f.left-maxKey) && (isKeyByte(p.text[i-1]) || p.text[i-1] == '/') {
		i--
	}
	word := p.backBlanks(i)
	from := word
	for from > max(p.start, word-8) && isAlnum(p.text[from-1]) {
		from--
	}
	return word < i && among(putWords, p.text[from:word])
}

// quotesTwo masks both of two quoted words: OpenVPN's password 'Auth' 'x'.
func (p *pass) quotesTwo(f *found, j int) bool {
	g := p.at(j)
	end := p.quotedEnd(j+g.n, min(p.end, j+maxKey), g) + g.n
	i := p.skipBlanks(min(p.end, end))
	if i <= end || i >= p.end || p.at(i) != g {
		return false
	}
	return p.value(f, i)
}

// echoed steps over a process that prints the value: <(echo x), $(printf %s x).
func (p *pass) echoed(i int) int {
	if !p.hasAt(i, "<(") && !p.hasAt(i, "$(") {
		return i
	}
	for _, says := range []string{"echo -n ", "echo ", "printf %s ", "printf '%s' "} {
		if p.hasAt(i+2, says) && i+2+len(says) < p.end {
			return i + 2 + len(says)
		}
	}
	return i
}

// labelled finds the value after a word that says whose it is: PASSWORD elastic = x.
func (p *pass) labelled(f *found, j int) bool {
	i := p.runEnd(j, isWordish)
	if i == j || !p.hasAt(i, " = ") {
		return false
	}
	f.joint = jointTight
	return p.value(f, p.skipBlanks(i+3))
}

// namesPassword tells whether a quoted text after the name is the secret itself:
// SQL's PASSWORD 'x', Clojure's :password "x", and wrong password 'x'. A
// secret "db-creds" is an object's name.
func (p *pass) namesPassword(f *found, j int) bool {
	key := p.key(f)
	return holds(bytes.ToLower(key), "pass") || isUpperName(key) && p.text[j] == '\'' || f.before.c == ':'
}

// isNetrc tells the words of a .netrc: machine h login u password x.
func (p *pass) isNetrc(f *found, name string) bool {
	if name != "password" {
		return false
	}
	line := p.text[max(p.textStart(), f.left-maxKey):f.left]
	p.m.work += len(line)
	if len(bytes.TrimSpace(line)) > 0 {
		return holds(line, "machine ") || holds(line, "default login ") ||
			bytes.HasPrefix(bytes.TrimSpace(line), []byte("login ")) ||
			holds(line, " connect ") // nmcli dev wifi connect home password x
	}
	above, ok := p.preceding(p.start)
	if !ok {
		return false
	}
	before := bytes.TrimSpace(p.text[above.from:above.to])
	return bytes.HasPrefix(before, []byte("login ")) || bytes.HasPrefix(before, []byte("machine "))
}
