// Package check knows what a health check is: its settings ([Config]), the command
// that it runs ([Parse]), where that asks ([EndpointOf]), and what the engine's record
// of a probe says ([Classify]).
//
// A record is an entry of State.Health.Log, at most five of them, with output
// cut at 4096 bytes and "..." (docs/notes/DOCKER.md#a3, docs/notes/HEALTH.md#b1):
//
//	{"Start": "2026-11-23T08:53:17.586669483Z", "End": "2026-11-23T08:53:19.588179193Z",
//	 "ExitCode": -1, "Output": "Health check exceeded timeout (2s)"}
//
// [Classify] turns it into an [Outcome]. Three voices speak in a record and must
// be kept apart: the engine (exit code -1, its own sentence first), the probe's
// tool (curl's "curl: (7) ...", the last line of a Python traceback, the shell's
// "curl: not found"), and the service, whose answer curl and wget print as well.
// Only the first two are believed: a body that says "Connection refused" about
// the service's own database is no refused probe.
//
// The forms are documented in moby daemon/health.go, EXIT CODES of curl(1), EXIT
// STATUS of wget(1), networking/wget.c of busybox, and Python's tracebacks. Output
// is hostile text: it is read as data, bounded, and never copied into a summary.
//
// The package is pure: no clock, no I/O, safe for concurrent use.
package check
