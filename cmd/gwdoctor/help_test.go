package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestHelpFitsATerminal: the help of every command has 80 columns at most, all its flags, and none twice.
func TestHelpFitsATerminal(t *testing.T) {
	var visit func(path []string, cmd *cobra.Command)
	visit = func(path []string, cmd *cobra.Command) {
		w := shop(t)
		if code := w.gwdoctor(append(path, "--help")...); code != exitOK {
			t.Errorf("%q: exit code %d: %s", path, code, w.err.String())
		}
		help := w.out.String()
		for line := range strings.SplitSeq(help, "\n") {
			if len([]rune(line)) > helpWidth {
				t.Errorf("%q: %d columns: %s", path, len([]rune(line)), line)
			}
		}
		for _, flag := range []string{"--timeout", "--verbose", "--help"} {
			if n := strings.Count(help, flag+" "); n > 1 && len(path) > 0 || !strings.Contains(help, flag) {
				t.Errorf("%q tells %d times of %s:\n%s", path, n, flag, help)
			}
		}
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				visit(append(append([]string{}, path...), c.Name()), c)
			}
		}
	}
	visit(nil, newRoot(&app{}))
}
