package inquest

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// ClientLimit is a server that has as many clients as its own setting allows.
type ClientLimit struct {
	Setting string // as it was written: "--maxclients 5"
	Most    int
	Clients int // connections to its listeners
}

// clientLimits are the options by which servers bound their clients, by program. Redis refuses one more without a line
// in its log; of all of them no more than the refused client may hear of it.
var clientLimits = map[string][]string{
	"redis-server": {"--maxclients"}, "valkey-server": {"--maxclients"}, "keydb-server": {"--maxclients"},
	"postgres": {"max_connections", "-N", "--max-connections"}, "mysqld": {"--max-connections", "--max_connections"},
	"mariadbd": {"--max-connections", "--max_connections"}, "mongod": {"--maxConns"}, "memcached": {"-c", "--conn-limit"},
	"uvicorn": {"--limit-concurrency"},
}

// ClientLimit returns the limit that is reached; nil = none is, or it is set where nobody looked.
func (c Case) ClientLimit() *ClientLimit {
	if !c.Alive() || c.Process == nil || c.Spec == nil {
		return nil
	}
	words := strings.Fields(strings.ReplaceAll(strings.Join(c.Spec.Command, " "), "=", " "))
	program := slices.IndexFunc(words, func(w string) bool { return clientLimits[path.Base(w)] != nil })
	if program < 0 {
		return nil
	}
	l := ClientLimit{}
	for i := program + 1; i+1 < len(words); i++ {
		n, err := strconv.Atoi(words[i+1])
		if slices.Contains(clientLimits[path.Base(words[program])], words[i]) && err == nil && n > 0 {
			l.Setting, l.Most = words[i]+" "+words[i+1], n
		}
	}
	for _, p := range c.Process.Peers {
		if p.Port == 0 && p.State == "ESTABLISHED" {
			l.Clients += p.Count
		}
	}
	if l.Most == 0 || l.Clients < l.Most {
		return nil
	}
	return &l
}
