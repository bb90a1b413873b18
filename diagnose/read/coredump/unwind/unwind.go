package unwind

import (
	"errors"
	"fmt"
)

// Memory is the crashed process's memory.
type Memory interface {
	ReadMemory(addr uint64, p []byte) error
}

// Registers are a thread's registers by their DWARF numbers.
type Registers struct {
	Values []uint64 // 17 on amd64 (16 is rip), 33 on arm64 (31 is sp, 32 the pc)
	SP     int      // number of the stack pointer
	PC     int      // index of the program counter in Values
	Return int      // register of the return address where no rule says so; -1 = it is always in memory
	Mask   uint64   // bits of a code pointer that are no address (arm64 pointer authentication)
}

// Frame is one native call.
type Frame struct {
	PC     uint64 // where it stands; of a caller, the return address
	Lookup uint64 // the address to name it by: of a caller, one less, for a call may be a function's last instruction
}

// Locate returns the binary that holds a code address, and by how much its
// addresses in memory differ from those it was linked for.
type Locate func(pc uint64) (im *Image, bias uint64, err error)

// errOutermost ends a walk as it should.
var errOutermost = errors.New("the outermost frame")

// Walk returns a thread's frames, newest first, at most limit. why says what ended
// the walk; nil = it reached the outermost frame.
func Walk(regs Registers, mem Memory, locate Locate, limit int) (frames []Frame, why error) {
	w := &walker{regs: regs, mem: mem, locate: locate}
	lookup := regs.Values[regs.PC]
	for len(frames) < limit {
		pc := w.regs.Values[w.regs.PC]
		frames = append(frames, Frame{PC: pc, Lookup: lookup})
		interrupted, err := w.up(lookup)
		if errors.Is(err, errOutermost) {
			return frames, nil
		}
		if err != nil {
			return frames, err
		}
		lookup = w.regs.Values[w.regs.PC]
		if !interrupted {
			lookup--
		}
	}
	return frames, fmt.Errorf("the stack goes on past %d frames", limit)
}

type walker struct {
	regs   Registers
	mem    Memory
	locate Locate
}

// up moves to the caller. interrupted tells that the frame left was the kernel's
// trampoline: what it returns to was no call.
func (w *walker) up(lookup uint64) (interrupted bool, err error) {
	im, bias, err := w.locate(lookup)
	if err != nil {
		return false, err
	}
	e, err := im.find(lookup - bias)
	if err != nil {
		return false, err
	}
	line, err := e.rowAt(lookup - bias)
	if err != nil {
		return false, err
	}
	cfa, err := w.frameAddress(line)
	if err != nil {
		return false, err
	}
	old := w.regs.Values
	sp := old[w.regs.SP]
	next := append([]uint64(nil), old...)
	next[w.regs.SP] = cfa
	for reg := range next {
		if reg >= maxRegs || line.regs[reg].kind == ruleSame {
			continue
		}
		if next[reg], err = w.value(line.regs[reg], cfa); err != nil {
			return false, err
		}
	}
	pc, err := w.returnAddress(line, int(e.returnReg), next)
	if err != nil {
		return false, err
	}
	next[w.regs.PC] = pc &^ w.regs.Mask
	if next[w.regs.PC] == 0 {
		return false, errOutermost
	}
	if cfa <= sp && !e.signal && w.regs.Return < 0 || cfa < sp && !e.signal {
		return false, errors.New("the stack does not go up any more: it is damaged")
	}
	w.regs.Values = next
	return e.signal, nil
}

func (w *walker) frameAddress(line *row) (uint64, error) {
	switch line.cfa.kind {
	case ruleRegister:
		if line.cfa.reg >= uint64(len(w.regs.Values)) {
			return 0, errDamaged
		}
		return w.regs.Values[line.cfa.reg] + uint64(line.cfa.offset), nil
	case ruleValExpr:
		return evaluate(line.cfa.expr, w.regs.Values, w.mem)
	}
	return 0, errDamaged
}

// returnAddress is what the rules gave for its register. On arm64 an untouched
// link register holds it; on amd64 it must have had a rule.
func (w *walker) returnAddress(line *row, reg int, next []uint64) (uint64, error) {
	if reg >= len(next) || reg >= maxRegs {
		return 0, errDamaged
	}
	switch line.regs[reg].kind {
	case ruleUndefined:
		return 0, errOutermost
	case ruleSame:
		if w.regs.Return < 0 {
			return 0, errOutermost
		}
	}
	return next[reg], nil
}

// value works out a register of the caller.
func (w *walker) value(r rule, cfa uint64) (uint64, error) {
	at := cfa + uint64(r.offset)
	switch r.kind {
	case ruleUndefined:
		return 0, nil
	case ruleValOffset:
		return at, nil
	case ruleRegister:
		if r.reg >= uint64(len(w.regs.Values)) {
			return 0, errDamaged
		}
		return w.regs.Values[r.reg], nil
	case ruleExpr, ruleValExpr:
		v, err := evaluate(r.expr, w.regs.Values, w.mem, cfa)
		if err != nil || r.kind == ruleValExpr {
			return v, err
		}
		at = v
	}
	var b [8]byte
	if err := w.mem.ReadMemory(at, b[:]); err != nil {
		return 0, fmt.Errorf("the stack at %#x: %w", at, err)
	}
	return order.Uint64(b[:]), nil
}
