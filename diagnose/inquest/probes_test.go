package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// TestProbesAfterARequest: a server that was asked to stop listens no more; a probe that is refused then says nothing
// of the check, whichever record tells of it.
func TestProbesAfterARequest(t *testing.T) {
	start := time.Date(2026, 11, 23, 20, 43, 0, 0, time.UTC)
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	config := check.Config{Test: []string{"CMD-SHELL", "curl -fsS http://localhost:8080/health"},
		Interval: 2 * time.Second, Timeout: 2 * time.Second, Retries: 2}
	probe := func(s, code int) evidence.Exec {
		return evidence.Exec{Start: at(s), End: at(s).Add(100 * time.Millisecond), ExitCode: code,
			Command: "/bin/sh -c curl -fsS http://localhost:8080/health"}
	}
	end := at(24)
	life := &evidence.Life{Start: start, End: &end, Execs: []evidence.Exec{probe(15, 7), probe(23, 7)}}
	if got := probesFromEvents(life, config, nil); len(got) != 2 {
		t.Errorf("nobody asked it to stop: %d of 2 probes", len(got))
	}
	life.Request = &evidence.Request{At: at(21)}
	got := probesFromEvents(life, config, nil)
	if len(got) != 1 || !got[0].Start.Equal(at(15)) {
		t.Errorf("asked to stop after the first: %v", got)
	}
	if life.End = nil; len(probesFromEvents(life, config, nil)) != 2 {
		t.Error("it outlived the request, so both count")
	}
}

// TestTurn: the engine keeps five results. Its counter says how many are gone, and the turn is known only where they
// leave it in the record.
func TestTurn(t *testing.T) {
	start := time.Date(2026, 11, 23, 20, 43, 0, 0, time.UTC)
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	row := func(first int) (list []Probe) { // five failures, 10 s from start to start, 1 s long
		for i := range 5 {
			s := first + 10*i
			list = append(list, Probe{Probe: check.Probe{Start: at(s), End: at(s + 1)},
				Result: check.Result{Outcome: check.Timeout}})
		}
		return list
	}
	passed := Probe{Probe: check.Probe{Start: at(990), End: at(991)}, Result: check.Result{Outcome: check.Pass}}
	pointer := func(s int) *time.Time { m := at(s); return &m }
	for _, tt := range []struct {
		name    string
		signs   ProbeSigns
		retries int
		want    *time.Time
		earlier bool
		about   *time.Time
	}{
		{"all on record", ProbeSigns{Probes: row(1000), Streak: 5, Complete: true}, 3, pointer(1021), false, nil},
		{"one passed before", ProbeSigns{Probes: append([]Probe{passed}, row(1000)...), Streak: 5}, 3, pointer(1021),
			false, nil},
		{"from the start of the life", ProbeSigns{Probes: row(10), Streak: 5}, 3, pointer(31), false, nil},
		{"two are gone, the turn is left", ProbeSigns{Probes: row(1000), Streak: 7, Complete: true}, 3, pointer(1001),
			false, nil},
		{"the turn is just gone", ProbeSigns{Probes: row(1000), Streak: 8, Complete: true}, 3, pointer(1000), true,
			pointer(1000)},
		{"many are gone", ProbeSigns{Probes: row(1000), Streak: 48, Complete: true}, 3, pointer(1000), true,
			pointer(600)},
		{"more than the life can hold", ProbeSigns{Probes: row(1000), Streak: 4800, Complete: true}, 3, pointer(1000),
			true, pointer(0)},
		{"how many are gone is unknown", ProbeSigns{Probes: row(1000), Streak: 5}, 3, pointer(1021), true, nil},
	} {
		got, earlier := tt.signs.turn(&evidence.Life{Start: start}, check.Config{Interval: 9 * time.Second,
			Retries: tt.retries})
		if got == nil || !got.Equal(*tt.want) || (earlier != nil) != tt.earlier {
			t.Errorf("%s: turned at %v, earlier %v", tt.name, got, earlier)
			continue
		}
		if earlier != nil && (earlier.About == nil) != (tt.about == nil) ||
			tt.about != nil && !earlier.About.Equal(*tt.about) {
			t.Errorf("%s: estimated %v", tt.name, earlier.About)
		}
	}
}

// TestRequestNeedsTheTurn: without the time of the turn nobody knows whether a stop was a watcher's answer to it.
func TestRequestNeedsTheTurn(t *testing.T) {
	turned := time.Date(2026, 11, 23, 20, 43, 0, 0, time.UTC)
	r := &evidence.Request{At: turned.Add(5 * time.Second)}
	if got := requestOf(r, ProbeSigns{Unhealthy: &turned}); got.Unhealthy == nil {
		t.Error("an exact turn before the request is lost")
	}
	if got := requestOf(r, ProbeSigns{Unhealthy: &turned, Earlier: &Earlier{}}); got.Unhealthy != nil {
		t.Error("a lower bound is told as the time of the turn")
	}
}
