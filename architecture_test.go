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

// vocabulary is the room that everybody may import.
const vocabulary = "diagnose/fact"

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
			if ok && own != vocabulary && !slices.Contains(room.Imports, "*") && !slices.Contains(room.Imports, own) {
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
