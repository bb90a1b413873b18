package evidence

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// TestSuppressed: a crash's line can have been left out only where the kernel had just printed others.
func TestSuppressed(t *testing.T) {
	end := time.Date(2026, 11, 26, 19, 4, 15, 0, time.UTC)
	crashes := func(n int, before time.Duration) (list []kernellog.Crash) {
		for range n {
			at := end.Add(-before)
			list = append(list, kernellog.Crash{At: &at})
		}
		return list
	}
	noted := []kernellog.Note{{Kind: kernellog.NoteCrashesSuppressed, Count: 14}}
	for name, tt := range map[string]struct {
		log  *kernellog.Log
		want bool
	}{
		"no log":                        {nil, false},
		"nothing crashed":               {&kernellog.Log{}, false},
		"left out at another time":      {&kernellog.Log{Notes: noted, Crashes: crashes(12, 5*time.Minute)}, false},
		"left out, and one just before": {&kernellog.Log{Notes: noted, Crashes: crashes(1, 3*time.Second)}, true},
		"one just before":               {&kernellog.Log{Crashes: crashes(1, 3*time.Second)}, false},
		"ten just before":               {&kernellog.Log{Crashes: crashes(10, 3*time.Second)}, true},
		"records lost":                  {&kernellog.Log{Notes: []kernellog.Note{{Kind: kernellog.NoteRecordsLost}}}, true},
	} {
		if got := (Kernel{Log: tt.log}).Suppressed(end); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
