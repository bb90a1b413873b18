package bundle

import (
	"path"
)

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
