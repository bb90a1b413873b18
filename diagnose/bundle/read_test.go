package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const goodManifest = `{"schemaVersion":1,"tool":"t","capturedAt":"2026-11-23T19:14:00Z","target":{"id":"x","name":"y"},"sources":[]}`

// entry is one entry of an archive built here.
type entry struct {
	name string
	data string
	kind byte // 0 = a plain file
}

func tarOf(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var w bytes.Buffer
	archive := tar.NewWriter(&w)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: 0o600}
		if e.kind == 0 {
			h.Typeflag, h.Size = tar.TypeReg, int64(len(e.data))
		} else {
			h.Linkname = e.data
		}
		if err := archive.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if e.kind == 0 {
			if _, err := io.WriteString(archive, e.data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var w bytes.Buffer
	packed := gzip.NewWriter(&w)
	if _, err := packed.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

func TestReadRefuses(t *testing.T) {
	manifest := entry{name: FileManifest, data: goodManifest}
	with := func(more ...entry) []byte { return tarOf(t, append([]entry{manifest}, more...)...) }
	manifestIs := func(data string) []byte { return tarOf(t, entry{name: FileManifest, data: data}) }
	var many []entry
	for i := range maxEntries {
		many = append(many, entry{name: fmt.Sprintf("f%d", i)})
	}
	good := with(entry{name: "kernel/kmsg.txt", data: strings.Repeat("line\n", 1000)})
	listed := strings.Replace(goodManifest, `"sources":[]`, `"sources":[{"name":"logs","status":"collected","files":["container/logs.cri"]}]`, 1)
	for _, c := range []struct {
		name string
		data []byte
		want error
		says string
	}{
		{"empty", nil, ErrNotABundle, "is empty"},
		{"text", []byte("hello"), ErrNotABundle, "neither"},
		{"long text", bytes.Repeat([]byte("hello "), 200), ErrNotABundle, "neither"},
		{"gzipped text", gzipped(t, bytes.Repeat([]byte("hello "), 200)), ErrNotABundle, "neither"},
		{"zip", []byte("PK\x03\x04 and so on"), ErrNotABundle, "zip"},
		{"zstd", []byte("\x28\xb5\x2f\xfd and so on"), ErrNotABundle, "gzip"},
		{"zeros", make([]byte, 4096), ErrNotABundle, "no files"},
		{"foreign tarball", tarOf(t, entry{name: "README", data: "x"}), ErrNotABundle, "no manifest.json"},
		{"two folders", tarOf(t, entry{name: "a/manifest.json", data: goodManifest}, entry{name: "b/x"}),
			ErrNotABundle, "beside"},
		{"manifest too deep", tarOf(t, entry{name: "a/b/manifest.json", data: goodManifest}), ErrNotABundle,
			"no manifest.json"},
		{"wrong JSON", manifestIs("{"), ErrNotABundle, "cannot be read"},
		{"JSON of another kind", manifestIs(`[1]`), ErrNotABundle, "cannot be read"},
		{"wrong field", manifestIs(`{"schemaVersion":1,"sources":"x"}`), ErrNotABundle, "cannot be read"},
		{"no version", manifestIs(`{"tool":"t"}`), ErrNotABundle, "without a schemaVersion"},
		{"version 0", manifestIs(`{"schemaVersion":0}`), ErrNotABundle, "without a schemaVersion"},
		{"negative version", manifestIs(`{"schemaVersion":-1}`), ErrNotABundle, "without a schemaVersion"},
		{"future", manifestIs(`{"schemaVersion":7,"sources":"other shape"}`), ErrFuture,
			"bundle has schema version 7, this gwdoctor reads up to 1: update gwdoctor"},
		{"unknown runtime", manifestIs(`{"schemaVersion":1,"target":{"runtime":"jail"}}`), ErrFuture,
			"bundle is of the runtime \"jail\", this gwdoctor reads docker, podman, containerd and kubernetes: update gwdoctor"},
		{"unknown kind", manifestIs(`{"schemaVersion":1,"target":{"kind":"swarm\u001b[2J"}}`), ErrFuture,
			`bundle is of a "swarm\x1b[2J"`},
		{"big manifest", manifestIs(goodManifest + strings.Repeat(" ", maxManifest)), ErrHostile,
			"manifest.json of more than 1 MiB"},
		{"traversal", with(entry{name: "../evil"}), ErrHostile, "leads out"},
		{"inner traversal", with(entry{name: "a/../../evil"}), ErrHostile, "leads out"},
		{"absolute", with(entry{name: "/etc/passwd"}), ErrHostile, "leads out"},
		{"double dot-slash", with(entry{name: "././x"}), ErrHostile, "leads out"},
		{"backslash", with(entry{name: `..\evil`}), ErrHostile, "bytes that no bundle uses"},
		{"control", with(entry{name: "a\x1b[2Jb"}), ErrHostile, "bytes that no bundle uses"},
		{"no UTF-8", with(entry{name: "a\xff"}), ErrHostile, "bytes that no bundle uses"},
		{"long name", with(entry{name: strings.Repeat("n/", 150) + "x"}), ErrHostile, "too long"},
		{"symlink", with(entry{"link", "/etc/passwd", tar.TypeSymlink}), ErrHostile, "no plain file"},
		{"hard link", with(entry{"link", "manifest.json", tar.TypeLink}), ErrHostile, "no plain file"},
		{"char device", with(entry{"dev", "", tar.TypeChar}), ErrHostile, "no plain file"},
		{"block device", with(entry{"dev", "", tar.TypeBlock}), ErrHostile, "no plain file"},
		{"FIFO", with(entry{"fifo", "", tar.TypeFifo}), ErrHostile, "no plain file"},
		{"duplicate", with(entry{name: "a", data: "1"}, entry{name: "a", data: "2"}), ErrHostile, "twice"},
		{"duplicate by dot-slash", with(entry{name: "./a"}, entry{name: "a"}), ErrHostile, "twice"},
		{"file and folder", with(entry{name: "a"}, entry{name: "a/b"}), ErrHostile, "as a folder"},
		{"too many", with(many...), ErrHostile, "4096 entries"},
		{"broken off in a file", good[:1600], ErrTruncated, "breaks off"},
		{"broken off between files", good[:1024], ErrTruncated, "breaks off after 1 entries"},
		{"broken off gzip", gzipped(t, good)[:200], ErrTruncated, "breaks off"},
		{"gzip without trailer", cut(gzipped(t, good), 5), ErrTruncated, "breaks off"},
		{"gzip magic alone", []byte{0x1f, 0x8b}, ErrTruncated, "breaks off"},
		{"damaged gzip", flipped(gzipped(t, good), 4), ErrTruncated, "damaged"},
		{"damaged header", flipped(good, 1124), ErrTruncated, "damaged"},
		{"garbage behind tar", append(bytes.Clone(good), "GARBAGE"...), ErrHostile, "behind the end"},
		{"garbage behind gzip", append(gzipped(t, good), "GARBAGE-GARBAGE"...), ErrHostile, "behind the end"},
		{"listed file is missing", manifestIs(listed), ErrTruncated, `lacks the file "container/logs.cri"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := Read(bytes.NewReader(c.data))
			if b != nil || !errors.Is(err, c.want) {
				t.Fatalf("Read = %v, %v; want %v", b, err, c.want)
			}
			if !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), ": ") {
				t.Errorf("message %q lacks %q or its next step", err, c.says)
			}
		})
	}
}

func cut(data []byte, n int) []byte { return data[:len(data)-n] }

// flipped changes one byte, counted from the end where at is small.
func flipped(data []byte, at int) []byte {
	data = bytes.Clone(data)
	if at < 10 {
		at = len(data) - 1 - at
	}
	data[at] ^= 0x55
	return data
}

// zeroReader gives n zeros and counts what was taken.
type zeroReader struct{ left, taken int64 }

func (z *zeroReader) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	clear(p[:n])
	z.left, z.taken = z.left-n, z.taken+n
	return int(n), nil
}

func TestReadStopsEarly(t *testing.T) {
	const huge = 10 << 30
	start := tarOf(t, entry{name: FileManifest, data: goodManifest})
	start = start[:len(start)-tarEnd]
	header := func(name string, size int64) []byte {
		var w bytes.Buffer
		if err := tar.NewWriter(&w).WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: size}); err != nil {
			t.Fatal(err)
		}
		return w.Bytes()
	}
	for _, c := range []struct {
		name string
		head []byte
		most int64
		says string
	}{
		{"one huge file", append(bytes.Clone(start), header("zeros", huge)...), 1 << 20, "more than 64 MiB"},
		{"zeros behind the end", start, maxStream + 1<<20, "more than 256 MiB"},
	} {
		zeros := &zeroReader{left: huge}
		_, err := Read(io.MultiReader(bytes.NewReader(c.head), zeros))
		if !errors.Is(err, ErrHostile) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: err = %v", c.name, err)
		}
		if zeros.taken > c.most {
			t.Errorf("%s: read %d bytes before it stopped", c.name, zeros.taken)
		}
	}
}

func TestReadStopsAtTotal(t *testing.T) {
	if testing.Short() {
		t.Skip("holds 256 MiB")
	}
	r, w := io.Pipe()
	go func() {
		archive := tar.NewWriter(w)
		buf := make([]byte, 1<<20)
		for i := range 300 {
			if archive.WriteHeader(&tar.Header{Name: fmt.Sprint(i), Typeflag: tar.TypeReg, Size: int64(len(buf))}) != nil {
				return
			}
			if _, err := archive.Write(buf); err != nil {
				return
			}
		}
	}()
	_, err := Read(r)
	r.Close()
	if !errors.Is(err, ErrHostile) || !strings.Contains(err.Error(), "256 MiB") {
		t.Errorf("err = %v", err)
	}
}

func TestReadForms(t *testing.T) {
	files := func(prefix string) []entry {
		return []entry{{name: prefix + "kernel/kmsg.txt", data: "k"}, {name: prefix + FileManifest, data: goodManifest}}
	}
	for name, data := range map[string][]byte{
		"tar":            tarOf(t, files("")...),
		"tar.gz":         gzipped(t, tarOf(t, files("")...)),
		"dot-slash":      tarOf(t, append([]entry{{name: "./", kind: tar.TypeDir}}, files("./")...)...),
		"leading folder": tarOf(t, append([]entry{{name: "incident/", kind: tar.TypeDir}}, files("incident/")...)...),
		"macOS litter": tarOf(t, append([]entry{{name: "._incident"}, {name: "incident/.DS_Store"}},
			files("incident/")...)...),
		"padded": append(tarOf(t, files("")...), make([]byte, 10<<10)...),
	} {
		b, err := Read(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff([]string{"kernel/kmsg.txt"}, b.Names()); diff != "" {
			t.Errorf("%s: names (-want +got):\n%s", name, diff)
		}
	}
}

func TestOpenFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name, data string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(dir); !errors.Is(err, ErrNotABundle) {
		t.Errorf("empty folder: %v", err)
	}
	write(FileManifest, goodManifest)
	write(FileKmsg, "k")
	b, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if data, ok := b.File(FileKmsg); !ok || string(data) != "k" {
		t.Errorf("kmsg = %q, %v", data, ok)
	}
	write(FileManifest, `{"schemaVersion":7}`)
	want := fmt.Sprintf("bundle %q has schema version 7, this gwdoctor reads up to 1: update gwdoctor", dir)
	if _, err := Open(dir); err == nil || err.Error() != want {
		t.Errorf("err = %v, want %s", err, want)
	}
	write(FileManifest, goodManifest)
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrHostile) {
		t.Errorf("link to outside: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(err.Error(), "check the path") {
		t.Errorf("no such path: %v", err)
	}
}

func TestOpenFSRefusesWhatIsNoFile(t *testing.T) {
	for _, mode := range []fs.FileMode{fs.ModeSymlink, fs.ModeNamedPipe, fs.ModeDevice, fs.ModeSocket} {
		fsys := fstest.MapFS{FileManifest: {Data: []byte(goodManifest)}, "odd": {Mode: mode}}
		if _, err := OpenFS(fsys); !errors.Is(err, ErrHostile) {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	var w bytes.Buffer
	b := testBundle()
	b.Put(FileKmsg, []byte("6,1,2,-;text\n"))
	if err := b.WriteTarGz(&w); err != nil {
		f.Fatal(err)
	}
	f.Add(w.Bytes())
	plain, err := gzip.NewReader(bytes.NewReader(w.Bytes()))
	if err != nil {
		f.Fatal(err)
	}
	data, err := io.ReadAll(plain)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		var first bytes.Buffer
		if err := b.WriteTarGz(&first); err != nil {
			t.Fatalf("a bundle that was read cannot be written: %v", err)
		}
		again, err := Read(&first)
		if err != nil {
			t.Fatalf("a bundle that was written cannot be read: %v", err)
		}
		if diff := cmp.Diff(b.Manifest(), again.Manifest()); diff != "" {
			t.Errorf("manifest (-first +again):\n%s", diff)
		}
	})
}

// TestFirstManifest: the first bundles did not say of what they are, and were all of Docker's containers.
func TestFirstManifest(t *testing.T) {
	fsys := fstest.MapFS{FileManifest: {Data: []byte(goodManifest)}}
	b, err := OpenFS(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Manifest().Target; got.Runtime != RuntimeDocker || got.Kind != KindContainer {
		t.Errorf("target %+v", got)
	}
}
