package servicelog

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// expectation is one line of testdata/expected.txt.
type expectation struct {
	name    string
	healthy bool
	ids     []string
}

func expectations(t *testing.T) []expectation {
	t.Helper()
	file, err := os.ReadFile("testdata/expected.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []expectation
	for line := range strings.Lines(string(file)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, ids, ok := strings.Cut(line, ":")
		if !ok {
			t.Fatalf("expected.txt: no colon in %q", line)
		}
		e := expectation{name: strings.TrimPrefix(name, "!"), healthy: name[0] == '!', ids: strings.Fields(ids)}
		slices.Sort(e.ids)
		out = append(out, e)
	}
	return out
}

func findings(r *Report) []string {
	var out []string
	for _, run := range r.Runs {
		for _, f := range run.Findings {
			if id := f.ID + "/" + string(f.Strength[0]); !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	slices.Sort(out)
	return out
}

func scanRecording(t *testing.T, name string) *Report {
	t.Helper()
	file, ok := recordings()[name]
	if !ok {
		t.Fatalf("no recording %s", name)
	}
	r, err := Scan(bytes.NewReader(recorded(file)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecordings(t *testing.T) {
	for _, e := range expectations(t) {
		t.Run(e.name, func(t *testing.T) {
			r := scanRecording(t, e.name)
			if diff := cmp.Diff(e.ids, findings(r)); diff != "" && len(e.ids)+len(findings(r)) > 0 {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			for _, f := range r.Runs[0].Findings {
				if e.healthy && f.Strength != fact.Weak {
					t.Errorf("%s server, yet %s is %s: %s", "healthy", f.ID, f.Strength, f.Excerpt)
				}
				if f.Cause == fact.OOMKill && f.Strength == fact.Conclusive {
					t.Errorf("a service log proves no OOM kill: %s", f.ID)
				}
			}
		})
	}
}

// TestNoDeadRecording keeps testdata and the table in step.
func TestNoDeadRecording(t *testing.T) {
	var want []string
	for _, e := range expectations(t) {
		want = append(want, e.name)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(recordings()))); diff != "" {
		t.Errorf("recordings (-expected.txt +recordings.tar.gz):\n%s", diff)
	}
}

// TestRecordingsAlikePlain: the same lines without the CRI header, so without streams, and with the times only that
// loggers print, say the same.
func TestRecordingsAlikePlain(t *testing.T) {
	for _, e := range expectations(t) {
		file := recordings()[e.name]
		plain := strings.Join(append(section(file, "stdout"), section(file, "stderr")...), "\r\n")
		r, err := Scan(strings.NewReader(plain), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := findings(r); !slices.Equal(got, e.ids) {
			t.Errorf("%s: %v, want %v", e.name, got, e.ids)
		}
	}
}
