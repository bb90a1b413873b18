package document

import (
	"bytes"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/record"
)

const (
	maxUnit   = 256 << 10 // bytes of a JSON value that are looked at together
	maxString = 64 << 10  // of a string in it
	maxNest   = 64        // levels of nesting that are told apart
)

// LongText is how long a string is that is parted at the ends of its lines.
const LongText = 24 << 10

// JSON turns JSON of any layout into one record a line: values over several lines, arrays, records under any keys,
// a document of any size on one line. What is no JSON between is passed on.
type JSON struct {
	unit  []byte // the value that is being read, without the white space between its parts
	open  []container
	outer []byte // brackets around the units: what was too long to be looked at together

	text     bool // in a line that is no JSON
	bracket  int8 // 1: behind a '[' that may begin an array or a text, 2: behind such a '{'
	inString bool
	escaped  bool
	inLine   bool // the string has a line end in it, so it is none
	size     int  // of the string
	stringAt int  // where it begins in the unit
	lineAt   int  // where its last line begins
	parts    bool // some of its lines were given out
	skipping bool // the rest of the unit is dropped
	cut      bool
	labels   []byte // of the stream whose lines are the units
}

// container is an open object or array of the unit.
type container struct {
	kind byte
	at   int // where it begins in the unit
}

// isDocument tells whether a head that begins with a bracket is JSON that is not one record a line.
func isDocument(head []byte) bool {
	next := bytes.TrimLeft(head[1:], " \t\r\n")
	if len(next) == 0 {
		return bytes.IndexByte(head, '\n') > 0
	}
	if head[0] == '[' {
		return next[0] == '{' || next[0] == '"' || next[0] == '[' && bytes.IndexByte(head[:len(head)-len(next)], '\n') > 0
	}
	if next[0] != '"' {
		return false
	}
	line, _, ended := bytes.Cut(head, []byte("\n"))
	line = bytes.TrimRight(line, "\r ,")
	if !ended && len(head) == HeadSize {
		return true // one line longer than the head
	}
	r := record.New()
	if end := r.Read(line); end == 0 {
		return len(line) < 2 || line[len(line)-1] != '}' && ended && bytes.IndexByte(head[len(line):], '}') > 0 &&
			!bytes.Contains(head, []byte("\n{\""))
	}
	if r.Text != nil {
		return false
	}
	units := appendRecords(nil, line, 0)
	return bytes.Count(units, []byte("\n")) > 1 || len(units) > 0 && !bytes.Equal(bytes.TrimSpace(units), line)
}

// Cut tells whether a record was longer than is kept.
func (d *JSON) Cut() bool { return d.cut }

// Feed appends the records that in completes.
func (d *JSON) Feed(out, in []byte) []byte {
	for i := 0; i < len(in); i++ {
		c := in[i]
		switch {
		case d.text:
			end := bytes.IndexByte(in[i:], '\n')
			if end < 0 {
				return append(out, in[i:]...)
			}
			out = append(out, in[i:i+end+1]...)
			i += end
			d.text = false
		case d.inString:
			n := d.stringPart(in[i:])
			switch i += n - 1; {
			case d.inLine:
				out = d.abandon(out)
			case d.parts && !d.inString && len(d.open) > 0:
				d.lineAt = len(d.unit) - 1
				out = d.parted(out)
				d.parts = false
			case d.size > LongText && d.lineAt > d.stringAt && !d.skipping && len(d.open) > 0:
				out = d.parted(out)
			}
		case d.bracket != 0:
			out, i = d.afterBracket(out, in, i)
		case len(d.open) == 0:
			out = d.between(out, c)
		default:
			out = d.inside(out, c)
		}
	}
	return out
}

// stringPart takes the part of a string that b begins with, and returns how long it is, 1 at least.
func (d *JSON) stringPart(b []byte) (n int) {
	for n < len(b) {
		c := b[n]
		n++
		if c == '\n' && !d.skipping {
			d.inLine = true
			break
		}
		if d.size > LongText && d.lineAt > d.stringAt && !d.skipping && !d.escaped {
			return n - 1 // to be parted
		}
		if d.size++; !d.skipping {
			if d.size <= maxString || !d.escaped && c == '"' {
				d.unit = append(d.unit, c)
			} else if d.size == maxString+1 && d.escaped {
				d.unit = append(d.unit, c)
			} else {
				d.cut = true
			}
		}
		switch {
		case d.escaped:
			if d.escaped = false; c == 'n' {
				d.lineAt = len(d.unit)
			}
		case c == '\\':
			d.escaped = true
			if d.size == maxString { // the escape must stay whole
				d.unit = d.unit[:len(d.unit)-1]
				d.size++
			}
		case c == '"':
			d.inString = false
			return n
		}
	}
	return n
}

// parted gives out the lines that a long string has until now as a record of their own: what is inside of the string,
// a whole log often, is no longer than its lines.
func (d *JSON) parted(out []byte) []byte {
	from, to := d.stringAt, d.lineAt
	head, tail := []byte("["), "\"]"
	if inner := d.open[len(d.open)-1]; inner.kind == '{' {
		head, tail = d.unit[inner.at:from], "\"}"
	}
	value := append(append(slices.Clone(head), d.unit[from:to]...), tail...)
	n := len(out)
	if out = appendRecords(out, value, 0); len(out) == n { // its name says nothing
		out = append(append(append(out, `{"line":`...), d.unit[from:to]...), "\"}\n"...)
	}
	rest := append(d.unit[:from+1], d.unit[to:]...)
	d.unit, d.size, d.lineAt, d.parts = rest, len(rest)-from, 0, true
	return out
}

// abandon passes on what began like a record and is none: a line end stands in a string, so the record was cut off.
func (d *JSON) abandon(out []byte) []byte {
	out = d.cutOff(out)
	d.unit, d.open, d.outer = d.unit[:0], d.open[:0], d.outer[:0]
	d.inString, d.escaped, d.inLine, d.skipping, d.parts, d.size = false, false, false, false, false, 0
	return out
}

// between handles what stands between the units.
func (d *JSON) between(out []byte, c byte) []byte {
	inner := len(d.outer) > 0
	switch c {
	case ' ', '\t', '\r', '\n', ',', 0x1e:
	case '{', '[':
		if !inner {
			d.bracket = 1
			if c == '{' {
				d.bracket = 2
			}
			return out
		}
		d.skipping = false
		return d.inside(out, c)
	case ']', '}':
		if inner {
			d.outer = d.outer[:len(d.outer)-1]
			return out
		}
		fallthrough
	default:
		switch {
		case !inner:
			d.text = true
			return append(out, c)
		case c == '"':
			d.inString, d.skipping, d.size = true, true, 0 // a key, or a value that belongs to no record
		}
	}
	return out
}

// afterBracket tells JSON from a text that begins with a bracket: "[2026-11-23 …", "{label} …".
func (d *JSON) afterBracket(out, in []byte, i int) ([]byte, int) {
	c := in[i]
	opened := byte('[')
	if d.bracket == 2 {
		opened = '{'
	}
	d.bracket = 0
	switch {
	case opened == '{' && (c == '"' || c == '\n' || c == '\r' || c == ' ' || c == '\t'), opened == '[' && (c == '{' ||
		c == '[' || c == '"' || c == '\n' || c == '\r'),
		opened == '{' && c == '}':
		d.skipping = false
		return d.inside(out, opened), i - 1 // read it again
	}
	d.text = true
	return append(out, opened), i - 1
}

// inside handles a byte of a unit outside of its strings.
func (d *JSON) inside(out []byte, c byte) []byte {
	switch c {
	case ' ', '\t', '\r', '\n':
		return out
	case '"':
		d.inString, d.size = true, 0
		d.stringAt, d.lineAt = len(d.unit), 0
	case '{', '[':
		d.open = append(d.open, container{c, len(d.unit)})
	case '}', ']':
		d.open = d.open[:len(d.open)-1]
	case ',', ':':
	default:
		if !d.skipping && !d.scalar(c) {
			return d.cutByText(out, c)
		}
	}
	if !d.skipping {
		d.unit = append(d.unit, c)
	}
	switch {
	case len(d.open) == 0:
		out = d.close(out)
	case len(d.unit) > maxUnit || len(d.open) > maxNest:
		out = d.overflow(out)
	}
	return out
}

// scalar tells whether c goes on with a number, or with true, false or null.
func (d *JSON) scalar(c byte) bool {
	if lex.IsDigit(c) || c == '-' || c == '+' || c == '.' {
		return true
	}
	word := d.unit[d.wordAt():]
	if len(word) == 0 && (c == 'e' || c == 'E') {
		return lex.IsDigit(d.unit[len(d.unit)-1])
	}
	for _, literal := range []string{"true", "false", "null"} {
		if len(word) < len(literal) && literal[:len(word)] == string(word) && literal[len(word)] == c {
			return true
		}
	}
	return false
}

// wordAt returns where the letters at the end of the unit begin.
func (d *JSON) wordAt() int {
	i := len(d.unit)
	for i > 0 && lex.IsLetter(d.unit[i-1]) {
		i--
	}
	return i
}

// cutByText passes on a line of text that stands where JSON would have to go on: the document was cut off before it.
func (d *JSON) cutByText(out []byte, c byte) []byte {
	at := d.wordAt()
	word := slices.Clone(d.unit[at:])
	d.unit = d.unit[:at]
	out = d.abandon(out)
	d.text = true
	return append(append(out, word...), c)
}

// close gives out the records of a unit that is complete.
func (d *JSON) close(out []byte) []byte {
	if d.skipping {
		d.skipping = false
		d.unit = d.unit[:0]
		return out
	}
	n := len(out)
	if out = appendPair(out, d.labels, d.unit); len(out) == n {
		out = appendRecords(out, d.unit, 0)
	}
	if len(out) == n {
		out = appendPieces(out, d.unit, 0)
	}
	d.unit = d.unit[:0]
	return out
}

// overflow handles a unit that is too long to be looked at together. Where records stand in an array of it, that
// array's elements are the units from now on; where it is a record itself, or nothing that is known, its rest is
// dropped.
func (d *JSON) overflow(out []byte) []byte {
	r := record.New()
	r.Read(d.unit)
	array := slices.IndexFunc(d.open, func(c container) bool { return c.kind == '[' })
	if r.Text != nil || array < 0 || len(d.open) > maxNest {
		d.cut = true
		out = append(append(out, d.unit...), '\n')
		d.unit, d.skipping = d.unit[:0], true
		return out
	}
	for _, c := range d.open[:array+1] {
		d.outer = append(d.outer, c.kind)
	}
	if array > 0 {
		jsontext.EachMember(d.unit[d.open[array-1].at:], func(key, member []byte) bool {
			if string(key) == "stream" && member[0] == '{' {
				d.labels = bytes.Clone(member)
			}
			return true
		})
	}
	rest := slices.Clone(d.unit[d.open[array].at+1:])
	d.unit, d.open, d.inString = d.unit[:0], d.open[:0], false // all of which the rest says again
	return d.Feed(out, rest)
}

// End appends what is left, closed where it was cut off.
func (d *JSON) End(out []byte) []byte {
	switch {
	case d.text:
		return append(out, '\n')
	case d.bracket != 0:
		out = append(out, map[int8]byte{1: '[', 2: '{'}[d.bracket], '\n')
	case len(d.unit) > 0:
		out = d.cutOff(out)
	}
	d.unit, d.open = nil, nil
	return out
}

// cutOff gives out what there is of a value whose end is missing, as if it ended here.
func (d *JSON) cutOff(out []byte) []byte {
	if d.inString {
		if d.escaped {
			d.unit = d.unit[:len(d.unit)-1]
		}
		d.unit = append(d.unit, '"')
	}
	for _, c := range slices.Backward(d.open) {
		d.unit = append(d.unit, c.kind+2) // the closing bracket of either kind
	}
	return d.close(out)
}

// Idle tells whether nothing is open: what comes next need not be JSON.
func (d *JSON) Idle() bool {
	return len(d.open) == 0 && len(d.outer) == 0 && !d.text && !d.inString && d.bracket == 0
}
