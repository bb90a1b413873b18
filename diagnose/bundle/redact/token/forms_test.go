package token

import (
	"slices"
	"strings"
	"testing"
)

// body is as many bytes of a form's own alphabet as it needs, with a digit among them where the alphabet has one.
func body(f Form) string {
	text := ""
	for _, c := range []byte(strings.Repeat("C1N2R3Y4a5b6c7d8", 12)) {
		if f.Set(c) && len(text) < f.Least {
			text += string(c)
		}
	}
	return text
}

// TestLength: a token is its prefix and enough of its alphabet; one byte less, another case of the prefix and the bare
// prefix are none.
func TestLength(t *testing.T) {
	for _, f := range slices.Concat(Forms, Hashes, Hooks) {
		whole := f.Prefix + body(f)
		if n := f.Length([]byte(whole + " and more")); n != len(whole) {
			t.Errorf("%s: %q has %d bytes, want %d", f.Service, whole, n, len(whole))
		}
		other := strings.ToUpper(f.Prefix)
		if other == f.Prefix {
			other = strings.ToLower(f.Prefix)
		}
		for _, text := range []string{"", f.Prefix, whole[:len(whole)-1], whole[:len(whole)-1] + " ", whole[1:]} {
			if n := f.Length([]byte(text)); n != 0 {
				t.Errorf("%s: %q has %d bytes, want none", f.Service, text, n)
			}
		}
		if other != f.Prefix && f.Length([]byte(other+body(f))) != 0 {
			t.Errorf("%s: %q is in another case", f.Service, other+body(f))
		}
	}
}

// TestNamesAreNoTokens: of letters alone no token is made, however long: it is a name.
func TestNamesAreNoTokens(t *testing.T) {
	for _, f := range slices.Concat(Forms, Hooks) {
		name := f.Prefix + strings.Repeat("abcdef", 40)
		if n := f.Length([]byte(name)); n != 0 && !strings.ContainsAny(f.Prefix, "0123456789") {
			t.Errorf("%s: %q has %d bytes, want none", f.Service, name, n)
		}
	}
}

// TestPrefixesAreApart: no prefix stands twice, and schemes are in lower case, as they are looked for.
func TestPrefixesAreApart(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range slices.Concat(Forms, Hashes, Hooks) {
		if seen[f.Prefix] {
			t.Errorf("%q stands twice", f.Prefix)
		}
		seen[f.Prefix] = true
		if len(f.Prefix) < 3 {
			t.Errorf("%q is too short to be looked for", f.Prefix)
		}
	}
	for _, s := range StorageSchemes {
		if s != strings.ToLower(s) || s[0] != '{' || s[len(s)-1] != '}' {
			t.Errorf("%q is no scheme in lower case", s)
		}
	}
}
