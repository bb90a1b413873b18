package check_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// TestIsPlain: which lines of a shell run known probers alone.
func TestIsPlain(t *testing.T) {
	for line, want := range map[string]bool{
		"curl -f http://localhost:8080/health || exit 1": true,
		"test -f /ready && PGUSER=app pg_isready -q":     true,
		"/check.sh":                          false,
		"python3 -c 'import x' && curl -f x": false,
		`[ "$(python3 /ask.py)" = ok ]`:      false,
		"curl -s x | xargs python3":          false,
		"curl -s x | grep ok && sh /more.sh": false,
		"":                                   false,
	} {
		if got := check.Parse([]string{check.FormShell, line}).IsPlain(); got != want {
			t.Errorf("%q: plain %v", line, got)
		}
	}
	if check.Parse([]string{check.FormExec, "curl", "x"}).IsPlain() {
		t.Error("no shell runs the exec form")
	}
}

func TestTool(t *testing.T) {
	tests := []struct {
		test []string
		want string
	}{
		{[]string{"CMD", "curl", "-f", "http://localhost/"}, "curl"},
		{[]string{"CMD", "/usr/bin/python3.11", "-c", "import urllib.request"}, "python"},
		{[]string{"CMD", "timeout", "-k", "5", "3s", "curl"}, "curl"},
		{[]string{"CMD-SHELL", "env A=1 timeout -s KILL 5 curl -f http://x/"}, "curl"},
		{[]string{"CMD", "timeout", "5", "wget", "-q"}, "wget"},
		{[]string{"CMD", "sh", "-c", "curl -f http://x/ || exit 1"}, "curl"},
		{[]string{"CMD-SHELL", "curl -f http://x/ || exit 1"}, "curl"},
		{[]string{"CMD-SHELL", "test -f /ready && PGUSER=app pg_isready -q"}, "pg_isready"},
		{[]string{"CMD-SHELL", `[ "$(curl -s -o /dev/null -w '%{http_code}' http://x/)" = 200 ]`}, "curl"},
		{[]string{"CMD-SHELL", "cat /hb"}, "cat"},
		{[]string{"CMD-SHELL", "exit 0"}, "exit"},
		{[]string{"CMD", "/app/bin/grpc_health_probe", "-addr=:50051"}, "grpc_health_probe"},
		{[]string{"CMD", "\x1b[31mevil"}, ""},
		{[]string{"NONE"}, ""}, {nil, ""}, {[]string{"CMD"}, ""},
	}
	for _, tt := range tests {
		if got := check.Tool(tt.test); got != tt.want {
			t.Errorf("Tool(%q) = %q, want %q", tt.test, got, tt.want)
		}
	}
}

func TestDetectionTime(t *testing.T) {
	tests := []struct {
		config check.Config
		want   time.Duration
	}{
		{check.Config{}, 180 * time.Second}, // docs/notes/HEALTH.md#b1: 150 to 180 s by default
		{check.Config{Interval: time.Second, Timeout: 2 * time.Second, Retries: 3}, 9 * time.Second}, // measured 9.02
		{check.Config{Retries: 1}, time.Minute},
		{check.Config{Interval: math.MaxInt64, Timeout: time.Second}, math.MaxInt64},
		{check.Config{Retries: math.MaxInt}, math.MaxInt64},
	}
	for _, tt := range tests {
		if got := tt.config.DetectionTime(); got != tt.want {
			t.Errorf("%+v: %v, want %v", tt.config, got, tt.want)
		}
	}
}

func TestEnabled(t *testing.T) {
	for _, tt := range []struct {
		test []string
		want bool
	}{
		{[]string{"CMD", "true"}, true}, {[]string{"CMD-SHELL", "true"}, true},
		{[]string{"NONE"}, false}, {[]string{"CMD"}, false}, {nil, false}, {[]string{"true", "x"}, false},
	} {
		if got := (check.Config{Test: tt.test}).Enabled(); got != tt.want {
			t.Errorf("%q: %v, want %v", tt.test, got, tt.want)
		}
	}
}

func TestWithDefaults(t *testing.T) {
	got := check.Config{Test: []string{"CMD", "true"}, Retries: -1}.WithDefaults()
	want := check.Config{Test: []string{"CMD", "true"}, Interval: 30 * time.Second, Timeout: 30 * time.Second,
		Retries: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
