package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// runner plays the blocks of docs/ci.md as a CI's runner does, in a folder of its own. Everything that a runner has and
// this machine may lack is a stand-in: docker, kubectl, sudo, go, the tests; gwdoctor is the program, with a recorded
// incident in the place of what it would choose from an engine or a cluster.
type runner struct {
	t         *testing.T
	work, bin string
	env       []string
}

// standIns are the programs that a runner has. COMPOSE is the exit code of docker compose, TESTS that of the tests.
var standIns = map[string]string{
	"docker":  `[ "$1" = compose ] && exit "$COMPOSE"; exit 64`,
	"kubectl": `[ "$1" = apply ] || exit 64`,
	"sudo":    `while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"`,
	"go": `case "$1" in
install) mkdir -p "$FAKES/gopath/bin" && cp "$FAKES/gwdoctor" "$FAKES/gopath/bin/" ;;
env) echo "$FAKES/gopath" ;;
*) exit 64 ;;
esac`,
	"gwdoctor": `[ "$1" = diagnose ] || exec "$FAKES/real/gwdoctor" "$@"
shift
for arg; do
	shift
	case "$skip$arg" in
	--all | -A) ;;
	--project) skip=skip ;;
	skip*) skip= ;;
	--project=*) ;;
	*) set -- "$@" "$arg" ;;
	esac
done
exec "$FAKES/real/gwdoctor" diagnose --bundle "$FAKES/incident" "$@"`,
}

func newRunner(t *testing.T, compose, tests int, env ...string) *runner {
	t.Helper()
	dir := t.TempDir()
	r := &runner{t: t, work: filepath.Join(dir, "work"), bin: filepath.Join(dir, "bin")}
	for _, folder := range []string{r.work, filepath.Join(r.bin, "real")} {
		must(t, os.MkdirAll(folder, 0o755))
	}
	for name, body := range standIns {
		must(t, os.WriteFile(filepath.Join(r.bin, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755))
	}
	for _, name := range []string{"run-tests", "run-e2e-tests"} {
		must(t, os.WriteFile(filepath.Join(r.work, name), []byte("#!/bin/sh\nexit $TESTS\n"), 0o755))
	}
	self, err := os.Executable()
	must(t, err)
	must(t, os.Symlink(self, filepath.Join(r.bin, "real", "gwdoctor"))) // TestMain: under this name it is the program
	must(t, deadContainer(t, "gateway", 137, true).WriteDir(filepath.Join(r.bin, "incident")))
	r.env = append(append(os.Environ(), "PATH="+r.bin+":"+os.Getenv("PATH"), "FAKES="+r.bin, "RUNNER_TEMP="+dir,
		"GITHUB_OUTPUT="+filepath.Join(dir, "outputs"), "GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary.md"),
		fmt.Sprint("COMPOSE=", compose), fmt.Sprint("TESTS=", tests)), env...)
	return r
}

// run runs a script as runners do, and returns its exit code.
func (r *runner) run(script string, env ...string) int {
	r.t.Helper()
	cmd := exec.Command("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script)
	cmd.Dir, cmd.Env = r.work, append(r.env, env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		r.t.Fatal(err)
	}
	r.t.Logf("%s\n%s", script, out)
	return cmd.ProcessState.ExitCode()
}

// has fails where a file that a block hands on was not written.
func (r *runner) has(names ...string) {
	r.t.Helper()
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(r.work, name)); err != nil {
			r.t.Errorf("a block hands on %s: %v", name, err)
		}
	}
}

// workflow is what is played of a GitHub workflow.
type workflow struct {
	Jobs map[string]struct {
		Steps []struct {
			If, Uses, Run string
			With          map[string]string
		}
	}
}

// play plays the jobs, and tells whether one failed.
func (r *runner) play(w workflow) (failed bool) {
	r.t.Helper()
	for _, job := range w.Jobs {
		for _, step := range job.Steps {
			if failed != (step.If == "failure()") {
				continue
			}
			code := 0
			if action, _, _ := strings.Cut(step.Uses, "@"); action != "" {
				code = r.use(action, step.With)
			} else {
				code = r.run(step.Run)
			}
			failed = failed || code != 0
		}
	}
	return failed
}

// use does what an action would do with its inputs.
func (r *runner) use(action string, with map[string]string) int {
	r.t.Helper()
	switch action {
	case "actions/checkout", "helm/kind-action":
	case "actions/upload-artifact":
		r.has(with["path"], with["path"]+"/report.html")
	case "github/codeql-action/upload-sarif":
		if data := readFile(r.t, filepath.Join(r.work, with["sarif_file"])); !json.Valid([]byte(data)) {
			r.t.Errorf("%s is no JSON", with["sarif_file"])
		}
	case "gwdoctor/gwdoctor/.github/actions/gwdoctor":
		inputs := readAction(r.t).Inputs
		input := func(name string) string { return cmp.Or(with[name], inputs[name].Default) }
		code := r.run(readAction(r.t).Runs.Steps[1].Run, "BINARY="+filepath.Join(r.bin, "gwdoctor"), "PROJECT="+
			input("project"), "FAIL_ON="+input("fail-on"), "MIN_CONFIDENCE="+input("min-confidence"), "OUTPUT_DIR="+
			input("output-dir"))
		r.has(input("output-dir") + "/report.html")
		return code
	default:
		r.t.Errorf("no stand-in for %s", action)
	}
	return 0
}

func needBash(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash here")
	}
}

// TestCIPageWorkflowsRun plays each workflow of docs/ci.md: where services or tests fail, the report is written and
// handed on, the summary too; where all is well, nothing is.
func TestCIPageWorkflowsRun(t *testing.T) {
	needBash(t)
	played := 0
	for _, b := range blocks(t, ciPage) {
		name, _, _ := strings.Cut(strings.TrimPrefix(b.text, "# "), "\n")
		if b.language != "yaml" || !strings.HasPrefix(name, ".github/workflows/") {
			continue
		}
		var w workflow
		must(t, yaml.Unmarshal([]byte(b.text), &w))
		tested := strings.Contains(b.text, "run-tests") || strings.Contains(b.text, "e2e-tests")
		for _, codes := range [][2]int{{1, 0}, {0, 7}, {0, 0}} {
			fails := codes[0] != 0 && strings.Contains(b.text, "compose") || codes[1] != 0 && tested
			t.Run(fmt.Sprint(filepath.Base(name), codes), func(t *testing.T) {
				r := newRunner(t, codes[0], codes[1], "GITHUB_ACTIONS=true")
				if failed := r.play(w); failed != fails {
					t.Errorf("failed: %v", failed)
				}
				_, err := os.Stat(filepath.Join(r.work, "gwdoctor-report", "report.json"))
				if (err == nil) != fails {
					t.Errorf("the report: %v", err)
				}
				if fails {
					contains(t, "the summary", readFile(t, filepath.Join(filepath.Dir(r.work), "summary.md")), "gateway")
				}
			})
		}
		played++
	}
	if played != 3 {
		t.Errorf("%d workflows were played", played)
	}
}

// TestCIPageGitLabRuns plays the GitLab job: what it names as artifacts and reports is there behind it.
func TestCIPageGitLabRuns(t *testing.T) {
	needBash(t)
	for _, b := range blocks(t, ciPage) {
		if !strings.HasPrefix(b.text, "# .gitlab-ci.yml") {
			continue
		}
		var jobs map[string]struct {
			Script    []string
			After     []string `yaml:"after_script"`
			Artifacts struct {
				Paths   []string
				Reports map[string]string
			}
		}
		must(t, yaml.Unmarshal([]byte(b.text), &jobs))
		r := newRunner(t, 0, 7, "GITLAB_CI=true", "GITHUB_ACTIONS=")
		job := jobs["test"]
		if code := r.run(strings.Join(job.Script, "\n")); code != 7 {
			t.Errorf("the job's exit code is %d, not that of its tests", code)
		}
		if code := r.run(strings.Join(job.After, "\n")); code != 0 {
			t.Errorf("after_script: exit code %d", code)
		}
		r.has(job.Artifacts.Paths...)
		for kind, path := range job.Artifacts.Reports {
			if r.has(path); !strings.Contains(readFile(t, filepath.Join(r.work, path)), "gateway") {
				t.Errorf("%s does not tell of the container", kind)
			}
		}
		return
	}
	t.Error("the page has no GitLab job")
}

// TestCIPageShellBlocksRun runs the page's blocks for a shell, in the order in which they stand, with the exit codes
// that the page tells.
func TestCIPageShellBlocksRun(t *testing.T) {
	needBash(t)
	r := newRunner(t, 0, 7, "GITHUB_ACTIONS=", "GITLAB_CI=")
	codes := []int{0, 7, 1, 0}
	for _, b := range blocks(t, ciPage) {
		if b.language != "sh" {
			continue
		}
		if len(codes) == 0 {
			t.Fatalf("a block more than is known here:\n%s", b.text)
		}
		if !strings.Contains(b.text, "report.json") { // each of the others is a job of its own
			must(t, os.RemoveAll(filepath.Join(r.work, "gwdoctor-report")))
		}
		if code := r.run(b.text); code != codes[0] {
			t.Errorf("exit code %d, want %d, of\n%s", code, codes[0], b.text)
		}
		codes = codes[1:]
		r.has("gwdoctor-report/report.html", "gwdoctor-report/report.json")
	}
	r.has("comment.md")
	if len(codes) > 0 {
		t.Errorf("%d blocks fewer than are known here", len(codes))
	}
}
