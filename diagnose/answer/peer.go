package answer

import (
	"fmt"
	"time"
)

// PeerError is what a container itself said about another service: that it could
// not reach it, or lost it. It is the ground on which [Chains] ties two falls
// together; without one, nothing is tied.
type PeerError struct {
	Host    string    `json:"host"` // as it was written: a name or an address
	Port    int       `json:"port,omitempty"`
	At      time.Time `json:"at"` // first time
	LastAt  time.Time `json:"lastAt"`
	Count   int       `json:"count"`
	Source  string    `json:"source"`
	Excerpt string    `json:"excerpt"`
	Refused bool      `json:"refused,omitempty"` // it was up and refused, for a state of its own
}

// Peer is the service as it was named: a host, with the port where one stood there.
func (c PeerError) Peer() string {
	if c.Port == 0 {
		return c.Host
	}
	return fmt.Sprintf("%s:%d", c.Host, c.Port)
}
