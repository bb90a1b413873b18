package search

import (
	"slices"
	"strings"
	"testing"
)

// TestNext finds each text in any case and at any place, and passes over what holds none.
func TestNext(t *testing.T) {
	texts := []string{"pass", "://", "token"}
	x := New(texts, func(s string) string { return s })
	for _, text := range texts {
		for before := range 20 {
			for _, said := range []string{text, strings.ToUpper(text)} {
				line := []byte(strings.Repeat(".", before) + said)
				i := x.Next(line, 0, len(line))
				if i != before || !slices.Contains(x.At(line[i:]), text) {
					t.Errorf("found %q at %d in %q", text, i, line)
				}
			}
		}
	}
	for _, line := range []string{"", "pa", "nothing of that kind is here at all", "to"} {
		if i := x.Next([]byte(line), 0, len(line)); i < len(line) {
			t.Errorf("found something at %d in %q", i, line)
		}
	}
}
