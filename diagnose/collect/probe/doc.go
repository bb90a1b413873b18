// Package probe sends single probes over the network and measures their phases:
// HTTP(S), plain TCP, the gRPC health protocol, redis and amqp handshakes, one file
// a protocol, on a fixed schedule. It is part of package collect's room: the only
// other place with network and clock.
//
// Its contract:
//
//   - A probe ends by its own deadline, whatever the other side does, and leaves no
//     connection, goroutine or file behind.
//
//   - It writes a replay.Record and judges nothing: which phase was reached, a
//     word for the fault, what the other side said (capped). Package health reads it:
//
//     {"at": "…", "tookMs": 1000.4, "reached": "wait", "connectMs": 0.2, "fault": "timeout"}
//
//   - Only the target that was named is ever asked: a redirect to another host is
//     noted and not followed, no proxy is used.
//
//   - The schedule is open: a probe starts when it is due, never when the one before
//     has ended, because waiting for the slow ones hides them (docs/notes/HEALTH.md#b3).
package probe
