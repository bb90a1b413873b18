package redact

import (
	"bytes"
	"path"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// Redactor masks secrets in texts that are in no bundle: a line of a file or of
// standard input that a command quotes. Its rules are those of [Bundle].
//
// Give it whole lines: a secret that was cut in two no longer looks like one. It is
// not for several goroutines at once. A nil Redactor masks nothing, for the person
// at the machine who asked for that.
type Redactor struct{ masker *masker }

// New returns a redactor; one serves any number of texts.
func New() *Redactor { return &Redactor{newMasker(nil)} }

// Text returns s with its secrets masked.
func (r *Redactor) Text(s string) string {
	if r == nil {
		return s
	}
	return r.masker.maskString(s)
}

// Masked counts what was hidden so far, by kind; File is empty.
func (r *Redactor) Masked() []bundle.Mask {
	if r == nil {
		return []bundle.Mask{}
	}
	return mergeMasks(nil, r.masker.counts)
}

// JSON returns a JSON document with its secrets masked: by their keys, too.
func (r *Redactor) JSON(data []byte) []byte {
	if r == nil {
		return data
	}
	for range maxPasses {
		next := r.masker.maskJSON(data)
		if bytes.Equal(next, data) {
			break
		}
		data = next
	}
	return data
}

// Knowing returns a redactor that also knows the secrets of this bundle's JSON files: a password in the container's
// environment is met again in its log. It must be taken before [Bundle], which leaves none to learn.
func Knowing(b *bundle.Bundle) *Redactor {
	m := newMasker(nil)
	for _, name := range b.Names() {
		if data, _ := b.File(name); path.Ext(name) == ".json" {
			m.maskFile(name, data)
		}
	}
	m = m.withKnown(b.Manifest().Target)
	m.counts = map[maskKey]int{}
	return &Redactor{m}
}
