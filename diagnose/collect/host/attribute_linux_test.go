package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump/coretest"
)

// TestSystemdAttributes: the journal is lost and the file is damaged or cut before its
// environment; the attributes beside it still say what ended whom, and whose it is.
func TestSystemdAttributes(t *testing.T) {
	core := coretest.Recorded(t, segvCore)
	const damaged, cut, other = "core.python3.0.b00t.4711.1.zst", "core.python3.0.b00t.4712.1",
		"core.python3.0.b00t.4713.1"
	folder := "var/lib/systemd/coredump/"
	s := storesOf(t, segvID, map[string]string{folder + damaged: "(\xb5/\xfddamaged", folder +
		cut: string(core[:12<<10]), folder + other: string(core[:12<<10])})
	for name, host := range map[string]string{damaged: segvID[:12], cut: segvID[:12], other: enginetest.WebID[:12]} {
		for attr, value := range map[string]string{
			"pid": "4711", "uid": "0", "gid": "0", "signal": "11", "timestamp": "1795428000000000",
			"rlimit":   "18446744073709551615",
			"hostname": host, "comm": "python3", "exe": "/usr/bin/python3.11",
		} {
			if err := unix.Setxattr(filepath.Join(s.HostRoot, folder, name), "user.coredump."+attr, []byte(value),
				0); err != nil {
				t.Skipf("%s takes no extended attributes: %v", os.TempDir(), err)
			}
		}
	}
	found, _ := LookInSystemd(t.Context(), s)
	if len(found) != 2 {
		t.Fatalf("%d cores: %+v", len(found), found)
	}
	for _, d := range found {
		if d.Container.Grade != coredump.GradeProven || d.Signal != "SIGSEGV" || d.Comm != "python3" || d.Error != "" {
			t.Errorf("%s: %s of %q, %+v", d.Path, d.Signal, d.Comm, d.Container)
		}
		if strings.HasSuffix(d.Path, damaged) && (d.PID != nil || d.Threads == nil ||
			!strings.Contains(strings.Join(d.Notes, "\n"), "noted beside it")) {
			t.Errorf("damaged: %+v", d)
		}
	}
}
