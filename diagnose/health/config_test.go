package health_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/health"
)

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
		if got := health.Tool(tt.test); got != tt.want {
			t.Errorf("Tool(%q) = %q, want %q", tt.test, got, tt.want)
		}
	}
}

func TestDetectionTime(t *testing.T) {
	tests := []struct {
		config health.Config
		want   time.Duration
	}{
		{health.Config{}, 180 * time.Second}, // HEALTH.md B1: 150 to 180 s by default
		{health.Config{Interval: time.Second, Timeout: 2 * time.Second, Retries: 3}, 9 * time.Second}, // measured 9.02
		{health.Config{Retries: 1}, time.Minute},
		{health.Config{Interval: math.MaxInt64, Timeout: time.Second}, math.MaxInt64},
		{health.Config{Retries: math.MaxInt}, math.MaxInt64},
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
		if got := (health.Config{Test: tt.test}).Enabled(); got != tt.want {
			t.Errorf("%q: %v, want %v", tt.test, got, tt.want)
		}
	}
}

func TestWithDefaults(t *testing.T) {
	got := health.Config{Test: []string{"CMD", "true"}, Retries: -1}.WithDefaults()
	want := health.Config{Test: []string{"CMD", "true"}, Interval: 30 * time.Second, Timeout: 30 * time.Second, Retries: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// good is a check without a fault; each test changes one thing.
func good(test ...string) health.Config {
	return health.Config{Test: test, Interval: 10 * time.Second, Timeout: 5 * time.Second, Retries: 3, StartPeriod: 30 * time.Second}
}

func TestLintConfig(t *testing.T) {
	const fine = "curl -fsS --max-time 3 http://127.0.0.1:8000/health || exit 1"
	with := func(change func(*health.Config)) health.Config {
		c := good("CMD-SHELL", fine)
		change(&c)
		return c
	}
	shell := func(line string) health.Config { return good("CMD-SHELL", line) }
	tests := []struct {
		name   string
		config health.Config
		want   []string
	}{
		{"nothing wrong", shell(fine), nil},
		{"nothing wrong, exec form", good("CMD", "curl", "-fsS", "-m", "3", "http://127.0.0.1/"), nil},
		{"nothing wrong, bundled options", shell("curl -fsSm3 http://127.0.0.1/"), nil},
		{"nothing wrong, fail-with-body", shell("curl --fail-with-body --max-time=3 http://127.0.0.1/"), nil},
		{"nothing wrong, timeout command", shell("timeout 3 curl -f http://127.0.0.1/"), nil},
		{"nothing wrong, judged by its output", shell("curl -sm 3 http://127.0.0.1/ | grep -q ok"), nil},
		{"nothing wrong, python", good("CMD", "python3", "-c", `import urllib.request as u; u.urlopen("http://127.0.0.1/$x", timeout=3)`), nil},
		{"nothing wrong, inline shell", good("CMD", "/bin/sh", "-c", "test -n \"$PORT\" || exit 1"), nil},
		{"switched off", good("NONE"), nil},
		{"inherited", good(), nil},
		{"unknown form", good("curl -f http://127.0.0.1/"), []string{"unknown-form"}},
		{"no command", good("CMD"), []string{"unknown-form"}},
		{"exec form, one string", good("CMD", "curl -f http://127.0.0.1/ || exit 1"), []string{"exec-form-with-shell-syntax"}},
		{"exec form, operator", good("CMD", "curl", "-fm3", "http://127.0.0.1/", "||", "exit", "1"), []string{"exec-form-with-shell-syntax"}},
		{"exec form, variable", good("CMD", "curl", "-fm3", "http://127.0.0.1:$PORT/"), []string{"exec-form-with-variable"}},
		{"exit 0", shell("curl -fm3 http://127.0.0.1/; exit 0"), []string{"always-passes"}},
		{"or true", shell("curl -fm3 http://127.0.0.1/ || true"), []string{"always-passes"}},
		{"echo at the end", shell("curl -fm3 http://127.0.0.1/ ; echo done"), []string{"always-passes"}},
		{"echo after && is fine", shell("curl -fm3 http://127.0.0.1/ && echo ok"), nil},
		{"exit $? is fine", shell("curl -fm3 http://127.0.0.1/; exit $?"), nil},
		{"no -f", shell("curl -m 3 http://127.0.0.1/ || exit 1"), []string{"curl-without-fail"}},
		{"-f only within a value", shell("curl -m 3 -o/dev/null/f http://127.0.0.1/"), []string{"curl-without-fail"}},
		{"HEAD by wget", shell("wget -q --spider -T 3 http://127.0.0.1/"), []string{"head-request"}},
		{"HEAD by curl", shell("curl -fI --max-time 3 http://127.0.0.1/"), []string{"head-request"}},
		{"no limit", shell("curl -f http://127.0.0.1/ || exit 1"), []string{"probe-without-time-limit"}},
		{"no limit, wget", shell("wget -qO /dev/null http://127.0.0.1/"), []string{"probe-without-time-limit"}},
		{"no limit, python", good("CMD", "python3", "-c", `import urllib.request as u; u.urlopen("http://127.0.0.1/")`), []string{"probe-without-time-limit"}},
		{"limit too large", shell("curl -f --max-time 10 http://127.0.0.1/"), []string{"probe-time-limit-not-below-timeout"}},
		{"limit unreadable", shell("curl -f --max-time $T http://127.0.0.1/"), nil},
		{"background", shell("sleep 3 & curl -fm3 http://127.0.0.1/"), []string{"background-process"}},
		{"redirection is no background", shell("curl -fm3 http://127.0.0.1/ >/dev/null 2>&1 || exit 1"), nil},
		{"quoted & is no background", shell("curl -fm3 'http://127.0.0.1/?a=1&b=2'"), nil},
		{"timeout above interval", with(func(c *health.Config) { c.Timeout = 20 * time.Second }), []string{"timeout-not-below-interval"}},
		{"engine's defaults", with(func(c *health.Config) { c.Timeout, c.Interval = 0, 0 }), []string{"timeout-not-below-interval"}},
		{"one retry", with(func(c *health.Config) { c.Retries = 1 }), []string{"single-retry"}},
		{"start interval alone", with(func(c *health.Config) { c.StartInterval, c.StartPeriod = time.Second, 0 }), []string{"start-interval-without-start-period"}},
		{"start interval with period", with(func(c *health.Config) { c.StartInterval = time.Second }), nil},
		{"wget localhost", shell("wget -qO /dev/null -T 3 http://localhost:8000/"), []string{"localhost-may-be-ipv6"}},
		{"curl localhost is fine", shell("curl -fm3 http://localhost:8000/"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, l := range health.LintConfig(tt.config) {
				got = append(got, l.ID)
				if l.Message == "" || l.Fix == "" || !strings.Contains("error warning note", l.Severity) || l.Severity == "" {
					t.Errorf("incomplete: %+v", l)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
