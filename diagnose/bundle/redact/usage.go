package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// usage masks what a program says of its own flags: the value that it refuses, and the one that it has by default.
//
//	invalid argument "x" for "--api-token" flag
//	--admin-password string   initial password (default "x")
func (p *pass) usage(f *found) bool {
	return f.class >= keyname.Token && (p.refused(f) || p.byDefault(f))
}

// refusals stand between a refused value and the name of its flag, the longer one first.
var refusals = []string{" for flag ", " for option ", " for argument ", " for parameter ", " for setting ", " for "}

// refused masks the quoted text before the name.
func (p *pass) refused(f *found) bool {
	line := p.LineBefore(f.left, look.MaxValue)
	from := f.left - len(line)
	p.m.work += len(line)
	line = bytes.TrimRight(line, "\"'`")
	for _, says := range refusals {
		before, ok := bytes.CutSuffix(line, []byte(says))
		if !ok || len(before) == 0 || !ascii.IsQuote(before[len(before)-1]) {
			continue
		}
		end := len(before) - 1
		v := bytes.LastIndexByte(before[:end], before[end]) + 1
		if v == 0 || v == end || look.IsReference(before[v:end]) || p.isTellingName(before[v:end]) {
			return false
		}
		p.mask(from+v, from+end, KindArgument)
		return true
	}
	return false
}

// usageReach is how far behind a flag its help may tell the default.
const usageReach = 240

// kindsOfValues stand behind a flag in its help, for the value.
var kindsOfValues = ascii.Words(`string strings stringarray stringslice int uint duration bytes text value str file
	path varchar`)

// byDefault masks the default in the help of a flag, where the help's columns show that it is one.
func (p *pass) byDefault(f *found) bool {
	if p.Text[f.left] != '-' {
		return false
	}
	kind := p.RunEnd(p.SkipBlanks(f.right), ascii.IsKeyByte)
	if word := bytes.TrimSpace(p.Text[f.right:kind]); !p.HasAt(kind, "  ") ||
		len(word) > 0 && !ascii.Among(kindsOfValues, word) && !keyname.IsUpper(word) {
		return false
	}
	help := p.Text[kind:min(p.End, kind+usageReach)]
	p.m.work += len(help)
	for _, says := range []string{"(default ", "(default: ", "[default: ", "[default=", "(defaults to "} {
		i := bytes.Index(help, []byte(says))
		if i < 0 {
			continue
		}
		v := kind + i + len(says)
		end := p.RunEnd(v, func(c byte) bool { return !ascii.OneOf(c, ")]") })
		if v < p.End && ascii.IsQuote(p.Text[v]) {
			end = p.QuotedEnd(v+1, end, glyph.Glyph{C: p.Text[v], N: 1})
			v++
		}
		if word := p.Text[v:end]; !look.IsProse(word) && !look.IsReference(word) {
			p.mask(v, end, KindArgument)
		}
	}
	return true
}
