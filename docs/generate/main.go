// Command generate writes the generated pages of docs/. Run it from the module's
// root: go run ./docs/generate
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/gwdoctor/gwdoctor/docs"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func generate() error {
	if err := write("docs"); err != nil {
		return err
	}
	if err := writeRooms(filepath.Join("docs", "architecture.md")); err != nil {
		return err
	}
	return writeManual()
}

func write(root string) error {
	for name, page := range docs.Pages() {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// writeRooms writes the table of rooms into the page that is otherwise written by hand.
func writeRooms(path string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, err := docs.WithRooms(string(page))
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// writeManual writes docs/cli and docs/man. Only package main knows its commands,
// so its own test writes their pages.
func writeManual() error {
	out, err := exec.Command("go", "test", "./cmd/gwdoctor", "-run", "^TestManual$", "-count", "1",
		"-update").CombinedOutput()
	if err != nil {
		return fmt.Errorf("write the manual: %w\n%s", err, out)
	}
	return nil
}
