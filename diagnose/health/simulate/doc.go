// Package simulate plays the state machines of those who run health checks: given how
// a service answers, when do Docker, Swarm, Podman and Kubernetes turn it unhealthy,
// and what do they do then.
//
//	Docker{Config: check.Config{Interval: 2 * time.Second, Timeout: time.Second, Retries: 3}}
//		.Run(Hangs(), time.Minute)      // unhealthy after 9.0 s; the engine needed 9.02 s
//
// Beside them stand the closed forms of how long a stall each of them survives, and
// the statistics that hold for 10 to 1000 probes. Rules and figures are those of
// docs/notes/HEALTH.md#b1, read in moby daemon/health.go, Podman's
// libpod/healthcheck.go and the kubelet's prober package; a live test holds Docker's
// against the engine of the machine.
//
// The package is pure: no clock, no I/O, safe for concurrent use.
package simulate
