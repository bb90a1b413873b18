// Package lex has what a line of a log is read by: digits, letters, words, whole numbers. Bytes in, no allocation.
//
//	Nov 23 09:06:15 host gateway[812]: Worker (pid:7) was sent SIGKILL!
//
// WordEnd is 3 there, Number of "23" is 23, and '[' is the first byte of "gateway[812]" that [IsWord] refuses.
package lex

import (
	"bytes"
	"unicode/utf8"
)

// maxWord bounds a word.
const maxWord = 512

// IsDigit tells whether c is one of 0 to 9.
func IsDigit(c byte) bool { return c >= '0' && c <= '9' }

// IsLetter tells whether c is an ASCII letter.
func IsLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// IsWord tells whether c is part of a name: a letter, a digit, an underscore.
func IsWord(c byte) bool { return c == '_' || IsLetter(c) || IsDigit(c) }

// Letters tells whether a word has only letters of any language, and the point of an abbreviation.
func Letters(word []byte) bool {
	for _, c := range word {
		if !IsLetter(c) && c < utf8.RuneSelf && c != '.' && c != ',' {
			return false
		}
	}
	return len(word) > 0 && word[0] != '.' && word[0] != ','
}

// WordEnd is where the first word of b ends: at a blank, or at its end.
func WordEnd(b []byte) int {
	end := bytes.IndexByte(b[:min(len(b), maxWord)], ' ')
	if end < 0 {
		return len(b)
	}
	return end
}

// Blanks is how many blanks and tabs b begins with.
func Blanks(b []byte) int {
	n := 0
	for n < len(b) && (b[n] == ' ' || b[n] == '\t') {
		n++
	}
	return n
}

// QuoteEnd returns the index after the quote that closes b[0], -1 where none does.
func QuoteEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case b[0]:
			return i + 1
		}
	}
	return -1
}

// Number reads a whole decimal number of at most nine digits.
func Number[T []byte | string](b T) (int, bool) {
	if len(b) == 0 || len(b) > 9 {
		return 0, false
	}
	n := 0
	for i := range len(b) {
		if !IsDigit(b[i]) {
			return 0, false
		}
		n = n*10 + int(b[i]-'0')
	}
	return n, true
}
