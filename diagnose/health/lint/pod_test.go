package lint_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/lint"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// probeOf is an HTTP probe with the API's defaults.
func probeOf(kind string, change func(*check.PodProbe)) check.PodProbe {
	p := check.PodProbe{Kind: kind, Action: check.ActionHTTP, Scheme: "http", Path: "/health", Port: 8000,
		Period: 10 * time.Second, Timeout: time.Second, Successes: 1, Failures: 3}
	if change != nil {
		change(&p)
	}
	return p
}

func exec(words ...string) func(*check.PodProbe) {
	return func(p *check.PodProbe) { p.Action, p.Command = check.ActionExec, words }
}

func pod(probes ...check.PodProbe) lint.Pod {
	return lint.Pod{Probes: probes, RestartPolicy: "always", Runtime: "containerd", Asked: probes[0].Kind}
}

var began = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// answers are readings of one probe a second: true passes after took.
func answers(took time.Duration, passed ...bool) []replay.Reading {
	var list []replay.Reading
	for i, ok := range passed {
		r := replay.Reading{Record: replay.Record{At: began.Add(time.Duration(40+i) * time.Second)}, Latency: took}
		if !ok {
			r.Fault = replay.FaultRefused
		}
		list = append(list, r)
	}
	return list
}

// TestPodRules: each rule once where it speaks, once where it must not, and where it cannot tell.
func TestPodRules(t *testing.T) {
	live, ready := probeOf(check.Liveness, nil), probeOf(check.Readiness, nil)
	patient := probeOf(check.Liveness, func(p *check.PodProbe) { p.Failures = 6 })
	elsewhere := probeOf(check.Readiness, func(p *check.PodProbe) { p.Path = "/other" })
	measured := func(p lint.Pod, list []replay.Reading) lint.Pod { p.Readings, p.Started = list, began; return p }
	with := func(p lint.Pod, change func(*lint.Pod)) lint.Pod { change(&p); return p }
	held := func(p *lint.Pod) { p.Held = 30 * time.Second }
	for _, tt := range []struct {
		name  string
		pod   lint.Pod
		id    string
		found bool
	}{
		{"an unknown port", pod(probeOf(check.Readiness, func(p *check.PodProbe) { p.Port, p.PortName = 0, "web" })),
			"port-name-unknown", true},
		{"a known port", pod(probeOf(check.Readiness, func(p *check.PodProbe) { p.PortName = "web" })), "port-name-unknown",
			false},
		{"asks the node", pod(probeOf(check.Liveness, func(p *check.PodProbe) { p.Host = "localhost" })),
			"probe-asks-the-node", true},
		{"asks another host", pod(probeOf(check.Liveness, func(p *check.PodProbe) { p.Host = "10.0.0.1" })),
			"probe-asks-the-node", false},
		{"timeout above the period", pod(probeOf(check.Liveness, func(p *check.PodProbe) { p.Timeout = 20 * time.Second })),
			"timeout-above-period", true},
		{"timeout of the period", pod(probeOf(check.Liveness, func(p *check.PodProbe) { p.Timeout = 10 * time.Second })),
			"timeout-above-period", false},
		{"one failure", pod(probeOf(check.Liveness, func(p *check.PodProbe) { p.Failures = 1 })), "single-failure", true},
		{"three failures", pod(live), "single-failure", false},
		{"slow for its timeout", measured(pod(live), answers(700*time.Millisecond, true, true)), "timeout-close-to-latency",
			true},
		{"fast", measured(pod(live), answers(time.Millisecond, true, true)), "timeout-close-to-latency", false},
		{"another probe was slow", measured(with(pod(live, elsewhere), func(p *lint.Pod) { p.Asked = check.Readiness }),
			answers(700*time.Millisecond, true)), "timeout-close-to-latency", true},
		{"an interpreter in a second", pod(probeOf(check.Liveness, exec("python", "-c", "check"))), "interpreter-in-probe",
			true},
		{"a tool in a second", pod(probeOf(check.Liveness, exec("redis-cli", "ping"))), "interpreter-in-probe", false},
		{"a shell with children", pod(probeOf(check.Liveness, exec("sh", "-c", "echo x; sleep 30"))), "exec-output-held",
			true},
		{"a shell alone", pod(probeOf(check.Liveness, exec("sh", "-c", "test -f /tmp/x || exit 1"))), "exec-output-held",
			false},
		{"of CRI-O it is not known", with(pod(probeOf(check.Liveness, exec("sh", "-c", "echo x; sleep 30"))),
			func(p *lint.Pod) { p.Runtime = "cri-o" }), "exec-output-held", false},
		{"held, as it was seen", with(pod(probeOf(check.Liveness, exec("check"))), held), "exec-output-held", true},
		{"one program", pod(probeOf(check.Liveness, exec("check"))), "exec-output-held", false},
		{"a program with its own limit", pod(probeOf(check.Liveness, exec("sh", "-c",
			"curl -fsS --max-time 0.5 http://127.0.0.1:8000/ || exit 1"))), "exec-output-held", false},
		{"liveness only connects", pod(probeOf(check.Liveness, func(p *check.PodProbe) { p.Action = check.ActionTCP })),
			"only-connects", true},
		{"readiness only connects", pod(probeOf(check.Readiness, func(p *check.PodProbe) { p.Action = check.ActionTCP })),
			"only-connects", false},
		{"liveness asks readiness", pod(probeOf(check.Liveness, func(p *check.PodProbe) { p.Path = "/readyz" })),
			"liveness-asks-readiness", true},
		{"readiness asks readiness", pod(probeOf(check.Readiness, func(p *check.PodProbe) { p.Path = "/readyz" })),
			"liveness-asks-readiness", false},
		{"a long delay", pod(probeOf(check.Liveness, func(p *check.PodProbe) { p.InitialDelay = time.Minute })),
			"delay-instead-of-startup-probe", true},
		{"a delay beside a startup probe", pod(probeOf(check.Liveness,
			func(p *check.PodProbe) { p.InitialDelay = time.Minute }),
			probeOf(check.Startup, nil)), "delay-instead-of-startup-probe", false},
		{"killed while it came up", with(pod(live), func(p *lint.Pod) { p.ComingUp = true }), "no-time-to-start", true},
		{"came up late", measured(pod(live), answers(time.Millisecond, false, true, true)), "no-time-to-start", true},
		{"came up in time", measured(pod(probeOf(check.Liveness, func(p *check.PodProbe) { p.Failures = 9 })),
			answers(time.Millisecond, false, true, true)), "no-time-to-start", false},
		{"only readiness", with(pod(ready), func(p *lint.Pod) { p.ComingUp = true }), "no-time-to-start", false},
		{"gone for good", with(pod(live), func(p *lint.Pod) { p.RestartPolicy = "on-failure" }), "killed-for-good", true},
		{"never restarted", with(pod(live), func(p *lint.Pod) { p.RestartPolicy = "no" }), "killed-for-good", true},
		{"restarted", pod(live), "killed-for-good", false},
		{"readiness kills nothing", with(pod(ready), func(p *lint.Pod) { p.RestartPolicy = "no" }), "killed-for-good", false},
		{"the same question", pod(live, ready), "liveness-no-later-than-readiness", true},
		{"the same question, more patient", pod(patient, ready), "liveness-no-later-than-readiness", false},
		{"another question", pod(live, elsewhere), "liveness-no-later-than-readiness", false},
		{"no readiness", with(pod(live), func(p *lint.Pod) { p.Ports = []int{8000} }), "no-readiness-probe", true},
		{"no readiness, no port", pod(live), "no-readiness-probe", false},
		{"a command that always passes", pod(probeOf(check.Liveness, exec("sh", "-c", "curl -f http://x/ || true"))),
			"always-passes", true},
		{"a command that may fail", pod(probeOf(check.Liveness, exec("sh", "-c", "curl -f http://x/"))), "always-passes",
			false},
	} {
		var ids []string
		for _, f := range lint.Pods(tt.pod) {
			ids = append(ids, f.ID)
			if strings.Contains(f.Message+f.Fix, "engine") || strings.Contains(f.Fix, "CMD-SHELL") {
				t.Errorf("%s: words of Docker: %+v", tt.name, f)
			}
		}
		if slices.Contains(ids, tt.id) != tt.found {
			t.Errorf("%s: %v, %s: want %v", tt.name, ids, tt.id, tt.found)
		}
	}
}

// TestCorrectedPod: what is corrected has no fault left that settings alone can take out, and the rest is untouched.
func TestCorrectedPod(t *testing.T) {
	if lint.CorrectPods(pod(probeOf(check.Readiness, nil))) != nil {
		t.Error("what is well is not to be changed")
	}
	p := pod(probeOf(check.Liveness, func(p *check.PodProbe) { p.InitialDelay, p.Failures = 30*time.Second, 1 }),
		probeOf(check.Readiness, func(p *check.PodProbe) {
			p.Headers, p.Successes = []check.Header{{Name: "X-A", Value: `a"b`}}, 2
		}))
	c := lint.CorrectPods(p)
	if c == nil {
		t.Fatal("nothing is corrected")
	}
	for _, want := range []string{"startupProbe:\n", "livenessProbe:\n", "readinessProbe:\n", "failureThreshold: 3\n",
		"successThreshold: 2\n", `- {name: "X-A", value: "a\"b"}`, "to start\n"} {
		if !strings.Contains(c.Kubernetes, want) {
			t.Errorf("no %q in\n%s", want, c.Kubernetes)
		}
	}
	if strings.Contains(c.Kubernetes, "initialDelaySeconds") || c.Compose != "" {
		t.Errorf("the delay is the startup probe's now:\n%s", c.Kubernetes)
	}
}
