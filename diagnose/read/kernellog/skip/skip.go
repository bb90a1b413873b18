// Package skip tells how much of a kernel log's text can be passed over unread. Of
// a log's lines one in a thousand means something to a reader of OOM kills and
// crashes, so this is where its speed lies.
//
// It knows one form, that of dmesg and of the console:
//
//	[  123.456789] cni0: port 35(vethda7b7ee) entered forwarding state
//
// Everything else is read line by line.
package skip

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

const (
	headSize = 40       // bytes of a message that the filter looks at
	maxLine  = 32 << 10 // longer ones are read
)

// Filter passes over the lines that mean nothing. It is a value without state: what
// it skips depends on the text alone.
type Filter struct {
	letters [len(lettersAt)][256]uint64
	matters func(msg []byte) bool
}

// New returns a filter for a reader to which the messages matter that begin with one
// of the words. Of a message that cannot be told so cheaply, since a process name of
// any bytes may stand before what matters in it, it asks matters.
func New(words []string, matters func(msg []byte) bool) *Filter {
	return &Filter{letters: lettersOf(words), matters: matters}
}

// Skip returns how many bytes of whole lines at the start of text mean nothing, and
// how many lines they are. Their stamps are whole and never step back, so that the
// first and last one say all there is about the time.
func (f *Filter) Skip(text []byte) (n, lines int) {
	var clock clock
	for n < len(text) && text[n] == '[' {
		line := text[n:]
		begin, ok := clock.advance(line)
		if !ok || len(line) < begin+headSize {
			break
		}
		end := bytes.IndexByte(line, '\n')
		if end < begin || end > maxLine || f.mayMatter(line[begin:], end-begin) {
			break
		}
		n += end + 1
		lines++
	}
	return n, lines
}

// mayMatter tells whether the message that is the first n bytes of text may matter.
// Behind it at least headSize bytes of text can be looked at.
func (f *Filter) mayMatter(text []byte, n int) bool {
	if n > 0 && text[n-1] == '\r' {
		n--
	}
	head := (*[headSize]byte)(text)
	if n <= maxName || text[n-1] < ' ' { // half of a name that holds a newline
		return true
	}
	return (f.mayBegin(head) || mayEndName(head) || mayEndSignal(text[:n])) && f.matters(text[:n])
}

// lettersAt are the places of the letters by which the first words are told apart:
// by the last two the types of audit records differ.
var lettersAt = [...]int{0, 1, 2, 13, 15}

// lettersOf has, for each of those places, the words that have a letter there, one bit
// each; short words with the same first letter have one together. With more words than
// bits some share one, which costs a few looks in vain.
func lettersOf(words []string) (has [len(lettersAt)][256]uint64) {
	next, short := uint64(1), map[byte]uint64{}
	take := func() uint64 {
		next = bits.RotateLeft64(next, 1)
		return next
	}
	for _, word := range words {
		var bit uint64
		if len(word) > lettersAt[len(lettersAt)-1] {
			bit = take()
		} else if bit = short[word[0]]; bit == 0 {
			bit = take()
			short[word[0]] = bit
		}
		for place, at := range lettersAt {
			if at < len(word) {
				has[place][word[at]] |= bit
				continue
			}
			for c := range has[place] {
				has[place][c] |= bit // the word has ended: any letter will do
			}
		}
	}
	return has
}

// mayBegin tells whether a message has the letters of one of the words.
func (f *Filter) mayBegin(h *[headSize]byte) bool {
	l := &f.letters // written out, since a loop over lettersAt takes twice the time
	return l[0][h[0]]&l[1][h[1]]&l[2][h[2]]&l[3][h[13]]&l[4][h[15]] != 0
}

// clock reads stamps. Most have the whole seconds of the one before.
type clock struct {
	whole   []byte // "[  123." of the last one
	seconds int64
	last    int64 // µs
}

// advance reads the stamp "[  123.456789] " at the start of a line and returns where
// the message begins; ok is false where there is none, or an earlier one than the last.
func (c *clock) advance(line []byte) (begin int, ok bool) {
	if len(c.whole) == 0 || !bytes.HasPrefix(line, c.whole) {
		if c.whole, c.seconds = wholeSeconds(line); c.whole == nil {
			return 0, false
		}
	}
	rest := line[len(c.whole):]
	const form = len("456789] ")
	if len(rest) < form || rest[6] != ']' || rest[7] != ' ' {
		return 0, false
	}
	us, ok := sixDigits(rest)
	at := c.seconds*1e6 + us
	if !ok || at < c.last {
		return 0, false
	}
	c.last = at
	return len(c.whole) + form, true
}

// sixDigits reads the number of six digits that text begins with, all at once:
// neighbours become pairs, and pairs of those.
func sixDigits(text []byte) (int64, bool) {
	w := (binary.LittleEndian.Uint64(text) ^ ones*'0') << 16 // "00456789", of 0 to 9 each
	if (w|(w+ones*6))&(ones*0xf0) != 0 {
		return 0, false
	}
	w = (w*10 + w>>8) & 0x00ff00ff00ff00ff
	w = (w*100 + w>>16) & 0x0000ffff0000ffff
	return int64((w*10000 + w>>32) & 0xffffffff), true
}

// wholeSeconds reads "[  123."; nil = that is not what the line begins with. A clock
// of more than nine digits (30 years) is forged.
func wholeSeconds(line []byte) (text []byte, seconds int64) {
	i := 1
	for i < len(line) && line[i] == ' ' {
		i++
	}
	for digits := 0; i < len(line); digits++ {
		switch c := line[i]; {
		case c == '.' && digits > 0:
			return line[:i+1], seconds
		case c < '0' || c > '9' || digits == 9:
			return nil, 0
		default:
			seconds = seconds*10 + int64(c-'0')
			i++
		}
	}
	return nil, 0
}
