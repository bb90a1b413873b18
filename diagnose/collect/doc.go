// Package collect fills a bundle from a live system: the Docker engine, the
// kernel log, /proc and the control groups. It is the only place of gwdoctor
// with network, disk and clock, and it judges nothing.
//
// Its contract:
//
//   - What the engine and the kernel said is kept word for word
//     (GET /containers/ID/json, a kmsg record such as "6,1234,567890,-;text").
//     Only what the collectors themselves need is decoded, into tolerant structs,
//     because the SDK's strict types lose a whole body over one odd field.
//   - Every source has its own deadline (Options.Timeout) and its own file here.
//     None can break, delay or panic another; one that hangs in a read which
//     cannot be cancelled is abandoned and reported as failed.
//   - Every source ends with a status and, where it is shut, the command that
//     opens it. What could not be seen is never passed off as "not there".
//   - Host facts (/proc, /dev/kmsg, cgroups) are taken only when the engine is
//     proven to run on this very machine: the kernel log of a laptop says nothing
//     about a container of a remote engine.
//   - Every body has a cap; names, labels, logs and events come from strangers.
//
// The engine's behaviour that this relies on is in docs/notes/DOCKER.md#a1 to #a8; the form of kmsg records in
// Documentation/ABI/testing/dev-kmsg; the API in https://docs.docker.com/reference/api/engine/.
package collect
