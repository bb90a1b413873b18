package answer

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// TestRepeats: what is on record is counted, with its first, last and usual distance; what happened once is no series.
func TestRepeats(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	after := func(seconds int) *time.Time { at := start.Add(time.Duration(seconds) * time.Second); return &at }
	ended := func(seconds ...int) (list []evidence.Life) {
		for _, s := range seconds {
			list = append(list, evidence.Life{End: after(s)})
		}
		return list
	}
	killed := func(seconds ...int) (list []kernellog.Kill) {
		for _, s := range seconds {
			list = append(list, kernellog.Kill{At: after(s)})
		}
		return list
	}
	for _, tt := range []struct {
		name     string
		lives    []evidence.Life
		kills    []kernellog.Kill
		restarts int
		want     string // "" = none
	}{
		{"once", ended(5), killed(5), 0, ""},
		{"alive", []evidence.Life{{Alive: true}}, nil, 0, ""},
		{"ends forgotten", ended(500), nil, 41, "restarted 41 times by its policy"},
		{"twice: no rhythm", ended(5, 65), nil, 0, "ended 2 times from 12:00:05 to 12:01:05"},
		{"in a rhythm, told out of order", append(ended(25, 5, 15), evidence.Life{Alive: true}), nil, 3,
			"restarted 3 times by its policy; ended 3 times from 12:00:05 to 12:00:25, every 10 s"},
		{"workers", nil, killed(1, 2, 4, 5), 0,
			"processes killed for lack of memory 4 times from 12:00:01 to 12:00:05, every 1 s"},
		{"no times", nil, []kernellog.Kill{{}, {}}, 0, ""},
	} {
		var c inquest.Case
		c.Lives = tt.lives
		c.Kills = tt.kills
		c.Spec, c.Status = &evidence.Spec{}, &evidence.Status{Restarts: tt.restarts}
		got := ""
		if r := repeatsOf(c); r != nil {
			got = r.String()
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if repeatsOf(inquest.Case{}) != nil {
		t.Error("nothing known, and something repeats")
	}
}
