package exitcode_test

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
)

func TestSignal(t *testing.T) {
	tests := []struct {
		code int
		want string
	}{
		{129, "SIGHUP"}, {134, "SIGABRT"}, {137, "SIGKILL"}, {139, "SIGSEGV"}, {143, "SIGTERM"}, {159, "SIGSYS"},
		{0, ""}, {1, ""}, {9, ""}, {128, ""}, {160, ""}, {165, ""}, {245, ""}, {255, ""}, {-1, ""}, {256 + 137, ""},
	}
	for _, tt := range tests {
		got, ok := exitcode.Signal(tt.code)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("Signal(%d) = %q, %v, want %q", tt.code, got, ok, tt.want)
		}
	}
}

func TestSignalNumber(t *testing.T) {
	tests := []struct {
		name string
		want int
		ok   bool
	}{
		{"15", 15, true}, {"TERM", 15, true}, {"SIGTERM", 15, true}, {"sigterm", 15, true}, {" QUIT ", 3, true},
		{"IOT", 6, true}, {"SIGRTMIN+3", 37, true}, {"RTMIN", 34, true}, {"RTMAX-14", 50, true}, {"SIGRTMAX", 64, true},
		{"", 0, false}, {"SIG", 0, false}, {"NOPE", 0, false}, {"0", 0, false}, {"-9", 0, false}, {"65", 0, false},
		{"RTMIN+31", 0, false}, {"RTMIN3", 0, false}, {"RTMAX-99999999999999", 0, false}, {"SIGSIGTERM", 0, false},
	}
	for _, tt := range tests {
		got, ok := exitcode.SignalNumber(tt.name)
		if ok != tt.ok || got != tt.want {
			t.Errorf("SignalNumber(%q) = %d, %v, want %d, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestSignalNamesRoundTrip(t *testing.T) {
	known := 0
	for n := -1; n <= 70; n++ {
		name := exitcode.SignalName(n)
		if name == "" {
			continue
		}
		known++
		if got, ok := exitcode.SignalNumber(name); !ok || got != n {
			t.Errorf("SignalNumber(SignalName(%d) = %q) = %d, %v", n, name, got, ok)
		}
	}
	if known != 31+31 { // 1..31 and 34..64
		t.Errorf("%d signals have names, want 62", known)
	}
}

func FuzzSignalNumber(f *testing.F) {
	for _, s := range []string{"15", "SIGTERM", "RTMIN+3", "RTMAX-", "+9", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := exitcode.SignalNumber(s); ok && (n < 1 || n > 64) {
			t.Errorf("SignalNumber(%q) = %d", s, n)
		}
	})
}
