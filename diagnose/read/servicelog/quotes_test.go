package servicelog

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

const (
	refused  = "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused."
	tbOfIt   = "Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in up\n    ping()\n" + refused + "\n"
	startErr = "ERROR:    Application startup failed. Exiting."
)

// TestQuotedIsNotOurs: what a container's log tells of others, or of tests, is no finding of its own; the same words
// without the frame are.
func TestQuotedIsNotOurs(t *testing.T) {
	shipped := func(prefix string) string { return prefix + strings.ReplaceAll(startErr, "\n", "\n"+prefix) + "\n" }
	tests := []struct {
		name, log string
		found     bool
	}{
		{"its own line", startErr + "\n", true},
		{"compose's prefix", shipped("checkout_1  | "), false},
		{"kubectl's prefix", shipped("[pod/checkout-7d9f-abcde/checkout] "), false},
		{"a shipper's record", `{"container_name":"/checkout","source":"stderr","log":"` + startErr + "\"}\n", false},
		{"honcho's prefix, of its own child", shipped("web.1        | "), true},
		{"a logger's thread", shipped("Thread-1  | "), true},
		{"its own traceback", "INFO serving\n" + tbOfIt, true},
		{"a traceback that an INFO line announces", "INFO forwarding alert of checkout:\n" + tbOfIt, false},
		{"one that an ERROR line announces", "ERROR could not connect:\n" + tbOfIt, true},
		{"pytest's report", "============== test session starts ==============\n" + tbOfIt +
			"========= 1 failed, 13 passed in 2.31s =========\n", false},
		{"after pytest's report", "============== test session starts ==============\n" +
			"========= 14 passed in 2.31s =========\n" + tbOfIt, true},
		{"unittest's report", strings.Repeat("=", 70) + "\nERROR: test_redis (__main__.T.test_redis)\n" +
			strings.Repeat("-", 70) + "\n" + tbOfIt + "\nRan 2 tests in 0.001s\n", false},
		{"the runner itself crashes", "============== test session starts ==============\n" +
			"Fatal Python error: Segmentation fault\n\nCurrent thread 0x0001 (most recent call first):\n" +
			"  File \"/app/main.py\", line 3 in up\n", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report, err := Scan(strings.NewReader(tt.log), Options{OneService: true})
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, r := range report.Runs {
				for _, f := range r.Findings {
					found = found || f.Strength != fact.Weak
				}
			}
			if found != tt.found {
				t.Errorf("found %v, want %v: %+v", found, tt.found, report.Runs)
			}
		})
	}
}

// TestShippedLinesAreRead where the log is of several services: then each is read apart.
func TestShippedLinesAreRead(t *testing.T) {
	report, err := Scan(strings.NewReader("checkout-1  | "+startErr+"\n"), Options{})
	if err != nil || len(report.Runs) != 1 || len(report.Runs[0].Findings) == 0 {
		t.Errorf("%+v, %v", report, err)
	}
}
