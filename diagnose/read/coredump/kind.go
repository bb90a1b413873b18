package coredump

import (
	"fmt"
	"path"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// Kind says what sort of crash a core shows.
type Kind string

// The kinds. They are part of the JSON contract.
const (
	KindNullPointer   Kind = "null-pointer"
	KindStackOverflow Kind = "stack-overflow"
	KindBadJump       Kind = "bad-jump"
	KindAbort         Kind = "abort"
	KindBus           Kind = "bus"
	KindIllegal       Kind = "illegal-instruction"
	KindSent          Kind = "sent-by-process"
	KindSnapshot      Kind = "snapshot"
	KindOther         Kind = "other"
)

// verdict is a kind with what happened, in words that follow "it was ended by
// SIGSEGV: ".
type verdict struct {
	kind Kind
	what string
}

// nearNull is how far from 0 an address still comes of a null pointer: a member of
// a structure. vm.mmap_min_addr keeps the first 64 KiB unmapped.
const nearNull = 64 << 10

// judge reads the crash. code reads the instructions at an address, from the core or
// from a proven binary.
func (c *Core) judge(f *Fault, code func(addr uint64, p []byte) error) verdict {
	if f == nil {
		return c.judgeWithoutSiginfo()
	}
	s := f.Siginfo
	if s.Signal == sigstop || s.Signal == sigtrap && s.Code == codeKernel {
		return snapshot
	}
	if from, sent := s.Sender(); sent {
		return c.judgeSent(s, from)
	}
	switch s.Signal {
	case sigsegv:
		return c.judgeSegv(f, code)
	case sigbus:
		return c.judgeBus(s)
	case sigill:
		return verdict{KindIllegal, "an instruction that this processor does not have, or a deliberate trap"}
	case sigfpe:
		return verdict{KindOther, arithmetic(s.Code)}
	case sigtrap:
		return c.judgeTrap(f, code)
	case sigsys:
		if n, ok := s.syscall(); ok {
			return verdict{KindOther, fmt.Sprintf("seccomp forbade system call %d", n)}
		}
	}
	return verdict{KindOther, "the signal's default action"}
}

var snapshot = verdict{KindSnapshot, "nothing: this is a snapshot of a living process (gcore), no crash"}

// judgeWithoutSiginfo: gdb's gcore of old and QEMU write none.
func (c *Core) judgeWithoutSiginfo() verdict {
	if len(c.Threads) == 0 {
		return verdict{KindOther, "not known: the core is cut off before its first thread"}
	}
	switch signal := c.Threads[0].Signal; signal {
	case 0, sigtrap, sigstop:
		return snapshot
	case sigabrt:
		return verdict{KindAbort, "abort() was called"}
	}
	return verdict{KindOther, "the core holds no details of the signal"}
}

// judgeSent: raise and abort are signals that a process sends itself.
func (c *Core) judgeSent(s Siginfo, from Sender) verdict {
	self := c.Process != nil && from.PID == c.Process.PID && from.PID != 0
	switch {
	case self && s.Signal == sigabrt:
		return verdict{KindAbort, "abort() was called: a fatal error, a failed assertion, or the C library's heap check"}
	case self && faults[s.Signal]:
		return verdict{KindSent, "the process sent itself the signal; a handler that raised it again hides what came before"}
	case self:
		return verdict{KindSent, "the process sent itself the signal"}
	case from.PID == 0:
		return verdict{KindSent, "the signal was sent from outside of the container: nothing crashed"}
	}
	return verdict{KindSent, fmt.Sprintf("process %d of the container (user %d) sent the signal: nothing crashed",
		from.PID, from.UID)}
}

func (c *Core) judgeSegv(f *Fault, code func(uint64, []byte) error) verdict {
	addr, ok := f.Siginfo.Address()
	if !ok {
		return c.judgeProtection(f, code)
	}
	ip := c.Machine.ip(f.Registers)
	if size, yes := c.overflow(addr, c.Machine.sp(f.Registers)); yes {
		return verdict{KindStackOverflow, fmt.Sprintf("the stack of %s ran over: recursion without end, or a stack that "+
			"is too small", words.Size(int64(size)))}
	}
	switch {
	case addr == ip && ip < nearNull:
		return verdict{KindBadJump, fmt.Sprintf("a call through a null pointer (to address %#x)", ip)}
	case addr == ip:
		return verdict{KindBadJump, fmt.Sprintf("a jump to %#x, where no code is", ip)}
	case addr < nearNull:
		return verdict{KindNullPointer, fmt.Sprintf("a null pointer was used (address %#x)", addr)}
	case f.Siginfo.Code == 2:
		return verdict{KindOther, fmt.Sprintf("an access to %#x that the mapping there does not allow%s", addr,
			c.behind(addr))}
	}
	return verdict{KindOther, fmt.Sprintf("an access to %#x, where nothing is mapped", addr)}
}

// overflowReach is how far from the stack pointer a push or a probe of the stack
// may fault.
const overflowReach = 64 << 10

// overflow tells whether an address lies just below a stack: near the stack
// pointer, in no mapping or in a guard page, at the low end of what the stack
// pointer used. size is that of the stack.
func (c *Core) overflow(addr, sp uint64) (size uint64, yes bool) {
	if distance := addr - sp; distance > overflowReach && -distance > overflowReach {
		return 0, false
	}
	at := c.segmentAt(addr)
	if at != nil && !at.guard() {
		return 0, false
	}
	stack := c.segmentAt(sp)
	if stack == nil || stack.guard() {
		stack = c.segmentAbove(sp)
	}
	if stack == nil || !stack.writable() || addr >= stack.addr+pageSize || stack.addr-min(stack.addr, addr) > 1<<20 {
		return 0, false
	}
	return stack.size, true
}

// judgeProtection reads SI_KERNEL: a general protection fault, whose address is
// always 0. As PID 1 of a container abort() ends so: its SIGABRT is dropped, and
// glibc goes on to HLT (docs/notes/CORES.md#a1, measured).
func (c *Core) judgeProtection(f *Fault, code func(uint64, []byte) error) verdict {
	const hlt = 0xf4
	ip := c.Machine.ip(f.Registers)
	var b [1]byte
	if c.Machine == AMD64 && code(ip, b[:]) == nil {
		if b[0] == hlt {
			return verdict{KindAbort, "abort() was called; as PID 1 the process does not get SIGABRT, and the C library " +
				"ends it so"}
		}
		return verdict{KindOther, "a pointer that cannot be an address (general protection fault)"}
	}
	if c.Process != nil && c.Process.PID == 1 && c.inLibc(ip) && !wildPointer(f.Registers) {
		return verdict{KindAbort, "most likely abort(): the main process (PID 1) stopped in the C library, and no " +
			"register holds a bad pointer"}
	}
	return verdict{KindOther, "a pointer that cannot be an address, or abort() as PID 1 (general protection fault)"}
}

// judgeTrap reads SIGTRAP of a trap instruction. On arm64 that is how abort() as PID
// 1 ends: the C library goes on to BRK #1000 (glibc sysdeps/aarch64/abort-instr.h).
func (c *Core) judgeTrap(f *Fault, code func(uint64, []byte) error) verdict {
	const brk1000 = 0xd4207d00
	ip := c.Machine.ip(f.Registers)
	var b [4]byte
	if c.Machine == ARM64 && c.Process != nil && c.Process.PID == 1 && c.inLibc(ip) {
		switch {
		case code(ip, b[:]) != nil:
			return verdict{KindAbort, "most likely abort(): the main process (PID 1) stopped at a trap in the C library"}
		case order.Uint32(b[:]) == brk1000:
			return verdict{KindAbort, "abort() was called; as PID 1 the process does not get SIGABRT, and the C library " +
				"ends it so"}
		}
	}
	return verdict{KindOther, "a trap instruction: a failed assertion, or a breakpoint without a debugger"}
}

func (c *Core) inLibc(addr uint64) bool {
	m := c.mappingAt(addr)
	return m != nil && (strings.HasPrefix(path.Base(m.Path), "libc.so") || strings.HasPrefix(path.Base(m.Path), "libc-2"))
}

// wildPointer tells whether a general register holds what no 48-bit address can
// be. Small negative numbers are addresses of the kernel's half.
func wildPointer(r Registers) bool {
	for i, v := range r[:15] {
		if top := v >> 47; top != 0 && top != 1<<17-1 && i < 15 {
			return true
		}
	}
	return false
}

func (c *Core) judgeBus(s Siginfo) verdict {
	addr, ok := s.Address()
	if !ok {
		return verdict{KindBus, "a bus error without an address"}
	}
	m := c.mappingAt(addr)
	switch {
	case s.Code == 1:
		return verdict{KindBus, fmt.Sprintf("a misaligned access to %#x", addr)}
	case m != nil && strings.HasPrefix(m.Path, "/dev/shm/"):
		return verdict{KindBus, fmt.Sprintf("%s could not be filled: /dev/shm is full, or the file was cut", m.Path)}
	case m != nil:
		return verdict{KindBus, fmt.Sprintf("%s was mapped and is shorter now, or its disk is full", m.Path)}
	}
	return verdict{KindBus, fmt.Sprintf("the memory at %#x could not be provided: a full tmpfs or /dev/shm, missing "+
		"huge pages, or broken memory", addr)}
}

func (c *Core) behind(addr uint64) string {
	if m := c.mappingAt(addr); m != nil {
		return " (" + m.Path + ")"
	}
	return ""
}

func arithmetic(code int) string {
	if code == 1 {
		return "an integer division by zero"
	}
	return "an arithmetic fault"
}

// emulated tells whether the process is an emulator: the core is then the
// emulator's own, not the program's.
func (p *Process) emulated() bool {
	return p != nil && (strings.HasPrefix(p.Comm, "qemu-") || strings.HasPrefix(p.Comm, "rosetta"))
}
