package redact

import "bytes"

// joint says how a value stands after its name.
type joint int

const (
	jointTight joint = iota // password=x, "password": "x", password:x
	jointLoose              // password: x, password = x, where prose may stand as well
	jointFlag               // --password x
	jointCell               // a row of a table, or words side by side
)

// findValue finds the value that follows a name; false = none does.
func (p *pass) findValue(f *found) bool {
	i := p.closeName(f)
	j := p.skipBlanks(i)
	if j >= p.end {
		return f.closed && p.quotedBelow(f)
	}
	switch g := p.at(j); g.c {
	case '{':
		return p.dumped(f, i, j)
	case '=', ':':
		return p.afterSeparator(f, i, j, g)
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return p.numbered(f, j) || p.beside(f, i, j)
	case glyphArrow, glyphDots, '.', '-':
		return (g.c != '-' || j > i) && p.afterLeader(f, j, g) || p.beside(f, i, j)
	case ',':
		return p.afterComma(f, j+g.n)
	case ';':
		return f.closed && p.afterLength(f, j+g.n)
	case '>':
		return p.element(f, j+g.n)
	case '<':
		return p.echoed(j) > j && p.beside(f, i, j) || p.nextElement(f, j)
	case '|', glyphBar:
		return p.cell(f, j+g.n)
	case '(':
		return p.setter(f, j+g.n)
	case '[':
		return p.bracketed(f, j+g.n)
	}
	return p.beside(f, i, j)
}

// dumped finds the members of a value whose type tells of a secret: Secret { inner: "x" }.
func (p *pass) dumped(f *found, i, j int) bool {
	if f.class != classStrong || !isUpper(p.text[f.left]) || isUpperName(p.key(f)) || j-i > 1 || !p.isTree(j) {
		return false
	}
	return p.value(f, j)
}

// quotedBelow masks the second of two lines of a list, where the first is the name: redis' 1) "password" and 2) "x".
func (p *pass) quotedBelow(f *found) bool {
	head, _ := p.head(f.left)
	next, ok := p.after(f.left)
	if !ok || len(head) == 0 || f.class < classToken {
		return false
	}
	if next, ok = p.behind(next, head); !ok {
		return false
	}
	v := next.from + indent(p.text[next.from:next.to])
	if v+1 >= next.to || !isQuote(p.text[v]) || p.text[next.to-1] != p.text[v] {
		return false
	}
	f.joint = jointTight
	p.within(next, func() {
		if p.value(f, v) && p.isSecret(f) {
			p.hide(f, KindKeyValue)
		}
	})
	f.class, f.v, f.end, f.tree = classNone, f.right, f.right, false
	return true
}

// numbered steps over the number of a key: Unseal Key 1: x.
func (p *pass) numbered(f *found, j int) bool {
	i := j
	for i < p.end && i < j+2 && isDigit(p.text[i]) {
		i++
	}
	if !p.hasAt(i, ": ") || f.class < classStrong {
		return false
	}
	f.joint = jointLoose
	return p.value(f, p.skipBlanks(i+1))
}

// closeName steps over what closes a name: \" and '] and %5D, a colour's end.
func (p *pass) closeName(f *found) int {
	i := f.right
	for n := 0; i < p.end && n < 4; n++ {
		g := p.at(i)
		if !isQuote(g.c) && g.c != ']' && g.c != glyphCSI {
			break
		}
		if g.c == ']' && n == 0 && f.before.c != '[' { // not the name's own
			break
		}
		f.closed = f.closed || g.c != glyphCSI
		i += g.n
	}
	return i
}

// maxBlanks is how many blanks may stand around a separator.
const maxBlanks = 40

// skipBlanks steps over blanks, also %20 and \t, and colours.
func (p *pass) skipBlanks(i int) int {
	for n := 0; i < p.end && n < maxBlanks; n++ {
		switch p.text[i] {
		case ' ', '\t':
			i++
			continue
		case '\\', '%', '&', 0x1b:
		default:
			return i
		}
		g := p.at(i)
		if g.n == 1 || g.c != ' ' && g.c != '\t' && g.c != glyphCSI {
			break
		}
		i += g.n
	}
	return i
}

// afterSeparator steps over = : => := == and blanks. blank is where the blanks
// before the separator began.
func (p *pass) afterSeparator(f *found, blank, at int, sep glyph) bool {
	f.sep = sep
	i := at + sep.n
	for n := 0; i < p.end && n < 2; n++ {
		g := p.at(i)
		if g.c == ':' && sep.c == ':' {
			if p.isIntroduced(f) && i+g.n < p.end { // ::set-output name=token::x
				return p.value(f, i+g.n)
			}
			return p.encoded(f, i+g.n) // or a name of C++
		}
		if g.c != '=' && g.c != '>' || g.code != sep.code {
			break
		}
		i += g.n
	}
	if p.hasAt(at, "://") {
		return false
	}
	if sep.code == codedPercent && p.hasAt(i, "+") { // a blank in a form
		i++
	}
	v := p.skipBlanks(i)
	if !f.closed && (v > i || at > blank) {
		f.joint = jointLoose
	}
	v = p.skipBars(v)
	if v >= p.end || p.at(v).c == '\n' {
		return p.below(f, v)
	}
	if p.isBlockMark(v) {
		return p.block(f)
	}
	if p.hasAt(v, "<<") {
		if mark, ok := p.heredocMark(v); ok {
			return p.heredoc(f, mark)
		}
	}
	return p.value(f, v)
}

// encoded masks base64 as LDIF writes it, behind two colons: userPassword:: eA==.
func (p *pass) encoded(f *found, i int) bool {
	v := p.skipBlanks(i)
	end := p.runEnd(v, isBase64)
	if v == i || end-v < 4 || end < p.end && !isSpace(p.text[end]) && !isQuote(p.text[end]) && p.text[end] != '\\' {
		return false
	}
	f.v, f.end, f.joint = v, end, jointTight
	return true
}

// skipBars steps over the lines that draw a table around a value.
func (p *pass) skipBars(i int) int {
	for n := 0; i < p.end && n < 4 && p.at(i).c == glyphBar; n++ {
		i = p.skipBlanks(i + 3)
	}
	return i
}

// afterLeader steps over -> and → and over the dots that lead to a value.
func (p *pass) afterLeader(f *found, i int, g glyph) bool {
	switch {
	case g.c == glyphArrow, g.c == '-' && p.hasAt(i, "->"):
		f.joint = jointLoose
		n := max(g.n, 2)
		return p.value(f, p.skipBlanks(i+n))
	case p.hasAt(i, `. "`) && f.before.c == '(': // a pair of Lisp
		return p.value(f, i+2)
	case p.hasAt(i, "....") && f.right == i && f.class >= classStrong: // a leader up to the value
		for i < p.end && p.text[i] == '.' {
			i++
		}
		if i < p.end && !isBlank(p.text[i]) && p.text[i] != ':' {
			f.joint = jointLoose
			return p.value(f, i)
		}
		fallthrough
	case g.c == glyphDots, p.hasAt(i, "..."):
		for i < p.end && (p.text[i] == '.' || p.at(i).c == glyphDots) {
			i += p.at(i).n
		}
		dots := i
		if i = p.skipBlanks(i); i < p.end && (p.text[i] == ':' || p.text[i] == '=') {
			f.joint = jointLoose
			return p.value(f, p.skipBlanks(i+1))
		}
		if f.class == classStrong && p.hasAt(max(p.start, dots-5), ".....") && i < p.end {
			f.joint = jointLoose
			return p.value(f, i)
		}
	}
	return false
}

// afterComma finds the second of a pair: ('password', 'x'), ["--token","x"],
// {password,<<"x">>}.
func (p *pass) afterComma(f *found, i int) bool {
	if g := p.before(f.left - f.before.n); f.closed && isQuote(f.before.c) && (g.c == ':' || g.c == '=') {
		return false // the name is itself a value: "kind":"Secret","data":…
	}
	opened := f.closed || oneOf(f.before.c, "({[,") || f.before.n == 0
	v := p.skipBlanks(i)
	if v >= p.end || !opened && !p.isLongRandom(v) {
		return false
	}
	if p.text[f.left] == '-' {
		f.joint = jointFlag
		return p.value(f, v)
	}
	if p.hasAt(v, "<<") {
		v += 2
	}
	if g := p.at(p.stringPrefix(v)); !isQuote(g.c) || g.c == '`' {
		alone := f.before.n == 0 && !f.closed && f.class >= classStrong && v == i && p.onlyWord(v)
		return (alone || !f.closed && p.isLongRandom(v)) && p.value(f, v)
	}
	if !p.value(f, v) || f.tree || p.isName(min(p.end, f.end+f.quote.n)) {
		return false
	}
	return !p.isListOfNames(f)
}

// isLongRandom tells whether the word at v is long and random.
func (p *pass) isLongRandom(v int) bool {
	return isLongRandom(p.text[v:p.runEnd(v, isBase64)])
}

// onlyWord tells whether one word ends the line: password,x.
func (p *pass) onlyWord(v int) bool {
	for i := v; i < p.end; i++ {
		if c := p.text[i]; isSpace(c) || c == ',' || c == '=' {
			return false
		}
	}
	return true
}

// isListOfNames tells pairs from lists of names: ("name", "password", "email"). In a
// list the second has a third after it and looks like no secret.
func (p *pass) isListOfNames(f *found) bool {
	v := p.text[f.v:f.end]
	if looksSecret(v) || (f.class == classHeader || f.class == classCookie) && bytes.ContainsAny(v, " =") {
		return false
	}
	for _, c := range v {
		if !isLower(c) && !isUpper(c) && c != '_' && c != ' ' && c != '-' {
			return false
		}
	}
	i := p.skipBlanks(f.end + f.quote.n)
	if !p.hasAt(i, ",") || p.hasAt(i+1, " (") {
		return false
	}
	i = p.skipBlanks(i + 1)
	return i >= p.end || isQuote(p.at(p.stringPrefix(i)).c) // set('app.secret', 'x', false) sets
}

// afterLength finds the value of PHP's serialize: s:8:"password";s:7:"x";
func (p *pass) afterLength(f *found, i int) bool {
	if !p.hasAt(i, "s:") {
		return false
	}
	for i += 2; i < p.end && isDigit(p.text[i]); i++ {
	}
	return p.hasAt(i, ":") && p.value(f, i+1)
}

// setter finds the argument of a call that says what it is: setPassword("x"),
// SecretStr('x').
func (p *pass) setter(f *found, i int) bool {
	v := p.skipBlanks(i)
	if v >= p.end || f.class != classStrong && f.class != classWeak || !isQuote(p.at(p.stringPrefix(v)).c) {
		return false
	}
	if f.class == classWeak { // HTTPBasicAuth('user', 'x')
		f.tree, f.v, f.end = true, i-1, i
		return true
	}
	return p.value(f, v)
}

// bracketed finds a word alone in brackets: password [x].
func (p *pass) bracketed(f *found, v int) bool {
	if v < p.end && isQuote(p.at(v).c) {
		return p.member(f, v)
	}
	end := p.runEnd(v, func(c byte) bool { return !isSpace(c) && c != ']' && c != '=' && c != ':' && c != '[' })
	if f.class != classStrong || end == v || !p.hasAt(end, "]") || isQuote(p.text[v]) {
		return false
	}
	f.v, f.end, f.quote, f.joint = v, end, glyph{}, jointLoose
	return true
}

// member finds the value of a member of a map: secrets["smtp"] = "x".
func (p *pass) member(f *found, v int) bool {
	g := p.at(v)
	end := p.quotedEnd(v+g.n, min(p.end, v+maxKey), g)
	if f.class != classStrong || end+g.n >= p.end || !p.hasAt(end+g.n, "]") {
		return false
	}
	i := p.skipBlanks(end + g.n + 1)
	if i >= p.end || p.text[i] != '=' && p.text[i] != ':' || p.hasAt(i, "==") {
		return false
	}
	if i = p.skipBlanks(i + 1); i >= p.end || !isQuote(p.at(p.stringPrefix(i)).c) {
		return false
	}
	return p.value(f, i)
}

// isSwitch tells the switches of Windows from paths: /password:x.
func (p *pass) isSwitch(f *found) bool {
	at := f.left - 1
	return (at == p.textStart() || isBlank(p.text[at-1])) && p.hasAt(f.right, ":")
}

// attributes steps over those of the element <password type="plain">.
func (p *pass) attributes(f *found, i int) bool {
	if v, ok := p.valueWord(i); ok { // <Password Value="x"/>
		return v < p.end && p.value(f, v)
	}
	limit := min(p.end, i+2*maxKey)
	for i < limit {
		g := p.at(i)
		i += g.n
		switch g.c {
		case '>':
			return p.text[i-1-g.n] != '/' && p.content(f, i)
		case '<':
			return false
		}
	}
	return false
}
