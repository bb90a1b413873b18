package coredump_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/coretest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/python"
)

// recorded returns a core of testdata/cores, unpacked.
func recorded(t testing.TB, name string) []byte {
	t.Helper()
	return coretest.Recorded(t, filepath.Join("testdata", "cores", name+".core.zst"))
}

func describe(t testing.TB, data []byte) *coredump.Dump {
	t.Helper()
	d, err := coredump.Describe(bytes.NewReader(data), int64(len(data)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestRecordedCores holds the six cores of Debian's Python 3.11 against what their
// programs (beside them) did.
func TestRecordedCores(t *testing.T) {
	const stdlib = "/usr/lib/python3.11/"
	tests := []struct {
		name, signal, code, address string
		kind                        coredump.Kind
		object, hostname            string
		pid, threads, depth         int
		newest                      []python.Frame
	}{
		{"segv", "SIGSEGV", "SEGV_MAPERR", "0x0", coredump.KindNullPointer, "libc.so.6+0x167ad8", "258b24e743e1", 7, 1, 4,
			[]python.Frame{{File: stdlib + "ctypes/__init__.py", Line: 519, Function: "string_at"},
				{File: "/s/segv.py", Line: 3, Function: "inner"}, {File: "/s/segv.py", Line: 5, Function: "outer"},
				{File: "/s/segv.py", Line: 6, Function: "<module>"}}},
		{"abrt", "SIGABRT", "SI_TKILL", "", coredump.KindAbort, "libc.so.6+0x8aeec", "844eef7a1c93", 7, 1, 2,
			[]python.Frame{{File: "/s/abrt.py", Line: 2, Function: "bye"}, {File: "/s/abrt.py", Line: 3, Function: "<module>"}}},
		{"sigbus", "SIGBUS", "BUS_ADRERR", "0x7faf94d12000", coredump.KindBus,
			"mmap.cpython-311-x86_64-linux-gnu.so+0x2f7e", "409949ceaf6e", 7, 1, 2,
			[]python.Frame{{File: "/s/sigbus.py", Line: 6, Function: "touch"},
				{File: "/s/sigbus.py", Line: 7, Function: "<module>"}}},
		{"overflow", "SIGSEGV", "SEGV_MAPERR", "0x7ffeeaa47be8", coredump.KindStackOverflow, "python3.11+0x5113c3",
			"8050a8f3e37a", 7, 1, 3306,
			[]python.Frame{{File: "/s/overflow.py", Line: 6, Function: "f"},
				{File: "/s/overflow.py", Line: 6, Function: "f.<locals>.<lambda>"}}},
		{"overflowt", "SIGSEGV", "SEGV_ACCERR", "0x7fe93bf94c98", coredump.KindStackOverflow, "python3.11+0x5113c3",
			"cc89ee326c1d", 7, 2, 3308,
			[]python.Frame{{File: "/s/overflow_thread.py", Line: 4, Function: "f"}}},
		{"threads", "SIGSEGV", "SEGV_MAPERR", "0xdeadbeef", coredump.KindOther, "libc.so.6+0x167ad8", "6d2627dfe8da", 6, 7, 5,
			[]python.Frame{{File: stdlib + "ctypes/__init__.py", Line: 519, Function: "string_at"},
				{File: "/s/threads.py", Line: 4, Function: "crash"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := describe(t, recorded(t, tt.name))
			if d.Signal != tt.signal || d.Code != tt.code || d.Address != tt.address || d.Kind != tt.kind {
				t.Errorf("%s %s at %q: %s, want %s %s at %q: %s", d.Signal, d.Code, d.Address, d.Kind, tt.signal, tt.code,
					tt.address, tt.kind)
			}
			if got := d.Object.Name + "+" + d.Object.Offset; got != tt.object || len(d.Object.BuildID) != 40 {
				t.Errorf("object %s of build %q, want %s", got, d.Object.BuildID, tt.object)
			}
			if *d.PID != tt.pid || d.Hostname != tt.hostname || d.ThreadCount != tt.threads ||
				d.Comm != "python3" || d.Truncated {
				t.Errorf("pid %d, host %q, %d threads, %q, truncated %v", *d.PID, d.Hostname, d.ThreadCount, d.Comm, d.Truncated)
			}
			if !strings.HasPrefix(d.Args, "python3 /s/") {
				t.Errorf("args %q", d.Args)
			}
			crashed := d.Threads[0]
			if !crashed.Crashed || crashed.PythonDepth != tt.depth || crashed.PythonNote != "" {
				t.Errorf("crashed %v, %d calls, %q; want %d calls", crashed.Crashed, crashed.PythonDepth,
					crashed.PythonNote, tt.depth)
			}
			if diff := cmp.Diff(tt.newest, crashed.Python[:min(len(tt.newest), len(crashed.Python))]); diff != "" {
				t.Errorf("newest frames (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEveryThreadHasItsFrames: five sleep, the main one joins, one crashed.
func TestEveryThreadHasItsFrames(t *testing.T) {
	count := map[string]int{}
	for _, thread := range describe(t, recorded(t, "threads")).Threads {
		for _, f := range thread.Python {
			if strings.HasPrefix(f.File, "/s/") {
				count[f.Function]++
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"idle": 5, "crash": 1, "<module>": 1}, count); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEnvironmentStaysInside: the environment block is in the core, and none of it
// but the host name comes out.
func TestEnvironmentStaysInside(t *testing.T) {
	data := recorded(t, "segv")
	if !bytes.Contains(data, []byte("\x00PATH=")) {
		t.Fatal("the core holds no environment to keep inside")
	}
	if text := dumpText(t, describe(t, data)); strings.Contains(text, "PATH=") ||
		strings.Contains(text, "/usr/local/sbin") {
		t.Errorf("a variable of the environment came out:\n%s", text)
	}
}

// TestTruncation cuts a core at every 4 KiB: what is left is read, nothing panics,
// and a cut core is never called whole.
func TestTruncation(t *testing.T) {
	data := recorded(t, "segv")
	frames := 0
	for n := 0; n < len(data); n += 4096 {
		d, err := coredump.Describe(bytes.NewReader(data[:n]), int64(n), nil)
		if err != nil {
			if !errors.Is(err, coredump.ErrNotCore) || n >= 4096 {
				t.Fatalf("at %d: %v", n, err)
			}
			continue
		}
		if !d.Truncated || len(d.Notes) == 0 {
			t.Fatalf("at %d of %d: truncated %v, notes %q", n, len(data), d.Truncated, d.Notes)
		}
		if n >= 64<<10 && (d.Signal != "SIGSEGV" || d.Address != "0x0" || d.ThreadCount != 1) {
			t.Fatalf("at %d: %s at %q, %d threads", n, d.Signal, d.Address, d.ThreadCount)
		}
		if len(d.Threads) > 0 {
			frames = max(frames, len(d.Threads[0].Python))
		}
		if d.Python != nil && d.Python.Note == "" && len(d.Threads) > 0 && len(d.Threads[0].Python) == 0 &&
			d.Threads[0].PythonNote == "" && d.Threads[0].PythonDepth == 0 && n < len(data)/2 {
			t.Logf("at %d: an interpreter and no thread", n)
		}
	}
	if frames == 0 {
		t.Error("not even the longest piece gave Python frames")
	}
}

// TestWhatIsNoCore: the error says what the file is.
func TestWhatIsNoCore(t *testing.T) {
	core := recorded(t, "segv")[:64<<10]
	change := func(at int, to ...byte) []byte {
		b := bytes.Clone(core)
		copy(b[at:], to)
		return b
	}
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "0 bytes"},
		{"text", []byte("Traceback (most recent call last):\n" + strings.Repeat("x", 100)), "not an ELF file"},
		{"zip", []byte("PK\x03\x04" + strings.Repeat("x", 100)), "50 4b 03 04"},
		{"executable", change(16, 2, 0), "an ELF executable"},
		{"library", change(16, 3, 0), "shared library"},
		{"32 bits", change(4, 1), "32-bit"},
		{"big-endian", change(5, 2), "big-endian"},
		{"riscv", change(18, 243, 0), "riscv64"},
		{"unknown machine", change(18, 0xee, 0xee), "machine 61166"},
		{"header cut", core[:40], "40 bytes"},
	}
	for _, tt := range tests {
		_, err := coredump.Describe(bytes.NewReader(tt.data), int64(len(tt.data)), nil)
		if !errors.Is(err, coredump.ErrNotCore) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want it to say %q", tt.name, err, tt.want)
		}
	}
}

// endless is a sparse file: a header that promises everything, then zeros for ever.
type endless struct{ head []byte }

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	if off < int64(len(e.head)) {
		copy(p, e.head[off:])
	}
	return len(p), nil
}

// TestPromisesCostNothing: headers that claim the most of everything in a file that
// never ends. What is allocated stays under a cap.
func TestPromisesCostNothing(t *testing.T) {
	core := recorded(t, "segv")
	le := binary.LittleEndian
	tests := map[string]func(b []byte){
		"four billion headers": func(b []byte) { le.PutUint16(b[56:], 0xffff); le.PutUint64(b[40:], 1<<40) },
		"65,534 headers":       func(b []byte) { le.PutUint16(b[56:], 0xfffe) },
		"endless notes":        func(b []byte) { le.PutUint64(b[64+32:], 1<<61) },
		"headers far away":     func(b []byte) { le.PutUint64(b[32:], 1<<61) },
		"headers overflow":     func(b []byte) { le.PutUint64(b[32:], ^uint64(0)-10) },
		"a segment of all": func(b []byte) {
			for p := 64; p+56 < 4096; p += 56 {
				le.PutUint64(b[p+16:], 0)
				le.PutUint64(b[p+32:], ^uint64(0))
				le.PutUint64(b[p+40:], ^uint64(0))
			}
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			b := bytes.Clone(core)
			change(b)
			if got := allocated(func() { _, _ = coredump.Describe(endless{b}, 1<<62, nil) }); got > allocationCap {
				t.Errorf("allocated %d MiB, the cap is %d", got>>20, allocationCap>>20)
			}
		})
	}
}

// allocationCap is what reading one core may allocate in all, whatever it claims.
// Most of it is the list of mapped files, 16 MiB at most, once raw and once parsed.
const allocationCap = 128 << 20

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestManyMappings: 65,600 mapped files need more program headers than 16 bits
// count; the true number lies in section 0 at the end (PN_XNUM).
func TestManyMappings(t *testing.T) {
	const count = 65_600
	whole := manyMappings(t, count)
	d := describe(t, whole)
	if d.Signal != "SIGSEGV" || d.Object == nil || d.Object.Name != "lib65599.so" {
		t.Errorf("%s in %+v, want SIGSEGV in lib65599.so; notes %q", d.Signal, d.Object, d.Notes)
	}
	cut := whole[:len(whole)-64] // the section header is lost
	d = describe(t, cut)
	if d.Signal != "SIGSEGV" || len(d.Notes) == 0 {
		t.Errorf("cut: %s, notes %q", d.Signal, d.Notes)
	}
}

// manyMappings builds a core whose thread crashed in the last of count files.
func manyMappings(t *testing.T, count int) []byte {
	t.Helper()
	le := binary.LittleEndian
	const first, step = 0x10000000, 0x2000
	var file, names bytes.Buffer
	put := func(values ...uint64) {
		for _, v := range values {
			_ = binary.Write(&file, le, v)
		}
	}
	put(uint64(count), 4096)
	for i := range count {
		put(uint64(first+i*step), uint64(first+i*step+0x1000), 0)
		names.WriteString("/lib" + strconv.Itoa(i) + ".so\x00")
	}
	file.Write(names.Bytes())
	regs := make([]byte, 336)
	le.PutUint64(regs[112+8*16:], uint64(first+(count-1)*step+0x10))
	info := make([]byte, 128)
	le.PutUint32(info, 11)
	le.PutUint32(info[8:], 1)
	notes := join(note(1, regs), note(0x53494749, info), note(0x46494c45, file.Bytes()))
	headers := 64 + 56*(count+1)
	out := make([]byte, headers, headers+len(notes)+64)
	copy(out, "\x7fELF\x02\x01\x01")
	le.PutUint16(out[16:], 4)
	le.PutUint16(out[18:], 62)
	le.PutUint64(out[32:], 64)
	le.PutUint64(out[40:], uint64(headers+len(notes)))
	le.PutUint16(out[56:], 0xffff)
	program := func(i int, kind uint32, addr, offset, filled, size uint64) {
		p := out[64+56*i:]
		le.PutUint32(p, kind)
		le.PutUint32(p[4:], 5)
		le.PutUint64(p[8:], offset)
		le.PutUint64(p[16:], addr)
		le.PutUint64(p[32:], filled)
		le.PutUint64(p[40:], size)
	}
	program(0, 4, 0, uint64(headers), uint64(len(notes)), 0)
	for i := range count {
		program(i+1, 1, uint64(first+i*step), uint64(headers), 0, 0x1000)
	}
	section := make([]byte, 64)
	le.PutUint32(section[44:], uint32(count+1))
	return append(append(out, notes...), section...)
}

func note(kind uint32, desc []byte) []byte {
	b := make([]byte, 20, 20+len(desc)+4)
	binary.LittleEndian.PutUint32(b, 5)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(desc)))
	binary.LittleEndian.PutUint32(b[8:], kind)
	copy(b[12:], "CORE")
	b = append(b, desc...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func dumpText(t *testing.T, d *coredump.Dump) string {
	t.Helper()
	return cmp.Diff((*coredump.Dump)(nil), d)
}
