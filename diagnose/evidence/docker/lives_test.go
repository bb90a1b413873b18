package docker

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// history is what truly happened to a container, and what an engine would have written of it.
type history struct {
	events   []string
	codes    []int
	started  []time.Time // StartedAt of each run
	finished []time.Time // FinishedAt of each run that ended
	alive    bool
}

// happen makes up runs whose stamps are skewed as far as an engine's are: only the order is kept in which one goroutine
// does things. A run's StartedAt and its start event lie between the event of the end before and that of its own end,
// in either order; FinishedAt may lie before StartedAt.
func happen(rnd *rand.Rand, n int, alive bool) history {
	h := history{alive: alive}
	now := captured.Add(-24 * time.Hour)
	tick := func(upTo time.Duration) time.Time {
		now = now.Add(1 + time.Duration(rnd.Int64N(int64(upTo))))
		return now
	}
	tell := func(action, attributes string) {
		h.events = append(h.events, fmt.Sprintf(`{"Type":"container","Action":%q,"Actor":{"Attributes":{%s}},"timeNano":%d}`,
			action, attributes, now.UnixNano()))
	}
	tell("create", "")
	for i := range n {
		stampFirst := rnd.IntN(2) == 0
		if stampFirst {
			h.started = append(h.started, tick(6*time.Second))
		}
		tick(6 * time.Second)
		tell("start", "")
		if !stampFirst {
			h.started = append(h.started, tick(200*time.Millisecond))
		}
		if alive && i == n-1 {
			break
		}
		h.finished = append(h.finished, now.Add(time.Duration(rnd.Int64N(int64(time.Second)))-500*time.Millisecond))
		now = now.Add(500 * time.Millisecond)
		h.codes = append(h.codes, rnd.IntN(200))
		tick(34 * time.Second)
		tell("die", fmt.Sprintf(`"exitCode":"%d"`, h.codes[i]))
	}
	return h
}

// inspect is what the engine answers now.
func (h history) inspect(restarts int) string {
	status, code, finished := "exited", 0, "0001-01-01T00:00:00Z"
	if h.alive {
		status = "running"
	} else {
		code = h.codes[len(h.codes)-1]
	}
	if len(h.finished) > 0 {
		finished = h.finished[len(h.finished)-1].Format(time.RFC3339Nano)
	}
	return fmt.Sprintf(`{"Id":"a6f3","RestartCount":%d,"State":{"Status":%q,"ExitCode":%d,"StartedAt":%q,"FinishedAt":%q}}`,
		restarts, status, code, h.started[len(h.started)-1].Format(time.RFC3339Nano), finished)
}

func (h history) lives(lost, restarts int) []evidence.Life {
	return Decode(bundleWith(map[string]string{
		bundle.FileInspect: h.inspect(restarts),
		bundle.FileEvents:  strings.Join(h.events[lost:], "\n"),
	})).Lives
}

// TestLivesByOrder: as many lives as there were, each with its own end, whatever the stamps.
func TestLivesByOrder(t *testing.T) {
	for seed := range uint64(500) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		n, alive := 1+rnd.IntN(4), rnd.IntN(2) == 0
		h := happen(rnd, n, alive)
		lives := h.lives(0, n-1)
		if len(lives) != n {
			t.Fatalf("seed %d: %d lives of %d: %+v", seed, len(lives), n, lives)
		}
		last := lives[n-1]
		if last.Alive != alive || !last.Start.Equal(h.started[n-1]) || !lives[0].First {
			t.Errorf("seed %d: last %+v, first %v", seed, last, lives[0].First)
		}
		for i, l := range lives {
			if i < len(h.codes) && (l.ExitCode == nil || *l.ExitCode != h.codes[i]) {
				t.Errorf("seed %d: life %d ended with %v, want %d", seed, i, l.ExitCode, h.codes[i])
			}
			if i > 0 && l.First {
				t.Errorf("seed %d: life %d is not the first", seed, i)
			}
		}
		if got := eventsIn(lives); got != len(h.events) {
			t.Errorf("seed %d: %d of %d events belong to a life", seed, got, len(h.events))
		}
	}
}

func eventsIn(lives []evidence.Life) (n int) {
	for _, l := range lives {
		n += len(l.Events)
	}
	return n
}

// TestLivesOfWrappedRing: where the ring has lost the beginning, the newest life is inspect's, there are never more
// lives than there were, and none is called the first that is not.
func TestLivesOfWrappedRing(t *testing.T) {
	for seed := range uint64(500) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		n, alive := 1+rnd.IntN(4), rnd.IntN(2) == 0
		h := happen(rnd, n, alive)
		lost := 1 + rnd.IntN(len(h.events))
		lives := h.lives(lost, n-1)
		if len(lives) < 1 || len(lives) > n {
			t.Fatalf("seed %d: %d lives, there were %d", seed, len(lives), n)
		}
		last := lives[len(lives)-1]
		if last.Alive != alive || !last.Start.Equal(h.started[n-1]) {
			t.Errorf("seed %d, lost %d of %d: last %+v, started %v", seed, lost, len(h.events), last, h.started[n-1])
		}
		if lives[0].First && len(lives) < n {
			t.Errorf("seed %d: called the first, and %d came before", seed, n-len(lives))
		}
	}
}

// TestOneStartIsOneRun: created and started once, with no restart counted, is one run, even where the clock was set
// between the stamps.
func TestOneStartIsOneRun(t *testing.T) {
	for _, skew := range []time.Duration{-time.Hour, -6 * time.Second, -time.Millisecond, time.Millisecond,
		6 * time.Second, time.Hour} {
		h := happen(rand.New(rand.NewPCG(7, 7)), 1, false)
		h.started[0] = h.started[0].Add(skew)
		if lives := h.lives(0, 0); len(lives) != 1 || !lives[0].First || lives[0].ExitCode == nil {
			t.Errorf("skew %v: %+v", skew, lives)
		}
	}
}

// TestDieBeforeItsEvent: the run has ended, and the engine has not told it yet.
func TestDieBeforeItsEvent(t *testing.T) {
	h := happen(rand.New(rand.NewPCG(7, 7)), 2, false)
	h.events = h.events[:len(h.events)-1]
	lives := h.lives(0, 1)
	if len(lives) != 2 || lives[1].Alive || lives[1].End == nil || *lives[1].ExitCode != h.codes[1] {
		t.Errorf("lives %+v", lives)
	}
}

// TestStartBeforeItsEvent: it runs again, and the engine has not told it yet: 28.5 stamps StartedAt up to 5.8 s before.
func TestStartBeforeItsEvent(t *testing.T) {
	h := happen(rand.New(rand.NewPCG(7, 7)), 2, true)
	h.events = h.events[:len(h.events)-1]
	lives := h.lives(0, 0)
	if len(lives) != 2 || !lives[1].Alive || lives[0].Alive || *lives[0].ExitCode != h.codes[0] {
		t.Errorf("lives %+v", lives)
	}
}

// TestStopToldBeforeDie: on 28 the stop event may come before that of the end, and it is a stop all the same.
func TestStopToldBeforeDie(t *testing.T) {
	events := eventAt(0, "create", "") + eventAt(2300, "start", "") + eventAt(5000, "kill", `"signal":"15"`) +
		eventAt(6100, "kill", `"signal":"9"`) + eventAt(7990, "stop", "") + eventAt(8050, "die", `"exitCode":"137"`)
	life := Decode(bundleWith(map[string]string{bundle.FileEvents: events})).Lives[0]
	if r := life.Request; r == nil || r.Words != "docker stop" || !r.Escalated {
		t.Errorf("request %+v", r)
	}
}

// TestEndToldTwice: 26.1 on a busy machine wrote die twice for one stop that had to escalate; that is one run.
func TestEndToldTwice(t *testing.T) {
	events := eventAt(0, "create", "") + eventAt(2300, "start", "") + eventAt(5000, "kill", `"signal":"15"`) +
		eventAt(19_000, "kill", `"signal":"9"`) + eventAt(35_000, "die", `"exitCode":"0"`) +
		eventAt(48_000, "die", `"exitCode":"0"`) + eventAt(48_300, "stop", "")
	lives := Decode(bundleWith(map[string]string{bundle.FileEvents: events,
		bundle.FileInspect: `{"Id":"a6f3","State":{"Status":"exited","ExitCode":0,` +
			`"StartedAt":"2026-11-23T10:00:02.2Z","FinishedAt":"2026-11-23T10:00:40Z"}}`})).Lives
	if len(lives) != 1 || lives[0].Request == nil || lives[0].Request.Words != "docker stop" {
		t.Errorf("lives %+v", lives)
	}
}
