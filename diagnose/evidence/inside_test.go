package evidence

import (
	"testing"
	"time"
)

// TestBoundWaits: no thread last ran before its container was started.
func TestBoundWaits(t *testing.T) {
	start := time.Date(2026, 11, 27, 0, 26, 0, 0, time.UTC)
	sane, boot := 120.5, 4290.2
	e := Evidence{Runtime: Runtime{Status: &Status{StartedAt: start}}, Inside: &Inside{At: start.Add(3 * time.Minute),
		Processes: []InsideProcess{{Threads: []InsideThread{{TID: 1, LastRan: &sane}, {TID: 2, LastRan: &boot}, {TID: 3}}}}}}
	e.boundWaits()
	threads := e.Inside.Processes[0].Threads
	if threads[0].LastRan == nil || *threads[0].LastRan != sane || threads[1].LastRan != nil || threads[2].LastRan != nil {
		t.Errorf("%v %v %v", threads[0].LastRan, threads[1].LastRan, threads[2].LastRan)
	}
	e.Status, threads[1].LastRan = nil, &boot
	if e.boundWaits(); threads[1].LastRan == nil {
		t.Error("without a start nothing is known to be wrong")
	}
}
