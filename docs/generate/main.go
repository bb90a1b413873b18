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

// writeManual writes docs/cli and docs/man. Only package main knows its commands,
// so its own test writes their pages.
func writeManual() error {
	out, err := exec.Command("go", "test", "./cmd/gwdoctor", "-run", "^TestManual$", "-count", "1", "-update").CombinedOutput()
	if err != nil {
		return fmt.Errorf("write the manual: %w\n%s", err, out)
	}
	return nil
}
