package fact

// Event is the kind of a thing that a runtime tells of a container, in our own words: Docker says "die", Podman "died",
// the kubelet "Killing". The decoder of a runtime (evidence/docker) turns its words into these.
type Event int

// The kinds of event. EventOther is what no rule reads.
const (
	EventOther        Event = iota
	EventCreated            // made, not started
	EventStarted            // its process runs
	EventEnded              // its process ended
	EventSignalSent         // the runtime sent its process a signal
	EventStopped            // a stop that was asked for was carried out
	EventRestarted          // a restart that was asked for was carried out
	EventRemoved            // it is gone
	EventHealthTurned       // its health check came to another result
	EventOOMTold            // the kernel told its cgroup of an OOM kill, of it or of a neighbour in the same parent
	EventExecCreated        // a command beside its main process is about to run
	EventExecStarted        // it runs
	EventExecEnded          // it ended
	EventRenamed
	EventUpdated // its limits or restart policy were changed
	EventPaused
	EventUnpaused
	EventTold // something that its own words tell and no rule reads
)

// Request is what a client asked the runtime to do with a container that ended it.
type Request int

// The kinds of request. RequestSignal is also what is known where only the signal was recorded.
const (
	RequestUnknown Request = iota // that it was asked is known, what for is not
	RequestStop                   // a polite signal, then KILL after a grace
	RequestSignal                 // one signal, whatever comes of it
	RequestRestart                // a stop and a start
	RequestRemoval                // killed to be removed
	RequestProbe                  // the runtime itself killed it, because its probe failed
)
