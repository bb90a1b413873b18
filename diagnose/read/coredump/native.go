package coredump

import (
	"debug/elf"
	"errors"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/unwind"
)

// Limits of native stacks. A runaway recursion fills any number of frames.
const (
	crashedFrames = 128
	otherFrames   = 48
	maxBinaries   = 512
)

var (
	errNoBinaries = errors.New("the binaries are not at hand")
	errNoFile     = errors.New("the address lies in no mapped file (generated code, the vDSO, or a bad jump)")
)

// binaries opens the files that were mapped, each once, and trusts only those whose
// build-id the core confirms: another libc has the same path and other code.
type binaries struct {
	core   *Core
	binary Binary
	opened map[string]opened
}

type opened struct {
	image *unwind.Image
	err   error
}

func newBinaries(c *Core, binary Binary) *binaries {
	return &binaries{core: c, binary: binary, opened: map[string]opened{}}
}

// at returns the proven binary that holds an address.
func (b *binaries) at(addr uint64) (im *unwind.Image, bias uint64, err error) {
	m := b.core.mappingAt(addr)
	if m == nil {
		return nil, 0, errNoFile
	}
	if b.binary == nil {
		return nil, 0, errNoBinaries
	}
	mapped := b.core.image(m)
	if mapped == nil || !mapped.known || mapped.buildID == "" {
		return nil, 0, fmt.Errorf("%s: its build-id is not in the core, so no file can be proven to be it", m.Path)
	}
	o, ok := b.opened[m.Path]
	if !ok && len(b.opened) < maxBinaries {
		o.image, o.err = b.open(m.Path, mapped.buildID)
		b.opened[m.Path] = o
	}
	if o.image == nil && o.err == nil {
		o.err = errNoBinaries
	}
	return o.image, mapped.bias, o.err
}

func (b *binaries) open(path, buildID string) (*unwind.Image, error) {
	r, err := b.binary(path, buildID)
	if err != nil {
		return nil, err
	}
	im, err := unwind.Open(r)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	case im.BuildID() != buildID:
		return nil, fmt.Errorf("%s: the file at hand is another build (%.12s, the process ran %.12s)", path,
			orNone(im.BuildID()), buildID)
	case im.Machine() != b.core.Machine.elf():
		return nil, fmt.Errorf("%s: the file at hand is for another machine", path)
	}
	return im, nil
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (m Machine) elf() elf.Machine {
	if m == ARM64 {
		return elf.EM_AARCH64
	}
	return elf.EM_X86_64
}

// registersOf puts a thread's registers into the unwinder's form.
func (c *Core) registersOf(r Registers) unwind.Registers {
	if c.Machine == ARM64 {
		return unwind.Registers{Values: c.Machine.dwarf(r), SP: 31, PC: 32, Return: 30, Mask: c.pacMask}
	}
	return unwind.Registers{Values: c.Machine.dwarf(r), SP: 7, PC: 16, Return: -1}
}

// nativeStack walks a thread's calls. Without binaries it is the one frame that the
// instruction pointer tells.
func (d *describer) nativeStack(r Registers) (list []NativeFrame, note string) {
	limit := otherFrames
	if len(d.out.Threads) == 0 {
		limit = crashedFrames
	}
	frames, err := unwind.Walk(d.registersOf(r), d.Core, d.binaries.at, limit)
	for _, f := range frames {
		list = append(list, d.nativeFrame(f))
	}
	if err != nil && !errors.Is(err, errNoBinaries) {
		note = err.Error()
	}
	return list, note
}

func (d *describer) nativeFrame(f unwind.Frame) NativeFrame {
	o := d.object(f.PC)
	if o == nil {
		return NativeFrame{Object: "?", Offset: hexText(f.PC)}
	}
	n := NativeFrame{Object: o.Name, Offset: o.Offset}
	if im, bias, err := d.binaries.at(f.Lookup); err == nil {
		n.Function = im.Symbol(f.Lookup - bias)
	}
	return n
}
