package inquest

import (
	"slices"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// refusesWrites are what such a server answers for a state of its own.
var refusesWrites = []string{"OOM command not allowed when used memory", "MISCONF "}

// RefusedClient returns what the log of a client says of being refused by this store until now, and whether another
// store stands beside it that may be meant; nil = none says so.
func (c Case) RefusedClient() (told *BackendFinding, others bool) {
	if _, ok := c.Spec.StoreArguments(); !ok || !c.Alive() {
		return nil, false
	}
	for i, f := range c.Backends {
		text := f.Excerpt
		if f.Exception != nil {
			text += " " + f.Exception.Message
		}
		if c.Now.Sub(f.LastAt) <= time.Minute && slices.ContainsFunc(refusesWrites, func(s string) bool {
			return strings.Contains(text, s)
		}) {
			told = &c.Backends[i]
		}
	}
	return told, told != nil && slices.ContainsFunc(c.Neighbours, func(n evidence.Neighbour) bool {
		return n.Name != told.Name && n.IsStore()
	})
}
