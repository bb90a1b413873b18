// Package ascii holds what the readers of secrets ask of single bytes and short words: classes of bytes, letters
// without their case, and sets of words. Nothing in it allocates but what makes a set.
//
//	Among(Words("password passwd"), []byte("PassWd")) == true
package ascii

import (
	"bytes"
	"strings"
)

// IsNumber tells a word of nothing but digits.
func IsNumber(word []byte) bool {
	for _, c := range word {
		if !IsDigit(c) {
			return false
		}
	}
	return true
}

// HexDigit is the value of a hexadecimal digit; -1 = c is none.
func HexDigit(c byte) int {
	switch {
	case IsDigit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// IsKeyByte tells what the names of settings are made of.
func IsKeyByte(c byte) bool { return IsAlnum(c) || c == '_' || c == '-' || c == '.' }

// Words makes a set of a list with blanks between, for [Among].
func Words(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		if len(w) > longestWord {
			panic("ascii: Among cannot find " + w)
		}
		set[w] = true
	}
	return set
}

// longestWord bounds the words of sets.
const longestWord = 32

// Among tells whether a word, in any case, is one of a set. It allocates nothing: that is asked of each name.
func Among(set map[string]bool, word []byte) bool {
	var lower [longestWord]byte
	if len(word) > len(lower) {
		return false
	}
	for i, c := range word {
		lower[i] = LowerByte(c)
	}
	return set[string(lower[:len(word)])]
}

// HasFold tells whether a text begins with the lower one, in any case.
func HasFold(text []byte, lower string) bool {
	if len(text) < len(lower) {
		return false
	}
	for i := range len(lower) {
		if LowerByte(text[i]) != lower[i] {
			return false
		}
	}
	return true
}

// IsFold tells whether a text is the lower one in any case.
func IsFold(text []byte, lower string) bool { return len(text) == len(lower) && HasFold(text, lower) }

// LowerByte and Lowered fold the case of letters of ASCII and of no others.
func LowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func Lowered(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = LowerByte(b[i])
	}
	return string(b)
}

// OneOf tells whether c is one of the characters of set.
func OneOf(c byte, set string) bool { return strings.IndexByte(set, c) >= 0 }

// Holds tells whether s stands somewhere in text.
func Holds(text []byte, s string) bool { return bytes.Contains(text, []byte(s)) }

// Classes of bytes, as names, values and separators are made of them.

func IsLower(c byte) bool { return c >= 'a' && c <= 'z' }

func IsUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func IsDigit(c byte) bool { return c >= '0' && c <= '9' }

func IsAlnum(c byte) bool { return IsLower(c) || IsUpper(c) || IsDigit(c) }

func IsSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == 0
}

func IsBlank(c byte) bool { return c == ' ' || c == '\t' }

func IsQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// Alphabets of tokens, keys, paths and hashes.

func IsBase62(c byte) bool { return IsAlnum(c) }

func IsWordish(c byte) bool { return IsAlnum(c) || c == '_' || c == '-' }

func IsTokenish(c byte) bool { return IsAlnum(c) || c == '_' || c == '-' || c == '.' }

func IsUpperNum(c byte) bool { return IsUpper(c) || IsDigit(c) }

func IsBase64(c byte) bool {
	return IsAlnum(c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '_'
}

func IsPath(c byte) bool { return IsBase64(c) || c == '.' || c == '@' || c == '%' || c == ':' }

// IsHash is the alphabet of crypt(3) and of its relatives.
func IsHash(c byte) bool { return IsBase64(c) || c == '.' || c == '$' || c == ',' || c == ':' }

func IsHexDigit(c byte) bool { return HexDigit(c) >= 0 }

func IsBot(c byte) bool { return IsWordish(c) || c == ':' }
