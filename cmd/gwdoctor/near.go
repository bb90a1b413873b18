package main

import (
	"slices"
	"strings"
)

const maxNear = 5

// didYouMean is the hint for an unknown name; none where nothing is like it.
func didYouMean(name string, known []string) []string {
	near := nearest(name, known)
	if len(near) == 0 {
		return nil
	}
	return []string{"did you mean " + strings.Join(near, ", ") + "?"}
}

// nearest returns the known names most like a name: those that share a word with
// it or are few edits away, in the order of known.
func nearest(name string, known []string) []string {
	var near []string
	for _, k := range known {
		if len(near) < maxNear && alike(strings.ToLower(name), strings.ToLower(k)) {
			near = append(near, k)
		}
	}
	return near
}

func alike(a, b string) bool {
	if a == "" || len(a) > 200 {
		return false
	}
	if strings.Contains(b, a) || edits(a, b) <= max(len(a), len(b))/3 {
		return true
	}
	words := strings.Split(b, "-")
	return slices.ContainsFunc(strings.Split(a, "-"), func(word string) bool {
		return len(word) > 2 && slices.Contains(words, word)
	})
}

// edits counts the single-byte changes between two short strings.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
