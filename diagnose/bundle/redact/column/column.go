// Package column tells where what stands in a column of one line stands in another: in tables that are aligned by
// blanks, and in pictures that are drawn below a line of source.
//
//	Username     Password            login(user, password)
//	--------     --------                  │     └ 'hunter2'
//	bob          hunter2                   └ 'bob'
package column

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
)

// RunBelow is the run of dashes of a ruler that lies below the columns from left to right; none where the line is no
// ruler of several runs.
func RunBelow(ruler []byte, left, right int) (from, to int) {
	runs := 0
	for i := 0; i < len(ruler); i++ {
		if ruler[i] == ' ' {
			continue
		}
		begin := i
		for i < len(ruler) && (ruler[i] == '-' || ruler[i] == '=') {
			i++
		}
		if i == begin || i < len(ruler) && ruler[i] != ' ' {
			return 0, 0
		}
		if runs++; begin < right && i > left {
			from, to = begin, i
		}
	}
	if runs < 2 {
		return 0, 0
	}
	return from, to
}

// NextRun is where the next cell of a row begins behind position i.
func NextRun(row []byte, i int) int {
	for i < len(row) && row[i] == ' ' {
		i++
	}
	return i
}

// IsCapitalHead tells a line of words in capitals with columns between them.
func IsCapitalHead(line []byte) bool {
	for _, c := range line {
		if !ascii.IsUpper(c) && c != ' ' && c != '_' && c != '-' {
			return false
		}
	}
	return ascii.Holds(bytes.TrimSpace(line), "  ")
}

// IsPicture tells whether a line so far holds nothing but lines that draw.
func IsPicture(head []byte) bool {
	for _, r := range string(head) {
		if r != ' ' && r != '│' && r != '|' && r != '├' && r != '└' && r != '┊' {
			return false
		}
	}
	return true
}

// Offset is the byte of a column, -1 beyond the line.
func Offset(text []byte, column int) int {
	n := 0
	for i := range string(text) {
		if n == column {
			return i
		}
		n++
	}
	return -1
}

// NameAround is the name of which a byte is a part.
func NameAround(text []byte, i int) []byte {
	from, to := i, i
	for from > 0 && (ascii.IsAlnum(text[from-1]) || text[from-1] == '_') {
		from--
	}
	for to < len(text) && (ascii.IsAlnum(text[to]) || text[to] == '_') {
		to++
	}
	return text[from:to]
}
