package inside

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/python"
)

const (
	pageSize = 4096
	maxPages = 2048 // kept of one reading: 8 MiB
)

// lowest is where nothing is mapped below (vm.mmap_min_addr): a field of what is not there.
const lowest = 1 << 16

var errUnmapped = errors.New("not mapped")

// memory is a living process's. It is not safe for several goroutines.
type memory struct {
	ctx     context.Context
	folder  string // /proc/PID
	born    string // when that process was started
	pid     int
	file    *os.File // nil: read by process_vm_readv
	regions []region
	pages   map[uint64][]byte
	free    [][]byte
	reads   int  // pages asked of the kernel
	stale   bool // something was asked for that is not mapped, as far as is known
}

// openMemory opens /proc/PID/mem. Its mode is 0600, so a process without
// CAP_DAC_OVERRIDE but with CAP_SYS_PTRACE is refused that and may use
// process_vm_readv.
func openMemory(ctx context.Context, procRoot string, pid int) (*memory, error) {
	m := &memory{ctx: ctx, folder: filepath.Join(procRoot, strconv.Itoa(pid)), pid: pid, pages: map[uint64][]byte{}}
	m.born = born(m.folder)
	if err := m.remap(); err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(m.folder, "mem"))
	switch {
	case err == nil:
		m.file = f
	case !errors.Is(err, os.ErrPermission):
		return nil, err
	}
	return m, nil
}

// remap reads anew what is mapped.
func (m *memory) remap() error {
	f, err := os.Open(filepath.Join(m.folder, "maps"))
	if err != nil {
		return err
	}
	defer f.Close()
	m.regions = parseMaps(f)
	if len(m.regions) == 0 {
		return fmt.Errorf("process %d has no memory: it ended, or is the kernel's", m.pid)
	}
	return nil
}

func (m *memory) close() {
	if m.file != nil {
		_ = m.file.Close()
	}
}

// fresh forgets what was read, so that the next reading is a new one. What is mapped is read again only if something
// was missing: on kernels before 6.17 reading maps holds the process's mmap lock, and its own mmap and munmap wait.
func (m *memory) fresh() {
	for at, page := range m.pages {
		if page != nil {
			m.free = append(m.free, page)
		}
		delete(m.pages, at)
	}
	if m.stale {
		m.stale = m.remap() != nil // what was mapped before serves if not
	}
}

// ReadMemory reads by pages, each once a reading.
func (m *memory) ReadMemory(addr uint64, p []byte) error {
	for len(p) > 0 {
		page, err := m.page(addr &^ (pageSize - 1))
		if err != nil {
			return err
		}
		n := copy(p, page[addr%pageSize:])
		p, addr = p[n:], addr+uint64(n)
	}
	return nil
}

func (m *memory) page(at uint64) ([]byte, error) {
	if page, ok := m.pages[at]; ok {
		if page == nil {
			return nil, errUnmapped
		}
		return page, nil
	}
	if err := m.ctx.Err(); err != nil {
		return nil, err
	}
	if len(m.pages) >= maxPages {
		m.drop()
	}
	page := m.room()
	if !m.mapped(at) || m.load(at, page) != nil {
		m.stale = m.stale || at >= lowest
		m.free = append(m.free, page)
		m.pages[at] = nil
		return nil, errUnmapped
	}
	m.pages[at] = page
	return page, nil
}

// drop makes room by forgetting some pages; which ones does not matter.
func (m *memory) drop() {
	n := 0
	for at, page := range m.pages {
		if page != nil {
			m.free = append(m.free, page)
		}
		delete(m.pages, at)
		if n++; n == maxPages/4 {
			return
		}
	}
}

func (m *memory) room() []byte {
	if n := len(m.free); n > 0 {
		page := m.free[n-1]
		m.free = m.free[:n-1]
		return page
	}
	return make([]byte, pageSize)
}

// mapped tells whether a page may be read.
func (m *memory) mapped(at uint64) bool {
	i := sort.Search(len(m.regions), func(i int) bool { return m.regions[i].end > at })
	return i < len(m.regions) && m.regions[i].start <= at
}

// load asks the kernel for a page.
func (m *memory) load(at uint64, page []byte) error {
	m.reads++
	var n int
	var err error
	if m.file != nil {
		n, err = unix.Pread(int(m.file.Fd()), page, int64(at))
	} else if born(m.folder) != m.born { // process_vm_readv goes by the number
		return errUnmapped
	} else {
		local := []unix.Iovec{{Base: &page[0], Len: pageSize}}
		n, err = unix.ProcessVMReadv(m.pid, local, []unix.RemoteIovec{{Base: uintptr(at), Len: pageSize}}, 0)
	}
	if err != nil {
		return err
	}
	if n != pageSize {
		return errUnmapped
	}
	return nil
}

// narrow tells a process of 32 bits: on a kernel of 64 every other has its stack above 4 GiB.
func (m *memory) narrow() bool {
	n := len(m.regions)
	return n > 0 && m.regions[n-1].end <= 1<<32
}

// find looks for the process's CPython.
func (m *memory) find() (*python.Interpreter, error) {
	areas, paths := areasOf(m.regions)
	return python.Find(m, areas, paths)
}

// readable tells whether any of the memory can be read: a process may be listed, but
// shut.
func (m *memory) readable() bool {
	var b [8]byte
	for _, r := range m.regions[:min(len(m.regions), 64)] {
		if m.ReadMemory(r.start, b[:]) == nil {
			return true
		}
	}
	return false
}
