package inquest

import "github.com/gwdoctor/gwdoctor/diagnose/fact"

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
