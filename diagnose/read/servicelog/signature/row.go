// Package signature is the table of what emitters print when they fail: servers, supervisors, runtimes, libraries, the
// guard. It reads nothing; package servicelog holds lines against it.
//
//	{ID: "gunicorn-worker-sigkill", Cause: "oom-kill", Role: "symptom", Strength: "weak", Form: FormMessage,
//		Anchors: []string{"Worker "}, AnyOf: []string{"was sent SIGKILL!", …}, …}
//
// What it promises: a row has one emitter, and says what its line is worth at most, what it means and what it is taken
// for
// by mistake ([Row.Trap]). An ID is part of the contract: it stands once and never changes. The order is that of the
// design document (docs/notes/PYTHON.md#1). The Form says where the anchors stand; they are literals, so that a row
// can be
// found by a plain search.
package signature

import (
	"slices"
	"sync"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
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

// Row is one signature: a literal that one emitter prints, and what it is worth.
type Row struct {
	ID       string
	Cause    string // one of the ten cause IDs, or "" for a supporting fact
	Other    string // ID of a NamedOther; beside a cause it says more closely what failed
	Role     fact.Role
	Strength fact.Strength // the most it can be worth; context only ever lowers it
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
	// Lifespan: it tells of an ASGI application's lifespan, which no other program has.
	Lifespan bool
	// StopNoise: normal once a stop was requested, so weak from there on.
	StopNoise bool

	Section  string // of docs/notes/PYTHON.md, where the row comes from
	Emitter  string
	Versions string
	Meaning  string
	Trap     string
}

// Table returns a copy of the table, in the order of the document.
func Table() []Row {
	out := make([]Row, len(All()))
	for i, s := range All() {
		s.Types, s.Starts, s.Anchors, s.AnyOf = slices.Clone(s.Types), slices.Clone(s.Starts), slices.Clone(s.Anchors),
			slices.Clone(s.AnyOf)
		out[i] = s
	}
	return out
}

// All is every row, read-only: what Table returns, without the copy.
var All = sync.OnceValue(func() []Row {
	return slices.Concat(commandSignatures, runtimeSignatures, resourceSignatures, settingSignatures, killSignatures,
		childSignatures, serverSignatures, timeoutSignatures, loggingSignatures, workerSignatures, startupSignatures,
		backgroundSignatures, handlerSignatures, clientPoolSignatures, dependencySignatures, brokerSignatures,
		descriptorSignatures, healthSignatures, nativeSignatures, guardSignatures)
})

// ByID finds the rows that rules name.
var ByID = sync.OnceValue(func() map[string]*Row {
	m := make(map[string]*Row, len(All()))
	for i := range All() {
		m[All()[i].ID] = &All()[i]
	}
	return m
})

// Openings returns the texts a message must begin with for s.
func (s *Row) Openings() []string {
	switch {
	case len(s.Starts) > 0:
		return s.Starts
	case len(s.Anchors) > 0:
		return s.Anchors[:1]
	}
	return s.AnyOf
}
