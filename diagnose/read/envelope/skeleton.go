package envelope

import (
	"bytes"
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// A program that exports or prints a log puts words before each message whose text differs from line to line, and
// between them marks that are always the same. What these words mean need not be known: where the messages of many
// lines begin behind the same marks, and most lines have these marks, it is known what stands before a message.
//
//	EVENTS\t38123450\t1764079332000\tgateway/gateway/0123\t[2026-11-25 14:02:11 +0000] [1] [INFO] …    aws --output text
//	build\tRun tests\t2026-11-25T14:02:11.1234567Z Traceback (most recent call last):                  gh run view --log
//	[0] tail.0: [1764079331.000000000, {"log"=>"…"}]                                                   Fluent Bit's stdout
//	2026-11-25T14:02:11.000Z In(182) vmkernel: cpu3:2098)[  310.000000] …                              a forwarder

const (
	skeletonReach = 240 // bytes before a message that are looked at
	skeletonWords = 16
)

// skeleton is the form of a prefix: marks[0] stands before its first word, marks[i] behind the i-th; the last one
// stands before the message.
type skeleton struct {
	marks [][]byte
	words []wordKind
	tail  []byte // what closes the brackets that are open before the message
	odd   bool   // a quotation is
	stamp int    // the word that a time begins with, -1 = none
	name  int    // the word that says where the line comes from, -1 = none
}

// wordKind is what a word of the prefix is on the lines that were learned from.
type wordKind struct {
	figures bool            // it begins with a digit on all of them
	values  map[string]bool // else what it is
}

// isMark tells whether a byte parts the words of a prefix. What stands in times, paths and addresses does not, a colon
// only where a blank or another mark follows.
func isMark(b []byte, i int) bool {
	switch c := b[i]; c {
	case ' ', '\t', '|', ',', ';', '[', ']', '{', '}', '(', ')', '"', '\'', '<', '>', '=':
		return true
	case ':':
		return i+1 == len(b) || isMark(b, i+1)
	default:
		return c >= 0x80
	}
}

// prefixWord is a word of a line and the mark behind it.
type prefixWord struct{ from, to, end int }

// wordsOf parts the beginning of a line, the first word of which may be empty.
func wordsOf(b []byte, words []prefixWord) []prefixWord {
	b = b[:min(len(b), skeletonReach)]
	for i := 0; i < len(b) && len(words) < skeletonWords; {
		w := prefixWord{from: i}
		for i < len(b) && !isMark(b, i) {
			i++
		}
		w.to = i
		for i < len(b) && isMark(b, i) {
			i++
		}
		w.end = i
		words = append(words, w)
	}
	return words
}

// strongMessage tells whether b begins as only a message does: with a date or the kernel's clock in brackets, a
// traceback. Dates and levels that stand free, and records, may be part of a prefix or of a message.
func strongMessage(b []byte) bool {
	if len(b) < 12 {
		return false
	}
	switch b[0] {
	case '[':
		_, isClock := bootClock(b)
		return isClock || dateBegins(b)
	case 'T', 'F':
		return beginsMessage(b)
	}
	return false
}

// landing is where a message may begin in a line.
type landing struct {
	key string // the marks before it
	at  int
}

// landings returns where messages begin in a line, behind its start.
func (o *Opener) landings(text []byte, begins func([]byte) bool) (list []landing) {
	var buf [skeletonWords]prefixWord
	words := wordsOf(text, buf[:0])
	for i, w := range words {
		for at := w.to + 1; at <= w.end && at < len(text); at++ {
			if begins(text[at:]) {
				list = append(list, landing{markKey(text, words[:i+1], at), at})
				break
			}
		}
	}
	return list
}

// markKey is what the marks of a prefix are, blanks in a row as one but for those before the message.
func markKey(text []byte, words []prefixWord, at int) string {
	var key []byte
	for i, w := range words {
		end := w.end
		if i == len(words)-1 {
			end = at
		}
		key = append(appendMark(key, text[w.to:end], i < len(words)-1), 0)
	}
	return string(key)
}

// appendMark appends a mark with blanks in a row as one.
func appendMark(key, mark []byte, squeeze bool) []byte {
	for i, c := range mark {
		if !squeeze || c != ' ' || i == 0 || mark[i-1] != ' ' {
			key = append(key, c)
		}
	}
	return key
}

// findSkeleton finds the form of what stands before the messages.
func (o *Opener) findSkeleton(texts [][]byte, begins func([]byte) bool, share int) (s step, found bool) {
	counts := map[string]int{}
	var order []landing // of those keys, as they came
	for _, t := range texts {
		for _, l := range o.landings(t, begins) {
			if counts[l.key]++; counts[l.key] == 1 {
				order = append(order, l)
			}
		}
	}
	best := landing{}
	for _, l := range order {
		n := counts[l.key]
		if 100*n < share*len(texts) || found && (n < counts[best.key] || n == counts[best.key] && l.at > best.at) {
			continue
		}
		k := skeletonOf(l.key)
		if k.odd || !k.learn(o, texts, begins) {
			continue
		}
		fits := len(k.fits(texts))
		if 5*fits >= 4*len(texts) && (n > 1 && (len(texts) > 2 || n == len(texts)) || k.stamp >= 0 && fits == len(texts)) {
			s, found, best = step{kind: stepSkeleton, skeleton: k}, true, l
		}
	}
	return s, found
}

func skeletonOf(key string) *skeleton {
	k := &skeleton{stamp: -1, name: -1}
	k.marks = bytes.Split([]byte(key[:len(key)-1]), []byte{0})
	k.tail, k.odd = openAt(key)
	return k
}

// openAt returns what closes the brackets that are open at the end of a text, and tells whether a quotation is.
func openAt(text string) (tail []byte, odd bool) {
	for i := range len(text) {
		switch c := text[i]; c {
		case '[', '{':
			tail = append([]byte{c + 2}, tail...)
		case '(':
			tail = append([]byte{')'}, tail...)
		case ']', '}', ')':
			if len(tail) > 0 && tail[0] == c {
				tail = tail[1:]
			}
		case '"', '\'':
			odd = !odd
		}
	}
	return tail, odd
}

// match returns the words of a prefix of that form, and where the message begins; -1 where a line has none.
func (k *skeleton) match(text []byte, words []prefixWord) ([]prefixWord, int) {
	words = wordsOf(text, words)
	if len(words) < len(k.marks) {
		return words, -1
	}
	words = words[:len(k.marks)]
	var buf [16]byte
	for i, w := range words {
		mark := text[w.to:w.end]
		if i == len(words)-1 {
			if !bytes.HasPrefix(mark, k.marks[i]) {
				if w.end == len(text) && bytes.Equal(mark, bytes.TrimRight(k.marks[i], " ")) {
					return words, len(text) // the message is empty
				}
				return words, -1
			}
			return words, w.to + len(k.marks[i])
		}
		if !bytes.Equal(appendMark(buf[:0], mark, true), k.marks[i]) {
			return words, -1
		}
	}
	return words, -1
}

// learn notes what the words are on the lines in which a message begins behind them, and tells whether one of them may
// be a name or a number.
func (k *skeleton) learn(o *Opener, texts [][]byte, begins func([]byte) bool) bool {
	k.words = make([]wordKind, len(k.marks))
	for i := range k.words {
		k.words[i] = wordKind{figures: true, values: map[string]bool{}}
	}
	dates, clocks, lines, strong := make([]int, len(k.marks)), make([]int, len(k.marks)), 0, 0
	var buf [skeletonWords]prefixWord
	for _, t := range texts {
		words, at := k.match(t, buf[:0])
		if at < 0 || !begins(t[at:]) {
			continue
		}
		if lines++; strongMessage(t[at:]) || t[at] == '{' {
			strong++
		}
		for i, w := range words {
			k.words[i].see(t[w.from:w.to])
			if _, isDate, ok := o.stampIn(t, w, at); ok && isDate {
				dates[i]++
			} else if ok {
				clocks[i]++
			}
		}
	}
	for _, stamps := range [][]int{clocks, dates} {
		for i, n := range stamps {
			if 5*n >= 4*lines && n > 0 && (k.stamp < 0 || stamps[k.stamp] == 0) {
				k.stamp = i
			}
		}
	}
	for i := range k.marks {
		if w := &k.words[i]; !w.figures && len(w.values) <= max(2, lines/4) && w.areNames() {
			k.name = i
		}
	}
	// words before words that the reader knows may be a sentence that quotes them; a bar alone says nothing
	said := func(w wordKind) bool { return w.figures || w.hasLetters() }
	mute := func(w wordKind) bool { return len(w.values) == 1 && w.values[""] }
	return k.stamp >= 0 || strong > 1 && (slices.ContainsFunc(k.words, said) || len(k.words) == 1 && mute(k.words[0]))
}

// fits returns the lines that have a prefix of that form, of words of that kind.
func (k *skeleton) fits(texts [][]byte) (list [][]byte) {
	var buf [skeletonWords]prefixWord
	for _, t := range texts {
		if words, at := k.match(t, buf[:0]); at >= 0 && k.like(t, words) {
			list = append(list, t)
		}
	}
	return list
}

// like tells whether the words of a prefix are of the kind that was learned.
func (k *skeleton) like(text []byte, words []prefixWord) bool {
	for i, w := range words {
		if !k.words[i].has(text[w.from:w.to]) {
			return false
		}
	}
	return true
}

func (w *wordKind) hasLetters() bool {
	for v := range w.values {
		if len(bytes.Trim([]byte(v), `\-*#>+.`)) == 0 {
			return false
		}
	}
	return true
}

func (w *wordKind) see(word []byte) {
	if len(word) == 0 || !lex.IsDigit(word[0]) {
		w.figures = false
	}
	if len(w.values) < maxSources {
		w.values[shapeOf(word)] = true
	}
}

// shapeOf is a word in which any number is like another: tools count lines, tasks and replicas in their prefixes.
func shapeOf(word []byte) string {
	shape := make([]byte, 0, len(word))
	for i, c := range word {
		switch {
		case !lex.IsDigit(c):
			shape = append(shape, c)
		case i == 0 || !lex.IsDigit(word[i-1]):
			shape = append(shape, '0')
		}
	}
	return string(shape)
}

// areNames tells whether the words may be names of services.
func (w *wordKind) areNames() bool {
	for v := range w.values {
		if len(v) < 3 || !lex.IsLetter(v[0]) || severity.Of([]byte(v)) != severity.Unknown || stamp.Month([]byte(v)) > 0 {
			return false
		}
	}
	return true
}

// stampIn reads the time that a word of the prefix begins; isDate: it is no number alone, as an id may be.
func (o *Opener) stampIn(text []byte, w prefixWord, at int) (s stamp.Time, isDate, ok bool) {
	word := text[w.from:w.to]
	if len(word) < 3 {
		return s, false, false
	}
	if s, n := o.clock.Date(text[w.from:at]); n > 0 {
		return s, true, true
	}
	if s, ok := epoch(word); ok {
		return s, false, true
	}
	s, n := o.clock.Words(text[w.from:at])
	return s, true, n > 0 && s.Known
}

// epoch reads a number that counts from 1970 on, with as many digits as that has since 2001: others are ids.
func epoch(word []byte) (stamp.Time, bool) {
	whole, _, _ := bytes.Cut(word, []byte("."))
	switch len(whole) {
	case 10, 13, 16, 19:
		return stamp.Unix(word)
	}
	return stamp.Time{}, false
}

// take takes the prefix off a line that has it: its words are of the kind that was learned, or a message begins behind
// them.
func (k *skeleton) take(o *Opener, l *Line) bool {
	var buf [skeletonWords]prefixWord
	text := l.Text
	words, at := k.match(text, buf[:0])
	if at < 0 {
		return false
	}
	if !k.like(text, words) && !strongMessage(text[at:]) && !(o.Known != nil && o.Known(text[at:], false)) {
		return false
	}
	if k.stamp >= 0 {
		if s, _, ok := o.stampIn(text, words[k.stamp], at); ok {
			l.stamped(s)
		}
	}
	if k.name >= 0 && len(l.Service) == 0 && len(l.Pod) == 0 && len(l.Container) == 0 {
		l.Service = text[words[k.name].from:words[k.name].to]
	}
	l.Text = bytes.TrimSuffix(text[at:], k.tail)
	return true
}

func (w *wordKind) has(word []byte) bool {
	if w.figures {
		return len(word) > 0 && lex.IsDigit(word[0])
	}
	return w.values[shapeOf(word)]
}
