package diagnose

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
	"github.com/gwdoctor/gwdoctor/fixtures/record"
)

// until cuts a record's events at a moment of its own life, as a capture made
// then would have seen them.
func until(r record.Record, last string) record.Record {
	for i, raw := range r.Events {
		var ev struct{ Action string }
		_ = json.Unmarshal(raw, &ev)
		if ev.Action == last {
			r.Events = r.Events[:i+1]
			return r
		}
	}
	return r
}

// TestWhileAlive looks at records in the middle of their lives.
func TestWhileAlive(t *testing.T) {
	tests := []struct {
		name, moment, lastEvent string
		starts                  int // cut the events after so many starts; -1 = keep all
		state                   string
		endedBy                 fact.EndedBy
		kind, cause             string
	}{
		// A child was OOM-killed, PID 1 lives: on Engine 20 the flag is still false.
		{"oom-child-survives-then-exit1", "running-after-child-oom", "oom", 0, "running", "none", fact.NotAFailure, ""},
		{"oom-exec", "running-after-exec-oom", "oom", 0, "running", "none", fact.NotAFailure, ""},
		// The first run was OOM-killed; the second is young, healthy, and shows OOMKilled still.
		{"oom-then-manual-start", "running-second", "start", 2, "running", "kernel-oom", fact.VerdictCause, "oom-kill"},
		{"oom-then-manual-start", "after-oom", "die", 0, "exited", "kernel-oom", fact.VerdictCause, "oom-kill"},
		{"health-timeout", "running", "", 0, "running", "none", fact.VerdictCause, "healthcheck-timeout"},
		{"health-zombies", "running", "", 0, "running", "none", fact.VerdictCause, "healthcheck-failure"},
		{"health-recovers", "running", "", 0, "running", "none", fact.NotAFailure, ""},
		// Paused: the engine shows "unhealthy" although no probe failed.
		{"health-frozen-by-pause", "paused", "pause", 0, "paused", "none", "", ""},
		{"oom-kill-disable", "frozen", "health_status: unhealthy", 0, "running", "none", fact.VerdictCause, "oom-kill"},
		// restart: always after a kill from the host.
		{"restart-always-hostkill", "after", "", 2, "running", "outside-signal", fact.VerdictUndetermined, ""},
		{"manualflag-docker-restart", "final", "", -1, "running", "none", fact.NotAFailure, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name+"/"+tt.moment, func(t *testing.T) {
			r := readRecord(t, tt.name)
			if _, ok := r.Inspect[tt.moment]; !ok {
				t.Fatalf("record has no moment %q", tt.moment)
			}
			switch {
			case tt.starts > 0:
				r.Events = r.Events[:countUntil(r, "start", tt.starts)]
			case tt.lastEvent != "":
				r = until(r, tt.lastEvent)
			case tt.starts == 0:
				r = beforeEnd(r)
			}
			d := Diagnose(bundleOf(t, r, tt.moment))
			if d.Death.State != tt.state || d.Death.EndedBy != tt.endedBy {
				t.Errorf("death %+v, want state %q, ended by %q", d.Death, tt.state, tt.endedBy)
			}
			if tt.kind != "" && (d.Verdict.Kind != tt.kind || d.Verdict.Cause != tt.cause) {
				t.Errorf("verdict %+v, want %s %s", d.Verdict, tt.kind, tt.cause)
			}
		})
	}
}

// countUntil returns how many events there are up to the n-th of an action.
func countUntil(r record.Record, action string, n int) int {
	for i, raw := range r.Events {
		var ev struct{ Action string }
		_ = json.Unmarshal(raw, &ev)
		if ev.Action == action {
			if n--; n == 0 {
				return i + 1
			}
		}
	}
	return len(r.Events)
}

// beforeEnd leaves out the stop that ends each record.
func beforeEnd(r record.Record) record.Record {
	for i, raw := range r.Events {
		var ev struct{ Action string }
		_ = json.Unmarshal(raw, &ev)
		if ev.Action == "kill" || ev.Action == "die" {
			r.Events = r.Events[:i]
			return r
		}
	}
	return r
}

// TestWithoutEvents takes the ring away: what a busy engine leaves after a
// minute. Nothing may be claimed that only the events prove.
func TestWithoutEvents(t *testing.T) {
	yes, no := true, false
	tests := []struct {
		name    string
		endedBy fact.EndedBy
		kind    string
		flag    *bool
	}{
		{"host-kill9", "unknown", fact.VerdictUndetermined, nil},
		{"host-kill9", "unknown", fact.VerdictUndetermined, &no}, // no kernel log either: it may have been the kernel
		{"docker-kill", "unknown", fact.VerdictUndetermined, nil},
		{"docker-kill", "engine-request", fact.NotAFailure, &yes},
		{"stop-ignored", "engine-request", fact.NotAFailure, &yes},
		{"stop-graceful", "own-exit", fact.NotAFailure, nil},
		{"manualflag-oom", "kernel-oom", fact.VerdictCause, nil}, // the flag and 137 are still there
		{"segv-pid1", "own-signal", fact.VerdictCause, nil},
		{"restart-always-after-signal", "own-exit", fact.VerdictUndetermined, &yes}, // the flag is a HUP's
		{"health-timeout", "engine-request", fact.VerdictCause, &yes},               // the health log outlives the events
		{"health-stop-during-probe", "engine-request", fact.NotAFailure, &yes},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := readRecord(t, tt.name)
			r.Events = nil
			b := bundleOf(t, r, "final")
			now := b.Manifest().CapturedAt
			b.SetSource(bundle.Source{Name: fact.SourceEvents, Status: fact.StatusTruncated, From: &now, To: &now})
			if tt.flag != nil {
				putJSON(t, b, bundle.FileStateFile, docker.StateFile{HasBeenManuallyStopped: tt.flag})
			}
			d := Diagnose(b)
			if d.Death.EndedBy != tt.endedBy || d.Verdict.Kind != tt.kind {
				t.Errorf("ended by %q (%s), verdict %+v; want %q, %q", d.Death.EndedBy, d.Death.Reason, d.Verdict,
					tt.endedBy, tt.kind)
			}
		})
	}
}

// TestGone diagnoses a container of which only events are left.
func TestGone(t *testing.T) {
	r := readRecord(t, "docker-rm-f")
	d := Diagnose(bundleOf(t, r, "final"))
	if d.Death.State != "gone" || d.Death.ExitCode == nil || *d.Death.ExitCode != 137 {
		t.Errorf("death %+v, want gone with exit code 137", d.Death)
	}
}

// TestNothingSeen diagnoses an empty bundle: no blame, no panic, ten causes.
func TestNothingSeen(t *testing.T) {
	d := Diagnose(bundle.New("test", bundle.Target{ID: "x", Name: "x"}, time.Unix(0, 0)))
	if d.Verdict.Kind != fact.VerdictUndetermined || len(d.Causes) != len(cause.All()) || len(d.Sources) == 0 {
		t.Errorf("verdict %+v with %d causes and %d sources", d.Verdict, len(d.Causes), len(d.Sources))
	}
	sum := 0.0
	for _, c := range d.Causes {
		sum += c.Confidence
	}
	for _, a := range d.Alternatives {
		sum += a.Confidence
	}
	if sum < 0.9999 || sum > 1.0001 {
		t.Errorf("confidences sum to %f", sum)
	}
}

// TestSlowStartEvent: on a loaded engine the start event came 160 ms after
// StartedAt and die 40 ms after FinishedAt. It is one run, not two.
func TestSlowStartEvent(t *testing.T) {
	r := record.Record{Name: "slow", Inspect: map[string]json.RawMessage{"final": json.RawMessage(`{"Id":"a","Name":"/a","Path":"x","State":{"Status":"exited","ExitCode":3,
	 "StartedAt":"2026-11-23T10:00:00.000Z","FinishedAt":"2026-11-23T10:00:01.000Z"},"HostConfig":{},"Config":{}}`)}}
	for _, ev := range []string{
		`{"Type":"container","Action":"start","Actor":{"Attributes":{}},"timeNano":1795428000160000000}`,
		`{"Type":"container","Action":"die","Actor":{"Attributes":{"exitCode":"3"}},"timeNano":1795428001040000000}`,
	} {
		r.Events = append(r.Events, json.RawMessage(ev))
	}
	c := caseOf(bundleOf(t, r, "final"))
	if len(c.Lives) != 1 || !c.Life.Has(fact.EventEnded) {
		t.Errorf("%d lives: %+v", len(c.Lives), c.Lives)
	}
}

// TestCoreProvesTheCrash: the kernel logs a segmentation fault before it writes the
// core, so a long dump ends in no line near the end. The main process's own core is
// the witness; a child's, a snapshot or an older one is none.
func TestCoreProvesTheCrash(t *testing.T) {
	end := time.Date(2026, 11, 23, 10, 0, 10, 0, time.UTC)
	pid, child := 1, 7
	core := func(change func(*coredump.Dump)) *coredump.Dump {
		at := end.Add(-100 * time.Millisecond)
		d := &coredump.Dump{Path: "/core", At: &at, PID: &pid, Signal: "SIGSEGV", Kind: coredump.KindNullPointer,
			Container: &coredump.Container{ID: "a", Grade: coredump.GradeProven}}
		if change != nil {
			change(d)
		}
		return d
	}
	tests := []struct {
		name    string
		core    *coredump.Dump
		endedBy fact.EndedBy
	}{
		{"no core, no line", nil, fact.EndedByUnknown},
		{"its core", core(nil), fact.EndedByOwnSignal},
		{"a child's core", core(func(d *coredump.Dump) { d.PID = &child }), fact.EndedByUnknown},
		{"whose is not known", core(func(d *coredump.Dump) { d.PID = nil }), fact.EndedByUnknown},
		{"a snapshot", core(func(d *coredump.Dump) { d.Kind = coredump.KindSnapshot }), fact.EndedByUnknown},
		{"a signal that was sent", core(func(d *coredump.Dump) { d.Kind = coredump.KindSent }), fact.EndedByUnknown},
		{"of a run before", core(func(d *coredump.Dump) { at := end.Add(-time.Hour); d.At = &at }), fact.EndedByUnknown},
		{"a weak match", core(func(d *coredump.Dump) { d.Container.Grade = coredump.GradePossible }), fact.EndedByUnknown},
		{"cut before its notes", core(func(d *coredump.Dump) { d.Signal = "" }), fact.EndedByUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := caseOf(crashBundle(t, end, tt.core))
			if c.Death.EndedBy != tt.endedBy {
				t.Errorf("ended by %s (%s), want %s", c.Death.EndedBy, c.Death.Reason, tt.endedBy)
			}
		})
	}
}

// crashBundle is an amd64 container that ended with 139 at a time around which the
// kernel's log is whole and silent.
func crashBundle(t *testing.T, end time.Time, core *coredump.Dump) *bundle.Bundle {
	t.Helper()
	r := record.Record{Name: "core", Inspect: map[string]json.RawMessage{"final": json.RawMessage(`{"Id":"a","Name":"/a","Path":"x","State":{"Status":"exited","ExitCode":139,
	 "StartedAt":"2026-11-23T10:00:00Z","FinishedAt":"2026-11-23T10:00:10Z"},"HostConfig":{},"Config":{}}`)}}
	b := bundleOf(t, r, "final")
	b.Put(bundle.FileImage, []byte(`{"Id":"sha256:1","Architecture":"amd64","Os":"linux"}`))
	b.SetSource(bundle.Source{Name: fact.SourceImage, Status: fact.StatusCollected})
	from, to := end.Add(-time.Hour), end.Add(time.Hour)
	b.Put(bundle.FileKmsg, []byte("6,1,0,-;Linux version 6.18.0\n"))
	putJSON(t, b, bundle.FileClock, evidence.Clock{Boot: from})
	b.SetSource(bundle.Source{Name: fact.SourceKernelLog, Status: fact.StatusCollected, From: &from, To: &to})
	if core != nil {
		putJSON(t, b, bundle.FileCores, coredump.Search{Cores: []coredump.Dump{*core}})
		b.SetSource(bundle.Source{Name: fact.SourceCores, Status: fact.StatusCollected})
	}
	return b
}

// putJSON stores v in the bundle as JSON.
func putJSON(t *testing.T, b *bundle.Bundle, name string, v any) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	b.Put(name, data)
}
