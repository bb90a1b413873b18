package servicelog

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/envelopetest"
)

// pastedLine is a line that tells of a failure by itself, and what tells it.
type pastedLine struct{ what, right, line string }

func pastedLines(t *testing.T) (list []pastedLine) {
	t.Helper()
	file, err := os.ReadFile("../../../fixtures/field/service-lines.txt")
	if err != nil {
		t.Fatal(err)
	}
	for row := range strings.Lines(string(file)) {
		if strings.HasPrefix(row, "#") {
			continue
		}
		what, rest, _ := strings.Cut(strings.TrimRight(row, "\n"), "|")
		right, line, _ := strings.Cut(rest, "|")
		if right != "-" && line[0] != '{' { // a record of JSON is an envelope of its own
			list = append(list, pastedLine{what, right, line})
		}
	}
	return append(list,
		pastedLine{"worker killed", "#gunicorn-worker-sigkill",
			"[2026-11-23 09:06:16 +0000] [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?"},
		pastedLine{"timeout", "#gunicorn-worker-timeout",
			"[2026-11-23 09:06:15 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:7)"},
		pastedLine{"startup", "#uvicorn-startup-failed", "ERROR:    Application startup failed. Exiting."},
		pastedLine{"startup, bare", "#uvicorn-startup-failed", "Application startup failed. Exiting."},
		pastedLine{"fatal", "#python-fatal-signal", "Fatal Python error: Segmentation fault"})
}

// toldOf tells whether the report says of a line what is right.
func toldOf(r *Report, right string) bool {
	cause, isCause := strings.CutPrefix(right, "=")
	id, isID := strings.CutPrefix(right, "#")
	return slices.ContainsFunc(r.Runs[0].Findings, func(f Finding) bool {
		switch {
		case isID:
			return f.ID == id
		case isCause:
			return f.Cause == cause
		}
		return f.Other == right
	})
}

// TestPastes: a single line is found in whatever a person put around it.
func TestPastes(t *testing.T) {
	right, all := 0, 0
	for _, f := range envelopetest.Pastes() {
		for _, l := range pastedLines(t) {
			all++
			log := f.Frame([]envelopetest.Entry{{At: framedAt, Text: l.line}})
			r, err := Scan(bytes.NewReader(log), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Runs) == 0 || !toldOf(r, l.right) {
				t.Logf("%s in %q: %v", l.what, f.Name, findings(r))
				continue
			}
			right++
		}
	}
	t.Logf("%d of %d", right, all)
	if all < 40*40 || 100*right < 97*all {
		t.Errorf("%d of %d pasted lines found, want 97 in 100", right, all)
	}
}

// Prose that mentions a message is no finding, whatever is around it.
func TestPastedProse(t *testing.T) {
	for _, prose := range []string{
		"We see Worker (pid:7) was sent SIGKILL! Perhaps out of memory? every night.",
		"the log says \"Application startup failed. Exiting.\" and nothing else",
		"Does `Fatal Python error: Segmentation fault` mean that it is our fault?",
		"2026-11-23 09:06:15 we saw WORKER TIMEOUT (pid:7) twice",
		"see https://example.com/q/1 | what does WORKER TIMEOUT (pid:7) mean",
	} {
		for _, f := range envelopetest.Pastes() {
			r, err := Scan(bytes.NewReader(f.Frame([]envelopetest.Entry{{At: framedAt, Text: prose}})), Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range r.Runs[0].Findings {
				if found.Strength != fact.Weak {
					t.Errorf("%q in %q: %s", prose, f.Name, found.ID)
				}
			}
			if r.Unread.Count == 0 {
				t.Errorf("%q in %q: it is not said that a line looks like a failure", prose, f.Name)
			}
		}
	}
}

// What a server says of its worker behind a prefix that nobody knows is not compose's line of a service, and is not
// passed over either; a worker that ended well is nothing.
func TestWorkerBehindUnknownPrefix(t *testing.T) {
	for line, unread := range map[string]int{
		"unknown> Worker (pid:9) exited with code 3":  1,
		"@@ a1 worker process 101 exited with code 2": 1,
		"Process 3211 exited with code 255":           1,
		"@@ a1 worker process 101 exited with code 0": 0,
		"INFO: the job (pid:9) exited with code 3":    0, // its logger says that it is no error
	} {
		r := scan(t, line+"\n")
		if found := findings(r); len(found) != 0 || r.Unread.Count != unread {
			t.Errorf("%q: %v, %d unread; want nothing and %d", line, found, r.Unread.Count, unread)
		}
	}
}

// A service may print what its users wrote: in a log, a quotation stays one.
func TestQuotationInLog(t *testing.T) {
	var log strings.Builder
	for i := range 40 {
		at := framedAt.Add(time.Duration(i) * time.Second).Format("[2006-01-02 15:04:05 +0000] [7] [INFO] ")
		log.WriteString(at + "GET /chat\n")
	}
	log.WriteString("> [2026-11-23 09:06:16 +0000] [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?\n")
	r := scan(t, log.String())
	if len(r.Runs[0].Findings) != 0 || r.Unread.Count != 1 {
		t.Errorf("%v, %d unread; want nothing but one line unread", findings(r), r.Unread.Count)
	}
}
