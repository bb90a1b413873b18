package coredump

import (
	"fmt"
	"strconv"
)

// Siginfo says what signal ended the process and why: NT_SIGINFO.
type Siginfo struct {
	Signal int
	Code   int

	value [16]byte // the union behind the three numbers, from byte 16 on
}

// Signals that matter for cores (signal(7), x86 and arm).
const (
	sigill, sigtrap, sigabrt, sigbus, sigfpe, sigsegv, sigstop, sigsys = 4, 5, 6, 7, 8, 11, 19, 31
)

// Codes that are the same for all signals (sigaction(2), siginfo.h).
const (
	codeUser   = 0    // kill(2)
	codeKernel = 0x80 // the kernel, without an address
	codeQueue  = -1
	codeTkill  = -6 // tgkill(2): raise and abort
)

var signalNames = map[int]string{
	1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS",
	8: "SIGFPE", 9: "SIGKILL",
	10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 19: "SIGSTOP", 24: "SIGXCPU",
	25: "SIGXFSZ", 26: "SIGVTALRM", 27: "SIGPROF", 31: "SIGSYS",
}

// SignalName returns "SIGSEGV" for 11, "signal 40" for one without a name here.
func SignalName(n int) string {
	if name, ok := signalNames[n]; ok {
		return name
	}
	return "signal " + strconv.Itoa(n)
}

// codeNames are the codes of one signal (sigaction(2)).
var codeNames = map[int]map[int]string{
	sigsegv: {1: "SEGV_MAPERR", 2: "SEGV_ACCERR", 3: "SEGV_BNDERR", 4: "SEGV_PKUERR", 8: "SEGV_MTEAERR",
		9: "SEGV_MTESERR", 10: "SEGV_CPERR"},
	sigbus: {1: "BUS_ADRALN", 2: "BUS_ADRERR", 3: "BUS_OBJERR", 4: "BUS_MCEERR_AR", 5: "BUS_MCEERR_AO"},
	sigfpe: {1: "FPE_INTDIV", 2: "FPE_INTOVF", 3: "FPE_FLTDIV", 4: "FPE_FLTOVF", 5: "FPE_FLTUND", 6: "FPE_FLTRES",
		7: "FPE_FLTINV", 8: "FPE_FLTSUB"},
	sigill: {1: "ILL_ILLOPC", 2: "ILL_ILLOPN", 3: "ILL_ILLADR", 4: "ILL_ILLTRP", 5: "ILL_PRVOPC", 6: "ILL_PRVREG",
		7: "ILL_COPROC", 8: "ILL_BADSTK"},
	sigtrap: {1: "TRAP_BRKPT", 2: "TRAP_TRACE", 3: "TRAP_BRANCH", 4: "TRAP_HWBKPT"},
	sigsys:  {1: "SYS_SECCOMP"},
}

// CodeName returns the code's name in siginfo.h, or its number.
func (s Siginfo) CodeName() string {
	switch s.Code {
	case codeUser:
		return "SI_USER"
	case codeKernel:
		return "SI_KERNEL"
	case codeQueue:
		return "SI_QUEUE"
	case codeTkill:
		return "SI_TKILL"
	}
	if name, ok := codeNames[s.Signal][s.Code]; ok {
		return name
	}
	return strconv.Itoa(s.Code)
}

// faults carry an address, where the code is the kernel's own.
var faults = map[int]bool{sigill: true, sigtrap: true, sigbus: true, sigfpe: true, sigsegv: true}

// Address returns the address of a fault. ok is false where si_addr means
// nothing: SI_KERNEL (a general protection fault reports 0), a signal that somebody
// sent, or one that has none.
func (s Siginfo) Address() (addr uint64, ok bool) {
	if !faults[s.Signal] || s.Code <= 0 || s.Code == codeKernel {
		return 0, false
	}
	return order.Uint64(s.value[:]), true
}

// Sender is who sent a signal: numbers of the crashed process's namespaces. pid 0
// is a process outside of the container.
type Sender struct {
	PID int    `json:"pid"`
	UID uint32 `json:"uid"`
}

// Sender returns who sent the signal; ok is false for a fault.
func (s Siginfo) Sender() (from Sender, ok bool) {
	if s.Code > 0 {
		return Sender{}, false
	}
	return Sender{int(int32(order.Uint32(s.value[:]))), order.Uint32(s.value[4:])}, true
}

// syscall returns what a seccomp filter forbade: the number of the system call.
func (s Siginfo) syscall() (number int, ok bool) {
	if s.Signal != sigsys || s.Code != 1 {
		return 0, false
	}
	return int(int32(order.Uint32(s.value[8:]))), true
}

// parseSiginfo reads si_signo, si_errno, si_code; the union begins at 16. (In
// PRSTATUS the order is signo, code, errno.)
func parseSiginfo(d []byte) *Siginfo {
	if len(d) < 32 {
		return nil
	}
	s := &Siginfo{Signal: int(int32(order.Uint32(d))), Code: int(int32(order.Uint32(d[8:])))}
	if s.Signal < 1 || s.Signal > 64 {
		return nil
	}
	copy(s.value[:], d[16:])
	return s
}

func hexText(n uint64) string { return fmt.Sprintf("%#x", n) }
