package evidence

import "time"

// Ports is who has the ports that a container wants and did not get: host/ports.json.
type Ports struct {
	At     time.Time `json:"at"`
	Wanted []int     `json:"wanted,omitempty"` // none: the container shares a network, and every port of that is listed
	Uses   []PortUse `json:"uses"`
	// Unseen is why a user of a port may not be listed; "" = all of them could be seen.
	Unseen string `json:"unseen,omitempty"`
}

// PortUse is one that has a port.
type PortUse struct {
	Port      int    `json:"port"`
	Protocol  string `json:"protocol"`            // "tcp" or "udp"
	Address   string `json:"address,omitempty"`   // 0.0.0.0, 127.0.0.1 …
	PID       int    `json:"pid,omitempty"`       // 0 = not seen
	Comm      string `json:"comm,omitempty"`      // of that process
	Container string `json:"container,omitempty"` // the name of the container that has it; "" = none is known to
	Project   string `json:"project,omitempty"`   // and its compose project
	LeadsTo   string `json:"leadsTo,omitempty"`   // where docker-proxy takes connections: 172.17.0.2:80
}
