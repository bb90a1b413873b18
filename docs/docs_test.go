package docs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPagesAreCurrent(t *testing.T) {
	for name, want := range Pages() {
		got, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			t.Errorf("%v: run `go run ./docs/generate`", err)
			continue
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s is not what the code says (run `go run ./docs/generate`):\n%s", name, diff)
		}
	}
}

// TestNoForeignPages finds a page of a cause that no longer exists.
func TestNoForeignPages(t *testing.T) {
	files, err := filepath.Glob("causes/*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages := Pages()
	for _, f := range files {
		if _, ok := pages[filepath.ToSlash(f)]; !ok {
			t.Errorf("%s belongs to no cause", f)
		}
	}
}

func TestRoomsAreCurrent(t *testing.T) {
	page, err := os.ReadFile("architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := WithRooms(string(page))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(page)); diff != "" {
		t.Errorf("the table of rooms is not what docs/rooms.go says (run `go run ./docs/generate`):\n%s", diff)
	}
}
