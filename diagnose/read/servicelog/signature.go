package servicelog

import (
	"slices"
	"sync"
)

// Form tells where a signature's anchors are looked for.
type Form string

// The forms.
const (
	// FormMessage: the first anchor starts the message, once known prefixes (time, level, pid, logger) are off.
	FormMessage Form = "message"
	// FormBare: like FormMessage, on lines that have no prefix at all. The C library, the interpreter and
	// shells write past every logger.
	FormBare Form = "bare"
	// FormInside: the anchors stand anywhere in a line that has no prefix.
	FormInside Form = "inside"
	// FormException: the type and text of a raised exception.
	FormException Form = "exception"
	// FormDerived: concluded from more than the text of one line; Anchors name what is looked at.
	FormDerived Form = "derived"
)

// Signature is one row of the table: a literal that one emitter prints, and what it is worth.
type Signature struct {
	ID       string
	Cause    string // one of the ten cause IDs, or "" for a supporting fact
	Other    string // ID of a NamedOther; beside a cause it says more closely what failed
	Role     Role
	Strength Strength // the most it can be worth; context only ever lowers it
	Form     Form
	Types    []string // FormException: last component of the type, or a dotted suffix; empty: any type
	// FormMessage, FormBare: literals, one of which the message begins with; empty: the first anchor, or one of AnyOf
	Starts  []string
	Anchors []string // literals; all must be there
	AnyOf   []string // one of these must be there too
	Exact   bool     // the message is the anchor and nothing else
	// Named: a name stands right before the first anchor, as one that compose or foreman gives what it runs does. A pid in
	// brackets, or a number, is another emitter's.
	Named bool
	// Quotable: the text is specific enough to count wherever it stands in a line of level WARNING or above, or of no
	// level at all.
	Quotable bool
	// HasTraceback: a traceback right below belongs to this line.
	HasTraceback bool
	// StopNoise: normal once a stop was requested, so weak from there on.
	StopNoise bool

	Section  string // of docs/notes/PYTHON.md, where the row comes from
	Emitter  string
	Versions string
	Meaning  string
	Trap     string
}

// Signatures returns a copy of the table, in the order of the document.
func Signatures() []Signature {
	out := make([]Signature, len(table()))
	for i, s := range table() {
		s.Types, s.Starts, s.Anchors, s.AnyOf = slices.Clone(s.Types), slices.Clone(s.Starts), slices.Clone(s.Anchors),
			slices.Clone(s.AnyOf)
		out[i] = s
	}
	return out
}

// table is every signature, read-only.
var table = sync.OnceValue(func() []Signature {
	return slices.Concat(commandSignatures, runtimeSignatures, resourceSignatures, settingSignatures, killSignatures,
		childSignatures, serverSignatures, timeoutSignatures, loggingSignatures, workerSignatures, startupSignatures,
		backgroundSignatures, handlerSignatures, clientPoolSignatures, dependencySignatures, brokerSignatures,
		descriptorSignatures, healthSignatures, nativeSignatures, guardSignatures)
})

// signatureByID finds the rows that rules name.
var signatureByID = sync.OnceValue(func() map[string]*Signature {
	m := make(map[string]*Signature, len(table()))
	for i := range table() {
		m[table()[i].ID] = &table()[i]
	}
	return m
})

// starts returns the texts a message must begin with for s.
func (s *Signature) starts() []string {
	switch {
	case len(s.Starts) > 0:
		return s.Starts
	case len(s.Anchors) > 0:
		return s.Anchors[:1]
	}
	return s.AnyOf
}
