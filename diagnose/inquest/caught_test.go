package inquest

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// TestWithCaught: a main program that printed an exception, went on and ended with success has caught it.
func TestWithCaught(t *testing.T) {
	for _, tt := range []struct {
		name    string
		command []string
		code    int
		last    int // number of the log's last line; the traceback ends at 6
		caught  bool
	}{
		{"a job that tries again", []string{"python3", "/app/job.py"}, 0, 7, true},
		{"by a relative path", []string{"python3", "-u", "job.py"}, 0, 9, true},
		{"it failed", []string{"python3", "/app/job.py"}, 1, 7, false},
		{"nothing came after", []string{"python3", "/app/job.py"}, 0, 6, false},
		{"a shell went on", []string{"sh", "-c", "python3 /app/job.py; echo done"}, 0, 7, false},
		{"another program's", []string{"/entry"}, 0, 7, false},
	} {
		s := LogSigns{Log: &servicelog.Run{Tail: []servicelog.Line{{Number: tt.last, Text: "812 rows"}},
			LastWords: &servicelog.LastWords{Line: servicelog.Line{Number: 6}, Gravity: servicelog.Fatal},
			Findings: []servicelog.Finding{{ID: "startup-exception", Cause: fact.StartupFailure, Line: 6, LastLine: 6,
				Exception: &traceback.Exception{Frames: []traceback.Frame{{File: "/app/job.py"}}}}}}}
		x := Examined{Life: &evidence.Life{ExitCode: &tt.code}}
		got := s.withCaught(&evidence.Spec{Command: tt.command}, x)
		if caught := got.Log.Findings[0].Cause == ""; caught != tt.caught {
			t.Errorf("%s: caught is %v", tt.name, caught)
		}
		if plain := got.Log.LastWords.Gravity == servicelog.Plain; plain != tt.caught {
			t.Errorf("%s: last words are plain: %v", tt.name, plain)
		}
	}
	none := LogSigns{Log: &servicelog.Run{Tail: []servicelog.Line{{Number: 7}}}}
	if got := none.withCaught(nil, Examined{}); len(got.Log.Findings) > 0 {
		t.Error("an end that is not known")
	}
}

// TestWithWritable: only a root that is set read-only makes the want of a temporary folder tell of that.
func TestWithWritable(t *testing.T) {
	for _, tt := range []struct {
		spec *evidence.Spec
		want fact.Strength
	}{{&evidence.Spec{ReadonlyRoot: true}, fact.Strong}, {&evidence.Spec{}, fact.Weak}, {nil, fact.Strong}} {
		s := LogSigns{Log: &servicelog.Run{Findings: []servicelog.Finding{{ID: noTemporaryFolder, Strength: fact.Strong}}}}
		if got := s.withWritable(tt.spec).Log.Findings[0].Strength; got != tt.want {
			t.Errorf("%+v: %q", tt.spec, got)
		}
	}
}

// TestWithImport: a worker that is killed while it imports is of the start; one that was asked before is not.
func TestWithImport(t *testing.T) {
	ownCall := evidence.Frame{File: "/app/app.py", Line: 31, Function: "get_stock"}
	frozen := evidence.Frame{File: "<frozen importlib._bootstrap>", Line: 241, Function: "_call_with_frames_removed"}
	for _, tt := range []struct {
		name     string
		frames   []evidence.Frame
		accesses int
		want     string
	}{
		{"imports", []evidence.Frame{ownCall, frozen}, 0, "gunicorn-boot-timeout"},
		{"in a request", []evidence.Frame{ownCall}, 0, "gunicorn-worker-timeout"},
		{"had answered", []evidence.Frame{ownCall, frozen}, 3, "gunicorn-worker-timeout"},
	} {
		main := standingThread(10, "clock_nanosleep", 3, nil)
		main.Frames = tt.frames
		e := withThreads(main).Evidence
		s := LogSigns{Log: &servicelog.Run{Accesses: tt.accesses,
			Findings: []servicelog.Finding{{ID: "gunicorn-worker-timeout"}}}}
		if got := s.withImport(&e).Log.Findings[0].ID; got != tt.want {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
	blind := LogSigns{Log: &servicelog.Run{Findings: []servicelog.Finding{{ID: "gunicorn-worker-timeout"}}}}
	if got := blind.withImport(&evidence.Evidence{}).Log.Findings[0].ID; got != "gunicorn-worker-timeout" {
		t.Errorf("not looked into: %s", got)
	}
}
