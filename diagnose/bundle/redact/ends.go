package redact

// maxEnds is the length of the stretch that is read at once: several times what is read of one call.
const maxEnds = 4 * maxArguments

// ends tells of each byte of a stretch where an argument that goes on there ends. Without it, calls within calls would
// have their arguments read once for each of them.
type ends struct {
	from int
	at   []endsAt
}

// endsAt counts from the stretch's beginning; the stretch's length = nowhere in it.
type endsAt struct {
	argument uint16 // what ends the argument: a comma, a semicolon, or the call's bracket
	call     uint16 // the bracket that ends the call
	equals   uint16 // the first = of the argument
}

// holds tells whether the stretch has the bytes from i up to limit.
func (e *ends) holds(i, limit int) bool {
	return e.from <= i && i < e.from+len(e.at) && limit < e.from+len(e.at)
}

// read goes backwards, so that what is behind a bracket's pair is known when the bracket is met.
func (e *ends) read(text []byte, from int) {
	text = text[from:min(len(text), from+maxEnds)]
	if cap(e.at) <= len(text) {
		e.at = make([]endsAt, len(text)+1)
	}
	n := uint16(len(text))
	e.from, e.at = from, e.at[:n+1]
	here := endsAt{n, n, n}
	e.at[n] = here
	for i := n; i > 0; i-- {
		switch text[i-1] {
		case '(', '[', '{':
			here = e.at[min(here.call+1, n)]
		case ')', ']', '}':
			here = endsAt{i - 1, i - 1, n}
		case ',', ';':
			here.argument, here.equals = i-1, n
		case '=':
			here.equals = i - 1
		}
		e.at[i-1] = here
	}
}
