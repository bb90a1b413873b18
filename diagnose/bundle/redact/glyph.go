package redact

import "bytes"

// A log carries one format inside another: JSON in JSON, a query in a query, HTML in
// a trace page. The rules therefore read glyphs, not bytes: a quote is a quote,
// whether it stands there as ", \", \\\", &quot;, &#34;, %22, %2522, \u0022 or “.
//
//	{\"password\":\"x\"}   {&quot;password&quot;:&quot;x&quot;}   %22password%22%3A%22x%22

// coding is how a glyph is written.
type coding uint8

const (
	codedRaw     coding = iota
	codedSlash          // \" \\\" \n \u0022 \x22
	codedEntity         // &quot; &#34; &#x22;
	codedPercent        // %22
)

// glyph is one character as its writer meant it.
type glyph struct {
	c    byte // the character; typographic ones stand for their plain forms
	n    int  // bytes that it takes in the text
	code coding
	deep int // how often it is encoded: backslashes, or %25 before it
}

// Glyphs that ASCII lacks, by bytes that no text of ours looks for otherwise.
const (
	glyphArrow = 0x11 // →
	glyphDots  = 0x12 // …
	glyphBar   = 0x13 // │ and its relatives, which draw tables
	glyphCSI   = 0x14 // a terminal's colour sequence
)

// at reads the glyph at i; i must be before the line's end.
func (p *pass) at(i int) glyph {
	p.m.work++
	switch c := p.text[i]; c {
	case '\\':
		return p.slashed(i)
	case '&':
		return p.entity(i)
	case '%':
		return p.percent(i)
	case 0x1b:
		return p.colour(i)
	case 0xe2:
		return p.typographic(i)
	default:
		return glyph{c: c, n: 1}
	}
}

// slashed reads a backslash escape. A lone backslash is itself.
func (p *pass) slashed(i int) glyph {
	run := 1
	for i+run < p.end && run < maxSlashes && p.text[i+run] == '\\' {
		run++
	}
	if i+run >= p.end {
		return glyph{c: '\\', n: 1}
	}
	g := glyph{n: run + 1, code: codedSlash, deep: run}
	switch c := p.text[i+run]; c {
	case '"', '\'', '`', '/':
		g.c = c
	case 'n', 'r':
		g.c = '\n'
	case 't':
		g.c = '\t'
	case 'u':
		g.c, g.n = p.hex(i+run+1, 4), run+5
	case 'x':
		g.c, g.n = p.hex(i+run+1, 2), run+3
	}
	if g.c == 0 {
		return glyph{c: '\\', n: 1}
	}
	return g
}

// maxSlashes is the deepest nesting that is told apart: JSON in JSON six times.
const maxSlashes = 63

// hex reads n digits of a printable ASCII character, or 0x1b, which begins a colour.
func (p *pass) hex(i, n int) byte {
	if i+n > p.end {
		return 0
	}
	v := 0
	for _, c := range p.text[i : i+n] {
		d := hexDigit(c)
		if d < 0 {
			return 0
		}
		v = v<<4 | d
	}
	if v >= 0x7f || v < 0x20 && v != '\n' && v != '\r' && v != '\t' {
		return 0
	}
	return byte(v)
}

func hexDigit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// entities are the names that HTML escapers write.
var entities = []struct {
	name string
	c    byte
}{{"quot;", '"'}, {"apos;", '\''}, {"lt;", '<'}, {"gt;", '>'}, {"nbsp;", ' '}, {"equals;", '='}, {"colon;", ':'}}

// entity reads &quot; &#34; &#x22; and &amp;quot;.
func (p *pass) entity(i int) glyph {
	j, deep := i+1, 1
	for p.hasAt(j, "amp;") && deep < maxSlashes {
		j += 4
		deep++
	}
	for _, e := range entities {
		if p.hasAt(j, e.name) {
			return glyph{e.c, j + len(e.name) - i, codedEntity, deep}
		}
	}
	if p.hasAt(j, "#") {
		if c, n := p.numeric(j + 1); c != 0 {
			return glyph{c, j + 1 + n - i, codedEntity, deep}
		}
	}
	if deep > 1 { // &amp; alone
		return glyph{'&', j - i, codedEntity, deep - 1}
	}
	return glyph{c: '&', n: 1}
}

// numeric reads 34; and x22; after &#.
func (p *pass) numeric(i int) (c byte, n int) {
	base, j, v := 10, i, 0
	if j < p.end && lowerByte(p.text[j]) == 'x' {
		base, j = 16, j+1
	}
	for ; j < min(p.end, i+5); j++ {
		d := hexDigit(p.text[j])
		if p.text[j] == ';' || d < 0 || d >= base {
			break
		}
		v = v*base + d
	}
	if j >= p.end || p.text[j] != ';' || v < 0x20 || v >= 0x7f {
		return 0, 0
	}
	return byte(v), j + 1 - i
}

// percent reads %22 and %2522, once more encoded.
func (p *pass) percent(i int) glyph {
	j, deep := i+1, 1
	for p.hasAt(j, "25") && deep < maxSlashes {
		j += 2
		deep++
	}
	if c := p.hex(j, 2); c != 0 {
		return glyph{c, j + 2 - i, codedPercent, deep}
	}
	return glyph{c: '%', n: 1}
}

// colour reads a terminal's control sequence: ESC [ 1 ; 32 m.
func (p *pass) colour(i int) glyph {
	j := i + 1
	if j < p.end && p.text[j] == '[' {
		for j++; j < min(p.end, i+24); j++ {
			if c := p.text[j]; c >= 0x40 {
				return glyph{c: glyphCSI, n: j + 1 - i}
			}
		}
	}
	return glyph{c: 0x1b, n: 1}
}

// typographic reads quotes, arrows and lines that are no ASCII; each has three bytes.
func (p *pass) typographic(i int) glyph {
	if i+3 > p.end {
		return glyph{c: 0xe2, n: 1}
	}
	switch third := p.text[i+2]; p.text[i+1] {
	case 0x80:
		switch third {
		case 0x98, 0x99: // ‘ ’
			return glyph{c: '\'', n: 3}
		case 0x9c, 0x9d: // “ ”
			return glyph{c: '"', n: 3}
		case 0xa6:
			return glyph{c: glyphDots, n: 3}
		}
	case 0x86:
		if third == 0x92 {
			return glyph{c: glyphArrow, n: 3}
		}
	case 0x94, 0x95: // box drawing
		return glyph{c: glyphBar, n: 3}
	}
	return glyph{c: 0xe2, n: 1}
}

// hasAt tells whether the line goes on with s at i.
func (p *pass) hasAt(i int, s string) bool {
	return i <= p.end && bytes.HasPrefix(p.text[i:p.end], []byte(s))
}

// before reads the glyph that ends at i; n = 0 at the beginning of the line's text.
func (p *pass) before(i int) glyph {
	floor := p.textStart()
	if i <= floor {
		return glyph{}
	}
	switch c := p.text[i-1]; {
	case c == ';':
		if j := bytes.LastIndexByte(p.text[max(floor, i-12):i], '&'); j >= 0 {
			return p.ending(max(floor, i-12)+j, i)
		}
	case hexDigit(c) >= 0:
		for _, back := range []int{3, 4, 5, 6, 7} {
			if j := i - back; j >= floor && (p.text[j] == '%' || p.text[j] == '\\') {
				return p.ending(j, i)
			}
		}
	case c == 'm' || c == 'K':
		if j := bytes.LastIndexByte(p.text[max(floor, i-16):i], 0x1b); j >= 0 {
			return p.ending(max(floor, i-16)+j, i)
		}
	case isQuote(c), c == '/', c == 'n', c == 't', c == 'r':
		j := i - 1
		for j > floor && i-j < maxSlashes && p.text[j-1] == '\\' {
			j--
		}
		if j < i-1 {
			return p.ending(j, i)
		}
	case c >= 0x80 && i-3 >= floor && p.text[i-3] == 0xe2:
		return p.ending(i-3, i)
	}
	return glyph{c: p.text[i-1], n: 1}
}

// ending is the glyph at j, if it ends at i; else the last byte alone.
func (p *pass) ending(j, i int) glyph {
	if g := p.at(j); j+g.n == i {
		return g
	}
	return glyph{c: p.text[i-1], n: 1}
}
