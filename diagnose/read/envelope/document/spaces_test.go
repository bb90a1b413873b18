package document

import "testing"

// TestSpacesOfPages: whatever the pieces are cut at, the white space of a page becomes that of a log, and every other
// character stays.
func TestSpacesOfPages(t *testing.T) {
	in := "a\u00a0b\u202fc\u200bd\ufeff é … – ü\u2007z\u00a0"
	want := "a b cd é … – ü z "
	for size := 1; size <= len(in); size++ {
		var s spaces
		var out []byte
		for rest := in; rest != ""; {
			n := min(size, len(rest))
			out, rest = s.Feed(out, []byte(rest[:n])), rest[n:]
		}
		if got := string(s.End(out)); got != want {
			t.Errorf("in pieces of %d: %q", size, got)
		}
	}
	if s := (&spaces{}); string(s.End(s.Feed(nil, []byte("cut \xe2\x80")))) != "cut \xe2\x80" {
		t.Error("a cut character is lost")
	}
}
