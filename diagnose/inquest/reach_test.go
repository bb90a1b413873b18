package inquest

import (
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// TestUnreached: who is told to be cut off, who only to be in doubt, and of whom nothing is known.
func TestUnreached(t *testing.T) {
	now := time.Date(2026, 11, 27, 1, 0, 0, 0, time.UTC)
	zero := uint64(0)
	at := func(address string, port int) evidence.Listener {
		return evidence.Listener{Address: address, Port: port}
	}
	on := func(list ...evidence.Listener) []evidence.Listener { return list }
	resolver := at("127.0.0.11", 40000)
	for _, tt := range []struct {
		name             string
		listeners        []evidence.Listener
		change           func(c *Case)
		unreached        bool
		certain, cutOff  bool
		loopback         string
		insteadOfIt, own int // first of the other ports, and how many
	}{
		{name: "served", listeners: on(at("0.0.0.0", 8080))},
		{name: "served on IPv6", listeners: on(at("::", 8080))},
		{name: "served at its own address, too", listeners: on(at("127.0.0.1", 8080), at("172.18.0.2", 8080))},
		{name: "loopback", listeners: on(resolver, at("127.0.0.1", 8080)), unreached: true, certain: true,
			cutOff: true, loopback: "127.0.0.1"},
		{name: "loopback of IPv6", listeners: on(at("::1", 8080)), unreached: true, certain: true,
			cutOff: true, loopback: "::1"},
		{name: "loopback as IPv6 writes it", listeners: on(at("::ffff:127.0.0.1", 8080)), unreached: true,
			certain: true, cutOff: true, loopback: "::ffff:127.0.0.1"},
		{name: "nothing but the resolver", listeners: on(resolver), unreached: true, certain: true,
			cutOff: true},
		{name: "another port", listeners: on(at("0.0.0.0", 5000)), unreached: true, certain: true,
			cutOff:      true,
			insteadOfIt: 5000, own: 1},
		{name: "nothing, and its check passes", listeners: on(resolver),
			change:    func(c *Case) { c.Probes = []Probe{{}} },
			unreached: true, certain: true},
		{name: "one of two is served", listeners: on(at("0.0.0.0", 9090)),
			change: func(c *Case) {
				c.Spec.Forwards = append(c.Spec.Forwards, evidence.Forward{HostPort: 19090, Port: 9090})
			}, unreached: true, insteadOfIt: 9090, own: 1},
		{name: "young", listeners: on(resolver), unreached: true,
			change: func(c *Case) { c.Lives[0].Start = now.Add(-time.Second) }},
		{name: "its check says that it starts", listeners: on(resolver), unreached: true,
			change: func(c *Case) { c.Status.Health = &evidence.Health{Status: fact.HealthStarting} }},
		{name: "about to leave", change: func(c *Case) { c.Log = &servicelog.Run{}; c.Log.Lifecycle.StopRequested = true }},
		{name: "sockets not read", change: func(c *Case) { c.Process.Overflows = nil }},
		{name: "processes not read", change: func(c *Case) { c.Process = nil }},
		{name: "not published", change: func(c *Case) { c.Spec.Forwards = nil }},
		{name: "paused", change: func(c *Case) { c.Status.State = fact.StatePaused }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Case{Evidence: evidence.Evidence{Now: now}}
			c.Spec = &evidence.Spec{Forwards: []evidence.Forward{{HostPort: 18080, Port: 8080}}}
			c.Status = &evidence.Status{State: fact.StateRunning}
			c.Process = &evidence.Process{Listeners: tt.listeners, Overflows: &zero}
			c.Lives = []evidence.Life{{Start: now.Add(-time.Hour), Alive: true}}
			c.Life = &c.Lives[0]
			c.Death.State = fact.StateRunning
			if tt.change != nil {
				tt.change(&c)
			}
			u := c.Unreached()
			if (u != nil) != tt.unreached || u.Certain() != tt.certain || c.CutOff() != tt.cutOff {
				t.Fatalf("got %+v, certain %v, cut off %v", u, u.Certain(), c.CutOff())
			}
			if u == nil {
				return
			}
			if u.Loopback != tt.loopback || len(u.Instead) != tt.own || tt.own > 0 && u.Instead[0] != tt.insteadOfIt {
				t.Errorf("got %+v", u)
			}
		})
	}
}
