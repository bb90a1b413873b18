package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// citation is how a comment or page names a section of the notes: docs/notes/DOCKER.md#a1.
	citation = regexp.MustCompile(`docs/notes/([A-Z-]+\.md)(?:#([a-z0-9-]+(?:\.[0-9]+)*))?`)
	anchor   = regexp.MustCompile(`<a id="([^"]+)"></a>`)
	// bare is a citation without its folder, or one that writes the section in words.
	bare = regexp.MustCompile(`(?:^|[^/\w-])(?:DOCKER|HEALTH|CORES|KERNEL-LOG|PYTHON|STYLE)\.md\b|` +
		`docs/notes/[A-Z-]+\.md (?:section |[A-Z]?\d)`)
)

// anchorsOf returns the sections of each note that can be cited.
func anchorsOf(t *testing.T) map[string]map[string]bool {
	t.Helper()
	notes := map[string]map[string]bool{}
	files, err := filepath.Glob("notes/*.md")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d notes (%v)", len(files), err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{"": true}
		for _, m := range anchor.FindAllSubmatch(text, -1) {
			ids[string(m[1])] = true
		}
		notes[filepath.Base(path)] = ids
	}
	return notes
}

// badCitations lists what a text cites of the notes that is not there.
func badCitations(text string, notes map[string]map[string]bool) (bad []string, found int) {
	for _, m := range citation.FindAllStringSubmatch(text, -1) {
		found++
		if !notes[m[1]][m[2]] {
			bad = append(bad, m[0]+": there is no such section")
		}
	}
	for _, m := range bare.FindAllString(text, -1) {
		bad = append(bad, strings.TrimSpace(m)+": not of the form docs/notes/DOCKER.md#a1")
	}
	return bad, found
}

// TestCitationsResolve: what the code and the pages cite of the notes is there.
func TestCitationsResolve(t *testing.T) {
	notes, found := anchorsOf(t), 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "notes" || d.Name() == "incidents" ||
			strings.HasPrefix(d.Name(), ".") && d.Name() != ".." && d.Name() != ".ci") {
			return filepath.SkipDir
		}
		isText := strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".sh")
		if d.IsDir() || !isText || d.Name() == "notes_test.go" || d.Name() == "signatures.go" || d.Name() == "signatures.md" {
			return nil // those two link to the notes from their own folder
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		bad, n := badCitations(string(text), notes)
		for _, b := range bad {
			t.Errorf("%s: %s", path, b)
		}
		found += n
		return nil
	})
	if err != nil || found < 100 {
		t.Errorf("only %d citations were found (%v)", found, err)
	}
}

// TestBadCitationsAreSeen proves that the check can fail.
func TestBadCitationsAreSeen(t *testing.T) {
	notes := anchorsOf(t)
	for text, want := range map[string]int{
		"see docs/notes/DOCKER.md#a1, and docs/notes/PYTHON.md#1.10.": 0, "docs/notes/DOCKER.md#z9": 1,
		"docs/notes/GONE.md#a1": 1, "(DOCKER.md A1)": 1, "docs/notes/DOCKER.md A1": 1,
		"docs/notes/KERNEL-LOG.md section 4": 1,
	} {
		if bad, _ := badCitations(text, notes); len(bad) != want {
			t.Errorf("%q: %q, want %d", text, bad, want)
		}
	}
}
