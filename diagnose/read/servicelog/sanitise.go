package servicelog

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxExcerpt = 400 // bytes of a text that leaves the package

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
