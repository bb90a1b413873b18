package redact

import "bytes"

// nameWords introduce a name, valueWords the value that belongs to it, in the many
// formats that write both apart: {"name":"DB_PASSWORD","value":"x"},
// <param name="password" value="x"/>, - name: TOKEN, one line above value: x.
var (
	nameWords = words(`name key k id field param parameter header variable var property option type label
	attribute setting loc env`)
	valueWords = []string{"value", "val", "v", "content", "input", "input_value", "default", "text", "data",
		"current", "body", "secret-string"}
)

// maxApart is how far a value may stand from its name, in bytes.
const maxApart = 200

// pair finds the value where the name is itself the value of a name.
func (p *pass) pair(f *found) bool {
	if !p.isIntroduced(f) {
		return false
	}
	f.joint = jointTight
	if f.class == classWeak || f.class == classLong {
		return false
	}
	if p.valueAfter(f) || p.formValue(f) {
		return true
	}
	return p.valueBefore(f) || p.valueBelow(f)
}

// isIntroduced tells whether a word such as name stands before the name: name="…,
// "Key":"…, - name: …
func (p *pass) isIntroduced(f *found) bool {
	i, before := f.left, f.before
	if before.c == '/' { // "Name":"/prod/db/password"
		for i > max(p.start, f.left-maxKey) && (isKeyByte(p.text[i-1]) || p.text[i-1] == '/') {
			i--
		}
		before = p.before(i)
	}
	if isQuote(before.c) {
		i -= before.n
	}
	i = p.backBlanks(i)
	g := p.before(i)
	if g.c == ',' || g.c == '(' || g.c == '[' || isQuote(g.c) { // (…, 'password'): the end of a path of names
		return oneOf(p.text[i-1], ",[(") && p.isLocation(i)
	}
	// field "password" value="x", --name db_password --value x
	spoken := (f.closes(p, before) || p.isFlagBefore(i)) && i > p.start && isBlank(p.text[min(i, len(p.text)-1)])
	switch {
	case g.c == '=', g.c == ':':
		i = p.backBlanks(i - g.n)
	case !spoken:
		return false
	}
	if g := p.before(i); isQuote(g.c) {
		i -= g.n
	}
	word := i
	for word > max(p.start, i-16) && isKeyByte(p.text[word-1]) && !p.isFlagAt(word) {
		word--
	}
	return among(nameWords, p.text[p.afterEscape(word, i):i])
}

// isFlagAt tells whether a word is the name of a flag: --value.
func (p *pass) isFlagAt(i int) bool {
	return i-2 >= p.start && p.text[i-1] == '-' && p.text[i-2] == '-'
}

// isFlagBefore tells whether a flag is the word that ends at i.
func (p *pass) isFlagBefore(i int) bool {
	from := i
	for from > max(p.start, i-16) && isAlnum(p.text[from-1]) {
		from--
	}
	return from < i && p.isFlagAt(from)
}

// closes tells whether the name stands in quotes of its own.
func (f *found) closes(p *pass, before glyph) bool {
	return isQuote(before.c) && f.right < p.end && p.at(f.right).c == before.c
}

// isLocation tells pydantic's ('body', 'password').
func (p *pass) isLocation(i int) bool {
	return holds(p.text[max(p.start, i-40):i], "loc'") || holds(p.text[max(p.start, i-40):i], `loc"`)
}

func (p *pass) backBlanks(i int) int {
	for n := 0; n < 4 && i > p.start && isBlank(p.text[i-1]); n++ {
		i--
	}
	return i
}

// valueWord returns where the value begins after "value": or value=.
func (p *pass) valueWord(i int) (v int, ok bool) {
	for _, w := range valueWords {
		if !hasFold(p.text[i:p.end], w) {
			continue
		}
		j := i + len(w)
		if j < p.end && isKeyByte(p.text[j]) {
			continue
		}
		if j < p.end && isQuote(p.at(j).c) {
			j += p.at(j).n
		}
		if j = p.skipBlanks(j); j >= p.end {
			return 0, false
		}
		g := p.at(j)
		if g.c != '=' && g.c != ':' {
			return j, p.isFlagAt(i) && g.c != '-' // --name db_password --value x
		}
		if j += g.n; p.hasAt(j, ">") {
			j++
		}
		return p.skipBlanks(j), true
	}
	return 0, false
}

// valueAfter finds the value after the name, in the same line and object.
func (p *pass) valueAfter(f *found) bool { return p.valueIn(f, f.right, min(p.end, f.right+maxApart)) }

func (p *pass) valueIn(f *found, from, to int) bool {
	for i := from; i < to; {
		g := p.at(i)
		switch {
		case g.c == '<' && p.valueTag(i) > 0: // <setting name="Password"><value>x</value>
			return p.content(f, p.valueTag(i))
		case g.c == '}', g.c == '<':
			return false
		}
		if v, ok := p.valueAt(i); ok {
			return v < p.end && p.value(f, v)
		}
		i += g.n
	}
	return false
}

// valueTag is where the content of an element begins whose name says that it is a value: <saml:AttributeValue>; 0 =
// the tag at i has another.
func (p *pass) valueTag(i int) int {
	tag := p.text[i:min(p.end, i+maxKey)]
	end := bytes.IndexByte(tag, '>')
	if end < 0 || tag[end-1] == '/' {
		return 0
	}
	name, _, _ := bytes.Cut(tag[1:end], []byte(" "))
	if !bytes.HasSuffix(bytes.ToLower(name), []byte("value")) || name[0] == '/' {
		return 0
	}
	return i + end + 1
}

// valueAt is valueWord where a word begins.
func (p *pass) valueAt(i int) (int, bool) {
	if !oneOf(lowerByte(p.text[i]), "vcidtbs") {
		return 0, false
	}
	if g := p.before(i); isAlnum(g.c) && g.code == codedRaw {
		return 0, false
	}
	return p.valueWord(i)
}

// valueBefore finds the value before the name: {"value":"x","name":"DB_PASSWORD"}.
func (p *pass) valueBefore(f *found) bool {
	from := max(p.textStart(), f.left-maxApart)
	if open := bytes.LastIndexByte(p.text[from:f.left], '{'); open >= 0 {
		from += open
	}
	for i := from; i < f.left; i++ {
		if v, ok := p.valueAt(i); ok && v < f.left {
			g := *f
			if p.value(&g, v) && g.end < f.left && !g.tree {
				*f = g
				return true
			}
		}
	}
	return false
}

// valueBelow finds the value in the line after the name's: value: x, or "value": "x".
func (p *pass) valueBelow(f *found) bool {
	below, ok := p.after(f.left)
	if !ok {
		return false
	}
	done := false
	p.within(below, func() {
		i := p.skipBlanks(below.from)
		if p.hasAt(i, `"`) {
			i++
		}
		if v, ok := p.valueWord(i); ok && v < p.end && p.value(f, v) {
			p.act(f)
			done = true
		}
	})
	if done {
		f.class = classNone // masked already
		f.v, f.end, f.tree = f.right, f.right, false
	}
	return done
}

// inputRule masks what pydantic quotes of a field, whose name stands in the line above:
//
//	password
//	  Input should be a valid integer [type=int_parsing, input_value='x', input_type=str]
func inputRule(p *pass, at, n int) int {
	line := p.textOf(p.start, p.end)
	words := bytes.Fields(p.text[line.from:min(at, line.from+maxKey)])
	if above, ok := p.preceding(p.start); ok {
		words = append(words, bytes.TrimSpace(p.text[above.from:above.to]))
	}
	for _, w := range words {
		if c := p.m.class(w[:min(len(w), maxKey)]); c == classStrong || c == classToken || c == classPwd {
			f := found{class: classStrong, left: at, right: at + n - 1, joint: jointTight}
			if at+n < p.end && p.value(&f, at+n) {
				return p.act(&f)
			}
		}
	}
	return at + n
}

// secretObjectRule masks the data of Kubernetes' kind Secret.
func secretObjectRule(p *pass, at, n int) int {
	if at < p.objectEnd {
		return at + n
	}
	from, to := max(p.textStart(), at-maxTree/2), min(p.end, at+maxTree/2)
	p.objectEnd = to
	for _, name := range []string{`"data":`, `"data": `} {
		i := bytes.Index(p.text[from:to], []byte(name+"{"))
		if i < 0 {
			continue
		}
		v := from + i + len(name)
		p.leaves(&found{class: classStrong, left: from + i, right: v, v: v, end: v + 1, tree: true})
	}
	return at + n
}
