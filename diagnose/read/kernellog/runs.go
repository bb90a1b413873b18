package kernellog

import (
	"bytes"
	"encoding/binary"
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
// be read. What the fields of records look like is known from one call to the next;
// what it finds does not depend on that.
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
	var record kernelRecord
	for r.end < len(text) && text[r.end] == '{' {
		if !known.skimObject(text[r.end:], &record) || r.lines > 0 && !bytes.Equal(r.bootID, record.bootID) {
			return
		}
		r.bootID = record.bootID
		r.add(record.at, record.size)
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
