package redact

import (
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// answers stand between a call that asks for a secret by its name and what it gave.
var answers = []string{"=>", "->", "→", "==", "=", ":", "returned:", "returned", "returns", "gave", "gives", "yields",
	"yielded", "evaluates to", "evaluated to", "resolved to", "is", "was"}

// answered finds what a call gave that asked for the secret: config.get('password') returned 'x'.
func (p *pass) answered(f *found, i int) bool {
	if f.class < keyname.Strong || f.class > keyname.Pwd || !f.closed || !p.HasAt(i, ")") {
		return false
	}
	i = p.SkipBlanks(i + 1)
	for _, says := range answers {
		if !p.HasAt(i, says) {
			continue
		}
		v := p.SkipBlanks(i + len(says))
		if v >= p.End || ascii.IsAlnum(says[len(says)-1]) && v == i+len(says) {
			continue
		}
		f.joint = look.Tight
		return p.value(f, v) && !f.tree && (f.quote.N > 0 || look.IsOddWord(p.Text[f.v:f.end]))
	}
	return false
}

// constructed finds the argument with which a secret of a type of its own is made: Secret::new("x"),
// SecretString::from("x").
func (p *pass) constructed(f *found, i int) bool {
	if f.class != keyname.Strong || !ascii.IsUpper(p.Text[f.left]) || keyname.IsUpper(p.key(f)) {
		return false
	}
	open := p.ShortRun(i, ascii.IsWordish)
	return open > i && p.HasAt(open, "(") && p.setter(f, open+1)
}
