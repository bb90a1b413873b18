package redact

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// ordinary reads logs that hold no secret: what Python services, their servers and
// clients wrote as they failed (testdata/python.txt, one line of each form), and the
// logs of the recorded incidents.
func ordinary(t *testing.T) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("../../../fixtures/incidents/*/container/logs.cri")
	if err != nil || len(paths) < 40 {
		t.Fatalf("found the logs of %d incidents: %v", len(paths), err)
	}
	logs := map[string][]byte{}
	for _, path := range append(paths, "testdata/python.txt") {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		logs[path] = data
	}
	return logs
}

// TestOrdinaryWordsStay: of the words of logs that hold no secret, at most one in a
// thousand is masked.
func TestOrdinaryWordsStay(t *testing.T) {
	words, hidden := 0, 0
	for path, log := range ordinary(t) {
		name := bundle.FileLogs
		if filepath.Ext(path) != ".cri" {
			name = "notes.txt"
		}
		got := newMasker(nil).stableFile(name, bytes.Clone(log))
		masks := bytes.Count(got, []byte(look.Mask)) - bytes.Count(log, []byte(look.Mask))
		words += len(bytes.Fields(log))
		hidden += masks + max(0, len(bytes.Fields(log))-len(bytes.Fields(got)))
		if masks > 0 {
			t.Logf("%s: %d masks, as in %q", path, masks, around(got, look.Mask))
		}
	}
	t.Logf("%d of %d ordinary words masked", hidden, words)
	if words < 20_000 {
		t.Errorf("only %d words", words)
	}
	if hidden*1000 > words {
		t.Errorf("%d of %d ordinary words masked, want 0.1 %% at most", hidden, words)
	}
}

// TestOrdinaryLinesStay: lines that look as if they held a secret come through word for word.
func TestOrdinaryLinesStay(t *testing.T) {
	data, err := os.ReadFile("testdata/ordinary.txt")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("{{{\n", "", "}}}\n", "").Replace(string(data))
	if strings.Count(text, "\n") < 180 {
		t.Fatalf("only %d lines", strings.Count(text, "\n"))
	}
	if diff := cmp.Diff(strings.Split(text, "\n"), strings.Split(New().Text(text), "\n")); diff != "" {
		t.Errorf("ordinary lines are masked (-before +after):\n%s", diff)
	}
}
