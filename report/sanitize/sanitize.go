// Package sanitize makes the texts of strangers (logs, names, the kernel's lines) safe to show: nothing that a
// terminal would act upon instead of print, nothing that a CI runner obeys when it stands in the log of a job.
//
//	Clean("\x1b[2Jready\n", 0)              \x1b[2Jready\n, each as visible characters
//	Prose.Write(w, "##[error]x")             # #[error]x
//	JSON.Write(w, `{"a": "##[error]x"}`)     {"a": "\u0023#[error]x"}, which means the same
//
// What it promises: what is harmless stays as it is; nothing is dropped that was there, only shown otherwise or cut
// with the number of bytes that are left out; markup is another matter, and who writes HTML or Markdown escapes that.
package sanitize

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks may follow each other. Real scripts need
// two or three; a stack of hundreds paints over the lines above.
const maxMarks = 3

// Clean makes a stranger's text safe to show on one line of a terminal: at most
// limit runes (0 = no limit), and what a terminal would act upon instead of print
// becomes a visible escape.
//
//	ESC, BEL, NUL, DEL and other C0   \x1b
//	newline, carriage return, tab     \n \r and a space
//	C1 controls, bidi overrides, zero-width and other format characters   \u202e
//	bytes that are no UTF-8           \xff
//
// C1 controls are escaped too because xterm obeys U+009B like ESC [.
func Clean(s string, limit int) string {
	var out strings.Builder
	out.Grow(min(len(s), 4*max(limit, 64)))
	runes, marks := 0, 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if limit > 0 && runes >= limit {
			fmt.Fprintf(&out, "... (%d bytes more)", len(s)-i)
			break
		}
		if unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		out.WriteString(visible(r, s[i:i+size], marks > maxMarks))
		runes++
		i += size
	}
	return out.String()
}

// visible is how one rune is shown; raw are its bytes.
func visible(r rune, raw string, tooMany bool) string {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		return fmt.Sprintf(`\x%02x`, raw[0])
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t', unicode.Is(unicode.Zs, r): // no-break and wide spaces hide in names
		return " "
	case r < ' ', r == 0x7f:
		return fmt.Sprintf(`\x%02x`, r)
	case tooMany, !unicode.IsPrint(r), blank(r):
		return escaped(r)
	}
	return raw
}

// blank tells whether a rune counts as printable and shows nothing.
func blank(r rune) bool {
	switch r {
	case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xffa0, 0x2800: // fillers, grapheme joiner, empty Braille
		return true
	}
	return unicode.Is(unicode.Variation_Selector, r)
}

func escaped(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}
