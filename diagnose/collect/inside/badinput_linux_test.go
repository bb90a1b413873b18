package inside

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// anyPython is one that can be looked into.
func anyPython(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("/usr/bin/python3")
	if err != nil {
		t.Skip(err)
	}
	return path
}

// TestLookAtTheDying: a process that ends while it is read is told as ended, or by what was seen before; nothing hangs.
func TestLookAtTheDying(t *testing.T) {
	for n := range 6 {
		cmd := exec.Command(anyPython(t), "-c", "import asyncio, time; print(flush=True); time.sleep(100)")
		out, err := cmd.StdoutPipe()
		if err != nil || cmd.Start() != nil {
			t.Fatal(err)
		}
		_, _ = out.Read(make([]byte, 1))
		time.AfterFunc(time.Duration(n)*10*time.Millisecond, func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		got, err := Look(context.Background(),
			Target{ProcRoot: "/proc", PIDs: []int{cmd.Process.Pid}, Now: time.Now, Twice: true})
		if err == nil || len(got.Processes) > 0 || !strings.Contains(err.Error(), "ended") {
			t.Errorf("killed after %d ms: %+v, %v", 10*n, got, err)
		}
	}
}

// TestPIDOfAnother: neither way to read gives anything of a later process with the same number.
func TestPIDOfAnother(t *testing.T) {
	pid, _ := start(t, anyPython(t), "-c", "import time; print(flush=True); time.sleep(100)")
	for _, way := range []string{"/proc/PID/mem", "process_vm_readv"} {
		m, in := openPython(t, pid)
		if way == "process_vm_readv" {
			m.file = nil
			m.born = "another's"
		} else {
			m.file = closedMemory(t) // as that of an earlier process of the number is
		}
		m.fresh()
		if p := in.Read(m); len(p.Tasks) > 0 || len(p.Threads) > 0 && len(p.Threads[0].Frames) > 0 {
			t.Errorf("%s: %+v", way, p)
		}
	}
	s := &seen{pid: pid, folder: filepath.Join("/proc", strconv.Itoa(pid)), born: "another's"}
	if !s.gone() {
		t.Error("a process that was started at another moment is taken for the same")
	}
}

// closedMemory is the memory of a process that ended.
func closedMemory(t *testing.T) *os.File {
	t.Helper()
	cmd := exec.Command("sleep", "100")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid), "mem"))
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// TestTooMuch: 100,000 tasks and names of a megabyte are cut, said to be, and read within the deadline.
func TestTooMuch(t *testing.T) {
	notInShort(t)
	pid, _ := start(t, anyPython(t), "-u", "testdata/much.py")
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	got, err := Look(ctx, Target{ProcRoot: "/proc", PIDs: []int{pid}, Now: time.Now, Census: true})
	if err != nil || len(got.Processes) != 1 {
		t.Fatal(got, err)
	}
	p := got.Processes[0]
	tasks, longest := p.Moved, 0
	for _, task := range p.Tasks {
		tasks += task.Count
		for _, name := range append(task.Names, task.Coroutine) {
			longest = max(longest, len(name))
		}
	}
	for _, thread := range p.Threads {
		longest = max(longest, len(thread.Name))
	}
	t.Logf("%d tasks, longest name %d, notes %q, cut %v, %s", tasks, longest, p.Notes, got.Cut, time.Since(began))
	if tasks > 20_000 || longest > 4096 || len(p.Notes) == 0 || time.Since(began) > 25*time.Second {
		t.Error("not within its bounds")
	}
}

// TestShut: who may not look is told which rule forbids it, and what opens it.
func TestShut(t *testing.T) {
	for scope, want := range map[string]string{"": "the capability SYS_PTRACE",
		"1": "Yama is on (kernel.yama.ptrace_scope is 1)",
		"2": "ptrace_scope is 2", "3": "Yama forbids everybody"} {
		root := t.TempDir()
		for name, text := range map[string]string{"sys/kernel/yama/ptrace_scope": scope + "\n",
			"7/attr/current": "docker-default (enforce)\n", "self/attr/current": "unconfined\n"} {
			path := filepath.Join(root, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755),
				os.WriteFile(path, []byte(text), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		var e *ShutError
		if err := shut(root, 7, os.ErrPermission); !errors.As(err, &e) || !strings.Contains(e.Reason, want) ||
			(scope == "3") != (e.Command == "") && os.Geteuid() != 0 {
			t.Errorf("%q: %+v", scope, e)
		}
		if os.Geteuid() == 0 && !strings.Contains(e.Reason, `the security profile "docker-default (enforce)"`) {
			t.Errorf("%q does not name the profile: %s", scope, e.Reason)
		}
	}
	if err := shut(t.TempDir(), 7, os.ErrNotExist); err == nil || err.Error() != "process 7 ended" {
		t.Error(err)
	}
}

// TestNothingToReadOfTheDead: a process that nobody has waited for has no memory, which is no lack of permission.
func TestNothingToReadOfTheDead(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	folder := filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid))
	for !dying(folder) { // until it is a zombie
		time.Sleep(time.Millisecond)
	}
	if err := shut("/proc", cmd.Process.Pid, os.ErrPermission); err == nil || !strings.HasSuffix(err.Error(), " ended") {
		t.Error(err)
	}
	if dying("/proc/self") {
		t.Error("who lives is called dying")
	}
}

// TestNarrow: the calls of a process of 32 bits have other numbers: none is named.
func TestNarrow(t *testing.T) {
	m := &memory{regions: []region{{start: 0x8048000, end: 0x8049000}, {start: 0xfff00000, end: 0xffffe000}}}
	if !m.narrow() {
		t.Error("32 bits are taken for 64")
	}
	m.regions = append(m.regions, region{start: 0x7ffe0f870000, end: 0x7ffe0f890000})
	if m.narrow() {
		t.Error("64 bits are taken for 32")
	}
	w := &waits{folder: "/proc/self", narrow: true}
	if wait, _ := w.wait(os.Getpid()); wait != nil {
		t.Errorf("%+v", wait)
	}
}
