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
	low, high   float64 // kernel clock
	bootID      []byte  // of journald's records; nil = plain stamps
}

// stampOf is what one line says of the time.
type stampOf struct {
	boot float64
	wall int64 // µs since 1970, of journald's records
}

// skim returns the run that starts at text[at], of no lines where that line has to
// be read.
func skim(text []byte, at int) run {
	r := run{start: at, end: at}
	var clock clockMemo
	for r.end < len(text) {
		rest := text[r.end:]
		var stamp stampOf
		var size int
		var bootID []byte
		switch rest[0] {
		case '[':
			stamp.boot, size = clock.skimLine(rest)
		case '{':
			stamp, bootID, size = skimObject(rest)
		}
		if size == 0 || !r.takes(stamp, bootID) {
			break
		}
		r.add(stamp, bootID, size)
	}
	return r
}

// takes tells whether a line may join the run: of the same form and boot, and no
// step back of the clock that could be another boot.
func (r *run) takes(s stampOf, bootID []byte) bool {
	if r.lines == 0 {
		return true
	}
	if r.bootID != nil || bootID != nil {
		return bytes.Equal(r.bootID, bootID)
	}
	return s.boot >= r.high-bootDrop
}

func (r *run) add(s stampOf, bootID []byte, size int) {
	if r.lines == 0 {
		r.first, r.low, r.high, r.bootID = s, s.boot, s.boot, bootID
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
	seconds float64 // in µs
}

const stampSize = len("[123456789.123456] ") // the longest that is skimmed

// skimLine returns the stamp and the size of a line "[  123.456789] msg" whose
// message means nothing; size 0 = read it.
func (m *clockMemo) skimLine(rest []byte) (boot float64, size int) {
	if len(rest) < stampSize+8 {
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
	if end < 0 || end > maxLine/2 || !meansNothing(msg[:end]) {
		return 0, 0
	}
	return (m.seconds + float64(us)) / 1e6, m.dot + 9 + end + 1
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
	m.dot, m.seconds = dot, float64(whole*1e6)
	return true
}

// microseconds reads ".456789]" from the first eight bytes of b.
func microseconds(b []byte) (int64, bool) {
	w := binary.BigEndian.Uint64(b) ^ 0x2e3030303030305d // '.', six times '0', ']'
	if w&0xfff0f0f0f0f0f0ff != 0 || (w+0x0006060606060600)&0x00f0f0f0f0f0f000 != 0 {
		return 0, false
	}
	us := int64(0)
	for shift := 48; shift >= 8; shift -= 8 {
		us = us*10 + int64(w>>shift&0xff)
	}
	return us, true
}

// meansNothing tells of a message of a plain text form that it can neither begin
// nor go on a record in a state in which the scanner skims:
//
//   - it has no class, with no byte in its head that may hide one (colours);
//   - it does not stand behind a further wrapping ("[T12] ", "host kernel: ");
//   - it is no counter of a dump ("anon 20873216"), nor a row of its table;
//   - it is no tail of a fault (" in libc.so.6[…]"), nor a piece of a torn line,
//     nor short enough to be half of a process name.
func meansNothing(msg []byte) bool {
	msg = bytes.TrimSuffix(msg, []byte("\r"))
	if len(msg) <= commLen || msg[len(msg)-1] < ' ' {
		return false
	}
	switch msg[0] {
	case ' ':
		if msg[1] == 'i' && msg[2] == 'n' && msg[3] == ' ' {
			return false
		}
	case '[':
		if c := msg[1]; c < 'A' || c == 'T' || c == 'C' {
			return false
		}
	default:
		if isCounter(msg) {
			return false
		}
	}
	word := bytes.IndexByte(msg[:min(len(msg), shortHost)], ' ')
	if word < 0 || bytes.HasPrefix(msg[word+1:], kernelProgram) {
		return false
	}
	return prefixClass(msg) == noClass && !mayHoldAnchor(msg)
}

const shortHost = 65 // as shortMonotonic looks for a host's name

var kernelProgram = []byte("kernel: ")

// ones is 0x01 in every byte, highs the highest bit of every byte.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// mayHoldAnchor tells whether the first bytes of a message may hold what
// classifyAnchor looks for, or a control byte. It looks at eight bytes at a time,
// for a space behind ':' or ']'.
func mayHoldAnchor(msg []byte) bool {
	const window = anchorWindow + 8 // a colour there could hide what is before
	rest := msg[:min(len(msg), window+len(": gfp_"))]
	for i := 0; i < window; i += 8 {
		if len(rest) < 9 {
			return scanAnchor(rest)
		}
		w, next := binary.LittleEndian.Uint64(rest), binary.LittleEndian.Uint64(rest[1:])
		space, colon, bracket := next^ones*' ', w^ones*':', w^ones*']'
		if (w-ones*' ')&^w&highs != 0 { // a byte below the space
			return true
		}
		marks := (space - ones) &^ space & ((colon-ones)&^colon | (bracket-ones)&^bracket) & highs
		for ; marks != 0; marks &= marks - 1 {
			if isAnchor(rest[bits.TrailingZeros64(marks)/8:]) {
				return true
			}
		}
		rest = rest[8:]
	}
	return false
}

// scanAnchor is mayHoldAnchor byte by byte.
func scanAnchor(msg []byte) bool {
	for i, c := range msg {
		if c < ' ' || (c == ':' || c == ']') && isAnchor(msg[i:]) {
			return true
		}
	}
	return false
}

// isAnchor tells whether a text that starts with a mark can be an anchor: ": gfp_mask=",
// ": segfault", ": unhandled", ": page allocation", ": potentially"; "] general
// protection", "] trap", "] control protection".
func isAnchor(text []byte) bool {
	if len(text) < len(": gfp_") || text[1] != ' ' {
		return false
	}
	switch binary.BigEndian.Uint32(text[2:]) { // four letters at once
	case 'g'<<24 | 'f'<<16 | 'p'<<8 | '_', 's'<<24 | 'e'<<16 | 'g'<<8 | 'f', 'u'<<24 | 'n'<<16 | 'h'<<8 | 'a',
		'p'<<24 | 'a'<<16 | 'g'<<8 | 'e', 'p'<<24 | 'o'<<16 | 't'<<8 | 'e':
		return text[0] == ':'
	case 'g'<<24 | 'e'<<16 | 'n'<<8 | 'e', 't'<<24 | 'r'<<16 | 'a'<<8 | 'p', 'c'<<24 | 'o'<<16 | 'n'<<8 | 't':
		return text[0] == ']'
	}
	return false
}

// skimObject returns what a journald record of the kernel says of the time, and
// its size, where its message means nothing; size 0 = read it.
func skimObject(rest []byte) (at stampOf, bootID []byte, size int) {
	var f objectFields
	end := f.read(rest)
	if end <= 0 || end > maxLine/2 || end >= len(rest) || rest[end] != '\n' || !f.ofKernel() {
		return at, nil, 0
	}
	msg, isText := textOf(f.message)
	if !isText || !meansNothing(msg) || bytes.IndexByte(msg[:min(len(msg), anchorWindow)], '\\') >= 0 && classifyAnchor(msg, escapeJSON) != noClass {
		return at, nil, 0
	}
	wall, ok := numberIn(f.realtime)
	us, ok2 := f.clock()
	if !ok || !ok2 || len(f.bootID) < 2 {
		return at, nil, 0
	}
	return stampOf{boot: seconds(us), wall: wall}, f.bootID, end + 1
}
