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

// Unresolved is a neighbour whose name does not resolve in this container, though it ran by then.
type Unresolved struct {
	evidence.Neighbour
	Shared string // a network of both: the engine's name server should know it there; "" = none
	Known  bool   // the networks of both are known; else that they share none is only likely
}

// unresolved returns the neighbour whose name a finding says not to resolve; nil = there is none.
func (c Case) unresolved(f servicelog.Finding) *Unresolved {
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
	n := Unresolved{Neighbour: c.Neighbours[i]}
	n.Shared, n.Known = c.shared(n.Neighbour)
	return &n
}

// shared is a network in which both this container and a neighbour are, and whether that can be told: one that has the
// network of a third (`--network container:NAME`) lists none.
func (c Case) shared(n evidence.Neighbour) (network string, known bool) {
	if c.Spec == nil || n.Networks == nil || len(c.Spec.Networks) == 0 && !c.Spec.DefaultBridge {
		return "", false
	}
	for _, name := range c.Spec.Networks {
		if slices.Contains(n.Networks, name) {
			return name, true
		}
	}
	return "", true
}

// Unresolved returns the first neighbour whose name does not resolve here; nil = there is none.
func (c Case) Unresolved() *Unresolved {
	for _, f := range c.OtherFindings(fact.DependencyDown) {
		if n := c.unresolved(f); n != nil {
			return n
		}
	}
	return nil
}
