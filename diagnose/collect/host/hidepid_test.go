package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHidesProcesses(t *testing.T) {
	for options, want := range map[string]string{"rw": "", "rw,hidepid=off": "", "rw,hidepid=0": "",
		"rw,hidepid=invisible": "hidepid=invisible", "rw,gid=7,hidepid=2": "hidepid=2",
		"rw,hidepid=noaccess": "hidepid=noaccess", "rw,hidepid=ptraceable,subset=pid": "hidepid=ptraceable"} {
		root := t.TempDir()
		text := "31 1 0:5 / / rw - ext4 /dev/vda rw,hidepid=2\n22 26 0:21 / " + root + " rw,nosuid shared:12 - proc proc " +
			options + "\n"
		if err := os.Mkdir(filepath.Join(root, "self"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "self/mountinfo"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := (Machine{ProcRoot: root}).HidesProcesses(); got != want {
			t.Errorf("%s: %q, want %q", options, got, want)
		}
	}
	if got := (Machine{ProcRoot: strings.Repeat("x", 9)}).HidesProcesses(); got != "" {
		t.Errorf("no /proc: %q", got)
	}
}
