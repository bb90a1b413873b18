package diagnose

import (
	"bytes"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestRuntimesExitCode: a command that cannot be run ends with 1 under runc up to 1.1, and with 255 from 1.2 on: one
// fault, one verdict.
func TestRuntimesExitCode(t *testing.T) {
	for _, name := range []string{"cmd-badinterp", "cmd-noshebang"} {
		older := bundleOf(t, readRecord(t, name), "final")
		newer := bundleOf(t, readRecord(t, name), "final")
		replaced := replaceAll(t, newer, bundle.FileInspect, `"ExitCode": 1,`, `"ExitCode": 255,`) +
			replaceAll(t, newer, bundle.FileInspect, `"ExitCode":1,`, `"ExitCode":255,`)
		if replaced != 1 {
			t.Fatalf("%s: %d exit codes replaced", name, replaced)
		}
		replaceAll(t, newer, bundle.FileEvents, `"exitCode":"1"`, `"exitCode":"255"`)
		replaceAll(t, newer, bundle.FileEvents, `"exitCode": "1"`, `"exitCode": "255"`)
		want, got := Diagnose(older), Diagnose(newer)
		if got.Verdict.Kind != want.Verdict.Kind || got.Death.EndedBy != fact.EndedByOwnExit ||
			(want.Verdict.Other == nil) != (got.Verdict.Other == nil) {
			t.Errorf("%s: with 255 %+v, with 1 %+v", name, got.Verdict, want.Verdict)
		}
	}
}

// replaceAll changes a file of a bundle, and tells how often.
func replaceAll(t *testing.T, b *bundle.Bundle, name, old, now string) int {
	t.Helper()
	data, ok := b.File(name)
	if !ok {
		t.Fatalf("no %s", name)
	}
	b.Put(name, bytes.ReplaceAll(data, []byte(old), []byte(now)))
	return bytes.Count(data, []byte(old))
}
