package evidence

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestNoteRotation: a log of which more came than its driver keeps is known in part only.
func TestNoteRotation(t *testing.T) {
	start := time.Date(2026, 11, 27, 0, 40, 0, 0, time.UTC)
	line := strings.Repeat("x", 100)
	for name, tt := range map[string]struct {
		driver, size, files string
		from, lines         int // seconds after the start; one a second
		want                fact.Status
	}{
		"one file, its beginning gone":  {"json-file", "1k", "1", 60, 5, fact.StatusTruncated},
		"by default one file":           {"json-file", "1k", "", 60, 5, fact.StatusTruncated},
		"three files, full, and late":   {"json-file", "1k", "3", 60, 20, fact.StatusTruncated},
		"three files, the second empty": {"json-file", "1k", "3", 60, 5, fact.StatusCollected},
		"from the start on":             {"json-file", "1k", "1", 0, 5, fact.StatusCollected},
		"late, but far from full":       {"json-file", "10m", "1", 60, 5, fact.StatusCollected},
		"one line tells of no rate":     {"json-file", "1k", "1", 60, 1, fact.StatusCollected},
		"no limit":                      {"json-file", "", "", 60, 5, fact.StatusCollected},
		"a size that is none":           {"json-file", "-1", "1", 60, 5, fact.StatusCollected},
		"another driver":                {"journald", "1k", "1", 60, 5, fact.StatusCollected},
	} {
		var log strings.Builder
		for i := range tt.lines {
			at := start.Add(time.Duration(tt.from+i) * time.Second)
			fmt.Fprintf(&log, "%s stdout F %s\n", at.Format(time.RFC3339Nano), line)
		}
		e := &Evidence{Logs: []byte(log.String())}
		e.Sources = []bundle.Source{{Name: fact.SourceLogs, Status: fact.StatusCollected}}
		e.Spec = &Spec{LogDriver: tt.driver, LogOptions: map[string]string{"max-size": tt.size, "max-file": tt.files}}
		e.Status = &Status{StartedAt: start}
		e.noteRotation()
		if got := e.Sources[0].Status; got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	for text, want := range map[string]int64{"10m": 10e6, "1k": 1000, "500": 500, "2gb": 2e9, "": 0, "m": 0, "much": 0} {
		if got := humanSize(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
