// Package gwdoctor holds the tests of the house itself: which room may import
// which (docs/architecture.md), and that everything right of the bundle is pure.
package gwdoctor

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/docs"
)

const module = "github.com/gwdoctor/gwdoctor/"

// rooms are the rules, by folder.
var rooms = func() map[string]docs.Room {
	m := map[string]docs.Room{}
	for _, r := range docs.Rooms() {
		m[r.Folder] = r
	}
	return m
}()

// leaves are the rooms that everybody may import: the words of the code, and those
// of its sentences.
var leaves = []string{vocabulary, "diagnose/words"}

const vocabulary = "diagnose/fact"

// impure names what a pure package must not import: the network, the disk, other
// programs, and SDKs that bring them.
var impure = []string{"net", "net/http", "os", "os/exec", "os/signal", "os/user", "syscall", "io/ioutil", "math/rand",
	"math/rand/v2"}

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
	used := map[string]bool{} // "room imports"
	for _, s := range sources(t) {
		room, ok := roomOf(s.room)
		if !ok {
			t.Errorf("%s: folder %q is no room of the house; add it to docs/rooms.go", s.path, s.room)
			continue
		}
		for _, path := range imports(s.file) {
			own, ok := strings.CutPrefix(path, module)
			used[room.Folder+" "+own] = true
			if ok && !slices.Contains(leaves, own) && !slices.Contains(room.Imports, "*") &&
				!slices.Contains(room.Imports, own) {
				t.Errorf("%s imports %s, which %s must not", s.path, own, s.room)
			}
		}
	}
	for _, r := range docs.Rooms() {
		for _, own := range r.Imports {
			if own != "*" && !used[r.Folder+" "+own] {
				t.Errorf("docs/rooms.go: %s may import %s, and does not", r.Folder, own)
			}
		}
	}
}

// roomOf finds the room of a folder: itself, or the nearest above it (fixtures/lab/image …).
func roomOf(folder string) (docs.Room, bool) {
	for ; folder != "."; folder = filepath.ToSlash(filepath.Dir(folder)) {
		if r, ok := rooms[folder]; ok {
			return r, true
		}
	}
	return docs.Room{}, false
}

func TestPureRooms(t *testing.T) {
	for _, s := range sources(t) {
		if !rooms[s.room].Pure {
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
		if slices.Contains(impure, path) || strings.HasPrefix(path, "github.com/moby/") ||
			strings.HasPrefix(path, "github.com/docker/") {
			list = append(list, fmt.Sprintf("imports %q", path))
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		if ok && pkg.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "Tick",
			"NewTimer", "NewTicker"}, sel.Sel.Name) {
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

// TestSDKInOneRoom fences the engine's SDK, so that it can be replaced in one place.
func TestSDKInOneRoom(t *testing.T) {
	users := map[string]bool{}
	for _, s := range sources(t) {
		for _, path := range imports(s.file) {
			if strings.HasPrefix(path, "github.com/moby/moby/") {
				users[s.room] = true
			}
		}
	}
	if len(users) != 1 || !users["diagnose/collect/docker"] {
		t.Errorf("the Docker SDK is imported by %v, want only diagnose/collect/docker", users)
	}
}

func imports(file *ast.File) []string {
	var list []string
	for _, spec := range file.Imports {
		list = append(list, strings.Trim(spec.Path.Value, `"`))
	}
	return list
}

// ownUnits are formats that say a duration or a size in another way than package
// words does.
var ownUnits = regexp.MustCompile(`%[-+ 0-9.*]*[dfg] ?(?:ns|µs|ms|s|min|h|days?|B|KiB|MiB|GiB|kB|MB|GB)\b`)

// otherUnits are the few that are no sentences of ours, with the reason.
var otherUnits = map[string]string{
	"%.3f s":                                 "the kernel's clock, to be found in its log",
	"%d min %d s":                            "the kernel's clock",
	"%d h %d min %d s":                       "the kernel's clock",
	"%d d %d h":                              "the kernel's clock",
	"the log starts %.3f s after the boot":   "the kernel's clock",
	"%s%.1f s":                               "a column of offsets, read downwards (report/words.go)",
	"\r%d%s probes, %d failed, %.0f s (Ctrl": "a line that counts on",
	"%dMiB":                                  "the value of a flag, as it is typed",
}

// TestWordsStandOnce: durations and sizes are said by package words.
func TestWordsStandOnce(t *testing.T) {
	for _, s := range sources(t) {
		if s.room == "diagnose/words" || !rooms[s.room].Pure && s.room != "cmd/gwdoctor" {
			continue
		}
		for _, text := range ownUnitsIn(s.file) {
			t.Errorf("%s: %q says a unit itself; package words does", s.path, text)
		}
	}
}

func ownUnitsIn(file *ast.File) []string {
	var list []string
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		known := func(other string) bool { return strings.HasPrefix(text, other) }
		if err == nil && ownUnits.MatchString(text) && !slices.ContainsFunc(slices.Collect(maps.Keys(otherUnits)), known) {
			list = append(list, text)
		}
		return true
	})
	return list
}

// TestOwnUnitsAreSeen proves that the check can fail.
func TestOwnUnitsAreSeen(t *testing.T) {
	const bad = "package p\nvar a, b, c = \"took %.1f s\", \"%d MiB\", \"%d seconds, %s\"\n"
	file, err := parser.ParseFile(token.NewFileSet(), "bad.go", bad, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := ownUnitsIn(file); len(got) != 2 {
		t.Errorf("own units %q, want two", got)
	}
}

// plainRooms are the rooms whose identifiers hold none of otherWords.
var plainRooms = []string{"cmd/gwdoctor", "report", "report/layout", "report/oomreport", "report/sanitize",
	"diagnose/answer", "diagnose/answer/oom", "diagnose/words"}

// otherWords stand for things that the field calls otherwise: a target, an
// observation or finding, a container that ended.
var otherWords = regexp.MustCompile(`(?i)patient|keeper|sighting|^sights?$|complaint|^noted$|^surely$|^tracks$|^fell$`)

// TestNamesArePlain reads the identifiers that are declared.
func TestNamesArePlain(t *testing.T) {
	for _, s := range sources(t) {
		if !slices.Contains(plainRooms, s.room) {
			continue
		}
		for _, name := range declared(s.file) {
			if otherWords.MatchString(name) {
				t.Errorf("%s declares %s: use the field's word", s.path, name)
			}
		}
	}
}

// declared lists the names of a file's types, functions, values, fields and variables.
func declared(file *ast.File) []string {
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			names = append(names, n.Name.Name)
		case *ast.TypeSpec:
			names = append(names, n.Name.Name)
		case *ast.ValueSpec:
			for _, id := range n.Names {
				names = append(names, id.Name)
			}
		case *ast.Field:
			for _, id := range n.Names {
				names = append(names, id.Name)
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if id, ok := left.(*ast.Ident); ok && n.Tok == token.DEFINE {
					names = append(names, id.Name)
				}
			}
		}
		return true
	})
	return names
}

// TestOtherWordsAreSeen proves that the check can fail, for each kind of name.
func TestOtherWordsAreSeen(t *testing.T) {
	const bad = "package p\ntype patient struct{ Complaint int }\nfunc noted() { sights := 1; _ = sights }\nvar " +
		"keeper = 1\n"
	file, err := parser.ParseFile(token.NewFileSet(), "bad.go", bad, 0)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range declared(file) {
		if otherWords.MatchString(name) {
			seen++
		}
	}
	if seen != 5 {
		t.Errorf("saw %d of 5 in %q", seen, declared(file))
	}
}

// columns is the longest a line of our code may be, a tab counting one.
const columns = 120

// TestLinesFit: no line is longer, except where a raw string or the sample in a
// comment holds it: what a log said stays as it was said.
func TestLinesFit(t *testing.T) {
	for _, path := range goFiles(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range longLines(t, path, data) {
			t.Errorf("%s:%d is longer than %d columns", path, line, columns)
		}
	}
}

// goFiles lists our Go files, tests too.
func goFiles(t *testing.T) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") {
			list = append(list, path)
		}
		return err
	})
	if err != nil || len(list) < 100 {
		t.Fatalf("%d files: %v", len(list), err)
	}
	return list
}

// sample is a line of a comment that shows what is parsed.
var sample = regexp.MustCompile(`^\s*//\t`)

// longLines lists the numbers of lines that are too long and touch no raw string.
func longLines(t *testing.T, path string, data []byte) []int {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, data, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	raw := map[int]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && strings.HasPrefix(literal.Value, "`") {
			for line := fset.Position(literal.Pos()).Line; line <= fset.Position(literal.End()).Line; line++ {
				raw[line] = true
			}
		}
		return true
	})
	var list []int
	for i, line := range strings.Split(string(data), "\n") {
		if utf8.RuneCountInString(line) > columns && !raw[i+1] && !sample.MatchString(line) {
			list = append(list, i+1)
		}
	}
	return list
}

// TestLongLinesAreSeen proves that the check can fail, and that raw strings are let go.
func TestLongLinesAreSeen(t *testing.T) {
	long := strings.Repeat("x", columns)
	code := "package p\n\n// " + long + "\nvar a = `" + long + "\n" + long + "`\nvar b = \"" + long + "\"\n"
	if got := longLines(t, "bad.go", []byte(code)); !slices.Equal(got, []int{3, 6}) {
		t.Errorf("lines %v, want 3 and 6", got)
	}
}

// packageLines is the most code that a package of ours may have, tests, blank lines and lines of comment not counted.
// Beyond it nobody reads a package as a whole before changing it, and what could stand alone leans on its neighbours.
const packageLines = 5000

// TestPackagesAreSmall holds the limit, for all.
func TestPackagesAreSmall(t *testing.T) {
	lines := map[string]int{}
	for _, path := range goFiles(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(path, "_test.go") {
			lines[filepath.ToSlash(filepath.Dir(path))] += codeLines(string(data))
		}
	}
	for folder, n := range lines {
		if n > packageLines {
			t.Errorf("%s has %d lines of code: split it where it has the fewest arrows back", folder, n)
		}
	}
}

// codeLines counts the lines that are neither blank nor comment alone.
func codeLines(code string) (n int) {
	for line := range strings.Lines(code) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			n++
		}
	}
	return n
}

// TestCodeLinesAreCounted proves what is counted.
func TestCodeLinesAreCounted(t *testing.T) {
	if n := codeLines("// Package p.\npackage p\n\n\t// one\nvar a = 1 // two\n"); n != 2 {
		t.Errorf("%d lines of code, want 2", n)
	}
}

// TestEveryFuzzTargetRuns: a target that .ci/run does not name is tried with its seeds only.
func TestEveryFuzzTargetRuns(t *testing.T) {
	script, err := os.ReadFile(".ci/run")
	if err != nil {
		t.Fatal(err)
	}
	target := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)
	found := 0
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range target.FindAllSubmatch(text, -1) {
			found++
			line := "fuzz " + filepath.ToSlash(filepath.Dir(path)) + " " + string(m[1]) + " "
			if !strings.Contains(string(script), line) {
				t.Errorf(".ci/run has no line %q", line)
			}
		}
		return err
	})
	if err != nil || found < 20 {
		t.Errorf("found %d targets: %v", found, err)
	}
}
