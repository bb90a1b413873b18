package kernellog

import (
	"strconv"
	"strings"
)

// parseFault reads the line of a page fault that nobody handled
// (show_signal_msg in arch/x86/mm/fault.c, and powerpc's):
//
//	python3[12314]: segfault at 18 ip 00007ff1c7bd6ad8 sp 00007ffd28297cc8 error 4 in libc.so.6[167ad8,7ff1c7a95000+156000] likely on CPU 1 (core 1, socket 0)
//	x[12]: segfault (11) at 0 nip 10000 lr 20000 code 1 in x[10000+1000]
func parseFault(text string) *Crash {
	comm, tid, rest, ok := commAndID(text, "]: segfault ")
	if !ok {
		return nil
	}
	if strings.HasPrefix(rest, "(") {
		if _, rest, ok = strings.Cut(rest, ") "); !ok {
			return nil
		}
	}
	c := &Crash{Comm: comm, TID: tid, Signal: "SIGSEGV", Kind: CrashSegfault}
	words := strings.Fields(rest)
	for i := 0; i+1 < len(words) && i < 10; i += 2 {
		value := words[i+1]
		switch words[i] {
		case "at":
			c.Address = address(value)
		case "ip", "nip":
			c.IP = address(value)
		case "sp":
			c.SP = address(value)
		case "error":
			if n, err := strconv.ParseUint(value, 16, 31); err == nil {
				bits := int(n)
				c.ErrorBits = &bits
			}
		}
	}
	if c.Address == "" {
		return nil
	}
	c.mapping(rest)
	return c
}

// commAndID splits "comm[12]: segfault at …" at the first anchor that has an id
// before it; the comm may look like the anchor. What is longer than a process name
// is none: something stands before it that was not understood.
func commAndID(text, anchor string) (comm string, id int, rest string, ok bool) {
	for from := 0; ; {
		i := strings.Index(text[from:], anchor)
		if i < 0 {
			return "", 0, "", false
		}
		i += from
		from = i + 1
		open := strings.LastIndexByte(text[:i], '[')
		if open < 0 || open > commLen {
			continue
		}
		if n, isNumber := number([]byte(text[open+1 : i])); isNumber && n > 0 {
			return text[:open], int(n), text[i+len(anchor):], true
		}
	}
}

// mapping reads " in libc.so.6[167ad8,7ff1c7a95000+156000]": the offset in the
// file (since 6.12), then start and size of the mapping. Without the first the
// offset in the mapping is worked out. Until 6.1 a jump to nowhere names the next
// mapping, which IP is not in: that is no object at all.
func (c *Crash) mapping(text string) {
	if i := strings.LastIndex(text, " likely on CPU "); i >= 0 {
		text = text[:i]
	}
	_, text, ok := strings.Cut(text, " in ")
	open := strings.LastIndexByte(text, '[')
	if !ok || open < 0 || !strings.HasSuffix(text, "]") {
		return
	}
	offset, area, hasOffset := strings.Cut(text[open+1:len(text)-1], ",")
	if !hasOffset {
		offset, area = "", offset
	}
	start, size, _ := strings.Cut(area, "+")
	from, err1 := strconv.ParseUint(start, 16, 64)
	length, err2 := strconv.ParseUint(size, 16, 64)
	if err1 != nil || err2 != nil {
		return
	}
	if c.IP != "" {
		ip, err := strconv.ParseUint(strings.TrimPrefix(c.IP, "0x"), 16, 64)
		if err != nil || ip < from || ip-from >= length {
			return
		}
		c.ObjectOffset = "0x" + strconv.FormatUint(ip-from, 16)
	}
	c.Object = text[:open]
	if hasOffset {
		c.ObjectOffset = address(offset)
	}
}

// address writes a hexadecimal number as 0x… without leading zeros; "" where it
// is none.
func address(text string) string {
	text = strings.TrimSuffix(strings.TrimPrefix(text, "0x"), ",")
	n, err := strconv.ParseUint(text, 16, 64)
	if err != nil {
		return ""
	}
	return "0x" + strconv.FormatUint(n, 16)
}

// trapSignals are the signals of x86's traps (arch/x86/kernel/traps.c).
var trapSignals = map[string]string{
	"trap divide error":                "SIGFPE",
	"trap overflow":                    "SIGSEGV",
	"trap bounds":                      "SIGSEGV",
	"trap invalid opcode":              "SIGILL",
	"trap int3":                        "SIGTRAP",
	"trap coprocessor segment overrun": "SIGFPE",
	"trap invalid TSS":                 "SIGSEGV",
	"trap segment not present":         "SIGBUS",
	"trap stack segment":               "SIGBUS",
	"trap alignment check":             "SIGBUS",
	"trap fpu exception":               "SIGFPE",
	"trap simd exception":              "SIGFPE",
	"trap iret exception":              "SIGILL",
	"control protection":               "SIGSEGV",
}

// parseTrap reads the line of a fault that is not a page fault:
//
//	traps: node[83] general protection fault ip:401a21 sp:7fff19eaf910 error:0 in node[1a21,401000+8e000]
//	traps: node[85] trap divide error ip:401a72 sp:7ffe6b3c1c70 error:0 in node[401000+8e000]
//
// Until 4.19 the first says "general protection" alone. Its address is not told.
func parseTrap(text string) *Crash {
	comm, tid, rest, ok := commAndID(strings.TrimPrefix(text, "traps: "), "] ")
	what, rest, ok2 := strings.Cut(rest, " ip:")
	if !ok || !ok2 {
		return nil
	}
	c := &Crash{Comm: comm, TID: tid, Kind: CrashTrap, Signal: trapSignals[what]}
	switch {
	case what == "general protection", what == "general protection fault":
		c.Kind, c.Signal = CrashGeneralProtection, "SIGSEGV"
	case c.Signal == "" && !strings.HasPrefix(what, "trap "):
		return nil
	}
	ip, rest, _ := strings.Cut(rest, " ")
	c.IP = address(ip)
	if sp, ok := strings.CutPrefix(rest, "sp:"); ok {
		sp, _, _ = strings.Cut(sp, " ")
		c.SP = address(sp)
	}
	c.mapping(rest)
	return c
}

// parseFatalSignal reads "potentially unexpected fatal signal 11." and, since 6.8,
// "EXE: COMM: potentially unexpected fatal signal 6.".
func parseFatalSignal(text string) *Crash {
	before, after, ok := strings.Cut(text, "potentially unexpected fatal signal ")
	n := leadingInt(after)
	if !ok || n == nil {
		return nil
	}
	c := signalled(*n)
	if names := strings.TrimSuffix(before, ": "); names != before {
		if i := strings.LastIndex(names, ": "); i >= 0 {
			c.Comm = names[i+2:]
		}
	}
	return c
}

// signalled returns a crash known by its signal number alone.
func signalled(n int) *Crash {
	c := &Crash{Kind: CrashOther}
	if name, ok := signalNames[n]; ok {
		c.Signal = name
	}
	switch c.Signal {
	case "SIGSEGV":
		c.Kind = CrashSegfault
	case "SIGABRT":
		c.Kind = CrashAbort
	case "SIGBUS":
		c.Kind = CrashBus
	case "SIGILL", "SIGTRAP", "SIGFPE":
		c.Kind = CrashTrap
	}
	return c
}

// signalNames are the signals that dump core on Linux (signal(7)), by the numbers
// of x86 and ARM.
var signalNames = map[int]string{3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
	11: "SIGSEGV", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS"}

// parseForeign reads the fault lines of other architectures:
//
//	java[12]: unhandled level 2 translation fault (11) at 0x00000010, esr 0x92000046     arm64 until 4.9
//	java[12]: unhandled exception: DABT (lower EL), ESR 0x92000006, level 2 translation fault in app[aaaa0000+1000]
//	x[12]: unhandled signal 11 at 0000 nip 0000 lr 0000 code 30001                       powerpc, riscv
//	x: unhandled page fault (11) at 0x00000000, code 0x005                              arm
//	User process fault: interruption code 0011 ilc:3 in x[10000+1000]                   s390
func parseForeign(text string) *Crash {
	if rest, ok := strings.CutPrefix(text, "User process fault: "); ok {
		c := &Crash{Kind: CrashOther}
		c.mapping(rest)
		return c
	}
	comm, tid, rest, ok := commAndID(text, "]: unhandled ")
	if !ok {
		if comm, rest, ok = strings.Cut(text, ": unhandled page fault "); !ok || len(comm) > commLen {
			return nil
		}
	}
	c := foreignSignal(rest)
	c.Comm, c.TID = comm, tid
	if _, at, ok := strings.Cut(rest, " at "); ok {
		at, _, _ = strings.Cut(at, " ")
		c.Address = address(at)
	}
	c.mapping(rest)
	return c
}

func foreignSignal(text string) *Crash {
	for _, key := range [...]string{"signal ", "fault (", "("} {
		if i := strings.Index(text, key); i >= 0 {
			if n := leadingInt(text[i+len(key):]); n != nil {
				return signalled(*n)
			}
		}
	}
	switch {
	case strings.Contains(text, "alignment"):
		return signalled(7)
	case strings.Contains(text, "translation fault"), strings.Contains(text, "permission fault"):
		return signalled(11)
	}
	return &Crash{Kind: CrashOther}
}
