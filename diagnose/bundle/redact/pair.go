package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// nameWords introduce a name, valueWords the value that belongs to it, in the many
// formats that write both apart: {"name":"DB_PASSWORD","value":"x"},
// <param name="password" value="x"/>, - name: TOKEN, one line above value: x.
var (
	nameWords = ascii.Words(`name key k id field param parameter header variable var property option type label
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
	f.joint = look.Tight
	if f.class == keyname.Weak || f.class == keyname.Long {
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
	if before.C == '/' { // "Name":"/prod/db/password"
		for i > max(p.Start, f.left-keyname.MaxKey) && (ascii.IsKeyByte(p.Text[i-1]) || p.Text[i-1] == '/') {
			i--
		}
		before = p.Before(i)
	}
	if ascii.IsQuote(before.C) {
		i -= before.N
	}
	i = p.BackBlanks(i)
	g := p.Before(i)
	if g.C == ',' || g.C == '(' || g.C == '[' || ascii.IsQuote(g.C) { // (…, 'password'): the end of a path of names
		return ascii.OneOf(p.Text[i-1], ",[(") && p.isLocation(i)
	}
	// field "password" value="x", --name db_password --value x
	spoken := (f.closes(p, before) || p.isFlagBefore(i)) && i > p.Start && ascii.IsBlank(p.Text[min(i, len(p.Text)-1)])
	switch {
	case g.C == '=', g.C == ':':
		i = p.BackBlanks(i - g.N)
	case !spoken:
		return false
	}
	if g := p.Before(i); ascii.IsQuote(g.C) {
		i -= g.N
	}
	word := i
	for word > max(p.Start, i-16) && ascii.IsKeyByte(p.Text[word-1]) && !p.isFlagAt(word) {
		word--
	}
	return ascii.Among(nameWords, p.Text[p.afterEscape(word, i):i])
}

// isFlagAt tells whether a word is the name of a flag: --value.
func (p *pass) isFlagAt(i int) bool {
	return i-2 >= p.Start && p.Text[i-1] == '-' && p.Text[i-2] == '-'
}

// isFlagBefore tells whether a flag is the word that ends at i.
func (p *pass) isFlagBefore(i int) bool {
	from := i
	for from > max(p.Start, i-16) && ascii.IsAlnum(p.Text[from-1]) {
		from--
	}
	return from < i && p.isFlagAt(from)
}

// closes tells whether the name stands in quotes of its own.
func (f *found) closes(p *pass, before glyph.Glyph) bool {
	return ascii.IsQuote(before.C) && f.right < p.End && p.At(f.right).C == before.C
}

// isLocation tells pydantic's ('body', 'password'), and the path of a member as checkers of schemas write it.
func (p *pass) isLocation(i int) bool {
	before := p.Text[max(p.Start, i-40):i]
	for _, says := range []string{"loc'", `loc"`, "path'", `path"`, "path: ["} {
		if ascii.Holds(before, says) {
			return true
		}
	}
	return false
}

// valueWord returns where the value begins after "value": or value=.
func (p *pass) valueWord(i int) (v int, ok bool) {
	for _, w := range valueWords {
		if !ascii.HasFold(p.Text[i:p.End], w) {
			continue
		}
		j := i + len(w)
		if j < p.End && ascii.IsKeyByte(p.Text[j]) {
			continue
		}
		if j < p.End && ascii.IsQuote(p.At(j).C) {
			j += p.At(j).N
		}
		if j = p.SkipBlanks(j); j >= p.End {
			return 0, false
		}
		g := p.At(j)
		if g.C != '=' && g.C != ':' {
			return j, p.isFlagAt(i) && g.C != '-' // --name db_password --value x
		}
		if j += g.N; p.HasAt(j, ">") {
			j++
		}
		return p.SkipBlanks(j), true
	}
	return 0, false
}

// valueAfter finds the value after the name, in the same line and object.
func (p *pass) valueAfter(f *found) bool { return p.valueIn(f, f.right, min(p.End, f.right+maxApart)) }

func (p *pass) valueIn(f *found, from, to int) bool {
	for i := from; i < to; {
		g := p.At(i)
		switch {
		case g.C == '<' && p.valueTag(i) > 0: // <setting name="Password"><value>x</value>
			return p.content(f, p.valueTag(i))
		case g.C == '}', g.C == '<':
			return false
		}
		if v, ok := p.valueAt(i); ok {
			return v < p.End && p.value(f, v)
		}
		i += g.N
	}
	return false
}

// valueTag is where the content of an element begins whose name says that it is a value: <saml:AttributeValue>; 0 =
// the tag at i has another.
func (p *pass) valueTag(i int) int {
	tag := p.Text[i:min(p.End, i+keyname.MaxKey)]
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
	if !ascii.OneOf(ascii.LowerByte(p.Text[i]), "vcidtbs") {
		return 0, false
	}
	if g := p.Before(i); ascii.IsAlnum(g.C) && g.Code == glyph.CodedRaw {
		return 0, false
	}
	return p.valueWord(i)
}

// valueBefore finds the value before the name: {"value":"x","name":"DB_PASSWORD"}.
func (p *pass) valueBefore(f *found) bool {
	from := max(p.TextStart(), f.left-maxApart)
	if open := bytes.LastIndexByte(p.Text[from:f.left], '{'); open >= 0 {
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
	below, ok := p.After(f.left)
	if !ok {
		return false
	}
	done := false
	p.Within(below, func() {
		i := p.SkipBlanks(below.From)
		if p.HasAt(i, `"`) {
			i++
		}
		if v, ok := p.valueWord(i); ok && v < p.End && p.value(f, v) {
			p.act(f)
			done = true
		}
	})
	if done {
		f.class = keyname.None // masked already
		f.v, f.end, f.tree = f.right, f.right, false
	}
	return done
}

// inputRule masks what pydantic quotes of a field, whose name stands in the line above:
//
//	password
//	  Input should be a valid integer [type=int_parsing, input_value='x', input_type=str]
func inputRule(p *pass, at, n int) int {
	line := p.TextOf(p.Start, p.End)
	words := bytes.Fields(p.Text[line.From:min(at, line.From+keyname.MaxKey)])
	if above, ok := p.Preceding(p.Start); ok {
		words = append(words, bytes.TrimSpace(p.Text[above.From:above.To]))
	}
	for _, w := range words {
		if c := p.m.class(w[:min(len(w), keyname.MaxKey)]); c == keyname.Strong || c == keyname.Token ||
			c == keyname.Pwd {
			f := found{class: keyname.Strong, left: at, right: at + n - 1, joint: look.Tight}
			if at+n < p.End && p.value(&f, at+n) {
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
	from, to := max(p.TextStart(), at-maxTree/2), min(p.End, at+maxTree/2)
	p.objectEnd = to
	for _, name := range []string{`"data":`, `"data": `} {
		i := bytes.Index(p.Text[from:to], []byte(name+"{"))
		if i < 0 {
			continue
		}
		v := from + i + len(name)
		p.leaves(&found{class: keyname.Strong, left: from + i, right: v, v: v, end: v + 1, tree: true})
	}
	return at + n
}
