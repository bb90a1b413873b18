// Package command knows the programs that take a secret where no name tells of it, and follows the words of their
// command lines.
//
//	mysql -uroot -phunter2 shop    from the third byte of the third word on
//	curl -u bob:hunter2 URL        behind the colon of the third word
package command

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// toolsBy are the tools by the first two letters of their names, the longer name first. Each word of a command line is
// looked for here.
var toolsBy = func() (by [1 << 10][]*Tool) {
	for i := range Tools {
		n := twoLetters(Tools[i].Name)
		by[n] = append(by[n], &Tools[i])
	}
	for _, list := range by {
		slices.SortStableFunc(list, func(a, b *Tool) int { return len(b.Name) - len(a.Name) })
	}
	return by
}()

// twoLetters tells letters apart that names begin with; others may look like them.
func twoLetters[T string | []byte](word T) int { return int(word[0]&31)<<5 | int(word[1]&31) }

// Find returns the tool that a command's first word or path names. A name that
// ends in a blank is the whole word.
func Find(word []byte) (*Tool, bool) {
	word = word[bytes.LastIndexByte(word, '/')+1:]
	if len(word) < 2 {
		return nil, false
	}
	for _, t := range toolsBy[twoLetters(word)] {
		name, whole := strings.CutSuffix(t.Name, " ")
		if len(word) >= len(name) && string(word[:len(name)]) == name && (!whole || len(word) == len(name)) {
			return t, true
		}
	}
	return nil, false
}

// Line follows the words of one command.
type Line struct {
	Tool  *Tool
	flag  []byte // the word before
	count int    // words up to a secret by place; 0 = none is due
	place int    // words so far that are no flags
	done  bool   // the word that `after` names was met
}

// isOneOf tells whether a word is one of a list.
func isOneOf(list []string, word []byte) bool {
	for _, s := range list {
		if string(word) == s {
			return true
		}
	}
	return false
}

// isFlag tells a flag from a word.
func isFlag(word []byte) bool { return len(word) > 0 && word[0] == '-' }

// Next tells from which byte on a word is secret, and goes on to it.
func (c *Line) Next(word []byte) (from int, hide bool) {
	from, hide = c.SecretIn(word)
	if c.count == 0 && !hide {
		if t, ok := Find(word); ok {
			*c = Line{Tool: t, flag: word}
			return from, hide
		}
	}
	if !isFlag(word) {
		c.place++
	}
	if due, ok := c.Tool.isAfter(word); ok {
		c.done, c.count = true, due
	} else if c.count > 0 && !isFlag(word) {
		c.count--
	}
	c.flag = word[:min(len(word), 24)]
	return from, hide
}

func (c *Line) SecretIn(word []byte) (from int, hide bool) {
	t := c.Tool
	switch {
	case t.count > 0:
		return 0, c.count >= 1 && c.count <= max(1, t.last) && !isFlag(word) && !look.IsProse(word)
	case len(t.places) > 0 && !isFlag(word) && slices.Contains(t.places, c.place+1):
		return 0, !look.IsProse(word)
	}
	if len(t.after) > 0 && !c.done {
		return 0, false
	}
	return t.secretIn(c.flag, word)
}

// isAfter tells whether a secret by place follows the word, and as which word: htpasswd's flags may stand in one
// cluster, of which -n prints and takes no file.
func (t *Tool) isAfter(word []byte) (count int, ok bool) {
	if isOneOf(t.after, word) {
		return t.count, true
	}
	if t.cluster == "" || !isCluster(word) || !ascii.Holds(word, t.cluster) {
		return 0, false
	}
	if ascii.Holds(word, "n") {
		return t.count - 1, true
	}
	return t.count, true
}

// isCluster tells several flags of one letter in one word: -fsSu.
func isCluster(word []byte) bool {
	if len(word) < 2 || len(word) > 8 || word[0] != '-' {
		return false
	}
	for _, c := range word[1:] {
		if !ascii.IsLower(c) && !ascii.IsUpper(c) {
			return false
		}
	}
	return true
}

// takes tells whether the flag is one of those listed, also as the last of a cluster of letters.
func (t *Tool) takes(flags []string, flag []byte) bool {
	if isOneOf(flags, flag) {
		return true
	}
	if !t.clusters || !isCluster(flag) {
		return false
	}
	last := [2]byte{'-', flag[len(flag)-1]}
	return isOneOf(flags, last[:])
}

// secretIn tells from which byte on a word is secret, given the word before it.
func (t *Tool) secretIn(before, word []byte) (from int, ok bool) {
	switch {
	case t.takes(t.pair, before), len(t.pair) == 1 && t.pair[0] == "":
		return t.half(word)
	case !isFlag(word) && t.takes(t.apart, before):
		if passSource[string(word[:bytes.IndexByte(word, ':')+1])] { // openssl's pass:x, env:NAME, file:PATH
			return len("pass:"), bytes.HasPrefix(word, []byte("pass:"))
		}
		return 0, len(word) > 0
	}
	for _, flag := range t.attached {
		if len(word) <= len(flag) || string(word[:len(flag)]) != flag {
			continue
		}
		if len(t.pair) > 0 {
			return t.half(word)
		}
		return len(flag), true
	}
	for _, flag := range t.pair {
		if n := len(flag); n > 0 && len(word) > n && word[n] == '=' && string(word[:n]) == flag {
			from, ok := t.half(word[n+1:])
			return n + 1 + from, ok
		}
	}
	return 0, false
}

// passSource begins an argument of openssl that says where the password is.
var passSource = ascii.Words(`pass: env: file: fd:`)

// half is the password of user:password.
func (t *Tool) half(word []byte) (from int, ok bool) {
	colon := t.colon
	if colon == "" {
		colon = ":"
	}
	user, password, two := bytes.Cut(word, []byte(colon))
	if colon == "/" { // scott/tiger@db
		password, _, _ = bytes.Cut(password, []byte("@"))
		two = two && keyname.IsName(user) && !bytes.HasSuffix(password, []byte(".sql"))
	}
	if two && len(password) == 0 && len(user) >= 8 && look.IsOddWord(user) { // -u KEY: of services that know a key alone
		return 0, true
	}
	at := bytes.Index(word, []byte(colon)) + len(colon)
	return at, two && len(password) > 0 && !bytes.HasPrefix(password, []byte("//"))
}
