package servicelog

import (
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
	"slices"
)

// known tells whether a text begins with a message of the table, or has one that may stand anywhere, so that what
// stands before it in a person's text is not its own (envelope.Options.Known).
func known(text []byte, inside bool) bool {
	p, ix := prefix.Parse(text), signatures()
	if len(p.Msg) == 0 {
		return false
	}
	if inside {
		return p.Bare && ix.within(text) != nil ||
			slices.ContainsFunc(ix.quotable.find(text, nil), func(n needle) bool { return n.m.sig.ID != "" })
	}
	if ix.message(p) != nil {
		return true
	}
	_, found := traceback.Header(p.Msg)
	if typ, msg, ok := traceback.SplitException(p.Msg); ok {
		ix.exceptions(typ, msg, func(m *matcher) { found = found || len(m.sig.Types) > 0 })
	}
	return found
}
