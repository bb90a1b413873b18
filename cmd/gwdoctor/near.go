package main

import (
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/near"
)

// didYouMean is the hint for an unknown name; none where nothing is like it.
func didYouMean(name string, known []string) []string {
	names := near.To(name, known)
	if len(names) == 0 {
		return nil
	}
	return []string{"did you mean " + strings.Join(names, ", ") + "?"}
}
