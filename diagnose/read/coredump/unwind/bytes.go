package unwind

import "encoding/binary"

var order = binary.LittleEndian

// buffer reads numbers off a byte slice; short is set once it ran out, and all
// reads give 0 from then on.
type buffer struct {
	b     []byte
	short bool
}

func (b *buffer) take(n int) []byte {
	if n < 0 || n > len(b.b) {
		b.b, b.short = nil, true
		return make([]byte, max(min(n, 8), 0))
	}
	head := b.b[:n]
	b.b = b.b[n:]
	return head
}

func (b *buffer) u8() byte    { return b.take(1)[0] }
func (b *buffer) u16() uint16 { return order.Uint16(b.take(2)) }
func (b *buffer) u32() uint32 { return order.Uint32(b.take(4)) }
func (b *buffer) u64() uint64 { return order.Uint64(b.take(8)) }

// uleb and sleb are DWARF's variable-length numbers (DWARF 5, 7.6).
func (b *buffer) uleb() uint64 {
	var v uint64
	for shift := 0; ; shift += 7 {
		x := b.u8()
		if shift < 64 {
			v |= uint64(x&0x7f) << shift
		}
		if x&0x80 == 0 {
			return v
		}
	}
}

func (b *buffer) sleb() int64 {
	var v int64
	for shift := 0; ; shift += 7 {
		x := b.u8()
		if shift < 64 {
			v |= int64(x&0x7f) << shift
		}
		if x&0x80 == 0 {
			if shift+7 < 64 && x&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			return v
		}
	}
}

// block is a length and that many bytes.
func (b *buffer) block() []byte { return b.take(int(min(b.uleb(), 1<<20))) }

// text is a NUL-terminated string of at most 16 bytes.
func (b *buffer) text() string {
	var s []byte
	for len(s) < 16 {
		c := b.u8()
		if c == 0 {
			break
		}
		s = append(s, c)
	}
	return string(s)
}

// Pointer encodings (LSB "DWARF Extensions").
const (
	encAbsolute = 0x00
	encUData2   = 0x02
	encUData4   = 0x03
	encUData8   = 0x04
	encSData2   = 0x0a
	encSData4   = 0x0b
	encSData8   = 0x0c
	encPCRel    = 0x10
	encDataRel  = 0x30
	encOmit     = 0xff
)

// pointer reads an encoded pointer that stands at address at; data is what
// data-relative ones count from.
func (b *buffer) pointer(enc byte, at, data uint64) uint64 {
	if enc == encOmit {
		return 0
	}
	var v uint64
	switch enc & 0x0f {
	case encAbsolute, encUData8, encSData8:
		v = b.u64()
	case encUData4:
		v = uint64(b.u32())
	case encSData4:
		v = uint64(int64(int32(b.u32())))
	case encUData2:
		v = uint64(b.u16())
	case encSData2:
		v = uint64(int64(int16(b.u16())))
	default:
		b.short = true
	}
	switch enc & 0x70 {
	case encPCRel:
		v += at
	case encDataRel:
		v += data
	}
	return v
}
