package servicelog

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxExcerpt = 400 // bytes of a text that leaves the package

// clean removes terminal escapes and NUL bytes, in place: colours break "INFO:" in two (docs/notes/PYTHON.md#4.6), and
// json-file keeps both as they came (docs/notes/DOCKER.md#a4).
func clean(b []byte) []byte {
	if bytes.IndexByte(b, 0) >= 0 {
		b = dropByte(b, 0)
	}
	if i := bytes.IndexByte(b, esc); i >= 0 {
		b = dropEscapes(b, i)
	}
	return bytes.TrimRight(b, "\r")
}

func dropByte(b []byte, c byte) []byte {
	out := b[:0]
	for _, x := range b {
		if x != c {
			out = append(out, x)
		}
	}
	return out
}

const esc = 0x1b

func dropEscapes(b []byte, from int) []byte {
	out := b[:from]
	for i := from; i < len(b); {
		if b[i] != esc {
			out = append(out, b[i])
			i++
			continue
		}
		i += escapeLen(b[i:])
	}
	return out
}

// escapeLen returns the length of the escape sequence that b begins with (ECMA-48 5.4, 5.6): CSI, OSC, or ESC with
// intermediates and a final byte. What is unfinished loses its introducer only, so that no text is swallowed.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 1
	}
	switch b[1] {
	case '[':
		for i := 2; i < len(b); i++ {
			if b[i] >= 0x40 && b[i] <= 0x7e {
				return i + 1
			}
			if b[i] < 0x20 || b[i] > 0x3f {
				break
			}
		}
		return 2
	case ']':
		return oscLen(b)
	}
	i := 1
	for i < len(b) && b[i] >= 0x20 && b[i] <= 0x2f {
		i++
	}
	if i < len(b) && b[i] >= 0x30 && b[i] <= 0x7e {
		return i + 1
	}
	return 1
}

// oscLen returns the length of the OSC sequence at the start of b, up to BEL or ST. No ESC but that of ST may stand in
// it: looking past one would make a line of introducers quadratic.
func oscLen(b []byte) int {
	for i := 2; i < min(len(b), 4096); i++ {
		switch {
		case b[i] == 0x07:
			return i + 1
		case b[i] == esc && i+1 < len(b) && b[i+1] == '\\':
			return i + 2
		case b[i] == esc:
			return 2
		}
	}
	return 2
}

// plain tells whether b is printable ASCII, as nearly every line is.
func plain[T []byte | string](b T) bool {
	for i := range len(b) {
		if b[i] < ' ' || b[i] > '~' {
			return false
		}
	}
	return true
}

// sanitise returns b as one line of at most limit bytes that is safe to show: valid UTF-8, no control characters,
// nothing that turns the writing direction. White space becomes a blank.
func sanitise[T []byte | string](text T, limit int) string {
	b := text
	if len(b) > 4*limit {
		b = b[:4*limit] // more never fits, even if most of it is dropped
	}
	if cut := b[:min(len(b), limit)]; plain(cut) {
		return strings.TrimRight(string(cut), " ")
	}
	var out strings.Builder
	for _, r := range string(b) {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			r = ' '
		case unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r):
			continue
		}
		if out.Len()+utf8.RuneLen(r) > limit {
			break
		}
		out.WriteRune(r)
	}
	return strings.TrimRight(out.String(), " ")
}
