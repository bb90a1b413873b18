package prefix

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		line, msg string
		level     Level
		pid       int
		bare      bool
	}{
		{"ERROR:    Application startup failed. Exiting.", "Application startup failed. Exiting.", High, 0, false},
		{"INFO:     Uvicorn running", "Uvicorn running", Low, 0, false},
		{"[2026-11-23 09:06:15 +0000] [24400] [CRITICAL] WORKER TIMEOUT (pid:24407)", "WORKER TIMEOUT (pid:24407)", High,
			24400, false},
		{"2026-11-23 09:06:15,120 - uvicorn.error - ERROR - Application startup failed", "Application startup failed", High,
			0, false},
		{"WARNING:urllib3.connectionpool:Connection pool is full", "Connection pool is full", High, 0, false},
		{"2026-11-23 09:40:03.300 | ERROR    | __main__:<module>:3 - bad", "bad", High, 0, false},
		{"     ERROR   Application startup failed. Exiting.", "Application startup failed. Exiting.", High, 0, false},
		{"2026-11-23T09:06:15.123456Z [error    ] Application startup failed. Exiting. [uvicorn.error] pid=7",
			"Application startup failed. Exiting.", High, 0, false},
		{"18910:M 23 Nov 2026 09:24:49.155 # Background saving error", "Background saving error", High, 18910, false},
		{"2026-11-23 09:25:01.123456+00:00 [error] <0.12.0> memory resource limit", "memory resource limit", High, 0, false},
		// What looks like one and is none.
		{"redis.exceptions.ConnectionError: Too many connections", "redis.exceptions.ConnectionError: Too many connections",
			None, 0, true},
		{"[Errno 98] address in use", "[Errno 98] address in use", None, 0, true},
		{"ERRORS were found", "ERRORS were found", None, 0, true},
		{"    raise RuntimeError", "    raise RuntimeError", None, 0, true},
		{"", "", None, 0, true},
	} {
		got := Parse([]byte(tt.line))
		if string(got.Msg) != tt.msg || got.Level != tt.level || got.PID != tt.pid || got.Bare != tt.bare {
			t.Errorf("%q: %q, level %d, pid %d, bare %v", tt.line, got.Msg, got.Level, got.PID, got.Bare)
		}
	}
}

func TestLevelOf(t *testing.T) {
	for level, want := range map[severity.Level]Level{severity.Unknown: None, severity.Error: High, severity.Warning: High,
		severity.Info: Low} {
		if got := LevelOf(level); got != want {
			t.Errorf("%v: %d, want %d", level, got, want)
		}
	}
}

func TestIsLevel(t *testing.T) {
	for text, want := range map[string]bool{"ERROR": true, "WARN: x": true, "error": false, "ERRORS": false, "": false} {
		if got := IsLevel([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
