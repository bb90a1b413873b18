package unwind

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"

	"github.com/mikelolasagasti/xz"
)

// Caps of what is loaded of one binary.
const (
	maxSymbolBytes = 64 << 20
	maxFrameBytes  = 64 << 20
	maxNoteBytes   = 64 << 10
	maxMiniBytes   = 16 << 20 // of .gnu_debugdata, and of its dictionary
)

// Image is an ELF file, opened for its frame information and symbols. It is not
// safe for concurrent use.
type Image struct {
	file    *elf.File
	reader  io.ReaderAt
	buildID string
	frames  *section // .eh_frame
	index   *section // .eh_frame_hdr; nil = none

	symbols []symbol
	loaded  bool
}

// section is a piece of the file with the address that it was linked for.
type section struct {
	addr uint64
	data io.ReaderAt
	size uint64
}

type symbol struct {
	value, size uint64
	global      bool
	name        string
}

// Open reads an ELF file's headers. Its text may be anybody's, and debug/elf is not
// hardened: a panic is an error here.
func Open(r io.ReaderAt) (im *Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			im, err = nil, fmt.Errorf("damaged ELF file: %v", p)
		}
	}()
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, err
	}
	if f.Class != elf.ELFCLASS64 || f.Data != elf.ELFDATA2LSB {
		return nil, errors.New("not a 64-bit little-endian ELF file")
	}
	im = &Image{file: f, reader: r}
	im.buildID = im.readBuildID()
	im.frames, im.index = im.section(".eh_frame"), im.section(".eh_frame_hdr")
	return im, nil
}

func (im *Image) section(name string) *section {
	s := im.file.Section(name)
	if s == nil || s.Type == elf.SHT_NOBITS || s.Flags&elf.SHF_COMPRESSED != 0 || s.Size == 0 || s.Offset > 1<<62 ||
		s.Size > 1<<40 {
		return nil
	}
	return &section{addr: s.Addr, data: io.NewSectionReader(im.reader, int64(s.Offset), int64(s.Size)), size: s.Size}
}

// BuildID returns the file's GNU build-id in hex; "" = it has none.
func (im *Image) BuildID() string { return im.buildID }

// Machine returns the file's e_machine.
func (im *Image) Machine() elf.Machine { return im.file.Machine }

func (im *Image) readBuildID() string {
	for _, p := range im.file.Progs {
		if p.Type != elf.PT_NOTE || p.Filesz > maxNoteBytes {
			continue
		}
		notes := make([]byte, p.Filesz)
		if _, err := io.ReadFull(io.NewSectionReader(p, 0, int64(p.Filesz)), notes); err == nil {
			if id := buildIDIn(notes); id != "" {
				return id
			}
		}
	}
	return ""
}

func buildIDIn(notes []byte) string {
	const gnuBuildID = 3
	for len(notes) >= 12 {
		name, size, kind := order.Uint32(notes), order.Uint32(notes[4:]), order.Uint32(notes[8:])
		start := 12 + (uint64(name)+3)&^3
		end := start + uint64(size)
		if end > uint64(len(notes)) {
			return ""
		}
		if kind == gnuBuildID && name == 4 && string(notes[12:16]) == "GNU\x00" {
			return hex.EncodeToString(notes[start:end])
		}
		notes = notes[min((end+3)&^3, uint64(len(notes))):]
	}
	return ""
}

// ReadCode fills p from the file at a linked address.
func (im *Image) ReadCode(addr uint64, p []byte) error {
	for _, seg := range im.file.Progs {
		if seg.Type == elf.PT_LOAD && addr >= seg.Vaddr && addr-seg.Vaddr < seg.Filesz {
			_, err := seg.ReadAt(p, int64(addr-seg.Vaddr))
			return err
		}
	}
	return errors.New("no such address in the file")
}

// Symbol returns the function that covers a linked address; "" = none does.
func (im *Image) Symbol(addr uint64) string {
	im.loadSymbols()
	i := sort.Search(len(im.symbols), func(i int) bool { return im.symbols[i].value > addr })
	best := -1
	// Functions do not nest, but aliases share their start: look a little back.
	for k := i - 1; k >= 0 && k >= i-32; k-- {
		s := im.symbols[k]
		if addr-s.value < s.size && (best < 0 || s.value == im.symbols[best].value && better(s, im.symbols[best])) {
			best = k
		}
	}
	if best < 0 {
		return ""
	}
	return im.symbols[best].name
}

// better prefers the name that people know among aliases: the global, the shorter.
func better(a, b symbol) bool {
	if a.global != b.global {
		return a.global
	}
	return len(a.name) < len(b.name) || len(a.name) == len(b.name) && a.name < b.name
}

func (im *Image) loadSymbols() {
	if im.loaded {
		return
	}
	im.loaded = true
	defer func() {
		if recover() != nil {
			im.symbols = nil
		}
	}()
	if symbolsFit(im.file, elf.SHT_SYMTAB) {
		list, _ := im.file.Symbols()
		im.addSymbols(list)
	} else if mini := im.miniDebugInfo(); mini != nil && symbolsFit(mini, elf.SHT_SYMTAB) {
		list, _ := mini.Symbols()
		im.addSymbols(list)
	}
	if symbolsFit(im.file, elf.SHT_DYNSYM) {
		list, _ := im.file.DynamicSymbols()
		im.addSymbols(list)
	}
	slices.SortStableFunc(im.symbols, func(a, b symbol) int { return cmp.Compare(a.value, b.value) })
}

// miniDebugInfo returns the ELF file with the names of local functions that Fedora,
// RHEL and their kin leave in a stripped file, xz-compressed, in its section
// .gnu_debugdata (sourceware.org/gdb, MiniDebugInfo); nil = there is none.
func (im *Image) miniDebugInfo() *elf.File {
	s := im.section(".gnu_debugdata")
	if s == nil || s.size > maxMiniBytes {
		return nil
	}
	d, err := xz.NewReader(io.NewSectionReader(s.data, 0, int64(s.size)), maxMiniBytes)
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(d, maxSymbolBytes))
	if err != nil {
		return nil
	}
	f, err := elf.NewFile(bytes.NewReader(text))
	if err != nil {
		return nil
	}
	return f
}

func symbolsFit(f *elf.File, kind elf.SectionType) bool {
	s := f.SectionByType(kind)
	if s == nil || s.Size > maxSymbolBytes || int(s.Link) >= len(f.Sections) {
		return false
	}
	return f.Sections[s.Link].Size <= maxSymbolBytes
}

const maxName = 512 // C++ and Rust names can be thousands of bytes long

func (im *Image) addSymbols(list []elf.Symbol) {
	for _, s := range list {
		kind := elf.ST_TYPE(s.Info)
		if (kind != elf.STT_FUNC && kind != elf.STT_GNU_IFUNC) || s.Size == 0 || s.Value == 0 || s.Section == elf.SHN_UNDEF {
			continue
		}
		im.symbols = append(im.symbols, symbol{s.Value, s.Size, elf.ST_BIND(s.Info) == elf.STB_GLOBAL,
			s.Name[:min(len(s.Name), maxName)]})
	}
}
