package bundle

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"
)

// masked is what stands where a secret was.
const masked = "<masked>"

// Kinds of secrets, as Mask.Kind counts them.
const (
	KindEnvironment = "environment"  // value of a variable in an Env list
	KindURL         = "url-userinfo" // scheme://user:password@
	KindKeyValue    = "key-value"    // password=…, "api_key": "…"
	KindHeader      = "header"       // Authorization, Cookie
	KindArgument    = "argument"     // --password …, redis-cli -a …
	KindToken       = "token"        // known by its shape: JWT, AKIA…, ghp_…
	KindPrivateKey  = "private-key"  // PEM block
	KindRepeated    = "repeated"     // a secret of an Env list or argument, met again elsewhere
)

// Redact masks secrets in every file and in the manifest, marks the bundle as
// redacted and adds to Masked what was hidden. A second call changes nothing.
//
// Every value of an Env list goes, but for a short list of harmless names
// (harmlessEnv); elsewhere a value goes when its key names a secret or when its own
// shape gives it away. A secret found in a JSON file is looked for in all files.
// What stays: container ids, digests, addresses, times, exit codes, kernel lines.
//
// It works by keys and shapes, so it cannot see a secret that has neither: a
// password alone on a line, one in prose ("the password is x"), one that was
// encoded or cut apart, or one in a language's own words. Files are masked one
// after the other; a file that holds no secret is not copied.
func (b *Bundle) Redact() {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := newMasker(nil)
	names := slices.Sorted(maps.Keys(b.files))
	for _, name := range names {
		if path.Ext(name) == ".json" {
			b.redactFile(m, name)
		}
	}
	m = m.withKnown(b.manifest.Target)
	for _, name := range names {
		b.redactFile(m, name)
	}
	b.redactManifest(m)
	b.manifest.Redacted = true
	b.manifest.Masked = mergeMasks(b.manifest.Masked, m.counts)
}

// maxPasses bounds how often a text is gone over. The pass after the last change
// finds nothing, which is what makes a second Redact change nothing.
const maxPasses = 16

func (b *Bundle) redactFile(m *masker, name string) {
	m.file = name
	data := b.files[name]
	for range maxPasses {
		next := m.maskFile(name, data)
		if bytes.Equal(next, data) {
			break
		}
		data = next
	}
	b.files[name] = data
}

// maskFile returns data itself when there was nothing to mask.
func (m *masker) maskFile(name string, data []byte) []byte {
	switch {
	case name == FileLogs, strings.HasPrefix(name, DirNeighbourLogs):
		return m.maskCRI(data)
	case path.Ext(name) == ".json":
		return m.maskJSON(data)
	case path.Ext(name) == ".jsonl":
		return m.maskJSONLines(data)
	}
	return m.maskText(data)
}

// redactManifest masks the free texts: an error message may quote a URL. Only new
// slices are written, for Manifest hands out the old ones.
func (b *Bundle) redactManifest(m *masker) {
	m.file = FileManifest
	sources := slices.Clone(b.manifest.Sources)
	for i := range sources {
		sources[i].Detail = m.maskString(sources[i].Detail)
		sources[i].Command = m.maskString(sources[i].Command)
	}
	b.manifest.Sources = sources
	b.manifest.Target.Name = m.maskString(b.manifest.Target.Name)
}

func (m *masker) maskString(s string) string {
	for range maxPasses {
		next := string(m.maskText([]byte(s)))
		if next == s {
			break
		}
		s = next
	}
	return s
}

type maskKey struct{ file, kind string }

// mergeMasks adds counts to a manifest's list, sorted by file and kind.
func mergeMasks(list []Mask, counts map[maskKey]int) []Mask {
	sum := maps.Clone(counts)
	for _, m := range list {
		sum[maskKey{m.File, m.Kind}] += m.Count
	}
	merged := make([]Mask, 0, len(sum))
	for k, n := range sum {
		merged = append(merged, Mask{File: k.file, Kind: k.kind, Count: n})
	}
	slices.SortFunc(merged, func(a, b Mask) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return strings.Compare(a.Kind, b.Kind)
	})
	return merged
}
