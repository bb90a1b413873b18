package inquest

import (
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
)

// VainPass returns the port of its own at which the health check asks and passes, though nothing listens there; 0 = all
// is in order, or that is not known. Such a check passes whatever its program gets:
//
//	curl -s http://localhost:8080/ | cat
func (c Case) VainPass() int {
	listeners, read := c.Process.Serves()
	if !read || !c.Alive() || c.Spec == nil || !c.Spec.Probed() || c.Status.State != fact.StateRunning ||
		c.leaving() || len(c.Probes) == 0 || c.Streak > 0 || c.Probes[len(c.Probes)-1].Failed() {
		return 0
	}
	asked := check.EndpointOf(c.Spec.Healthcheck.Test)
	if !asked.Local || check.HasAlternative(c.Spec.Healthcheck.Test) || slices.ContainsFunc(listeners,
		func(l evidence.Listener) bool { return l.Port == asked.Port }) {
		return 0
	}
	return asked.Port
}
