package kernellog

import (
	"bytes"
	"encoding/binary"
)

// members are what the fields of journald's records look like, learnt from those
// before:
//
//	{"MESSAGE":"…","PRIORITY":"6","_BOOT_ID":"7c3c…","_SOURCE_MONOTONIC_TIMESTAMP":"8162070",…}
//
// journalctl 252 prints the fields of each record in another order. But most say the
// same in every record of the kernel, so that they can be compared, not parsed. A
// field is found by the first eight bytes of its name, at its place or the next ones.
type members struct {
	table [64]member
	known int
	first member // stands for the opening brace
}

type member struct {
	head uint64 // the first eight bytes behind the opening quote
	text []byte // `"_TRANSPORT":"kernel"`, or `"MESSAGE":"` where the value is free
	kind memberKind
	next *member // what stood behind it the last time
}

type memberKind uint8

const (
	memberSame      memberKind = iota // the same in every record
	memberText                        // any string without escapes
	memberNumber                      // digits that mean nothing here
	memberMessage                     // any string
	memberRealtime                    // µs since 1970
	memberSource                      // kernel clock, µs
	memberClock                       // … of the record's arrival
	memberBootID                      // the same in every record of a boot
	memberTransport                   // as it is of the kernel's own records
	memberFacility                    // likewise
)

// kindOf are the fields that mean something, and those known to differ.
func kindOf(key []byte) memberKind {
	switch string(key) {
	case "MESSAGE":
		return memberMessage
	case "__REALTIME_TIMESTAMP":
		return memberRealtime
	case "_SOURCE_MONOTONIC_TIMESTAMP":
		return memberSource
	case "__MONOTONIC_TIMESTAMP":
		return memberClock
	case "_BOOT_ID":
		return memberBootID
	case "_TRANSPORT":
		return memberTransport
	case "SYSLOG_FACILITY":
		return memberFacility
	case "PRIORITY", "__SEQNUM", "_SOURCE_BOOTTIME_TIMESTAMP":
		return memberNumber
	case "__CURSOR":
		return memberText
	}
	return memberSame
}

// isFree tells whether the value may be any of its kind.
func (k memberKind) isFree() bool { return k >= memberText && k <= memberClock }

// kernelRecord is a record of the kernel's own.
type kernelRecord struct {
	msg    []byte // as it stands in JSON
	at     stampOf
	bootID []byte
	size   int // with its newline
}

// skimObject reads the record that rest begins with and tells whether there is one
// whose message means nothing.
func (m *members) skimObject(rest []byte, r *kernelRecord) bool {
	if !m.match(rest, r) {
		var f objectFields
		if !f.skim(rest, r) {
			return false
		}
		m.learn(rest[:r.size])
	}
	return escapedMeansNothing(r.msg)
}

// skim parses a record and tells whether it is one of the kernel's own.
func (f *objectFields) skim(rest []byte, r *kernelRecord) bool {
	end := bytes.IndexByte(rest, '\n')
	if end < 0 || end > maxLine/2 || f.read(rest[:end]) != end || !f.ofKernel() || len(f.bootID) < 2 {
		return false
	}
	msg, isText := textOf(f.message)
	wall, ok := numberIn(f.realtime)
	us, ok2 := f.clock()
	*r = kernelRecord{msg, stampOf{boot: us, wall: wall}, f.bootID, end + 1}
	return isText && ok && ok2
}

// escapedMeansNothing is meansNothing for a message as it stands in JSON, with more
// of the record behind it.
func escapedMeansNothing(msg []byte) bool {
	if cap(msg) < headSize || !meansNothing(msg[:max(len(msg), headSize)], len(msg)) {
		return false
	}
	return bytes.IndexByte(msg[:min(len(msg), anchorWindow)], '\\') < 0 || classifyAnchor(msg, escapeJSON) == noClass
}

// match reads a record and tells whether all of its fields are known, and those are
// there that it needs.
func (m *members) match(b []byte, r *kernelRecord) bool {
	var seen uint
	var source int64
	for i, f := 1, &m.first; ; {
		f = m.find(b, i, f)
		if f == nil || f.kind >= memberMessage && seen>>f.kind&1 != 0 { // of those that come twice the first counts
			return false
		}
		seen |= 1 << f.kind
		begin := i + len(f.text)
		end := begin
		switch f.kind {
		case memberMessage:
			end = messageEnd(b, begin)
			r.msg = b[begin:max(begin, end)]
		case memberText:
			end = plainEnd(b, begin)
		case memberNumber:
			_, end = digitsAt(b, begin)
		case memberRealtime:
			r.at.wall, end = digitsAt(b, begin)
		case memberClock:
			r.at.boot, end = digitsAt(b, begin)
		case memberSource:
			source, end = digitsAt(b, begin)
		case memberBootID:
			r.bootID = b[i+len(`"_BOOT_ID":`) : end]
		}
		if end < 0 || end+2 >= len(b) {
			return false
		}
		if f.kind.isFree() {
			end++ // the closing quote
		}
		if i = end + 1; b[end] == ',' {
			continue
		}
		if seen>>memberSource&1 != 0 {
			r.at.boot = source
		}
		r.size = i + 1
		return b[end] == '}' && b[i] == '\n' && end <= maxLine/2 && isComplete(seen)
	}
}

// isComplete tells whether the kinds that were seen make a record of the kernel.
func isComplete(seen uint) bool {
	const needed = 1<<memberMessage | 1<<memberRealtime | 1<<memberBootID | 1<<memberTransport
	return seen&needed == needed && seen&(1<<memberSource|1<<memberClock) != 0
}

// find returns the member that stands at an index, behind another; nil where none
// does that is known.
func (m *members) find(b []byte, i int, before *member) *member {
	if f := before.next; f != nil && len(b)-i > len(f.text) && string(b[i:i+len(f.text)]) == string(f.text) {
		return f
	}
	if len(b)-i < 9 {
		return nil
	}
	head := binary.LittleEndian.Uint64(b[i+1:])
	for at := place(head); ; at++ {
		f := &m.table[at%len(m.table)]
		if f.text == nil {
			return nil
		}
		if f.head == head && bytes.HasPrefix(b[i:], f.text) {
			before.next = f
			return f
		}
	}
}

// place is where a member with that head is looked for first.
func place(head uint64) int { return int(head * 0x9e3779b97f4a7c15 >> 58) }

// learn takes the members of a record that match does not know.
func (m *members) learn(record []byte) {
	_ = eachMember(record, func(key, value []byte) {
		at := cap(record) - cap(key) - 1 // both end where their memory does
		end := cap(record) - cap(value) + len(value)
		if at > 0 && end-at > len(key)+len(`"":`) && len(record)-at > 9 {
			m.add(record[at:end], key, value)
		}
	})
}

// add takes a member, text, in place of one of the same name.
func (m *members) add(text, key, value []byte) {
	f := m.slot(text, len(key)+len(`"":`))
	if f == nil {
		return
	}
	kind := kindOf(key)
	_, isText := textOf(value)
	if kind == memberSame && f.text != nil && isText { // it is not the same in every record
		kind = memberText
	}
	if kind.isFree() {
		if !isText {
			kind = memberSame
		} else {
			text = text[:len(text)-len(value)+1]
		}
	}
	if kind == memberMessage && !isText || f.kind == kind && bytes.Equal(f.text, text) {
		return
	}
	*f = member{head: binary.LittleEndian.Uint64(text[1:]), text: bytes.Clone(text), kind: kind}
}

// slot returns the place of a member by its name, the first bytes of text with
// quotes and colon: its own, or an empty one; nil = there is no room.
func (m *members) slot(text []byte, name int) *member {
	head := binary.LittleEndian.Uint64(text[1:])
	for at := place(head); ; at++ {
		f := &m.table[at%len(m.table)]
		if f.text == nil {
			if m.known >= len(m.table)/2 {
				return nil
			}
			m.known++
			return f
		}
		if len(f.text) >= name && bytes.Equal(f.text[:name], text[:name]) {
			return f
		}
	}
}

// messageEnd returns where the string ends whose first byte, behind its quote, is at
// an index; -1 where it does not.
func messageEnd(b []byte, begin int) int {
	size := stringEnd(b[begin-1 : min(len(b), begin+maxLine/2)])
	if size < 0 || bytes.IndexByte(b[begin:begin+size-2], '\n') >= 0 {
		return -1
	}
	return begin + size - 2
}

// plainEnd is messageEnd for a string without escapes.
func plainEnd(b []byte, begin int) int {
	size := bytes.IndexByte(b[begin:min(len(b), begin+maxLine/2)], '"')
	if size < 0 || bytes.IndexByte(b[begin:begin+size], '\\') >= 0 || bytes.IndexByte(b[begin:begin+size], '\n') >= 0 {
		return -1
	}
	return begin + size
}

// digitsAt reads a number of up to 18 digits up to a quote; end is -1 where that is
// not what stands there.
func digitsAt(b []byte, begin int) (n int64, end int) {
	end = begin
	for end+8 <= min(len(b), begin+16) {
		part, ok := eightDigits(b[end:])
		if !ok {
			break
		}
		n, end = n*1e8+part, end+8
	}
	for end < min(len(b), begin+18) && b[end]-'0' <= 9 {
		n, end = n*10+int64(b[end]-'0'), end+1
	}
	if end == begin || end >= len(b) || b[end] != '"' {
		return 0, -1
	}
	return n, end
}

// eightDigits reads a number of eight digits from the first eight bytes of b.
func eightDigits(b []byte) (int64, bool) {
	return fromDigits(binary.LittleEndian.Uint64(b) ^ ones*'0')
}

// fromDigits makes a number of eight bytes of 0 to 9, the first of which is the
// lowest of w, all at once: neighbours become pairs, and pairs of those.
func fromDigits(w uint64) (int64, bool) {
	if (w|(w+ones*6))&(ones*0xf0) != 0 {
		return 0, false
	}
	w = (w*10 + w>>8) & 0x00ff00ff00ff00ff
	w = (w*100 + w>>16) & 0x0000ffff0000ffff
	w = w*10000 + w>>32
	return int64(w & 0xffffffff), true
}
