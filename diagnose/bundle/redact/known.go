package redact

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// Limits of the search for secrets that were found in JSON files.
const (
	maxKnown    = 64
	minKnownLen = 8
	maxKnownLen = 512
)

// remember notes a secret for the search in all files, if it is odd enough that
// the search hides nothing else: "postgres" and "production" are passwords, too.
func (m *masker) remember(v []byte) {
	if len(v) < minKnownLen || len(v) > maxKnownLen || len(m.secrets) >= maxKnown || bytes.Contains(v, []byte(look.Mask)) {
		return
	}
	if look.IsReference(v) || v[0] == '/' || ascii.Holds(v, "://") || bytes.ContainsAny(v, "\n\r\t\x00") {
		return
	}
	var letters, digits, others bool
	for _, c := range v {
		letters = letters || ascii.IsLower(c) || ascii.IsUpper(c)
		digits = digits || ascii.IsDigit(c)
		others = others || !ascii.IsAlnum(c)
	}
	if !letters || !digits || others && !look.LikeSecret(v) && len(v) < 12 {
		return
	}
	m.secrets[string(v)] = true
}

// withKnown returns a masker that also hides the remembered secrets wherever they
// stand. The container's own id and name are never one.
func (m *masker) withKnown(t bundle.Target) *masker {
	known := m.known(t)
	next := newMasker(known)
	next.counts = m.counts
	return next
}

// known lists the remembered secrets.
func (m *masker) known(t bundle.Target) []string {
	known := slices.DeleteFunc(slices.Sorted(maps.Keys(m.secrets)), func(v string) bool {
		return strings.Contains(t.ID, v) || strings.Contains(t.Name, v)
	})
	// The longer one first, where one secret begins with another.
	slices.SortStableFunc(known, func(a, b string) int { return len(b) - len(a) })
	return known
}

// learned returns a masker that hides nothing but the secrets that texts gave away: a log that names one says it again
// where no name stands beside it. It is nil where they gave none.
func (m *masker) learned(t bundle.Target) *masker {
	known := m.known(t)
	if len(known) == 0 {
		return nil
	}
	var list []literal
	for _, value := range known {
		list = append(list, literal{ascii.Lowered(value), knownRule(value)})
	}
	next := newMasker(nil)
	next.index, next.counts = newIndex(list), m.counts
	return next
}

// knownRule masks a secret met before, where it stands as a word of its own.
func knownRule(value string) rule {
	return func(p *pass, at, n int) int {
		end := at + n
		if string(p.Text[at:end]) != value || at > 0 && ascii.IsAlnum(p.Text[at-1]) && ascii.IsAlnum(value[0]) ||
			end < len(p.Text) && ascii.IsAlnum(p.Text[end]) && ascii.IsAlnum(value[n-1]) {
			return at
		}
		p.mask(at, end, KindRepeated)
		return end
	}
}
