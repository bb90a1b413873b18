package bundle

import "path"

import "bytes"

// Redactor masks secrets in texts that are in no bundle: a line of a file or of
// standard input that a command quotes. Its rules are those of [Bundle.Redact].
//
// Give it whole lines: a secret that was cut in two no longer looks like one. It is
// not for several goroutines at once. A nil Redactor masks nothing, for the person
// at the machine who asked for that.
type Redactor struct{ masker *masker }

// NewRedactor returns a redactor; one serves any number of texts.
func NewRedactor() *Redactor { return &Redactor{newMasker(nil)} }

// Text returns s with its secrets masked.
func (r *Redactor) Text(s string) string {
	if r == nil {
		return s
	}
	return r.masker.maskString(s)
}

// Masked counts what was hidden so far, by kind; File is empty.
func (r *Redactor) Masked() []Mask {
	if r == nil {
		return []Mask{}
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

// Redactor returns a redactor that also knows the secrets of this bundle's JSON files: a password in the container's
// environment is met again in its log. It must be taken before [Bundle.Redact], which leaves none to learn.
func (b *Bundle) Redactor() *Redactor {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := newMasker(nil)
	for name, data := range b.files {
		if path.Ext(name) == ".json" {
			m.maskFile(name, data)
		}
	}
	m = m.withKnown(b.manifest.Target)
	m.counts = map[maskKey]int{}
	return &Redactor{m}
}
