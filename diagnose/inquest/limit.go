package inquest

import (
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// ClientLimit is the limit of a server that has all the clients that it may have; nil = it has not, or that is not
// known. The connections are those of the process that runs now: of a life that has ended they tell nothing.
func (c Case) ClientLimit() *evidence.ClientLimit {
	if !c.Alive() {
		return nil
	}
	return c.Evidence.ClientLimit()
}

// DataLimit is the limit of a store that holds all the data that it may hold; nil = it does not, or that is not known.
// The memory is that of the process that runs now, as above.
func (c Case) DataLimit() *evidence.DataLimit {
	if !c.Alive() {
		return nil
	}
	return c.Evidence.DataLimit()
}

// MemoryLimit is the memory limit that the life had at its end, in bytes; 0 = it had none, or that is not known. What
// the runtime knows is the limit of today: `docker update` changes it on ended containers, too. The kernel's line says
// which one was hit.
func (c Case) MemoryLimit() int64 {
	if k := c.KillAtEnd; k != nil && k.Memory != nil && k.Memory.Limit != nil && *k.Memory.Limit > 0 {
		return *k.Memory.Limit
	}
	if c.Spec == nil || c.updatedSince() {
		return 0
	}
	return c.Spec.Memory
}

// updatedSince tells whether the settings were changed after the end.
func (c Case) updatedSince() bool {
	if c.Death.At == nil {
		return false
	}
	for _, ev := range c.Events.List {
		if ev.Kind == fact.EventUpdated && ev.At.After(*c.Death.At) {
			return true
		}
	}
	return false
}
