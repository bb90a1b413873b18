package coredump

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Limits of what is kept of one core, whatever its headers promise. Linux allows
// 65,530 mappings by default and 262,144 where Elasticsearch runs.
const (
	maxSegments = 1 << 18
	maxMappings = 1 << 18
	maxThreads  = 1 << 14
	maxFileNote = 16 << 20 // core_file_note_size_limit can be raised to this (fs/binfmt_elf.c)
	maxSmall    = 4 << 10  // any other note that is read
	maxNotes    = 1 << 18
)

// Sizes of ELF64 structures.
const (
	headerSize  = 64
	programSize = 56
	sectionSize = 64
)

// ErrNotCore says that a file is no core of a 64-bit process of a machine that is
// read here; the text says what it is instead.
var ErrNotCore = errors.New("not a core that can be read")

func notCore(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotCore, fmt.Sprintf(format, args...))
}

// segment is a PT_LOAD: memory that was mapped, and the part of it that the file
// holds.
type segment struct {
	addr, size, offset, filled uint64
	flags                      uint32
}

// Permission bits of a segment (elf.h PF_X, PF_W, PF_R).
const (
	flagExec  = 1
	flagWrite = 2
	flagRead  = 4
)

func (s segment) end() uint64    { return s.addr + s.size }
func (s segment) writable() bool { return s.flags&flagWrite != 0 }
func (s segment) guard() bool    { return s.flags&(flagExec|flagWrite|flagRead) == 0 }

// extent is a piece of the file.
type extent struct{ offset, size uint64 }

// elfHeader is the part of the ELF header that matters.
type elfHeader struct {
	machine  Machine
	programs extent
	count    uint64
}

// readHeader checks the first 64 bytes and says what the file is where it is no
// core.
func readHeader(r io.ReaderAt) (elfHeader, error) {
	b := make([]byte, headerSize)
	n, err := r.ReadAt(b, 0)
	switch {
	case n >= 4 && string(b[:4]) != "\x7fELF":
		return elfHeader{}, notCore("not an ELF file (it begins with % x)", b[:min(n, 8)])
	case n < headerSize && err != nil && err != io.EOF:
		return elfHeader{}, err
	case n < headerSize:
		return elfHeader{}, notCore("%d bytes are not even an ELF header", n)
	case b[4] != 2:
		return elfHeader{}, notCore("an ELF file of a 32-bit machine; cores of 64-bit processes are read")
	case b[5] != 1:
		return elfHeader{}, notCore("a big-endian ELF file; cores of amd64 and arm64 are read")
	}
	if kind := order.Uint16(b[16:]); kind != 4 {
		return elfHeader{}, notCore("an ELF %s, not a core", elfKind(kind))
	}
	machine := order.Uint16(b[18:])
	h := elfHeader{machine: machines[machine], count: uint64(order.Uint16(b[56:]))}
	if h.machine != AMD64 && h.machine != ARM64 {
		return elfHeader{}, notCore("a core of %s; cores of amd64 and arm64 are read", machineName(machine))
	}
	h.programs.offset = order.Uint64(b[32:])
	if h.count == 0xffff {
		h.count = extendedCount(r, order.Uint64(b[40:]))
	}
	h.programs.size = h.count * programSize
	return h, nil
}

func elfKind(kind uint16) string {
	if name, ok := map[uint16]string{1: "object file", 2: "executable", 3: "shared library or executable"}[kind]; ok {
		return name
	}
	return fmt.Sprintf("file of type %d", kind)
}

func machineName(number uint16) string {
	if name, ok := machines[number]; ok {
		return string(name)
	}
	return fmt.Sprintf("machine %d", number)
}

// extendedCount reads the true number of program headers where 65,535 stands for
// "more" (PN_XNUM): it is in sh_info of section 0, which lies at the very end, so a
// truncated core has lost it. Then headers are read until they make no sense.
func extendedCount(r io.ReaderAt, offset uint64) uint64 {
	b := make([]byte, sectionSize)
	if offset > 1<<62 {
		return maxSegments
	}
	if _, err := r.ReadAt(b, int64(offset)); err != nil {
		return maxSegments
	}
	return uint64(order.Uint32(b[44:]))
}

// Types of program headers (elf.h).
const (
	typeLoad = 1
	typeNote = 4
)

// readPrograms fills the segments and returns where the notes lie. complete is
// false where the file ends before its headers do, or has more than are kept.
func (c *Core) readPrograms(r io.ReaderAt, h elfHeader) (notes []extent, complete bool) {
	if h.programs.offset > 1<<62 {
		return nil, false
	}
	count := min(h.count, maxSegments)
	in := bufio.NewReaderSize(io.NewSectionReader(r, int64(h.programs.offset), int64(count*programSize)), 16<<10)
	b := make([]byte, programSize)
	for range count {
		if _, err := io.ReadFull(in, b); err != nil {
			complete = false
			return notes, false
		}
		s := segment{order.Uint64(b[16:]), order.Uint64(b[40:]), order.Uint64(b[8:]), order.Uint64(b[32:]),
			order.Uint32(b[4:])}
		switch order.Uint32(b) {
		case typeLoad:
			c.addSegment(s)
		case typeNote:
			if len(notes) < 16 {
				notes = append(notes, extent{s.offset, s.filled})
			}
		case 0: // past the last one, where the count was lost
			if h.count == maxSegments {
				return notes, false
			}
		}
	}
	return notes, count == h.count
}

// addSegment drops what no kernel writes: ranges that run over the end of memory
// or of any file.
func (c *Core) addSegment(s segment) {
	if s.addr+s.size < s.addr || s.offset > 1<<62 || s.filled > 1<<62 {
		return
	}
	s.filled = min(s.filled, s.size)
	c.segments = append(c.segments, s)
	if s.filled > 0 {
		c.Expected = max(c.Expected, int64(s.offset+s.filled))
	}
}

// sortSegments puts the segments in order of addresses; with core_sort_vma=1
// (Linux 6.15) the kernel writes the small ones first.
func (c *Core) sortSegments() {
	byAddress := func(a, b segment) int { return cmp.Compare(a.addr, b.addr) }
	if !slices.IsSortedFunc(c.segments, byAddress) {
		slices.SortStableFunc(c.segments, byAddress)
	}
}
