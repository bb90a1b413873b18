package diagnose

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestEngineDidNotSay: the recording of a service that runs, seen by somebody whom the engine did not answer, or not to
// the end. Its processes tell that it runs; without them it is not known, and nothing says that it has ended.
func TestEngineDidNotSay(t *testing.T) {
	for _, tt := range []struct {
		name, inspect string
		processes     bool
		endedBy       fact.EndedBy
		says          string
	}{
		{"no answer", "", true, fact.EndedByNone, "running, as its processes show"},
		{"half an answer", `{"Id":"67101344da85","State":{"Sta`, true, fact.EndedByNone, "running, as its processes show"},
		{"nothing at all", "", false, fact.EndedByUnknown, "whether it runs or has ended is not known"},
	} {
		b, err := bundle.Open("../fixtures/traps/bash-says-killed.tar.gz")
		if err != nil {
			t.Fatal(err)
		}
		b.Update(func(_ *bundle.Manifest, files map[string][]byte) {
			delete(files, bundle.FileInspect)
			if tt.inspect != "" {
				files[bundle.FileInspect] = []byte(tt.inspect)
			}
			if !tt.processes {
				delete(files, bundle.FileProcess)
				delete(files, bundle.FileInside)
			}
		})
		b.SetSource(bundle.Source{Name: fact.SourceInspect, Status: fact.StatusFailed, Detail: "no answer within 5s"})
		if !tt.processes {
			b.SetSource(bundle.Source{Name: fact.SourceProcess, Status: fact.StatusDenied})
		}
		d := Diagnose(b)
		if d.Death.State != fact.StateUnknown || d.Death.EndedBy != tt.endedBy ||
			!strings.Contains(d.Death.Chain[0], tt.says) {
			t.Errorf("%s: state %s, ended by %s (%s): %v", tt.name, d.Death.State, d.Death.EndedBy, d.Death.Reason,
				d.Death.Chain)
		}
		if d.Verdict.Kind != fact.VerdictUndetermined {
			t.Errorf("%s: %s: %s", tt.name, d.Verdict.Kind, d.Verdict.Summary)
		}
	}
}
