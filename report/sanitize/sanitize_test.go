package sanitize

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for name, test := range map[string]struct {
		in    string
		limit int
		want  string
	}{
		"plain":              {"gateway-1 läuft, 日本", 0, "gateway-1 läuft, 日本"},
		"escape sequences":   {"\x1b[2J\x1b]0;t\a", 0, `\x1b[2J\x1b]0;t\x07`},
		"C1 as UTF-8":        {"\u009b31m\u0085", 0, `\u009b31m\u0085`},
		"C1 as bytes":        {"\x9b31m", 0, `\x9b31m`},
		"NUL and DEL":        {"a\x00b\x7f", 0, `a\x00b\x7f`},
		"newlines":           {"a\r\nb\u2028c", 0, `a\r\nb\u2028c`},
		"tab and odd spaces": {"a\tb\u00a0c\u3000d", 0, "a b c d"},
		"bidi":               {"\u202eexe\u2066\u200f", 0, `\u202eexe\u2066\u200f`},
		"zero width":         {"a\u200bb\ufeffc\u00ad", 0, `a\u200bb\ufeffc\u00ad`},
		"fillers":            {"\u3164\u2800", 0, `\u3164\u2800`},
		"tags beyond 16 bit": {"\U000e0041", 0, `\U000e0041`},
		"broken UTF-8":       {"a\xff\xc3", 0, `a\xff\xc3`},
		"accents stay":       {"e\u0301", 0, "e\u0301"},
		"a stack of marks":   {"e\u0301\u0301\u0301\u0301", 0, "e\u0301\u0301\u0301\\u0301"},
		"cap":                {"abcdef", 4, "abcd... (2 bytes more)"},
		"at the cap":         {"abcd", 4, "abcd"},
	} {
		if got := Clean(test.in, test.limit); got != test.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", name, test.in, got, test.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"plain", "\x1b[31m", "\u202e\u009b\xff\n", strings.Repeat("e\u0301", 50)} {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = max(0, min(limit, 1000))
		got := Clean(s, limit)
		if !utf8.ValidString(got) {
			t.Errorf("Clean(%q) is no UTF-8: %q", s, got)
		}
		for _, r := range got {
			if r != ' ' && !unicode.IsPrint(r) {
				t.Errorf("Clean(%q) keeps %U", s, r)
			}
		}
		if again := Clean(got, 0); again != got {
			t.Errorf("Clean is not stable: %q, then %q", got, again)
		}
		if limit > 0 && utf8.RuneCountInString(got) > 10*limit+40 {
			t.Errorf("Clean(%q, %d) is %d runes long", s, limit, utf8.RuneCountInString(got))
		}
	})
}
