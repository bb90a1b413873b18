package kernellog

import (
	"fmt"
	"strings"
)

// cpuFacts are what the log's boot says about the CPU.
type cpuFacts struct {
	model    string   // "AMD EPYC 7B12"
	features []string // register sets that the kernel saves: "SSE", "AVX", "AVX-512"
}

// read takes
//
//	smpboot: CPU0: Intel(R) Atom(TM) CPU C3558 @ 2.20GHz (family: 0x6, model: 0x5f, stepping: 0x1)
//	x86/fpu: Supporting XSAVE feature 0x004: 'AVX registers'
func (c *cpuFacts) read(text string) bool {
	if model, ok := strings.CutPrefix(text, "smpboot: CPU0: "); ok {
		model, _, _ = strings.Cut(model, " (family:")
		c.model, c.features = model[:min(len(model), 64)], nil
		return true
	}
	_, feature, ok := strings.Cut(text, ": '")
	feature, _, ok2 := strings.Cut(feature, "'")
	const maxFeatures = 32
	if ok && ok2 && len(c.features) < maxFeatures {
		name := strings.TrimSuffix(strings.TrimSuffix(feature, " registers"), " user states")
		if strings.HasPrefix(name, "AVX-512") {
			name = "AVX-512" // opmask, Hi256 and ZMM_Hi256 are three parts of one
		}
		for _, known := range c.features {
			if known == name {
				return true
			}
		}
		c.features = append(c.features, name)
	}
	return ok
}

// String names the CPU as far as the log does; "" where it does not.
func (c *cpuFacts) String() string {
	switch {
	case c.model == "" && len(c.features) == 0:
		return ""
	case len(c.features) == 0:
		return c.model
	case c.model == "":
		return "a CPU with " + strings.Join(c.features, ", ")
	}
	return c.model + ", with " + strings.Join(c.features, ", ")
}

// The page of vsyscalls (arch/x86/include/uapi/asm/vsyscall.h).
const (
	vsyscallPage = "0xffffffffff60"
	vsyscallHint = "it called the kernel by the vsyscall page, which this kernel does not have (vsyscall=none): " +
		"an old image (glibc < 2.14, such as CentOS 6); booting with vsyscall=emulate helps"
)

// hint says what a crash of this form usually means (docs/notes/CORES.md#a4).
func (c *cpuFacts) hint(crash *Crash) string {
	onPage := strings.HasPrefix(crash.IP, vsyscallPage) && len(crash.IP) == len("0xffffffffff600000")
	switch {
	case onPage:
		return vsyscallHint
	case crash.Signal == "SIGILL":
		cpu := ""
		if name := c.String(); name != "" {
			cpu = fmt.Sprintf(" (it is %s)", name)
		}
		return "an instruction that this CPU does not have" + cpu + ": a binary or wheel built for a newer one; " +
			"or a deliberate trap (ud2), which is how a failed assertion ends"
	case crash.Signal == "SIGTRAP":
		return "a deliberate trap (int3): a failed assertion of Chromium, Node or Go's cgo parts ends so"
	case crash.Kind == CrashGeneralProtection && isLibc(crash.Object):
		return "in the C library: a broken pointer, or abort() of a PID 1, which cannot die by SIGABRT and ends in " +
			"a trapping instruction"
	}
	return ""
}

// isLibc knows the file names of glibc and musl.
func isLibc(object string) bool {
	return strings.HasPrefix(object, "libc.so") || strings.HasPrefix(object, "libc-2.") ||
		strings.HasPrefix(object, "ld-musl")
}

// parseVsyscall reads the line that stands before the fault of a call by the page
// (arch/x86/entry/vsyscall/vsyscall_64.c):
//
//	sh[4711] vsyscall attempted with vsyscall=none ip:ffffffffff600400 cs:33 sp:7ffd1f4b1d98 ax:ffffffffff600400 si:7ffd1f4b2f3a di:0
func parseVsyscall(text string) *Crash {
	comm, tid, rest, ok := commAndID(text, "] vsyscall attempted ")
	_, rest, ok2 := strings.Cut(rest, " ip:")
	if !ok || !ok2 {
		return nil
	}
	ip, rest, _ := strings.Cut(rest, " ")
	c := &Crash{Comm: comm, TID: tid, Kind: CrashSegfault, Signal: "SIGSEGV", IP: address(ip)}
	if _, sp, ok := strings.Cut(rest, "sp:"); ok {
		sp, _, _ = strings.Cut(sp, " ")
		c.SP = address(sp)
	}
	return c
}
