// Command generate writes the generated pages of docs/. Run it from the module's
// root: go run ./docs/generate
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gwdoctor/gwdoctor/docs"
)

func main() {
	if err := write("docs"); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
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
