package coredump

import "encoding/binary"

// Machine is the processor that a core comes from.
type Machine string

// The machines whose cores are read.
const (
	AMD64 Machine = "amd64"
	ARM64 Machine = "arm64"
)

// machines are the e_machine numbers of <elf.h> that get a name; only the first
// two are read.
var machines = map[uint16]Machine{
	62: AMD64, 183: ARM64, 3: "386", 40: "arm", 243: "riscv64", 22: "s390x", 21: "ppc64", 8: "mips", 258: "loong64",
}

// order is the byte order of every core that is read: both machines run Linux
// little-endian only.
var order = binary.LittleEndian

// registers returns how many words pr_reg has (user_regs_struct, user_pt_regs).
func (m Machine) registers() int {
	if m == ARM64 {
		return 34
	}
	return 27
}

// Registers are a thread's general registers as the kernel dumped them: amd64
// r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags
// rsp ss fs_base …; arm64 x0…x30 sp pc pstate.
type Registers []uint64

// Indexes into Registers.
const (
	amd64IP, amd64SP, amd64FSBase = 16, 19, 21
	arm64SP, arm64PC              = 31, 32
)

func (m Machine) ip(r Registers) uint64 {
	if m == ARM64 {
		return r[arm64PC]
	}
	return r[amd64IP]
}

func (m Machine) sp(r Registers) uint64 {
	if m == ARM64 {
		return r[arm64SP]
	}
	return r[amd64SP]
}

// dwarfAMD64 maps the psABI's DWARF numbers 0..16 (rax rdx rcx rbx rsi rdi rbp rsp
// r8…r15 rip) to indexes of Registers.
var dwarfAMD64 = [...]int{10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16}

// dwarf orders the registers as call frame information numbers them.
func (m Machine) dwarf(r Registers) []uint64 {
	if m == ARM64 {
		return append([]uint64(nil), r[:arm64PC+1]...) // x0…x30, sp; 32 is the pc here
	}
	regs := make([]uint64, len(dwarfAMD64))
	for i, from := range dwarfAMD64 {
		regs[i] = r[from]
	}
	return regs
}
