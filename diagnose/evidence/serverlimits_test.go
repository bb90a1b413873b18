package evidence

import (
	"strings"
	"testing"
)

func TestClientLimit(t *testing.T) {
	for _, tt := range []struct {
		name    string
		command []string
		clients int
		want    string
	}{
		{"redis", []string{"/usr/bin/redis-server", "--maxclients", "5"}, 5, "--maxclients 5"},
		{"one is left", []string{"redis-server", "--maxclients", "5"}, 4, ""},
		{"through a shell", []string{"sh", "-c", "exec redis-server --save '' --maxclients 5"}, 6, "--maxclients 5"},
		{"PostgreSQL", []string{"postgres", "-c", "max_connections=5"}, 5, "max_connections 5"},
		{"its own default", []string{"redis-server"}, 500, ""},
		{"another program's option", []string{"python3", "x.py", "--maxclients", "5"}, 9, ""},
	} {
		e := Evidence{Runtime: Runtime{Spec: &Spec{Command: tt.command}},
			Process: &Process{Peers: []Peer{{State: "ESTABLISHED", Count: tt.clients},
				{State: "CLOSE_WAIT", Count: 3}, {Port: 5432, State: "ESTABLISHED", Count: 9}}}}
		got := ""
		if l := e.ClientLimit(); l != nil {
			got = l.Setting
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestDataLimit: memory that has come to a bound of the data, below it, and what cannot be told.
func TestDataLimit(t *testing.T) {
	for _, tt := range []struct {
		name, command string
		anon          int64
		change        func(e *Evidence)
		want          string
	}{
		{"full", "redis-server --maxmemory 20mb", 21 << 20, nil, "--maxmemory 20mb"},
		{"full, as its policy says", "valkey-server --maxmemory=1g --maxmemory-policy=noeviction", 1 << 30, nil,
			"--maxmemory 1g"},
		{"through a shell", "sh -c 'exec redis-server --maxmemory 20M'", 20 << 20, nil, "--maxmemory 20M"},
		{"room is left", "redis-server --maxmemory 20mb", 19 << 20, nil, ""},
		{"old keys go", "redis-server --maxmemory 20mb --maxmemory-policy allkeys-lru", 21 << 20, nil, ""},
		{"no bound", "redis-server", 21 << 30, nil, ""},
		{"no size", "redis-server --maxmemory much", 21 << 20, nil, ""},
		{"the last word", "redis-server --maxmemory", 21 << 20, nil, ""},
		{"another program", "python3 x.py --maxmemory 20mb", 21 << 20, nil, ""},
		{"another process holds some of it", "redis-server --maxmemory 20mb", 21 << 20, func(e *Evidence) {
			e.Process.Tasks = append(e.Process.Tasks, Task{PID: 9})
		}, ""},
		{"memory not read", "redis-server --maxmemory 20mb", 21 << 20, func(e *Evidence) { e.Cgroup = nil }, ""},
	} {
		got := ""
		e := Evidence{Runtime: Runtime{Spec: &Spec{Command: strings.Fields(tt.command)}}, Cgroup: &Cgroup{Anon: &tt.anon},
			Process: &Process{Tasks: []Task{{PID: 7, TID: 7}, {PID: 7, TID: 8}}}}
		if tt.change != nil {
			tt.change(&e)
		}
		if l := e.DataLimit(); l != nil {
			got = l.Setting
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
