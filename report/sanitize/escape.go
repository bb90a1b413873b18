package sanitize

import (
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// printable escapes what a terminal would obey rather than show: JSON is often looked at in one. The encoder has
// already escaped what is below U+0020, and above U+007E only strings have characters.
func printable(doc []byte) []byte {
	if isASCII(doc) {
		return doc
	}
	out := make([]byte, 0, len(doc))
	for len(doc) > 0 {
		r, size := utf8.DecodeRune(doc)
		switch {
		case r < 0x7f, unicode.IsPrint(r), r == utf8.RuneError:
			out = append(out, doc[:size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		doc = doc[size:]
	}
	return out
}

// isASCII tells whether a document is of printable ASCII and newlines alone, as
// nearly all are.
func isASCII(doc []byte) bool {
	for _, c := range doc {
		if c >= 0x7f {
			return false
		}
	}
	return true
}
