package envelope

import "bytes"

// Clean removes terminal escapes, NUL bytes, a byte order mark, and the carriage returns around a line, in place:
// colours break "INFO:" in two (docs/notes/PYTHON.md#4.6), and json-file keeps them as they came
// (docs/notes/DOCKER.md#a4).
func Clean(b []byte) []byte {
	if bytes.IndexByte(b, 0) >= 0 {
		b = dropByte(b, 0)
	}
	if i := bytes.IndexByte(b, esc); i >= 0 {
		b = dropEscapes(b, i)
	}
	if len(b) > 2 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf {
		b = b[3:]
	}
	return bytes.Trim(b, "\r") // before a line: a terminal's that was written over
}

func dropByte(b []byte, c byte) []byte {
	out := b[:0]
	for _, x := range b {
		if x != c {
			out = append(out, x)
		}
	}
	return out
}

const esc = 0x1b

func dropEscapes(b []byte, from int) []byte {
	out := b[:from]
	for i := from; i < len(b); {
		if b[i] != esc {
			out = append(out, b[i])
			i++
			continue
		}
		i += escapeLen(b[i:])
	}
	return out
}

// EscapeLen returns the length of the escape sequence at the start of b, 1 where it is none that ends.
func EscapeLen(b []byte) int { return escapeLen(b) }

// escapeLen returns the length of the escape sequence that b begins with (ECMA-48 5.4, 5.6): CSI, OSC, or ESC with
// intermediates and a final byte. What is unfinished loses its introducer only, so that no text is swallowed.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 1
	}
	switch b[1] {
	case '[':
		for i := 2; i < len(b); i++ {
			if b[i] >= 0x40 && b[i] <= 0x7e {
				return i + 1
			}
			if b[i] < 0x20 || b[i] > 0x3f {
				break
			}
		}
		return 2
	case ']', '_', 'P', '^': // OSC, APC (Buildkite's time stamps), DCS, PM
		return oscLen(b)
	}
	i := 1
	for i < len(b) && b[i] >= 0x20 && b[i] <= 0x2f {
		i++
	}
	if i < len(b) && b[i] >= 0x30 && b[i] <= 0x7e {
		return i + 1
	}
	return 1
}

// oscLen returns the length of the OSC sequence at the start of b, up to BEL or ST. No ESC but that of ST may stand in
// it: looking past one would make a line of introducers quadratic.
func oscLen(b []byte) int {
	for i := 2; i < min(len(b), 4096); i++ {
		switch {
		case b[i] == 0x07:
			return i + 1
		case b[i] == esc && i+1 < len(b) && b[i+1] == '\\':
			return i + 2
		case b[i] == esc:
			return 2
		}
	}
	return 2
}
