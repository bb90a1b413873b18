package kernellog

import (
	"strings"
	"testing"
)

// TestHints: what a crash usually means is said where its line tells, and nowhere else.
func TestHints(t *testing.T) {
	const (
		cpu = "[    0.100000] smpboot: CPU0: Intel(R) Atom(TM) CPU C3558 @ 2.20GHz (family: 0x6, model: 0x5f, " +
			"stepping: 0x1)\n"
		xmm = "[    0.000001] x86/fpu: Supporting XSAVE feature 0x002: 'SSE registers'\n"
		ymm = "[    0.000002] x86/fpu: Supporting XSAVE feature 0x004: 'AVX registers'\n"
	)
	for name, test := range map[string]struct {
		log  string
		want []string // all in the hint; nil = there is none
		not  string
	}{
		"wrong CPU": {cpu + "[  100.000000] traps: python3[12] trap invalid opcode ip:55e8 sp:7ffe error:0 in " +
			"_core.so[401000+8e000]\n", []string{"does not have", "Atom(TM) CPU C3558", "wheel"}, "AVX"},
		"wrong CPU, features": {xmm + ymm + "[  100.000000] traps: python3[12] trap invalid opcode ip:55e8 sp:7ffe " +
			"error:0 in _core.so[401000+8e000]\n", []string{"SSE, AVX"}, "AVX-512"},
		"wrong CPU, nothing known": {"[  100.000000] traps: python3[12] trap invalid opcode ip:55e8 sp:7ffe error:0 in " +
			"_core.so[401000+8e000]\n", []string{"does not have"}, "(it is"},
		"abort as a trap, glibc": {"[  100.000000] traps: python3[12] general protection fault ip:7ff1c7bd6ad8 " +
			"sp:7ffd28297cc8 error:0 in libc.so.6[2650f,7ff1c7a95000+156000]\n", []string{"abort()", "PID 1"}, ""},
		"abort as a trap, old glibc": {"[  100.000000] traps: python3[12] general protection ip:7ff1c7bd6ad8 " +
			"sp:7ffd28297cc8 error:0 in libc-2.31.so[7ff1c7a95000+156000]\n", []string{"abort()", "PID 1"}, ""},
		"abort as a trap, musl": {"[  100.000000] traps: app[12] general protection fault ip:7ff1c7bd6ad8 " +
			"sp:7ffd28297cc8 error:0 in ld-musl-x86_64.so.1[7ff1c7a95000+156000]\n", []string{"abort()", "PID 1"}, ""},
		"an assertion": {"[  100.000000] traps: node[12] trap int3 ip:55e8 sp:7ffe error:0 in node[401000+8e000]\n",
			[]string{"deliberate"}, ""},
		"vsyscall": {"[  100.000000] python3[12] vsyscall attempted with vsyscall=none ip:ffffffffff600000 cs:33 " +
			"sp:7ffd1f4b1d98 ax:ffffffffff600000 si:7ffd1f4b2f3a di:0\n", []string{"glibc < 2.14", "vsyscall=emulate"}, ""},
		"vsyscall, its fault alone": {"[  100.000000] sh[12]: segfault at ffffffffff600400 ip ffffffffff600400 sp " +
			"00007ffd1f4b1d98 error 15\n", []string{"glibc < 2.14"}, ""},
		"a broken pointer of the program": {"[  100.000000] traps: app[12] general protection fault ip:7ff1c7bd6ad8 " +
			"sp:7ffd28297cc8 error:0 in app[7ff1c7a95000+156000]\n", nil, ""},
		"a null pointer in the C library": {"[  100.000000] app[12]: segfault at 0 ip 00007ff1c7bd6ad8 sp " +
			"00007ffd28297cc8 error 4 in libc.so.6[7ff1c7a95000+156000]\n", nil, ""},
	} {
		log := read(t, test.log, Options{})
		if len(log.Crashes) != 1 {
			t.Errorf("%s: %d crashes", name, len(log.Crashes))
			continue
		}
		hint := log.Crashes[0].Hint
		if test.want == nil && hint != "" || test.not != "" && strings.Contains(hint, test.not) {
			t.Errorf("%s: %q", name, hint)
		}
		for _, want := range test.want {
			if !strings.Contains(hint, want) {
				t.Errorf("%s: %q lacks %q", name, hint, want)
			}
		}
	}
}
