package probe

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// TestOutcome: one that ran to its end, one that was interrupted, and one of which nothing came.
func TestOutcome(t *testing.T) {
	two := []replay.Record{{TookMs: 1}, {TookMs: 2}}
	for _, tt := range []struct {
		name, ended, detail string
		status              fact.Status
		probes              []replay.Record
	}{
		{"whole", "", "2 probes", fact.StatusCollected, two},
		{"interrupted", "interrupted", "2 probes; interrupted", fact.StatusTruncated, two},
		{"the container ended at once", "it ended", "0 probes; it ended", fact.StatusTruncated, nil},
	} {
		o := Outcome(replay.Replay{Probes: tt.probes, Ended: tt.ended})
		if s := o.Source; s.Status != tt.status || s.Detail != tt.detail || s.Name != fact.SourceReplay {
			t.Errorf("%s: %+v", tt.name, s)
		}
		b := bundle.New("test", bundle.Target{Name: "x"}, time.Time{})
		o.Store(b)
		data, ok := b.File(bundle.FileReplay)
		var kept map[string]json.RawMessage
		if !ok || json.Unmarshal(data, &kept) != nil || string(kept["probes"]) == "null" {
			t.Errorf("%s: %s", tt.name, data)
		}
	}
}

func TestDescribe(t *testing.T) {
	for _, tt := range []struct {
		name    string
		plan    Plan
		planned int
	}{
		{"a number", Plan{Count: 5, Interval: time.Second}, 5},
		{"a time", Plan{Duration: 10 * time.Second, Interval: 2 * time.Second}, 5},
		{"neither", Plan{}, 0},
	} {
		var r replay.Replay
		tt.plan.Describe(&r, 3*time.Second)
		if r.Planned != tt.planned || r.IntervalMs != Millis(tt.plan.Interval) || r.TimeoutMs != 3000 {
			t.Errorf("%s: %+v", tt.name, r)
		}
	}
}
