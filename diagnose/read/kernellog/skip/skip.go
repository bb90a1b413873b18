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
	words   [64][]firstWord // of each bit
	matters func(msg []byte) bool
}

// New returns a filter for a reader to which the messages matter that begin with one
// of the words. Of a message that cannot be told so cheaply, since a process name of
// any bytes may stand before what matters in it, it asks matters.
func New(words []string, matters func(msg []byte) bool) *Filter {
	f := &Filter{matters: matters}
	f.learn(words)
	return f
}

// Skipped is what was passed over: whole lines, whose stamps never step back, so that the first and last one say all
// there is about the time.
type Skipped struct {
	Bytes, Lines int
	First, Last  int64 // µs
}

// Skip returns how much at the start of text means nothing.
func (f *Filter) Skip(text []byte) (s Skipped) {
	var clock clock
	for s.Bytes < len(text) && text[s.Bytes] == '[' {
		line := text[s.Bytes:]
		begin, ok := clock.advance(line)
		if !ok || len(line) < begin+headSize {
			break
		}
		n := bytes.IndexByte(line[begin:], '\n')
		if n < 0 || begin+n > maxLine || f.mayMatter(line[begin:], n) {
			break
		}
		if s.Last = clock.last; s.Lines == 0 {
			s.First = clock.last
		}
		s.Bytes += begin + n + 1
		s.Lines++
	}
	return s
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
	return (f.begins(head) || mayEndName(head) || mayEndSignal(text[:n])) && f.matters(text[:n])
}

// lettersAt are the places of the letters by which the first words are told apart:
// by the last two the types of audit records differ, by the third systemd and its oomd.
var lettersAt = [...]int{0, 1, 7, 13, 15}

// firstWord is a text with which a message may begin, as far as it is compared. Its first bytes are compared at once.
type firstWord struct {
	first, mask uint64
	text        string
}

func newFirstWord(text string) firstWord {
	var head [headSize]byte
	w := firstWord{text: text[:copy(head[:], text)]}
	w.first, w.mask = word(&head, 0), maskOf(len(w.text))
	return w
}

// learn gives each word a bit, and sets it for the letter that the word has at each of those places; short words with
// the same first letter have one together. With more words than bits some share one, which costs a few looks in vain.
func (f *Filter) learn(words []string) {
	next, short := 0, map[byte]int{}
	take := func() int {
		next++
		return next % len(f.words)
	}
	for _, text := range words {
		var bit int
		if len(text) > lettersAt[len(lettersAt)-1] {
			bit = take()
		} else if bit = short[text[0]]; bit == 0 {
			bit = take()
			short[text[0]] = bit
		}
		f.words[bit] = append(f.words[bit], newFirstWord(text))
		for place, at := range lettersAt {
			if at < len(text) {
				f.letters[place][text[at]] |= 1 << bit
				continue
			}
			for c := range f.letters[place] {
				f.letters[place][c] |= 1 << bit // the word has ended: any letter will do
			}
		}
	}
}

// begins tells whether a message begins with one of the words. Its letters at a few places rule that out for most.
func (f *Filter) begins(h *[headSize]byte) bool {
	l := &f.letters // written out, since a loop over lettersAt takes twice the time
	may := l[0][h[0]] & l[1][h[1]] & l[2][h[7]] & l[3][h[13]] & l[4][h[15]]
	for ; may != 0; may &= may - 1 {
		for _, w := range f.words[bits.TrailingZeros64(may)] {
			if (word(h, 0)^w.first)&w.mask == 0 && string(h[:len(w.text)]) == w.text {
				return true
			}
		}
	}
	return false
}

// clock reads stamps. Most have the whole seconds of the one before, "[  123.": it compares them as two words of eight
// bytes, which may overlap, since a call for so few bytes takes longer than what else is done with a stamp.
type clock struct {
	whole      int // the length of "[  123." of the last one; zero = none that can be compared
	first, end uint64
	mask       uint64 // of the bytes of a word that belong to it
	seconds    int64
	last       int64 // µs
}

const wordSize = 8

func (c *clock) isSame(line []byte) bool {
	if c.whole == 0 || len(line) < 2*wordSize {
		return false
	}
	first, end := binary.LittleEndian.Uint64(line), binary.LittleEndian.Uint64(line[max(c.whole-wordSize, 0):])
	return ((first^c.first)|(end^c.end))&c.mask == 0 // Go gives ^ and | one precedence
}

// learn reads the whole seconds of a line and returns their length; zero = that is not what it begins with.
func (c *clock) learn(line []byte) int {
	n, seconds := wholeSeconds(line)
	c.seconds = seconds
	if c.whole = n; n == 0 || n > 2*wordSize || len(line) < 2*wordSize {
		c.whole = 0
		return n
	}
	c.first, c.end = binary.LittleEndian.Uint64(line), binary.LittleEndian.Uint64(line[max(n-wordSize, 0):])
	c.mask = maskOf(n)
	return n
}

// maskOf has the bits of the first n bytes of a word.
func maskOf(n int) uint64 {
	if n >= wordSize {
		return ^uint64(0)
	}
	return 1<<(8*n) - 1
}

// advance reads the stamp "[  123.456789] " at the start of a line and returns where
// the message begins; ok is false where there is none, or an earlier one than the last.
func (c *clock) advance(line []byte) (begin int, ok bool) {
	n := c.whole
	if !c.isSame(line) {
		if n = c.learn(line); n == 0 {
			return 0, false
		}
	}
	rest := line[n:]
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
	return n + form, true
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

// wholeSeconds reads "[  123." and returns its length; zero = that is not what the line begins with. A clock of more
// than nine digits (30 years) is forged.
func wholeSeconds(line []byte) (n int, seconds int64) {
	i := 1
	for i < len(line) && line[i] == ' ' {
		i++
	}
	for digits := 0; i < len(line); digits++ {
		switch c := line[i]; {
		case c == '.' && digits > 0:
			return i + 1, seconds
		case c < '0' || c > '9' || digits == 9:
			return 0, 0
		default:
			seconds = seconds*10 + int64(c-'0')
			i++
		}
	}
	return 0, 0
}
