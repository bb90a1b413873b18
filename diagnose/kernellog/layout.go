package kernellog

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// layout is how one record of journald's export is written. journalctl prints the
// records of one source alike, so that most differ from one before them only in the
// message and in a few numbers:
//
//	{"MESSAGE":"…","PRIORITY":"6","_BOOT_ID":"7c3c…","_SOURCE_MONOTONIC_TIMESTAMP":"8162070",…}
//
// What is the same is compared, not parsed.
type layout struct {
	text  []byte // the record that it was learnt from
	parts []part
}

// part is a stretch of text that is the same in every record of a layout, and the
// value behind it.
type part struct {
	fixed []byte // of the layout's text
	size  int    // of the value; that of the message is free
	value valueKind
	boot  []byte // valueBootID
}

type valueKind uint8

const (
	valueNone     valueKind = iota // the record's end
	valueMessage                   // without its quotes, as all of these but the last
	valueRealtime                  // µs since 1970
	valueClock                     // kernel clock, µs
	valueNumber                    // means nothing here
	valueCursor                    // "s=5f0c…;i=1a2b;b=…"
	valueBootID
)

// layouts are those of the records read last, the latest first. The kernel's own
// records have one layout, or one for each number of digits of its clock; those of
// devices and of the audit subsystem have others.
type layouts [4]layout

// skimObject returns what a journald record of the kernel says of the time, and
// its size, where its message means nothing; size 0 = read it.
func (y *layouts) skimObject(rest []byte) (at stampOf, bootID []byte, size int) {
	var msg []byte
	for i := range y {
		if msg, at, bootID, size = y[i].match(rest); size > 0 {
			y[0], y[i] = y[i], y[0]
			break
		}
	}
	if size == 0 {
		var f objectFields
		if msg, at, size = f.skim(rest); size == 0 {
			return at, nil, 0
		}
		bootID = f.bootID
		last := len(y) - 1
		y[last].learn(rest[:size], &f)
		y[0], y[last] = y[last], y[0]
	}
	if !escapedMeansNothing(msg) {
		return at, nil, 0
	}
	return at, bootID, size
}

// skim parses a record and tells its message and time; size 0 = it is none of the
// kernel's, or lacks one of them.
func (f *objectFields) skim(rest []byte) (msg []byte, at stampOf, size int) {
	end := bytes.IndexByte(rest, '\n')
	if end < 0 || end > maxLine/2 || f.read(rest[:end]) != end || !f.ofKernel() || len(f.bootID) < 2 {
		return nil, at, 0
	}
	msg, isText := textOf(f.message)
	wall, ok := numberIn(f.realtime)
	us, ok2 := f.clock()
	if !isText || !ok || !ok2 {
		return nil, at, 0
	}
	return msg, stampOf{boot: us, wall: wall}, end + 1
}

// escapedMeansNothing is meansNothing for a message as it stands in JSON, with more
// of the record behind it.
func escapedMeansNothing(msg []byte) bool {
	if cap(msg) < headSize || !meansNothing(msg[:max(len(msg), headSize)], len(msg)) {
		return false
	}
	return bytes.IndexByte(msg[:min(len(msg), anchorWindow)], '\\') < 0 || classifyAnchor(msg, escapeJSON) == noClass
}

// learn takes the layout of a record, whose fields f are slices of it.
func (y *layout) learn(record []byte, f *objectFields) {
	y.text, y.parts = append(y.text[:0], record...), y.parts[:0]
	clock := f.sourceClock
	if _, ok := numberIn(clock); !ok {
		clock = f.clockField
	}
	for _, v := range [...]struct {
		text  []byte
		value valueKind
	}{
		{f.message, valueMessage}, {f.realtime, valueRealtime}, {clock, valueClock}, {f.bootID, valueBootID},
		{f.clockField, valueNumber}, {f.priority, valueNumber}, {f.sequence, valueNumber}, {f.cursor, valueCursor},
	} {
		y.add(cap(record)-cap(v.text), v.text, v.value)
	}
	slices.SortFunc(y.parts, func(a, b part) int { return cap(b.fixed) - cap(a.fixed) })
	at := 0
	for i := range y.parts { // until here each began at its value
		p := &y.parts[i]
		begin := len(y.text) - len(p.fixed)
		p.fixed = y.text[at:begin]
		at = begin + p.size
	}
	y.parts = append(y.parts, part{fixed: y.text[at:]})
}

// add notes a value that stands at an index of the record; a field that is missing,
// or a number that is none, stays a part of what is the same.
func (y *layout) add(at int, text []byte, kind valueKind) {
	if inside, ok := textOf(text); ok && kind != valueBootID {
		at, text = at+1, inside
	}
	if len(text) == 0 && kind != valueMessage {
		return
	}
	if kind == valueNumber {
		if _, ok := number(text); !ok {
			return
		}
	}
	for _, p := range y.parts {
		if len(y.text)-len(p.fixed) == at {
			return // the clock, told once already
		}
	}
	p := part{fixed: y.text[at:], size: len(text), value: kind}
	if kind == valueBootID {
		p.boot = y.text[at : at+len(text)]
	}
	y.parts = append(y.parts, p)
}

// match reads a record that has the layout; size 0 = it has not.
func (y *layout) match(b []byte) (msg []byte, stamp stampOf, bootID []byte, size int) {
	at := 0
	for i := range y.parts {
		p := &y.parts[i]
		end := at + len(p.fixed)
		if len(b)-end < p.size || string(b[at:end]) != string(p.fixed) {
			return nil, stamp, nil, 0
		}
		at = end
		value, ok := b[at:at+p.size], true
		switch p.value {
		case valueNone:
			return msg, stamp, bootID, at
		case valueMessage:
			msg, ok = messageAt(b, at)
			value = msg
		case valueRealtime:
			stamp.wall, ok = number(value)
		case valueClock:
			stamp.boot, ok = number(value)
		case valueNumber:
			_, ok = number(value)
		case valueCursor:
			ok = bytes.IndexByte(value, '"') < 0 && bytes.IndexByte(value, '\\') < 0 && bytes.IndexByte(value, '\n') < 0
		case valueBootID:
			bootID, ok = value, string(value) == string(p.boot)
		}
		if !ok {
			return nil, stamp, nil, 0
		}
		at += len(value)
	}
	return nil, stamp, nil, 0
}

// messageAt returns the inside of the string whose first byte, behind its quote, is
// at an index.
func messageAt(b []byte, at int) ([]byte, bool) {
	end := stringEnd(b[at-1 : min(len(b), at+maxLine/2)])
	if end < 0 {
		return nil, false
	}
	msg := b[at : at+end-2]
	return msg, bytes.IndexByte(msg, '\n') < 0
}

// eightDigits reads a number of eight digits from the first eight bytes of b, all
// at once: neighbours become pairs, and pairs of those.
func eightDigits(b []byte) (int64, bool) {
	return fromDigits(binary.LittleEndian.Uint64(b) ^ ones*'0')
}

// fromDigits makes a number of eight bytes of 0 to 9, the first of which is the
// lowest of w.
func fromDigits(w uint64) (int64, bool) {
	if (w|(w+ones*6))&(ones*0xf0) != 0 {
		return 0, false
	}
	w = (w*10 + w>>8) & 0x00ff00ff00ff00ff
	w = (w*100 + w>>16) & 0x0000ffff0000ffff
	w = w*10000 + w>>32
	return int64(w & 0xffffffff), true
}
