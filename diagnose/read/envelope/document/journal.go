package document

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

const maxField = 1 << 20 // bytes kept of one field

// fieldName tells whether b is a name of journald's fields: capitals, digits, underscores.
func fieldName(b []byte) bool {
	for _, c := range b {
		if c != '_' && (c < 'A' || c > 'Z') && !lex.IsDigit(c) {
			return false
		}
	}
	return len(b) > 0 && len(b) <= 64
}

// object builds one line of JSON.
type object struct{ b []byte }

func (o *object) add(key, value []byte) {
	if len(o.b) == 0 {
		o.b = append(o.b, '{')
	} else {
		o.b = append(o.b, ',')
	}
	o.b = append(append(append(o.b, '"'), key...), `":"`...)
	o.b = append(jsontext.AppendEscaped(o.b, value[:min(len(value), maxField)]), '"')
}

// endLine appends the object as a line, where it has a member.
func (o *object) endLine(out []byte) []byte {
	if len(o.b) > 0 {
		out = append(append(out, o.b...), "}\n"...)
	}
	o.b = o.b[:0]
	return out
}

// export reads `journalctl -o export` (systemd's Journal Export Format): a field a line, and an empty line behind each
// record. A value that is no plain text stands behind its name, a line end, and its length as a little-endian uint64.
type export struct {
	rest []byte // of the input, not yet a whole field
	drop uint64 // bytes of it that are too many
	now  object
	cut  bool
}

func isExport(head []byte) bool {
	first, rest, _ := bytes.Cut(head, []byte("\n"))
	second, _, _ := bytes.Cut(rest, []byte("\n"))
	for _, line := range [][]byte{first, second} {
		name, _, ok := bytes.Cut(line, []byte("="))
		if !ok || !fieldName(name) {
			return false
		}
	}
	return bytes.HasPrefix(first, []byte("__")) || bytes.Contains(head, []byte("\nMESSAGE"))
}

// Cut tells whether a record was longer than is kept.
func (e *export) Cut() bool { return e.cut }

func (e *export) Feed(out, in []byte) []byte {
	e.rest = append(e.rest, in...)
	for {
		if e.drop > 0 {
			n := min(e.drop, uint64(len(e.rest)))
			e.rest, e.drop = e.rest[n:], e.drop-n
			if e.drop > 0 {
				break
			}
		}
		size := e.field(&out)
		if size == 0 {
			break
		}
		e.rest = e.rest[size:]
	}
	if len(e.rest) > 4*maxField { // a line without an end
		e.cut = true
		e.rest = e.rest[:2*maxField]
	}
	e.rest = append([]byte(nil), e.rest...)
	return out
}

// field takes the field, or the end of a record, that the rest begins with and returns its length, zero where more of
// it is needed.
func (e *export) field(out *[]byte) int {
	end := bytes.IndexByte(e.rest, '\n')
	if end < 0 {
		return 0
	}
	line := e.rest[:end]
	name, value, ok := bytes.Cut(line, []byte("="))
	switch {
	case len(bytes.TrimRight(line, "\r")) == 0:
		*out = e.now.endLine(*out)
	case ok && fieldName(name):
		e.now.add(name, bytes.TrimRight(value, "\r"))
	case fieldName(line):
		return e.binary(line, end+1)
	default:
		*out = append(append(*out, line...), '\n') // no field: not ours to drop
	}
	return end + 1
}

// binary takes a value that begins with its length at i.
func (e *export) binary(name []byte, i int) int {
	if len(e.rest) < i+8 {
		return 0
	}
	size := binary.LittleEndian.Uint64(e.rest[i:])
	keep := int(min(size, maxField))
	if len(e.rest) < i+8+keep {
		return 0
	}
	e.now.add(name, e.rest[i+8:i+8+keep])
	if e.drop = size - uint64(keep) + 1; size > maxField { // and the line end behind it
		e.cut = true
	}
	return i + 8 + keep
}

func (e *export) End(out []byte) []byte {
	if len(e.rest) > 0 {
		if name, value, ok := bytes.Cut(e.rest, []byte("=")); ok && fieldName(name) {
			e.now.add(name, value)
			e.rest = nil
		}
	}
	if out = e.now.endLine(out); len(e.rest) > 0 {
		out = append(append(out, e.rest...), '\n')
	}
	e.rest = nil
	return out
}

// verbose reads `journalctl -o verbose`:
//
//	Mon 2026-11-23 09:06:15.123456 UTC [s=8d8a…;i=1f3;b=7c3c…;m=5f2d0c1;t=6441f2b3c0a1e;x=9c…]
//	    PRIORITY=3
//	    MESSAGE=Worker (pid:7) was sent SIGKILL!
//
// The cursor in brackets has the time in microseconds and the boot, in hexadecimal.
type verbose struct {
	rest  []byte
	now   object
	name  []byte // of the field that a deeper indented line goes on with
	value []byte
	cut   bool
}

func isVerbose(head []byte) bool {
	for line := range bytes.SplitSeq(head, []byte("\n")) {
		if bytes.HasPrefix(line, []byte("-- ")) {
			continue
		}
		return cursorOf(line) != nil
	}
	return false
}

// cursorOf returns what stands in the brackets at the end of a record's first line, nil where there are none.
func cursorOf(line []byte) []byte {
	line = bytes.TrimRight(line, "\r ")
	i := bytes.Index(line, []byte(" [s="))
	if i < 0 || line[len(line)-1] != ']' || line[0] == ' ' {
		return nil
	}
	return line[i+2 : len(line)-1]
}

// Cut tells whether a record was longer than is kept.
func (v *verbose) Cut() bool { return v.cut }

func (v *verbose) Feed(out, in []byte) []byte {
	for len(in) > 0 {
		end := bytes.IndexByte(in, '\n')
		if end < 0 {
			if len(v.rest) < maxField {
				v.rest = append(v.rest, in...)
			} else {
				v.cut = true
			}
			return out
		}
		line := in[:end]
		if len(v.rest) > 0 {
			v.rest = append(v.rest, line...)
			line = v.rest
		}
		out = v.line(out, bytes.TrimRight(line, "\r"))
		v.rest = v.rest[:0]
		in = in[end+1:]
	}
	return out
}

func (v *verbose) line(out, line []byte) []byte {
	if cursor := cursorOf(line); cursor != nil {
		out = v.flush(out)
		for part := range bytes.SplitSeq(cursor, []byte(";")) {
			v.cursor(part)
		}
		return out
	}
	blanks := lex.Blanks(line)
	name, value, ok := bytes.Cut(line[blanks:], []byte("="))
	switch {
	case blanks == 4 && ok && fieldName(name):
		v.field()
		v.name, v.value = append(v.name[:0], name...), append(v.value[:0], value...)
	case blanks >= 4 && len(v.name) > 0 && len(v.value) < maxField:
		v.value = append(append(v.value, '\n'), line[min(blanks, 5+len(v.name)):]...)
	case len(line) == 0 && len(v.name) > 0:
		v.value = append(v.value, '\n')
	default:
		out = append(append(out, line...), '\n')
	}
	return out
}

// cursor takes the time, the boot and the kernel's clock.
func (v *verbose) cursor(part []byte) {
	if len(part) < 3 || part[1] != '=' {
		return
	}
	n, err := strconv.ParseUint(string(part[2:]), 16, 63)
	switch {
	case part[0] == 'b':
		v.now.add([]byte("_BOOT_ID"), part[2:])
	case part[0] == 't' && err == nil:
		v.now.add([]byte("__REALTIME_TIMESTAMP"), strconv.AppendUint(nil, n, 10))
	case part[0] == 'm' && err == nil:
		v.now.add([]byte("__MONOTONIC_TIMESTAMP"), strconv.AppendUint(nil, n, 10))
	}
}

func (v *verbose) field() {
	if len(v.name) > 0 {
		v.now.add(v.name, bytes.TrimRight(v.value, "\n"))
	}
	v.name = v.name[:0]
}

func (v *verbose) flush(out []byte) []byte {
	v.field()
	return v.now.endLine(out)
}

func (v *verbose) End(out []byte) []byte {
	if len(v.rest) > 0 {
		out = v.line(out, v.rest)
		v.rest = nil
	}
	return v.flush(out)
}
