// Package jsontext reads and writes the string literals of a valid JSON document, byte for byte: what encoding/json
// would decode and encode comes back changed (other escapes, no bytes that are no UTF-8).
//
//	Unquoted([]byte(`"p\u0061ss"`))      pass
//	AppendQuoted(nil, []byte("a\"b\n"))  "a\"b\n"
package jsontext

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// StringEnd returns the end of the string literal that begins at i, behind its
// closing quote.
func StringEnd(data []byte, i int) int {
	for i++; data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// Unquoted returns a literal's text. Bytes that are no UTF-8 stay as they are.
func Unquoted(literal []byte) []byte {
	body := literal[1 : len(literal)-1]
	if bytes.IndexByte(body, '\\') < 0 {
		return body
	}
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			out = append(out, body[i])
			continue
		}
		i++
		if body[i] == 'u' {
			r := hexRune(body[i+1 : i+5])
			i += 4
			if utf16.IsSurrogate(r) && i+6 < len(body) && body[i+1] == '\\' && body[i+2] == 'u' {
				if pair := utf16.DecodeRune(r, hexRune(body[i+3:i+7])); pair != utf8.RuneError {
					r = pair
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
			continue
		}
		if at := strings.IndexByte(`bfnrt`, body[i]); at >= 0 {
			out = append(out, "\b\f\n\r\t"[at])
		} else {
			out = append(out, body[i])
		}
	}
	return out
}

func hexRune(digits []byte) rune {
	n, _ := strconv.ParseUint(string(digits), 16, 32) // json.Valid has seen four hex digits
	return rune(n)
}

// AppendQuoted writes a string literal, escaping only what JSON demands.
func AppendQuoted(out, value []byte) []byte {
	out = append(out, '"')
	for _, c := range value {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, '\\', 'n')
		case c < 0x20:
			out = append(out, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
