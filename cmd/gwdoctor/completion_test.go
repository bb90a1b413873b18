package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/collect"
)

func TestCompletion(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string // all but cobra's last line, which tells its directive in words
	}{
		{[]string{"diagnose", ""}, "gateway\tExited (137) 5 minutes ago\nbatch\tExited (0) 5 minutes ago\n:36\n"},
		{[]string{"diagnose", "gateway", ""}, "batch\tExited (0) 5 minutes ago\n:36\n"},
		{[]string{"capture", ""}, "gateway\tExited (137) 5 minutes ago\nbatch\tExited (0) 5 minutes ago\n:36\n"},
		{[]string{"exit", "gateway", ""}, ":36\n"},
		{[]string{"--format", ""}, "text\njson\n:4\n"},
		{[]string{"diagnose", "--fail-on", ""}, "never\ncause\nany\n:4\n"},
		{[]string{"diagnose", "--color", "n"}, "auto\nalways\nnever\n:4\n"},
	} {
		w := shop(t)
		w.engine.list = append(w.engine.list, collect.Summary{ID: "x", Name: "evil\x1b[2J\nname"}, collect.Summary{ID: "y"})
		if code := w.gwdoctor(append([]string{"__complete"}, test.args...)...); code != exitOK {
			t.Errorf("%q: exit code %d", test.args, code)
		}
		if w.out.String() != test.want {
			t.Errorf("__complete %q:\n%s\nwant:\n%s", test.args, w.out.String(), test.want)
		}
	}
}

func TestCompletionOfCauses(t *testing.T) {
	w := shop(t)
	w.gwdoctor("__complete", "explain", "")
	for _, c := range cause.All() {
		contains(t, "completion", w.out.String(), c.ID+"\t"+c.Title)
	}
}

// TestCompletionWithoutEngine: a shell waits at most 300 ms and sees no noise.
func TestCompletionWithoutEngine(t *testing.T) {
	w := shop(t)
	w.engine.listErr = errors.New("connection \x1b[31mrefused")
	w.gwdoctor("__complete", "--timeout", "1h", "--host", "unix:///other.sock", "diagnose", "")
	if w.out.String() != ":36\n" || strings.Contains(w.err.String(), "refused") {
		t.Errorf("output %q, error %q", w.out.String(), w.err.String())
	}
	if o := w.engine.asked[0]; o.Timeout != completionTime || o.Host != "unix:///other.sock" {
		t.Errorf("asked %q with a timeout of %s", o.Host, o.Timeout)
	}
}

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		w := shop(t)
		if code := w.gwdoctor("completion", shell); code != exitOK || !strings.Contains(w.out.String(), "gwdoctor") {
			t.Errorf("completion %s: exit code %d, %d bytes", shell, code, w.out.Len())
		}
	}
}
