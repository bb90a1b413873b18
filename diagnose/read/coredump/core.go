package coredump

import (
	"fmt"
	"io"
)

// Core is a core file, opened: its notes are parsed, its memory is read on demand.
type Core struct {
	Machine  Machine
	Process  *Process  // nil: the note is missing (cut off)
	Siginfo  *Siginfo  // nil: the note is missing (QEMU's cores, gcore of old)
	Threads  []Thread  // the crashed one first, the others in no order
	Mappings []Mapping // files that were mapped, by address
	Size     int64     // of the file
	Expected int64     // what the headers promise
	Notes    []string  // what was left out, in words

	auxv     map[uint64]uint64
	pacMask  uint64 // arm64: bits of a code pointer that hold its signature
	segments []segment
	cache    *pageCache
	images   map[uint64]*mappedImage
}

// Process is what the kernel noted of the process: PRPSINFO. Its numbers are
// those of the container's own namespaces.
type Process struct {
	PID, PPID int
	UID, GID  uint32
	Comm      string // of the main thread, 15 bytes at most
	Args      string // the command line, cut by the kernel at 79 bytes
}

// Thread is one thread: PRSTATUS.
type Thread struct {
	TID       int
	Signal    int // pr_cursig
	Registers Registers
	IP, SP    uint64
	TLS       uint64 // amd64 fs_base, arm64 tpidr_el0; 0 = not told
}

// Mapping is one file-backed mapping: NT_FILE.
type Mapping struct {
	Start, End uint64
	Offset     uint64 // of the file, bytes
	Path       string // in the container's own mount namespace
}

// Read parses the headers and notes of an uncompressed core of size bytes. It
// reads a few pages of the file, however large that is. The error wraps ErrNotCore
// where the file is something else; a truncated core is no error.
func Read(r io.ReaderAt, size int64) (*Core, error) {
	h, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	c := &Core{Machine: h.machine, Size: size, auxv: map[uint64]uint64{}, cache: newPageCache(r),
		images: map[uint64]*mappedImage{}}
	notes, complete := c.readPrograms(r, h)
	if !complete {
		c.note("%d of %d program headers could be read", len(c.segments)+len(notes), h.count)
		c.Expected = max(c.Expected, int64(min(h.programs.offset+h.programs.size, 1<<62)))
	}
	c.sortSegments()
	for _, n := range notes {
		c.readNotes(r, n)
	}
	c.sortMappings()
	return c, nil
}

// Truncated tells whether the file is shorter than its headers promise.
func (c *Core) Truncated() bool { return c.Size < c.Expected }

func (c *Core) note(format string, args ...any) {
	if len(c.Notes) < 32 {
		c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
	}
}
