package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// TestRecoveryNamesWhoWasAway: a neighbour that went just before the first failure, and was back by the first pass.
func TestRecoveryNamesWhoWasAway(t *testing.T) {
	second := func(n int) time.Time { return froze.Add(time.Duration(n) * time.Second) }
	event := func(n int, kind fact.Event) evidence.Event {
		return evidence.Event{At: second(n), Kind: kind, Name: "shop-redis-1"}
	}
	away := func(from, to int) []evidence.Event {
		return []evidence.Event{event(from, fact.EventPaused), event(to, fact.EventUnpaused)}
	}
	for name, tt := range map[string]struct {
		tied   bool
		events []evidence.Event
		from   time.Time // zero = nobody is named
		paused bool
	}{
		"it was paused": {true, away(-1, 19), second(-1), true},
		"it was stopped and started": {true, []evidence.Event{event(-2, fact.EventEnded), event(18, fact.EventStarted)},
			second(-2), false},
		"nothing ties them":       {false, away(-1, 19), time.Time{}, false},
		"it was away long before": {true, away(-60, 19), time.Time{}, false},
		"it was back before":      {true, away(-3, -1), time.Time{}, false},
		"it went later":           {true, away(9, 19), time.Time{}, false},
		"it is still away":        {true, away(-1, 19)[:1], time.Time{}, false},

		"the events of that time are gone": {true, nil, time.Time{}, false},
	} {
		e := &evidence.Evidence{}
		e.Spec = &evidence.Spec{Healthcheck: &check.Config{Interval: 5 * time.Second, Timeout: 2 * time.Second}}
		n := evidence.Neighbour{Name: "shop-redis-1", Service: "redis", Addresses: []string{"172.18.0.3"}}
		if tt.tied {
			n.NamedBy = []string{"REDIS_URL"}
		}
		e.Neighbours, e.Around = []evidence.Neighbour{n}, tt.events
		got := awayDuring(e, &Recovery{From: froze, To: second(20)})
		switch {
		case tt.from.IsZero() && len(got) > 0:
			t.Errorf("%s: named %+v", name, got)
		case !tt.from.IsZero() && (len(got) != 1 || !got[0].From.Equal(tt.from) || got[0].Paused != tt.paused ||
			got[0].Name != "redis"):
			t.Errorf("%s: %+v", name, got)
		}
	}
}
