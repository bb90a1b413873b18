// Package gwdoctor holds the tests of the house itself: which room may import
// which (docs/architecture.md), and that everything right of the bundle is pure.
package gwdoctor

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gwdoctor/gwdoctor/"

// rooms lists, for every folder of code, which of our own packages it may
// import. "*" is all of them.
var rooms = map[string][]string{
	"cmd/gwdoctor":             {"*"},
	"report":                   {"diagnose/answer", "diagnose/read/coredump", "diagnose/read/coredump/python", "diagnose/read/exitcode", "diagnose/cause", "diagnose/bundle", "diagnose/health", "diagnose/read/kernellog", "diagnose/answer/oom", "diagnose/lazyregexp"},
	"diagnose":                 {"diagnose/answer", "diagnose/bundle", "diagnose/cause", "diagnose/evidence", "diagnose/read/exitcode", "diagnose/health", "diagnose/read/kernellog", "diagnose/read/servicelog", "diagnose/read/coredump", "diagnose/lazyregexp"},
	"diagnose/answer":          {"diagnose/bundle", "diagnose/cause", "diagnose/evidence", "diagnose/read/coredump", "diagnose/read/exitcode", "diagnose/read/servicelog"},
	"diagnose/cause":           {"diagnose/evidence"},
	"diagnose/evidence":        {"diagnose/bundle", "diagnose/read/kernellog", "diagnose/read/servicelog", "diagnose/health", "diagnose/read/coredump", "diagnose/read/exitcode"},
	"diagnose/bundle":          {},
	"diagnose/bundle/redact":   {"diagnose/bundle"},
	"diagnose/collect":         {"diagnose/bundle", "diagnose/bundle/redact", "diagnose/read/compressed", "diagnose/collect/probe", "diagnose/read/coredump"},
	"diagnose/read/kernellog":  {},
	"diagnose/answer/oom":      {"diagnose/bundle", "diagnose/bundle/redact", "diagnose/read/exitcode", "diagnose/read/kernellog"},
	"diagnose/read/servicelog": {},
	"diagnose/health":          {"diagnose/lazyregexp"},
	"diagnose/read/coredump":   {"diagnose/read/coredump/python", "diagnose/read/coredump/unwind", "diagnose/lazyregexp"},
	"diagnose/read/exitcode":   {},
	"diagnose/read/compressed": {},
	"diagnose/lazyregexp":      {},
	"fixtures":                 {},
	"fixtures/lab":             {"*"},
	"docs":                     {"diagnose/bundle", "diagnose/cause", "diagnose/read/servicelog"},
	"docs/generate":            {"docs"},

	"diagnose/read/coredump/python": {"diagnose/lazyregexp"},
	"diagnose/read/coredump/unwind": {},

	"diagnose/read/coredump/coretest": {"diagnose/read/compressed"}, // of tests
}

// pure packages do no I/O and read no clock.
var pure = []string{
	"diagnose/bundle/redact",
	"diagnose/read/coredump/python", "diagnose/read/coredump/unwind",
	"report", "diagnose", "diagnose/answer", "diagnose/cause", "diagnose/evidence", "diagnose/read/kernellog", "diagnose/answer/oom",
	"diagnose/read/servicelog", "diagnose/health", "diagnose/read/coredump", "diagnose/read/exitcode", "diagnose/read/compressed", "diagnose/lazyregexp",
}

// impure names what a pure package must not import: the network, the disk, other
// programs, and SDKs that bring them.
var impure = []string{"net", "net/http", "os", "os/exec", "os/signal", "os/user", "syscall", "io/ioutil", "math/rand", "math/rand/v2"}

type source struct {
	path, room string
	file       *ast.File
}

// sources parses every non-test Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	var list []source
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		list = append(list, source{path, filepath.ToSlash(filepath.Dir(path)), file})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 20 {
		t.Fatalf("found only %d files: is the test run from the module's root?", len(list))
	}
	return list
}

func TestImportRules(t *testing.T) {
	for _, s := range sources(t) {
		allowed, known := rooms[s.room]
		if !known {
			room, ok := parentRoom(s.room)
			if !ok {
				t.Errorf("%s: folder %q is no room of the house; add it to docs/architecture.md and to rooms", s.path, s.room)
				continue
			}
			allowed = rooms[room]
		}
		for _, path := range imports(s.file) {
			if own, ok := strings.CutPrefix(path, module); ok && !slices.Contains(allowed, "*") && !slices.Contains(allowed, own) {
				t.Errorf("%s imports %s, which %s must not", s.path, own, s.room)
			}
		}
	}
}

// parentRoom finds the room that a sub-folder belongs to (fixtures/lab/image …).
func parentRoom(folder string) (string, bool) {
	for folder != "." {
		folder = filepath.ToSlash(filepath.Dir(folder))
		if _, ok := rooms[folder]; ok {
			return folder, true
		}
	}
	return "", false
}

func TestPureRooms(t *testing.T) {
	for _, s := range sources(t) {
		if !slices.Contains(pure, s.room) {
			continue
		}
		for _, why := range impurities(s.file) {
			t.Errorf("%s: %s", s.path, why)
		}
	}
}

// impurities lists what a file does that a pure package must not.
func impurities(file *ast.File) []string {
	var list []string
	for _, path := range imports(file) {
		if slices.Contains(impure, path) || strings.HasPrefix(path, "github.com/moby/") || strings.HasPrefix(path, "github.com/docker/") {
			list = append(list, fmt.Sprintf("imports %q", path))
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		if ok && pkg.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker"}, sel.Sel.Name) {
			list = append(list, "calls time."+sel.Sel.Name)
		}
		return true
	})
	return list
}

// TestImpuritiesAreSeen proves that the check can fail.
func TestImpuritiesAreSeen(t *testing.T) {
	const bad = "package p\nimport (\"os\"; \"time\")\nvar _ = os.Args\nvar _ = time.Now()\n"
	file, err := parser.ParseFile(token.NewFileSet(), "bad.go", bad, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := impurities(file); len(got) != 2 {
		t.Errorf("impurities = %q, want os and time.Now", got)
	}
}

func TestSDKInOneFile(t *testing.T) {
	users := map[string]bool{}
	for _, s := range sources(t) {
		for _, path := range imports(s.file) {
			if strings.HasPrefix(path, "github.com/moby/moby/") {
				users[s.path] = true
			}
		}
	}
	if len(users) != 1 || !users[filepath.Join("diagnose", "collect", "docker.go")] {
		t.Errorf("the Docker SDK is imported by %v, want only diagnose/collect/docker.go", users)
	}
}

func imports(file *ast.File) []string {
	var list []string
	for _, spec := range file.Imports {
		list = append(list, strings.Trim(spec.Path.Value, `"`))
	}
	return list
}
