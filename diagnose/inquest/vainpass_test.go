package inquest

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// TestVainPass: a check that passes with nothing behind it, those that ask what is there, and what cannot be told.
func TestVainPass(t *testing.T) {
	zero := uint64(0)
	for _, tt := range []struct {
		name   string
		test   string
		change func(c *Case)
		want   int
	}{
		{"a pipe hides it", "curl -s http://localhost:8080/ | cat", nil, 8080},
		{"what follows hides it", "wget -q -O- http://127.0.0.1:8080/; exit 0", nil, 8080},
		{"served", "curl -s http://localhost:9090/ | cat", nil, 0},
		{"another host", "curl -s http://registry:8080/ | cat", nil, 0},
		{"or something else", "test -f /tmp/ready || curl -fs http://localhost:8080/", nil, 0},
		{"or another port", "curl -fs http://localhost:8080/ || curl -fs http://localhost:9090/", nil, 0},
		{"no URL", "pgrep worker", nil, 0},
		{"it fails", "curl -fs http://localhost:8080/", func(c *Case) {
			c.Probes, c.Streak = []Probe{{Result: check.Result{Outcome: check.Failed}}}, 1
		}, 0},
		{"no result yet", "curl -fs http://localhost:8080/", func(c *Case) { c.Probes = nil }, 0},
		{"sockets not read", "curl -s http://localhost:8080/ | cat", func(c *Case) { c.Process = nil }, 0},
		{"ended", "curl -s http://localhost:8080/ | cat", func(c *Case) { c.Life.Alive = false }, 0},
	} {
		c := Case{Evidence: evidence.Evidence{Runtime: evidence.Runtime{
			Spec:   &evidence.Spec{Healthcheck: &check.Config{Test: []string{"CMD-SHELL", tt.test}}},
			Status: &evidence.Status{State: fact.StateRunning}},
			Process: &evidence.Process{Overflows: &zero, Listeners: []evidence.Listener{{Address: "0.0.0.0", Port: 9090}}}}}
		c.Life = &evidence.Life{Alive: true}
		c.Probes = []Probe{{Result: check.Result{Outcome: check.Pass}}}
		if tt.change != nil {
			tt.change(&c)
		}
		if got := c.VainPass(); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}
