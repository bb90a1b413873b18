package check

import (
	"testing"
	"time"
)

func TestLeast(t *testing.T) {
	for test, want := range map[string]time.Duration{
		"sleep 3; curl -fsS http://localhost:8080/health":                          3 * time.Second,
		"sleep 1 && sleep 0.5s && curl -f x":                                       1500 * time.Millisecond,
		"curl -f x || sleep 9":                                                     0,
		"sleep 9 & curl -f x":                                                      0,
		"(sleep 1m; curl -f x)":                                                    time.Minute,
		"sleep 2 | cat":                                                            2 * time.Second,
		"timeout 1 sleep 9; curl -f x":                                             0,
		"if curl -f x; then sleep 4; else sleep 5; fi":                             4 * time.Second,
		"if curl -f x; then sleep 4; fi":                                           0,
		"for i in 1 2 3; do curl -f x && exit 0; sleep 5; done; exit 1":            0,
		"until curl -f x; do sleep 1; done":                                        0,
		"sleep $WAIT; curl -f x":                                                   0,
		"env A=1 /bin/sleep 2":                                                     2 * time.Second,
		`python3 -c "import time; time.sleep(7); print(1)"`:                        7 * time.Second,
		"python3 -c \"import time\nfor i in range(3):\n  time.sleep(7)\nprint()\"": 0,
		"curl -f x": 0,
	} {
		if got := Parse([]string{FormShell, test}).Least(); got != want {
			t.Errorf("%s: %s, want %s", test, got, want)
		}
	}
	for _, tt := range []struct {
		test []string
		want time.Duration
	}{{[]string{FormExec, "sleep", "4"}, 4 * time.Second},
		{[]string{FormExec, "sh", "-c", "sleep 4; true"}, 4 * time.Second}, {nil, 0}, {[]string{FormNone}, 0}} {
		if got := Parse(tt.test).Least(); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.test, got, tt.want)
		}
	}
}

// TestOutlasts: a check that must take longer than its timeout is no sign of a service that hangs.
func TestOutlasts(t *testing.T) {
	p := Probe{ExitCode: -1, Output: "Health check exceeded timeout (2s)"}
	for test, want := range map[string]bool{"sleep 3; curl -f x": true, "sleep 1; curl -f x": false,
		"curl -f --max-time 9 x": false} {
		if got := Classify([]string{FormShell, test}, p, 2*time.Second); got.Outcome != Timeout || got.Outlasts != want {
			t.Errorf("%s: %+v, want %v", test, got, want)
		}
	}
}
