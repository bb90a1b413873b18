//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// busy are arguments with which each command has something to do, by its path.
var busy = map[string][]string{
	"gwdoctor": {"--help"}, "gwdoctor capture": {"gateway"}, "gwdoctor cores": {"gateway"}, "gwdoctor demo": {},
	"gwdoctor diagnose": {"gateway"}, "gwdoctor exit": {"gateway"}, "gwdoctor explain": {}, "gwdoctor guard": {},
	"gwdoctor health": {"gateway"}, "gwdoctor inside": {"gateway"}, "gwdoctor logs": {"gateway"}, "gwdoctor oom": {},
	"gwdoctor report": {"-"}, "gwdoctor sources": {}, "gwdoctor version": {}, "gwdoctor " + pluginMetadata: {},
	"gwdoctor completion": {"--help"}, "gwdoctor completion bash": {}, "gwdoctor completion zsh": {},
	"gwdoctor completion fish": {}, "gwdoctor completion powershell": {}, "gwdoctor help": {"oom"},
}

// allCommands lists every command with its own flags and the common ones; completion, too, which cobra adds.
func allCommands(t *testing.T) []*cobra.Command {
	t.Helper()
	root := newRoot(&app{env: env{Getenv: func(string) string { return "" }}})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd("")
	var list []*cobra.Command
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if _, known := busy[c.CommandPath()]; !known {
			t.Errorf("this test knows nothing for %q to do", c.CommandPath())
		}
		list = append(list, c)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	return list
}

// fileFlags are the flags of a command that name a file or a folder.
func fileFlags(c *cobra.Command) []string {
	var names []string
	_ = c.LocalFlags() // brings the common flags in
	c.Flags().VisitAll(func(f *pflag.Flag) {
		switch value, _ := pflag.UnquoteUsage(f); {
		case f.Name == "http": // the path of a URL
		case value == "FILE", value == "PATH", value == "FOLDER":
			names = append(names, f.Name)
		}
	})
	return names
}

// typed are the arguments of a command after its name.
func typed(c *cobra.Command, more ...string) []string {
	return append(strings.Fields(c.CommandPath())[1:], more...)
}

// withFile are a command's arguments when one of its flags names path.
func withFile(c *cobra.Command, flag, path string) []string {
	named := []string{"--" + flag, path}
	switch flag {
	case "bundle", "file":
		return typed(c, named...)
	case "kubeconfig":
		if c.Name() == "sources" {
			return typed(c, named...)
		}
		return typed(c, append(named, "pod/gateway")...)
	case "output":
		if c.Name() == "capture" {
			named = append(named, "--force")
		}
	}
	return typed(c, append(named, busy[c.CommandPath()]...)...)
}

// interrupted runs a command in a world, without the last resort of run, interrupts it, and fails the test where that
// does not end it.
func interrupted(t *testing.T, stdin io.Reader, stdout io.Writer, args []string) (int, string) {
	t.Helper()
	w := shop(t)
	var errs bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	e := env{
		Program: "gwdoctor", Stdin: stdin, Stdout: stdout, Stderr: &errs,
		Getenv: func(string) string { return "" }, Now: time.Now, IsTerminal: func(io.Writer) bool { return false },
		Width: func(io.Writer) int { return 0 }, Engine: &w.engine,
	}
	done := make(chan int, 1)
	go func() { done <- watchable(ctx, e).run(ctx, args) }()
	select {
	case code := <-done:
		return code, errs.String()
	case <-time.After(patience):
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1) // where it hangs
		t.Fatalf("%q does not hear a signal", args)
	}
	return 0, ""
}

// TestFIFOIsLeft gives every flag of every command that names a file a FIFO whose other end nobody opens.
func TestFIFOIsLeft(t *testing.T) {
	tried := 0
	for _, c := range allCommands(t) {
		for _, flag := range fileFlags(c) {
			tried++
			t.Run(c.CommandPath()+" --"+flag, func(t *testing.T) {
				t.Parallel()
				leaves(t, func(path string) []string { return withFile(c, flag, path) })
			})
		}
	}
	if tried < 35 {
		t.Errorf("only %d flags were tried", tried)
	}
	for _, args := range [][]string{{"report"}, {"oom"}, {"cores"}, {"logs", "--follow", "--file"}, {"report", "-"},
		{"diagnose", "--bundle", "-", "--bundle"}, {"oom", "--follow", "--resume"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			leaves(t, func(path string) []string { return append(args[:len(args):len(args)], path) })
		})
	}
}

// leaves runs a command with a FIFO and holds what it says.
func leaves(t *testing.T, args func(path string) []string) {
	path := filepath.Join(t.TempDir(), "fifo.tar.gz") // also by its name it may be a bundle
	must(t, syscall.Mkfifo(path, 0o600))
	silent, other := io.Pipe()
	defer other.Close()
	code, errs := interrupted(t, silent, io.Discard, args(path))
	if code == exitUsage && !strings.Contains(errs, "fifo") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

// TestStandardInputIsLeft: one that nobody writes to.
func TestStandardInputIsLeft(t *testing.T) {
	tried := 0
	for _, c := range allCommands(t) {
		var forms [][]string
		for _, flag := range fileFlags(c) {
			if flag == "bundle" || flag == "file" {
				forms = append(forms, withFile(c, flag, "-"))
			}
		}
		if c.Name() == "report" || c.Name() == "oom" || c.Name() == "logs" {
			forms = append(forms, typed(c, "-"))
		}
		for _, args := range forms {
			tried++
			t.Run(strings.Join(args, " "), func(t *testing.T) {
				t.Parallel()
				silent, other := io.Pipe()
				defer other.Close()
				if code, errs := interrupted(t, silent, io.Discard, args); code != exitInterrupted {
					t.Errorf("exit code %d: %s", code, errs)
				}
			})
		}
	}
	if tried < 10 {
		t.Errorf("only %d forms were tried", tried)
	}
}

// TestStalledOutputIsLeft: a standard output that nobody reads holds no command.
func TestStalledOutputIsLeft(t *testing.T) {
	dir := t.TempDir()
	must(t, deadContainer(t, "gateway", 137, true).WriteDir(dir))
	for _, c := range allCommands(t) {
		args := typed(c, busy[c.CommandPath()]...)
		switch c.Name() {
		case "capture":
			args = append(args, "-o", "-")
		case "health", "inside", "logs": // of what the made-up engine has, they say nothing
			args = typed(c, "--help")
		case "report":
			args = typed(c, dir)
		}
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			other, stalled := io.Pipe()
			defer other.Close()
			code, errs := interrupted(t, bytes.NewReader(nil), stalled, args)
			if code != exitInterrupted {
				t.Errorf("exit code %d: %s", code, errs)
			}
		})
	}
}

// TestReadOnce: a bundle and a report are read from what can be read once only, as `<(command)` gives it.
func TestReadOnce(t *testing.T) {
	var archive, report bytes.Buffer
	must(t, deadContainer(t, "gateway", 137, true).WriteTarGz(&archive))
	w := shop(t)
	if code := w.gwdoctor("diagnose", "gateway", "--format", "json"); code != exitOK {
		t.Fatal(w.err.String())
	}
	report.Write(w.out.Bytes())
	for _, test := range []struct {
		data []byte
		args []string
	}{
		{archive.Bytes(), []string{"diagnose", "--bundle"}}, {archive.Bytes(), []string{"report"}},
		{archive.Bytes(), []string{"exit", "--bundle"}}, {report.Bytes(), []string{"report"}},
	} {
		path := filepath.Join(t.TempDir(), "fifo")
		must(t, syscall.Mkfifo(path, 0o600))
		go func() { _ = os.WriteFile(path, test.data, 0) }()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if code := w.gwdoctorIn(ctx, append(test.args, path)...); code != exitOK {
			t.Errorf("%q: exit code %d: %s", test.args, code, w.err.String())
		}
		contains(t, strings.Join(test.args, " "), w.out.String(), "137")
	}
}
