package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func setOf(names ...string) (list []*Bundle) {
	for _, name := range names {
		b := New("test", Target{ID: name, Name: name}, time.Unix(1, 0).UTC())
		b.Put(FileVersion, []byte(`{"Version":"1"}`))
		list = append(list, b)
	}
	return list
}

// TestSetIsReadBack: from a file, a stream and a folder of bundles; two of one name are two.
func TestSetIsReadBack(t *testing.T) {
	names := []string{"gateway", "redis", "../redis", "redis"}
	var packed bytes.Buffer
	if err := WriteSet(&packed, setOf(names...)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "shop.tar.gz")
	if err := os.WriteFile(file, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for i, b := range setOf(names...) {
		var one bytes.Buffer
		if err := b.WriteTarGz(&one); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, string(rune('a'+i))+".tar.gz"), one.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{file, folder} {
		if !IsSet(path) {
			t.Errorf("%s is no set", path)
		}
		list, err := OpenSet(path)
		if err != nil || len(list) != len(names) {
			t.Fatalf("%s: %d bundles: %v", path, len(list), err)
		}
		for i, b := range list {
			if got := b.Manifest().Target.Name; got != names[i] {
				t.Errorf("%s: the %dth is %q, want %q", path, i, got, names[i])
			}
		}
	}
}

// TestSingleBundleIsNoSet, and a stream of one is read as it always was.
func TestSingleBundleIsNoSet(t *testing.T) {
	var packed bytes.Buffer
	if err := setOf("gateway")[0].WriteTarGz(&packed); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "one.tar.gz")
	if err := os.WriteFile(file, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if IsSet(file) || IsSet(file+"x") {
		t.Error("a single bundle, or nothing, is a set")
	}
	if list, err := ReadSet(&packed); err != nil || len(list) != 1 {
		t.Errorf("%d bundles: %v", len(list), err)
	}
}

// TestHostileSets: other files among the bundles, links, and bundles that are none.
func TestHostileSets(t *testing.T) {
	for name, entries := range map[string][]tar.Header{
		"a script beside": {{Name: "a.tar.gz", Size: 1}, {Name: "run.sh", Size: 1}},
		"a link":          {{Name: "a.tar.gz", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}},
		"no bundle":       {{Name: "a.tar.gz", Size: 1}},
	} {
		var out bytes.Buffer
		packed := gzip.NewWriter(&out)
		archive := tar.NewWriter(packed)
		for _, h := range entries {
			if err := archive.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
			if _, err := archive.Write(make([]byte, h.Size)); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(archive.Close(), packed.Close()); err != nil {
			t.Fatal(err)
		}
		if list, err := ReadSet(&out); err == nil {
			t.Errorf("%s: %d bundles and no error", name, len(list))
		}
	}
}

// TestSetNamesItsBadMember: of a set that is refused it says which of its bundles is to blame.
func TestSetNamesItsBadMember(t *testing.T) {
	var one, set bytes.Buffer
	if err := New("test", Target{Name: "web"}, time.Unix(0, 0)).WriteTarGz(&one); err != nil {
		t.Fatal(err)
	}
	packed := gzip.NewWriter(&set)
	archive := tar.NewWriter(packed)
	half := one.Bytes()[:one.Len()/2]
	err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "broken.tar.gz", Size: int64(len(half))})
	if err == nil {
		_, err = archive.Write(half)
	}
	if err := errors.Join(err, archive.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = ReadSet(&set)
	if !errors.Is(err, ErrTruncated) || !strings.Contains(err.Error(), "broken.tar.gz") {
		t.Errorf("%v", err)
	}
}

// endless is a stream that never ends, and counts what was read of it.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// TestReadSetLeavesWhatIsNone: a device that never ends is told by its beginning.
func TestReadSetLeavesWhatIsNone(t *testing.T) {
	var e endless
	if _, err := ReadSet(&e); !errors.Is(err, ErrNotABundle) || e.read > 1<<20 {
		t.Errorf("%v after %d bytes", err, e.read)
	}
}
