package unwind

// ruleKind says how a register of the caller is found (DWARF 5, 6.4.1).
type ruleKind byte

const (
	ruleSame      ruleKind = iota // unchanged, also where nothing is said
	ruleUndefined                 // lost; of the return address: the outermost frame
	ruleOffset                    // at CFA + offset
	ruleValOffset                 // is CFA + offset
	ruleRegister                  // in another register
	ruleExpr                      // at what the expression gives
	ruleValExpr                   // is what the expression gives
)

type rule struct {
	kind   ruleKind
	reg    uint64
	offset int64
	expr   []byte
}

// maxRegs covers amd64's 17 and arm64's x0…x30, sp, and the pseudo-register 34 of
// pointer authentication; vector registers are passed over.
const maxRegs = 35

// row is the table's line for one address: the canonical frame address and a rule
// a register.
type row struct {
	cfa  rule // ruleRegister: register + offset; ruleValExpr: expression
	regs [maxRegs]rule
}

func (r *row) set(reg uint64, to rule) {
	if reg < maxRegs {
		r.regs[reg] = to
	}
}

// maxRemembered bounds DW_CFA_remember_state; compilers nest it once.
const maxRemembered = 64

// rowAt runs an entry's programs up to an address.
func (e *entry) rowAt(pc uint64) (*row, error) {
	m := &program{entry: e, at: e.begin, target: pc}
	m.run(e.common)
	m.initial = m.row
	m.run(e.program)
	if m.damaged {
		return nil, errDamaged
	}
	return &m.row, nil
}

// program is the state of running call frame instructions.
type program struct {
	*entry
	row, initial row
	remembered   []row
	at, target   uint64
	done         bool // the target's line is complete
	damaged      bool
}

func (m *program) run(code []byte) {
	b := &buffer{b: code}
	for len(b.b) > 0 && !m.done && !m.damaged {
		op := b.u8()
		switch low := uint64(op & 0x3f); op & 0xc0 {
		case 0x40:
			m.advance(low)
		case 0x80:
			m.row.set(low, rule{kind: ruleOffset, offset: int64(b.uleb()) * m.dataAlign})
		case 0xc0:
			m.restore(low)
		default:
			m.extended(op, b)
		}
		m.damaged = m.damaged || b.short
	}
}

// advance goes on to code further down; the line is complete once that lies behind
// the target.
func (m *program) advance(units uint64) {
	next := m.at + units*m.codeAlign
	if next > m.target {
		m.done = true
		return
	}
	m.at = next
}

func (m *program) restore(reg uint64) {
	if reg < maxRegs {
		m.row.regs[reg] = m.initial.regs[reg]
	}
}

// extended runs the instructions that are a byte of their own (DWARF 5, 7.24).
func (m *program) extended(op byte, b *buffer) {
	switch op {
	case 0x00: // nop
	case 0x01: // set_loc
		if at := b.pointer(m.pointerEnc, 0, 0); at > m.target {
			m.done = true
		}
	case 0x02:
		m.advance(uint64(b.u8()))
	case 0x03:
		m.advance(uint64(b.u16()))
	case 0x04:
		m.advance(uint64(b.u32()))
	case 0x0a: // remember_state
		if len(m.remembered) < maxRemembered {
			m.remembered = append(m.remembered, m.row)
		}
	case 0x0b: // restore_state
		if n := len(m.remembered); n > 0 {
			m.row, m.remembered = m.remembered[n-1], m.remembered[:n-1]
		}
	case 0x2d: // AARCH64_negate_ra_state: the address is signed from here on, or no longer
	case 0x2e: // GNU_args_size
		b.uleb()
	case 0x0c, 0x0d, 0x0e, 0x0f, 0x12, 0x13:
		m.frameAddress(op, b)
	default:
		m.registerRule(op, b)
	}
}

// frameAddress runs the instructions that define the CFA.
func (m *program) frameAddress(op byte, b *buffer) {
	cfa := &m.row.cfa
	switch op {
	case 0x0c: // def_cfa
		*cfa = rule{kind: ruleRegister, reg: b.uleb(), offset: int64(b.uleb())}
	case 0x12: // def_cfa_sf
		*cfa = rule{kind: ruleRegister, reg: b.uleb(), offset: b.sleb() * m.dataAlign}
	case 0x0d: // def_cfa_register
		cfa.reg = b.uleb()
	case 0x0e: // def_cfa_offset
		cfa.offset = int64(b.uleb())
	case 0x13: // def_cfa_offset_sf
		cfa.offset = b.sleb() * m.dataAlign
	case 0x0f: // def_cfa_expression
		*cfa = rule{kind: ruleValExpr, expr: b.block()}
	}
}

// registerRule runs the instructions that give one register a rule.
func (m *program) registerRule(op byte, b *buffer) {
	reg := b.uleb()
	switch op {
	case 0x05: // offset_extended
		m.row.set(reg, rule{kind: ruleOffset, offset: int64(b.uleb()) * m.dataAlign})
	case 0x11: // offset_extended_sf
		m.row.set(reg, rule{kind: ruleOffset, offset: b.sleb() * m.dataAlign})
	case 0x2f: // GNU_negative_offset_extended
		m.row.set(reg, rule{kind: ruleOffset, offset: -int64(b.uleb()) * m.dataAlign})
	case 0x14: // val_offset
		m.row.set(reg, rule{kind: ruleValOffset, offset: int64(b.uleb()) * m.dataAlign})
	case 0x15: // val_offset_sf
		m.row.set(reg, rule{kind: ruleValOffset, offset: b.sleb() * m.dataAlign})
	case 0x06: // restore_extended
		m.restore(reg)
	case 0x07: // undefined
		m.row.set(reg, rule{kind: ruleUndefined})
	case 0x08: // same_value
		m.row.set(reg, rule{kind: ruleSame})
	case 0x09: // register
		m.row.set(reg, rule{kind: ruleRegister, reg: b.uleb()})
	case 0x10: // expression
		m.row.set(reg, rule{kind: ruleExpr, expr: b.block()})
	case 0x16: // val_expression
		m.row.set(reg, rule{kind: ruleValExpr, expr: b.block()})
	default:
		m.damaged = true
	}
}
