package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// isSetting tells a line of a file of settings: it holds nothing but the name, the sign after it and one word.
func (p *pass) isSetting(f *found, v int, sep glyph.Glyph) bool {
	if f.class < keyname.Token || len(bytes.TrimSpace(p.Text[p.TextStart():f.left])) > 0 || v >= p.End || !p.onlyWord(v) {
		return false
	}
	word := p.Text[v:p.TextOf(p.Start, p.End).To]
	p.m.work += len(word)
	return sep.C != ':' || !look.IsPredicate(word) && keyname.NameLength(word[:min(len(word),
		keyname.MaxKey)]) == len(word)
}

// dumpedEnd is where the value of a variable ends that begins at v in the dump of an environment: with its line, since
// nothing in a dump quotes blanks. A dump shows by the line beside it, which holds a variable, too.
func (p *pass) dumpedEnd(f *found, end int) int {
	line := p.TextOf(p.Start, p.End)
	if f.sep.C != '=' || !p.HasAt(end, " ") || f.left != line.From || f.class != keyname.Strong ||
		!keyname.IsUpper(p.key(f)) {
		return end
	}
	for _, step := range []func(int) (glyph.Span, bool){p.After, p.Preceding} {
		if beside, ok := step(f.left); ok && isVariable(p.Text[beside.From:min(beside.To, beside.From+keyname.MaxKey)]) {
			return line.To
		}
	}
	return end
}

// isVariable tells the line of a variable: LANG=C.
func isVariable(line []byte) bool {
	name, _, ok := bytes.Cut(line, []byte("="))
	return ok && keyname.IsUpper(name)
}

// skipTag steps over what YAML writes before a value: password: !vault x.
func (p *pass) skipTag(v int) int {
	for _, cmdlet := range []string{"ConvertTo-SecureString ", "-String "} { // of PowerShell
		if p.HasAt(v, cmdlet) {
			v = p.SkipBlanks(v + len(cmdlet))
		}
	}
	if !p.HasAt(v, "!") {
		return v
	}
	tag := p.RunEnd(v+1, func(c byte) bool { return ascii.IsTokenish(c) || c == '!' || c == '<' || c == '>' || c == ':' })
	if next := p.SkipBlanks(tag); next > tag && tag > v+1 {
		return next
	}
	return v
}

// maxType is the longest type that a declaration is read for.
const maxType = 32

// skipType steps over the type that a declaration has between a name and its value: password: String = "x".
func (p *pass) skipType(v int, sep glyph.Glyph) int {
	if sep.C != ':' || !ascii.IsAlnum(p.Text[v]) && p.Text[v] != '&' {
		return v
	}
	end := v
	for end < min(p.End, v+maxType) && (ascii.IsAlnum(p.Text[end]) || ascii.OneOf(p.Text[end], "&<>[]_.?| ")) {
		end++
	}
	if !p.HasAt(end, "= ") || p.Text[end-1] != ' ' {
		return v
	}
	if i := p.SkipBlanks(end + 1); i < p.End && ascii.IsQuote(p.At(p.StringPrefix(i)).C) {
		return i
	}
	return v
}

// quoteOfShell is the quote in which nothing is an escape.
var quoteOfShell = glyph.Glyph{C: '\'', N: 1}

// maxTypes is how many types may stand around a value: Some(Secret(Token("x"))).
const maxTypes = 4

// skipTypes steps over the names of types and their brackets.
func (p *pass) skipTypes(v int) int {
	for range maxTypes {
		n := keyname.NameLength(p.Text[v:min(p.End, v+keyname.MaxKey)])
		if n == 0 || !p.HasAt(v+n, "(") || !ascii.IsUpper(p.Text[v]) {
			break
		}
		v = p.SkipBlanks(v + n + 1)
	}
	return v
}

// isType tells the name of a type from that of a function: Token("x").
func (p *pass) isType(f *found) bool {
	key := p.key(f)
	return f.class == keyname.Token && ascii.IsUpper(key[0]) && !keyname.IsUpper(key) && !ascii.OneOf(key[len(key)-1],
		"sS")
}

// itemBelow masks the item of a list below that of a flag: - --requirepass, and - x.
func (p *pass) itemBelow(f *found) bool {
	if p.Text[f.left] != '-' || f.class < keyname.Token {
		return false
	}
	head := p.Text[p.TextStart():f.left]
	next, ok := p.After(f.left)
	if !ok || len(head) == 0 || len(head) > maxHead || !bytes.HasPrefix(p.Text[next.From:next.To], head) {
		return false
	}
	v := next.From + len(head)
	done := false
	p.Within(next, func() {
		done = v < p.End && p.Text[v] != '-' && p.value(f, v) && p.isSecret(f)
		if done {
			p.hide(f, KindArgument)
		}
	})
	f.class, f.v, f.end, f.tree = keyname.None, f.right, f.right, false
	return done
}

// unsetPhrases are what a shell says of a variable that is not set: dash and busybox, zsh and ksh, bash.
var unsetPhrases = []string{"parameter not set", "parameter null or not set", "unbound variable"}

// isShellsComplaint tells whether what follows a variable's name is a shell's complaint that the variable is not set,
// which cannot hold its value: API_KEY: parameter not set. The message of ${API_KEY:?message} is free; it is known by
// the shell's name and line before it.
func (p *pass) isShellsComplaint(f *found) bool {
	said := p.Text[f.v:min(p.End, f.v+glyph.MaxWord)]
	for _, phrase := range unsetPhrases {
		if bytes.HasPrefix(said, []byte(phrase)) {
			return true
		}
	}
	first, rest, two := bytes.Cut(said, []byte(" "))
	second, _, _ := bytes.Cut(rest, []byte(" "))
	return two && look.IsLowerWord(first) && look.IsLowerWord(second) &&
		isShellsPlace(p.Text[max(p.TextStart(), f.left-glyph.MaxWord):f.left])
}

// isShellsPlace tells the name of a shell or of its script, and a line, before a complaint: "sh: 1: ",
// "/app/start.sh: line 3: ".
func isShellsPlace(before []byte) bool {
	before, ok := bytes.CutSuffix(before, []byte(": "))
	name := bytes.TrimRight(before, "0123456789")
	if !ok || len(name) == len(before) {
		return false
	}
	name = bytes.TrimSuffix(name, []byte("line "))
	name, ok = bytes.CutSuffix(name, []byte(": "))
	return ok && bytes.HasSuffix(name, []byte("sh"))
}
