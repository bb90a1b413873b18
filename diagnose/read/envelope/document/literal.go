package document

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

// literals turns a log that was pasted as one string of a program's text, or as a list of such strings, into its lines:
//
//	b'[  123.456789] node invoked oom-killer: …\n[  123.456790] Memory cgroup out of memory: …\n'
//	["[2026-11-23 09:06:15 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:7)\n", "…"]
//
// JSON's arrays are documents; what is left are strings alone, and lists as Python prints them.
type literals struct {
	quote   byte   // of the string that is open; zero between strings
	escape  []byte // the beginning of one
	line    bool   // the last line given out has no end yet
	outside bool   // in text that is no string
}

// isLiteral tells whether a head is a string that holds several lines, or a list of strings.
func isLiteral(head []byte) bool {
	b := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("[")), " \n")
	if len(b) > 2 && bytes.IndexByte([]byte("bruf$"), b[0]) >= 0 {
		b = b[1:]
	}
	if len(b) < 3 || b[0] != '\'' && (b[0] != '"' || head[0] == '[') {
		return false
	}
	end := lex.QuoteEnd(b)
	if end < 0 {
		end = len(b)
	}
	inside := b[:end]
	if bytes.IndexByte(inside, '\n') >= 0 {
		return false
	}
	rest := bytes.TrimLeft(b[end:], " ,]\r")
	list := head[0] == '[' && len(rest) > 1 && (rest[0] == b[0] || rest[0] == 'b' && rest[1] == b[0])
	if !list && !bytes.Contains(inside, []byte(`\n`)) || len(head) < HeadSize && b[end-1] != b[0] {
		return false
	}
	return len(rest) == 0 || rest[0] == '\n' || rest[0] == b[0] || rest[0] == 'b'
}

func (q *literals) Feed(out, in []byte) []byte {
	for _, c := range in {
		switch {
		case q.outside:
			out = append(out, c)
			q.outside = c != '\n'
		case q.quote == 0:
			out = q.between(out, c)
		case len(q.escape) > 0:
			out = q.escaped(out, c)
		case c == '\\':
			q.escape = append(q.escape, c)
		case c == q.quote:
			q.quote = 0
			out = q.endLine(out)
		default:
			out = append(out, c)
			q.line = c != '\n'
		}
	}
	return out
}

// between handles what stands between strings.
func (q *literals) between(out []byte, c byte) []byte {
	switch {
	case c == '\'' || c == '"':
		q.quote = c
	case bytes.IndexByte([]byte(" \t\r\n,;[]()bruf$"), c) < 0:
		q.outside = true
		out = append(out, c)
	}
	return out
}

// escaped goes on with an escape, and gives out what it stands for once it is whole.
func (q *literals) escaped(out []byte, c byte) []byte {
	q.escape = append(q.escape, c)
	if kind := q.escape[1]; kind == 'u' && len(q.escape) < len(`\u00e9`) || kind == 'x' && len(q.escape) < len(`\xe9`) {
		return out
	}
	n := len(out)
	if v, ok := hexByte(q.escape); ok {
		out = append(out, v)
	} else {
		out = jsontext.AppendString(out, q.escape)
	}
	q.escape = q.escape[:0]
	q.line = len(out) == n || out[len(out)-1] != '\n'
	return out
}

// hexByte reads "\xe9".
func hexByte(b []byte) (v byte, ok bool) {
	if len(b) != len(`\xe9`) || b[1] != 'x' {
		return 0, false
	}
	for _, c := range b[2:] {
		switch {
		case lex.IsDigit(c):
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		v = v<<4 | c
	}
	return v, true
}

func (q *literals) endLine(out []byte) []byte {
	if q.line {
		q.line = false
		out = append(out, '\n')
	}
	return out
}

func (q *literals) End(out []byte) []byte {
	out = append(out, q.escape...)
	q.escape = nil
	return q.endLine(out)
}
