package redact

import (
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/column"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// drawnLiterals are the corners that loguru and better_exceptions draw below a line of
// source, each under the name whose value it shows:
//
//	conn = connect(host, password)
//	       │       │     └ 'hunter2'
//	       │       └ 'db'
//	       └ <function connect at 0x7f11>
func drawnLiterals() []literal {
	return []literal{{"└", drawnRule}, {"-> ", drawnRule}}
}

// Limits of a picture: lines from a value up to its source, and columns.
const (
	maxDrawn = 40
	maxWidth = 512
)

// drawnRule masks the value below a name that tells a secret.
func drawnRule(p *pass, at, n int) int {
	line := p.TextOf(p.Start, p.End)
	head := p.Text[line.From:at]
	if len(head) > 3*maxWidth || !column.IsPicture(head) {
		return at
	}
	name := p.drawnName(line, utf8.RuneCount(head))
	f := found{left: at, right: at + n, joint: look.Tight, class: keyname.None}
	if len(name) > 0 {
		f.class = p.m.class(name)
	}
	v := p.SkipBlanks(at + n)
	if f.class == keyname.None || f.class == keyname.Weak || v >= p.End || !p.value(&f, v) {
		return at
	}
	if f.class == keyname.Cookie || f.class == keyname.Header || f.tree {
		return p.act(&f)
	}
	if p.isSecret(&f) && p.Text[v] != '<' {
		p.hide(&f, KindKeyValue)
	}
	return at
}

// drawnName is the name in the source line above a picture, at a column.
func (p *pass) drawnName(line glyph.Span, col int) []byte {
	at := line.From
	for range maxDrawn {
		above, ok := p.Preceding(at)
		if !ok {
			return nil
		}
		text := p.Text[above.From:min(above.To, above.From+3*maxWidth)]
		i := column.Offset(text, col)
		if i < 0 {
			return nil
		}
		switch r, _ := utf8.DecodeRune(text[i:]); {
		case ascii.IsKeyByte(text[i]):
			return column.NameAround(text, i)
		case r != '│' && r != '|' && r != '├':
			return nil
		}
		at = above.From
	}
	return nil
}
