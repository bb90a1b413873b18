package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestBadBundleCostsLittle: a million empty neighbours, which a bundle of 15 KB holds, are not decoded by any command
// that reads one. What they would take is counted in bytes, not in time.
func TestBadBundleCostsLittle(t *testing.T) {
	b, err := bundle.Open(filepath.Join("..", "..", "fixtures", "traps", "exit134.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	b.Put(bundle.FileNeighbours, []byte("["+strings.Repeat("{},", 999_999)+"{}]"))
	b.SetSource(bundle.Source{Name: fact.SourceNeighbours, Status: fact.StatusCollected,
		Files: []string{bundle.FileNeighbours}})
	path := filepath.Join(t.TempDir(), "bad.tar.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.WriteTarGz(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	const most = 128 << 20 // decoded, they take 200 bytes and more each
	for _, command := range []string{"diagnose", "logs", "oom", "exit", "cores", "health"} {
		w := shop(t)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		w.gwdoctor(command, "--bundle", path)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > most {
			t.Errorf("%s allocated %d MiB", command, got>>20)
		}
	}
}
