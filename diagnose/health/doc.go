// Package health examines a health check as a whole and says what `gwdoctor health`
// prints. Its rooms each know one part of that:
//
//	check     what a check is, and what the engine's record of a probe says
//	replay    what the probes that gwdoctor ran show
//	simulate  what Docker, Swarm, Podman and Kubernetes make of such answers
//	lint      what is wrong with the check itself, and how it should be written
//
// [Examine] puts them together: from a [Target], all that was collected of a container
// or a URL, to an [Examination], the document of the JSON contract.
//
// The package is pure: no clock, no I/O, safe for concurrent use.
package health
