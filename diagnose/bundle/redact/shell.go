package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/command"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

func shellLiterals() []literal {
	list := pipedLiterals()
	for _, t := range command.Tools {
		list = append(list, literal{t.Name, toolRule})
	}
	return list
}

// toolRule reads the words of a command line from the tool's name on. Each word is
// read once: a tool in the arguments of another takes over.
func toolRule(p *pass, at, n int) int {
	if at < p.shellEnd || !p.StartsWord(at) {
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
	p.shellEnd = p.command(t, end)
	return at
}

// maxWords bounds a command line.
const maxWords = 4096

// command reads words from i on, up to the end of the command, and masks the secrets
// among them.
func (p *pass) command(t *command.Tool, i int) int {
	c := command.Line{Tool: t}
	for range maxWords {
		i = p.skipWordBreak(i)
		v, end := p.Word(i)
		open := p.At(min(i, max(p.End-1, 0)))
		if end <= v || ascii.OneOf(p.Text[v], ";|&") {
			return max(i, end)
		}
		from, hide := c.Next(p.Text[v:min(end, v+look.MaxValue)])
		if hide && !look.IsReference(p.Text[v+from:end]) && from < end-v {
			p.mask(v+from, end, KindArgument)
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
func (p *pass) skipWordBreak(i int) int {
	for n := 0; i < p.End && n < glyph.MaxBlanks; n++ {
		g := p.At(i)
		switch {
		case ascii.IsBlank(g.C), g.C == ',', g.C == '[', g.C == ']':
		case g.C == 'a' && p.auditWord(i) > 0:
			i += p.auditWord(i)
			continue
		case ascii.IsQuote(g.C) && i+g.N < p.End && !ascii.IsBlank(p.Text[i+g.N]) && !p.quotesBlank(i, g):
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
func (p *pass) auditWord(i int) int {
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
func (p *pass) quotesBlank(i int, g glyph.Glyph) bool {
	end := p.QuotedEnd(i+g.N, min(p.End, i+g.N+look.MaxValue), g)
	return bytes.IndexByte(p.Text[i+g.N:end], ' ') >= 0
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
