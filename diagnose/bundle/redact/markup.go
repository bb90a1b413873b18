package redact

import ()

// element finds what an XML element holds: <password>x</password>,
// <property name="password">x</property>.
func (p *pass) element(f *found, i int) bool {
	switch {
	case p.isTag(f.left), f.closed && isQuote(f.before.c) && p.isAttribute(f):
		return p.content(f, i)
	}
	return false
}

// isTag tells whether a name is that of an element: <password, <ns:password.
func (p *pass) isTag(left int) bool {
	floor := max(p.textStart(), left-maxKey)
	for left > floor && (isKeyByte(p.text[left-1]) || p.text[left-1] == ':') {
		left--
	}
	g := p.before(left)
	if g.c == 't' || g.c == ';' { // the name ran into &lt;
		return false
	}
	return g.c == '<'
}

// isAttribute tells whether the quoted name is an attribute's value: key="password".
func (p *pass) isAttribute(f *found) bool { return p.before(f.left-f.before.n).c == '=' }

// content is the text of an element, up to the next tag.
func (p *pass) content(f *found, v int) bool {
	v = p.skipBlanks(v)
	if p.hasAt(v, "<![CDATA[") {
		v += len("<![CDATA[")
	}
	f.v, f.end, f.sep, f.joint = v, v, glyph{}, jointTight
	for limit := min(p.end, v+longBeside); f.end < limit; {
		g := p.at(f.end)
		if g.c == '<' || p.hasAt(f.end, "]]>") {
			break
		}
		f.end += g.n
	}
	if f.end > f.v && f.end < p.end {
		if q := p.at(f.v); isQuote(q.c) && f.v+q.n < f.end { // <code>&#39;x&#39;</code>
			return p.value(f, f.v)
		}
		return true
	}
	return false
}

// nextElement finds the value in the element after the one that holds the name:
// <key>password</key><string>x</string>.
func (p *pass) nextElement(f *found, i int) bool {
	if f.before.c != '>' {
		return false
	}
	if p.endsTag(i) {
		return p.elementBelow(f)
	}
	for tags := 0; tags < 3 && i < p.end && p.at(i).c == '<'; tags++ {
		limit := min(p.end, i+maxKey)
		for i < limit && p.at(i).c != '>' {
			i += p.at(i).n
		}
		if i >= limit {
			return false
		}
		i = p.skipBlanks(i + p.at(i).n)
	}
	return p.content(f, i)
}

// endsTag tells whether the tag at i is the last thing in the line.
func (p *pass) endsTag(i int) bool {
	limit := min(p.end, i+maxKey)
	for i < limit && p.at(i).c != '>' {
		i += p.at(i).n
	}
	return i < limit && p.skipBlanks(i+p.at(i).n) >= p.textOf(p.start, p.end).to
}

// elementBelow finds the value in an element of the next line: a table's cells, or the members of a property list.
func (p *pass) elementBelow(f *found) bool {
	below, ok := p.after(f.left)
	if !ok || f.class < classToken {
		return false
	}
	p.within(below, func() {
		i := p.skipBlanks(below.from)
		for tags := 0; tags < 2 && i < p.end && p.at(i).c == '<'; tags++ {
			limit := min(p.end, i+2*maxKey)
			for i < limit && p.at(i).c != '>' {
				i += p.at(i).n
			}
			if i >= limit {
				return
			}
			i += p.at(i).n
		}
		if i < p.end && p.content(f, i) && p.isSecret(f) {
			p.hide(f, KindKeyValue)
		}
	})
	f.class, f.v, f.end, f.tree = classNone, f.right, f.right, false
	return true
}

// cell finds the next cell of a table's row: | password | x |.
func (p *pass) cell(f *found, i int) bool {
	v := p.skipBlanks(i)
	if f.class < classStrong || v >= p.end || p.at(v).c == '|' || p.at(v).c == glyphBar || !p.beginsCell(f.left) {
		return false
	}
	f.joint = jointCell
	return p.value(f, v)
}

// beginsCell tells whether a name is the first thing in a line or in a cell.
func (p *pass) beginsCell(left int) bool {
	start := p.textStart()
	for i := left; i > start; {
		g := p.before(i)
		switch {
		case g.c == '|', g.c == glyphBar:
			return true
		case !isBlank(g.c):
			return false
		}
		i -= max(g.n, 1)
	}
	return true
}
