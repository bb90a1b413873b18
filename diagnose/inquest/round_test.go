package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// TestSameRound: a life that was looked at before it ends as those before is of their loop; one that outlived them,
// that came after a long life, or later, is not.
func TestSameRound(t *testing.T) {
	start := time.Date(2026, 11, 27, 5, 0, 0, 0, time.UTC)
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	for name, tt := range map[string]struct {
		ended, again, now float64 // seconds after the start of the life before
		want              bool
	}{
		"looked at in the middle":    {3, 4, 6, true},
		"ended at once, just begun":  {0.1, 0.3, 0.8, true},
		"outlived what ended it":     {3, 4, 20, false},
		"a life before that lasted":  {60, 61, 62, false},
		"started again by a person":  {3, 200, 201, false},
		"at the moment of its start": {3, 4, 4, true},
	} {
		code, end := 1, at(tt.ended)
		lives := []evidence.Life{{Start: start, End: &end, ExitCode: &code}, {Start: at(tt.again), Alive: true}}
		if got := sameRound(lives, at(tt.now)); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if sameRound([]evidence.Life{{Start: start, Alive: true}}, at(1)) || sameRound(nil, at(1)) {
		t.Error("a first life is a round of a loop")
	}
}
