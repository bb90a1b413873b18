package glyph

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// QuotedEnd returns where a quoted value ends, at its closing quote. open is the
// opening one: a JSON text inside another has a backslash more, and what ends it has
// as many or fewer. Without a closing quote the value ends with the line.
func (r *Reader) QuotedEnd(v, end int, open Glyph) int {
	i := v
	for i < end {
		if open.Code == CodedRaw && open.N == 1 && r.Text[i] == open.C {
			break
		}
		g := r.At(i)
		if g.C == open.C && r.closesQuote(i, g, open) {
			break
		}
		if g.C == '\\' && g.N == 1 && open.Code == CodedRaw && i+1 < end { // \\ of a text with escapes
			i++
		}
		i += g.N
	}
	*r.work += i - v
	return min(i, end)
}

// closesQuote tells whether the quote g at i closes open.
func (r *Reader) closesQuote(i int, g, open Glyph) bool {
	switch {
	case open.Code == CodedRaw:
		return g.Code == CodedRaw && g.N == open.N || g.Code == codedSlash && g.deep%2 == 0 && open.N == 1
	case g.Code == CodedRaw:
		return open.Code == codedSlash
	case g.Code != open.Code:
		return false
	case open.Code == CodedPercent || open.Code == codedEntity:
		return g.deep <= open.deep
	}
	return g.deep <= open.deep
}

// IsTriple tells whether two more quotes follow the first: """x""".
func (r *Reader) IsTriple(i int, g Glyph) bool {
	for range 2 {
		if i >= r.End || r.At(i) != g {
			return false
		}
		i += g.N
	}
	return i < r.End
}

func (r *Reader) TripleEnd(v int, g Glyph) int {
	for i := v; i < r.End; i++ {
		if three := (Glyph{C: g.C, N: 1}); i+3 <= r.End && r.At(i) == three && r.At(i+1) == three && r.At(i+2) == three {
			return i
		}
	}
	return r.End
}

// PlainEnd returns the end of an unquoted value that begins at v: whitespace, the
// quote around it, or a separator after which something else begins. sep is the = or
// : before it: %3D means that %26 ends the value, where = means that it is part of it.
func (r *Reader) PlainEnd(v, end int, sep Glyph) int {
	i := r.opening(v, end)
	quotes := -1 // the quotes before v, once they were counted
	for i < end {
		if stop := r.stops(i, v, end, sep, &quotes); stop {
			break
		}
		i += r.width(i, sep)
	}
	i = min(i, end)
	*r.work += i - v
	return i
}

// opening steps over a mask, ${NAME} and {name} at a value's beginning.
func (r *Reader) opening(v, end int) int {
	switch {
	case bytes.HasPrefix(r.Text[v:end], []byte(look.Mask)):
		return v + len(look.Mask)
	case v < end && r.Text[v] == '{', v+1 < end && r.Text[v] == '$' && r.Text[v+1] == '{':
		return v + max(0, bytes.IndexByte(r.Text[v:min(end, v+keyname.MaxKey)], '}')+1)
	}
	return v
}

// width is how far to step in a plain value: over an escape that is part of it.
func (r *Reader) width(i int, sep Glyph) int {
	if c := r.Text[i]; c == '\\' || c == '&' || c == '%' && sep.Code == CodedPercent {
		return r.At(i).N
	}
	return 1
}

// stops tells whether a plain value ends at i.
func (r *Reader) stops(i, v, end int, sep Glyph, quotes *int) bool {
	c := r.Text[i]
	switch c {
	case ' ', '\t', '\n', '\r', '\v', '\f', 0, 0x1b:
		return true
	case '"', '\'', '`':
		return r.quoteStops(i, v, end, quotes)
	case ',', ';', '|':
		return r.separates(i+1, end)
	case '&':
		g := r.At(i)
		return g.C == '&' && r.separates(i+g.N, end) || ascii.IsQuote(g.C) || g.C == '<' || g.C == '>'
	case ')', ']', '}', '>':
		return closes(r.Text[i+1 : end])
	case '<':
		return i+1 >= end || r.Text[i+1] == '/' || r.Text[i+1] == '!' || !ascii.Holds(r.Text[i:min(end, i+48)], ">")
	case '\\':
		g := r.At(i)
		return ascii.IsQuote(g.C) || ascii.OneOf(g.C, "\n\t") || g.Code == codedSlash && ascii.OneOf(g.C, "&<>")
	case '%':
		if sep.Code != CodedPercent {
			return false
		}
		g := r.At(i)
		return g.Code == CodedPercent && g.deep <= sep.deep && (ascii.IsQuote(g.C) || ascii.OneOf(g.C, "&;,}<> \n"))
	case 0xe2:
		g := r.At(i)
		return g.C == GlyphBar || ascii.IsQuote(g.C)
	}
	return false
}

// quoteStops tells whether a quote inside a plain value closes the quote around all of
// it, or is part of it: it is part where none is open and a word goes on after it.
func (r *Reader) quoteStops(i, v, end int, quotes *int) bool {
	if i+1 >= end || !ascii.IsAlnum(r.Text[i+1]) {
		return true
	}
	if *quotes < 0 {
		const far = 256
		*quotes = bytes.Count(r.Text[max(r.Start, v-far):v], r.Text[i:i+1])
	}
	return *quotes%2 == 1
}

// separates tells whether a separator ends a value: what follows at i is blank or
// another name with a value of its own. Else it belongs to the value.
func (r *Reader) separates(i, end int) bool {
	rest := r.Text[i:end]
	if len(rest) == 0 || ascii.IsSpace(rest[0]) || ascii.IsQuote(rest[0]) || rest[0] == '\\' || rest[0] == ')' {
		return true
	}
	const longest = 48
	word := true // of a name: "User Id" has two, each with a capital
	for n, c := range rest[:min(len(rest), longest)] {
		switch {
		case c == '=' || c == ':':
			return n > 0
		case c == ' ':
			word = ascii.IsUpper(rest[0]) && n+1 < len(rest) && ascii.IsUpper(rest[n+1])
			if !word {
				return false
			}
		case !ascii.IsKeyByte(c) && c != '[' && c != ']' && c != '%':
			return false
		}
	}
	return false
}

// closes tells whether a bracket ends a value rather than being part of it.
func closes(rest []byte) bool {
	return len(rest) == 0 || !ascii.IsAlnum(rest[0]) && !ascii.OneOf(rest[0], "!@#$%^*_+-=~")
}

func (r *Reader) BackBlanks(i int) int {
	for n := 0; n < 4 && i > r.Start && ascii.IsBlank(r.Text[i-1]); n++ {
		i--
	}
	return i
}

// MaxBlanks is how many blanks may stand around a separator.
const MaxBlanks = 40

// SkipBlanks steps over blanks, also %20 and \t, and colours.
func (r *Reader) SkipBlanks(i int) int {
	for n := 0; i < r.End && n < MaxBlanks; n++ {
		switch r.Text[i] {
		case ' ', '\t':
			i++
			continue
		case '\\', '%', '&', 0x1b:
		default:
			return i
		}
		g := r.At(i)
		if g.N == 1 || g.C != ' ' && g.C != '\t' && g.C != GlyphCSI {
			break
		}
		i += g.N
	}
	return i
}

// SkipBars steps over the lines that draw a table around a value.
func (r *Reader) SkipBars(i int) int {
	for n := 0; i < r.End && n < 4 && r.At(i).C == GlyphBar; n++ {
		i = r.SkipBlanks(i + 3)
	}
	return i
}

// MaxWord is the longest word of a command line that is looked at, in bytes.
const MaxWord = 1 << 10

// Word returns the next word of a command line, without the quotes around it.
func (r *Reader) Word(i int) (v, end int) {
	if i >= r.End {
		return i, i
	}
	if g := r.At(i); ascii.IsQuote(g.C) {
		v = i + g.N
		end = r.QuotedEnd(v, min(r.End, v+MaxWord), g)
		if next := end + g.N; r.HasAt(next, ":") && next+1 < r.End && r.At(next+1) == g { // 'user':'password'
			end = r.QuotedEnd(next+1+g.N, min(r.End, v+MaxWord), g)
		}
		return v, end
	}
	end = i
	limit := min(r.End, i+MaxWord)
	for end < limit && !ascii.IsSpace(r.Text[end]) {
		if g := r.At(end); ascii.IsQuote(g.C) && end > i {
			if r.Text[end-1] != '=' && !r.isGlued(i, end) {
				break
			}
			end = min(r.QuotedEnd(end+g.N, limit, g)+g.N, limit)
			break
		} else if g.C == '\n' || r.Text[end] == ';' && end > i {
			break
		}
		end++
	}
	*r.work += end - i
	return i, end
}

// isGlued tells a quoted text that belongs to a flag: -p'x'.
func (r *Reader) isGlued(i, quote int) bool { return r.Text[i] == '-' && quote-i == 2 }

// ShortRun is the part of a run that is enough to decide what it is.
func (r *Reader) ShortRun(i int, set func(byte) bool) int {
	const enough = 160
	from := i
	for i < min(r.End, from+enough) && set(r.Text[i]) {
		i++
	}
	*r.work += i - from
	return i
}

// StartsWord tells whether a word begins at i. After an escape (\n, %22) one does, too.
func (r *Reader) StartsWord(i int) bool {
	if i == r.Start || !ascii.IsAlnum(r.Text[i-1]) {
		return true
	}
	return r.Before(i).N > 1
}

func (r *Reader) RunEnd(i int, set func(byte) bool) int {
	from := i
	for i < r.End && set(r.Text[i]) {
		i++
	}
	*r.work += i - from
	return i
}

// StringPrefix steps over what may stand before a quote: b'x', N'x', string(9) "x",
// <<"x">>.
func (r *Reader) StringPrefix(v int) int {
	i := v
	for i < r.End && i < v+2 && ascii.OneOf(r.Text[i], "bBuUrRfFNnLcsS@$~8") {
		i++
	}
	switch {
	case i < r.End && ascii.IsQuote(r.At(i).C):
		return i
	case r.HasAt(v, `<<"`):
		return v + 2
	case r.HasAt(v, "[]byte(\""), r.HasAt(v, "[]byte(`"): // Go's own
		return v + len("[]byte(")
	case r.HasAt(v, "(string) (len="): // Go's spew
		if n := bytes.Index(r.Text[v:min(r.End, v+32)], []byte(") \"")); n > 0 {
			return v + n + 2
		}
	case r.HasAt(v, "0x"): // a debugger's pointer: 0x55e0 "x", 0x55e0 <buf> "x"
		n := r.ShortRun(v+2, ascii.IsHexDigit)
		if r.HasAt(n, " <") {
			n += max(0, bytes.IndexByte(r.Text[n:min(r.End, n+64)], '>')+1)
		}
		if r.HasAt(n, ` "`) {
			return n + 1
		}
	case r.HasAt(v, "string '"):
		return v + len("string ")
	case r.HasAt(v, "string("):
		if n := bytes.IndexByte(r.Text[v:min(r.End, v+24)], ')'); n > 0 && r.HasAt(v+n, `) "`) {
			return v + n + 2
		}
	}
	return v
}

// IsTree tells whether a list, map or call with quoted texts or pairs in it begins at v.
func (r *Reader) IsTree(v int) bool {
	switch r.At(v).C {
	case '[', '{', '(':
	default:
		n := keyname.NameLength(r.Text[v:min(r.End, v+64)])
		if n == 0 || v+n >= r.End || r.At(v+n).C != '(' || r.StringPrefix(v) != v {
			return false
		}
		v += n
	}
	for i, n := v+1, 0; i < r.End && n < 48; n++ {
		g := r.At(i)
		switch {
		case ascii.IsQuote(g.C), (g.C == ':' || g.C == '=') && n > 0:
			return true
		case g.C == ')', g.C == '}', g.C == ']', g.C == '\n':
			return false
		}
		i += g.N
	}
	return false
}

// IsName tells whether what ends at i is a name: = : or => follows, but not ==.
func (r *Reader) IsName(i int) bool {
	if i = r.SkipBlanks(i); i >= r.End {
		return false
	}
	g := r.At(i)
	return g.C == ':' || g.C == '=' && !r.HasAt(i, "==")
}
