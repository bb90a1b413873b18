package unwind

import "errors"

var errExpression = errors.New("the frame's expression cannot be worked out")

const (
	maxExprSteps = 1000
	maxExprStack = 64
)

// evaluate works out a DWARF expression (DWARF 5, 2.5) over registers and memory.
// They occur in the PLT (cfa = rsp + 8 + ((rip & 15) >= 11) << 3) and in the
// trampoline of signal handlers.
func evaluate(expr []byte, regs []uint64, mem Memory, initial ...uint64) (uint64, error) {
	m := &machine{code: expr, buffer: buffer{b: expr}, regs: regs, mem: mem, stack: initial}
	for steps := 0; len(m.b) > 0; steps++ {
		if m.step(m.u8()); m.failed || m.short || steps > maxExprSteps || len(m.stack) > maxExprStack {
			return 0, errExpression
		}
	}
	if len(m.stack) == 0 {
		return 0, errExpression
	}
	return m.stack[len(m.stack)-1], nil
}

type machine struct {
	buffer
	code   []byte
	regs   []uint64
	mem    Memory
	stack  []uint64
	failed bool
}

func (m *machine) push(v uint64) { m.stack = append(m.stack, v) }

func (m *machine) pop() uint64 {
	n := len(m.stack)
	if n == 0 {
		m.failed = true
		return 0
	}
	v := m.stack[n-1]
	m.stack = m.stack[:n-1]
	return v
}

func (m *machine) register(n uint64) uint64 {
	if n >= uint64(len(m.regs)) {
		m.failed = true
		return 0
	}
	return m.regs[n]
}

func (m *machine) step(op byte) {
	switch {
	case op >= 0x30 && op <= 0x4f: // lit0…31
		m.push(uint64(op - 0x30))
	case op >= 0x70 && op <= 0x8f: // breg0…31
		m.push(m.register(uint64(op-0x70)) + uint64(m.sleb()))
	case op >= 0x08 && op <= 0x11:
		m.constant(op)
	case op >= 0x12 && op <= 0x16:
		m.shuffle(op)
	case op == 0x2f: // skip
		m.jump(int16(m.u16()))
	case op == 0x28: // bra
		if to := int16(m.u16()); m.pop() != 0 {
			m.jump(to)
		}
	default:
		m.compute(op)
	}
}

// jump moves within the expression, counted from behind the operand.
func (m *machine) jump(by int16) {
	at := len(m.code) - len(m.b) + int(by)
	if at < 0 || at > len(m.code) {
		m.failed = true
		return
	}
	m.b = m.code[at:]
}

func (m *machine) constant(op byte) {
	switch op {
	case 0x08:
		m.push(uint64(m.u8()))
	case 0x09:
		m.push(uint64(int64(int8(m.u8()))))
	case 0x0a:
		m.push(uint64(m.u16()))
	case 0x0b:
		m.push(uint64(int64(int16(m.u16()))))
	case 0x0c:
		m.push(uint64(m.u32()))
	case 0x0d:
		m.push(uint64(int64(int32(m.u32()))))
	case 0x0e, 0x0f:
		m.push(m.u64())
	case 0x10:
		m.push(m.uleb())
	case 0x11:
		m.push(uint64(m.sleb()))
	}
}

func (m *machine) shuffle(op byte) {
	pick := 0
	switch op {
	case 0x13: // drop
		m.pop()
		return
	case 0x16: // swap
		a, b := m.pop(), m.pop()
		m.push(a)
		m.push(b)
		return
	case 0x14: // over
		pick = 1
	case 0x15: // pick
		pick = int(m.u8())
	}
	if pick >= len(m.stack) {
		m.failed = true
		return
	}
	m.push(m.stack[len(m.stack)-1-pick])
}

func (m *machine) compute(op byte) {
	switch op {
	case 0x06: // deref
		var b [8]byte
		if m.mem.ReadMemory(m.pop(), b[:]) != nil {
			m.failed = true
		}
		m.push(order.Uint64(b[:]))
	case 0x1f: // neg
		m.push(-m.pop())
	case 0x20: // not
		m.push(^m.pop())
	case 0x23: // plus_uconst
		m.push(m.pop() + m.uleb())
	case 0x92: // bregx
		reg := m.uleb()
		m.push(m.register(reg) + uint64(m.sleb()))
	case 0x96: // nop
	default:
		b, a := m.pop(), m.pop()
		v, ok := binaryOp(op, a, b)
		m.failed = m.failed || !ok
		m.push(v)
	}
}

// binaryOp works on signed words, as DWARF has it.
func binaryOp(op byte, a, b uint64) (v uint64, ok bool) {
	truth := func(t bool) (uint64, bool) {
		if t {
			return 1, true
		}
		return 0, true
	}
	switch op {
	case 0x1a:
		return a & b, true
	case 0x1c:
		return a - b, true
	case 0x1e:
		return a * b, true
	case 0x21:
		return a | b, true
	case 0x22:
		return a + b, true
	case 0x24:
		return a << (b & 127), true
	case 0x25:
		return a >> (b & 127), true
	case 0x26:
		return uint64(int64(a) >> (b & 127)), true
	case 0x27:
		return a ^ b, true
	case 0x29:
		return truth(a == b)
	case 0x2a:
		return truth(int64(a) >= int64(b))
	case 0x2b:
		return truth(int64(a) > int64(b))
	case 0x2c:
		return truth(int64(a) <= int64(b))
	case 0x2d:
		return truth(int64(a) < int64(b))
	case 0x2e:
		return truth(a != b)
	}
	return 0, false
}
