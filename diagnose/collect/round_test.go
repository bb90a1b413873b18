package collect

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// asked counts the requests whose path has a part.
func asked(f *enginetest.Engine, part string) int {
	n := 0
	for _, request := range f.Requests() {
		if strings.Contains(request, part) {
			n++
		}
	}
	return n
}

// TestRoundAsksOnceAndIsBounded: what is the same for all containers is asked once,
// and never are more calls in flight than a round may have.
func TestRoundAsksOnceAndIsBounded(t *testing.T) {
	f := enginetest.New(t)
	var active, most atomic.Int32
	slow := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			now := active.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
			time.Sleep(20 * time.Millisecond)
			next(w, r)
			active.Add(-1)
		}
	}
	for path, handler := range f.Routes {
		f.Route(path, slow(handler))
	}
	opts := optionsOf(t, f)
	opts.Timeout = 30 * time.Second
	opts.Round = NewRound(0)
	defer opts.Round.Close()
	const n = 24
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			if b := collectWeb(t, opts); b.Source(fact.SourceLogs).Status != fact.StatusCollected ||
				b.Source(fact.SourceEvents).Status != fact.StatusCollected {
				t.Errorf("sources %+v", b.Manifest().Sources)
			}
		})
	}
	group.Wait()
	for _, part := range []string{"/version", "/info", "/events", "/images/", "/_ping"} {
		if got := asked(f, part); got != 1 {
			t.Errorf("%s was asked %d times for %d containers, want once", part, got, n)
		}
	}
	if got := asked(f, enginetest.DBID+"/logs"); got != 1 {
		t.Errorf("the log of a neighbour that all have was read %d times, want once", got)
	}
	if got := asked(f, enginetest.WebID+"/logs"); got != n {
		t.Errorf("%d logs were read, want each of %d", got, n)
	}
	if got := most.Load(); got > roundCalls || got < 2 {
		t.Errorf("%d calls were in flight, want 2 to %d", got, roundCalls)
	}
}

// TestRoundReadsTheRingAnew for a container that changed after the last reading, or
// less than a moment before it: its last events may not have been in it.
func TestRoundReadsTheRingAnew(t *testing.T) {
	f := enginetest.New(t) // web ended at 20:05:38.8
	opts := optionsOf(t, f)
	opts.Round = NewRound(0)
	defer opts.Round.Close()
	for _, step := range []struct {
		at    string
		reads int
		why   string
	}{
		{"2026-11-23T20:05:39Z", 1, "the first"},
		{"2026-11-23T20:05:39.5Z", 2, "the reading before was too near to the end"},
		{"2026-11-23T20:05:41Z", 3, "and so was that one"},
		{"2026-11-23T20:05:42Z", 3, "the last reading came well after the end"},
		{"2026-11-23T20:05:50Z", 4, "it has grown old"},
	} {
		at, err := time.Parse(time.RFC3339Nano, step.at)
		if err != nil {
			t.Fatal(err)
		}
		opts.Now = func() time.Time { return at }
		b := collectWeb(t, opts)
		if got := asked(f, "/events"); got != step.reads {
			t.Errorf("at %s the ring had been read %d times, want %d: %s", step.at, got, step.reads, step.why)
		}
		if to := b.Source(fact.SourceEvents).To; to == nil || to.After(at) {
			t.Errorf("at %s the events claim to reach to %v", step.at, to)
		}
	}
}

// TestRoundTellsFailuresAnew: an engine that was not there for the first container
// may be for the second.
func TestRoundTellsFailuresAnew(t *testing.T) {
	f := enginetest.New(t)
	opts := optionsOf(t, f)
	good := opts.Host
	opts.Round = NewRound(0)
	defer opts.Round.Close()
	opts.Host = "unix:///nonexistent/docker.sock"
	if _, err := Container(context.Background(), opts); err == nil {
		t.Fatal("an engine that is not there was reached")
	}
	opts.Host = good
	collectWeb(t, opts)
}
