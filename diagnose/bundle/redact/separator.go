package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// findValue finds the value that follows a name; false = none does.
func (p *pass) findValue(f *found) bool {
	i := p.closeName(f)
	j := p.SkipBlanks(i)
	if j >= p.End {
		return f.closed && p.quotedBelow(f) || p.itemBelow(f)
	}
	switch g := p.At(j); g.C {
	case '{':
		return p.dumped(f, i, j)
	case '=', ':':
		return p.afterSeparator(f, i, j, g)
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return p.numbered(f, j) || p.beside(f, i, j)
	case glyph.GlyphArrow, glyph.GlyphDots, '.', '-':
		return (g.C != '-' || j > i) && p.afterLeader(f, j, g) || p.beside(f, i, j)
	case ',':
		return p.afterComma(f, j+g.N)
	case ';':
		return f.closed && p.afterLength(f, j+g.N)
	case '>':
		return p.element(f, j+g.N)
	case '<':
		return p.echoed(j) > j && p.beside(f, i, j) || p.nextElement(f, j)
	case '|', glyph.GlyphBar:
		return p.cell(f, j+g.N)
	case '(':
		return p.setter(f, j+g.N)
	case ']':
		return p.selected(f, j+g.N) || p.typed(f, j)
	case ')':
		return p.typed(f, j) || p.answered(f, j)
	case '[':
		return p.bracketed(f, j+g.N)
	}
	return p.beside(f, i, j)
}

// dumped finds the members of a value whose type tells of a secret: Secret { inner: "x" }.
func (p *pass) dumped(f *found, i, j int) bool {
	labels := f.closed && ascii.IsQuote(f.before.C) && f.class == keyname.Strong
	if labels && p.HasAt(i, " {") { // output "password" { value = "x" }
		f.joint = look.Tight
		return p.valueAfter(f) || p.SkipBlanks(j+1) >= p.TextOf(p.Start, p.End).To && p.valueBelow(f)
	}
	if f.class != keyname.Strong || !ascii.IsUpper(p.Text[f.left]) || keyname.IsUpper(p.key(f)) || j-i > 1 ||
		!p.IsTree(j) {
		return false
	}
	return p.value(f, j)
}

// quotedBelow masks the second of two lines of a list, where the first is the name: redis' 1) "password" and 2) "x".
func (p *pass) quotedBelow(f *found) bool {
	head, _ := p.head(f.left)
	next, ok := p.After(f.left)
	if !ok || len(head) == 0 || f.class < keyname.Token {
		return false
	}
	if next, ok = p.behind(next, head); !ok {
		return false
	}
	v := next.From + glyph.Indent(p.Text[next.From:next.To])
	if v+1 >= next.To || !ascii.IsQuote(p.Text[v]) || p.Text[next.To-1] != p.Text[v] {
		return false
	}
	f.joint = look.Tight
	p.Within(next, func() {
		if p.value(f, v) && p.isSecret(f) {
			p.hide(f, KindKeyValue)
		}
	})
	f.class, f.v, f.end, f.tree = keyname.None, f.right, f.right, false
	return true
}

// numbered steps over the number of a key: Unseal Key 1: x.
func (p *pass) numbered(f *found, j int) bool {
	i := j
	for i < p.End && i < j+2 && ascii.IsDigit(p.Text[i]) {
		i++
	}
	if !p.HasAt(i, ": ") || f.class < keyname.Strong {
		return false
	}
	f.joint = look.Loose
	return p.value(f, p.SkipBlanks(i+1))
}

// closeName steps over what closes a name: \" and '] and %5D, a colour's end.
func (p *pass) closeName(f *found) int {
	i := f.right
	for n := 0; i < p.End && n < 4; n++ {
		if f.before.C != 0 && p.Text[i] == ':' {
			i = p.visibility(f, i)
		}
		g := p.At(i)
		if !ascii.IsQuote(g.C) && g.C != ']' && g.C != glyph.GlyphCSI {
			break
		}
		if g.C == ']' && n == 0 && f.before.C != '[' { // not the name's own
			break
		}
		f.closed = f.closed || g.C != glyph.GlyphCSI
		i += g.N
	}
	return i
}

// visibility steps over what PHP says of a member: ["pass":protected], ["pass":"Mailer":private],
// [pass:Mailer:private].
func (p *pass) visibility(f *found, i int) int {
	for _, says := range []string{":protected]", ":private]"} {
		if n := bytes.Index(p.Text[i:min(p.End, i+keyname.MaxKey)], []byte(says)); n >= 0 &&
			(n == 0 || !bytes.ContainsAny(p.Text[i:i+n], " ]=")) {
			f.closed = true
			return i + n + len(says) - 1
		}
	}
	return i
}

// afterSeparator steps over = : => := == and blanks. blank is where the blanks
// before the separator began.
func (p *pass) afterSeparator(f *found, blank, at int, sep glyph.Glyph) bool {
	f.sep = sep
	i := at + sep.N
	for n := 0; i < p.End && n < 2; n++ {
		g := p.At(i)
		if g.C == ':' && sep.C == ':' {
			if p.isIntroduced(f) && i+g.N < p.End { // ::set-output name=token::x
				return p.value(f, i+g.N)
			}
			return p.constructed(f, i+g.N) || p.encoded(f, i+g.N) // or a name of C++
		}
		if g.C != '=' && g.C != '>' || g.Code != sep.Code && !(g.C == '>' && sep.Code == glyph.CodedRaw) { // =&gt;
			break
		}
		i += g.N
	}
	if p.HasAt(at, "://") {
		return false
	}
	if sep.Code == glyph.CodedPercent && p.HasAt(i, "+") { // a blank in a form
		i++
	}
	v := p.SkipBlanks(i)
	if !f.closed && (v > i || at > blank) {
		f.joint = look.Loose
		if p.isSetting(f, v, sep) {
			f.joint = look.Line
		}
	}
	if v == i && v < p.End && !f.closed && p.At(v) == f.before && ascii.IsQuote(f.before.C) { // expect "password:"
		return false
	}
	v = p.SkipBars(v)
	if v >= p.End || p.At(v).C == '\n' {
		return p.below(f, v)
	}
	if p.isBlockMark(v) {
		return p.block(f)
	}
	v = p.blockInLine(v)
	if p.byteList(f, v) {
		return true
	}
	if p.HasAt(v, "<<") {
		if mark, ok := p.heredocMark(v); ok {
			return p.heredoc(f, mark)
		}
	}
	v = p.skipType(v, sep)
	if mark, ok := p.tripleMark(v); ok {
		return p.heredoc(f, mark)
	}
	return p.value(f, v)
}

// encoded masks base64 as LDIF writes it, behind two colons: userPassword:: eA==.
func (p *pass) encoded(f *found, i int) bool {
	v := p.SkipBlanks(i)
	end := p.RunEnd(v, ascii.IsBase64)
	if v == i || end-v < 4 || end < p.End && !ascii.IsSpace(p.Text[end]) && !ascii.IsQuote(p.Text[end]) &&
		p.Text[end] != '\\' {
		return false
	}
	f.v, f.end, f.joint = v, end, look.Tight
	return true
}

// afterLeader steps over -> and → and over the dots that lead to a value.
func (p *pass) afterLeader(f *found, i int, g glyph.Glyph) bool {
	switch {
	case g.C == glyph.GlyphArrow, g.C == '-' && p.HasAt(i, "->"):
		f.joint = look.Loose
		n := max(g.N, 2)
		return p.value(f, p.SkipBlanks(i+n))
	case p.HasAt(i, `. "`) && f.before.C == '(': // a pair of Lisp
		return p.value(f, i+2)
	case p.HasAt(i, "....") && f.right == i && f.class >= keyname.Strong: // a leader up to the value
		for i < p.End && p.Text[i] == '.' {
			i++
		}
		if i < p.End && !ascii.IsBlank(p.Text[i]) && p.Text[i] != ':' {
			f.joint = look.Loose
			return p.value(f, i)
		}
		fallthrough
	case g.C == glyph.GlyphDots, p.HasAt(i, "..."):
		for i < p.End && (p.Text[i] == '.' || p.At(i).C == glyph.GlyphDots) {
			i += p.At(i).N
		}
		dots := i
		if i = p.SkipBlanks(i); i < p.End && (p.Text[i] == ':' || p.Text[i] == '=') {
			f.joint = look.Loose
			return p.value(f, p.SkipBlanks(i+1))
		}
		if f.class == keyname.Strong && p.HasAt(max(p.Start, dots-5), ".....") && i < p.End {
			f.joint = look.Loose
			return p.value(f, i)
		}
	}
	return false
}

// afterComma finds the second of a pair: ('password', 'x'), ["--token","x"],
// {password,<<"x">>}.
func (p *pass) afterComma(f *found, i int) bool {
	if g := p.Before(f.left - f.before.N); f.closed && ascii.IsQuote(f.before.C) && (g.C == ':' || g.C == '=') {
		return false // the name is itself a value: "kind":"Secret","data":…
	}
	opened := f.closed || ascii.OneOf(f.before.C, "({[,:") || f.before.N == 0 // Elixir's {:password, "x"}
	v := p.SkipBlanks(i)
	if v >= p.End || !opened && !p.isLongRandom(v) {
		return false
	}
	if p.Text[f.left] == '-' {
		f.joint = look.Flag
		return p.value(f, v)
	}
	if p.HasAt(v, "<<") {
		v += 2
	}
	if g := p.At(p.StringPrefix(v)); !ascii.IsQuote(g.C) || g.C == '`' {
		alone := f.before.N == 0 && !f.closed && f.class >= keyname.Strong && v == i && p.onlyWord(v)
		return (alone || !f.closed && p.isLongRandom(v)) && p.value(f, v)
	}
	if !p.value(f, v) || f.tree || p.IsName(min(p.End, f.end+f.quote.N)) {
		return false
	}
	return !p.isListOfNames(f)
}

// isLongRandom tells whether the word at v is long and random.
func (p *pass) isLongRandom(v int) bool {
	return look.IsLongRandom(p.Text[v:p.RunEnd(v, ascii.IsBase64)])
}

// onlyWord tells whether one word ends the line: password,x.
func (p *pass) onlyWord(v int) bool {
	for i := v; i < p.End; i++ {
		if c := p.Text[i]; ascii.IsSpace(c) || c == ',' || c == '=' {
			return false
		}
	}
	return true
}

// isListOfNames tells pairs from lists of names: ("name", "password", "email"). In a
// list the second has a third after it and looks like no secret.
func (p *pass) isListOfNames(f *found) bool {
	v := p.Text[f.v:f.end]
	if look.LikeSecret(v) || (f.class == keyname.Header || f.class == keyname.Cookie) && bytes.ContainsAny(v,
		" =") {
		return false
	}
	for _, c := range v {
		if !ascii.IsLower(c) && !ascii.IsUpper(c) && c != '_' && c != ' ' && c != '-' {
			return false
		}
	}
	i := p.SkipBlanks(f.end + f.quote.N)
	if !p.HasAt(i, ",") || p.HasAt(i+1, " (") {
		return false
	}
	i = p.SkipBlanks(i + 1)
	return i >= p.End || ascii.IsQuote(p.At(p.StringPrefix(i)).C) // set('app.secret', 'x', false) sets
}

// afterLength finds the value of PHP's serialize: s:8:"password";s:7:"x";
func (p *pass) afterLength(f *found, i int) bool {
	if !p.HasAt(i, "s:") {
		return false
	}
	for i += 2; i < p.End && ascii.IsDigit(p.Text[i]); i++ {
	}
	return p.HasAt(i, ":") && p.value(f, i+1)
}

// setter finds the argument of a call that says what it is: setPassword("x"),
// SecretStr('x').
func (p *pass) setter(f *found, i int) bool {
	v := p.skipTypes(p.SkipBlanks(i))
	if named, ok := p.valueWord(min(v, p.End)); ok && ascii.IsUpper(p.Text[f.left]) { // SecretValue(value="x")
		v = named
	}
	if v >= p.End || f.class != keyname.Strong && f.class != keyname.Weak && !p.isType(f) ||
		!ascii.IsQuote(p.At(p.StringPrefix(v)).C) {
		return false
	}
	if f.class == keyname.Weak { // HTTPBasicAuth('user', 'x')
		f.tree, f.v, f.end = true, i-1, i
		return true
	}
	return p.value(f, v)
}

// selected finds what a script types into the field that a selector names: fill("input[name=password]", "x").
func (p *pass) selected(f *found, i int) bool {
	if f.class != keyname.Strong || f.before.C != '=' && !ascii.IsQuote(f.before.C) || i >= p.End ||
		!ascii.IsQuote(p.At(i).C) {
		return false
	}
	v := p.SkipBlanks(i + p.At(i).N)
	if !p.HasAt(v, ",") {
		return false
	}
	v = p.SkipBlanks(v + len(","))
	return v < p.End && ascii.IsQuote(p.At(v).C) && p.value(f, v)
}

// bracketed finds a word alone in brackets: password [x].
func (p *pass) bracketed(f *found, v int) bool {
	if v < p.End && ascii.IsQuote(p.At(v).C) {
		return p.member(f, v)
	}
	end := p.RunEnd(v, func(c byte) bool { return !ascii.IsSpace(c) && c != ']' && c != '=' && c != ':' && c != '[' })
	if i := p.SkipBlanks(end + len("]: ")); p.HasAt(end, "]: ") && ascii.IsNumber(p.Text[v:end]) && i < p.End {
		return p.value(f, i) // password[0]: x
	}
	if f.class != keyname.Strong || end == v || !p.HasAt(end, "]") || ascii.IsQuote(p.Text[v]) {
		return false
	}
	f.v, f.end, f.quote, f.joint = v, end, glyph.Glyph{}, look.Loose
	return !look.IsPredicate(p.Text[v:end])
}

// member finds the value of a member of a map: secrets["smtp"] = "x".
func (p *pass) member(f *found, v int) bool {
	g := p.At(v)
	end := p.QuotedEnd(v+g.N, min(p.End, v+keyname.MaxKey), g)
	if f.class != keyname.Strong || end+g.N >= p.End || !p.HasAt(end+g.N, "]") {
		return false
	}
	i := p.SkipBlanks(end + g.N + 1)
	if i >= p.End || p.Text[i] != '=' && p.Text[i] != ':' || p.HasAt(i, "==") {
		return false
	}
	if i = p.SkipBlanks(i + 1); i >= p.End || !ascii.IsQuote(p.At(p.StringPrefix(i)).C) {
		return false
	}
	return p.value(f, i)
}

// isSwitch tells the switches of Windows from paths: /password:x.
func (p *pass) isSwitch(f *found) bool {
	at := f.left - 1
	return (at == p.TextStart() || ascii.IsBlank(p.Text[at-1])) && p.HasAt(f.right, ":")
}

// attributes steps over those of the element <password type="plain">.
func (p *pass) attributes(f *found, i int) bool {
	if v, ok := p.valueWord(i); ok { // <Password Value="x"/>
		return v < p.End && p.value(f, v)
	}
	limit := min(p.End, i+2*keyname.MaxKey)
	for i < limit {
		g := p.At(i)
		i += g.N
		switch g.C {
		case '>':
			return p.Text[i-1-g.N] != '/' && p.content(f, i)
		case '<':
			return false
		}
	}
	return false
}
