// Package lint says what is wrong with a health check itself: [Settings] as far as its
// configuration decides it, [Run] also by what was measured. [Correct] writes it anew.
//
//	["CMD-SHELL", "curl http://localhost:8000/health || true"]
//	error    always-passes             the check ends with a command that always succeeds
//	error    curl-without-fail         curl without -f ends with 0 for a 404 or 500 too
//	warning  probe-without-time-limit  curl has no time limit of its own
//
// A rule speaks only where the words of the check prove it: what a script of the
// image's own does is not known. The rules and their reasons are those of
// docs/notes/HEALTH.md#lint-rules, and docs/notes/DOCKER.md#a3.
//
// The package is pure: no clock, no I/O, safe for concurrent use.
package lint
