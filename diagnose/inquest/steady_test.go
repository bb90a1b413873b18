package inquest

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// TestWithWorker: only where all is seen to wait for work does a line that stopped become a hint.
func TestWithWorker(t *testing.T) {
	for w, want := range map[inside.Worker]fact.Strength{inside.WorkerUnknown: fact.Strong, inside.WorkerGone: fact.Strong,
		inside.WorkerIdle: fact.Weak} {
		s := LogSigns{Log: &servicelog.Run{Findings: []servicelog.Finding{{ID: SteadyStopped, Strength: fact.Strong}}}}
		if got := s.withWorker(w).Log.Findings[0].Strength; got != want {
			t.Errorf("%d: %q, want %q", w, got, want)
		}
		if s.Log.Findings[0].Strength != fact.Strong {
			t.Error("the given run was changed")
		}
	}
}

// TestIndependent: what goes on in the log has a clock of its own, or a line has stopped alone.
func TestIndependent(t *testing.T) {
	ran, none := 0.5, new(uint64)
	e := &evidence.Evidence{Process: &evidence.Process{Overflows: none}, Inside: &evidence.Inside{
		Processes: []evidence.InsideProcess{{PID: 1, Version: "3.11", Threads: []evidence.InsideThread{{TID: 1, State: "S",
			LastRan: &ran, Wait: &evidence.Wait{Call: "clock_nanosleep"},
			Frames: []evidence.Frame{{File: "/app/app.py", Line: 31, Function: "beat"}}}}}}}}
	for independent, want := range map[bool]inside.Worker{true: inside.WorkerGone, false: inside.WorkerUnknown} {
		log := LogSigns{Log: &servicelog.Run{Findings: []servicelog.Finding{{ID: SteadyStopped, Independent: independent}}}}
		if got := viewOf(e, log).Worker; got != want {
			t.Errorf("independent %v: %d, want %d", independent, got, want)
		}
	}
	if got := viewOf(e, LogSigns{}).Worker; got != inside.WorkerUnknown {
		t.Errorf("no line stopped: %d", got)
	}
}
