package health_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/lint"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

func ids(list []lint.Finding) []string {
	found := []string{}
	for _, l := range list {
		found = append(found, l.ID)
	}
	return found
}

// TestMeasuredLint: each rule once where it speaks, once where it must not.
func TestMeasuredLint(t *testing.T) {
	checkOf := func(url string) check.Config {
		return check.Config{Test: []string{"CMD", "curl", "-fsS", "--max-time", "2", url}, Interval: 20 * time.Second,
			Timeout: 5 * time.Second}
	}
	local := checkOf("http://127.0.0.1:8000/health")
	missing, there := series(passed()), series(passed())
	missing.Tool, missing.ToolFound = "curl", ptr(false)
	there.Tool, there.ToolFound = "curl", ptr(true)
	refused := replay.Record{Reached: "connect", Fault: "refused"}
	late := series(refused, passed(), passed())
	for i := range late.Probes {
		late.Probes[i].At = at(30 + float64(i))
	}
	crawls := passed()
	crawls.TookMs = 3000
	grace := local
	grace.StartPeriod = 90 * time.Second
	startInterval := grace
	startInterval.StartInterval = time.Second
	python := local
	python.Test, python.Interval = []string{"CMD", "python3", "-c",
		"import urllib.request as r; r.urlopen('http://127.0.0.1:8000/', timeout=2)"}, 6*time.Second
	tcp := series(passed())
	tcp.Kind = "tcp"
	on := func(address string, port int) []lint.Listener {
		return []lint.Listener{{Address: address, Port: port}}
	}
	for _, tt := range []struct {
		name  string
		s     health.Target
		id    string
		found bool
	}{
		{"curl is missing", health.Target{Config: &local, Replay: missing}, "tool-not-in-image", true},
		{"curl is there", health.Target{Config: &local, Replay: there}, "tool-not-in-image", false},
		{"nobody looked", health.Target{Config: &local, Replay: series(passed())}, "tool-not-in-image", false},
		{"wrong port", health.Target{Config: &local, Listeners: on("0.0.0.0", 9000)}, "port-not-listening", true},
		{"right port", health.Target{Config: &local, Listeners: on("0.0.0.0", 8000)}, "port-not-listening", false},
		{"listeners not readable", health.Target{Config: &local}, "port-not-listening", false},
		{"another host's port", health.Target{Config: ptr(checkOf("http://redis:6379/")),
			Listeners: on("0.0.0.0", 8000)}, "port-not-listening", false},
		{"listens outside only", health.Target{Config: &local, Listeners: on("172.17.0.2", 8000)},
			"listens-on-other-address", true},
		{"listens on both", health.Target{Config: &local, Listeners: append(on("172.17.0.2", 8000),
			on("127.0.0.1", 8000)...)}, "listens-on-other-address", false},
		{"old engine", health.Target{Config: &startInterval, EngineMajor: 24}, "start-interval-ignored", true},
		{"new engine", health.Target{Config: &startInterval, EngineMajor: 25}, "start-interval-ignored", false},
		{"engine not known", health.Target{Config: &startInterval}, "start-interval-ignored", false},
		{"starts late", health.Target{Config: &local, Started: began, Replay: late}, "no-start-period", true},
		{"starts late, with a period", health.Target{Config: &grace, Started: began, Replay: late}, "no-start-period",
			false},
		{"long grace", health.Target{Config: &grace}, "grace-ends-at-first-success", true},
		{"no grace", health.Target{Config: &local}, "grace-ends-at-first-success", false},
		{"close to its timeout", health.Target{Config: &local, Replay: series(crawls)}, "timeout-close-to-latency",
			true},
		{"far from its timeout", health.Target{Config: &local, Replay: series(passed())}, "timeout-close-to-latency",
			false},
		{"slow for Kubernetes", health.Target{Config: &local, Replay: series(crawls)},
			"above-kubernetes-default-timeout", true},
		{"fast enough for Kubernetes", health.Target{Config: &local, Replay: series(passed())},
			"above-kubernetes-default-timeout", false},
		{"an interpreter often", health.Target{Config: &python}, "interpreter-in-probe", true},
		{"curl often", health.Target{Config: &local}, "interpreter-in-probe", false},
		{"gunicorn's timeout is shorter", health.Target{Config: &local,
			Command: strings.Fields("gunicorn app:app -t 30")}, "gunicorn-timeout-below-window", true},
		{"in the environment", health.Target{Config: &local, Command: []string{"sh",
			"-c", "exec /venv/bin/gunicorn app:app"}, GunicornArgs: "--timeout=30"}, "gunicorn-timeout-below-window",
			true},
		{"the command line wins", health.Target{Config: &local,
			Command: strings.Fields("gunicorn app:app --timeout 90"), GunicornArgs: "--timeout=30"},
			"gunicorn-timeout-below-window", false},
		{"gunicorn waits for ever", health.Target{Config: &local,
			Command: strings.Fields("gunicorn --timeout 0 app:app")}, "gunicorn-timeout-below-window", false},
		{"gunicorn's environment is masked", health.Target{Config: &local, Command: []string{"gunicorn"},
			GunicornArgs: "<masked>"}, "gunicorn-timeout-below-window", false},
		{"no gunicorn", health.Target{Config: &local, Command: strings.Fields("uvicorn app:app --timeout 3")},
			"gunicorn-timeout-below-window", false},
		{"nc", health.Target{Config: &check.Config{Test: []string{"CMD-SHELL", "nc -z localhost 8000 || exit 1"}}},
			"only-connects", true},
		{"bash's /dev/tcp", health.Target{Config: &check.Config{Test: []string{"CMD", "bash", "-c",
			"echo > /dev/tcp/127.0.0.1/8000"}}, Published: []int{8000}}, "only-connects", true},
		{"nc that asks", health.Target{Config: &check.Config{Test: []string{"CMD-SHELL",
			"echo PING | nc -w 2 localhost 6379 | grep PONG"}}}, "only-connects", false},
		{"nc through the published port",
			health.Target{Config: &check.Config{Test: []string{"CMD-SHELL", "nc -zv host.docker.internal 8000"}},
				Published: []int{8000}}, "tcp-on-published-port", true},
		{"nc to another service", health.Target{Config: &check.Config{Test: []string{"CMD-SHELL",
			"nc -zv redis 6379"}}, Published: []int{8000}}, "tcp-on-published-port", false},
		{"tcp:// of this machine", health.Target{URL: "tcp://127.0.0.1:8000", Replay: tcp}, "only-connects", true},
		{"http:// of this machine", health.Target{URL: "http://127.0.0.1:8000", Replay: series(passed())},
			"only-connects", false},
	} {
		if got := ids(health.Examine(tt.s).Lint); slices.Contains(got, tt.id) != tt.found {
			t.Errorf("%s: %v, %s: want %v", tt.name, got, tt.id, tt.found)
		}
	}
}

func TestCorrected(t *testing.T) {
	bad := check.Config{Test: []string{"CMD-SHELL", "curl http://localhost:8000/health"}, Interval: 5 * time.Second,
		Timeout: 10 * time.Second, Retries: 1}
	replay := series(passed())
	replay.Tool, replay.ToolFound, replay.Clients = "curl", ptr(false), []string{"python3", "wget"}
	onlyWget, none := *replay, *replay
	onlyWget.Clients, none.Clients = []string{"wget"}, nil
	for _, tt := range []struct {
		name        string
		s           health.Target
		compose, k8 []string
	}{
		{
			"curl", health.Target{Config: &bad},
			[]string{`["CMD-SHELL", "curl --max-time 1 -f http://localhost:8000/health"]`, "interval: 5s\n",
				"timeout: 2s\n", "retries: 3\n"},
			[]string{"httpGet:\n    path: \"/health\"\n    port: 8000\n", "periodSeconds: 5\n", "timeoutSeconds: 2\n",
				"failureThreshold: 3\n"},
		},
		{"curl missing", health.Target{Config: &bad, Replay: replay},
			[]string{`["CMD", "python3", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=1)"]`}, nil},
		{"curl missing, only wget there", health.Target{Config: &bad, Replay: &onlyWget},
			[]string{`["CMD", "wget", "-qO", "/dev/null", "-T", "1", "-t", "1", "http://127.0.0.1:8000/health"]`}, nil},
		{"curl missing, nothing there", health.Target{Config: &bad, Replay: &none},
			[]string{"# not in the image, add it there: curl\n", `["CMD", "curl", "-fsS"`}, nil},
		{"too short to halve", health.Target{Config: &check.Config{Test: bad.Test, Interval: 2 * time.Second,
			Timeout: 2 * time.Second}}, []string{`curl --max-time 1 -f `, "interval: 4s\n", "timeout: 2s\n"}, nil},
		{"a timeout of a second", health.Target{Config: &check.Config{Test: bad.Test, Interval: 10 * time.Second,
			Timeout: time.Second}}, []string{`curl --max-time 0.8 -f `, "interval: 10s\n", "timeout: 1s\n"}, nil},
		{"its own limit stays", health.Target{Config: &check.Config{Test: []string{"CMD-SHELL",
			"curl -m 2 http://localhost:8000/health"}, Interval: 10 * time.Second, Timeout: 9 * time.Second}},
			[]string{`curl -f -m 2 http`, "interval: 10s\n", "timeout: 9s\n"}, nil},
		{"its interval stays", health.Target{Config: &check.Config{Test: bad.Test, Interval: 3 * time.Second,
			Timeout: 3 * time.Second}}, []string{"interval: 3s\n", "timeout: 2s\n"}, nil},
		{
			"own program", health.Target{Config: &check.Config{Test: []string{"CMD-SHELL",
				`pg_isready -U "$POSTGRES_USER"`}, Retries: 1, StartPeriod: 90 * time.Second}},
			[]string{`["CMD-SHELL", "pg_isready -U \"$$POSTGRES_USER\""]`, "interval: 30s\n", "timeout: 15s\n",
				"start_period: 1m30s\n"},
			[]string{"startupProbe:\n", `command: ["/bin/sh", "-c", "pg_isready -U \"$$POSTGRES_USER\""]`},
		},
	} {
		c := health.Examine(tt.s).Corrected
		if c == nil {
			t.Errorf("%s: nothing was corrected", tt.name)
			continue
		}
		for _, want := range tt.compose {
			if !strings.Contains(c.Compose, want) {
				t.Errorf("%s: no %q in\n%s", tt.name, want, c.Compose)
			}
		}
		for _, want := range tt.k8 {
			if !strings.Contains(c.Kubernetes, want) {
				t.Errorf("%s: no %q in\n%s", tt.name, want, c.Kubernetes)
			}
		}
	}
	fine := check.Config{Test: []string{"CMD", "curl", "-fsS", "--max-time", "2", "http://127.0.0.1:8000/"},
		Interval: 10 * time.Second, Timeout: 5 * time.Second}
	if e := health.Examine(health.Target{Config: &fine}); len(e.Lint) > 0 || e.Corrected != nil {
		t.Errorf("a good check: %v", e.Lint)
	}
}

// TestCorrectedKeeps: what is not wrong with a test stays as its author wrote it.
func TestCorrectedKeeps(t *testing.T) {
	for name, test := range map[string]struct{ is, want []string }{
		"nothing is wrong": {[]string{"CMD-SHELL", "curl -fsS -m 3 -H 'Host: shop' http://localhost:8000/x | grep ok"}, nil},
		"a header": {[]string{"CMD", "/usr/bin/curl", "-f", "-H", "Host: shop", "http://localhost:8000/x"},
			[]string{"CMD", "/usr/bin/curl", "--max-time", "4", "-f", "-H", "Host: shop", "http://localhost:8000/x"}},
		"a line": {[]string{"CMD-SHELL", "test -f /ready && curl -s http://localhost:8000/x || exit 1"},
			[]string{"CMD-SHELL", "test -f /ready && curl --max-time 4 -f -s http://localhost:8000/x || exit 1"}},
		"its own limit is too long": {[]string{"CMD", "curl", "-f", "--max-time", "30", "http://localhost:8000/x"},
			[]string{"CMD", "curl", "-f", "--max-time", "4", "http://localhost:8000/x"}},
		"in a line": {[]string{"CMD-SHELL", "curl -fsSm 30 http://localhost:8000/x"},
			[]string{"CMD-SHELL", "curl -fsSm 4 http://localhost:8000/x"}},
		"wget": {[]string{"CMD-SHELL", "wget -qO- http://localhost:8000/x"},
			[]string{"CMD-SHELL", "wget -T 4 -t 1 -qO- http://127.0.0.1:8000/x"}},
		"always true": {[]string{"CMD-SHELL", "curl -fsS -m 3 http://localhost:8000/x || true"},
			[]string{"CMD-SHELL", "curl -fsS -m 3 http://localhost:8000/x || exit 1"}},
		"HEAD is another request": {[]string{"CMD-SHELL", "wget -q --spider http://localhost:8000/x"},
			[]string{"CMD", "wget", "-qO", "/dev/null", "-T", "4", "-t", "1", "http://127.0.0.1:8000/x"}},
		"a word of that name": {[]string{"CMD-SHELL", "which curl && curl -f http://localhost:8000/x"},
			[]string{"CMD-SHELL", "which curl && curl --max-time 4 -f http://localhost:8000/x"}},
	} {
		c := health.Examine(health.Target{Config: &check.Config{Test: test.is, Interval: 10 * time.Second,
			Timeout: 5 * time.Second}}).Corrected
		if test.want == nil {
			if c != nil {
				t.Errorf("%s:\n%s", name, c.Compose)
			}
			continue
		}
		if want := "  test: " + lint.Flow(test.want) + "\n"; c == nil || !strings.Contains(c.Compose, want) {
			t.Errorf("%s: want %s, have\n%+v", name, want, c)
		}
	}
}

func TestEndpoint(t *testing.T) {
	for text, want := range map[string]string{
		"curl -f http://localhost:8000/health || exit 1": "http 8000 /health", "curl http://localhost": "http 80 /",
		"wget https://[::1]:8443/x?y=1":                     "https 8443 /x?y=1",
		"python3 -c \"urlopen('http://127.0.0.1:5000/h')\"": "http 5000 /h", "pg_isready": "",
		"curl http://x:99999/": "",
	} {
		e := check.EndpointOf([]string{"CMD-SHELL", text})
		got := ""
		if e.Port > 0 {
			got = strings.Join([]string{e.Scheme, strconv.Itoa(e.Port), e.Path}, " ")
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestProgram(t *testing.T) {
	for want, test := range map[string][]string{
		"/usr/bin/curl": {"CMD", "/usr/bin/curl", "-f"}, "python3.11": {"CMD-SHELL",
			"timeout 3 python3.11 /x.py || exit 1"}, "": {"CMD-SHELL", "exit 0"},
	} {
		if got := check.Program(test); got != want {
			t.Errorf("Program(%q) = %q, want %q", test, got, want)
		}
	}
}
