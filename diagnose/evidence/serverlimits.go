package evidence

import (
	"path"
	"regexp"
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
func (e *Evidence) ClientLimit() *ClientLimit {
	if e.Process == nil || e.Spec == nil {
		return nil
	}
	words := e.Spec.words()
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
	for _, p := range e.Process.Peers {
		if p.Port == 0 && p.State == "ESTABLISHED" {
			l.Clients += p.Count
		}
	}
	if l.Most == 0 || l.Clients < l.Most {
		return nil
	}
	return &l
}

// stores are servers that refuse writes once their data reach a bound of their own, and write nothing of that to their
// own logs: only who is refused is told.
var stores = []string{"redis-server", "valkey-server", "keydb-server"}

// DataLimit is a store whose memory has come to what its own setting allows for its data.
type DataLimit struct {
	Setting string // as it was written: "--maxmemory 20mb"
	Most    int64
	Holds   int64 // memory of its process that cannot be reclaimed; what was deleted may be in it
}

// words are those of the command line, an option and its value apart.
func (s *Spec) words() []string {
	return strings.Fields(strings.ReplaceAll(strings.Join(s.Command, " "), "=", " "))
}

// StoreArguments are the words behind the store's name in the command line; ok is false where it runs none.
func (s *Spec) StoreArguments() (words []string, ok bool) {
	if s == nil {
		return nil, false
	}
	words = s.words()
	program := slices.IndexFunc(words, func(w string) bool { return slices.Contains(stores, path.Base(w)) })
	if program < 0 {
		return nil, false
	}
	return words[program+1:], true
}

// DataLimit returns the limit that is reached; nil = none is, it lets old data go, or nobody looked.
func (e *Evidence) DataLimit() *DataLimit {
	arguments, ok := e.Spec.StoreArguments()
	if !ok || e.Cgroup == nil || e.Cgroup.Anon == nil || e.Process == nil || e.Process.count() != 1 {
		return nil
	}
	l := DataLimit{Holds: *e.Cgroup.Anon}
	for i := range max(len(arguments)-1, 0) {
		switch value := strings.Trim(arguments[i+1], `"';`); arguments[i] {
		case "--maxmemory":
			l.Setting, l.Most = "--maxmemory "+value, dataSize(value)
		case "--maxmemory-policy":
			if value != "noeviction" {
				return nil
			}
		}
	}
	if l.Most <= 0 || l.Holds < l.Most {
		return nil
	}
	return &l
}

// count counts the processes of the container.
func (p *Process) count() int {
	seen := map[int]bool{}
	for _, t := range p.Tasks {
		seen[t.PID] = true
	}
	return len(seen)
}

var sizeForm = regexp.MustCompile(`^(\d{1,15})(b|kb?|mb?|gb?)?$`)

// dataSize reads a size as these servers write it: k is 1000, kb is 1024.
func dataSize(text string) int64 {
	m := sizeForm.FindStringSubmatch(strings.ToLower(text))
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	unit := map[string]int64{"k": 1000, "kb": 1 << 10, "m": 1e6, "mb": 1 << 20, "g": 1e9, "gb": 1 << 30}[m[2]]
	return n * max(unit, 1)
}

// storeNames are parts of the names of such servers' images and services.
var storeNames = []string{"redis", "valkey", "keydb"}

// IsStore tells whether a neighbour is such a server, by what it is called.
func (n Neighbour) IsStore() bool {
	text := strings.ToLower(n.Image + " " + n.Service + " " + n.Name)
	return slices.ContainsFunc(storeNames, func(s string) bool { return strings.Contains(text, s) })
}
