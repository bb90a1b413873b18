package inside

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/python"
)

// account is what testdata/account.py prints of itself.
type account struct {
	Tasks []struct {
		Name, Coroutine, State, Exception string
		Frames                            []python.Frame
		Raised                            *python.Frame
		Retrieved                         *bool
	}
	Threads []struct {
		Name   string
		Native uint64
		Frames []python.Frame
	}
}

// interpreters lists the Pythons of this machine: pyenv's, the distribution's, and
// those that $GWDOCTOR_PYTHONS names, separated by colons.
func interpreters() []string {
	home, _ := os.UserHomeDir()
	list, _ := filepath.Glob(filepath.Join(home, ".pyenv/versions/3.*/bin/python3"))
	more, _ := filepath.Glob("/usr/bin/python3.[0-9]*")
	list = append(list, more...)
	list = append(list, filepath.SplitList(os.Getenv("GWDOCTOR_PYTHONS"))...)
	return slices.DeleteFunc(list, func(path string) bool { return strings.HasSuffix(path, "-config") })
}

// each runs f with every Python from 3.9 on, as a subtest.
func each(t *testing.T, f func(t *testing.T, path string)) {
	t.Helper()
	known := 0
	for _, path := range interpreters() {
		out, err := exec.Command(path, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])").Output()
		version := strings.TrimSpace(string(out))
		if err != nil || version < "3.1" || slices.Contains([]string{"3.6", "3.7", "3.8"}, version[:3]) {
			continue
		}
		known++
		t.Run(fmt.Sprintf("%s-%d", version, known), func(t *testing.T) { f(t, path) })
	}
	if known == 0 {
		t.Skip("no Python from 3.9 on is here")
	}
}

// start runs a script until the test ends, and returns its pid and its first line. A
// wrapper that runs the interpreter must exec it.
func start(t *testing.T, program string, args ...string) (pid int, line []byte) {
	t.Helper()
	p := converse(t, program, args...)
	return p.pid, p.line(t)
}

// patient is a process of the test.
type patient struct {
	pid int
	in  io.Writer
	out *bufio.Reader
}

func converse(t *testing.T, program string, args ...string) *patient {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return &patient{cmd.Process.Pid, in, bufio.NewReaderSize(out, 1<<20)}
}

func (p *patient) line(t *testing.T) []byte {
	t.Helper()
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		t.Fatal("the script printed no line: ", err)
	}
	return line
}

// account asks testdata/account.py for one.
func (p *patient) account(t *testing.T) (a account) {
	t.Helper()
	if _, err := p.in.Write([]byte("?")); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(p.line(t), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// openPython finds the interpreter of a process that the test started.
func openPython(t *testing.T, pid int) (*memory, *python.Interpreter) {
	t.Helper()
	m, err := openMemory(context.Background(), "/proc", pid)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.close)
	in, err := m.find()
	if err != nil {
		t.Fatal(err)
	}
	return m, in
}

// TestAccount holds what is read from outside against what the process says of itself:
// every task and thread, each frame's file, line and function, by both ways to read.
func TestAccount(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		p := converse(t, path, "-u", "testdata/account.py")
		p.line(t)
		m, in := openPython(t, p.pid)
		for _, way := range []string{"/proc/PID/mem", "process_vm_readv"} {
			want, got := between(t, p, m, in)
			t.Log(way, len(want.Tasks), "tasks", len(want.Threads), "threads")
			compareTasks(t, in.Version, want, got)
			compareThreads(t, in.Version, want, got)
			m.file = nil // the second way
		}
	})
}

// between reads a process between two accounts of its own that agree: under load a thread
// may have begun and not yet come to where it stays.
func between(t *testing.T, p *patient, m *memory, in *python.Interpreter) (account, *python.Settled) {
	t.Helper()
	before := p.account(t)
	for range 100 {
		got := settledWith(m, in)
		after := p.account(t)
		if len(got.Moving) == 0 && got.Moved == 0 && reflect.DeepEqual(before, after) {
			if len(after.Tasks) < 20 || len(after.Threads) < 4 {
				t.Errorf("the account is of %d tasks and %d threads", len(after.Tasks), len(after.Threads))
			}
			return after, got
		}
		before = after
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the process gives another account of itself each time")
	return before, nil
}

// settledWith gives a loaded machine time until the process stands still.
func settledWith(m *memory, in *python.Interpreter) *python.Settled {
	var s *python.Settled
	for range 100 {
		if s = in.Settle(m, m.fresh, 8); len(s.Moving) == 0 && s.Moved == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return s
}

func compareTasks(t *testing.T, version string, want account, got *python.Settled) {
	t.Helper()
	byName := map[string]python.Task{}
	for _, task := range got.Tasks {
		byName[task.Name] = task
	}
	for _, w := range want.Tasks {
		g, ok := byName[w.Name]
		if !ok {
			if version == "3.14" && (w.State == python.TaskFinished || w.State == python.TaskCancelled) {
				continue // it takes them out of its lists
			}
			t.Errorf("task %q is not listed", w.Name)
			continue
		}
		unify(version, w.Frames)
		if g.Coroutine != w.Coroutine || g.State != w.State || g.Exception != w.Exception ||
			!slices.Equal(g.Frames, w.Frames) {
			t.Errorf("task %q:\n got %+v\nwant %+v", w.Name, g, w)
		}
		if w.Raised != nil && (g.Raised == nil || g.Raised.Line != w.Raised.Line || g.Raised.File != w.Raised.File) {
			t.Errorf("task %q was raised at %+v, want %+v", w.Name, g.Raised, w.Raised)
		}
		if w.Retrieved != nil && g.Retrieved != nil && *g.Retrieved != *w.Retrieved {
			t.Errorf("task %q: retrieved %v, want %v", w.Name, *g.Retrieved, *w.Retrieved)
		}
	}
}

// unify leaves the last part of qualified names, which older versions have alone.
func unify(version string, frames []python.Frame) {
	if version == "3.9" || version == "3.10" {
		for i := range frames {
			frames[i].Function = frames[i].Function[strings.LastIndexByte(frames[i].Function, '.')+1:]
		}
	}
}

func compareThreads(t *testing.T, version string, want account, got *python.Settled) {
	t.Helper()
	for _, w := range want.Threads {
		i := slices.IndexFunc(got.Threads, func(g python.Thread) bool { return g.Name == w.Name })
		if i < 0 {
			t.Errorf("thread %q is not listed", w.Name)
			continue
		}
		g := got.Threads[i]
		unify(version, w.Frames)
		if g.NativeID != w.Native || !slices.Equal(g.Frames, w.Frames) {
			t.Errorf("thread %q:\n got %+v\nwant %+v", w.Name, g, w)
		}
	}
	main := slices.IndexFunc(got.Threads, func(g python.Thread) bool { return g.Name == "MainThread" })
	if main < 0 || !slices.ContainsFunc(got.Threads[main].Frames, func(f python.Frame) bool {
		return strings.HasSuffix(f.Function, "_run_once") || strings.HasSuffix(f.File, "/asyncio/runners.py") // uvloop
	}) {
		t.Errorf("the main thread does not run the loop: %+v", cmp.Or(main, 0))
	}
}
