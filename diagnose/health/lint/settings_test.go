package lint_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/lint"
)

// good is a check without a fault; each test changes one thing.
func good(test ...string) check.Config {
	return check.Config{Test: test, Interval: 10 * time.Second, Timeout: 5 * time.Second, Retries: 3,
		StartPeriod: 30 * time.Second}
}

func TestSettings(t *testing.T) {
	const fine = "curl -fsS --max-time 3 http://127.0.0.1:8000/health || exit 1"
	with := func(change func(*check.Config)) check.Config {
		c := good("CMD-SHELL", fine)
		change(&c)
		return c
	}
	shell := func(line string) check.Config { return good("CMD-SHELL", line) }
	tests := []struct {
		name   string
		config check.Config
		want   []string
	}{
		{"nothing wrong", shell(fine), nil},
		{"nothing wrong, exec form", good("CMD", "curl", "-fsS", "-m", "3", "http://127.0.0.1/"), nil},
		{"nothing wrong, bundled options", shell("curl -fsSm3 http://127.0.0.1/"), nil},
		{"nothing wrong, fail-with-body", shell("curl --fail-with-body --max-time=3 http://127.0.0.1/"), nil},
		{"nothing wrong, timeout command", shell("timeout 3 curl -f http://127.0.0.1/"), nil},
		{"nothing wrong, judged by its output", shell("curl -sm 3 http://127.0.0.1/ | grep -q ok"), nil},
		{"nothing wrong, python", good("CMD", "python3", "-c",
			`import urllib.request as u; u.urlopen("http://127.0.0.1/$x", timeout=3)`), nil},
		{"nothing wrong, inline shell", good("CMD", "/bin/sh", "-c", "test -n \"$PORT\" || exit 1"), nil},
		{"switched off", good("NONE"), nil},
		{"inherited", good(), nil},
		{"unknown form", good("curl -f http://127.0.0.1/"), []string{"unknown-form"}},
		{"no command", good("CMD"), []string{"unknown-form"}},
		{"exec form, one string", good("CMD", "curl -f http://127.0.0.1/ || exit 1"),
			[]string{"exec-form-with-shell-syntax"}},
		{"exec form, operator", good("CMD", "curl", "-fm3", "http://127.0.0.1/", "||", "exit", "1"),
			[]string{"exec-form-with-shell-syntax"}},
		{"exec form, variable", good("CMD", "curl", "-fm3", "http://127.0.0.1:$PORT/"),
			[]string{"exec-form-with-variable"}},
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
		{"no limit, python", good("CMD", "python3", "-c",
			`import urllib.request as u; u.urlopen("http://127.0.0.1/")`), []string{"probe-without-time-limit"}},
		{"limit too large", shell("curl -f --max-time 10 http://127.0.0.1/"),
			[]string{"probe-time-limit-not-below-timeout"}},
		{"limit unreadable", shell("curl -f --max-time $T http://127.0.0.1/"), nil},
		{"background", shell("sleep 3 & curl -fm3 http://127.0.0.1/"), []string{"background-process"}},
		{"redirection is no background", shell("curl -fm3 http://127.0.0.1/ >/dev/null 2>&1 || exit 1"), nil},
		{"quoted & is no background", shell("curl -fm3 'http://127.0.0.1/?a=1&b=2'"), nil},
		{"timeout above interval", with(func(c *check.Config) { c.Timeout = 20 * time.Second }),
			[]string{"timeout-not-below-interval"}},
		{"engine's defaults", with(func(c *check.Config) { c.Timeout, c.Interval = 0, 0 }),
			[]string{"timeout-not-below-interval"}},
		{"one retry", with(func(c *check.Config) { c.Retries = 1 }), []string{"single-retry"}},
		{"start interval alone", with(func(c *check.Config) { c.StartInterval, c.StartPeriod = time.Second, 0 }),
			[]string{"start-interval-without-start-period"}},
		{"start interval with period", with(func(c *check.Config) { c.StartInterval = time.Second }), nil},
		{"wget localhost", shell("wget -qO /dev/null -T 3 http://localhost:8000/"), []string{"localhost-may-be-ipv6"}},
		{"curl localhost is fine", shell("curl -fm3 http://localhost:8000/"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, l := range lint.Settings(tt.config) {
				got = append(got, l.ID)
				if l.Message == "" || l.Fix == "" || !strings.Contains("error warning note", l.Severity) ||
					l.Severity == "" {
					t.Errorf("incomplete: %+v", l)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
