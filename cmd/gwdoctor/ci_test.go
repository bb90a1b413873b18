package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/gwdoctor/gwdoctor/report"
)

const ciPage = "../../docs/ci.md"

// block is a fenced block of a Markdown page.
type block struct{ language, text string }

func blocks(t *testing.T, path string) []block {
	t.Helper()
	var list []block
	for _, m := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(readFile(t, path), -1) {
		list = append(list, block{m[1], m[2]})
	}
	return list
}

// commandLine finds the calls of gwdoctor in a script.
var commandLine = regexp.MustCompile(`(?m)(?:^|\s)(?:\S*/)?gwdoctor"? ((?:diagnose|report|capture)[^|&;\n]*)`)

// TestCIPageCommandsAreReal: each gwdoctor command of docs/ci.md and of the blocks in
// it is one that the program understands.
func TestCIPageCommandsAreReal(t *testing.T) {
	seen := 0
	for _, b := range blocks(t, ciPage) {
		for _, m := range commandLine.FindAllStringSubmatch(b.text, -1) {
			seen++
			t.Chdir(t.TempDir())
			w := shop(t)
			args := strings.Fields(m[1])
			if code := w.gwdoctor(args...); code == exitUsage {
				t.Errorf("gwdoctor %s: %s", m[1], w.err.String())
			}
		}
	}
	if seen < 6 {
		t.Errorf("only %d commands were found", seen)
	}
}

// artifactFiles are the names of all reports that --output-dir can write.
func artifactFiles() []string {
	var names []string
	for _, f := range report.Formats() {
		if f.File != "" {
			names = append(names, f.File)
		}
	}
	return names
}

// TestCIPageFiles: the page names the files that are written, and no others.
func TestCIPageFiles(t *testing.T) {
	page := readFile(t, ciPage)
	for _, name := range append(artifactFiles(), "bundles/NAME.tar.gz") {
		contains(t, "docs/ci.md", page, "| `"+name+"` |")
	}
	if rows := strings.Count(page, "\n| `"); rows != len(artifactFiles())+1 {
		t.Errorf("the table has %d rows", rows)
	}
}

// TestContractNamesTheFormats: docs/contract.md has each, with what it is for.
func TestContractNamesTheFormats(t *testing.T) {
	page := readFile(t, "../../docs/contract.md")
	for _, f := range report.Formats() {
		file := "-"
		if f.File != "" {
			file = "`" + f.File + "`"
		}
		contains(t, "docs/contract.md", page, fmt.Sprintf("| `%s` | %s | %s |", f.Name, f.About, file))
	}
}

// TestCIPageYAML: the blocks are YAML of the right shape, and the paths in them are
// files that are written.
func TestCIPageYAML(t *testing.T) {
	var keys []string
	for _, b := range blocks(t, ciPage) {
		if b.language != "yaml" {
			continue
		}
		var doc map[string]any
		if err := yaml.Unmarshal([]byte(b.text), &doc); err != nil {
			t.Errorf("%v in\n%s", err, b.text)
		}
		for key := range doc {
			keys = append(keys, key)
		}
		for _, m := range regexp.MustCompile(`gwdoctor-report/(\S+)`).FindAllStringSubmatch(b.text, -1) {
			if !slices.Contains(artifactFiles(), m[1]) {
				t.Errorf("a block names %s, which nothing writes", m[0])
			}
		}
	}
	slices.Sort(keys)
	if want := []string{"jobs", "jobs", "jobs", "name", "name", "name", "on", "on", "on", "permissions",
		"test"}; !slices.Equal(keys, want) {
		t.Errorf("keys %q", keys)
	}
}

// action is the part of action.yml that is tried here.
type action struct {
	Inputs  map[string]struct{ Description, Default string }
	Outputs map[string]any
	Runs    struct {
		Using string
		Steps []struct {
			Name, Shell, Run string
			Env              map[string]string
		}
	}
}

func readAction(t *testing.T) action {
	t.Helper()
	var a action
	must(t, yaml.Unmarshal([]byte(readFile(t, "../../.github/actions/gwdoctor/action.yml")), &a))
	return a
}

// TestActionIsDocumented: docs/ci.md names each input and output.
func TestActionIsDocumented(t *testing.T) {
	a, page := readAction(t), readFile(t, ciPage)
	if a.Runs.Using != "composite" || len(a.Inputs) != 6 {
		t.Errorf("%+v", a)
	}
	for name, input := range a.Inputs {
		contains(t, "docs/ci.md", page, "`"+name+"`")
		if input.Description == "" {
			t.Errorf("input %s has no description", name)
		}
	}
	contains(t, "docs/ci.md", page, "`report-dir`")
}

// TestActionScript runs the action's script with a gwdoctor that takes recorded
// incidents in the engine's place: an input with blanks and quotes stays one word,
// and the exit code is that of gwdoctor.
func TestActionScript(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	dir := t.TempDir()
	self, err := os.Executable()
	must(t, err)
	must(t, os.Symlink(self, filepath.Join(dir, "gwdoctor"))) // TestMain: under this name it is the program
	must(t, deadContainer(t, "gateway", 137, true).WriteDir(filepath.Join(dir, "incident")))
	fake := fmt.Sprintf("#!/bin/sh\nprintf '%%s\\n' \"$2\" > '%s/which'\nshift 2\nexec '%s/gwdoctor' report "+
		"'%s/incident' \"$@\"\n", dir, dir, dir)
	must(t, os.WriteFile(filepath.Join(dir, "fake"), []byte(fake), 0o755))
	step := readAction(t).Runs.Steps[1]
	for _, test := range []struct {
		project, failOn, which string
		code                   int
	}{
		{"", "never", "--all", 0}, {`sh"op $(touch pwned)`, "cause", `--project=sh"op $(touch pwned)`, 1},
		{"shop", "often", "--project=shop", 2},
	} {
		out := filepath.Join(dir, "out "+test.failOn)
		cmd := exec.Command(bash, "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step.Run)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GITHUB_OUTPUT="+filepath.Join(dir, "outputs"), "RUNNER_TEMP="+dir, "BINARY="+
			filepath.Join(dir, "fake"),
			"PROJECT="+test.project, "FAIL_ON="+test.failOn, "MIN_CONFIDENCE=0.5", "OUTPUT_DIR="+out)
		text, err := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != test.code {
			t.Errorf("%+v: exit code %d (%v): %s", test, code, err, text)
		}
		if got := strings.TrimSpace(readFile(t, filepath.Join(dir, "which"))); got != test.which {
			t.Errorf("%+v: gwdoctor was asked for %q", test, got)
		}
		if _, err := os.Stat(filepath.Join(out, "report.html")); (err == nil) != (test.code < 2) {
			t.Errorf("%+v: report.html: %v", test, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
		t.Error("an input was run as a command")
	}
	for name := range step.Env {
		if !strings.Contains(step.Run, "$"+name) && !strings.Contains(step.Run, "${"+name) {
			t.Errorf("variable %s is not used", name)
		}
	}
}

// TestPlainShellBlock runs the page's shell job: tests that fail keep their exit
// code, whatever gwdoctor can tell.
func TestPlainShellBlock(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh here")
	}
	i := slices.IndexFunc(blocks(t, ciPage), func(b block) bool { return strings.HasPrefix(b.text, "set -u") })
	dir := t.TempDir()
	self, err := os.Executable()
	must(t, err)
	must(t, os.Symlink(self, filepath.Join(dir, "gwdoctor")))
	must(t, os.WriteFile(filepath.Join(dir, "run-tests"), []byte("#!/bin/sh\nexit 7\n"), 0o755))
	cmd := exec.Command(sh, "-c", blocks(t, ciPage)[i].text)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "DOCKER_HOST=unix://"+dir+"/no-such.sock")
	text, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != 7 {
		t.Errorf("exit code %d, want that of the tests: %s", code, text)
	}
	contains(t, "its output", string(text), "reach engine", "gwdoctor could not tell: exit code 3")
}
