package redact

import "bytes"

// quotedEnd returns where a quoted value ends, at its closing quote. open is the
// opening one: a JSON text inside another has a backslash more, and what ends it has
// as many or fewer. Without a closing quote the value ends with the line.
func (p *pass) quotedEnd(v, end int, open glyph) int {
	i := v
	for i < end {
		if open.code == codedRaw && open.n == 1 && p.text[i] == open.c {
			break
		}
		g := p.at(i)
		if g.c == open.c && p.closesQuote(i, g, open) {
			break
		}
		if g.c == '\\' && g.n == 1 && open.code == codedRaw && i+1 < end { // \\ of a text with escapes
			i++
		}
		i += g.n
	}
	p.m.work += i - v
	return min(i, end)
}

// closesQuote tells whether the quote g at i closes open.
func (p *pass) closesQuote(i int, g, open glyph) bool {
	switch {
	case open.code == codedRaw:
		return g.code == codedRaw && g.n == open.n || g.code == codedSlash && g.deep%2 == 0 && open.n == 1
	case g.code == codedRaw:
		return open.code == codedSlash
	case g.code != open.code:
		return false
	case open.code == codedPercent || open.code == codedEntity:
		return g.deep <= open.deep
	}
	return g.deep <= open.deep
}

// isTriple tells whether two more quotes follow the first: """x""".
func (p *pass) isTriple(i int, g glyph) bool {
	for range 2 {
		if i >= p.end || p.at(i) != g {
			return false
		}
		i += g.n
	}
	return i < p.end
}

func (p *pass) tripleEnd(v int, g glyph) int {
	for i := v; i < p.end; i++ {
		if three := (glyph{c: g.c, n: 1}); i+3 <= p.end && p.at(i) == three && p.at(i+1) == three && p.at(i+2) == three {
			return i
		}
	}
	return p.end
}

// plainEnd returns the end of an unquoted value that begins at v: whitespace, the
// quote around it, or a separator after which something else begins. sep is the = or
// : before it: %3D means that %26 ends the value, where = means that it is part of it.
func (p *pass) plainEnd(v, end int, sep glyph) int {
	i := p.opening(v, end)
	quotes := -1 // the quotes before v, once they were counted
	for i < end {
		if stop := p.stops(i, v, end, sep, &quotes); stop {
			break
		}
		i += p.width(i, sep)
	}
	i = min(i, end)
	p.m.work += i - v
	return i
}

// opening steps over a mask, ${NAME} and {name} at a value's beginning.
func (p *pass) opening(v, end int) int {
	switch {
	case bytes.HasPrefix(p.text[v:end], []byte(masked)):
		return v + len(masked)
	case v < end && p.text[v] == '{', v+1 < end && p.text[v] == '$' && p.text[v+1] == '{':
		return v + max(0, bytes.IndexByte(p.text[v:min(end, v+maxKey)], '}')+1)
	}
	return v
}

// width is how far to step in a plain value: over an escape that is part of it.
func (p *pass) width(i int, sep glyph) int {
	if c := p.text[i]; c == '\\' || c == '&' || c == '%' && sep.code == codedPercent {
		return p.at(i).n
	}
	return 1
}

// stops tells whether a plain value ends at i.
func (p *pass) stops(i, v, end int, sep glyph, quotes *int) bool {
	c := p.text[i]
	switch c {
	case ' ', '\t', '\n', '\r', '\v', '\f', 0, 0x1b:
		return true
	case '"', '\'', '`':
		return p.quoteStops(i, v, end, quotes)
	case ',', ';', '|':
		return p.separates(i+1, end)
	case '&':
		g := p.at(i)
		return g.c == '&' && p.separates(i+g.n, end) || isQuote(g.c) || g.c == '<' || g.c == '>'
	case ')', ']', '}', '>':
		return closes(p.text[i+1 : end])
	case '<':
		return i+1 >= end || p.text[i+1] == '/' || p.text[i+1] == '!' || !holds(p.text[i:min(end, i+48)], ">")
	case '\\':
		g := p.at(i)
		return isQuote(g.c) || oneOf(g.c, "\n\t") || g.code == codedSlash && oneOf(g.c, "&<>")
	case '%':
		if sep.code != codedPercent {
			return false
		}
		g := p.at(i)
		return g.code == codedPercent && g.deep <= sep.deep && (isQuote(g.c) || oneOf(g.c, "&;,}<> \n"))
	case 0xe2:
		g := p.at(i)
		return g.c == glyphBar || isQuote(g.c)
	}
	return false
}

// quoteStops tells whether a quote inside a plain value closes the quote around all of
// it, or is part of it: it is part where none is open and a word goes on after it.
func (p *pass) quoteStops(i, v, end int, quotes *int) bool {
	if i+1 >= end || !isAlnum(p.text[i+1]) {
		return true
	}
	if *quotes < 0 {
		const far = 256
		*quotes = bytes.Count(p.text[max(p.start, v-far):v], p.text[i:i+1])
	}
	return *quotes%2 == 1
}

// separates tells whether a separator ends a value: what follows at i is blank or
// another name with a value of its own. Else it belongs to the value.
func (p *pass) separates(i, end int) bool {
	rest := p.text[i:end]
	if len(rest) == 0 || isSpace(rest[0]) || isQuote(rest[0]) || rest[0] == '\\' || rest[0] == ')' {
		return true
	}
	const longest = 48
	word := true // of a name: "User Id" has two, each with a capital
	for n, c := range rest[:min(len(rest), longest)] {
		switch {
		case c == '=' || c == ':':
			return n > 0
		case c == ' ':
			word = isUpper(rest[0]) && n+1 < len(rest) && isUpper(rest[n+1])
			if !word {
				return false
			}
		case !isKeyByte(c) && c != '[' && c != ']' && c != '%':
			return false
		}
	}
	return false
}

// closes tells whether a bracket ends a value rather than being part of it.
func closes(rest []byte) bool {
	return len(rest) == 0 || !isAlnum(rest[0]) && !oneOf(rest[0], "!@#$%^*_+-=~")
}
