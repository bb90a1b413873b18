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
