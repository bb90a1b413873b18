package exitcode

import (
	"strconv"
	"strings"
)

// names holds the standard signals of Linux on x86 and arm by number, signal(7).
var names = [...]string{
	1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
	9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
	16: "SIGSTKFLT",
	17: "SIGCHLD", 18: "SIGCONT", 19: "SIGSTOP", 20: "SIGTSTP", 21: "SIGTTIN", 22: "SIGTTOU", 23: "SIGURG", 24: "SIGXCPU",
	25: "SIGXFSZ", 26: "SIGVTALRM", 27: "SIGPROF", 28: "SIGWINCH", 29: "SIGIO", 30: "SIGPWR", 31: "SIGSYS",
}

// aliases are the second names of signal(7) that engines accept too.
var aliases = map[string]int{"SIGIOT": 6, "SIGCLD": 17, "SIGPOLL": 29, "SIGUNUSED": 31}

// The real-time signals as glibc and the engine number them: the kernel's 32 and
// 33 are glibc's own (nptl(7)); moby/sys signal counts RTMIN from 34.
const (
	sigRTMin = 34
	sigRTMax = 64
	sigLast  = 31 // the last standard signal
)

// fatal holds the signals that end a program by a fault of its own or that a
// supervisor uses; only for them a raw wait status is worth a line.
var fatal = map[int]bool{4: true, 6: true, 7: true, 8: true, 9: true, 11: true, 15: true}

// Signal returns the signal of a code of the form 128+n, for the standard signals
// 1..31: "SIGKILL" for 137. A program may choose such a number by itself, so the
// signal is a reading, not a fact. Real-time signals (162..192) are left out: a
// program's own number is far more likely there.
func Signal(code int) (string, bool) {
	if n := code - 128; n >= 1 && n <= sigLast {
		return names[n], true
	}
	return "", false
}

// SignalName returns the name of a signal number, 1..31 and 34..64; "" for others.
func SignalName(n int) string {
	switch {
	case n >= 1 && n <= sigLast:
		return names[n]
	case n == sigRTMin:
		return "SIGRTMIN"
	case n == sigRTMax:
		return "SIGRTMAX"
	case n > sigRTMin && n <= sigRTMin+15:
		return "SIGRTMIN+" + strconv.Itoa(n-sigRTMin)
	case n > sigRTMin && n < sigRTMax:
		return "SIGRTMAX-" + strconv.Itoa(sigRTMax-n)
	}
	return ""
}

// SignalNumber reads a signal as engines write it: "15" (Podman), "TERM",
// "SIGTERM", "sigterm", "RTMIN+3". It answers 0 and false for what is no signal.
func SignalNumber(name string) (int, bool) {
	if len(name) > 16 { // the longest is SIGVTALRM; a label may hide anything here
		return 0, false
	}
	name = strings.ToUpper(strings.TrimSpace(name))
	if n, err := strconv.Atoi(name); err == nil {
		return within(n, 1, sigRTMax)
	}
	if !strings.HasPrefix(name, "SIG") {
		name = "SIG" + name
	}
	for n := 1; n <= sigLast; n++ {
		if names[n] == name {
			return n, true
		}
	}
	if n, ok := aliases[name]; ok {
		return n, true
	}
	return realTime(name)
}

func realTime(name string) (int, bool) {
	for base, number := range map[string]int{"SIGRTMIN": sigRTMin, "SIGRTMAX": sigRTMax} {
		rest, ok := strings.CutPrefix(name, base)
		if !ok {
			continue
		}
		offset := 0
		if rest != "" {
			n, err := strconv.Atoi(rest)
			if err != nil || rest[0] != '+' && rest[0] != '-' {
				return 0, false
			}
			offset = n
		}
		return within(number+offset, sigRTMin, sigRTMax)
	}
	return 0, false
}

func within(n, low, high int) (int, bool) {
	if n < low || n > high {
		return 0, false
	}
	return n, true
}
