package guard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/fixtures/pythons"
)

// expectation is what the first lines of a script say must happen:
//
//	# exit: 1
//	# stderr: gateway-guard exit: uncaught ValueError
//	# count: 1 gateway-guard start:
type expectation struct {
	exit                int // as a shell has it for signals, negative
	stderr, stdout, not []string
	count               map[string]int
	flags, env          []string
	setup               string // code before the script
	stderrClosed        bool
}

func expectationOf(t *testing.T, script string) expectation {
	t.Helper()
	want := expectation{count: map[string]int{}}
	for line := range strings.Lines(script) {
		comment, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "# ")
		if !ok {
			break
		}
		key, value, _ := strings.Cut(comment, ": ")
		switch key {
		case "exit":
			want.exit = number(t, value)
		case "stderr":
			want.stderr = append(want.stderr, value)
		case "stdout":
			want.stdout = append(want.stdout, value)
		case "not":
			want.not = append(want.not, value)
		case "count":
			n, text, _ := strings.Cut(value, " ")
			want.count[text] = number(t, n)
		case "flags":
			want.flags = strings.Fields(value)
		case "env":
			want.env = append(want.env, value)
		case "setup":
			want.setup += value + "\n"
		case "stderr-closed":
			want.stderrClosed = true
		}
	}
	if len(want.stderr)+len(want.stdout)+len(want.count) == 0 && want.exit == 0 {
		t.Fatal("the script expects nothing")
	}
	return want
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// differences tells in which ways an output is not what was expected.
func (e expectation) differences(exit int, stdout, stderr string) []string {
	var wrong []string
	if exit != e.exit {
		wrong = append(wrong, fmt.Sprintf("exit %d, want %d", exit, e.exit))
	}
	for _, text := range e.stderr {
		if !strings.Contains(stderr, text) {
			wrong = append(wrong, fmt.Sprintf("no %q in stderr", text))
		}
	}
	for _, text := range e.stdout {
		if !strings.Contains(stdout, text) {
			wrong = append(wrong, fmt.Sprintf("no %q in stdout", text))
		}
	}
	for _, text := range append([]string{"is tried again every 5 s", "Exception ignored"}, e.not...) {
		if strings.Contains(stdout+stderr, text) {
			wrong = append(wrong, fmt.Sprintf("%q was printed", text))
		}
	}
	for text, n := range e.count {
		if got := strings.Count(stdout+stderr, text); got != n {
			wrong = append(wrong, fmt.Sprintf("%q %d times, want %d", text, got, n))
		}
	}
	return wrong
}

// run runs a script with the guard beside it, in a folder of its own.
func run(t *testing.T, python, script string, parts []string) {
	t.Helper()
	runWanting(t, python, script, parts, expectationOf(t, script))
}

func runWanting(t *testing.T, python, script string, parts []string, want expectation) {
	t.Helper()
	folder := t.TempDir()
	write(t, filepath.Join(folder, FileName), fileOf(t, parts))
	write(t, filepath.Join(folder, "script.py"), want.setup+script)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := append(append([]string{}, want.flags...), "script.py")
	cmd := exec.CommandContext(ctx, python, args...)
	if want.stderrClosed {
		cmd = exec.CommandContext(ctx, "sh", append([]string{"-c", `exec "$@" 2>&-`, "sh", python}, args...)...)
	}
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), append([]string{"PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH="}, want.env...)...)
	cmd.WaitDelay = time.Second
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	for _, wrong := range want.differences(exitOf(cmd.ProcessState), stdout.String(), stderr.String()) {
		t.Error(wrong)
	}
	if t.Failed() {
		t.Logf("stdout:\n%s\nstderr:\n%s", stdout.String(), stderr.String())
	}
}

func fileOf(t *testing.T, parts []string) string {
	t.Helper()
	text, err := File(parts)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestScripts runs every script of testdata under every Python of this machine.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("some hundred processes, half a minute")
	}
	scripts, err := filepath.Glob("testdata/*.py")
	if err != nil || len(scripts) < 40 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	if len(pythons.Found()) == 0 {
		t.Skip("no Python on this machine")
	}
	pythons.Each(t, func(t *testing.T, python string) {
		for _, path := range scripts {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".py"), func(t *testing.T) {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				run(t, python, string(text), nil)
			})
		}
	})
}

// TestUvloop runs the scripts that have an event loop under uvloop, imported before the guard as uvicorn does it.
func TestUvloop(t *testing.T) {
	if testing.Short() {
		t.Skip("some dozen processes")
	}
	python := pythons.With(t, "uvloop")
	scripts, err := filepath.Glob("testdata/*.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range scripts {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "asyncio.run(") {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".py"), func(t *testing.T) {
			want := expectationOf(t, string(text))
			// On the first line: the others keep their numbers.
			want.setup = "import uvloop; uvloop.install(); " + want.setup
			want.env = append(want.env, "PYTHONPATH="+os.Getenv("PYTHONPATH")) // uvloop may be there
			runWanting(t, python, string(text), nil, want)
		})
	}
}

// TestExamples runs every example that needs no framework; those that do run in the lab's image (fixtures/lab).
func TestExamples(t *testing.T) {
	pythons.Each(t, func(t *testing.T, python string) {
		for _, name := range Examples() {
			script := ExampleWithExpectation(name)
			if strings.HasPrefix(script, "# asgi") || strings.HasPrefix(script, "# gunicorn") {
				continue
			}
			t.Run(name, func(t *testing.T) { run(t, python, script, nil) })
		}
	})
}

// TestPartsStandAlone imports each part with nothing but the core and what it names as its needs.
func TestPartsStandAlone(t *testing.T) {
	pythons.Each(t, func(t *testing.T, python string) {
		for _, p := range Parts() {
			t.Run(p.Name, func(t *testing.T) {
				const script = "# stderr: gateway-guard start: pid\n# stdout: fine\nimport gateway_guard\nimport " +
					"time\n" +
					"time.sleep(0.1)\ngateway_guard.dump('asked')\nprint('fine', gateway_guard.metrics())\n"
				run(t, python, script, []string{p.Name})
			})
		}
	})
}

// TestLinters holds the file, whole and each part alone, against the linters that are installed.
func TestLinters(t *testing.T) {
	for _, linter := range [][]string{
		{"mypy", "--strict", "--python-version", "3.8", "--no-error-summary", "--cache-dir=/dev/null"},
		{"ruff", "check", "--no-cache", "--target-version", "py38"},
		{"ruff", "check", "--no-cache", "--target-version", "py38", "--select", "E,F,W", "--line-length", "120"},
		{"pyflakes3"},
	} {
		t.Run(strings.Join(linter, " "), func(t *testing.T) {
			if _, err := exec.LookPath(linter[0]); err != nil {
				t.Skip(err)
			}
			t.Parallel()
			folder := t.TempDir()
			selections := [][]string{nil}
			if linter[0] != "mypy" { // seconds each
				for _, p := range Parts() {
					selections = append(selections, []string{p.Name})
				}
			}
			for i, parts := range selections {
				write(t, filepath.Join(folder, fmt.Sprintf("guard%d.py", i)), fileOf(t, parts))
			}
			cmd := exec.Command(linter[0], append(linter[1:], folder)...)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
