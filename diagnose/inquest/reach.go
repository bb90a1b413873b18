package inquest

import (
	"slices"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Unreached is a port that the host publishes for a container that runs, and at which nobody outside gets an answer.
type Unreached struct {
	evidence.Forward
	Loopback string // the address on which its program listens, where others cannot reach it; "" = nothing listens
	Instead  []int  // what its programs listen on for others
	Other    bool   // another port that the host publishes is served: this one may be of use only at times
	Early    bool   // it may be about to listen
}

// settled is how long a service must have run before nothing on its port is more than a slow start.
const settled = time.Minute

// Unreached returns the first published port that nobody outside can reach; nil = each is served, none is published, or
// the sockets could not be read. Who is about to leave has closed its own.
func (c Case) Unreached() *Unreached {
	listeners, read := c.Process.Serves()
	if !read || !c.Alive() || c.Spec == nil || c.Status.State != fact.StateRunning || c.leaving() {
		return nil
	}
	u := Unreached{Early: c.early()}
	found := false
	for _, forward := range c.Spec.Forwards {
		served, loopback := servedBy(listeners, forward.Port)
		switch {
		case served:
			u.Other = true
		case !found || u.Loopback == "" && loopback != "": // where it listens in vain is known for certain
			found, u.Forward, u.Loopback = true, forward, loopback
		}
	}
	if !found {
		return nil
	}
	for _, l := range listeners {
		if l.Outward() && !slices.Contains(u.Instead, l.Port) {
			u.Instead = append(u.Instead, l.Port)
		}
	}
	slices.Sort(u.Instead)
	return &u
}

// servedBy tells whether somebody listens on a port for others, else at which loopback address.
func servedBy(listeners []evidence.Listener, port int) (served bool, loopback string) {
	for _, l := range listeners {
		switch {
		case l.Port != port:
		case l.Outward():
			return true, ""
		default:
			loopback = l.Address
		}
	}
	return false, loopback
}

// leaving tells whether it was asked to stop, or has said that it does.
func (c Case) leaving() bool {
	return c.Death.Request != nil || c.Log != nil && (c.Log.Lifecycle.StopRequested || c.Log.Lifecycle.Draining != nil)
}

// early tells whether it has not run for long, or its check says that it still starts.
func (c Case) early() bool {
	length, ok := c.Life.Length(c.Now)
	return !ok || length < settled || c.Status.Health != nil && c.Status.Health.Status == fact.HealthStarting
}

// Certain tells whether more than a guess says that it should be served: a program that listens in vain, or a port with
// nothing behind it, which is no server's only one among several and not one of a slow start.
func (u *Unreached) Certain() bool { return u != nil && (u.Loopback != "" || !u.Other && !u.Early) }

// CutOff tells whether nobody outside can use the service at all. Where nothing listens, and its own check passes, it
// may be one that works without: a worker with a debugger's port.
func (c Case) CutOff() bool {
	u := c.Unreached()
	passing := len(c.Probes) > 0 && c.Streak == 0
	return u.Certain() && !u.Other && (u.Loopback != "" || !passing)
}
