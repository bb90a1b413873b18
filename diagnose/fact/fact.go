// Package fact is the vocabulary of the house: the words by which rooms that know nothing of each other mean the same
// thing, each said once. It is a leaf that everybody may import; a literal of one of its words anywhere else fails a
// test (architecture_test.go), because a rule that waits for "kernellog" where the source is called "kernel-log" never
// speaks, and no compiler says so.
//
// Words that are printed in a JSON document are strings and never change (docs/contract.md):
//
//	{"source": "kernel-log", "status": "collected"}    SourceKernelLog, StatusCollected
//	{"endedBy": "engine-request", "state": "exited"}   EndedByEngineRequest, StateExited
//
// Words that no document shows are numbers ([Event], [Request]), so that they have no literal.
package fact

// Names of the sources, as reports and the JSON contract show them.
const (
	SourceEngine     = "engine"      // version and info of the runtime
	SourceInspect    = "inspect"     // the container's own record
	SourceImage      = "image"       // the image's configuration
	SourceEvents     = "events"      // the runtime's events
	SourceLogs       = "logs"        // the service's own output
	SourceChanges    = "changes"     // files changed in the writable layer
	SourceNeighbours = "neighbours"  // containers of the same project
	SourcePorts      = "ports"       // who has the ports that it did not get
	SourceStateFile  = "state-file"  // what the runtime keeps on disk and does not tell
	SourceKernelLog  = "kernel-log"  // /dev/kmsg or the journal
	SourceProcess    = "process"     // /proc of a running container
	SourceInside     = "stacks"      // the memory of a running container's processes
	SourceCgroup     = "cgroup"      // control group files of a running container
	SourceCorePolicy = "core-policy" // where this kernel would write a core file
	SourceCores      = "cores"       // what the core files of this container tell
	SourceReplay     = "replay"      // probes that gwdoctor itself ran
	SourceHealth     = "health"      // the health check's results, wherever they stand: a reading, not a file
)

// Status says what became of one source. Only StatusCollected lets the absence
// of a fact count as evidence; StatusTruncated does so within its span.
type Status string

// The states of a source.
const (
	StatusCollected Status = "collected" // read whole
	StatusTruncated Status = "truncated" // read in part: a cap, a deadline or a ring cut it
	StatusAbsent    Status = "absent"    // does not exist here (remote engine, container not running)
	StatusDenied    Status = "denied"    // exists, but we may not read it
	StatusFailed    Status = "failed"    // reading it went wrong
	StatusNotAsked  Status = "not-asked" // nobody tried
)

// IDs of the ten causes (docs/silent-service-failure-analysis.md). They are part of the JSON contract and never change.
const (
	OOMKill                 = "oom-kill"
	HealthcheckTimeout      = "healthcheck-timeout"
	LoggingFailure          = "logging-failure"
	WorkerCrash             = "worker-crash"
	StartupFailure          = "startup-failure"
	BackgroundTaskFailure   = "background-task-failure"
	ExceptionHandlerFailure = "exception-handler-failure"
	PoolExhaustion          = "pool-exhaustion"
	HealthcheckFailure      = "healthcheck-failure"
	InterpreterCrash        = "interpreter-crash"
)

// IDs of the alternatives to the ten.
const (
	NotAFailure   = "not-a-failure"
	SomethingElse = "something-else"
)

// Kinds of a verdict. NotAFailure is one, too.
const (
	VerdictCause        = "cause"
	VerdictOther        = "other"   // known, and none of the ten: one of the named others
	VerdictTrouble      = "trouble" // it lives, or ended well, and something is wrong with it all the same
	VerdictUndetermined = "undetermined"
)

// What a verdict of NotAFailure found: the state of a target with which nothing is wrong. StatePaused is one, too.
const (
	FineOK        = "ok" // it lives, or was never meant to start
	FineStopped   = "stopped-on-request"
	FineFinished  = "finished"  // it ended with success, and was no server
	FineRecovered = "recovered" // it lives, and got over what its health check found
)

// States of a container, as reports show them.
const (
	StateRunning      = "running"
	StateExited       = "exited"
	StateRestarting   = "restarting" // between an end and the next start
	StatePaused       = "paused"
	StateNeverStarted = "never-started" // created, and never got to run
	StateGone         = "gone"          // removed: only its events tell of it
	StateUnknown      = "unknown"
)

// Removed tells whether a container of this state is gone, or about to be: "removing" and "dead" are Docker's words for
// it. Its log is answered no more.
func Removed(state string) bool { return state == StateGone || state == "removing" || state == "dead" }

// What a health check says of a container.
const (
	HealthStarting  = "starting" // in its start period: failures do not count yet
	HealthHealthy   = "healthy"
	HealthUnhealthy = "unhealthy"
)

// EndedBy says who ended a run.
type EndedBy string

// Who can end a run. Unknown is an answer.
const (
	EndedByKernelOOM     EndedBy = "kernel-oom"
	EndedByEngineRequest EndedBy = "engine-request" // stop, kill, restart, removal, asked of the runtime
	EndedByOutsideSignal EndedBy = "outside-signal" // a signal that the runtime did not send
	EndedByOwnExit       EndedBy = "own-exit"
	EndedByOwnSignal     EndedBy = "own-signal" // a fault of its own: SEGV, BUS, ILL, FPE, ABRT …
	EndedByNone          EndedBy = "none"       // alive, or never started
	EndedByUnknown       EndedBy = "unknown"
)

// Which way a finding speaks.
const (
	SaysFor     = "for"
	SaysAgainst = "against"
)

// Role tells what a finding of a log is to its cause.
type Role string

// The roles.
const (
	RoleRoot      Role = "root"      // the fault itself
	RoleMechanism Role = "mechanism" // how the fault became a death; adds nothing to a known root
	RoleSymptom   Role = "symptom"   // what the fault looked like from outside
)

// Strength tells how far a finding of a log carries for its cause: the C, S and W of docs/notes/PYTHON.md.
type Strength string

// The strengths.
const (
	Conclusive Strength = "conclusive"
	Strong     Strength = "strong"
	Weak       Strength = "weak"
)
