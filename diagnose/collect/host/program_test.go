package host

import (
	"os"
	"path/filepath"
	"testing"
)

// TestLacks: a program is lacked where every place was looked at and none has it.
func TestLacks(t *testing.T) {
	proc := t.TempDir()
	root := filepath.Join(proc, "42", "root")
	if err := os.MkdirAll(filepath.Join(root, "usr", "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "opt"), 0o755); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"bin": "usr/bin", "usr/bin/busybox": "/nowhere", "sbin": "/usr/bin"} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	here := Processes{Machine: Machine{ProcRoot: proc}, PID: 42}
	away := Processes{Machine: Machine{ProcRoot: proc}, PID: 43}
	for _, tt := range []struct {
		name, program, path string
		of                  Processes
		lacks               bool
	}{
		{"in no folder", "wget", "PATH=/usr/bin:/bin:/opt", here, true},
		{"through a link of folders", "busybox", "PATH=/bin", here, false},
		{"a folder that is not there", "busybox", "PATH=/usr/local/bin:/usr/bin", here, false},
		{"a path", "/opt/check", "", here, true},
		{"a path that is there", "/usr/bin/busybox", "", here, false},
		{"a path below the working folder", "./check", "", here, false},
		{"a folder that leads out of the root", "wget", "PATH=/sbin:/usr/bin", here, false},
		{"no PATH: the usual one, with that folder", "wget", "", here, false},
		{"the process is gone", "wget", "PATH=/usr/bin", away, false},
		{"no program", "", "PATH=/usr/bin", here, false},
	} {
		if got := tt.of.Lacks(tt.program, []string{"LANG=C", tt.path}); got != tt.lacks {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}
