package inquest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// TestCaughtAndNotOver: an error that a program logs and survives is a hint; where it comes until now and little else
// does, it is trouble.
func TestCaughtAndNotOver(t *testing.T) {
	caught := "ERROR request failed: can't start new thread"
	for _, tt := range []struct {
		name   string
		count  int
		good   string // a line beside each
		silent time.Duration
		every  time.Duration
		want   fact.Strength
	}{
		{"until now", 60, "", time.Second, time.Second, fact.Strong},
		{"every minute until now", 20, "", 50 * time.Second, time.Minute, fact.Strong},
		{"a flood until now", 500, "", time.Second, 10 * time.Millisecond, fact.Strong},
		{"an answer beside each", 60, `INFO: "GET / HTTP/1.1" 200 OK`, time.Second, time.Second, fact.Strong},
		{"much good work beside each", 60, "INFO order stored\nINFO order sent\nINFO mail sent", time.Second, time.Second,
			fact.Weak},
		{"a few times", 3, "", time.Second, time.Second, fact.Weak},
		{"it stayed away", 60, "", 20 * time.Second, time.Second, fact.Weak},
	} {
		at := began
		var log strings.Builder
		for range tt.count {
			for _, line := range strings.Split(strings.TrimSuffix(caught+"\n"+tt.good, "\n"), "\n") {
				fmt.Fprintf(&log, "%s %s\n", at.Format(time.RFC3339Nano), line)
			}
			at = at.Add(tt.every)
		}
		report, err := servicelog.Scan(strings.NewReader(log.String()), servicelog.Options{OneService: true})
		if err != nil || len(report.Runs) != 1 || len(report.Runs[0].Findings) != 1 {
			t.Fatalf("%s: %v, %+v", tt.name, err, report.Runs)
		}
		run := report.Runs[0]
		got := strengthened(run, run.Findings[0].LastAt.Add(tt.silent)).Findings[0].Strength
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if run.Findings[0].Strength != fact.Weak {
			t.Errorf("%s: the log that was read was written into", tt.name)
		}
	}
}
