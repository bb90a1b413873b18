package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

func TestVersionFlag(t *testing.T) {
	w := shop(t)
	if code := w.gwdoctor("--version"); code != exitOK || !strings.HasPrefix(w.out.String(), "gwdoctor ") {
		t.Errorf("exit code %d: %q", code, w.out.String())
	}
	flag := w.out.String()
	if w.gwdoctor("version"); w.out.String() != flag {
		t.Errorf("--version says %q, version %q", flag, w.out.String())
	}
}

// TestMistyped: a near name is offered, for commands and for flags, and nothing where
// none is near.
func TestMistyped(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"diagnos"}, "did you mean diagnose?"}, {[]string{"capure", "x"}, "did you mean capture?"},
		{[]string{"diagnose", "--formt", "json"}, "did you mean --format?"},
		{[]string{"oom", "--contaner", "x"}, "did you mean --container?"},
		{[]string{"diagnose", "--zzzzzzzz"}, "--help lists the flags"},
	} {
		w := shop(t)
		if code := w.gwdoctor(test.args...); code != exitUsage || !strings.Contains(w.err.String(), test.want) {
			t.Errorf("%q: exit code %d: %s", test.args, code, w.err.String())
		}
	}
	w := shop(t)
	w.gwdoctor("zzzzzzzz")
	if strings.Contains(w.err.String(), "did you mean") {
		t.Errorf("nothing is near: %s", w.err.String())
	}
}

// TestServiceName: a compose service is found by its name where one container alone is
// of it, by every command that takes one container.
func TestServiceName(t *testing.T) {
	w := shop(t)
	w.engine.list = []collect.Summary{{ID: "gateway", Name: "shop-web-1", Project: "shop", Service: "web"}}
	for _, command := range []string{"diagnose", "exit", "cores"} {
		if code := w.gwdoctor(command, "web"); code != exitOK {
			t.Errorf("%s web: exit code %d: %s", command, code, w.err.String())
		}
		contains(t, command+" web", w.out.String(), "gateway")
	}
	w.engine.list = append(w.engine.list, collect.Summary{ID: "other", Name: "shop-web-2", Project: "shop",
		Service: "web"})
	if code := w.gwdoctor("diagnose", "web"); code != exitFailed {
		t.Errorf("two containers: exit code %d", code)
	}
	contains(t, "two containers", w.err.String(), "a service of 2 containers", "shop-web-1, shop-web-2")
	if code := w.gwdoctor("diagnose", "nobody"); code != exitFailed {
		t.Errorf("no service: exit code %d", code)
	}
	contains(t, "no service", w.err.String(), `find container "nobody": no such container`)
}

// TestProjectOfTheFolder: diagnose alone, in a folder with a compose file.
func TestProjectOfTheFolder(t *testing.T) {
	for _, test := range []struct{ file, content, variable, folder string }{
		{"compose.yaml", "services: {}\n", "", "Sh.op"}, {"docker-compose.yml", "name: shop\nservices: {}\n", "", "other"},
		{"compose.yml", "name: ${X}\n", "shop", "other"}, {"compose.yaml", "{: not yaml", "", "_shop"},
	} {
		dir := filepath.Join(t.TempDir(), test.folder)
		must(t, os.Mkdir(dir, 0o755))
		must(t, os.WriteFile(filepath.Join(dir, test.file), []byte(test.content), 0o600))
		t.Chdir(dir)
		w := shop(t)
		w.vars = map[string]string{"COMPOSE_PROJECT_NAME": test.variable}
		w.engine.list = []collect.Summary{{ID: "gateway", Project: "shop"}, {ID: "batch", Project: "else"}}
		if code := w.gwdoctor("diagnose", "-q"); code != exitOK {
			t.Errorf("%+v: exit code %d: %s", test, code, w.err.String())
		}
		if out := w.out.String(); !strings.Contains(out, "gateway") || strings.Contains(out, "batch") {
			t.Errorf("%+v:\n%s", test, out)
		}
	}
	t.Chdir(t.TempDir())
	w := shop(t)
	if code := w.gwdoctor("diagnose"); code != exitUsage {
		t.Errorf("without a compose file: exit code %d", code)
	}
}

// TestProjectStartedHere: compose was told another name; its labels tell of which folder a project is.
func TestProjectStartedHere(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte("name: shop\n"), 0o600))
	t.Chdir(dir)
	of := func(id, project string, folders ...string) collect.Summary {
		return collect.Summary{ID: id, Name: id, Project: project, Folders: folders}
	}
	both := func(gateway, batch collect.Summary) []collect.Summary { return []collect.Summary{gateway, batch} }
	for name, test := range map[string]struct {
		list     []collect.Summary
		variable string
		want     string // in the report, or of the error
	}{
		"started with -p":        {both(of("gateway", "other", dir), of("batch", "else", "/srv")), "", "gateway"},
		"one of the file's name": {both(of("gateway", "shop", dir), of("batch", "other", dir)), "", "gateway"},
		"a stranger's name":      {both(of("gateway", "other", dir), of("batch", "shop", "/srv")), "", "gateway"},
		"asked for":              {both(of("gateway", "mine", "/srv"), of("batch", "other", dir)), "mine", "gateway"},
		"no labels":              {both(of("gateway", "shop"), of("batch", "other")), "", "gateway"},
		"two":                    {both(of("a", "b1", dir), of("b", "b2", dir)), "", "--project b1, --project b2"},
		"none":                   {[]collect.Summary{of("a", "shop2", "/srv")}, "", `find project "shop": none`},
	} {
		w := shop(t)
		w.vars = map[string]string{"COMPOSE_PROJECT_NAME": test.variable}
		w.engine.list = test.list
		w.gwdoctor("diagnose", "-q")
		if out := w.out.String() + w.err.String(); !strings.Contains(out, test.want) || strings.Contains(out, "batch") {
			t.Errorf("%s:\n%s", name, out)
		}
	}
}

// TestLogsOfAPath: no container has a name with a slash, and one without may be a container's or a file's.
func TestLogsOfAPath(t *testing.T) {
	t.Chdir(t.TempDir())
	const log = "Traceback (most recent call last):\nMemoryError\n"
	must(t, os.WriteFile("plain.log", []byte(log), 0o600))
	w := shop(t)
	if code := w.gwdoctor("logs", "./plain.log"); code != exitOK {
		t.Errorf("exit code %d: %s", code, w.err.String())
	}
	contains(t, "a path", w.out.String(), "MemoryError")
	if code := w.gwdoctor("logs", "plain.log"); code != exitFailed {
		t.Errorf("a bare name: exit code %d", code)
	}
	contains(t, "a bare name", w.err.String(), "no such container",
		"hint: there is a file of that name: gwdoctor logs --file plain.log")
	if code := w.gwdoctor("logs", "./none.log"); code != exitFailed {
		t.Errorf("no file: exit code %d", code)
	}
	contains(t, "no file", w.err.String(), "no such container")
}

// TestOneWayOfChoosing: an engine's container and a recording are asked about apart.
func TestOneWayOfChoosing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "b.tar.gz")
	w := shop(t)
	if code := w.gwdoctor("capture", "gateway", "-o", dir); code != exitOK {
		t.Fatal(w.err.String())
	}
	if code := w.gwdoctor("diagnose", "gateway", dir); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	contains(t, "standard error", w.err.String(),
		`"gateway" is looked for on an engine, "`+dir+`" is a recorded incident`, "hint: gwdoctor diagnose --bundle "+dir)
}

// TestExitOfAnUnknownEnd: without the container's record there may be nothing to explain, and scripts are told so.
func TestExitOfAnUnknownEnd(t *testing.T) {
	b := bundle.New("test", bundle.Target{ID: testID, Name: "gateway"}, now)
	b.SetSource(bundle.Source{Name: fact.SourceInspect, Status: fact.StatusFailed,
		Detail: "the answer was not understood"})
	w := shop(t)
	w.engine.containers["gateway"] = b
	if code := w.gwdoctor("exit", "gateway"); code != exitFailed || w.out.Len() > 0 {
		t.Errorf("exit code %d: %s", code, w.out.String())
	}
	contains(t, "standard error", w.err.String(), "whether it ended is not known", "the answer was not understood",
		"hint: gwdoctor diagnose gateway")
	w.engine.containers["gateway"] = runningContainer(t)
	if code := w.gwdoctor("exit", "gateway"); code != exitOK {
		t.Errorf("of one that runs: exit code %d: %s", code, w.err.String())
	}
}

func TestProjectCompletes(t *testing.T) {
	w := shop(t)
	w.engine.list = []collect.Summary{{ID: "a", Project: "shop"}, {ID: "b", Project: "shop"},
		{ID: "c", Project: "x\x1b"}, {ID: "d"}}
	w.gwdoctor("__complete", "diagnose", "--project", "")
	if w.out.String() != "shop\n:4\n" {
		t.Errorf("%q", w.out.String())
	}
}

// TestShortFlags: -f for --format where reports are made, -q for the table alone.
func TestShortFlags(t *testing.T) {
	w := shop(t)
	w.gwdoctor("diagnose", "gateway", "-f", "json")
	contains(t, "-f json", w.out.String(), `"schemaVersion": 1`)
	for _, args := range [][]string{{"diagnose", "gateway", "-q"}, {"diagnose", "--all", "-q"}, {"demo", "-q"}} {
		if code := w.gwdoctor(args...); code != exitOK {
			t.Errorf("%q: exit code %d: %s", args, code, w.err.String())
		}
		lines := strings.Split(strings.TrimSpace(w.out.String()), "\n")
		if len(lines) < 2 || len(lines) > 3 || !strings.HasPrefix(lines[0], "name ") {
			t.Errorf("%q:\n%s", args, w.out.String())
		}
	}
}

// TestCaptureNamesItsFile: without -o, by the container and the time.
func TestCaptureNamesItsFile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	w := shop(t)
	if code := w.gwdoctor("capture", "gateway"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	const name = "gwdoctor-gateway-20261123T200000Z.tar.gz"
	contains(t, "standard error", w.err.String(), name)
	if _, err := bundle.Open(filepath.Join(dir, name)); err != nil {
		t.Error(err)
	}
	if code := w.gwdoctor("capture", "gateway"); code != exitFailed {
		t.Errorf("the same second once more: exit code %d", code)
	}
	if got := captureName("../../etc/x", now); strings.ContainsRune(got, '/') {
		t.Errorf("a file outside of the folder: %q", got)
	}
}

func TestMinConfidenceAlone(t *testing.T) {
	for code, args := range map[int][]string{
		exitUsage: {"diagnose", "gateway", "--min-confidence", "0.5"},
		exitFound: {"diagnose", "gateway", "--min-confidence", "0.5", "--fail-on", "cause"},
	} {
		w := shop(t)
		if got := w.gwdoctor(args...); got != code {
			t.Errorf("%q: exit code %d, want %d: %s", args, got, code, w.err.String())
		}
	}
}

func TestNegativeExitCode(t *testing.T) {
	for _, args := range [][]string{{"exit", "-1"}, {"exit", "--", "-1"}, {"exit", "-1", "--format", "text"},
		{"--color", "never", "exit", "-1"}} {
		w := shop(t)
		if code := w.gwdoctor(args...); code != exitOK || !strings.Contains(w.out.String(), "-1 is folded to 255") {
			t.Errorf("%q: exit code %d: %s%s", args, code, w.out.String(), w.err.String())
		}
	}
	w := shop(t)
	if code := w.gwdoctor("exit", "-x"); code != exitUsage {
		t.Errorf("exit -x: exit code %d", code)
	}
}

// TestForcedColour: FORCE_COLOR and CLICOLOR_FORCE colour a pipe; NO_COLOR and the flag
// stand above them.
func TestForcedColour(t *testing.T) {
	for _, test := range []struct {
		vars     map[string]string
		flag     string
		coloured bool
	}{
		{map[string]string{"FORCE_COLOR": "1"}, "auto", true}, {map[string]string{"CLICOLOR_FORCE": "1"}, "auto", true},
		{map[string]string{"CLICOLOR_FORCE": "0"}, "auto", false},
		{map[string]string{"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", false},
		{map[string]string{"FORCE_COLOR": "1"}, "never", false}, {nil, "auto", false},
	} {
		w := shop(t)
		w.vars = test.vars
		w.gwdoctor("diagnose", "gateway", "--color", test.flag)
		if got := strings.Contains(w.out.String(), "\x1b["); got != test.coloured {
			t.Errorf("%v, --color %s: coloured = %v", test.vars, test.flag, got)
		}
	}
}

// TestBareIsTheProject: `gwdoctor` alone in a folder with a compose file is about its project, and the help elsewhere.
func TestBareIsTheProject(t *testing.T) {
	t.Chdir(t.TempDir())
	w := shop(t)
	w.gwdoctor()
	contains(t, "the help", w.out.String(), "Usage:")
	if err := os.WriteFile("compose.yaml", []byte("name: shop\nservices: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := w.gwdoctor(); code != exitOK {
		t.Errorf("exit code %d: %s", code, w.err.String())
	}
	contains(t, "the project's report", w.out.String(), "gateway", "CAUSE")
}

// TestOneHintOnce: containers that fail alike get what to try once.
func TestOneHintOnce(t *testing.T) {
	w := shop(t)
	w.gwdoctor("diagnose", "nobody-1", "nobody-2", "nobody-3")
	if n := strings.Count(w.err.String(), "error: "); n != 3 {
		t.Errorf("%d errors", n)
	}
	if n := strings.Count(w.err.String(), "did you mean gateway?"); n != 1 {
		t.Errorf("%d times the same hint:\n%s", n, w.err.String())
	}
}

// TestCaptureProject: one file with the bundles of all services, which diagnose and report read as a project.
func TestCaptureProject(t *testing.T) {
	w := shop(t)
	for i := range w.engine.list {
		w.engine.list[i].Project = "shop"
	}
	path := filepath.Join(t.TempDir(), "shop.tar.gz")
	if code := w.gwdoctor("capture", "--project", "shop", "-o", path); code != exitOK {
		t.Fatalf("exit code %d: %s", code, w.err.String())
	}
	contains(t, "standard error", w.err.String(), "captured shop: ", "containers: gateway, batch", "contains: ")
	for _, args := range [][]string{{"diagnose", "--bundle", path}, {"report", path}} {
		if code := w.gwdoctor(args...); code != exitOK {
			t.Errorf("%q: exit code %d: %s", args, code, w.err.String())
		}
		contains(t, strings.Join(args, " "), w.out.String(), "2 containers, 1 failed", "gateway", "batch")
	}
	w.stdin = []byte(readFile(t, path))
	w.gwdoctor("diagnose", "--bundle", "-")
	contains(t, "from standard input", w.out.String(), "2 containers, 1 failed")
	for _, args := range [][]string{{"capture"}, {"capture", "gateway", "--project", "shop"}} {
		if code := w.gwdoctor(args...); code != exitUsage {
			t.Errorf("%q: exit code %d", args, code)
		}
	}
	code := w.gwdoctor("capture", "--project", "shopp")
	if code != exitFailed || !strings.Contains(w.err.String(), "shop?") {
		t.Errorf("a mistyped project: exit code %d: %s", code, w.err.String())
	}
}
