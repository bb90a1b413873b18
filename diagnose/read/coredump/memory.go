package coredump

import (
	"bytes"
	"errors"
	"io"
	"sort"
)

// Why a piece of the crashed process's memory cannot be read.
var (
	ErrNotMapped = errors.New("the address was not mapped")
	ErrNotDumped = errors.New("mapped, but not dumped (code, MADV_DONTDUMP or coredump_filter)")
	ErrTruncated = errors.New("the core is cut off before this address")
)

const (
	pageSize    = 4096
	cachedPages = 512 // 2 MiB: pointers are followed back and forth over few pages
)

// pageCache reads a file in pages and keeps the newest few hundred.
type pageCache struct {
	r     io.ReaderAt
	pages map[int64][]byte
	ring  [cachedPages]int64
	next  int
}

func newPageCache(r io.ReaderAt) *pageCache {
	return &pageCache{r: r, pages: map[int64][]byte{}}
}

// page returns the bytes of the file from a multiple of 4096 on, fewer at its end.
func (c *pageCache) page(offset int64) ([]byte, error) {
	if data, ok := c.pages[offset]; ok {
		return data, nil
	}
	var buf []byte
	if old := c.ring[c.next]; len(c.pages) >= cachedPages {
		buf = c.pages[old]
		delete(c.pages, old)
	}
	if cap(buf) < pageSize {
		buf = make([]byte, pageSize)
	}
	buf = buf[:pageSize]
	n, err := c.r.ReadAt(buf, offset)
	if n == 0 && err != nil {
		return nil, err
	}
	c.pages[offset] = buf[:n]
	c.ring[c.next] = offset
	c.next = (c.next + 1) % cachedPages
	return buf[:n], nil
}

func (c *pageCache) readAt(p []byte, offset int64) error {
	if len(p) >= pageSize {
		n, err := c.r.ReadAt(p, offset)
		if n == len(p) {
			return nil
		}
		return atEnd(err)
	}
	for len(p) > 0 {
		base := offset &^ (pageSize - 1)
		data, err := c.page(base)
		if err != nil {
			return atEnd(err)
		}
		if int(offset-base) >= len(data) {
			return ErrTruncated
		}
		n := copy(p, data[offset-base:])
		p, offset = p[n:], offset+int64(n)
	}
	return nil
}

// atEnd names the end of the file as what it is here.
func atEnd(err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return err
}

// segmentAt returns the segment that holds an address; nil = not mapped.
func (c *Core) segmentAt(addr uint64) *segment {
	i := sort.Search(len(c.segments), func(i int) bool { return c.segments[i].end() > addr })
	if i < len(c.segments) && c.segments[i].addr <= addr {
		return &c.segments[i]
	}
	return nil
}

// segmentAbove returns the first segment that begins above an address.
func (c *Core) segmentAbove(addr uint64) *segment {
	i := sort.Search(len(c.segments), func(i int) bool { return c.segments[i].addr > addr })
	if i < len(c.segments) {
		return &c.segments[i]
	}
	return nil
}

// ReadMemory fills p from the crashed process's memory at addr, or says why it
// cannot. It is not safe for concurrent use.
func (c *Core) ReadMemory(addr uint64, p []byte) error {
	for len(p) > 0 {
		s := c.segmentAt(addr)
		if s == nil {
			return ErrNotMapped
		}
		skip := addr - s.addr
		if skip >= s.filled {
			return ErrNotDumped
		}
		n := min(uint64(len(p)), s.filled-skip)
		if err := c.cache.readAt(p[:n], int64(s.offset+skip)); err != nil {
			return err
		}
		p, addr = p[n:], addr+n
	}
	return nil
}

// text reads a string up to its NUL, at most limit bytes; what could be read of it
// where the memory ends.
func (c *Core) text(addr uint64, limit int) string {
	var out []byte
	for len(out) < limit {
		chunk := make([]byte, min(64, limit-len(out)))
		if room := pageSize - int(addr%pageSize); len(chunk) > room {
			chunk = chunk[:room]
		}
		if c.ReadMemory(addr, chunk) != nil {
			break
		}
		if i := bytes.IndexByte(chunk, 0); i >= 0 {
			return string(append(out, chunk[:i]...))
		}
		out, addr = append(out, chunk...), addr+uint64(len(chunk))
	}
	return string(out)
}
