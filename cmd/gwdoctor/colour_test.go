package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestColourPolicy is the table of STYLE: the flag, NO_COLOR, TERM, the destination.
func TestColourPolicy(t *testing.T) {
	for _, test := range []struct {
		flag, noColor, term string
		terminal, want      bool
	}{
		{"auto", "", "xterm", true, true},
		{"auto", "", "xterm", false, false},
		{"auto", "1", "xterm", true, false},
		{"auto", "0", "xterm", true, false}, // any value but the empty one
		{"auto", "", "dumb", true, false},
		{"always", "", "xterm", false, true},
		{"always", "1", "dumb", false, true},
		{"never", "", "xterm", true, false},
	} {
		vars := map[string]string{"NO_COLOR": test.noColor, "TERM": test.term}
		a := &app{env: env{
			Getenv:     func(name string) string { return vars[name] },
			IsTerminal: func(io.Writer) bool { return test.terminal },
		}}
		a.color.value = test.flag
		if got := a.coloured(os.Stdout); got != test.want {
			t.Errorf("%+v: coloured = %v", test, got)
		}
	}
}

func TestColourReachesOnlyTheTerminal(t *testing.T) {
	w := shop(t)
	w.terminal = true
	w.gwdoctor("diagnose", "gateway")
	contains(t, "report on a terminal", w.out.String(), "\x1b[")
	for _, args := range [][]string{
		{"diagnose", "gateway", "--color", "never"},
		{"diagnose", "gateway", "--color", "always", "--format", "json"},
		{"diagnose", "gatewy", "--color", "always"},
	} {
		w.gwdoctor(args...)
		if strings.Contains(w.out.String()+w.err.String(), "\x1b") {
			t.Errorf("gwdoctor %q is coloured", args)
		}
	}
	path := filepath.Join(t.TempDir(), "report.txt")
	if code := w.gwdoctor("diagnose", "gateway", "--color", "always", "-o", path); code != exitOK || w.out.Len() > 0 {
		t.Errorf("exit code %d, output %q", code, w.out.String())
	}
	if text := readFile(t, path); strings.Contains(text, "\x1b") || !strings.Contains(text, "CAUSE") {
		t.Errorf("the file is coloured, or no report:\n%s", text)
	}
}
