package place

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

// A procedure that logs somebody in takes a user and a password, also where it is called from afar and its arguments
// stand in a list beside its name:
//
//	{"method":"user.login","params":["bob","hunter2"]}
//	{"args":["shop","bob","hunter2"],"method":"authenticate"}
//	["login","bob","hunter2"]
//	authenticate args=('shop', 'bob', 'hunter2', {})
//	<methodName>login</methodName><params>…<string>bob</string>…<string>hunter2</string>

// procedures end the names of such procedures, behind the names of their modules: system.authenticate.
var procedures = ascii.Words(`login logon signin sign_in authenticate auth`)

func procedureLiterals() []literal {
	return []literal{{"login", procedureRule}, {"logon", procedureRule}, {"signin", procedureRule},
		{"sign_in", procedureRule}, {"auth", procedureRule}}
}

// maxProcedure is the longest name of a procedure; argumentsReach is how far from it its arguments may stand.
const (
	maxProcedure   = 48
	argumentsReach = 256
)

// methodNames come before the name of what is called, argumentNames before the list of its arguments.
var (
	methodNames = ascii.Words(`method action op procedure proc command cmd rpc methodname function
		func fn call service event`)
	argumentNames = []string{"params", "args", "arguments", "parameters"}
)

// procedureRule masks the arguments of such a call behind the first.
func procedureRule(p *page.Page, at, n int) int {
	from, to, ok := procedure(p, at, n)
	if !ok {
		return at
	}
	before := p.Before(from)
	switch quoted := ascii.IsQuote(before.C) && p.At(to).C == before.C; {
	case quoted:
		quotedProcedure(p, from, from-before.N, to+p.At(to).N)
	case before.C == '>' && p.HasAt(to, "</"):
		maskElements(p, to)
	case p.HasAt(to, "(["):
		maskArguments(p, to+len("(["), 1, false)
	case p.HasAt(to, " "):
		maskList(p, to+1, 1)
	}
	return at
}

// procedure is the name around the literal at text[at:at+n], if its last part logs somebody in.
func procedure(p *page.Page, at, n int) (from, to int, ok bool) {
	for from = at; from > max(p.TextStart(), at-maxProcedure) && isNameByte(p.Text[from-1]); from-- {
	}
	for to = at + n; to < min(p.End, at+maxProcedure) && isNameByte(p.Text[to]); to++ {
	}
	p.Looked(to - from)
	name := p.Text[from:to]
	last := name[bytes.LastIndexAny(name, "./")+1:]
	return from, to, to < p.End && ascii.Among(procedures, last)
}

func isNameByte(c byte) bool { return ascii.IsKeyByte(c) || c == '/' }

// quotedProcedure masks the arguments of a procedure whose name stands in quotes, which begin at open and end at i.
func quotedProcedure(p *page.Page, from, open, i int) {
	if p.HasAt(i, ",") && p.Before(open).C == '[' { // the first of a list
		maskArguments(p, i+1, 1, true)
		return
	}
	if !isMethod(p, open) {
		return
	}
	if !argumentsIn(p, i, min(p.End, i+argumentsReach)) {
		argumentsIn(p, max(p.TextStart(), from-argumentsReach), from)
	}
}

// isMethod tells whether the value that begins at i is that of a name such as method.
func isMethod(p *page.Page, i int) bool {
	i = p.BackBlanks(i)
	if g := p.Before(i); g.C == ':' || g.C == '=' {
		i = p.BackBlanks(i - g.N)
	} else {
		return false
	}
	if g := p.Before(i); ascii.IsQuote(g.C) {
		i -= g.N
	}
	from := i
	for from > max(p.TextStart(), i-16) && (ascii.IsAlnum(p.Text[from-1]) || p.Text[from-1] == '_') {
		from--
	}
	return ascii.Among(methodNames, p.Text[from:i])
}

// argumentsIn masks the list of arguments that is a member of the object around the name, between two positions.
func argumentsIn(p *page.Page, from, to int) bool {
	p.Looked(to - from)
	for _, name := range argumentNames {
		i := bytes.Index(p.Text[from:to], []byte(name))
		if i < 0 {
			continue
		}
		if i += from + len(name); i < p.End && ascii.IsQuote(p.At(i).C) && maskList(p, i+p.At(i).N, 1) {
			return true
		}
	}
	return false
}

// maskList masks a list that a sign and perhaps a name part from position i.
func maskList(p *page.Page, i, first int) bool {
	for _, name := range argumentNames {
		if p.HasAt(i, name) {
			i += len(name)
		}
	}
	i = p.SkipBlanks(i)
	if !p.HasAt(i, ":") && !p.HasAt(i, "=") {
		return false
	}
	if i = p.SkipBlanks(i + 1); !p.HasAt(i, "[") && !p.HasAt(i, "(") {
		return false
	}
	maskArguments(p, i+1, first, false)
	return true
}

// maskArguments masks the quoted texts of a list from place first on, counted from nought: before the password stand
// the user, or a database and the user. odd: only what is no word, since the list may be one of names.
func maskArguments(p *page.Page, i, first int, odd bool) {
	for n := range maxPlaces {
		q := p.SkipBlanks(i)
		if q = p.StringPrefix(q); q >= p.End || !ascii.IsQuote(p.At(q).C) {
			return
		}
		g := p.At(q)
		v := q + g.N
		end := p.QuotedEnd(v, min(p.End, v+glyph.MaxWord), g)
		next := p.SkipBlanks(min(p.End, end+g.N))
		word := p.Text[v:end]
		alone := n == 0 && !p.HasAt(next, ",") && look.LikeSecret(word) // one token
		if len(word) > 0 && (n >= first || alone) && !look.IsReference(word) && (!odd || look.IsOddWord(word)) {
			p.Mask(v, end, page.KindArgument)
		}
		if !p.HasAt(next, ",") {
			return
		}
		i = next + 1
	}
}

// maskElements masks what the elements of a call in XML hold, behind the first.
func maskElements(p *page.Page, i int) {
	const open = "<string>"
	limit := min(p.End, i+2*argumentsReach)
	p.Looked(limit - i)
	for n := range maxPlaces {
		next := bytes.Index(p.Text[i:limit], []byte(open))
		if next < 0 {
			return
		}
		v := i + next + len(open)
		end := v + max(0, bytes.IndexByte(p.Text[v:limit], '<'))
		if n > 0 && end > v {
			p.Mask(v, end, page.KindArgument)
		}
		i = end
	}
}
