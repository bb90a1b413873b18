package diagnose

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestOOMWithoutKernelLog: what is said of how a kill for lack of memory ended a container agrees with the verdict, on
// every engine, where the kernel's log may not be read: a heading that names the killer stands over no "cannot tell".
func TestOOMWithoutKernelLog(t *testing.T) {
	seen := 0
	for _, pattern := range []string{"../fixtures/engines/*oom*.tar.gz", "../fixtures/incidents/oom*"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			b, err := bundle.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			b.Update(func(_ *bundle.Manifest, files map[string][]byte) {
				for file := range files {
					if strings.HasPrefix(file, "kernel/") && file != bundle.FileCorePolicy {
						delete(files, file)
					}
				}
			})
			b.SetSource(bundle.Source{Name: fact.SourceKernelLog, Status: fact.StatusDenied, Command: "sudo"})
			d := Diagnose(b)
			seen++
			if d.Death.EndedBy == fact.EndedByKernelOOM && d.Verdict.Cause != fact.OOMKill {
				t.Errorf("%s: ended by %s (%s), and the verdict is %s: %s", filepath.Base(name), d.Death.EndedBy, d.Death.Reason,
					d.Verdict.Kind, d.Verdict.Summary)
			}
		}
	}
	if seen < 5 {
		t.Errorf("only %d bundles", seen)
	}
}
