package coredump

// Fault is what happened to the crashed thread. A signal handler that prints and
// then raises the signal again (faulthandler, abseil, breakpad) leaves a core whose
// siginfo says only "sent by itself"; the fault is in the frame that the kernel had
// put on the stack for the handler.
type Fault struct {
	Siginfo   Siginfo
	Registers Registers
	Reraised  bool // a handler of the process had run before
}

// Fault returns what the crashed thread did; nil where the core does not tell.
func (c *Core) Fault() *Fault {
	if len(c.Threads) == 0 || c.Siginfo == nil {
		return nil
	}
	t := c.Threads[0]
	f := &Fault{Siginfo: *c.Siginfo, Registers: t.Registers}
	if !faults[f.Siginfo.Signal] || f.Siginfo.Code != codeTkill && f.Siginfo.Code != codeUser {
		return f
	}
	if from, _ := f.Siginfo.Sender(); c.Process == nil || from.PID != c.Process.PID {
		return f
	}
	if inner := c.handlerFrame(t); inner != nil {
		return inner
	}
	return f
}

// handlerDepth is how far above the stack pointer the kernel's frame is looked
// for: a handler's own frames, on an alternate stack of some 16 to 64 KiB.
const handlerDepth = 128 << 10

// handlerFrame finds the rt_sigframe of the handler that raised the signal again.
func (c *Core) handlerFrame(t Thread) *Fault {
	s := c.segmentAt(t.SP)
	if s == nil {
		return nil
	}
	start := t.SP &^ 7
	end := min(start+handlerDepth, s.addr+s.filled)
	if end < start+sigframeSize {
		return nil
	}
	stack := make([]byte, end-start)
	if c.ReadMemory(start, stack) != nil {
		return nil
	}
	parse := c.sigframeAMD64
	if c.Machine == ARM64 {
		parse = c.sigframeARM64
	}
	for i := 0; i+sigframeSize <= len(stack); i += 8 {
		if f := parse(stack[i:], t); f != nil {
			return f
		}
	}
	return nil
}

// sigframeSize covers both machines' frames up to the registers.
const sigframeSize = 576

// sigframeAMD64 reads arch/x86/include/asm/sigframe.h: the restorer's address, and
// ucontext: flags, link (0), stack, registers from 48 on. Behind those the kernel
// keeps cs (0x33), the processor's error code, trap number and cr2. The siginfo that
// follows is filled only for handlers with SA_SIGINFO, and faulthandler's has none.
func (c *Core) sigframeAMD64(b []byte, t Thread) *Fault {
	const regs, cs, errorCode, trap, cr2 = 48, 48 + 144, 48 + 152, 48 + 160, 48 + 176
	if order.Uint64(b[8:]) > 15 || order.Uint64(b[16:]) != 0 || order.Uint16(b[cs:]) != 0x33 ||
		c.mappingAt(order.Uint64(b)) == nil {
		return nil
	}
	// r8…r15 rdi rsi rbp rbx rdx rax rcx rsp rip, as indexes of Registers.
	into := [...]int{9, 8, 7, 6, 3, 2, 1, 0, 14, 13, 4, 5, 12, 10, 11, 19, 16}
	r := make(Registers, len(t.Registers))
	copy(r, t.Registers)
	for i, to := range into {
		r[to] = order.Uint64(b[regs+8*i:])
	}
	code, ok := trapCode(c.Siginfo.Signal, order.Uint64(b[trap:]), order.Uint64(b[errorCode:]))
	if !ok {
		return nil
	}
	at := order.Uint64(b[cr2:])
	if order.Uint64(b[trap:]) != pageFault {
		at = r[amd64IP]
	}
	return &Fault{Siginfo: faultInfo(c.Siginfo.Signal, code, at), Registers: r, Reraised: true}
}

// pageFault is x86's exception 14.
const pageFault = 14

// trapCode turns a processor exception into the si_code that the kernel gives its
// signal (arch/x86/kernel/traps.c, arch/x86/mm/fault.c).
func trapCode(signal int, trap, errorCode uint64) (code int, ok bool) {
	switch {
	case signal == sigsegv && trap == pageFault && errorCode&1 == 0:
		return 1, true // SEGV_MAPERR; a guard page reads so, too
	case signal == sigsegv && trap == pageFault:
		return 2, true // SEGV_ACCERR
	case signal == sigsegv && trap == 13:
		return codeKernel, true
	case signal == sigbus && trap == pageFault:
		return 2, true // BUS_ADRERR
	case signal == sigbus && trap == 17, signal == sigfpe && trap == 0, signal == sigtrap && trap == 3:
		return 1, true
	case signal == sigill && trap == 6:
		return 2, true // ILL_ILLOPN
	}
	return 0, false
}

func faultInfo(signal, code int, at uint64) Siginfo {
	s := Siginfo{Signal: signal, Code: code}
	order.PutUint64(s.value[:], at)
	return s
}

// sigframeARM64 reads arch/arm64/kernel/signal.c: siginfo (128 bytes), ucontext
// whose sigcontext lies 176 behind its start: fault address, x0…x30, sp, pc, pstate.
// Why the access failed is not told without SA_SIGINFO.
func (c *Core) sigframeARM64(b []byte, t Thread) *Fault {
	const context, address, regs = 128, 128 + 176, 128 + 176 + 8
	if order.Uint64(b[context:]) > 15 || order.Uint64(b[context+8:]) != 0 {
		return nil
	}
	r := make(Registers, len(t.Registers))
	for i := range min(len(r), 33) {
		r[i] = order.Uint64(b[regs+8*i:])
	}
	if c.segmentAt(r[arm64PC]) == nil || c.segmentAt(r[arm64SP]) == nil || r[arm64SP]%16 != 0 {
		return nil
	}
	return &Fault{Siginfo: faultInfo(c.Siginfo.Signal, 1, order.Uint64(b[address:])), Registers: r, Reraised: true}
}
