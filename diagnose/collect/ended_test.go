package collect

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
)

// TestDiesWhileItIsLookedAt: of a container that ends between the first question and the
// last, the bundle tells the death, alone and in a round.
func TestDiesWhileItIsLookedAt(t *testing.T) {
	for _, round := range []*Round{nil, NewRound(time.Minute)} {
		f := enginetest.New(t)
		var asked atomic.Int64
		die := func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) == 1 {
				enginetest.Body(enginetest.RunningBody)(w, r)
				return
			}
			enginetest.Body(enginetest.InspectBody)(w, r)
		}
		f.Route("/containers/web/json", die)
		f.Route("/containers/"+enginetest.WebID+"/json", die)
		opts := optionsOf(t, f)
		opts.Round = round
		b := collectWeb(t, opts)
		if got := text(t, b, bundle.FileInspect); !strings.Contains(got, `"exited"`) {
			t.Errorf("the bundle still says that it runs: %s", got)
		}
		if round != nil {
			round.Close()
		}
	}
}

// TestIsRestartedForEver: one that is started anew each time is looked at twice and no more.
func TestIsRestartedForEver(t *testing.T) {
	f := enginetest.New(t)
	var asked atomic.Int64
	again := func(w http.ResponseWriter, r *http.Request) {
		start := time.Unix(1795464000+asked.Add(1), 0).UTC().Format(time.RFC3339)
		enginetest.Body(strings.Replace(enginetest.RunningBody, "2026-11-23T20:05:38.6Z", start, 1))(w, r)
	}
	f.Route("/containers/web/json", again)
	f.Route("/containers/"+enginetest.WebID+"/json", again)
	collectWeb(t, optionsOf(t, f))
	if n := asked.Load(); n > 8 {
		t.Errorf("inspected %d times", n)
	}
}
