package cause

import (
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
)

// portHolder names who has the port, whoever it is.
var portHolder = Rule{
	ID: "port-holder", Fact: "log-root", Weight: 31, Source: fact.SourcePorts, Names: true,
	Why: "a port was refused, and it was looked who has it: that is what the refusal's own words leave open",
	See: func(c inquest.Case) []Observation {
		t := c.TakenPort()
		if t == nil || t.At == nil {
			return nil
		}
		if text := holderText(*t); text != "" {
			return saw(t.At, text, "")
		}
		return nil
	},
}

// portOfNeighbour does it by the project's containers, where nobody looked further.
var portOfNeighbour = Rule{
	ID: "port-of-neighbour", Fact: "log-root", Weight: 31, Source: fact.SourceNeighbours, Names: true,
	Why: "the runtime says that a port of the host is taken, and a container of the same project publishes it",
	See: func(c inquest.Case) []Observation {
		t := c.TakenPort()
		if t == nil || t.At != nil || t.Holder == nil {
			return nil
		}
		return saw(nil, holderText(*t), "")
	},
}

// holderText says who has a port; "" = that cannot be seen, which is no evidence.
func holderText(t inquest.TakenPort) string {
	h := t.Holder
	taken := fmt.Sprintf("port %d is taken by ", t.Port)
	switch {
	case h == nil && t.Unseen != "":
		return ""
	case h == nil:
		return fmt.Sprintf("port %d was refused, and nothing has it any more", t.Port)
	case h.Container != "" && h.Project != "" && t.Service == "":
		return taken + fmt.Sprintf("container %s of the project %s", h.Container, h.Project)
	case h.Container != "":
		return taken + "container " + h.Container
	case h.LeadsTo != "":
		return taken + fmt.Sprintf("a docker-proxy that was left behind (process %d): no container has %s any more, "+
			"where it leads", h.PID, h.LeadsTo)
	case h.PID > 0:
		return taken + fmt.Sprintf("process %d of the host (%s)", h.PID, clip(h.Comm, 16))
	}
	return taken + "a program that could not be seen: " + t.Unseen
}
