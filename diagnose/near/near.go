// Package near finds which known names are most like one that somebody typed: another letter or two, two letters
// swapped, one of the words that a name is made of, the service that a container is of.
//
//	gatway  ─►  shop-gateway-1      redsi  ─►  shop-redis-1      helthcheck  ─►  healthcheck-timeout, healthcheck-failure
//
// Contract: pure; what is typed and what is known may be anything, of any length.
package near

import (
	"cmp"
	"slices"
	"strings"
)

// Most is how many names are proposed.
const Most = 5

// Name is something that can be typed, with what else it goes by.
type Name struct {
	Text    string
	Aliases []string // such as its compose service
}

// To returns the known texts most like what was typed, the nearest first.
func To(typed string, known []string) []string {
	list := make([]Name, len(known))
	for i, k := range known {
		list[i].Text = k
	}
	return Named(typed, list)
}

// Named returns the known names most like what was typed, the nearest first; those alike in the order of known. What is
// much farther than the nearest is left out.
func Named(typed string, known []Name) []string {
	type candidate struct {
		text string
		far  int
	}
	var list []candidate
	for _, k := range known {
		if far, ok := distance(typed, k); ok && k.Text != "" {
			list = append(list, candidate{k.Text, far})
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(a.far, b.far) })
	var names []string
	for _, c := range list {
		if len(names) < Most && c.far <= list[0].far+1 && !slices.Contains(names, c.text) {
			names = append(names, c.text)
		}
	}
	return names
}

// longest bounds what is compared letter by letter.
const longest = 200

// distance tells how far a name is from what was typed; false where it is another word altogether.
func distance(typed string, k Name) (far int, ok bool) {
	typed = strings.ToLower(typed)
	if typed == "" || len(typed) > longest {
		return 0, false
	}
	far = longest
	for _, form := range append([]string{k.Text}, k.Aliases...) {
		if form = strings.ToLower(form); form == "" || len(form) > longest {
			continue
		}
		far = min(far, edited(typed, form, 0))
		if len(typed) > 1 && strings.Contains(form, typed) || len(form) > 2 && strings.HasPrefix(typed, form) {
			far = min(far, 1)
		}
		for _, word := range parts(form) {
			far = min(far, edited(typed, word, 1))
			for _, part := range parts(typed) {
				far = min(far, edited(part, word, shared))
			}
		}
	}
	return far, far < longest
}

// shared is how far names are that have no more than one word in common.
const shared = 6

// edited is the number of edits between two words plus a base, where they are few for their length.
func edited(a, b string, base int) int {
	if n := edits(a, b); n == 0 || n <= max(len(a), len(b))/3 {
		return base + n
	}
	return longest
}

// parts are the words of a name that are long enough to tell something.
func parts(name string) []string {
	words := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("-_./:@ ", r) })
	return slices.DeleteFunc(words, func(w string) bool { return len(w) < 3 })
}

// edits counts single-byte changes and swaps of neighbours between two short strings (optimal string alignment).
func edits(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	before, previous, current := rows[0], rows[1], rows[2]
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current[0] = i + 1
		for j := range len(b) {
			change := previous[j]
			if a[i] != b[j] {
				change++
			}
			current[j+1] = min(change, previous[j+1]+1, current[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				current[j+1] = min(current[j+1], before[j-1]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}
