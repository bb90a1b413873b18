package document

import (
	"bytes"
	"slices"
)

// spaces turns the white space of pages, chats and documents into that of a log: what is copied from a browser, from
// Confluence or from Slack has no-break spaces where the log had spaces, and marks of no width between words.
type spaces struct {
	held []byte // the beginning of a character whose rest is still to come
}

// spaceBytes is the longest of these characters in UTF-8.
const spaceBytes = 3

var pageSpaces = [][2][]byte{
	{[]byte("\u00a0"), []byte(" ")}, {[]byte("\u2007"), []byte(" ")}, {[]byte("\u202f"), []byte(" ")},
	{[]byte("\u200b"), nil}, {[]byte("\u2060"), nil}, {[]byte("\ufeff"), nil},
}

func holdsPageSpaces(text []byte) bool {
	return slices.ContainsFunc(pageSpaces, func(p [2][]byte) bool { return bytes.Contains(text, p[0]) })
}

func (s *spaces) Feed(out, in []byte) []byte {
	in = append(s.held, in...)
	whole := len(in)
	for i := max(0, len(in)-spaceBytes+1); i < len(in); i++ {
		if begins := in[i] == 0xc2 || in[i] == 0xe2 || in[i] == 0xef; begins && !holdsPageSpaces(in[i:]) {
			whole = i
			break
		}
	}
	text := in[:whole]
	for _, p := range pageSpaces {
		text = bytes.ReplaceAll(text, p[0], p[1])
	}
	s.held = bytes.Clone(in[whole:])
	return append(out, text...)
}

func (s *spaces) End(out []byte) []byte { return append(out, s.held...) }
