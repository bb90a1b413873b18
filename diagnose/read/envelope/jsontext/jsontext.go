// Package jsontext finds its way in JSON as it is written: where a string, a value, a member ends, and what the inside
// of a string stands for. Nothing is decoded that is not asked for, and nothing is allocated on the way.
//
//	{"log":"Worker (pid:7) was sent SIGKILL!\n","stream":"stderr"}
//
// [EachMember] gives the keys log and stream there, with their values as they are written; [StringEnd] of what begins
// with the first quote is 5; [AppendString] makes a line end of the \n.
//
// What it promises: text that is no JSON is told as such and never panics, and the time that it takes is linear.
package jsontext

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

// EachMember gives the keys, without their quotes, and the values, as they are written, of the JSON object at the
// start of b, until take returns false, and returns where the object ends; zero where it does not, or is no object.
// Nothing is decoded and nothing but the object's own members is looked at.
func EachMember(b []byte, take func(key, value []byte) bool) (end int) {
	if len(b) < 2 || b[0] != '{' {
		return 0
	}
	i := skipSpace(b, 1)
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	for i < len(b) && b[i] == '"' {
		size := StringEnd(b[i:])
		if size < 0 {
			return 0
		}
		key := b[i+1 : i+size-1]
		if i = skipSpace(b, i+size); i >= len(b) || b[i] != ':' {
			return 0
		}
		i = skipSpace(b, i+1)
		end := valueEnd(b, i)
		if end <= i {
			return 0
		}
		if !take(key, b[i:end]) {
			return 0
		}
		switch i = skipSpace(b, end); {
		case i < len(b) && b[i] == ',':
			i = skipSpace(b, i+1)
		case i < len(b) && b[i] == '}':
			return i + 1
		default:
			return 0
		}
	}
	return 0
}

// EachElement gives the elements of the array at the start of b, as they are written.
func EachElement(b []byte, take func(element []byte)) {
	i := skipSpace(b, 1)
	for i < len(b) && b[i] != ']' {
		end := valueEnd(b, i)
		if end <= i {
			return
		}
		take(b[i:end])
		if i = skipSpace(b, end); i < len(b) && b[i] == ',' {
			i = skipSpace(b, i+1)
		}
	}
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}

// StringEnd returns the index after the closing quote of the JSON string at b[0], -1 where it has none.
func StringEnd(b []byte) int {
	for i := 1; ; i++ {
		quote := bytes.IndexByte(b[min(i, len(b)):], '"')
		if quote < 0 {
			return -1
		}
		i += quote
		slash := i
		for slash > 1 && b[slash-1] == '\\' {
			slash--
		}
		if (i-slash)%2 == 0 {
			return i + 1
		}
	}
}

// valueEnd returns the index after the JSON value at i.
func valueEnd(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	if b[i] == '"' {
		end := StringEnd(b[i:])
		if end < 0 {
			return -1
		}
		return i + end
	}
	for depth := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			end := StringEnd(b[i:])
			if end < 0 {
				return -1
			}
			i += end - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\n', '\r', '\t':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// AppendString appends what the inside of a JSON string stands for. What is no escape is kept as it is.
func AppendString(to, inside []byte) []byte {
	for {
		i := bytes.IndexByte(inside, '\\')
		if i < 0 || i+1 >= len(inside) {
			return append(to, inside...)
		}
		to = append(to, inside[:i]...)
		var n int
		to, n = unescapeOne(to, inside[i:])
		inside = inside[i+n:]
	}
}

// unescapeOne appends the character of the escape that b begins with and returns how long that is.
func unescapeOne(to, b []byte) ([]byte, int) {
	switch b[1] {
	case 'n':
		return append(to, '\n'), 2
	case 't':
		return append(to, '\t'), 2
	case 'r':
		return append(to, '\r'), 2
	case 'b', 'f':
		return append(to, ' '), 2
	case '"', '\\', '/', '\'':
		return append(to, b[1]), 2
	case 'u':
		r, ok := hex4(b[2:])
		if !ok {
			return append(to, b[0]), 1
		}
		if utf16.IsSurrogate(r) && len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
			if low, ok := hex4(b[8:]); ok {
				return utf8.AppendRune(to, utf16.DecodeRune(r, low)), 12
			}
		}
		return utf8.AppendRune(to, r), 6
	}
	return append(to, b[0]), 1
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		r <<= 4
		switch {
		case lex.IsDigit(c):
			r |= rune(c - '0')
		case c >= 'a' && c <= 'f':
			r |= rune(c - 'a' + 10)
		case c >= 'A' && c <= 'F':
			r |= rune(c - 'A' + 10)
		default:
			return 0, false
		}
	}
	return r, true
}

// AppendEscaped appends a text as it stands in a JSON string. Bytes that are no UTF-8 stay.
func AppendEscaped(to, text []byte) []byte {
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			to = append(to, '\\', c)
		case c == '\n':
			to = append(to, '\\', 'n')
		case c < ' ':
			to = append(to, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			to = append(to, c)
		}
	}
	return to
}
