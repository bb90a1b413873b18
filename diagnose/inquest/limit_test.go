package inquest

import (
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
)

// TestMemoryLimit: the limit of an end is the kernel's; the runtime's is today's.
func TestMemoryLimit(t *testing.T) {
	const mib = 1 << 20
	died, hit := time.Date(2026, 11, 27, 0, 37, 36, 0, time.UTC), int64(256*mib)
	for _, tt := range []struct {
		name    string
		kill    *kernellog.Kill
		updated time.Duration // after the end; 0 = never
		want    int64
	}{
		{"the kernel's line", &kernellog.Kill{Memory: &kernellog.Memory{Limit: &hit}}, 15 * time.Second, hit},
		{"a line without a limit", &kernellog.Kill{}, 0, 60 * mib},
		{"no line", nil, 0, 60 * mib},
		{"changed before the end", nil, -15 * time.Second, 60 * mib},
		{"changed since", nil, 15 * time.Second, 0},
	} {
		c := Case{}
		c.Spec = &evidence.Spec{Memory: 60 * mib}
		c.KillAtEnd, c.Death.At = tt.kill, &died
		if tt.updated != 0 {
			c.Events.List = []evidence.Event{{Kind: fact.EventUpdated, At: died.Add(tt.updated)}}
		}
		if got := c.MemoryLimit(); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestServerLimits: the process that is seen is that of the life that goes on, whichever life is examined.
func TestServerLimits(t *testing.T) {
	const mib = 1 << 20
	began := time.Date(2026, 11, 27, 0, 37, 36, 0, time.UTC)
	ended, goesOn := evidence.Life{Start: began}, evidence.Life{Start: began, Alive: true}
	for _, tt := range []struct {
		name    string
		life    *evidence.Life
		clients int
		holds   int64
		reached bool
	}{
		{"at both limits", &goesOn, 5, 21 * mib, true},
		{"room is left", &goesOn, 4, 19 * mib, false},
		{"it has ended, or the one examined has", &ended, 5, 21 * mib, false},
		{"no life is known", nil, 5, 21 * mib, false},
	} {
		c := Case{Examined: Examined{Life: tt.life}}
		c.Spec = &evidence.Spec{Command: strings.Fields("redis-server --maxclients 5 --maxmemory 20mb")}
		c.Process = &evidence.Process{Tasks: []evidence.Task{{PID: 7, TID: 7}},
			Peers: []evidence.Peer{{State: "ESTABLISHED", Count: tt.clients}}}
		c.Cgroup = &evidence.Cgroup{Anon: &tt.holds}
		if clients, data := c.ClientLimit(), c.DataLimit(); (clients != nil) != tt.reached || (data != nil) != tt.reached {
			t.Errorf("%s: clients %v, data %v", tt.name, clients, data)
		}
	}
}
