package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// TestStatusIsWipedByTheResult: a line that was shown goes before anything else is written, and never comes back.
func TestStatusIsWipedByTheResult(t *testing.T) {
	var out, errs bytes.Buffer
	a := watchable(t.Context(), env{Stdout: &out, Stderr: &errs, IsTerminal: func(w io.Writer) bool { return w == &errs },
		Width: func(io.Writer) int { return 0 }})
	a.startStatus("oom")
	if a.status == nil {
		t.Fatal("no status line on a terminal")
	}
	a.status.tell(2)
	if got := errs.String(); !strings.Contains(got, "reading the kernel log, 2 s") {
		t.Errorf("%q", got)
	}
	if _, err := io.WriteString(a.Stdout, "result"); err != nil {
		t.Fatal(err)
	}
	a.status.tell(3)
	got := errs.String()
	if !strings.HasSuffix(got, "\r\033[K") || strings.Contains(got, "3 s") || out.String() != "result" {
		t.Errorf("after the result: %q, %q", got, out.String())
	}
}

// TestNoStatusInAPipe, nor for a command that is done at once.
func TestNoStatusInAPipe(t *testing.T) {
	for terminal, command := range map[bool]string{false: "oom", true: "version"} {
		var errs bytes.Buffer
		a := watchable(t.Context(), env{Stdout: &errs, Stderr: &errs, IsTerminal: func(io.Writer) bool { return terminal }})
		a.startStatus(command)
		if a.status != nil {
			a.status.end()
			t.Errorf("%s, terminal %v: a status line", command, terminal)
		}
	}
}
