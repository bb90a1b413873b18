// Package replay reads the probes that gwdoctor itself ran against a service: in
// which phase each of them ended, what the sockets of the server showed at that
// moment, and what both mean together ([Picture]); then the series as a whole
// ([Stats], [Outage]s). One probe is one record of live/replay.json:
//
//	{"at": "2026-11-25T16:00:00.2Z", "tookMs": 1000.4, "reached": "wait", "connectMs": 0.2,
//	 "fault": "timeout", "own": "never-accepted", "queue": 3, "neverAccepted": 3}
//
// that is: connected, request written, no byte of an answer in a second, and the
// kernel still holds the connection: the program accepts nothing, its event loop is
// blocked (docs/notes/HEALTH.md#b2).
//
// The package is pure: no clock, no I/O, safe for concurrent use.
package replay
