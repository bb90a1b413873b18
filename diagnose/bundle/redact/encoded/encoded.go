// Package encoded reads text that a log holds in base64 or in hexadecimal digits.
//
//	cGFzc3dvcmQ9aHVudGVyMg==                          password=hunter2
//	6D7973716C002D7068756E74657232                    mysql -phunter2
package encoded

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
)

// Least is how many characters a word must have to be read.
const Least = 24

// Text is the text that a word encodes; nil = it encodes none.
func Text(word []byte) []byte {
	if len(word) < Least {
		return nil
	}
	if plain := make([]byte, len(word)/2); len(word)%2 == 0 && ascii.IsHexDigit(word[0]) {
		if _, err := hex.Decode(plain, word); err == nil {
			return printable(bytes.ReplaceAll(plain, []byte{0}, []byte(" ")))
		}
	}
	alphabet := base64.RawStdEncoding
	if bytes.ContainsAny(word, "-_") {
		alphabet = base64.RawURLEncoding
	}
	word = bytes.TrimRight(word, "=")
	var begin [12]byte
	if _, err := alphabet.Decode(begin[:], word[:16]); err != nil || printable(begin[:]) == nil { // nearly all end here
		return nil
	}
	plain := make([]byte, alphabet.DecodedLen(len(word)))
	n, err := alphabet.Decode(plain, word)
	if err != nil && n < len(plain)-4 {
		return nil
	}
	return printable(plain[:n])
}

// printable returns a text that has no control characters but white space; nil = it has others.
func printable(text []byte) []byte {
	if len(text) == 0 || !utf8.Valid(text) {
		return nil
	}
	for _, c := range text {
		if c < 0x20 && !ascii.IsSpace(c) || c == 0 || c == 0x7f {
			return nil
		}
	}
	return text
}
