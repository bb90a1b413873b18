package python

// lnotabLine reads co_lnotab of 3.9 and older (Objects/lnotab_notes.txt): pairs of
// how many bytes of code and how many lines to go on.
func lnotabLine(table []byte, first int, index int64) int {
	line, at := first, int64(0)
	for i := 0; i+1 < len(table); i += 2 {
		at += int64(table[i])
		if at > index {
			break
		}
		line += int(int8(table[i+1]))
	}
	return line
}

// linetableLine reads co_linetable of 3.10 (PEP 626): pairs of how many bytes a
// piece of code has and by how many lines it differs; -128 = it has no line. The
// frame's index counts instructions of two bytes.
func linetableLine(table []byte, first int, index int64) int {
	line, start := first, int64(0)
	for i := 0; i+1 < len(table); i += 2 {
		if step := int8(table[i+1]); step != -128 {
			line += int(step)
		}
		end := start + int64(table[i])
		if start <= index*2 && index*2 < end {
			return line
		}
		start = end
	}
	return line
}

// locationLine reads co_linetable of 3.11 and later (Objects/locations.md; since
// 3.12 InternalDocs/code_objects.md). An entry's first byte is 1, four bits of kind,
// three bits of length in instructions minus one; varints have six bits a byte.
func locationLine(table []byte, first int, index int64) int {
	line, at := first, int64(0)
	for len(table) > 0 {
		kind, length := table[0]>>3&15, int64(table[0]&7)+1
		table = table[1:]
		var step int
		step, table = lineStep(kind, table)
		line += step
		at += length * 2
		if index < at {
			return line
		}
	}
	return line
}

// lineStep returns by how many lines an entry differs from the one before, and
// what follows it.
func lineStep(kind byte, rest []byte) (step int, after []byte) {
	switch {
	case kind < 10: // short forms: same line, one byte of columns
		return 0, rest[min(1, len(rest)):]
	case kind < 13: // one line form: two bytes of columns
		return int(kind) - 10, rest[min(2, len(rest)):]
	case kind == 13: // no columns
		return signedVarint(rest)
	case kind == 14: // long form: end line and columns follow
		step, rest = signedVarint(rest)
		for range 3 {
			_, rest = varint(rest)
		}
		return step, rest
	}
	return 0, rest // 15: no location
}

func varint(b []byte) (value int, rest []byte) {
	for i, x := range b {
		if i < 5 {
			value |= int(x&63) << (6 * i)
		}
		if x&64 == 0 {
			return value, b[i+1:]
		}
	}
	return value, nil
}

// signedVarint holds the sign in its lowest bit.
func signedVarint(b []byte) (value int, rest []byte) {
	value, rest = varint(b)
	if value&1 != 0 {
		return -(value >> 1), rest
	}
	return value >> 1, rest
}
