package coredump_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// FuzzDescribe: no panic, no allocation beyond the cap, and a reading that fits its
// own rules. The seeds are of a few hundred bytes, for thousands of tries a second.
func FuzzDescribe(f *testing.F) {
	for _, machine := range []uint16{amd64, arm64} {
		b := arm64Core(11, 1, builtStack-16)
		b.machine, b.sp, b.threads = machine, builtStack-16, append(b.threads, builtLibc)
		b.loads[2].data = make([]byte, 256)
		f.Add(b.bytes())
	}
	f.Add([]byte("\x7fELF\x02\x01\x01"))
	f.Fuzz(func(t *testing.T, data []byte) { readHostile(t, bytes.NewReader(data), int64(len(data))) })
}

func readHostile(t *testing.T, r io.ReaderAt, size int64) {
	t.Helper()
	var d *coredump.Dump
	var err error
	if got := allocated(func() { d, err = coredump.Describe(r, size, nil) }); got > allocationCap {
		t.Errorf("allocated %d MiB", got>>20)
	}
	if err != nil {
		return
	}
	if d.Kind == "" || d.Summary == "" || d.Threads == nil || d.Notes == nil {
		t.Errorf("incomplete: %+v", d)
	}
}

// FuzzPatched changes words of a whole recorded core, where they are read: notes,
// stacks and the interpreter's structures. The input is a list of patches, so that it
// stays small however large the core is.
func FuzzPatched(f *testing.F) {
	core := recorded(f, "overflowt")
	traced := &tracer{r: bytes.NewReader(core)}
	if _, err := coredump.Describe(traced, int64(len(core)), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(binary.LittleEndian.AppendUint64([]byte{0, 1, 0, 0}, 0))
	f.Add(bytes.Repeat([]byte{0x40, 0x10, 0, 0, 255, 255, 255, 255, 255, 255, 255, 127}, 3))
	f.Fuzz(func(t *testing.T, patches []byte) {
		p := patched{core: core, at: map[int64]byte{}}
		for ; len(patches) >= patchSize && len(p.at) < 8*64; patches = patches[patchSize:] {
			at := traced.word(binary.LittleEndian.Uint32(patches))
			for i, b := range patches[4:patchSize] {
				p.at[at+int64(i)] = b
			}
		}
		readHostile(t, p, int64(len(core)))
	})
}

const patchSize = 4 + 8 // which word of those that are read, and what it shall be

// tracer notes which pieces of a core are read.
type tracer struct {
	r     io.ReaderAt
	reads []extent
	total int64
}

type extent struct{ at, size int64 }

func (t *tracer) ReadAt(p []byte, off int64) (int, error) {
	n, err := t.r.ReadAt(p, off)
	if n >= 8 {
		t.reads = append(t.reads, extent{off, int64(n)})
		t.total += int64(n)
	}
	return n, err
}

// word returns the place in the file of the n-th word that was read.
func (t *tracer) word(n uint32) int64 {
	at := int64(n) * 8 % t.total
	for _, e := range t.reads {
		if at < e.size-7 {
			return e.at + at
		}
		at = max(at-e.size, 0)
	}
	return 0
}

// patched is a core with some bytes changed.
type patched struct {
	core []byte
	at   map[int64]byte
}

func (p patched) ReadAt(out []byte, off int64) (int, error) {
	n, err := bytes.NewReader(p.core).ReadAt(out, off)
	for at, b := range p.at {
		if at >= off && at < off+int64(n) {
			out[at-off] = b
		}
	}
	return n, err
}
