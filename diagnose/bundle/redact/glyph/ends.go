package glyph

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
)

// MaxArguments is how many bytes of a call's arguments are worth reading.
const MaxArguments = 512

// maxEnds is the length of the stretch that is read at once: several times what is read of one call.
const maxEnds = 4 * MaxArguments

// ends tells of each byte of a stretch where an argument that goes on there ends. Without it, calls within calls would
// have their arguments read once for each of them.
type ends struct {
	from int
	at   []endsAt
}

// endsAt counts from the stretch's beginning; the stretch's length = nowhere in it.
type endsAt struct {
	argument uint16 // what ends the argument: a comma, a semicolon, or the call's bracket
	call     uint16 // the bracket that ends the call
	equals   uint16 // the first = of the argument
}

// holds tells whether the stretch has the bytes from i up to limit.
func (e *ends) holds(i, limit int) bool {
	return e.from <= i && i < e.from+len(e.at) && limit < e.from+len(e.at)
}

// read goes backwards, so that what is behind a bracket's pair is known when the bracket is met.
func (e *ends) read(text []byte, from int) {
	text = text[from:min(len(text), from+maxEnds)]
	if cap(e.at) <= len(text) {
		e.at = make([]endsAt, len(text)+1)
	}
	n := uint16(len(text))
	e.from, e.at = from, e.at[:n+1]
	here := endsAt{n, n, n}
	e.at[n] = here
	for i := n; i > 0; i-- {
		switch text[i-1] {
		case '(', '[', '{':
			here = e.at[min(here.call+1, n)]
		case ')', ']', '}':
			here = endsAt{i - 1, i - 1, n}
		case ',', ';':
			here.argument, here.equals = i-1, n
		case '=':
			here.equals = i - 1
		}
		e.at[i-1] = here
	}
}

// Argument is one of a call: what is between its quotes, or all of it.
type Argument struct {
	V, End int
	Quoted bool
}

// Arguments reads the arguments of a call by place: up to the first that has a name, and without numbers. It reads as
// many as there is room for.
func (r *Reader) Arguments(room []Argument, i, limit int) []Argument {
	limit = min(r.End, limit)
	n := 0
	for n < len(room) {
		v := r.SkipBlanks(i)
		if v >= limit {
			break
		}
		a, stop, named := r.argument(v, limit)
		word := bytes.TrimSpace(r.Text[a.V:a.End])
		if named || len(word) == 0 && !a.Quoted {
			break
		}
		if a.Quoted || !ascii.IsNumber(word) {
			room[n] = a
			n++
		}
		if !r.HasAt(stop, ",") {
			break
		}
		i = stop + 1
	}
	return room[:n]
}

// argument reads the one that begins at v: where it stops, and whether it is one by name (port=3).
func (r *Reader) argument(v, limit int) (a Argument, stop int, named bool) {
	a.V = v
	end := v
	if q := r.StringPrefix(v); q < limit {
		if g := r.At(q); ascii.IsQuote(g.C) {
			a.Quoted, a.V = true, q+g.N
			a.End = r.QuotedEnd(a.V, limit, g)
			end = min(limit, a.End+g.N)
		}
	}
	stop, named = r.argumentStop(end, limit)
	if !a.Quoted {
		a.End = stop
	}
	return a, stop, named
}

// shortArgument is how far an argument is followed before it is worth knowing where those behind it end, too.
const shortArgument = 64

// argumentStop is where an argument ends, and whether it is one by name.
func (r *Reader) argumentStop(i, limit int) (end int, named bool) {
	if !r.ends.holds(i, limit) {
		near := min(limit, i+shortArgument)
		if end, named = r.followArgument(i, near); end < near || near == limit {
			return end, named
		}
		r.ends.read(r.Text, i)
		*r.work += len(r.ends.at)
	}
	at := r.ends.at[i-r.ends.from]
	end = min(limit, r.ends.from+int(at.argument))
	return end, r.ends.from+int(at.equals) < end
}

// followArgument reads an argument byte by byte.
func (r *Reader) followArgument(i, limit int) (end int, named bool) {
	depth, from := 0, i
	for ; i < limit; i++ {
		switch c := r.Text[i]; {
		case c == '(' || c == '[' || c == '{':
			depth++
		case (c == ')' || c == ']' || c == '}') && depth > 0:
			depth--
		case depth == 0 && (c == ',' || c == ')' || c == ']' || c == '}' || c == ';'):
			*r.work += i - from
			return i, named
		case c == '=' && depth == 0:
			named = true
		}
	}
	*r.work += limit - from
	return limit, named
}
