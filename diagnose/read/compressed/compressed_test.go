package compressed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sample is what the files of testdata hold, each written by the format's own
// program (gzip, zstd, xz and lz4 of Debian 12; testdata/README.md).
var sample = func() string {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "6,%d,%d,-;line %d\n", i, i*1000, i*i)
	}
	return b.String()
}()

var files = map[string]Format{
	"sample.gz": Gzip, "sample.zst": Zstd, "sample.xz": XZ, "sample.lz4": LZ4,
}

func file(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func read(data []byte) (string, Format, error) {
	r, format, err := NewReader(bytes.NewReader(data))
	if err != nil {
		return "", format, err
	}
	defer r.Close()
	plain, err := io.ReadAll(r)
	return string(plain), format, err
}

func TestEveryFormat(t *testing.T) {
	for name, want := range files {
		got, format, err := read(file(t, name))
		if err != nil || format != want || got != sample {
			t.Errorf("%s: format %s, %d bytes, error %v; want %s, %d bytes", name, format, len(got), err, want, len(sample))
		}
	}
}

func TestStreamsBehindEachOther(t *testing.T) {
	for name := range files {
		data := file(t, name)
		got, _, err := read(append(bytes.Clone(data), data...))
		if err != nil || got != sample+sample {
			t.Errorf("%s twice: %d bytes, error %v; want %d bytes", name, len(got), err, 2*len(sample))
		}
	}
}

func TestPlain(t *testing.T) {
	for _, text := range []string{"", "x", "[1.0] x invoked oom-killer", "\x1f\x8b"} {
		got, format, err := read([]byte(text))
		if got != text || format != None || err != nil {
			t.Errorf("read(%q) = %q, %s, %v", text, got, format, err)
		}
	}
}

// TestTruncated cuts each file at many places: what is left is a beginning of the
// sample, and the error says that the end is missing.
func TestTruncated(t *testing.T) {
	for name := range files {
		data := file(t, name)
		for n := 6; n < len(data); n += 127 {
			got, _, err := read(data[:n])
			if !strings.HasPrefix(sample, got) {
				t.Fatalf("%s cut at %d: wrong content", name, n)
			}
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%s cut at %d: error %v, want unexpected EOF", name, n, err)
			}
		}
	}
}

// TestHugeWindow holds that a header cannot make memory grow: these ask for
// a window of 1.5 GiB (xz) and 2 GiB (zstd) for a few bytes.
func TestHugeWindow(t *testing.T) {
	for _, name := range []string{"window.xz", "window.zst"} {
		if _, _, err := read(file(t, name)); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: error %v, want a refusal", name, err)
		}
	}
}

func TestReadErrorIsPassedOn(t *testing.T) {
	broken := errors.New("disk on fire")
	_, _, err := NewReader(io.MultiReader(bytes.NewReader([]byte("abc")), failing{broken}))
	if !errors.Is(err, broken) {
		t.Errorf("error = %v, want %v", err, broken)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func FuzzNewReader(f *testing.F) {
	for name := range files {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, _, err := NewReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		defer r.Close()
		_, _ = io.Copy(io.Discard, io.LimitReader(r, 1<<20))
	})
}

func ExampleNewReader() {
	in, err := os.Open(filepath.Join("testdata", "sample.xz"))
	if err != nil {
		panic(err)
	}
	defer in.Close()
	plain, format, err := NewReader(in)
	if err != nil {
		panic(err)
	}
	defer plain.Close()
	head := make([]byte, 16)
	_, err = io.ReadFull(plain, head)
	fmt.Printf("%s %q %v\n", format, head, err)
	// Output: xz "6,0,0,-;line 0\n6" <nil>
}
