package answer

import (
	"cmp"
	"time"
)

// Chain is how the trouble of one service reached others, the first domino on top.
type Chain struct {
	Summary string `json:"summary"`
	Links   []Link `json:"links"`
}

// Roles of a link. Only RoleSuffered blames another: it rests on a [PeerError].
const (
	RoleFirst    = "first"    // fell by itself; others suffered from it
	RoleSuffered = "suffered" // named one that had fallen before it
	RolePossibly = "possibly" // declares that it needs one that fell before it, but said nothing of it
	RoleUnlinked = "unlinked" // of the same project, fell in these minutes; nothing ties it to the others
)

// Link is one container of a chain.
type Link struct {
	ID           string    `json:"id"`
	Container    string    `json:"container"`
	Service      string    `json:"service,omitempty"`
	Role         string    `json:"role"`
	At           time.Time `json:"at"`           // when its trouble began
	AfterSeconds float64   `json:"afterSeconds"` // since the trouble of the link above began; 0 for the first
	Failed       bool      `json:"failed"`
	Steps        []Moment  `json:"steps"`   // its own fall, oldest first
	Because      []Because `json:"because"` // the ties to those above; empty for first and unlinked
}

// Because is a tie to another container, with what proves it.
type Because struct {
	ID        string     `json:"id"`
	Container string     `json:"container"`
	PeerError *PeerError `json:"complaint,omitempty"` // absent for "possibly": it is only declared
}

// Name is the compose service, or the container's name where it has none.
func (l Link) Name() string { return cmp.Or(l.Service, l.Container) }
