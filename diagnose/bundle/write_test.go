package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

var testTime = time.Date(2026, 11, 23, 19, 14, 0, 123456789, time.UTC)

func testBundle() *Bundle {
	return New("test", Target{ID: strings.Repeat("0123456789abcdef", 4), Name: "gateway"}, testTime)
}

func archived(t *testing.T, b *Bundle) []byte {
	t.Helper()
	var w bytes.Buffer
	if err := b.WriteTarGz(&w); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

func fullBundle() *Bundle {
	from := testTime.Add(-time.Hour)
	b := testBundle()
	b.Put(FileKmsg, []byte("6,1,2,-;text\n"))
	b.Put(FileInspect, []byte(`{"Id":"x"}`))
	b.Put(DirCgroup+"memory.events", []byte("oom 1\n"))
	b.Put("empty", nil)
	b.SetSource(Source{Name: fact.SourceKernelLog, Status: fact.StatusCollected, From: &from, Files: []string{FileKmsg}})
	b.SetSource(Source{Name: fact.SourceCgroup, Status: fact.StatusTruncated, Files: []string{DirCgroup}})
	b.SetSource(Source{Name: fact.SourceEngine, Status: fact.StatusDenied, Detail: "d", Command: "sudo x"})
	return b
}

func sameBundle(t *testing.T, want, got *Bundle) {
	t.Helper()
	if diff := cmp.Diff(want.Manifest(), got.Manifest()); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Names(), got.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for _, name := range want.Names() {
		a, _ := want.File(name)
		b, _ := got.File(name)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: %q, want %q", name, b, a)
		}
	}
}

func TestArchiveRoundTrip(t *testing.T) {
	b := fullBundle()
	first := archived(t, b)
	again, err := Read(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	sameBundle(t, b, again)
	if !bytes.Equal(first, archived(t, again)) {
		t.Error("the same bundle gave other bytes")
	}
}

func TestArchiveForm(t *testing.T) {
	packed, err := gzip.NewReader(bytes.NewReader(archived(t, fullBundle())))
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(packed)
	var names []string
	for {
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		if h.Mode != 0o600 || h.Uid != 0 || h.Uname != "" || !h.ModTime.Equal(testTime.Truncate(time.Second)) {
			t.Errorf("%s: mode %o, owner %d %q, time %s", h.Name, h.Mode, h.Uid, h.Uname, h.ModTime)
		}
	}
	want := []string{FileManifest, FileInspect, "empty", FileKmsg, DirCgroup + "memory.events"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestWriteRefusesWhatReadRefuses(t *testing.T) {
	for _, name := range []string{"../x", "/x", "a\\b", "", FileManifest, "a/._b"} {
		b := testBundle()
		b.Put(name, []byte("x"))
		if err := b.WriteTarGz(io.Discard); !errors.Is(err, ErrHostile) {
			t.Errorf("file %q: err = %v", name, err)
		}
	}
	b := testBundle()
	b.SetSource(Source{Name: fact.SourceLogs, Status: fact.StatusCollected, Files: []string{FileLogs}})
	if err := b.WriteTarGz(io.Discard); err == nil || !strings.Contains(err.Error(), FileLogs) {
		t.Errorf("listed but not stored: err = %v", err)
	}
	b = testBundle()
	b.Put("big", make([]byte, maxFile+1))
	if err := b.WriteTarGz(io.Discard); !errors.Is(err, ErrHostile) {
		t.Errorf("big file: err = %v", err)
	}
}

func TestWriteDirRoundTrip(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "incident")
	b := fullBundle()
	if err := b.WriteDir(dir); err != nil {
		t.Fatal(err)
	}
	again, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	sameBundle(t, b, again)
}

func TestWriteDirReplacesABundle(t *testing.T) {
	dir := t.TempDir()
	if err := fullBundle().WriteDir(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "expect.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := testBundle()
	b.Put(FileLogs, []byte("x"))
	if err := b.WriteDir(dir); err != nil {
		t.Fatal(err)
	}
	again, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{FileLogs, "empty", "expect.json"}, again.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestWriteDirRefusesAStrangersFolder(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := testBundle().WriteDir(dir); err == nil || !strings.Contains(err.Error(), "give a new folder") {
		t.Errorf("err = %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("folder was changed: %v, %v", entries, err)
	}
}

func TestLayoutNamesEveryConstant(t *testing.T) {
	list := map[string]bool{}
	for _, e := range Layout() {
		if list[e.Name] || e.What == "" {
			t.Errorf("%q is there twice or says nothing", e.Name)
		}
		list[e.Name] = true
	}
	for _, name := range []string{FileManifest, FileVersion, FileInfo, FileInspect, FileImage, FileEvents, FileRing,
		FileLogs, FileChanges,
		FileStateFile, FileNeighbours, FileNeighbourEvents, FileKmsg, FileJournal, FileClock, FileCorePolicy, FileCores,
		FileProcess, DirCgroup} {
		if !list[name] {
			t.Errorf("%q is not in the layout", name)
		}
	}
}
