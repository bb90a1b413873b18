package coredump_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/coretest"
)

// built is a core made by a test, where no real one is to be had: of another
// machine, of an emulator, in the middle of being written.
type built struct {
	machine uint16 // e_machine: 62 amd64, 183 arm64
	comm    string
	threads []uint64 // ip of each; the first crashed
	sp      uint64
	signal  int
	code    int
	value   uint64 // si_addr, or the sender's pid and uid
	sent    bool   // no SIGINFO note where false and code is 0
	files   []coredump.Mapping
	loads   []load
}

type load struct {
	addr, size uint64
	flags      uint32
	data       []byte
}

const (
	amd64, arm64 = 62, 183

	builtPID     = 1
	builtText    = 0xaaaa00000000 // the program's code
	builtLibc    = 0xffff80000000
	builtStack   = 0xfffff0000000 // 8 MiB
	builtStackSP = builtStack + 0x1000
)

// arm64Core is a crash of an arm64 process in its own code.
func arm64Core(signal, code int, value uint64) built {
	return built{
		machine: arm64, comm: "python3", threads: []uint64{builtText + 0x40}, sp: builtStackSP, signal: signal,
		code: code, value: value,
		files: []coredump.Mapping{{Start: builtText, End: builtText + 0x10000, Path: "/usr/bin/python3"},
			{Start: builtLibc, End: builtLibc + 0x10000, Path: "/lib/libc.so.6"}},
		loads: []load{{builtText, 0x10000, 5, nil}, {builtLibc, 0x10000, 5, nil},
			{builtStack, 8 << 20, 6, make([]byte, 0x2000)}},
	}
}

func (b built) bytes() []byte {
	le := binary.LittleEndian
	var notes []byte
	for i, ip := range b.threads {
		notes = append(notes, note(1, b.prstatus(i, ip))...)
		if i == 0 {
			notes = append(notes, b.processNotes()...)
		}
		if b.machine == arm64 {
			tls := make([]byte, 16)
			le.PutUint64(tls, 0xffff70000000+uint64(i)<<12)
			notes = append(notes, note(0x401, tls)...)
		}
	}
	headers := 64 + 56*(len(b.loads)+1)
	out := make([]byte, headers)
	copy(out, "\x7fELF\x02\x01\x01")
	le.PutUint16(out[16:], 4)
	le.PutUint16(out[18:], b.machine)
	le.PutUint64(out[32:], 64)
	le.PutUint16(out[56:], uint16(len(b.loads)+1))
	offset := uint64(headers + len(notes))
	putProgram(out[64:], 4, load{size: uint64(len(notes))}, uint64(headers), uint64(len(notes)))
	out = append(out, notes...)
	for i, l := range b.loads {
		putProgram(out[64+56*(i+1):], 1, l, offset, uint64(len(l.data)))
		out = append(out, l.data...)
		offset += uint64(len(l.data))
	}
	return out
}

func putProgram(p []byte, kind uint32, l load, offset, filled uint64) {
	le := binary.LittleEndian
	le.PutUint32(p, kind)
	le.PutUint32(p[4:], l.flags)
	le.PutUint64(p[8:], offset)
	le.PutUint64(p[16:], l.addr)
	le.PutUint64(p[32:], filled)
	le.PutUint64(p[40:], l.size)
}

// prstatus is elf_prstatus: 336 bytes on amd64, 392 on arm64.
func (b built) prstatus(i int, ip uint64) []byte {
	le := binary.LittleEndian
	size, ipAt, spAt := 336, 16, 19
	if b.machine == arm64 {
		size, ipAt, spAt = 392, 32, 31
	}
	d := make([]byte, size)
	le.PutUint16(d[12:], uint16(b.signal))
	le.PutUint32(d[32:], uint32(builtPID+i))
	le.PutUint64(d[112+8*ipAt:], ip)
	le.PutUint64(d[112+8*spAt:], b.sp)
	return d
}

func (b built) processNotes() []byte {
	le := binary.LittleEndian
	info := make([]byte, 136)
	le.PutUint32(info[16:], 1000)
	le.PutUint32(info[24:], builtPID)
	copy(info[40:55], b.comm)
	copy(info[56:], b.comm+" app.py")
	notes := note(3, info)
	if b.code != 0 || b.sent {
		siginfo := make([]byte, 128)
		le.PutUint32(siginfo, uint32(b.signal))
		le.PutUint32(siginfo[8:], uint32(b.code))
		le.PutUint64(siginfo[16:], b.value)
		notes = append(notes, note(0x53494749, siginfo)...)
	}
	if len(b.files) == 0 {
		return notes
	}
	file := le.AppendUint64(le.AppendUint64(nil, uint64(len(b.files))), 4096)
	var names []byte
	for _, m := range b.files {
		file = le.AppendUint64(le.AppendUint64(le.AppendUint64(file, m.Start), m.End), m.Offset/4096)
		names = append(append(names, m.Path...), 0)
	}
	return append(notes, note(0x46494c45, append(file, names...))...)
}

// TestARM64 reads every kind of crash from the registers and notes of arm64, which
// lie elsewhere than amd64's.
func TestARM64(t *testing.T) {
	const self = builtPID | 1000<<32
	tests := []struct {
		name   string
		core   built
		change func(*built)
		kind   coredump.Kind
		object string
		says   string
	}{
		{"null pointer", arm64Core(11, 1, 8), nil, coredump.KindNullPointer, "python3+0x40", "address 0x8"},
		{"stack overflow", arm64Core(11, 1, builtStack-16), func(b *built) { b.sp = builtStack - 16 },
			coredump.KindStackOverflow, "python3+0x40", "8 MiB"},
		{"deep in the stack, address elsewhere", arm64Core(11, 1, 0x123456789), nil, coredump.KindOther, "python3+0x40",
			"nothing is mapped"},
		{"bad jump", arm64Core(11, 1, 0x4141414141), func(b *built) { b.threads[0] = 0x4141414141 }, coredump.KindBadJump,
			"", "no code is"},
		{"null call", arm64Core(11, 1, 0), func(b *built) { b.threads[0] = 0 }, coredump.KindBadJump, "", "null pointer"},
		{"write to code", arm64Core(11, 2, builtLibc+8), nil, coredump.KindOther, "python3+0x40", "/lib/libc.so.6"},
		{"abort", arm64Core(6, -6, self), func(b *built) { b.threads[0] = builtLibc + 0x80 }, coredump.KindAbort,
			"libc.so.6+0x80", "abort() was called"},
		{"killed by another", arm64Core(11, 0, 7|1000<<32), func(b *built) { b.sent = true }, coredump.KindSent,
			"python3+0x40", "process 7"},
		{"bus", arm64Core(7, 2, builtLibc+0x100), nil, coredump.KindBus, "python3+0x40", "/lib/libc.so.6 was mapped"},
		{"illegal", arm64Core(4, 1, builtText+0x40), nil, coredump.KindIllegal, "python3+0x40", "does not have"},
		{"assertion", arm64Core(5, 1, builtText+0x40), nil, coredump.KindOther, "python3+0x40", "trap instruction"},
		{"abort as PID 1", arm64Core(5, 1, builtLibc+0x40), func(b *built) {
			b.threads[0] = builtLibc + 0x40
			b.loads[1].data = binary.LittleEndian.AppendUint32(make([]byte, 0x40), 0xd4207d00)
		}, coredump.KindAbort, "libc.so.6+0x40", "as PID 1"},
		{"trap of the C library without its code", arm64Core(5, 1, builtLibc+0x40),
			func(b *built) { b.threads[0] = builtLibc + 0x40 }, coredump.KindAbort, "libc.so.6+0x40", "most likely"},
		{"snapshot", arm64Core(19, 0x80, 0), nil, coredump.KindSnapshot, "python3+0x40", "snapshot"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.change != nil {
				tt.change(&tt.core)
			}
			d := describe(t, tt.core.bytes())
			if d.Architecture != coredump.ARM64 || d.Comm != "python3" || *d.PID != builtPID || *d.UID != 1000 || d.Truncated {
				t.Errorf("%s, %q, pid %d, uid %d, truncated %v", d.Architecture, d.Comm, *d.PID, *d.UID, d.Truncated)
			}
			if d.Kind != tt.kind || !strings.Contains(d.Summary, tt.says) {
				t.Errorf("%s: %q; want %s that says %q", d.Kind, d.Summary, tt.kind, tt.says)
			}
			object := ""
			if d.Object != nil {
				object = d.Object.Name + "+" + d.Object.Offset
			}
			if tt.object != "" && object != tt.object {
				t.Errorf("object %q, want %q", object, tt.object)
			}
		})
	}
}

// TestARM64Registers: pc, sp and the thread register of each thread.
func TestARM64Registers(t *testing.T) {
	b := arm64Core(11, 1, 0)
	b.threads = []uint64{builtText + 4, builtText + 8, builtText + 12}
	data := b.bytes()
	c, err := coredump.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for i, thread := range c.Threads {
		if thread.TID != builtPID+i || thread.IP != b.threads[i] || thread.SP != builtStackSP ||
			thread.TLS != 0xffff70000000+uint64(i)<<12 || len(thread.Registers) != 34 {
			t.Errorf("thread %d: %+v", i, thread)
		}
	}
	if len(c.Threads) != 3 {
		t.Errorf("%d threads", len(c.Threads))
	}
}

// TestEmulator: what qemu-user leaves is its own core, and says nothing of the
// program; the guest's core that it writes itself has no SIGINFO and no FILE note.
func TestEmulator(t *testing.T) {
	host := built{machine: amd64, comm: "qemu-aarch64", threads: []uint64{0x400000}, sp: builtStackSP, signal: 11,
		sent: true, value: builtPID | 1000<<32}
	d := describe(t, host.bytes())
	if d.Kind != coredump.KindSent || !strings.Contains(strings.Join(d.Notes, "\n"),
		"the core of an emulator (qemu-aarch64)") {
		t.Errorf("%s, %q, %q", d.Kind, d.Summary, d.Notes)
	}
	guest := arm64Core(11, 0, 0)
	guest.files = nil
	d = describe(t, guest.bytes())
	if d.Signal != "SIGSEGV" || d.Kind != coredump.KindOther || d.Address != "" ||
		!strings.Contains(d.Summary, "no details of the signal") {
		t.Errorf("guest: %s %s %q %q", d.Signal, d.Kind, d.Address, d.Summary)
	}
	if len(d.Threads) != 1 || d.Threads[0].Native == nil {
		t.Errorf("guest's threads: %+v", d.Threads)
	}
}

// growing is a file that the kernel writes while it is read: each reading finds more
// of it, and zeros where nothing was written yet.
type growing struct {
	data []byte
	end  int
}

func (g *growing) ReadAt(p []byte, off int64) (int, error) {
	defer func() { g.end = min(g.end+512, len(g.data)) }()
	if off >= int64(g.end) {
		return 0, io.EOF
	}
	n := copy(p, g.data[off:g.end])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// TestGrowingCore: a core of which each read finds more, or less, than the one
// before gives what was there, says that it is cut, and never an error of its own.
func TestGrowingCore(t *testing.T) {
	whole := arm64Core(11, 1, 8).bytes()
	for start := 64; start < len(whole); start += 64 {
		d, err := coredump.Describe(&growing{whole, start}, int64(start), nil)
		if err != nil {
			t.Fatalf("at %d: %v", start, err)
		}
		if !d.Truncated || len(d.Notes) == 0 {
			t.Errorf("at %d of %d: truncated %v, notes %q", start, len(whole), d.Truncated, d.Notes)
		}
	}
	shrunk, err := coredump.Describe(bytes.NewReader(whole[:200]), int64(len(whole)), nil) // cut after stat
	if err != nil || len(shrunk.Notes) == 0 {
		t.Errorf("cut after its size was read: %v, %+v", err, shrunk)
	}
}

// TestHeadersBeyondTheEnd: the program headers lie where the file does not reach yet.
func TestHeadersBeyondTheEnd(t *testing.T) {
	data := arm64Core(11, 1, 8).bytes()
	binary.LittleEndian.PutUint64(data[32:], uint64(len(data))+4096)
	d := describe(t, data)
	if !d.Truncated || d.ThreadCount != 0 || d.Kind != coredump.KindOther ||
		!strings.Contains(strings.Join(d.Notes, "\n"), "0 of 4 program headers") {
		t.Errorf("truncated %v, %d threads, %s, %q", d.Truncated, d.ThreadCount, d.Kind, d.Notes)
	}
}

func TestApport(t *testing.T) {
	core := recorded(t, "segv")
	report, packed, err := coredump.OpenApport(bytes.NewReader(coretest.Apport(t, core)))
	if err != nil || report.Executable != "/usr/bin/python3.11" || report.Signal != "11" {
		t.Fatalf("%+v, %v", report, err)
	}
	z, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(got, core) {
		t.Errorf("%d bytes of %d, %v", len(got), len(core), err)
	}
}

// TestDamagedApport: no core in it, no base64, and a line that never ends.
func TestDamagedApport(t *testing.T) {
	for name, text := range map[string]string{
		"no core":  "ProblemType: Crash\nSignal: 11\n",
		"one line": "ProblemType: " + strings.Repeat("x", 5<<20),
	} {
		if _, _, err := coredump.OpenApport(strings.NewReader(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	_, packed, err := coredump.OpenApport(strings.NewReader("ProblemType: Crash\nCoreDump: base64\n H4sI\n !!!!\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(packed); err == nil || len(got) != 3 {
		t.Errorf("no base64: %d bytes, %v", len(got), err)
	}
	long := io.MultiReader(strings.NewReader("ProblemType: Crash\nCoreDump: base64\n "), io.LimitReader(letters{}, 1<<30))
	if used := allocated(func() {
		_, packed, err := coredump.OpenApport(long)
		if err == nil {
			_, err = io.Copy(io.Discard, packed)
		}
		if err == nil || errors.Is(err, io.EOF) {
			t.Errorf("a line of 1 GiB: %v", err)
		}
	}); used > allocationCap {
		t.Errorf("a line of 1 GiB took %d MiB", used>>20)
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'A'
	}
	return len(p), nil
}
