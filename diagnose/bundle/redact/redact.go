// Package redact masks secrets: in a bundle before it is kept, and in any text that
// a command quotes.
//
//	in:  2026-11-23T19:14:00.1Z stderr F connect(host='db', password='hunter2')
//	out: 2026-11-23T19:14:00.1Z stderr F connect(host='db', password='<masked>')
//
// It goes by the names of keys and by the shapes of values; SECURITY.md says what
// that promises. What a diagnosis reads stays: container ids, digests, addresses,
// times, exit codes, kernel lines.
package redact

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/page"
)

// Kinds of secrets, as Mask.Kind counts them.
const (
	KindEnvironment = page.KindEnvironment
	KindURL         = page.KindURL
	KindKeyValue    = page.KindKeyValue
	KindHeader      = page.KindHeader
	KindArgument    = page.KindArgument
	KindToken       = page.KindToken
	KindPrivateKey  = page.KindPrivateKey
	KindRepeated    = page.KindRepeated
)

// Bundle masks secrets in every file and in the manifest, marks the bundle as
// redacted and adds to Masked what was hidden. A second call changes nothing.
//
// Every value of an Env list goes, but for a short list of harmless names
// (harmlessEnv); elsewhere a value goes when its key names a secret or when its own
// shape gives it away. A secret that was found is looked for in all files.
//
// It works by keys and shapes, so it cannot see a secret that has neither: a
// password alone on a line, one that a sentence does not call by its name, one that was
// encoded or cut apart, or one in a language's own words. Files are masked one
// after the other; a file that holds no secret is not copied.
func Bundle(b *bundle.Bundle) {
	b.Update(func(manifest *bundle.Manifest, files map[string][]byte) {
		m := newMasker(nil)
		names := slices.Sorted(maps.Keys(files))
		for _, name := range names {
			if path.Ext(name) == ".json" {
				files[name] = m.stableFile(name, files[name])
			}
		}
		m = m.withKnown(manifest.Target)
		for _, name := range names {
			files[name] = m.stableFile(name, files[name])
		}
		if late := m.learned(manifest.Target); late != nil {
			for _, name := range names {
				files[name] = late.stableFile(name, files[name])
			}
		}
		m.manifest(manifest)
		manifest.Redacted = true
		manifest.Masked = mergeMasks(manifest.Masked, m.counts)
	})
}

// maxPasses bounds how often a text is gone over. The pass after the last change
// finds nothing, which is what makes a second Redact change nothing.
const maxPasses = 16

// stableFile masks a file until nothing in it changes.
func (m *masker) stableFile(name string, data []byte) []byte {
	m.file = name
	for range maxPasses {
		next := m.maskFile(name, data)
		if bytes.Equal(next, data) {
			break
		}
		data = next
	}
	return data
}

// maskFile returns data itself when there was nothing to mask.
func (m *masker) maskFile(name string, data []byte) []byte {
	switch {
	case name == bundle.FileLogs, strings.HasPrefix(name, bundle.DirNeighbourLogs):
		return m.maskCRI(data)
	case path.Ext(name) == ".json":
		return m.maskJSON(data)
	case path.Ext(name) == ".jsonl":
		return m.maskJSONLines(data)
	}
	return m.maskText(data)
}

// manifest masks the free texts: an error message may quote a URL.
func (m *masker) manifest(x *bundle.Manifest) {
	m.file = bundle.FileManifest
	for i := range x.Sources {
		x.Sources[i].Detail = m.maskString(x.Sources[i].Detail)
		x.Sources[i].Command = m.maskString(x.Sources[i].Command)
	}
	x.Target.Name = m.maskString(x.Target.Name)
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
func mergeMasks(list []bundle.Mask, counts map[maskKey]int) []bundle.Mask {
	sum := maps.Clone(counts)
	for _, m := range list {
		sum[maskKey{m.File, m.Kind}] += m.Count
	}
	merged := make([]bundle.Mask, 0, len(sum))
	for k, n := range sum {
		merged = append(merged, bundle.Mask{File: k.file, Kind: k.kind, Count: n})
	}
	slices.SortFunc(merged, func(a, b bundle.Mask) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return strings.Compare(a.Kind, b.Kind)
	})
	return merged
}
