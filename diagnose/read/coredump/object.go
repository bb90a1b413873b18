package coredump

import (
	"bytes"
	"encoding/hex"
	"path"
	"sort"
)

// Object is a place in a file that was mapped: what addr2line and debuginfod need.
type Object struct {
	Name    string `json:"name"`              // last part of the path
	Path    string `json:"path,omitempty"`    // in the container
	Offset  string `json:"offset"`            // address as the file was linked, "0x167ad8"
	BuildID string `json:"buildId,omitempty"` // "" = the core does not hold it
}

// mappedImage is what the core itself tells of a mapped ELF file: its first page is
// dumped (coredump_filter bit 4).
type mappedImage struct {
	base    uint64 // address of its first byte
	bias    uint64 // address in memory minus address as linked
	known   bool   // the headers could be read: bias and build-id are real
	buildID string
}

// mappingAt returns the file mapping that holds an address; nil = none.
func (c *Core) mappingAt(addr uint64) *Mapping {
	i := sort.Search(len(c.Mappings), func(i int) bool { return c.Mappings[i].End > addr })
	if i < len(c.Mappings) && c.Mappings[i].Start <= addr {
		return &c.Mappings[i]
	}
	return nil
}

// firstMapping returns the mapping of the same file's start, at or below m.
func (c *Core) firstMapping(m *Mapping) *Mapping {
	i := sort.Search(len(c.Mappings), func(i int) bool { return c.Mappings[i].Start >= m.Start })
	for ; i >= 0 && i < len(c.Mappings); i-- {
		if c.Mappings[i].Path == m.Path && c.Mappings[i].Offset == 0 {
			return &c.Mappings[i]
		}
		if m.Start-c.Mappings[i].Start > 1<<32 {
			break
		}
	}
	return nil
}

// image returns what is known of the file behind a mapping; nil where its start is
// not mapped.
func (c *Core) image(m *Mapping) *mappedImage {
	first := c.firstMapping(m)
	if first == nil {
		return nil
	}
	key := first.Start
	if im, ok := c.images[key]; ok {
		return im
	}
	im := &mappedImage{base: first.Start, bias: first.Start}
	c.readImage(im)
	if len(c.images) < 4096 {
		c.images[key] = im
	}
	return im
}

// readImage reads the ELF headers that lie in the process's memory.
func (c *Core) readImage(im *mappedImage) {
	head := make([]byte, headerSize)
	if c.ReadMemory(im.base, head) != nil || string(head[:4]) != "\x7fELF" || head[4] != 2 {
		return
	}
	offset, count := order.Uint64(head[32:]), min(int(order.Uint16(head[56:])), 64)
	programs := make([]byte, count*programSize)
	if offset > 1<<20 || c.ReadMemory(im.base+offset, programs) != nil {
		return
	}
	first := true
	for p := programs; len(p) > 0; p = p[programSize:] {
		if order.Uint32(p) == typeLoad && first {
			im.bias, im.known, first = im.base-order.Uint64(p[16:])&^(pageSize-1), true, false
		}
	}
	for p := programs; len(p) > 0; p = p[programSize:] {
		if order.Uint32(p) == typeNote && im.buildID == "" {
			im.buildID = c.buildID(im.bias+order.Uint64(p[16:]), order.Uint64(p[32:]))
		}
	}
}

// noteBuildID is NT_GNU_BUILD_ID.
const noteBuildID = 3

// buildID looks through the notes of a mapped file.
func (c *Core) buildID(addr, size uint64) string {
	notes := make([]byte, min(size, maxSmall))
	if c.ReadMemory(addr, notes) != nil {
		return ""
	}
	return buildIDIn(notes)
}

func buildIDIn(notes []byte) string {
	for len(notes) >= 12 {
		name, size := padded(int64(order.Uint32(notes))), int64(order.Uint32(notes[4:]))
		if 12+name+size > int64(len(notes)) || size > 64 && order.Uint32(notes[8:]) == noteBuildID {
			return ""
		}
		if order.Uint32(notes[8:]) == noteBuildID && bytes.HasPrefix(notes[12:], []byte("GNU\x00")) {
			return hex.EncodeToString(notes[12+name : 12+name+size])
		}
		notes = notes[min(12+name+padded(size), int64(len(notes))):]
	}
	return ""
}

// object names the place of a code address; nil = in no mapped file.
func (c *Core) object(addr uint64) *Object {
	m := c.mappingAt(addr)
	if m == nil {
		return nil
	}
	o := &Object{Name: path.Base(m.Path), Path: m.Path, Offset: hexText(addr - m.Start + m.Offset)}
	if im := c.image(m); im != nil {
		o.BuildID = im.buildID
		if im.known {
			o.Offset = hexText(addr - im.bias)
		}
	}
	return o
}
