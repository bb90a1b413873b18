package evidence

import (
	"strings"
	"testing"
)

// TestNoInput: a shell or an interpreter alone has nothing to do without an input.
func TestNoInput(t *testing.T) {
	no, yes := false, true
	for command, want := range map[string]string{
		"bash": "bash", "/bin/sh": "sh", "python3": "python3", "python3.11 -q": "python3.11", "node": "node",
		"bash -il":     "bash",
		"tini -- bash": "bash", "docker-entrypoint.sh node": "node",
		"bash -c true": "", "python3 -m http.server": "", "python3 main.py": "", "sleep 1": "", "node -e 1": "", "": "",
	} {
		s := Spec{Command: strings.Fields(command), Stdin: &no}
		if got := s.NoInput(); got != want {
			t.Errorf("%q: %q, want %q", command, got, want)
		}
		if s.Stdin = &yes; s.NoInput() != "" {
			t.Errorf("%q has an input", command)
		}
		if s.Stdin = nil; s.NoInput() != "" {
			t.Errorf("%q: that is not known", command)
		}
	}
}
