package place

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/command"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

func toolLiterals() []literal {
	var list []literal
	for _, t := range command.Tools {
		list = append(list, literal{t.Name, toolRule})
	}
	return list
}

// toolRule reads the words of a command line from the tool's name on. Each word is
// read once: a tool in the arguments of another takes over.
func toolRule(p *page.Page, at, n int) int {
	if at < p.CommandEnd || !p.StartsWord(at) {
		return at
	}
	first, end := p.Word(at)
	if end >= p.End {
		return at
	}
	t, ok := command.Find(p.Text[first:min(end, first+keyname.MaxKey)])
	if !ok {
		return at
	}
	if g := p.Before(at); ascii.IsQuote(g.C) && p.At(end) == g { // ["redis-cli", …]
		end += g.N
	}
	p.CommandEnd = followWords(p, t, end)
	return at
}

// maxWords bounds a command line.
const maxWords = 4096

// followWords reads words from i on, up to the end of the command, and masks the secrets
// among them.
func followWords(p *page.Page, t *command.Tool, i int) int {
	c := command.Line{Tool: t}
	for range maxWords {
		i = skipWordBreak(p, i)
		v, end := p.Word(i)
		open := p.At(min(i, max(p.End-1, 0)))
		if end <= v || ascii.OneOf(p.Text[v], ";|&") {
			return max(i, end)
		}
		from, hide := c.Next(p.Text[v:min(end, v+look.MaxValue)])
		if hide && !look.IsReference(p.Text[v+from:end]) && from < end-v {
			p.Mask(v+from, end, page.KindArgument)
		}
		i = max(end, i+1)
		if ascii.IsQuote(open.C) && v > 0 && i < p.End && p.At(i).C == open.C { // its closing quote
			i += p.At(i).N
		}
	}
	return i
}

// skipWordBreak steps over what parts the words of a command line, also as a list of
// quoted words. A quote is entered, so that the words in sh -c '…' are read, too.
func skipWordBreak(p *page.Page, i int) int {
	for n := 0; i < p.End && n < glyph.MaxBlanks; n++ {
		g := p.At(i)
		switch {
		case ascii.IsBlank(g.C), g.C == ',', g.C == '[', g.C == ']':
		case g.C == 'a' && auditWord(p, i) > 0:
			i += auditWord(p, i)
			continue
		case ascii.IsQuote(g.C) && i+g.N < p.End && !ascii.IsBlank(p.Text[i+g.N]) && !quotesBlank(p, i, g):
			return i
		case ascii.IsQuote(g.C):
		default:
			return i
		}
		i += g.N
	}
	return i
}

// auditWord is the length of what the audit log puts before the words of a command: a1="x".
func auditWord(p *page.Page, i int) int {
	n := 1
	for n < 4 && i+n < p.End && ascii.IsDigit(p.Text[i+n]) {
		n++
	}
	if n == 1 || !p.HasAt(i+n, `="`) || i > p.Start && ascii.IsAlnum(p.Text[i-1]) {
		return 0
	}
	return n + 1
}

// quotesBlank tells whether the quoted word at i holds several words.
func quotesBlank(p *page.Page, i int, g glyph.Glyph) bool {
	end := p.QuotedEnd(i+g.N, min(p.End, i+g.N+look.MaxValue), g)
	return bytes.IndexByte(p.Text[i+g.N:end], ' ') >= 0
}

// logsIn are flags before a user's name; behind them -p takes the password of most programs.
var logsIn = ascii.Words(`-u -U --user --username --login -l`)

// loginFlagRule masks what -p takes behind such a flag and its word: tool -u bob -p x, ['tool', '-u', 'bob', '-p',
// 'x']. A port is a number, a path has a slash.
func loginFlagRule(p *page.Page, at, n int) int {
	before := bytes.FieldsFunc(p.LineBefore(at, keyname.MaxKey), isListBreak)
	if len(before) < 2 || !ascii.Among(logsIn, before[len(before)-2]) || !look.HoldsLetter(before[len(before)-1]) {
		return at
	}
	i := at + n
	for i < p.End && isListBreak(rune(p.Text[i])) {
		i++
	}
	end := p.RunEnd(i, func(c byte) bool { return !isListBreak(rune(c)) })
	if word := p.Text[i:end]; len(word) < 3 || word[0] == '-' || !look.HoldsLetter(word) || bytes.ContainsAny(word,
		"/:") ||
		look.IsReference(word) {
		return at
	}
	p.Mask(i, end, page.KindArgument)
	return end
}

// isListBreak parts the words of a command line, also as a list of quoted words.
func isListBreak(r rune) bool { return r == ' ' || r == ',' || r == '\'' || r == '"' || r == '\n' }
