package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadme holds the README's example and its commands against the program.
func TestReadme(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	readme := string(data)
	_, after, _ := strings.Cut(readme, "```text\n")
	example, _, ok := strings.Cut(after, "```")
	if !ok || strings.Count(example, "\n") < 10 {
		t.Fatal("README.md has no example of ten lines")
	}
	example = strings.TrimSuffix(example, "[...]\n")
	w := shop(t)
	code := w.gwdoctor("demo")
	out := w.out.String()
	if code != 0 || !strings.HasPrefix(out, example) {
		t.Errorf("the example is not what `gwdoctor demo` prints first (exit %d):\n%s", code, out)
	}
	for _, command := range []string{"go run ./cmd/gwdoctor demo", "go test ./..."} {
		if !strings.Contains(readme, "```sh\n"+command+"\n```") {
			t.Errorf("README.md lacks the command %q in a block of its own", command)
		}
	}
	for _, m := range regexp.MustCompile("gwdoctor ([a-z]+)").FindAllStringSubmatch(readme, -1) {
		if code := shop(t).gwdoctor(m[1], "--help"); code != 0 && !isWord(m[1]) {
			t.Errorf("README.md names `gwdoctor %s`, which is no command", m[1])
		}
	}
}

// isWord lists what follows the name in plain sentences.
func isWord(s string) bool { return s == "tells" }
