package diagnose

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestEndsOfServers diagnoses recordings of real containers on Engine 20.10.24 (fixtures/traps): servers that ended
// with 0 unasked, or by an exception after they had come up. What is right was written from what was done.
func TestEndsOfServers(t *testing.T) {
	for name, want := range map[string]wanted{
		"osexit":    {fact.VerdictUndetermined, "", "who asked for it is not"},  // a thread called os._exit(0)
		"daemonize": {fact.VerdictUndetermined, "", "who asked for it is not"},  // "starting server", fork, exit 0
		"hostkill0": {fact.VerdictUndetermined, "", "who asked for it is not"},  // kill -TERM from the host
		"execterm0": {fact.NotAFailure, fact.FineStopped, "kill -TERM 1"},       // docker exec … kill -TERM 1
		"cert":      {fact.VerdictOther, fact.DependencyRefuses, "has expired"}, // its certificate, after "serving"
		"xfsz":      {fact.VerdictOther, fact.UncaughtException, "File too large"},
	} {
		want.of(t, filepath.Join("..", "fixtures", "traps", name+".tar.gz"))
	}
}

// TestRotatedLog: "FATAL: licence key expired" had been rotated away (max-size=1k, max-file=1). What the log has lost
// is unseen, and its silence clears nothing.
func TestRotatedLog(t *testing.T) {
	b, err := bundle.Open(filepath.Join("..", "fixtures", "traps", "lograte.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	d := Diagnose(b)
	if d.Verdict.Kind != fact.VerdictUndetermined {
		t.Errorf("verdict %s %q", d.Verdict.Kind, d.Verdict.Summary)
	}
	for _, s := range d.Sources {
		rotated := s.Status == fact.StatusTruncated && strings.Contains(s.Detail, "rotated away")
		if s.Name == fact.SourceLogs && !rotated {
			t.Errorf("the log is %s: %s", s.Status, s.Detail)
		}
	}
}
