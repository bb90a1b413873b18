// Package glyph reads a log by lines and by glyphs: characters as their writer meant them, however often they were
// encoded since.
//
// A log carries one format inside another: JSON in JSON, a query in a query, HTML in a trace page. A quote is a quote,
// whether it stands there as ", \", \\\", &quot;, &#34;, %22, %2522, \u0022 or “.
//
//	{\"password\":\"x\"}   {&quot;password&quot;:&quot;x&quot;}   %22password%22%3A%22x%22
//
// A [Reader] knows the line it is in, the lines beside it in the same stream of a container's log, and where quoted and
// bare values end. Each method looks at a bounded stretch or at what nobody looks at again, and counts it as work.
package glyph

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
)

// coding is how a glyph is written.
type coding uint8

const (
	CodedRaw     coding = iota
	codedSlash          // \" \\\" \n \u0022 \x22
	codedEntity         // &quot; &#34; &#x22;
	CodedPercent        // %22
)

// Glyph is one character as its writer meant it.
type Glyph struct {
	C    byte // the character; typographic ones stand for their plain forms
	N    int  // bytes that it takes in the text
	Code coding
	deep int // how often it is encoded: backslashes, or %25 before it
}

// Glyphs that ASCII lacks, by bytes that no text of ours looks for otherwise.
const (
	GlyphArrow = 0x11 // →
	GlyphDots  = 0x12 // …
	GlyphBar   = 0x13 // │ and its relatives, which draw tables
	GlyphCSI   = 0x14 // a terminal's colour sequence
)

// At reads the glyph at i; i must be before the line's end.
func (r *Reader) At(i int) Glyph {
	*r.work++
	switch c := r.Text[i]; c {
	case '\\':
		return r.slashed(i)
	case '&':
		return r.entity(i)
	case '%':
		return r.percent(i)
	case 0x1b:
		return r.colour(i)
	case 0xe2:
		return r.typographic(i)
	case 0xef:
		return r.fullWidth(i)
	default:
		return Glyph{C: c, N: 1}
	}
}

// slashed reads a backslash escape. A lone backslash is itself.
func (r *Reader) slashed(i int) Glyph {
	run := 1
	for i+run < r.End && run < maxSlashes && r.Text[i+run] == '\\' {
		run++
	}
	if i+run >= r.End {
		return Glyph{C: '\\', N: 1}
	}
	g := Glyph{N: run + 1, Code: codedSlash, deep: run}
	switch c := r.Text[i+run]; c {
	case '"', '\'', '`', '/':
		g.C = c
	case 'n', 'r':
		g.C = '\n'
	case 't':
		g.C = '\t'
	case 'u':
		g.C, g.N = r.Hex(i+run+1, 4), run+5
	case 'x':
		g.C, g.N = r.Hex(i+run+1, 2), run+3
	}
	if g.C == 0 {
		return Glyph{C: '\\', N: 1}
	}
	return g
}

// maxSlashes is the deepest nesting that is told apart: JSON in JSON six times.
const maxSlashes = 63

// Hex reads n digits of a printable ASCII character, or 0x1b, which begins a colour.
func (r *Reader) Hex(i, n int) byte {
	if i+n > r.End {
		return 0
	}
	v := 0
	for _, c := range r.Text[i : i+n] {
		d := ascii.HexDigit(c)
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

// entities are the names that HTML escapers write.
var entities = []struct {
	name string
	c    byte
}{{"quot;", '"'}, {"apos;", '\''}, {"lt;", '<'}, {"gt;", '>'}, {"nbsp;", ' '}, {"equals;", '='}, {"colon;", ':'}}

// entity reads &quot; &#34; &#x22; and &amp;quot;.
func (r *Reader) entity(i int) Glyph {
	j, deep := i+1, 1
	for r.HasAt(j, "amp;") && deep < maxSlashes {
		j += 4
		deep++
	}
	for _, e := range entities {
		if r.HasAt(j, e.name) {
			return Glyph{e.c, j + len(e.name) - i, codedEntity, deep}
		}
	}
	if r.HasAt(j, "#") {
		if c, n := r.numeric(j + 1); c != 0 {
			return Glyph{c, j + 1 + n - i, codedEntity, deep}
		}
	}
	if deep > 1 { // &amp; alone
		return Glyph{'&', j - i, codedEntity, deep - 1}
	}
	return Glyph{C: '&', N: 1}
}

// numeric reads 34; and x22; after &#.
func (r *Reader) numeric(i int) (c byte, n int) {
	base, j, v := 10, i, 0
	if j < r.End && ascii.LowerByte(r.Text[j]) == 'x' {
		base, j = 16, j+1
	}
	for ; j < min(r.End, i+5); j++ {
		d := ascii.HexDigit(r.Text[j])
		if r.Text[j] == ';' || d < 0 || d >= base {
			break
		}
		v = v*base + d
	}
	if j >= r.End || r.Text[j] != ';' || v < 0x20 || v >= 0x7f {
		return 0, 0
	}
	return byte(v), j + 1 - i
}

// percent reads %22 and %2522, once more encoded.
func (r *Reader) percent(i int) Glyph {
	j, deep := i+1, 1
	for r.HasAt(j, "25") && deep < maxSlashes {
		j += 2
		deep++
	}
	if c := r.Hex(j, 2); c != 0 {
		return Glyph{c, j + 2 - i, CodedPercent, deep}
	}
	return Glyph{C: '%', N: 1}
}

// colour reads a terminal's control sequence: ESC [ 1 ; 32 m.
func (r *Reader) colour(i int) Glyph {
	j := i + 1
	if j < r.End && r.Text[j] == '[' {
		for j++; j < min(r.End, i+24); j++ {
			if c := r.Text[j]; c >= 0x40 {
				return Glyph{C: GlyphCSI, N: j + 1 - i}
			}
		}
	}
	return Glyph{C: 0x1b, N: 1}
}

// typographic reads quotes, arrows and lines that are no ASCII; each has three bytes.
func (r *Reader) typographic(i int) Glyph {
	if i+3 > r.End {
		return Glyph{C: 0xe2, N: 1}
	}
	switch third := r.Text[i+2]; r.Text[i+1] {
	case 0x80:
		switch third {
		case 0x98, 0x99: // ‘ ’
			return Glyph{C: '\'', N: 3}
		case 0x9c, 0x9d: // “ ”
			return Glyph{C: '"', N: 3}
		case 0xa6:
			return Glyph{C: GlyphDots, N: 3}
		}
	case 0x86, 0x87: // → ⇒
		if third == 0x92 {
			return Glyph{C: GlyphArrow, N: 3}
		}
	case 0x89:
		if third == 0x94 { // ≔
			return Glyph{C: '=', N: 3}
		}
	case 0x94, 0x95: // box drawing
		return Glyph{C: GlyphBar, N: 3}
	}
	return Glyph{C: 0xe2, N: 1}
}

// fullWidth reads the signs that lines in Chinese and Japanese have for ours: ： and ＝.
func (r *Reader) fullWidth(i int) Glyph {
	if i+3 <= r.End && r.Text[i+1] == 0xbc {
		switch r.Text[i+2] {
		case 0x9a:
			return Glyph{C: ':', N: 3}
		case 0x9d:
			return Glyph{C: '=', N: 3}
		}
	}
	return Glyph{C: 0xef, N: 1}
}

// HasAt tells whether the line goes on with s at i.
func (r *Reader) HasAt(i int, s string) bool {
	return i <= r.End && bytes.HasPrefix(r.Text[i:r.End], []byte(s))
}

// Before reads the glyph that ends at i; n = 0 at the beginning of the line's text.
func (r *Reader) Before(i int) Glyph {
	floor := r.TextStart()
	if i <= floor {
		return Glyph{}
	}
	switch c := r.Text[i-1]; {
	case c == ';':
		if j := bytes.LastIndexByte(r.Text[max(floor, i-12):i], '&'); j >= 0 {
			return r.ending(max(floor, i-12)+j, i)
		}
	case ascii.HexDigit(c) >= 0:
		for _, back := range []int{3, 4, 5, 6, 7} {
			if j := i - back; j >= floor && (r.Text[j] == '%' || r.Text[j] == '\\') {
				return r.ending(j, i)
			}
		}
	case c == 'm' || c == 'K':
		if j := bytes.LastIndexByte(r.Text[max(floor, i-16):i], 0x1b); j >= 0 {
			return r.ending(max(floor, i-16)+j, i)
		}
	case ascii.IsQuote(c), c == '/', c == 'n', c == 't', c == 'r':
		j := i - 1
		for j > floor && i-j < maxSlashes && r.Text[j-1] == '\\' {
			j--
		}
		if j < i-1 {
			return r.ending(j, i)
		}
	case c >= 0x80 && i-3 >= floor && r.Text[i-3] == 0xe2:
		return r.ending(i-3, i)
	}
	return Glyph{C: r.Text[i-1], N: 1}
}

// ending is the glyph at j, if it ends at i; else the last byte alone.
func (r *Reader) ending(j, i int) Glyph {
	if g := r.At(j); j+g.N == i {
		return g
	}
	return Glyph{C: r.Text[i-1], N: 1}
}
