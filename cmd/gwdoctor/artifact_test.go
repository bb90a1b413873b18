package main

import (
	"encoding/json"
	"errors"

	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/report"
)

// folder lists what is in a folder and below, hidden files too.
func folder(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	}))
	slices.Sort(list)
	return list
}

func TestArtifact(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "artifact")
	w := shop(t)
	if code := w.gwdoctor("diagnose", "--all", "--output-dir", dir, "--fail-on", "cause"); code != exitFound {
		t.Errorf("exit code %d: %s", code, w.err.String())
	}
	want := []string{"bundles/gateway.tar.gz"}
	for _, f := range report.Formats() {
		if f.File != "" && f.In == "" {
			want = append(want, f.File)
		}
	}
	slices.Sort(want)
	if got := folder(t, dir); !slices.Equal(got, want) {
		t.Errorf("wrote %q, want %q", got, want)
	}
	contains(t, "standard output", w.out.String(), "CAUSE")
	contains(t, "standard error", w.err.String(), "1 bundle of failed containers")
	b, err := bundle.Open(filepath.Join(dir, "bundles", "gateway.tar.gz"))
	must(t, err)
	if d := diagnose.Diagnose(b); d.Verdict.Cause != "oom-kill" {
		t.Errorf("the bundle is diagnosed as %+v", d.Verdict)
	}
	var r answer.Report
	must(t, json.Unmarshal([]byte(readFile(t, filepath.Join(dir, "report.json"))), &r))
	if len(r.Diagnoses) != 2 {
		t.Errorf("report.json has %d diagnoses", len(r.Diagnoses))
	}
}

// TestArtifactIntoAFolderThatIsThere: an empty one is used, a full one refused
// before any work, unless --force replaces the report's files and nothing else.
func TestArtifactIntoAFolderThatIsThere(t *testing.T) {
	dir := t.TempDir()
	w := shop(t)
	if code := w.gwdoctor("diagnose", "--all", "--output-dir", dir); code != exitOK {
		t.Fatalf("an empty folder: exit code %d: %s", code, w.err.String())
	}
	must(t, os.WriteFile(filepath.Join(dir, "mine.txt"), []byte("mine"), 0o600))
	asked := len(w.engine.asked)
	if code := w.gwdoctor("diagnose", "--all", "--output-dir", dir); code != exitFailed {
		t.Errorf("a full folder: exit code %d", code)
	}
	contains(t, "standard error", w.err.String(), "it is not empty", "--force")
	if len(w.engine.asked) != asked {
		t.Error("the engine was asked before the folder was looked at")
	}
	if code := w.gwdoctor("diagnose", "batch", "--output-dir", dir, "--force"); code != exitOK {
		t.Errorf("with --force: exit code %d: %s", code, w.err.String())
	}
	got := folder(t, dir)
	if !slices.Contains(got, "mine.txt") || slices.Contains(got, "bundles/gateway.tar.gz") {
		t.Errorf("after --force there is %q", got)
	}
}

// TestArtifactNowhere: a file in its place, a folder below a file.
func TestArtifactNowhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{file, filepath.Join(file, "below"), "/proc/gwdoctor-artifact"} {
		w := shop(t)
		if code := w.gwdoctor("diagnose", "--all", "--output-dir", dir); code != exitFailed {
			t.Errorf("%s: exit code %d", dir, code)
		}
		contains(t, "standard error", w.err.String(), "error: write output folder", "hint: name a folder")
	}
}

// TestArtifactOnAFullDisk: nothing stands under a final name, nothing is left over.
func TestArtifactOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("cannot mount a small disk here: %v", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	w := shop(t)
	if code := w.gwdoctor("diagnose", "--all", "--output-dir", dir); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	contains(t, "standard error", w.err.String(), "no space left on device", "nothing was published there")
	if got := folder(t, dir); len(got) != 0 {
		t.Errorf("left behind: %q", got)
	}
}

// TestArtifactThatCannotBeRead: what fails half-way leaves no folder of ours.
func TestArtifactThatFailsHalfWay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "artifact")
	x, err := openArtifact(dir, false)
	must(t, err)
	broken := errors.New("broken")
	if err := x.write("half.txt", func(w io.Writer) error {
		_, _ = io.WriteString(w,
			"half")
		return broken
	}); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	x.err = broken
	if err := x.publish(answer.Report{}, ""); !errors.Is(err, broken) {
		t.Errorf("publish: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestArtifactAndNoRedactExclude(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "artifact")
	w := shop(t)
	if code := w.gwdoctor("diagnose", "--all", "--output-dir", dir, "--no-redact"); code != exitUsage {
		t.Errorf("exit code %d: %s", code, w.err.String())
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder was made: %v", err)
	}
}

func TestBundleNames(t *testing.T) {
	x := &artifact{names: map[string]bool{}}
	var got []string
	for _, name := range []string{"gateway", "gateway", "../../etc/passwd", "", strings.Repeat("x", 300), "ÿ\x00"} {
		got = append(got, x.bundleName(name))
	}
	want := []string{"gateway.tar.gz", "gateway-2.tar.gz", "_.._etc_passwd.tar.gz", "container.tar.gz",
		strings.Repeat("x", 100) + ".tar.gz", "__.tar.gz"}
	if !slices.Equal(got, want) {
		t.Errorf("names %q", got)
	}
}

// TestInGitHub: summary and annotations, and no line of the service can be one.
func TestInGitHub(t *testing.T) {
	summary := filepath.Join(t.TempDir(), "summary.md")
	must(t, os.WriteFile(summary, []byte("# before\n"), 0o600))
	w := shop(t)
	w.vars = map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": summary}
	if code := w.gwdoctor("diagnose", "--all", "--output-dir", filepath.Join(t.TempDir(), "a")); code != exitOK {
		t.Errorf("exit code %d: %s", code, w.err.String())
	}
	contains(t, "summary", readFile(t, summary), "# before\n## gwdoctor: 1 of 2 containers failed")
	contains(t, "standard error", w.err.String(), "::error title=gwdoctor%3A gateway%3A oom-kill::Killed for lack of "+
		"memory")
	if strings.Contains(w.out.String(), "::error") {
		t.Error("standard output holds annotations")
	}
	w.vars["GITHUB_STEP_SUMMARY"] = "/nonexistent/summary"
	if code := w.gwdoctor("diagnose", "--all", "--output-dir", filepath.Join(t.TempDir(), "b")); code != exitFailed {
		t.Errorf("a summary that cannot be written: exit code %d", code)
	}
}

func TestInGitLab(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	w := shop(t)
	w.vars = map[string]string{"GITLAB_CI": "true"}
	w.gwdoctor("diagnose", "--all", "--output-dir", dir)
	contains(t, "code quality", readFile(t, filepath.Join(dir, "gl-code-quality-report.json")),
		`"check_name": "oom-kill"`, `"fingerprint"`)
}

// TestReportRendersAgain: from a bundle, from report.json, from standard input, and
// from several at once.
func TestReportRendersAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "artifact")
	w := shop(t)
	w.gwdoctor("diagnose", "--all", "--output-dir", dir)
	saved := readFile(t, filepath.Join(dir, "report.json"))
	for _, format := range report.FormatNames() {
		if code := w.gwdoctor("diagnose", "--all", "--format", format); code != exitOK {
			t.Errorf("diagnose --format %s: exit code %d", format, code)
		}
		live := w.out.String()
		if code := w.gwdoctor("report", filepath.Join(dir, "report.json"), "--format", format); code != exitOK ||
			w.out.String() != live {
			t.Errorf("report.json as %s: exit code %d, %d bytes instead of %d: %s", format, code, w.out.Len(), len(live),
				w.err.String())
		}
		if code := w.gwdoctor("report", filepath.Join(dir, "report.json"), "--format", format, "--fail-on",
			"cause"); code != exitFound {
			t.Errorf("%s with --fail-on: exit code %d", format, code)
		}
	}
	w.stdin = []byte("  \n" + saved)
	if code := w.gwdoctor("report", "-", "--format", "json"); code != exitOK || w.out.String() != saved {
		t.Errorf("from standard input: exit code %d: %s", code, w.err.String())
	}
	archive := filepath.Join(dir, "bundles", "gateway.tar.gz")
	if code := w.gwdoctor("report", archive); code != exitOK {
		t.Errorf("from a bundle: exit code %d: %s", code, w.err.String())
	}
	contains(t, "from a bundle", w.out.String(), "CAUSE", "gateway")
	w.stdin = []byte(readFile(t, archive))
	if code := w.gwdoctor("report", "-", filepath.Join(dir, "report.json")); code != exitOK {
		t.Errorf("from both: exit code %d: %s", code, w.err.String())
	}
	contains(t, "from both", w.out.String(), "3 containers")
}

func TestReportRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.json")
	for text, want := range map[string]string{
		`{"schemaVersion": 2, "diagnoses": []}`: "schema version 2",
		`{"schemaVersion": 1}`:                  "it is no report of gwdoctor",
		`{"a": `:                                "it is no JSON document",
		`{"schemaVersion": 1, "diagnoses": [{"target": "odd"}]}`: "it is no report that can be read",
		`hello`: "x.json",
		``:      "x.json",
	} {
		must(t, os.WriteFile(file, []byte(text), 0o600))
		w := shop(t)
		if code := w.gwdoctor("report", file); code != exitFailed {
			t.Errorf("%q: exit code %d", text, code)
		}
		contains(t, "standard error", w.err.String(), "error: read ", want)
	}
	w := shop(t)
	if code := w.gwdoctor("report"); code != exitUsage {
		t.Errorf("without a path: exit code %d", code)
	}
	if code := w.gwdoctor("report", "/nonexistent"); code != exitFailed {
		t.Errorf("a path that is not there: exit code %d", code)
	}
}

func TestMinConfidence(t *testing.T) {
	for text, want := range map[string]int{"0": exitFound, "0.5": exitFound, "50%": exitFound, "1": exitOK,
		"1.5": exitUsage, "nan": exitUsage, "-1": exitUsage, "": exitUsage, "101%": exitUsage} {
		w := shop(t)
		if code := w.gwdoctor("diagnose", "gateway", "--fail-on", "cause", "--min-confidence="+text); code != want {
			t.Errorf("--min-confidence %q: exit code %d, want %d: %s", text, code, want, w.err.String())
		}
	}
}
