package kernellog

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// run is a stretch of whole lines that mean nothing to the scanner in any state in
// which it may skim (see [Scanner.canSkim]), with what their stamps say. That a
// line belongs to one depends on the line alone and, for its clock, on the lines
// of the run before it: so runs can be looked for apart from the scanner, and it
// does not matter where one is cut in two.
type run struct {
	start, end  int // in the block
	lines       int
	first, last stampOf
	low, high   int64  // kernel clock, µs
	bootID      []byte // of journald's records; nil = plain stamps
}

// stampOf is what one line says of the time.
type stampOf struct {
	boot int64 // kernel clock, µs
	wall int64 // µs since 1970, of journald's records
}

// skim returns the run that starts at text[at], of no lines where that line has to
// be read. It remembers what the fields of records look like from one call to the next; what it
// finds does not depend on that.
func skim(text []byte, at int, known *members) run {
	r := run{start: at, end: at}
	if at < len(text) {
		switch text[at] {
		case '[':
			r.stamped(text)
		case '{':
			r.objects(text, known)
		}
	}
	return r
}

// stamped takes lines of the form "[  123.456789] msg", as long as the clock takes
// no step back that could be another boot.
func (r *run) stamped(text []byte) {
	var clock clockMemo
	for r.end < len(text) && text[r.end] == '[' {
		boot, size := clock.skimLine(text[r.end:])
		if size == 0 || r.lines > 0 && boot <= r.high-bootDrop*1e6 {
			return
		}
		r.add(stampOf{boot: boot}, size)
	}
}

// objects takes journald's records, one a line, of one boot.
func (r *run) objects(text []byte, known *members) {
	for r.end < len(text) && text[r.end] == '{' {
		stamp, bootID, size := known.skimObject(text[r.end:])
		if size == 0 || r.lines > 0 && !bytes.Equal(r.bootID, bootID) {
			return
		}
		r.bootID = bootID
		r.add(stamp, size)
	}
}

func (r *run) add(s stampOf, size int) {
	if r.lines == 0 {
		r.first, r.low, r.high = s, s.boot, s.boot
	}
	r.last = s
	r.low, r.high = min(r.low, s.boot), max(r.high, s.boot)
	r.lines++
	r.end += size
}

// clockMemo remembers the whole seconds of the stamp before: most lines have the
// same.
type clockMemo struct {
	text    [2]uint64 // the bytes before the dot, "[  123": eight, and the rest of them
	mask    [2]uint64
	dot     int
	seconds int64 // in µs
}

const stampSize = len("[123456789.123456] ") // the longest that is skimmed

// skimLine returns the stamp and the size of a line "[  123.456789] msg" whose
// message means nothing; size 0 = read it.
func (m *clockMemo) skimLine(rest []byte) (boot int64, size int) {
	if len(rest) < stampSize+headSize {
		return 0, 0
	}
	same := (binary.LittleEndian.Uint64(rest)^m.text[0])&m.mask[0] | (binary.LittleEndian.Uint64(rest[8:])^m.text[1])&m.mask[1]
	if (same != 0 || m.dot == 0) && !m.learn(rest) {
		return 0, 0
	}
	// ".456789]" is a word of eight bytes.
	us, ok := microseconds(rest[m.dot:])
	if !ok || rest[m.dot+8] != ' ' {
		return 0, 0
	}
	msg := rest[m.dot+9:]
	end := bytes.IndexByte(msg, '\n')
	if end < 0 || end > maxLine/2 || !meansNothing(msg, end) {
		return 0, 0
	}
	return m.seconds + us, m.dot + 9 + end + 1
}

// learn reads "[  123." and tells whether it is that.
func (m *clockMemo) learn(rest []byte) bool {
	m.dot = 0
	dot := bytes.IndexByte(rest[:stampSize-8], '.')
	if dot < 0 {
		return false
	}
	whole, ok := number(bytes.TrimLeft(rest[1:dot], " "))
	if !ok || whole > maxUptime {
		return false
	}
	var text, mask [16]byte
	copy(text[:], rest[:dot])
	for i := range dot {
		mask[i] = 0xff
	}
	for i := range m.text {
		m.text[i], m.mask[i] = binary.LittleEndian.Uint64(text[8*i:]), binary.LittleEndian.Uint64(mask[8*i:])
	}
	m.dot, m.seconds = dot, whole*1e6
	return true
}

// microseconds reads ".456789]" from the first eight bytes of b.
func microseconds(b []byte) (int64, bool) {
	const form = 0x5d3030303030302e // the same with zeros
	w := binary.LittleEndian.Uint64(b) ^ form
	us, ok := fromDigits(w << 8) // "00456789"
	return us, ok && w&0xff == 0 && w>>56 == 0
}

// meansNothing tells of a message of a plain text form that it can neither begin
// nor go on a record in a state in which the scanner skims:
//
//   - it has no class, with no byte in its head that may hide one (colours), or one
//     of trouble whose words it lacks ("EXT4-fs (sda1): mounted …");
//   - it does not stand behind a further wrapping ("[T12] ", "host kernel: ");
//   - it is no counter of a dump ("anon 20873216"), nor a row of its table;
//   - it is no tail of a fault (" in libc.so.6[…]"), nor a piece of a torn line,
//     nor short enough to be half of a process name.
//
// The message is the first n bytes of text, of which there are headSize at least.
func meansNothing(text []byte, n int) bool {
	if n > 0 && text[n-1] == '\r' {
		n--
	}
	head := (*[headSize]byte)(text)
	if n <= commLen || text[n-1] < ' ' || mayBeginRecord(head) && !isHarmless(text[:n]) {
		return false
	}
	return !mayEndName(head) && !mayEndSignal(text[:n]) || !mayHoldAnchor(head, n)
}

// ones is 0x01 in every byte, highs the highest bit of every byte.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// mayEndName tells whether a process name of at most 15 bytes may end in the head
// of a message, in a way that begins an anchor: by "[12]", " invoked oom-killer",
// ": page allocation", ": potentially" or ": unhandled"; or whether an escape or a
// control byte may hide how long it is, or the first word is one of a wrapping. An
// anchor further back is none: a longer name has an escape in its first 15 bytes.
//
// Nearly every line comes here, and few go further: a test costs no branch.
func mayEndName(head *[headSize]byte) bool {
	var found, spaces uint64
	for at := 1; at <= commLen; at += 8 {
		before, w, next := word(head, at-1), word(head, at), word(head, at+1)
		space := zeros(w ^ ones*' ')
		found |= zeros(w^ones*'[') | zeros(before^ones*'\\') | space&zeros(next|ones*2^ones*'k') // or 'i'
		fourth := word(head, at+4)
		found |= space & zeros(before^ones*':') & (zeros(next^ones*'p') | zeros(next^ones*'u')) & zeros(fourth|ones*4^ones*'e') // or 'a'
		found |= controls(before) | controls(next)
		spaces |= space
	}
	return (found|controls(word(head, commLen+2)))&highs != 0 || spaces&highs == 0
}

// mayEndSignal tells whether a message may end as that of a fatal signal does,
// "signal 6.", which may stand behind a long file name; or in a colour.
func mayEndSignal(msg []byte) bool {
	switch last := msg[len(msg)-1]; last {
	case '.':
		return msg[len(msg)-2]-'0' <= 9
	case 'm', 'K':
		return true
	}
	return false
}

// zeros has the highest bit of each byte of w that is 0, and may have that of one
// behind such a byte. Other bits mean nothing.
func zeros(w uint64) uint64 { return (w - ones) &^ w }

// controls is zeros for bytes below the space.
func controls(w uint64) uint64 { return (w - ones*' ') &^ w }

func word(head *[headSize]byte, at int) uint64 {
	return binary.LittleEndian.Uint64(head[at : at+8])
}

const (
	// anchorReach is how far an anchor is looked for: a colour before it could move
	// it.
	anchorReach = anchorWindow + 8
	// headSize is what is looked at for that: a mark, its space, and four letters.
	headSize = anchorReach + len(": gfp_")
)

// mayHoldAnchor tells whether the first bytes of a message of n bytes may hold what
// classifyAnchor looks for, a control byte, or the "kernel: " of a further wrapping
// behind its first word. What stands in head behind the message does not matter.
//
// It looks at eight bytes at a time for a control byte, or for ':' or ']' before a
// space, and gathers where they are, one bit each.
func mayHoldAnchor(head *[headSize]byte, n int) bool {
	var found, spaces uint64
	for at := 0; at < anchorReach; at += 8 {
		w, space := word(head, at), zeros(word(head, at+1)^ones*' ')
		marks := controls(w) | space&(zeros(w^ones*':')|zeros(w^ones*']'))
		spaces |= space
		found |= (marks & highs >> 7 * gather >> 56) << at
	}
	for ; found != 0; found &= found - 1 {
		i := bits.TrailingZeros64(found)
		if i >= n {
			break
		}
		if head[i] < ' ' || isAnchor(head, i) {
			return true
		}
	}
	return spaces&highs == 0 && n >= anchorReach
}

// gather times eight bytes of 0 or 1 has those in its highest byte, one bit each.
const gather = 0x0102040810204080

// isAnchor tells whether the mark at i can be that of an anchor: ": gfp_mask=",
// ": segfault", ": unhandled", ": page allocation", ": potentially"; "] general
// protection", "] trap", "] control protection"; or that of "kernel: ".
func isAnchor(head *[headSize]byte, i int) bool {
	if i > 0 && head[i-1] == 'l' && bytes.HasSuffix(head[:i], []byte(" kernel")) {
		return true
	}
	switch binary.BigEndian.Uint32(head[i+2:]) { // four letters at once
	case 'g'<<24 | 'f'<<16 | 'p'<<8 | '_', 's'<<24 | 'e'<<16 | 'g'<<8 | 'f', 'u'<<24 | 'n'<<16 | 'h'<<8 | 'a',
		'p'<<24 | 'a'<<16 | 'g'<<8 | 'e', 'p'<<24 | 'o'<<16 | 't'<<8 | 'e':
		return head[i] == ':'
	case 'g'<<24 | 'e'<<16 | 'n'<<8 | 'e', 't'<<24 | 'r'<<16 | 'a'<<8 | 'p', 'c'<<24 | 'o'<<16 | 'n'<<8 | 't':
		return head[i] == ']'
	}
	return false
}
