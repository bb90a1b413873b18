package servicelog

import (
	"strings"
	"testing"
	"time"
)

// TestRunsFrom: who knows how the runs lie says where the lines of each begin; the zero time is the log's beginning.
func TestRunsFrom(t *testing.T) {
	log := "2026-11-26T11:59:25.206513636Z stderr F Traceback (most recent call last):\n" +
		"2026-11-26T11:59:25.364195300Z stderr F   File \"<string>\", line 1, in <module>\n" +
		"2026-11-26T11:59:25.364289508Z stderr F ModuleNotFoundError: No module named 'nosuchmod'\n"
	start := time.Date(2026, 11, 26, 11, 59, 25, 376961764, time.UTC)
	for _, test := range []struct {
		from  []time.Time
		lines int // of the run
	}{{nil, 2}, {[]time.Time{{}}, 3}, {[]time.Time{start.Add(-500 * time.Millisecond)}, 3}, {[]time.Time{start}, 2}} {
		r, err := Scan(strings.NewReader(log), Options{OneService: true, Starts: []time.Time{start}, From: test.from})
		if err != nil {
			t.Fatal(err)
		}
		if last := r.Runs[len(r.Runs)-1]; last.Lines != test.lines || !last.Start.Equal(start) {
			t.Errorf("from %v: %d lines in the run, want %d", test.from, last.Lines, test.lines)
		}
	}
}

// TestUnclearZone: a zone's abbreviation that means several is reported by its word; one that means one is not.
func TestUnclearZone(t *testing.T) {
	for zone, want := range map[string]string{"IST": "IST", "EST": "", "UTC": "", "node-6": ""} {
		line := "Wed 2026-11-25 09:02:11 " + zone + " node-7 gw[7]: hello\n"
		r, err := Scan(strings.NewReader(line+line), Options{})
		if err != nil || r.UnclearZone != want || want != "" && !r.GuessedZone {
			t.Errorf("%s: unclear %q, guessed %v, %v", zone, r.UnclearZone, r.GuessedZone, err)
		}
	}
}
