package coredump_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/python"
)

// crashes are the programs of testdata/crash with what their cores must show.
var crashes = []struct {
	name    string
	kind    coredump.Kind
	signal  string
	threads int
	silent  bool // faulthandler has its own stack in the main thread only
}{
	{"null", coredump.KindNullPointer, "SIGSEGV", 1, false},
	{"abort", coredump.KindAbort, "SIGABRT", 1, false},
	{"bus", coredump.KindBus, "SIGBUS", 1, false},
	{"overflow", coredump.KindStackOverflow, "SIGSEGV", 1, false},
	{"overflow_thread", coredump.KindStackOverflow, "SIGSEGV", 2, true},
	{"six", coredump.KindOther, "SIGSEGV", 6, false},
}

// TestEveryPython crashes each CPython of this machine in six ways, and holds what
// its core says against what its own faulthandler printed of the same crash.
func TestEveryPython(t *testing.T) {
	if testing.Short() {
		t.Skip("crashes real interpreters")
	}
	needFileCores(t)
	for _, exe := range pythons(t) {
		t.Run(exe, func(t *testing.T) {
			t.Parallel()
			for _, crash := range crashes {
				t.Run(crash.name, func(t *testing.T) {
					handled, printed := crashPython(t, exe, crash.name, "-X", "faulthandler")
					plain, _ := crashPython(t, exe, crash.name)
					if plain.Kind != crash.kind || plain.Signal != crash.signal || plain.ThreadCount != crash.threads {
						t.Errorf("%s of %s with %d threads, want %s of %s with %d\n%s", plain.Kind, plain.Signal, plain.ThreadCount,
							crash.kind, crash.signal, crash.threads, plain.Summary)
					}
					checkFrames(t, plain, crash.name)
					if crash.silent {
						return
					}
					if handled.Kind != crash.kind {
						t.Errorf("under faulthandler: %s, want %s: %s", handled.Kind, crash.kind, handled.Summary)
					}
					diff := cmp.Diff(faulthandlerThreads(printed), coreThreads(handled))
					// A stack may end just while a frame is pushed: faulthandler
					// counts that frame, a core's reader cannot tell that it is one.
					for try := 0; diff != "" && crash.kind == coredump.KindStackOverflow && try < 2; try++ {
						handled, printed = crashPython(t, exe, crash.name, "-X", "faulthandler")
						diff = cmp.Diff(faulthandlerThreads(printed), coreThreads(handled))
					}
					if diff != "" {
						t.Errorf("frames differ (-faulthandler +core):\n%s", diff)
					}
				})
			}
		})
	}
}

// checkFrames holds the crashed thread's frames of a core that no handler touched
// against the program's own text.
func checkFrames(t *testing.T, d *coredump.Dump, name string) {
	t.Helper()
	want := map[string]string{
		"null": "null.py:5 inner", "abort": "abort.py:5 leave", "bus": "bus.py:11 touch",
		"overflow": "overflow.py:9 deeper", "overflow_thread": "overflow_thread.py:8 deeper", "six": "six.py:12 crash",
	}[name]
	for _, f := range d.Threads[0].Python {
		if filepath.Base(f.File)+":"+strconv.Itoa(f.Line)+" "+f.Function == want {
			return
		}
	}
	t.Errorf("no frame %q in the crashed thread: %+v %+v", want, d.Threads[0], d.Python)
}

// needFileCores skips where the kernel gives cores to somebody else: the setting is
// the machine's and a test must not change it.
func needFileCores(t *testing.T) {
	t.Helper()
	raw, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if err != nil {
		t.Skip(err)
	}
	if p := coredump.ParsePattern(string(raw), false); !p.Relative() {
		t.Skipf("kernel.core_pattern is %q, not a name in the working directory", strings.TrimSpace(string(raw)))
	}
	if err := exec.Command("sh", "-c", "ulimit -c unlimited").Run(); err != nil {
		t.Skip("the hard limit of core files cannot be raised")
	}
}

// pythons lists the interpreters of versions whose frames are read, each once.
func pythons(t *testing.T) []string {
	t.Helper()
	var list []string
	home, _ := os.UserHomeDir()
	for _, glob := range []string{"/usr/bin/python3.*", "/usr/local/bin/python3.*", home +
		"/.pyenv/versions/3.*/bin/python3.*"} {
		found, _ := filepath.Glob(glob)
		for _, exe := range found {
			if m := regexp.MustCompile(`python3\.(\d+)$`).FindStringSubmatch(exe); m != nil {
				if minor, _ := strconv.Atoi(m[1]); minor >= 9 && minor <= 14 && !slices.Contains(list, exe) {
					list = append(list, exe)
				}
			}
		}
	}
	if len(list) == 0 {
		t.Skip("no CPython of 3.9 or later here")
	}
	return list
}

// crashPython runs a program of testdata to its end and reads the core; printed is
// what it wrote to its standard error.
func crashPython(t *testing.T, exe, name string, options ...string) (d *coredump.Dump, printed string) {
	t.Helper()
	script, err := filepath.Abs(filepath.Join("testdata", "crash", name+".py"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	args := append([]string{"-c", "ulimit -c unlimited; ulimit -s 512; exec \"$@\"", "sh", exe},
		append(options, script)...)
	cmd := exec.Command("sh", args...)
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stderr = dir, &stderr
	if err := cmd.Run(); err == nil {
		t.Fatalf("%s %s did not crash", exe, name)
	}
	cores, _ := filepath.Glob(filepath.Join(dir, "core*"))
	if len(cores) != 1 {
		t.Fatalf("%d cores of %s %s: %s", len(cores), exe, name, stderr.String())
	}
	f, err := os.Open(cores[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	d, err = coredump.Describe(f, info.Size(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return d, stderr.String()
}

// faulthandlerThreads reads what faulthandler prints, newest call first:
//
//	Current thread 0x00007f… (most recent call first):
//	  File "/x/null.py", line 5 in inner
func faulthandlerThreads(text string) map[string][]python.Frame {
	line := regexp.MustCompile(`^  File "(.*)", line (\d+) in (.*)$`)
	threads := map[string][]python.Frame{}
	ident := ""
	for _, l := range strings.Split(text, "\n") {
		if m := regexp.MustCompile(`hread (0x[0-9a-f]+)`).FindStringSubmatch(l); m != nil {
			ident = m[1]
		}
		if m := line.FindStringSubmatch(l); m != nil {
			n, _ := strconv.Atoi(m[2])
			threads[ident] = append(threads[ident], python.Frame{File: m[1], Line: n, Function: m[3]})
		}
	}
	return byFrames(threads)
}

// coreThreads gives the core's frames as faulthandler would: the last part of a
// qualified name, a hundred at most.
func coreThreads(d *coredump.Dump) map[string][]python.Frame {
	threads := map[string][]python.Frame{}
	for _, t := range d.Threads {
		for i, f := range t.Python {
			if i < 100 {
				f.Function = f.Function[strings.LastIndexByte(f.Function, '.')+1:]
				threads[strconv.Itoa(t.TID)] = append(threads[strconv.Itoa(t.TID)], f)
			}
		}
	}
	return byFrames(threads)
}

// byFrames names threads by what they did, since the two sides number them
// differently: "a", "b" for two that did the same.
func byFrames(threads map[string][]python.Frame) map[string][]python.Frame {
	named := map[string][]python.Frame{}
	for _, frames := range threads {
		name := frames[0].Function
		for named[name] != nil {
			name += "'"
		}
		named[name] = frames
	}
	return named
}

// TestNativeStack holds the native stack against that of elfutils. (gdb adds frames
// that are not there: inlined functions, and tail calls that it works out.)
func TestNativeStack(t *testing.T) {
	if testing.Short() {
		t.Skip("crashes real interpreters")
	}
	needFileCores(t)
	if _, err := exec.LookPath("eu-stack"); err != nil {
		t.Skip("eu-stack (Debian package elfutils) is not installed")
	}
	for _, exe := range pythons(t) {
		t.Run(exe, func(t *testing.T) { compareWithElfutils(t, exe) })
	}
}

func compareWithElfutils(t *testing.T, exe string) {
	dir := t.TempDir()
	script, _ := filepath.Abs("testdata/crash/null.py")
	cmd := exec.Command("sh", "-c", "ulimit -c unlimited; exec \"$@\"", "sh", exe, script)
	cmd.Dir = dir
	_ = cmd.Run() // it crashes
	core := filepath.Join(dir, "core")
	f, err := os.Open(core)
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	info, _ := f.Stat()
	d, err := coredump.Describe(f, info.Size(), func(path, _ string) (io.ReaderAt, error) { return os.Open(path) })
	if err != nil {
		t.Fatal(err)
	}
	out, _ := exec.Command("eu-stack", "--core", core, "-e", exe).Output() // it fails where it stops early
	want := regexp.MustCompile(`(?m)^#\d+ +0x[0-9a-f]+ ?(\S*)`).FindAllStringSubmatch(string(out), -1)
	got := d.Threads[0].Native
	if len(got) != len(want) || len(want) < 10 {
		t.Fatalf("%d frames (%s), eu-stack has %d\n%s\n%+v", len(got), d.Threads[0].NativeNote, len(want), out, got)
	}
	for i := range want {
		name, _, _ := strings.Cut(want[i][1], "@@")
		if name != got[i].Function && got[i].Function != "" {
			t.Errorf("frame %d: %s, eu-stack says %q", i, got[i].Function, name)
		}
		// libc's own functions have names in its debug package only.
		if got[i].Function == "" && name != "" && got[i].Object != "libc.so.6" {
			t.Errorf("frame %d in %s has no name, eu-stack says %q", i, got[i].Object, name)
		}
	}
}
