package coredump

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Types of notes (elf.h). Unknown ones come with new kernels (0x205 since 6.12) and
// are skipped.
const (
	notePrstatus = 1
	notePrpsinfo = 3
	noteAuxv     = 6
	noteARMTLS   = 0x401
	notePACMask  = 0x406
	noteSiginfo  = 0x53494749
	noteFile     = 0x46494c45
)

// readNotes walks one PT_NOTE. The kernel writes: PRSTATUS of the crashed thread,
// PRPSINFO, SIGINFO, AUXV, FILE, its other registers, then PRSTATUS and registers
// of each other thread (fs/binfmt_elf.c fill_note_info).
func (c *Core) readNotes(r io.ReaderAt, area extent) {
	if area.offset > 1<<62 || area.size > 1<<62 {
		return
	}
	in := bufio.NewReaderSize(io.NewSectionReader(r, int64(area.offset), int64(area.size)), 32<<10)
	for range maxNotes {
		kind, desc, err := nextNote(in)
		if err == io.EOF {
			return
		}
		if err != nil {
			c.note("the notes end early: %v", atEnd(err))
			return
		}
		if desc != nil {
			c.take(kind, desc)
		}
	}
}

// nextNote returns one note; desc is nil for one that is not wanted, or too large
// to be true.
func nextNote(in *bufio.Reader) (kind uint32, desc []byte, err error) {
	head, err := in.Peek(12)
	if err != nil {
		if len(head) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, err
	}
	name, size := int64(order.Uint32(head)), int64(order.Uint32(head[4:]))
	kind = order.Uint32(head[8:])
	if err := skip(in, 12+padded(name)); err != nil {
		return kind, nil, err
	}
	if size > noteLimit(kind) {
		return kind, nil, skip(in, padded(size))
	}
	desc, err = readSome(in, size)
	if err != nil {
		return kind, nil, err
	}
	if err := skip(in, padded(size)-size); err != nil && err != io.ErrUnexpectedEOF {
		return kind, nil, err
	}
	return kind, desc, nil
}

// noteLimit is how large a note of a kind may be to be read; 0 = it is not wanted.
func noteLimit(kind uint32) int64 {
	switch kind {
	case notePrstatus, notePrpsinfo, noteAuxv, noteSiginfo, noteARMTLS, notePACMask:
		return maxSmall
	case noteFile:
		return maxFileNote
	}
	return 0
}

// readSome reads size bytes and never asks for more memory than the file fills.
func readSome(in io.Reader, size int64) ([]byte, error) {
	if size == 0 {
		return nil, nil
	}
	var buf bytes.Buffer
	buf.Grow(int(min(size, maxSmall)))
	n, err := io.Copy(&buf, io.LimitReader(in, size))
	if err == nil && n < size {
		err = io.ErrUnexpectedEOF
	}
	return buf.Bytes(), err
}

func padded(n int64) int64 { return (n + 3) &^ 3 }

func skip(in *bufio.Reader, n int64) error {
	_, err := in.Discard(int(n))
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// take reads one note.
func (c *Core) take(kind uint32, d []byte) {
	switch kind {
	case notePrstatus:
		c.takeThread(d)
	case notePrpsinfo:
		if c.Process == nil {
			c.Process = parseProcess(d)
		}
	case noteSiginfo:
		if c.Siginfo == nil {
			c.Siginfo = parseSiginfo(d)
		}
	case noteAuxv:
		for i := 0; i+16 <= len(d); i += 16 {
			c.auxv[order.Uint64(d[i:])] = order.Uint64(d[i+8:])
		}
	case noteARMTLS:
		if n := len(c.Threads); n > 0 && len(d) >= 8 {
			c.Threads[n-1].TLS = order.Uint64(d)
		}
	case notePACMask:
		if len(d) >= 16 {
			c.pacMask = order.Uint64(d[8:]) // the mask of code pointers
		}
	case noteFile:
		c.takeMappings(d)
	}
}

// takeThread reads elf_prstatus: pr_cursig at 12, pr_pid at 32, registers at 112.
func (c *Core) takeThread(d []byte) {
	n := c.Machine.registers()
	if len(d) < 112+8*n {
		return
	}
	if len(c.Threads) == maxThreads {
		if !slices.Contains(c.Notes, moreThreads) {
			c.note("%s", moreThreads)
		}
		return
	}
	regs := make(Registers, n)
	for i := range regs {
		regs[i] = order.Uint64(d[112+8*i:])
	}
	t := Thread{TID: int(int32(order.Uint32(d[32:]))), Signal: int(order.Uint16(d[12:])), Registers: regs,
		IP: c.Machine.ip(regs), SP: c.Machine.sp(regs)}
	if c.Machine == AMD64 {
		t.TLS = regs[amd64FSBase]
	}
	c.Threads = append(c.Threads, t)
}

var moreThreads = fmt.Sprintf("only the first %d threads were read", maxThreads)

// parseProcess reads elf_prpsinfo: uid, gid, pid, ppid from 16 on, the name at 40,
// arguments at 56.
func parseProcess(d []byte) *Process {
	if len(d) < 136 {
		return nil
	}
	return &Process{
		UID: order.Uint32(d[16:]), GID: order.Uint32(d[20:]),
		PID: int(int32(order.Uint32(d[24:]))), PPID: int(int32(order.Uint32(d[28:]))),
		Comm: untilNUL(d[40:56]), Args: strings.TrimRight(untilNUL(d[56:136]), " "),
	}
}

func untilNUL(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// takeMappings reads NT_FILE: count, page size, count times start, end and offset
// in pages, then the names.
func (c *Core) takeMappings(d []byte) {
	if len(d) < 16 || c.Mappings != nil {
		return
	}
	count, unit := order.Uint64(d), order.Uint64(d[8:])
	if count > uint64(len(d)-16)/24 {
		c.note("the list of mapped files is damaged")
		return
	}
	if count > maxMappings {
		c.note("only the first %d mapped files were read", maxMappings)
	}
	names := d[16+count*24:]
	paths := map[string]string{} // one string for all mappings of a file
	c.Mappings = make([]Mapping, 0, min(count, maxMappings))
	for i := range min(count, maxMappings) {
		e := d[16+i*24:]
		name, rest, _ := bytes.Cut(names, []byte{0})
		names = rest
		path, ok := paths[string(name)]
		if !ok {
			path = string(name[:min(len(name), maxPath)])
			paths[path] = path
		}
		c.Mappings = append(c.Mappings, Mapping{order.Uint64(e), order.Uint64(e[8:]), order.Uint64(e[16:]) * unit, path})
	}
}

// sortMappings keeps the kernel's order, which is that of addresses; a stranger's
// file may have another.
func (c *Core) sortMappings() {
	byStart := func(a, b Mapping) int {
		if a.Start < b.Start {
			return -1
		}
		if a.Start > b.Start {
			return 1
		}
		return 0
	}
	if !slices.IsSortedFunc(c.Mappings, byStart) {
		slices.SortStableFunc(c.Mappings, byStart)
	}
}
