package replay

import (
	"encoding/json"
	"math"
	"slices"
	"time"
)

// ShellName is $0 of a replayed shell check. It is the last word of its exec event,
// by which later diagnoses know that the engine did not run it. It ends in "sh"
// because a shell puts it before its errors.
const ShellName = "gwdoctor-sh"

// Replay is a run of probes that gwdoctor itself made against the container or a URL, and from where, as the collector
// records it (live/replay.json of a bundle), one record a probe:
//
//	{"at": "2026-11-25T16:00:00.2Z", "tookMs": 1000.4, "reached": "wait", "connectMs": 0.2,
//	 "fault": "timeout", "own": "never-accepted", "queue": 3, "neverAccepted": 3}
type Replay struct {
	At      time.Time `json:"at"`              // when the first probe was due
	Probe   string    `json:"probe,omitempty"` // of a pod: liveness, readiness, startup; "" = a path that was named
	Kind    string    `json:"kind"`            // exec, http, tcp, grpc, redis, amqp
	URL     string    `json:"url"`             // what was probed; "" for exec
	Vantage string    `json:"vantage"`         // one of the vantages below
	Proves  string    `json:"proves"`          // what an answer from there proves, and what not

	Planned    int     `json:"planned"` // 0 = as many as fit the duration
	IntervalMs float64 `json:"intervalMs"`
	TimeoutMs  float64 `json:"timeoutMs"`
	Skipped    int     `json:"skipped"`         // were due, but too many probes were still waiting
	Ended      string  `json:"ended,omitempty"` // why it ended before its plan: interrupted, the container ended …

	OverheadMs []float64 `json:"overheadMs"` // what an exec of nothing cost, measured before; empty = not measured
	Tool       string    `json:"tool,omitempty"`
	ToolFound  *bool     `json:"toolFound,omitempty"` // whether the image has it; nil = not looked for or not told

	// of python3, curl and wget those that the image has; looked for when Tool is missing
	Clients []string `json:"clients,omitempty"`

	ProcessesBefore *int    `json:"processesBefore,omitempty"` // of the container; nil = not countable from here
	ProcessesAfter  *int    `json:"processesAfter,omitempty"`
	LeftKilled      int     `json:"leftKilled"`          // processes that probes had left and gwdoctor killed
	Overflows       *uint64 `json:"overflows,omitempty"` // connections that full accept queues dropped meanwhile
	OverflowsBefore *uint64 `json:"overflowsBefore,omitempty"`

	Probes []Record `json:"probes"` // in the order of their starts
}

// From where a replay asked.
const (
	VantageExec      = "exec"
	VantageNamespace = "container-namespace"
	VantageAddress   = "container-address"
	VantagePublished = "published-port"
	VantageNetwork   = "network"
	VantageProxy     = "api-proxy"    // of a pod: the API server asks it
	VantageForward   = "port-forward" // of a pod: the kubelet connects inside of its network
)

// Record is one replayed probe. Times are milliseconds; a nil pointer is a phase
// that was not reached or a fact that the machine does not tell.
type Record struct {
	At         time.Time `json:"at"`     // when it started
	TookMs     float64   `json:"tookMs"` // whole, an exec's start included
	LateMs     float64   `json:"lateMs"` // after its place in the schedule
	ExitCode   *int      `json:"exitCode,omitempty"`
	HTTPStatus *int      `json:"httpStatus,omitempty"`
	Reached    string    `json:"reached"` // the phase in which it ended: dns connect tls wait body exec done
	DNSMs      *float64  `json:"dnsMs,omitempty"`
	ConnectMs  *float64  `json:"connectMs,omitempty"`
	TLSMs      *float64  `json:"tlsMs,omitempty"`
	WaitMs     *float64  `json:"waitMs,omitempty"` // request written to first byte
	BodyMs     *float64  `json:"bodyMs,omitempty"`
	Fault      string    `json:"fault,omitempty"`  // one of the faults below; "" = none
	Detail     string    `json:"detail,omitempty"` // the error's own words
	Note       string    `json:"note,omitempty"`   // what was odd and is no fault: a certificate that does not hold
	Output     string    `json:"output,omitempty"` // what the probe printed, or the head of the answer's body
	OutputCut  bool      `json:"outputCut,omitempty"`

	// The server's sockets shortly before the probe's deadline.
	Queue         *int   `json:"queue,omitempty"`         // accept queue of the port
	NeverAccepted *int   `json:"neverAccepted,omitempty"` // connections of the port that no program took
	Unread        *int   `json:"unread,omitempty"`        // taken, and what the client sent lies unread
	Waiting       *int   `json:"waiting,omitempty"`       // taken and read: the program owes an answer
	Own           string `json:"own,omitempty"`           // the probe's own connection: never-accepted, unread, waiting
	Threads       *int   `json:"threads,omitempty"`       // of the program that listens
	Listener      string `json:"listener,omitempty"`      // state letter of its main thread: S, R, D, T
	// dead children of its own session that nobody reaped: no orphans of probes
	Zombies *int `json:"zombies,omitempty"`
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
