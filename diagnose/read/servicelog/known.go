package servicelog

import "slices"

// known tells whether a text begins with a message of the table, or has one that may stand anywhere, so that what
// stands before it in a person's text is not its own (envelope.Options.Known).
func known(text []byte, inside bool) bool {
	p, ix := parse(text), signatures()
	if len(p.msg) == 0 {
		return false
	}
	if inside {
		return p.bare && ix.within(text) != nil ||
			slices.ContainsFunc(ix.quotable.find(text, nil), func(n needle) bool { return n.m.sig.ID != "" })
	}
	if ix.message(p) != nil {
		return true
	}
	_, found := tracebackHeader(p.msg)
	if typ, msg, ok := splitException(p.msg); ok {
		ix.exceptions(typ, msg, func(m *matcher) { found = found || len(m.sig.Types) > 0 })
	}
	return found
}
