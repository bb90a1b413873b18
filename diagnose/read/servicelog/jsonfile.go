package servicelog

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	jsonFileStart  = []byte(`{"log":"`)
	jsonFileStream = []byte(`"stream":"`)
	jsonFileTime   = []byte(`"time":"`)
)

// jsonFile reads a line of Docker's json-file driver. A text that no \n ends is a part: the engine cuts lines at 16 KiB,
// and a program may die in the middle of one (moby daemon/logger/jsonfilelog):
//
//	{"log":"INFO:     Started server process [1]\n","stream":"stderr","time":"2026-11-23T19:14:00.123456789Z"}
func (t *textual) jsonFile(line []byte) (rec record, part, ok bool) {
	if !bytes.HasPrefix(line, jsonFileStart) {
		return rec, false, false
	}
	end := stringEnd(line, len(jsonFileStart)-1)
	if end < 0 {
		return rec, false, false
	}
	stamp, dated := member(line[end:], jsonFileTime)
	name, named := member(line[end:], jsonFileStream)
	if !dated || !named {
		return rec, false, false // an application that calls its own text "log"
	}
	rec.stream, ok = streamOf(name)
	rec.at, rec.timed = t.clock.parse(stamp)
	t.plain = unescape(t.plain[:0], line[len(jsonFileStart):end-1])
	text, whole := bytes.CutSuffix(t.plain, []byte("\n"))
	rec.text = bytes.TrimRight(text, "\r")
	return rec, !whole, ok && rec.timed
}

// member returns the string behind a key and its opening quote.
func member(b, key []byte) ([]byte, bool) {
	i := bytes.Index(b, key)
	if i < 0 {
		return nil, false
	}
	b = b[i+len(key):]
	end := bytes.IndexByte(b, '"')
	if end < 0 {
		return nil, false
	}
	return b[:end], true
}

// unescape appends what a JSON string stands for. What is no escape is kept as it is.
func unescape(out, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, '\\')
		if i < 0 || i+1 >= len(b) {
			return append(out, b...)
		}
		out = append(out, b[:i]...)
		var n int
		out, n = unescapeOne(out, b[i:])
		b = b[i+n:]
	}
}

// unescapeOne appends the character of the escape that b begins with and returns how long that is.
func unescapeOne(out, b []byte) ([]byte, int) {
	switch b[1] {
	case 'n':
		return append(out, '\n'), 2
	case 't':
		return append(out, '\t'), 2
	case 'r':
		return append(out, '\r'), 2
	case 'b', 'f':
		return append(out, ' '), 2
	case 'u':
		r, ok := hex4(b[2:])
		if !ok {
			return append(out, b[0]), 1
		}
		if utf16.IsSurrogate(r) && len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
			if low, ok := hex4(b[8:]); ok {
				return utf8.AppendRune(out, utf16.DecodeRune(r, low)), 12
			}
		}
		return utf8.AppendRune(out, r), 6
	}
	return append(out, b[1]), 2
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		r <<= 4
		switch {
		case isDigit(c):
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
