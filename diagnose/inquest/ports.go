package inquest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// TakenPort is a port of the host, or of a network that is shared, which this container wanted and did not get.
type TakenPort struct {
	Port    int
	At      *time.Time        // when it was looked who has it; nil = nobody looked, the project's containers tell
	Holder  *evidence.PortUse // who has it; nil = none is seen
	Unseen  string            // why one may have it all the same; "" = whoever has it would be seen
	Shared  bool              // the network is the host's or another container's: its program binds the port itself
	Service string            // of the holder, in this container's own project
}

// TakenPort returns the port that was refused, with its holder as far as one can be seen; nil = none was, or it is a
// port within the container's own network.
func (c Case) TakenPort() *TakenPort {
	for _, f := range c.refusedPorts() {
		port, err := strconv.Atoi(f.Object[strings.LastIndexByte(f.Object, ':')+1:])
		if err != nil {
			continue
		}
		t := &TakenPort{Port: port, Unseen: "nobody looked"}
		if c.Ports != nil {
			t.At, t.Unseen, t.Holder = &c.Ports.At, c.Ports.Unseen, holderOf(c.Ports.Uses, port)
			t.Shared = len(c.Ports.Wanted) == 0
		}
		t.amongNeighbours(c.Neighbours)
		return t
	}
	return nil
}

// refusedPorts are the runtime's own words; in a network that others share, the program's, too.
func (c Case) refusedPorts() []servicelog.Finding {
	var list []servicelog.Finding
	for _, f := range c.Refusal {
		if f.Other == fact.PortTaken {
			list = append(list, f)
		}
	}
	if c.Ports != nil && len(c.Ports.Wanted) == 0 {
		list = append(list, c.OtherFindings(fact.PortTaken)...)
	}
	return list
}

// amongNeighbours names the holder as its project does.
func (t *TakenPort) amongNeighbours(list []evidence.Neighbour) {
	for _, n := range list {
		if t.Holder == nil && slices.Contains(n.Published, t.Port) {
			t.Holder = &evidence.PortUse{Port: t.Port, Container: n.Name}
		}
		if t.Holder != nil && t.Holder.Container == n.Name {
			t.Service = n.Service
		}
	}
}

// holderOf is who has the port: one that is known by name rather than by its number, a number rather than nothing.
func holderOf(uses []evidence.PortUse, port int) *evidence.PortUse {
	best := -1
	for i, u := range uses {
		if u.Port == port && (best < 0 || known(u) > known(uses[best])) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	return &uses[best]
}

func known(u evidence.PortUse) int {
	switch {
	case u.Container != "":
		return 2
	case u.PID > 0:
		return 1
	}
	return 0
}
