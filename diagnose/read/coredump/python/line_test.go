package python

import "testing"

// The tables are what each CPython compiled of the same function; the wanted lines are
// what its own co_lines() (3.9: dis.findlinestarts) gives:
//
//	1  def f(a):
//	2      b = [
//	3          a,
//	4      ]
//	5      if a:
//	6          for x in b:
//	7              a += x
//	8
//	9      return g(a,
//	10              b)
func TestLines(t *testing.T) {
	tests := []struct {
		name  string
		line  func([]byte, int, int64) int
		table []byte
		first int
		want  map[int64]int
	}{
		{"3.9.18", lnotabLine, []byte{0x0, 0x2, 0x2, 0xff, 0x4, 0x3, 0x4, 0x1, 0x8, 0x1, 0xa, 0x2, 0x4, 0x1, 0x2, 0xff}, 1,
			map[int64]int{0: 3, 2: 2, 4: 2, 6: 5, 8: 5, 10: 6, 12: 6, 14: 6, 16: 6, 18: 7, 20: 7, 22: 7, 24: 7, 26: 7, 28: 9,
				30: 9, 32: 10, 34: 9, 36: 9}},
		{"3.10.13", linetableLine, []byte{0x2, 0x2, 0x4, 0xff, 0x4, 0x3, 0x8, 0x1, 0xa, 0x1, 0x4, 0x2, 0x2, 0x1, 0x4, 0xff},
			1, map[int64]int{0: 3, 1: 2, 2: 2, 3: 5, 4: 5, 5: 6, 6: 6, 7: 6, 8: 6, 9: 7, 10: 7, 11: 7, 12: 7, 13: 7, 14: 9,
				15: 9, 16: 10, 17: 9, 18: 9}},
		{"3.11.7", locationLine, []byte{0x80, 0x0, 0xe0, 0x8, 0x9, 0xf0, 0x3, 0x2, 0x9, 0x6, 0x80, 0x41, 0xf0, 0x6, 0x0,
			0x8, 0x9, 0xf0, 0x0, 0x2, 0x5, 0x13, 0xd8, 0x11, 0x12, 0xf0, 0x0, 0x1, 0x9, 0x13, 0xf0, 0x0, 0x1, 0x9, 0x13, 0x88,
			0x41, 0xd8, 0xc, 0xd, 0x90, 0x11, 0x89, 0x46, 0x88, 0x41, 0x88, 0x41, 0xe5, 0xb, 0xc, 0x88, 0x51, 0xd8, 0xd, 0xe,
			0xf1, 0x3, 0x1, 0xc, 0x10, 0xf4, 0x0, 0x1, 0xc, 0x10, 0xf0, 0x0, 0x1, 0x5, 0x10}, 1,
			map[int64]int{0: 1, 2: 3, 4: 2, 6: 2, 8: 5, 10: 5, 12: 6, 14: 6, 16: 6, 18: 6, 20: 7, 22: 7, 24: 7, 28: 7, 30: 7,
				32: 9, 44: 9, 46: 10, 48: 9, 52: 9, 62: 9}},
		{"3.12.1", locationLine, []byte{0x80, 0x0, 0xe0, 0x8, 0x9, 0xf0, 0x3, 0x2, 0x9, 0x6, 0x80, 0x41, 0xf1, 0x6, 0x0,
			0x8, 0x9, 0xd8, 0x11, 0x12, 0xf2, 0x0, 0x1, 0x9, 0x13, 0x88, 0x41, 0xd8, 0xc, 0xd, 0x90, 0x11, 0x89, 0x46, 0x89,
			0x41, 0xf0, 0x3, 0x1, 0x9, 0x13, 0xf4, 0x6, 0x0, 0xc, 0xd, 0x88, 0x51, 0xd8, 0xd, 0xe, 0xf3, 0x3, 0x1, 0xc, 0x10,
			0xf0, 0x0, 0x1, 0x5, 0x10}, 1, map[int64]int{0: 1, 2: 3, 4: 2, 6: 2, 8: 5, 10: 5, 12: 6, 14: 6, 16: 6, 20: 6,
			22: 7, 24: 7, 26: 7, 30: 7, 32: 7, 34: 6, 36: 9, 46: 9, 48: 10, 50: 9, 58: 9}},
		{"3.13.0", locationLine, []byte{0x80, 0x0, 0xe0, 0x8, 0x9, 0xf0, 0x3, 0x2, 0x9, 0x6, 0x80, 0x41, 0xf6, 0x6, 0x0,
			0x8, 0x9, 0xdb, 0x11, 0x12, 0x88, 0x41, 0xd8, 0xc, 0xd, 0x89, 0x46, 0x8a, 0x41, 0xf1, 0x3, 0x0, 0x12, 0x13, 0xf4,
			0x6, 0x0, 0xc, 0xd, 0x88, 0x51, 0xd8, 0xd, 0xe, 0xf3, 0x3, 0x1, 0xc, 0x10, 0xf0, 0x0, 0x1, 0x5, 0x10}, 1,
			map[int64]int{0: 1, 2: 3, 4: 2, 6: 2, 8: 5, 10: 5, 18: 5, 22: 6, 24: 6, 26: 6, 30: 6, 32: 7, 34: 7, 38: 7, 40: 7,
				44: 6, 46: 6, 48: 9, 58: 9, 60: 10, 62: 9, 70: 9}},
		{"empty", locationLine, nil, 7, map[int64]int{0: 7}},
		{"varint without end", locationLine, []byte{0xe8, 0xff, 0xff, 0xff}, 7, map[int64]int{}},
	}
	for _, tt := range tests {
		for index, want := range tt.want {
			if got := tt.line(tt.table, tt.first, index); got != want {
				t.Errorf("%s at %d: line %d, want %d", tt.name, index, got, want)
			}
		}
		tt.line(tt.table, tt.first, 1<<40) // must end
	}
}

func TestVersionOf(t *testing.T) {
	for _, tt := range []struct {
		paths []string
		want  string
	}{
		{[]string{"/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/bin/python3.11"}, "3.11"},
		{[]string{"/usr/local/bin/uwsgi", "/usr/local/lib/libpython3.12.so.1.0"}, "3.12"},
		{[]string{"/app/server", "/app/lib/_ssl.cpython-313-x86_64-linux-gnu.so"}, "3.13"},
		{[]string{"/opt/app/python3.10/lib-dynload/x.so"}, "3.10"},
		{[]string{"/usr/bin/perl", "/lib/libc.so.6"}, ""},
	} {
		if got := versionOf(tt.paths); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.paths, got, tt.want)
		}
	}
}

// image is a made-up process's memory.
type image map[uint64][]byte

func (m image) ReadMemory(addr uint64, p []byte) error {
	for start, b := range m {
		if addr >= start && addr+uint64(len(p)) <= start+uint64(len(b)) {
			copy(p, b[addr-start:])
			return nil
		}
	}
	return errNoState
}

// TestUnknownVersions are said, not guessed.
func TestUnknownVersions(t *testing.T) {
	table := make([]byte, 8*tableWords)
	copy(table, cookie)
	for version, want := range map[uint64]string{0x030f0000: "3.15", 0x03140000: "3.20"} {
		order.PutUint64(table[8:], version)
		stack, err := Read(image{0x1000: table}, []Area{{0x1000, uint64(len(table)), "/usr/bin/python3.15"}}, nil)
		if err == nil || stack == nil || stack.Version != want || len(stack.Threads) > 0 {
			t.Errorf("%s: %+v, %v", want, stack, err)
		}
	}
	order.PutUint64(table[8:], 0x030d0000)
	order.PutUint64(table[16:], 1)
	if _, err := Read(image{0x1000: table}, []Area{{0x1000, uint64(len(table)), "/usr/bin/python3.13t"}},
		nil); err == nil {
		t.Error("a free-threaded build was read")
	}
	if _, err := Read(image{}, nil, []string{"/usr/bin/python3.8"}); err == nil || err == ErrNoPython {
		t.Errorf("3.8: %v", err)
	}
	if _, err := Read(image{}, nil, []string{"/usr/bin/perl"}); err != ErrNoPython {
		t.Errorf("perl: %v", err)
	}
}

// TestCircles: a chain of frames that bites its tail ends with a note.
func TestCircles(t *testing.T) {
	mem := make([]byte, 4096)
	order.PutUint64(mem[8:], 0x1000) // the frame's caller is itself
	r := &reader{Memory: image{0x1000: mem}, layout: &layout{framePrev: 8, frameOwner: 70, frameCode: 0},
		codes: map[uint64]*code{}}
	mem[70] = cStackOwner
	var thread Thread
	r.walk(0x1000, &thread)
	if thread.Note == "" || len(thread.Frames) > 0 {
		t.Errorf("%+v", thread)
	}
}
