package replay

import (
	"encoding/json"
	"math"
	"slices"
	"time"
)

// Replay is a run of probes that gwdoctor itself made, as the collector records it
// (live/replay.json of a bundle), one record a probe:
//
//	{"at": "2026-11-25T16:00:00.2Z", "tookMs": 1000.4, "reached": "wait", "connectMs": 0.2,
//	 "fault": "timeout", "own": "never-accepted", "queue": 3, "neverAccepted": 3}
type Replay struct {
	At                    time.Time
	Kind                  string // exec, http, tcp, grpc, redis, amqp
	URL, Vantage, Proves  string
	Planned               int
	IntervalMs, TimeoutMs float64
	Skipped               int
	Ended                 string
	OverheadMs            []float64
	Tool                  string
	ToolFound             *bool
	Clients               []string // of python3, curl and wget those that the image has; nil = none, or not looked for
	ProcessesBefore       *int
	ProcessesAfter        *int
	LeftKilled            int
	Overflows             *uint64
	OverflowsBefore       *uint64
	Probes                []Record
}

// Record is one replayed probe. Times are milliseconds; a nil pointer is a phase
// that was not reached or a fact that the machine does not tell.
type Record struct {
	At                                      time.Time
	TookMs, LateMs                          float64
	ExitCode, HTTPStatus                    *int
	Reached                                 string // a Phase
	DNSMs, ConnectMs, TLSMs, WaitMs, BodyMs *float64
	Fault                                   string // a Fault
	Detail, Note, Output                    string
	OutputCut                               bool
	Queue, NeverAccepted, Unread, Waiting   *int
	Own                                     string // never-accepted, unread, waiting
	Threads                                 *int
	Listener                                string
	Zombies                                 *int
}

// The phases of a probe, in their order. PhaseDone is past the last.
const (
	PhaseDNS     = "dns"
	PhaseConnect = "connect"
	PhaseTLS     = "tls"
	PhaseWait    = "wait" // written, no byte of an answer
	PhaseBody    = "body"
	PhaseExec    = "exec" // inside the check's own program
	PhaseDone    = "done"
)

// The faults that a probe's record names.
const (
	FaultTimeout     = "timeout"
	FaultRefused     = "refused"     // RST to the SYN: nothing listens there
	FaultUnreachable = "unreachable" // no route, or no such host on the link
	FaultReset       = "reset"
	FaultEmpty       = "empty"      // closed without a byte
	FaultShort       = "short-body" // closed before the announced end
	FaultName        = "name"       // not resolved
	FaultTLS         = "tls"
	FaultProtocol    = "protocol" // an answer that is none of the protocol's
	FaultStatus      = "status"   // an answer that says no: HTTP >= 400, NOT_SERVING, an exit code
	FaultRedirects   = "redirect-loop"
	FaultEngine      = "engine" // the engine could not run the probe
	FaultCancelled   = "cancelled"
)

// maxRecords bounds what is read of a replay; a bundle may come from a stranger.
const maxRecords = 200_000

// ReadReplay parses live/replay.json; nil where it is no replay.
func ReadReplay(data []byte) *Replay {
	var r Replay
	if json.Unmarshal(data, &r) != nil || r.Kind == "" {
		return nil
	}
	r.Probes = slices.DeleteFunc(r.Probes[:min(len(r.Probes), maxRecords)], func(p Record) bool {
		return p.Fault == FaultCancelled || !(p.TookMs >= 0) || math.IsInf(p.TookMs, 0)
	})
	return &r
}

// Failed tells whether the probe counts as a failure.
func (r Record) Failed() bool { return r.Fault != "" }

func (r Record) Took() time.Duration { return Millis(r.TookMs) }

func Millis(ms float64) time.Duration {
	if !(ms > 0) {
		return 0
	}
	return time.Duration(min(ms, 1e12) * float64(time.Millisecond))
}
