// Package excerpt makes a short, harmless text of what a stranger printed:
//
//	"\x1b[31mcannot\tread\x1b[0m\r\n" => "[31mcannot read[0m"
//
// Contract: one line of valid UTF-8, of at most as many bytes as were allowed, without control characters and without
// what turns the writing direction. Nothing else of a log leaves the readers.
package excerpt

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// How many bytes of a text are kept, by what it is.
const (
	MaxLine    = 400
	MaxMessage = 1024 // of an exception
	MaxName    = 256
)

// plain tells whether b is printable ASCII, as nearly every line is.
func plain[T []byte | string](b T) bool {
	for i := range len(b) {
		if b[i] < ' ' || b[i] > '~' {
			return false
		}
	}
	return true
}

// Line is an excerpt of a line.
func Line[T []byte | string](text T) string { return Of(text, MaxLine) }

// Name is one of a name.
func Name[T []byte | string](text T) string { return Of(text, MaxName) }

// Message is one of an exception's message.
func Message[T []byte | string](text T) string { return Of(text, MaxMessage) }

// Of returns text as one line of at most limit bytes that is safe to show: valid UTF-8, no control characters,
// nothing that turns the writing direction. White space becomes a blank.
func Of[T []byte | string](text T, limit int) string {
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
