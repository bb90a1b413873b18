package inquest

import (
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
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
		c := Case{Evidence: evidence.Evidence{Runtime: evidence.Runtime{Spec: &evidence.Spec{Command: tt.command}},
			Process: &evidence.Process{Peers: []evidence.Peer{{State: "ESTABLISHED", Count: tt.clients},
				{State: "CLOSE_WAIT", Count: 3}, {Port: 5432, State: "ESTABLISHED", Count: 9}}}}}
		c.Life = &evidence.Life{Alive: true}
		got := ""
		if l := c.ClientLimit(); l != nil {
			got = l.Setting
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
