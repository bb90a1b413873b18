package exitcode_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/exitcode"
)

// recorded is the end state of an experiment on Engine 20.10.24, runc 1.1.5.
type recorded struct {
	Name, Status, Error, Path string
	ExitCode                  int
	OOMKilled, Init           bool
}

func recordedExits(t *testing.T) map[string]recorded {
	t.Helper()
	raw, err := os.ReadFile("testdata/exits.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []recorded
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	byName := map[string]recorded{}
	for _, r := range list {
		byName[r.Name] = r
	}
	return byName
}

func (r recorded) context() exitcode.Context {
	started, shell := r.Status != "created", r.Path == "sh"
	return exitcode.Context{
		Started: &started, PID1Shell: &shell, InitProcess: &r.Init,
		Runtime: "docker", OOMKilled: &r.OOMKilled, EngineError: r.Error,
	}
}

// What was done in each experiment must be the first meaning (or, where the code
// leaves it open, among the meanings), and what cannot have been must be absent.
func TestExplainInRecorded(t *testing.T) {
	tests := []struct {
		name, first, among, absent string
	}{
		{name: "cmd-notfound", first: "did not find the command", absent: "shell in the container"},
		{name: "bad-mount", first: "bind mount", absent: "shell in the container"},
		{name: "cmd-notexec", first: "could not start the command", absent: "shell in the container"},
		{name: "port-conflict", first: "published port is taken", absent: "ended itself"},
		{name: "logs-driver-journald", first: "log driver", absent: "kubelet"},
		{name: "cmd-badinterp", among: "missing interpreter"},
		{name: "shell-notfound", first: "did not find a command", absent: "the engine did not find"},
		{name: "abort-pid1", among: "abort() as PID 1", absent: "passes on"},
		{name: "abort-init", first: "passes on that its child was ended by SIGABRT", among: "abort()"},
		{name: "segv-child-sh", first: "passes on that its child segfaulted", absent: "abort() as PID 1"},
		{name: "segv-pid1", first: "native code", absent: "passes on"},
		{name: "docker-kill", among: "docker kill", absent: "kubelet"},
		{name: "stop-ignored", first: "did not heed", absent: "kubelet"},
		{name: "manualflag-oom", first: "own memory limit", among: "docker kill"},
		{name: "parent-oom-hog", among: "parent cgroup", absent: "kubelet"},
		{name: "host-kill9", among: "outside the engine"},
		{name: "oom-child-survives-then-exit0", among: "child was OOM-killed"},
		{name: "exit-256", among: "wraps"},
		{name: "sigbus-shm", first: "/dev/shm"},
		{name: "stop-init", among: "docker stop"},
		{name: "pidhost-stop", among: "docker stop"},
		{name: "stopsignal-int", first: "SIGINT"},
		{name: "shim-killed", among: "shim was killed"},
	}
	exits := recordedExits(t)
	if len(tests) != len(exits) {
		t.Errorf("%d tests for %d recorded exits", len(tests), len(exits))
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, ok := exits[tt.name]
			if !ok {
				t.Fatal("not recorded")
			}
			got := exitcode.ExplainIn(r.ExitCode, r.context())
			all := summaries(got)
			if !strings.Contains(got.Meanings[0].Summary, tt.first) {
				t.Errorf("first meaning %q, want one with %q", got.Meanings[0].Summary, tt.first)
			}
			if !strings.Contains(all, tt.among) {
				t.Errorf("no meaning with %q in:\n%s", tt.among, all)
			}
			if tt.absent != "" && strings.Contains(all, tt.absent) {
				t.Errorf("a meaning with %q, which is impossible here:\n%s", tt.absent, all)
			}
		})
	}
}

func summaries(c exitcode.Code) string {
	var lines []string
	for _, m := range c.Meanings {
		lines = append(lines, m.Summary)
	}
	return strings.Join(lines, "\n")
}

func TestExplainNamesTheTraps(t *testing.T) {
	tests := []struct {
		code int
		want []string // each in the title, a meaning or what it does not prove
	}{
		{0, []string{"does not prove success", "uvicorn", "hypercorn", "os._exit(256)"}},
		{1, []string{"CRLF shebang", "BrokenProcessPool", "Aborted!"}},
		{3, []string{"lifespan", "Worker failed to boot"}},
		{4, []string{"App failed to load"}},
		{11, []string{"os.system", "139"}},
		{120, []string{"flush", "TextIOWrapper"}},
		{124, []string{"timeout"}},
		{125, []string{"docker run", "never in State.ExitCode"}},
		{132, []string{"AVX"}},
		{137, []string{"own memory limit", "whole host", "did not heed", "docker kill", "kill -9", "systemd-oomd", "shell",
			"kubelet", "ContainerStatusUnknown", "shim"}},
		{138, []string{"SIGUSR1", "macOS"}},
		{139, []string{"abort() as PID 1", "musl", "child", "general protection"}},
		{141, []string{"Python, which ignores SIGPIPE"}},
		{143, []string{"0.29", "--init", "busybox"}},
		{245, []string{"SIGSEGV", "subprocess", "139"}},
		{247, []string{"SIGKILL", "137"}},
		{250, []string{"SIGABRT", "134"}},
		{255, []string{"exit(-1)", "main loop", "host was restarted", "runc from 1.2", "shim"}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.code), func(t *testing.T) {
			raw, err := json.Marshal(exitcode.Explain(tt.code))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(raw), want) {
					t.Errorf("%d says nothing of %q", tt.code, want)
				}
			}
		})
	}
}

// TestCrashCodes walks the codes in which a crash shows itself (docs/notes/CORES.md#a4, each
// measured): what the number is named after, and the reading that a table of 128+n
// alone would miss.
func TestCrashCodes(t *testing.T) {
	tests := []struct {
		code   int
		signal string // of 128+n
		want   string // in a meaning
	}{
		{245, "", "its child was ended by SIGSEGV"}, {250, "", "its child was ended by SIGABRT"},
		{249, "", "its child was ended by SIGBUS"},
		{248, "", "its child was ended by SIGFPE"}, {252, "", "its child was ended by SIGILL"},
		{247, "", "its child was ended by SIGKILL"},
		{241, "", "its child was ended by SIGTERM"},
		{11, "", "sys.exit(os.system(...)) passes the wait status 11 on"},
		{139, "SIGSEGV", "raw wait status: sys.exit(os.system(...)) of a child that SIGSEGV ended and that left a core " +
			"(11|0x80)"},
		{134, "SIGABRT", "raw wait status"}, {1, "", "BrokenProcessPool, CalledProcessError"},
		{135, "SIGBUS", "/dev/shm is full: the engine gives 64 MB"}, {136, "SIGFPE", "integer division by zero"},
		{133, "SIGTRAP", "abort() as PID 1 on arm64"}, {137, "SIGKILL", "RLIMIT_CPU"}, {152, "SIGXCPU", "RLIMIT_CPU"},
		{153, "SIGXFSZ", "RLIMIT_FSIZE"}, {159, "SIGSYS", "seccomp"}, {141, "SIGPIPE", "SIGPIPE"},
		{132, "SIGILL", "AVX"}, {138, "SIGUSR1", "SIGUSR1"},
	}
	for _, tt := range tests {
		got := exitcode.Explain(tt.code)
		if got.Signal != tt.signal || !strings.Contains(summaries(got), tt.want) {
			t.Errorf("%d is %q:\n%s\nwant %q, and a meaning with %q", tt.code, got.Signal, summaries(got), tt.signal, tt.want)
		}
	}
}

// Without facts nothing may be ruled out; with a runtime the others' meanings go.
func TestExplainInDrops(t *testing.T) {
	direct := exitcode.Context{PID1Shell: new(false), InitProcess: new(false)}
	if s := summaries(exitcode.ExplainIn(137, direct)); strings.Contains(s, "passes on") {
		t.Errorf("a shell's relay although PID 1 is the program:\n%s", s)
	}
	if s := summaries(exitcode.ExplainIn(137, exitcode.Context{Runtime: "containerd"})); !strings.Contains(s, "kubelet") {
		t.Errorf("no kubelet under containerd:\n%s", s)
	}
	if s := summaries(exitcode.ExplainIn(137, exitcode.Context{Runtime: "podman"})); strings.Contains(s, "kubelet") {
		t.Errorf("a kubelet under podman:\n%s", s)
	}
	// A created container with a code that no start failure leaves: the list stands.
	if got := exitcode.ExplainIn(137, exitcode.Context{Started: new(false)}); len(got.Meanings) == 0 {
		t.Error("no meaning at all")
	}
}

// OOMKilled false lowers an OOM kill and does not rule it out: the flag misses
// host-wide kills.
func TestOOMFlagLowersOnly(t *testing.T) {
	got := exitcode.ExplainIn(137, exitcode.Context{OOMKilled: new(false)})
	for _, m := range got.Meanings {
		if strings.Contains(m.Summary, "own memory limit") {
			if m.Likelihood != exitcode.Rare {
				t.Errorf("likelihood %q, want rare", m.Likelihood)
			}
			return
		}
	}
	t.Error("the OOM kill is gone")
}

func TestExplainFolds(t *testing.T) {
	tests := []struct{ code, folded int }{{256, 0}, {-1, 255}, {-9, 247}, {1024 + 137, 137}, {3221225477, 5},
		{-1073741819, 5}}
	for _, tt := range tests {
		got := exitcode.Explain(tt.code)
		if got.Code != tt.folded {
			t.Errorf("Explain(%d).Code = %d, want %d", tt.code, got.Code, tt.folded)
		}
		if !strings.Contains(got.Title, "folded") || !strings.Contains(got.Meanings[0].Summary, fmt.Sprint(tt.code)) {
			t.Errorf("Explain(%d) does not say that it folds: %q", tt.code, got.Title)
		}
	}
	if got := exitcode.Explain(3221225477).Meanings[0].Summary; !strings.Contains(got, "0xC0000005") {
		t.Errorf("Windows status not named: %q", got)
	}
	if got := exitcode.Explain(137); strings.Contains(got.Title, "folded") {
		t.Errorf("137 is not folded: %q", got.Title)
	}
}

// Every code answers, in order of likelihood, with nothing left blank.
func TestEveryCodeIsComplete(t *testing.T) {
	order := []exitcode.Likelihood{exitcode.Usual, exitcode.Possible, exitcode.Rare}
	for code := range 256 {
		got := exitcode.Explain(code)
		if got.Code != code || got.Title == "" || got.DoesNotProve == "" || len(got.Meanings) == 0 {
			t.Fatalf("Explain(%d) is incomplete: %+v", code, got)
		}
		last := 0
		for _, m := range got.Meanings {
			if m.Summary == "" || m.When == "" || m.Check == "" {
				t.Errorf("Explain(%d): blank field in %+v", code, m)
			}
			rank := slices.Index(order, m.Likelihood)
			if rank < last {
				t.Errorf("Explain(%d): %q comes after a less likely one", code, m.Summary)
			}
			last = rank
		}
	}
}

// The tables must not share memory with what is handed out.
func TestExplainIsIndependent(t *testing.T) {
	exitcode.Explain(137).Meanings[0].Summary = "changed"
	if exitcode.Explain(137).Meanings[0].Summary == "changed" {
		t.Error("a caller can change the table")
	}
}

func ExampleExplainIn() {
	shell := true
	c := exitcode.ExplainIn(139, exitcode.Context{PID1Shell: &shell})
	fmt.Println(c.Signal+":", c.Meanings[0].Summary)
	// Output: SIGSEGV: a shell or an init passes on that its child segfaulted
}
