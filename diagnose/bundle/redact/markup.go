package redact

import (
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// element finds what an XML element holds: <password>x</password>,
// <property name="password">x</property>.
func (p *pass) element(f *found, i int) bool {
	switch {
	case p.isTag(f.left), f.closed && ascii.IsQuote(f.before.C) && p.isAttribute(f):
		return p.content(f, i)
	}
	return false
}

// isTag tells whether a name is that of an element: <password, <ns:password.
func (p *pass) isTag(left int) bool {
	floor := max(p.TextStart(), left-keyname.MaxKey)
	for left > floor && (ascii.IsKeyByte(p.Text[left-1]) || p.Text[left-1] == ':') {
		left--
	}
	g := p.Before(left)
	if g.C == 't' || g.C == ';' { // the name ran into &lt;
		return false
	}
	return g.C == '<'
}

// isAttribute tells whether the quoted name is an attribute's value: key="password".
func (p *pass) isAttribute(f *found) bool { return p.Before(f.left-f.before.N).C == '=' }

// content is the text of an element, up to the next tag.
func (p *pass) content(f *found, v int) bool {
	v = p.SkipBlanks(v)
	if p.HasAt(v, "<![CDATA[") {
		v += len("<![CDATA[")
	}
	f.v, f.end, f.sep, f.joint = v, v, glyph.Glyph{}, look.Tight
	for limit := min(p.End, v+glyph.LongBeside); f.end < limit; {
		g := p.At(f.end)
		if g.C == '<' || p.HasAt(f.end, "]]>") {
			break
		}
		f.end += g.N
	}
	if f.end > f.v && f.end < p.End {
		if q := p.At(f.v); ascii.IsQuote(q.C) && f.v+q.N < f.end { // <code>&#39;x&#39;</code>
			return p.value(f, f.v)
		}
		return true
	}
	return false
}

// nextElement finds the value in the element after the one that holds the name:
// <key>password</key><string>x</string>.
func (p *pass) nextElement(f *found, i int) bool {
	if f.before.C != '>' {
		return false
	}
	if p.endsTag(i) {
		return p.elementBelow(f)
	}
	for tags := 0; tags < 3 && i < p.End && p.At(i).C == '<'; tags++ {
		limit := min(p.End, i+keyname.MaxKey)
		for i < limit && p.At(i).C != '>' {
			i += p.At(i).N
		}
		if i >= limit {
			return false
		}
		i = p.SkipBlanks(i + p.At(i).N)
	}
	return p.content(f, i)
}

// endsTag tells whether the tag at i is the last thing in the line.
func (p *pass) endsTag(i int) bool {
	limit := min(p.End, i+keyname.MaxKey)
	for i < limit && p.At(i).C != '>' {
		i += p.At(i).N
	}
	return i < limit && p.SkipBlanks(i+p.At(i).N) >= p.TextOf(p.Start, p.End).To
}

// elementBelow finds the value in an element of the next line: a table's cells, or the members of a property list.
func (p *pass) elementBelow(f *found) bool {
	below, ok := p.After(f.left)
	if !ok || f.class < keyname.Token {
		return false
	}
	p.Within(below, func() {
		i := p.SkipBlanks(below.From)
		for tags := 0; tags < 2 && i < p.End && p.At(i).C == '<'; tags++ {
			limit := min(p.End, i+2*keyname.MaxKey)
			for i < limit && p.At(i).C != '>' {
				i += p.At(i).N
			}
			if i >= limit {
				return
			}
			i += p.At(i).N
		}
		if i < p.End && p.content(f, i) && p.isSecret(f) {
			p.hide(f, KindKeyValue)
		}
	})
	f.class, f.v, f.end, f.tree = keyname.None, f.right, f.right, false
	return true
}

// cell finds the next cell of a table's row: | password | x |.
func (p *pass) cell(f *found, i int) bool {
	v := p.SkipBlanks(i)
	if f.class < keyname.Strong || v >= p.End || p.At(v).C == '|' || p.At(v).C == glyph.GlyphBar ||
		!p.beginsCell(f.left) {
		return false
	}
	f.joint = look.Cell
	return p.value(f, v)
}

// beginsCell tells whether a name is the first thing in a line or in a cell.
func (p *pass) beginsCell(left int) bool {
	start := p.TextStart()
	for i := left; i > start; {
		g := p.Before(i)
		switch {
		case g.C == '|', g.C == glyph.GlyphBar:
			return true
		case !ascii.IsBlank(g.C):
			return false
		}
		i -= max(g.N, 1)
	}
	return true
}
