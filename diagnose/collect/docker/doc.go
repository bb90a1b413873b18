// Package docker asks an engine that speaks the Docker API, Docker's own or Podman's,
// and decodes of its answers what the collectors themselves need. It is the only place
// that imports the SDK.
//
// Bodies are kept raw: the bundle holds the engine's own words. What is decoded goes
// into tolerant structs, because the SDK's strict types refuse a whole body over one odd
// field, and then its raw form is gone as well:
//
//	{"Id":"35477042ca4d…","Name":"/web","State":{"Running":true,"Pid":4711,…},…}
//
// Answers come from strangers as much as from the engine: each has a deadline and a cap
// ([Engine]), only a whole container id may become part of a path, and an answer that is
// no JSON, of another container or cut is a failure, never an empty fact.
//
// The API is documented at https://docs.docker.com/reference/api/engine/; how engines
// really behave, in docs/notes/DOCKER.md.
package docker
