package inquest

import (
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

func store(command string, change func(c *Case)) Case {
	c := Case{}
	c.Spec, c.Now = &evidence.Spec{Command: strings.Fields(command)}, time.Date(2026, 11, 27, 15, 0, 0, 0, time.UTC)
	c.Life = &evidence.Life{Alive: true}
	if change != nil {
		change(&c)
	}
	return c
}

// TestRefusedClient: a client that is refused now, one that was, other trouble of it, and another server it may mean.
func TestRefusedClient(t *testing.T) {
	refused := func(text string, ago time.Duration) func(c *Case) {
		return func(c *Case) {
			c.Backends = []BackendFinding{{Name: "web", Finding: servicelog.Finding{ID: "redis-degraded",
				Other: fact.DependencyRefuses, Excerpt: text, LastAt: c.Now.Add(-ago)}}}
		}
	}
	const full = "OOM command not allowed when used memory > 'maxmemory'."
	for _, tt := range []struct {
		name, command string
		change        func(c *Case)
		told, others  bool
	}{
		{"refused", "redis-server", refused(full, time.Second), true, false},
		{"cannot save", "redis-server", refused("MISCONF Redis is configured to save RDB snapshots", time.Second), true,
			false},
		{"an hour ago", "redis-server", refused(full, time.Hour), false, false},
		{"a wrong password", "redis-server", refused("WRONGPASS invalid username-password pair", 0), false, false},
		{"another store beside", "redis-server", func(c *Case) {
			refused(full, time.Second)(c)
			c.Neighbours = []evidence.Neighbour{{Name: "web"}, {Name: "cache", Image: "valkey/valkey:8"}}
		}, true, true},
		{"no store", "python3 app.py", refused(full, time.Second), false, false},
		{"nobody complains", "redis-server", nil, false, false},
	} {
		told, others := store(tt.command, tt.change).RefusedClient()
		if (told != nil) != tt.told || others != tt.others {
			t.Errorf("%s: %v, %v, want %v, %v", tt.name, told != nil, others, tt.told, tt.others)
		}
	}
}
