package python

import (
	"encoding/binary"
	"unicode/utf16"
)

var order = binary.LittleEndian

// Caps of what is read of one object.
const (
	maxString = 1 << 10
	maxTable  = 64 << 10
	maxCodes  = 4096 // code objects that are kept
	maxKept   = 8 << 20
)

func (r *reader) word(addr uint64) (uint64, bool) {
	var b [8]byte
	if r.ReadMemory(addr, b[:]) != nil {
		return 0, false
	}
	return order.Uint64(b[:]), true
}

func (r *reader) number(addr uint64) (uint32, bool) {
	var b [4]byte
	if r.ReadMemory(addr, b[:]) != nil {
		return 0, false
	}
	return order.Uint32(b[:]), true
}

// str reads a str object: its length, a word with the width of a character and
// whether it is ASCII, then the characters.
func (r *reader) str(addr uint64) (string, bool) {
	length, ok := r.word(addr + unicodeLength)
	state, ok2 := r.number(addr + unicodeState)
	if !ok || !ok2 || length > 1<<20 {
		return "", false
	}
	width, ascii, ok := unicodeForm(state)
	if !ok {
		return "", false
	}
	data := addr + r.unicodeData
	if !ascii {
		data += 16 // PyCompactUnicodeObject keeps its UTF-8 form's length and address there
		if r.unicodeData == 48 {
			data += 8 // and, up to 3.11, the length of its wchar_t form
		}
	}
	b := make([]byte, min(length, maxString)*uint64(width))
	if r.ReadMemory(data, b) != nil {
		return "", false
	}
	return decode(b, width), true
}

// unicodeForm reads the bit field: interned (2 bits, in some builds 16), kind (3),
// compact, ascii.
func unicodeForm(state uint32) (width int, ascii, ok bool) {
	for _, shift := range []int{2, 16, 8} {
		kind, compact := state>>shift&7, state>>(shift+3)&1
		if compact == 1 && (kind == 1 || kind == 2 || kind == 4) {
			return int(kind), state>>(shift+4)&1 == 1, true
		}
	}
	return 0, false, false
}

func decode(b []byte, width int) string {
	runes := make([]rune, 0, len(b)/width)
	for i := 0; i+width <= len(b); i += width {
		switch width {
		case 1:
			runes = append(runes, rune(b[i]))
		case 2:
			runes = append(runes, rune(order.Uint16(b[i:])))
		default:
			runes = append(runes, rune(order.Uint32(b[i:])))
		}
	}
	if width == 2 { // never surrogate pairs, but a hostile one decodes to U+FFFD
		for i, c := range runes {
			if utf16.IsSurrogate(c) {
				runes[i] = '\uFFFD'
			}
		}
	}
	return string(runes)
}

// bytes reads a bytes object.
func (r *reader) bytes(addr uint64) []byte {
	size, ok := r.word(addr + bytesSize)
	if !ok {
		return nil
	}
	b := make([]byte, min(size, maxTable))
	if r.ReadMemory(addr+bytesData, b) != nil {
		return nil
	}
	return b
}

// code is what is kept of a code object.
type code struct {
	file, function string
	first          int
	lines          []byte
}

// codeAt reads a code object, once.
func (r *reader) codeAt(addr uint64) (*code, bool) {
	if c, ok := r.codes[addr]; ok {
		return c, c != nil
	}
	c, ok := r.readCode(addr)
	if len(r.codes) < maxCodes && r.kept < maxKept {
		r.codes[addr] = c
		if c != nil {
			r.kept += len(c.lines)
		}
	}
	return c, ok
}

func (r *reader) readCode(addr uint64) (*code, bool) {
	file, ok1 := r.pointed(addr + r.codeFile)
	name, ok2 := r.pointed(addr + r.codeName)
	if r.codeQualname != 0 {
		if qualified, ok := r.pointed(addr + r.codeQualname); ok {
			name = qualified
		}
	}
	first, ok3 := r.number(addr + r.codeFirst)
	table, ok4 := r.word(addr + r.codeLines)
	if !ok1 || !ok2 || !ok3 || !ok4 || file == "" || name == "" {
		return nil, false
	}
	return &code{file: file, function: name, first: int(int32(first)), lines: r.bytes(table)}, true
}

// pointed reads the str that a pointer at addr points to.
func (r *reader) pointed(addr uint64) (string, bool) {
	at, ok := r.word(addr)
	if !ok {
		return "", false
	}
	return r.str(at)
}
