package bundle

import (
	"errors"
	"testing"
	"testing/fstest"
)

// FuzzOpenFS opens a folder with a stranger's manifest and one file of any name: it is
// refused for a reason that has a name, or what was opened can be written and stays
// within the limits.
func FuzzOpenFS(f *testing.F) {
	f.Add([]byte(goodManifest), FileKmsg, []byte("6,1,2,-;text\n"))
	f.Add([]byte(`{"schemaVersion":1,"sources":[{"name":"logs","files":["a","live/cgroup/"]}],"masked":[{}]}`),
		"live/cgroup/memory.events", []byte("oom 1"))
	f.Add([]byte(`{"schemaVersion":99}`), "../x", []byte{})
	f.Add([]byte(`{"schemaVersion":1,"sources":[{},{},{"files":null}],"target":{"id":"x"},"capturedAt":"9999-12-31T23:59:59Z"}`), "a/b", []byte("x"))
	f.Fuzz(func(t *testing.T, manifest []byte, name string, data []byte) {
		fsys := fstest.MapFS{FileManifest: {Data: manifest}}
		if name != FileManifest && name != "" && badName(name) == "" {
			fsys[name] = &fstest.MapFile{Data: data}
		}
		b, err := OpenFS(fsys)
		if err != nil {
			for _, kind := range []error{ErrNotABundle, ErrHostile, ErrFuture, ErrTruncated} {
				if errors.Is(err, kind) {
					return
				}
			}
			t.Fatalf("refused without a kind: %v", err)
		}
		m := b.Manifest()
		if len(m.Sources) > maxSources || len(m.Masked) > maxRecords {
			t.Fatalf("%d sources, %d masks", len(m.Sources), len(m.Masked))
		}
		if _, err := b.list(); err != nil && m.CapturedAt.Year() < 10_000 {
			t.Fatalf("what was opened cannot be written: %v", err)
		}
	})
}
