package excerpt

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestOf(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                              "plain",
		"ends with blanks  ":                 "ends with blanks",
		"\x1b[31mcannot\tread\x1b[0m\r\n":    "[31mcannot read[0m",
		"two\nlines\u2028and a third":        "two lines and a third",
		"turned \u202eround, and \u200bgone": "turned round, and gone",
		"no text \xff\xfe":                   "no text \ufffd\ufffd",
		"Größe":                              "Größe",
		"":                                   "",
	} {
		if got := Of(text, MaxLine); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if got := Of([]byte(text), MaxLine); got != want {
			t.Errorf("%q as bytes: %q, want %q", text, got, want)
		}
	}
}

// TestOfIsBounded: whole characters, and no more bytes than are allowed.
func TestOfIsBounded(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", 99), strings.Repeat("ß", 99), strings.Repeat("\x00", 99) + "end"} {
		for limit := range 12 {
			if got := Of(text, limit); len(got) > limit || !utf8.ValidString(got) {
				t.Errorf("%.8q in %d bytes: %q", text, limit, got)
			}
		}
	}
}
