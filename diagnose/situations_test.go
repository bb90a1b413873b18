package diagnose

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// situation is one entry of fixtures/traps/expect.json: a case of fixtures/lab/situations.sh, and what is right.
type situation struct {
	fieldCase
	EndedBy []fact.EndedBy `json:"endedBy"` // right ones; empty: any
}

// TestSituations diagnoses recordings of real states that mislead: services that quote others, codes that were chosen,
// kills of a neighbour, deploys, jobs. What is right was written from what was done.
func TestSituations(t *testing.T) {
	data, err := os.ReadFile("../fixtures/traps/expect.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []situation
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Bundle, func(t *testing.T) {
			if wrong := c.wrong(t, "../fixtures/traps"); wrong != "" {
				t.Errorf("%s: %s", c.What, wrong)
			}
			b, err := bundle.Open(filepath.Join("..", "fixtures", "traps", c.Bundle+".tar.gz"))
			if err != nil {
				t.Fatal(err)
			}
			if by := Diagnose(b).Death.EndedBy; len(c.EndedBy) > 0 && !slices.Contains(c.EndedBy, by) {
				t.Errorf("%s: ended by %s, want %v", c.What, by, c.EndedBy)
			}
		})
	}
}

// TestUnwitnessedOOM: the recording of a real OOM kill that the engine never heard of, seen by somebody who may not
// read the kernel's log and whose engine has forgotten the time. It is not known, and must not be ruled out.
func TestUnwitnessedOOM(t *testing.T) {
	b, err := bundle.Open("../fixtures/traps/oom-unseen.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	const command = "sudo gwdoctor diagnose gateway"
	b.Update(func(m *bundle.Manifest, files map[string][]byte) {
		delete(files, bundle.FileKmsg)
		delete(files, bundle.FileEvents)
	})
	b.SetSource(bundle.Source{Name: fact.SourceKernelLog, Status: fact.StatusDenied, Command: command})
	events := b.Source(fact.SourceEvents)
	events.From = events.To
	b.SetSource(events)
	d := Diagnose(b)
	if d.Verdict.Kind != fact.VerdictUndetermined {
		t.Errorf("got %s: %s", d.Verdict.Kind, d.Verdict.Summary)
	}
	for _, c := range d.Causes {
		if c.ID != fact.OOMKill {
			continue
		}
		if c.Confidence < 0.2 {
			t.Errorf("out of memory is given %.2f: less than possible", c.Confidence)
		}
		if !slices.ContainsFunc(c.Missing, func(m answer.Missing) bool { return m.Command == command }) {
			t.Errorf("what would tell is not said: %+v", c.Missing)
		}
	}
}
