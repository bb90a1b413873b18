package evidence

import (
	"net/netip"
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// Status is what was seen of a container when it was asked about.
type Status struct {
	State     string // one of fact's states; another word of the runtime's own stays as it is
	Word      string // the runtime's own word for it
	PID       int
	ExitCode  int // 0 while it runs, whatever the life before left
	OOMKilled bool
	Error     string // the runtime's own start or stop error
	// StartTried is when the runtime tried in vain to start what has never run, where its events show that and it keeps
	// no word of why; StartUntold tells that it keeps none, and that they need not show it.
	StartTried  *time.Time
	StartUntold bool
	StartedAt   time.Time
	Restarts    int // by the restart policy only
	// ProvedAfter is how long a restarted run must last for its runtime to take it for well, and to forget how often it
	// restarted it before; 0 = not known.
	ProvedAfter time.Duration
	Health      *Health
	NoNetwork   string     // the network that it was started in, where it stands in none any more
	Awaited     *time.Time // since when a pod waits for its start, or for its end as an init container; nil = none does
	Leaving     *Request   // who had it ended, of what still runs; nil = nobody is told to
	KnownAs     []string   // by what others may call it: names, aliases, addresses; sorted
}

// Health is the runtime's record of its health check; artefacts are still in it.
type Health struct {
	Status        string // one of fact's
	FailingStreak int
	Log           []HealthEntry
}

// HealthEntry is one probe of that record.
type HealthEntry struct {
	Start, End time.Time
	ExitCode   int
	Output     string
	TimedOut   bool          // the runtime's own word, where neither code nor output says it
	Result     *check.Result // what it means, where the runtime says no more than that; nil = read it from the rest
}

// Engine is what the runtime says about itself.
type Engine struct {
	Version      string // "20.10.24"; "" = unknown
	Major        int    // 20; 0 = unknown
	OOMFlagStays bool   // an OOMKilled of an earlier life may still be shown of one that runs
	// a kill for lack of memory in a container's own group may pass it by: neither an event nor OOMKilled tells of it
	MissesOOM bool
}

// Image is the part of the image's configuration that differs from the container's.
type Image struct {
	Architecture string
}

// Neighbour is one other container of the same project: project/neighbours.json is a list of them.
type Neighbour struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Service    string     `json:"service"`           // of the same compose project; "" = it is not of that
	Aliases    []string   `json:"aliases,omitempty"` // names in its networks, where it is not of the same project
	Networks   []string   `json:"networks,omitzero"` // user-defined ones, sorted; nil = not known
	Image      string     `json:"image"`
	State      string     `json:"state"` // the runtime's own word: created, running, exited …
	ExitCode   *int       `json:"exitCode,omitempty"`
	OOMKilled  *bool      `json:"oomKilled,omitempty"`
	Health     string     `json:"health,omitempty"`
	StartedAt  *time.Time `json:"startedAt,omitempty"`
	FinishedAt *time.Time `json:"finishedAt,omitempty"`
	Addresses  []string   `json:"addresses,omitempty"` // while it runs
	Published  []int      `json:"published,omitempty"` // ports of the host that lead into it, while it runs
	Reached    []string   `json:"reached,omitempty"`   // far ends of this container\'s connections that lead to it by a published port
	Pod        string     `json:"pod,omitempty"`       // of Kubernetes: the pod behind the Service that tells most
	Down       string     `json:"down,omitempty"`      // of Kubernetes: why nothing serves, in words: "has no pod …"
	Halted     *bool      `json:"halted,omitempty"`    // its processes are stopped by a signal; the runtime calls that running
	NamedBy    []string   `json:"namedBy,omitempty"`   // variables of this container that name it as a host; values are masked
	Unread     []Unread   `json:"unread,omitempty"`    // what this container sent it and its program has not read
}

// At tells whether the far end of a connection, address and port, leads to the neighbour.
func (n Neighbour) At(far string) bool {
	if slices.Contains(n.Reached, far) {
		return true
	}
	addr, err := netip.ParseAddrPort(far)
	return err == nil && slices.Contains(n.Addresses, addr.Addr().Unmap().String())
}

// Is tells whether a host's name, as a log or a setting has it, is the neighbour's.
func (n Neighbour) Is(host string) bool {
	return host != "" && (host == n.Service || host == n.Name || slices.Contains(n.Aliases, host) ||
		slices.Contains(n.Addresses, host))
}
