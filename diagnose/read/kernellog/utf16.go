package kernellog

import (
	"bufio"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Reader turns UTF-16 with a byte order mark into UTF-8.
type utf16Reader struct {
	in    *bufio.Reader
	order binary.ByteOrder
	out   []byte // decoded, not yet read
}

func newUTF16Reader(in *bufio.Reader) *utf16Reader {
	return &utf16Reader{in: in}
}

func (r *utf16Reader) Read(p []byte) (int, error) {
	for len(r.out) < len(p) && len(r.out) < 4096 {
		unit, err := r.unit()
		if err != nil {
			if len(r.out) > 0 {
				break
			}
			return 0, err
		}
		if c := rune(unit); !utf16.IsSurrogate(c) {
			r.out = utf8.AppendRune(r.out, c)
			continue
		}
		low, err := r.unit()
		if err != nil {
			low = 0xFFFD
		}
		r.out = utf8.AppendRune(r.out, utf16.DecodeRune(rune(unit), rune(low)))
	}
	n := copy(p, r.out)
	r.out = r.out[:copy(r.out, r.out[n:])]
	return n, nil
}

func (r *utf16Reader) unit() (uint16, error) {
	var b [2]byte
	if _, err := io.ReadFull(r.in, b[:]); err != nil {
		if err == io.ErrUnexpectedEOF {
			err = io.EOF // an odd last byte
		}
		return 0, err
	}
	if r.order == nil { // the first unit is the mark itself
		if r.order = binary.BigEndian; b[0] == 0xff {
			r.order = binary.LittleEndian
		}
		return r.unit()
	}
	return r.order.Uint16(b[:]), nil
}
