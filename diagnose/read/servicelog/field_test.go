package servicelog

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestFieldLines: single lines out of public reports, each told for what it is.
func TestFieldLines(t *testing.T) {
	file, err := os.ReadFile("../../../fixtures/field/service-lines.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row := range strings.Lines(string(file)) {
		if strings.HasPrefix(row, "#") {
			continue
		}
		n++
		what, rest, _ := strings.Cut(strings.TrimRight(row, "\n"), "|")
		right, line, ok := strings.Cut(rest, "|")
		if !ok {
			t.Fatalf("%q has not three parts", row)
		}
		checkLine(t, what, right, line)
	}
	if n < 50 {
		t.Errorf("only %d lines", n)
	}
}

func checkLine(t *testing.T, what, right, line string) {
	t.Helper()
	list := scan(t, line+"\n").Runs[0].Findings
	told := func(f Finding) bool {
		cause, isCause := strings.CutPrefix(right, "=")
		return isCause && f.Cause == cause || !isCause && f.Other == right
	}
	switch {
	case right == "-" && slices.ContainsFunc(list, func(f Finding) bool { return f.Strength != fact.Weak }):
		t.Errorf("%s: %v, want nothing but a hint in %q", what, findings(scan(t, line)), line)
	case right != "-" && !slices.ContainsFunc(list, told):
		t.Errorf("%s: %v, want %s in %q", what, findings(scan(t, line)), right, line)
	}
}
