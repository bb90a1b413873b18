package unwind

import (
	"errors"
	"io"
)

// entry is a frame description with its common part: the code range it speaks for
// and the programs that give the rules.
type entry struct {
	begin, size uint64

	codeAlign  uint64
	dataAlign  int64
	returnReg  uint64
	signal     bool // the frame of a signal handler's trampoline: 'S'
	common     []byte
	program    []byte
	pointerEnc byte
}

var (
	errNoFrames = errors.New("the binary has no .eh_frame")
	errNoEntry  = errors.New("no frame information covers the address")
	errDamaged  = errors.New("the frame information is damaged")
)

// maxEntry bounds one CIE or FDE; real ones have a few dozen bytes, with landing
// pads in another section.
const maxEntry = 1 << 20

// find returns the entry that covers a linked address.
func (im *Image) find(pc uint64) (*entry, error) {
	if im.frames == nil {
		return nil, errNoFrames
	}
	if at, ok := im.search(pc); ok {
		e, err := im.entryAt(at)
		if err == nil && pc-e.begin >= e.size {
			err = errNoEntry
		}
		return e, err
	}
	return im.sweep(pc)
}

// search uses .eh_frame_hdr, a sorted table of code and entry addresses (LSB
// "Exception Frame Header"); every linker writes it with data-relative sdata4.
func (im *Image) search(pc uint64) (at uint64, ok bool) {
	if im.index == nil || im.index.size < 12 {
		return 0, false
	}
	head := make([]byte, 12)
	if _, err := im.index.data.ReadAt(head, 0); err != nil || head[0] != 1 || head[2] != encUData4 ||
		head[3] != encDataRel|encSData4 || head[1]&0x0f != encSData4 {
		return 0, false
	}
	count := min(uint64(order.Uint32(head[8:])), (im.index.size-12)/8)
	row := func(i uint64) (code, entry uint64, ok bool) {
		b := make([]byte, 8)
		if _, err := im.index.data.ReadAt(b, int64(12+8*i)); err != nil {
			return 0, 0, false
		}
		return im.index.addr + uint64(int64(int32(order.Uint32(b)))), im.index.addr +
			uint64(int64(int32(order.Uint32(b[4:])))), true
	}
	low, high := uint64(0), count
	for low < high {
		mid := (low + high) / 2
		code, _, ok := row(mid)
		if !ok {
			return 0, false
		}
		if code <= pc {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == 0 {
		return 0, false
	}
	_, at, ok = row(low - 1)
	return at, ok
}

// sweep reads all of .eh_frame, where there is no usable index.
func (im *Image) sweep(pc uint64) (*entry, error) {
	if im.frames.size > maxFrameBytes {
		return nil, errNoEntry
	}
	for offset := uint64(0); offset+8 <= im.frames.size; {
		raw, err := im.raw(offset)
		if err != nil || len(raw) == 0 {
			break
		}
		if order.Uint32(raw) != 0 { // not a CIE
			if e, err := im.parse(offset, raw); err == nil && pc-e.begin < e.size {
				return e, nil
			}
		}
		offset += 4 + uint64(len(raw))
	}
	return nil, errNoEntry
}

// entryAt reads the FDE at an address.
func (im *Image) entryAt(at uint64) (*entry, error) {
	offset := at - im.frames.addr
	if offset >= im.frames.size {
		return nil, errDamaged
	}
	raw, err := im.raw(offset)
	if err != nil {
		return nil, err
	}
	return im.parse(offset, raw)
}

// raw returns a CIE or FDE behind its length, empty for the terminator. The 64-bit
// form does not occur in .eh_frame.
func (im *Image) raw(offset uint64) ([]byte, error) {
	var head [4]byte
	if _, err := im.frames.data.ReadAt(head[:], int64(offset)); err != nil {
		return nil, errDamaged
	}
	length := order.Uint32(head[:])
	if length > maxEntry || length > 0 && length < 4 {
		return nil, errDamaged
	}
	raw := make([]byte, length)
	if n, err := im.frames.data.ReadAt(raw, int64(offset+4)); n < len(raw) && err != nil && err != io.EOF || n < len(raw) {
		return nil, errDamaged
	}
	return raw, nil
}

// parse reads an FDE: how far back its CIE lies, the code's begin and size, and
// the program.
func (im *Image) parse(offset uint64, raw []byte) (*entry, error) {
	if len(raw) < 4 {
		return nil, errDamaged
	}
	back := uint64(order.Uint32(raw))
	if back == 0 || back > offset+4 {
		return nil, errDamaged
	}
	e := &entry{}
	augmented, err := im.parseCommon(offset+4-back, e)
	if err != nil {
		return nil, err
	}
	b := &buffer{b: raw[4:]}
	e.begin = b.pointer(e.pointerEnc, im.frames.addr+offset+8, 0)
	e.size = b.pointer(e.pointerEnc&0x0f, 0, 0)
	if augmented {
		b.block()
	}
	if b.short {
		return nil, errDamaged
	}
	e.program = b.b
	return e, nil
}

// parseCommon reads the CIE: alignment factors, the return address's register, and
// by the letters of its augmentation how pointers are encoded.
func (im *Image) parseCommon(offset uint64, e *entry) (augmented bool, err error) {
	raw, err := im.raw(offset)
	if err != nil {
		return false, err
	}
	b := &buffer{b: raw}
	if b.u32() != 0 {
		return false, errDamaged
	}
	version := b.u8()
	letters := b.text()
	e.codeAlign, e.dataAlign = b.uleb(), b.sleb()
	if version == 1 {
		e.returnReg = uint64(b.u8())
	} else {
		e.returnReg = b.uleb()
	}
	if len(letters) > 0 && letters[0] == 'z' {
		augmented = true
		data := &buffer{b: b.block()}
		for _, letter := range letters[1:] {
			switch letter {
			case 'R':
				e.pointerEnc = data.u8()
			case 'P':
				data.pointer(data.u8()&0x0f, 0, 0)
			case 'L':
				data.u8()
			case 'S':
				e.signal = true
			}
		}
	}
	if b.short || version != 1 && version != 3 {
		return false, errDamaged
	}
	e.common = b.b
	return augmented, nil
}
