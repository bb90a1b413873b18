package inquest

import (
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// unresolved is the signature of a name that the resolver does not know.
const unresolved = "dependency-unresolved"

// Apart returns the neighbour whose name does not resolve in this container, though it ran by then; nil = there is
// none. The engine's resolver knows the names of all that run in the networks of who asks: the two share none.
func (c Case) Apart(f servicelog.Finding) *evidence.Neighbour {
	host, _, _ := strings.Cut(f.Object, ":")
	if f.ID != unresolved || f.LastAt.IsZero() {
		return nil
	}
	i := slices.IndexFunc(c.Neighbours, func(n evidence.Neighbour) bool {
		return n.Is(host) && n.State == fact.StateRunning && n.StartedAt != nil &&
			n.StartedAt.Before(f.LastAt.Add(-KernelSlack))
	})
	if i < 0 {
		return nil
	}
	return &c.Neighbours[i]
}

// ApartFrom returns the first neighbour that the log shows to be in no network of this container's; nil = none.
func (c Case) ApartFrom() *evidence.Neighbour {
	for _, f := range c.OtherFindings(fact.DependencyDown) {
		if n := c.Apart(f); n != nil {
			return n
		}
	}
	return nil
}
