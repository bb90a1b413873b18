package servicelog

import (
	"strings"
	"testing"
)

// TestIndependent: a line has a clock of its own where it came several times for each of one that goes on.
func TestIndependent(t *testing.T) {
	for _, tt := range []struct {
		name         string
		done, beside string
		want         bool
	}{
		{"ten for each heartbeat", jobs(60, 0.1, "message %d consumed"), jobs(40, 1, "heartbeat %d"), true},
		{"one for each", jobs(40, 1, "message %d consumed"),
			strings.ReplaceAll(jobs(90, 1, "heartbeat %d"), ".0", ".1"), false},
		{"slower than what goes on", jobs(30, 2, "message %d consumed"), jobs(200, 0.5, "heartbeat %d"), false},
	} {
		report, err := Scan(strings.NewReader(inOrder(tt.done, tt.beside)), Options{OneService: true})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, f := range report.Runs[0].Findings {
			if f.ID != "steady-line-stopped" {
				continue
			}
			if found = true; f.Independent != tt.want {
				t.Errorf("%s: %v", tt.name, f.Independent)
			}
		}
		if !found {
			t.Errorf("%s: no line stopped", tt.name)
		}
	}
}
