// Records writes a bundle for each moment of each of fixtures/records, as a capture would have made it then:
//
//	go run ./docs/measure/records FOLDER
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gwdoctor/gwdoctor/fixtures/record"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: records FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func write(folder string) error {
	paths, err := filepath.Glob("fixtures/records/*.json")
	if err != nil || len(paths) == 0 {
		return fmt.Errorf("find records (%d, %v): run it at the root of the repository", len(paths), err)
	}
	for _, path := range paths {
		r, err := record.Read(path)
		if err != nil {
			return err
		}
		for moment := range r.Inspect {
			b, err := r.Bundle(moment)
			if err != nil {
				return err
			}
			if err := b.WriteDir(filepath.Join(folder, r.Name+"@"+moment)); err != nil {
				return err
			}
		}
	}
	return nil
}
