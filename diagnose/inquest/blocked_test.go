package inquest

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// TestBlockedWriter: the main thread, in a write, for long. A reader waits for work there, a worker for a slow client.
func TestBlockedWriter(t *testing.T) {
	still, long, short := true, 209.0, 6.0
	for _, tt := range []struct {
		name string
		t    evidence.InsideThread
		want bool
	}{
		{"write", evidence.InsideThread{TID: 7, Still: &still, LastRan: &long, Wait: &evidence.Wait{Call: "write"}}, true},
		{"for a moment", evidence.InsideThread{TID: 7, Still: &still, LastRan: &short, Wait: &evidence.Wait{Call: "write"}},
			false},
		{"read", evidence.InsideThread{TID: 7, Still: &still, LastRan: &long, Wait: &evidence.Wait{Call: "read"}}, false},
		{"a worker", evidence.InsideThread{TID: 8, Still: &still, LastRan: &long, Wait: &evidence.Wait{Call: "write"}},
			false},
		{"its time is not known", evidence.InsideThread{TID: 7, Still: &still, Wait: &evidence.Wait{Call: "write"}}, false},
		{"its call is not known", evidence.InsideThread{TID: 7, Still: &still, LastRan: &long}, false},
	} {
		c := Case{}
		c.Death.State = fact.StateRunning
		c.Lives = []evidence.Life{{Alive: true}}
		c.Life = &c.Lives[0]
		c.Inside = &evidence.Inside{Processes: []evidence.InsideProcess{{PID: 7, Threads: []evidence.InsideThread{tt.t}}}}
		if got := c.BlockedWriter(); (got != nil) != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	if (Case{}).BlockedWriter() != nil {
		t.Error("nothing was read, and it stands in a write")
	}
}
